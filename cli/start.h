/* What has to be right before anything else runs, and what has to be said at the very end. */
#ifndef CLI_START_H
#define CLI_START_H

#include <stdint.h>

/* No core dumps, no debugger, three open standard descriptors. */
void start_safely(void);
/*
 * Ctrl-C and the other polite ways to end a program become a flag that long work looks at, so that what is at hand is
 * finished or dropped whole; the second one ends the program at once.
 */
void start_catching(void);
const volatile int32_t *cancel_flag(void);      /* non-zero: the user wants to stop */

/* The exit code, or a worse one where standard output was not taken: a full disk must not look like a good night. */
int finish_output(int code);

#endif
