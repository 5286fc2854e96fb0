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
