/* -j N and --timeout, for the commands that work on many files. */
#ifndef CLI_WORKERS_H
#define CLI_WORKERS_H

#include <stdbool.h>
#include <stdint.h>

#define WORKERS_MAX 256

/* EXIT_DONE; EXIT_USAGE after saying that the value is none. NULL: 0, all cores. */
int workers_read(const char *value, int32_t *out);
/* The same for seconds, in milliseconds. NULL: 0, none. */
int timeout_read(const char *value, int64_t *out);

#endif
