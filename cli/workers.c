#include "workers.h"
#include "exit.h"
#include "option.h"

#include <stdlib.h>

int workers_read(const char *value, int32_t *out)
{
    char *end = NULL;
    unsigned long n = value && *value >= '0' && *value <= '9' ? strtoul(value, &end, 10) : 0;
    *out = (int32_t)(n <= WORKERS_MAX ? n : 0);
    return !value || (n >= 1 && n <= WORKERS_MAX && !*end) ? EXIT_DONE : options_bad_value("-j", value, "1 - 256");
}

int timeout_read(const char *value, int64_t *out)
{
    char *end = NULL;
    double seconds = value ? strtod(value, &end) : 0;
    if (value && (!(seconds > 0 && seconds <= 1e6) || *end)) {
        return options_bad_value("--timeout", value, "0.001 - 1000000");
    }
    *out = seconds > 0 && seconds * 1000 < 1 ? 1 : (int64_t)(seconds * 1000);
    return EXIT_DONE;
}
