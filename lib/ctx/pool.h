/*
 * A bounded pool of workers between two callbacks: jobs come from `next`, are worked on by `work`, and go to `done`. At most
 * `window` jobs are alive at a time, so memory depends on that and not on their number.
 *
 *     next    one thread of the pool's own (so that a slow list of names holds no finished job back)
 *     work    any worker
 *     done    the caller's thread, in the order of next unless `unordered`
 *
 * What next and done say ends the drawing; whether jobs in the queue are still worth working on is for `work` to know.
 *
 * With one worker everything runs on the caller's thread, one job after the other.
 */
#ifndef CTX_POOL_H
#define CTX_POOL_H

#include <libsign/error.h>
#include <stdbool.h>
#include <stddef.h>

struct pool_opts {
    unsigned workers;                   /* 0: one for each processor this process may use */
    size_t window;                      /* jobs alive at a time; 0: 64 for each worker    */
    bool unordered;
    const volatile int32_t *cancel;     /* non-zero: next is not called again; what is under way is finished */
};
struct pool_calls {
    void *payload;
    size_t job_size;                            /* bytes of one job, zeroed before next                       */
    int (*next)(void *payload, void *job);      /* SIGN_OK; SIGN_E_NOTFOUND: no more; anything else stops all */
    void (*work)(void *payload, void *job);
    int (*done)(void *payload, void *job);      /* frees what the job holds; not OK: no more are begun        */
};
/* SIGN_OK when all jobs were handed to done; else what next or done answered, SIGN_E_CANCELLED, or NOMEM. Every job that next
 * gave out has then been handed to done all the same. */
int pool_run(const struct pool_opts *opts, const struct pool_calls *calls, sign_err *err);
/* Processors this process may use: what workers 0 stands for. */
unsigned pool_processors(void);

#endif
