/* Exit codes of kyso (docs/cli contract): fixed, scripts rely on them. */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include <stdint.h>

enum {
    EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_INDETERMINATE = 2, EXIT_NO_SIGNATURE = 3, EXIT_INPUT = 4, EXIT_KEY = 5,
    EXIT_NETWORK = 6, EXIT_CANCELLED = 7, EXIT_USAGE = 64, EXIT_INTERNAL = 70
};

/* Of two, the one that counts: the first of 70, 64, 7, 1, 5, 4, 6, 3, 2, 0. */
int exit_worst(int a, int b);
/* What a sign_status of the library means for a document. */
int exit_of_status(int status);
/* The same where a key or token was being opened. */
int exit_of_key_status(int status);

#endif
