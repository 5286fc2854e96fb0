/*
 * Deadline and cancellation, looked at by every loop over input at most 10 ms of work apart (decision 13). The clock is
 * the caller's: below lib/ctx nothing knows the time. One watch belongs to one thread's work on one document.
 */
#ifndef BASE_WATCH_H
#define BASE_WATCH_H

#include <libsign/error.h>
#include <stdbool.h>
#include <stddef.h>

struct watch {          /* NULL wherever a watch is taken, or the zero value, means: no deadline, no cancel */
    /* SIGN_OK to go on, SIGN_E_CANCELLED or SIGN_E_TIMEOUT to stop. Cheap, but not free: a clock read. */
    int (*look)(void *payload);
    void *payload;
    size_t owed;        /* units of work since the last look */
};

/* A caller's cancel flag, which another thread or a signal handler may be setting; NULL: never set. */
static inline bool flag_is_set(const volatile int32_t *flag)
{
    return flag && __atomic_load_n(flag, __ATOMIC_RELAXED) != 0;
}

/* Counts `work` bytes (or bytes' worth) and looks when LIMIT_WATCH_BYTES have come together. */
int watch_poll(struct watch *w, size_t work, sign_err *err);

#endif
