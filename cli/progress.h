/* A line on the terminal while many files are worked on: count, rate, failures, time left. Never on standard output, and
 * only where standard error is a terminal. One thread. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "text.h"

#include <stdint.h>

struct progress {
    bool on;
    bool beside;                /* standard output is a terminal too, most likely the same */
    size_t total;               /* 0: not known */
    uint64_t done, bad;
    int64_t started_ms, shown_ms;
};
void progress_start(struct progress *progress, bool wanted, size_t total);
/* One more is done; bad: it did not pass. */
void progress_step(struct progress *progress, bool bad);
/* Takes the line away where something is about to be printed beside it: to standard error, or else to standard output. */
void progress_before(struct progress *progress, bool to_stderr);
/* Takes it away. */
void progress_clear(struct progress *progress);

#endif
