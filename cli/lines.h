/* Bytes of a list of names, read so that waiting for them ends when the user wants to stop. */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lines;
/* "-" is standard input. NULL, with errno set, where it cannot be opened. */
struct lines *lines_open(const char *path, const volatile int32_t *cancel, const atomic_bool *ended);
/* The next byte, or EOF: the end, a failure, or the wish to stop, cancel's or ended's (which is heard only where a list has to be waited for). */
int lines_byte(struct lines *lines);
/* The end that was met is not the list's own: a failure or the wish to stop. What was begun is not a name. */
bool lines_broken(const struct lines *lines);
/* errno of a failure; 0 where there was none. */
int lines_failed(const struct lines *lines);
void lines_close(struct lines *lines);      /* NULL is fine */

#endif
