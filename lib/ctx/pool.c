#include <base/err.h>
#include <base/limits.h>
#include <base/watch.h>
#include <ctx/pool.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/*
 * Waking the caller for each result costs as much as a tenth of a small document. While results come fast it looks for them
 * every so often instead, which is soon enough for whoever reads them.
 */
#define DOZE_NS 2000000

/* A job and its place: on the list of the free ones, in the queue, with a worker, or among the finished. */
struct slot { struct slot *next; uint64_t number; void *job; };
struct fifo { struct slot *first, **last; };

struct pool {
    const struct pool_opts *opts;
    const struct pool_calls *calls;
    pthread_mutex_t lock;
    pthread_cond_t room, queued, finished;  /* what the feeder, the workers and the caller wait for */
    struct slot *slots;
    uint8_t *jobs;
    size_t window, n_free, n_done;
    struct fifo free, queue, done;          /* done: unordered alone                                */
    struct slot **in_order;                 /* finished ones at number % window: at most window numbers are alive */
    uint64_t filled, delivered;             /* delivered: taken out for done                        */
    bool dozing;                            /* the caller wakes by itself, and soon                 */
    bool ended;                             /* next has returned for the last time                  */
    bool stop;                              /* next is not to be called again                       */
    int status;                             /* the first that was not OK                            */
};

unsigned pool_processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > 0 ? (unsigned)n : 1;
}

static void put(struct fifo *to, struct slot *slot)
{
    slot->next = NULL;
    *to->last = slot;
    to->last = &slot->next;
}

static struct slot *take(struct fifo *from)
{
    struct slot *slot = from->first;
    if (slot) {
        from->first = slot->next;
        from->last = from->first ? from->last : &from->first;
    }
    return slot;
}

static void note(struct pool *pool, int status)
{
    pool->stop = true;
    if (pool->status == SIGN_OK && status != SIGN_E_NOTFOUND) {
        pool->status = status;
    }
}

static int draw(const struct pool *pool, void *job)
{
    memset(job, 0, pool->calls->job_size);
    return flag_is_set(pool->opts->cancel) ? SIGN_E_CANCELLED : pool->calls->next(pool->calls->payload, job);
}

/* Fills free slots until there are no more jobs. Runs on a thread of its own: next may wait for a pipe. */
static void *feed(void *payload)
{
    struct pool *pool = payload;
    pthread_mutex_lock(&pool->lock);
    while (!pool->stop) {
        struct slot *slot = take(&pool->free);
        if (!slot) {
            pthread_cond_wait(&pool->room, &pool->lock);
            continue;
        }
        pool->n_free--;
        pthread_mutex_unlock(&pool->lock);
        int rc = draw(pool, slot->job);
        pthread_mutex_lock(&pool->lock);
        if (rc != SIGN_OK) {
            note(pool, rc);
            break;
        }
        slot->number = pool->filled++;
        put(&pool->queue, slot);
        pthread_cond_signal(&pool->queued);
    }
    pool->ended = true;
    pthread_cond_broadcast(&pool->queued);
    pthread_cond_signal(&pool->finished);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static bool some_ready(const struct pool *pool)
{
    return pool->opts->unordered ? pool->done.first : pool->in_order[pool->delivered % pool->window];
}

/* Nothing is left in the queue or with a worker, and nothing more will come. */
static bool all_finished(const struct pool *pool)
{
    return pool->ended && pool->n_done == pool->filled - pool->delivered;
}

static void finish(struct pool *pool, struct slot *slot)
{
    if (pool->opts->unordered) {
        put(&pool->done, slot);
    } else {
        pool->in_order[slot->number % pool->window] = slot;
    }
    pool->n_done++;
    /* Not for what cannot be handed out yet. */
    if (some_ready(pool) && (!pool->dozing || 4 * pool->n_done >= pool->window || all_finished(pool))) {
        pthread_cond_signal(&pool->finished);
    }
}

static void *labour(void *payload)
{
    struct pool *pool = payload;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        struct slot *slot = take(&pool->queue);
        if (slot) {
            pthread_mutex_unlock(&pool->lock);
            pool->calls->work(pool->calls->payload, slot->job);
            pthread_mutex_lock(&pool->lock);
            finish(pool, slot);
        } else if (pool->ended) {
            break;
        } else {
            pthread_cond_wait(&pool->queued, &pool->lock);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static struct slot *take_finished(struct pool *pool)
{
    struct slot **place = &pool->in_order[pool->delivered % pool->window];
    struct slot *slot = pool->opts->unordered ? take(&pool->done) : *place;
    if (slot) {
        *place = NULL;
        pool->delivered++;
        pool->n_done--;
    }
    return slot;
}

/* Waits for results that can be handed out; `rested`: none came while the caller dozed. */
static void wait_for_results(struct pool *pool, bool *rested)
{
    if (*rested) {
        pthread_cond_wait(&pool->finished, &pool->lock);
        return;
    }
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += DOZE_NS;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pool->dozing = true;
    pthread_cond_timedwait(&pool->finished, &pool->lock, &until);
    pool->dozing = false;
    *rested = !some_ready(pool);
}

/* Hands out all that is ready, with the lock let go. */
static void hand_out(struct pool *pool)
{
    struct fifo ready = { .last = &ready.first };
    size_t n = 0;
    int rc = SIGN_OK;
    for (struct slot *slot; (slot = take_finished(pool)); n++) {
        put(&ready, slot);
    }
    pthread_mutex_unlock(&pool->lock);
    for (struct slot *slot = ready.first; slot; slot = slot->next) {
        int answer = pool->calls->done(pool->calls->payload, slot->job);
        rc = rc == SIGN_OK ? answer : rc;
    }
    pthread_mutex_lock(&pool->lock);
    *pool->free.last = ready.first;
    pool->free.last = ready.last;
    pool->n_free += n;
    if (rc != SIGN_OK) {
        note(pool, rc);
    }
    /* Half a window at a time, for the same reason as DOZE_NS. */
    if (pool->stop || 2 * pool->n_free >= pool->window) {
        pthread_cond_signal(&pool->room);
    }
}

static void deliver(struct pool *pool)
{
    bool rested = true;
    pthread_mutex_lock(&pool->lock);
    while (!pool->ended || pool->delivered < pool->filled) {
        if (some_ready(pool)) {
            hand_out(pool);
            rested = false;
        } else {
            wait_for_results(pool, &rested);
        }
    }
    pthread_mutex_unlock(&pool->lock);
}

static int outcome(int status, sign_err *err)
{
    return status == SIGN_OK || status == SIGN_E_NOTFOUND
               ? SIGN_OK : err_set(err, status, SIGN_NO_OFFSET, NULL, "the batch stopped before its end");
}

static int run_inline(const struct pool_opts *opts, const struct pool_calls *calls, sign_err *err)
{
    struct pool pool = { .opts = opts, .calls = calls };
    void *job = calloc(1, calls->job_size);
    if (!job) {
        return err_nomem(err);
    }
    int rc = SIGN_OK;
    while (rc == SIGN_OK) {
        rc = draw(&pool, job);
        if (rc == SIGN_OK) {
            calls->work(calls->payload, job);
            rc = calls->done(calls->payload, job);
        }
    }
    free(job);
    return outcome(rc, err);
}

static void drop(struct pool *pool)
{
    free(pool->slots);
    free(pool->jobs);
    free(pool->in_order);
    pthread_cond_destroy(&pool->room);
    pthread_cond_destroy(&pool->queued);
    pthread_cond_destroy(&pool->finished);
    pthread_mutex_destroy(&pool->lock);
}

static int prepare(struct pool *pool, sign_err *err)
{
    size_t size = (pool->calls->job_size + 15) & ~(size_t)15;     /* every job aligned for any type */
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->room, NULL);
    pthread_cond_init(&pool->queued, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&pool->finished, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pool->free.last = &pool->free.first;
    pool->queue.last = &pool->queue.first;
    pool->done.last = &pool->done.first;
    pool->slots = calloc(pool->window, sizeof *pool->slots);
    pool->in_order = calloc(pool->window, sizeof(struct slot *));
    pool->jobs = calloc(pool->window, size);
    if (!pool->slots || !pool->in_order || !pool->jobs) {
        return err_nomem(err);
    }
    for (size_t i = 0; i < pool->window; i++) {
        pool->slots[i].job = pool->jobs + i * size;
        put(&pool->free, &pool->slots[i]);
    }
    pool->n_free = pool->window;
    return SIGN_OK;
}

/* Starts as many threads as the system gives: fewer workers are slower, and without any the caller does all of it. */
static int run_threads(struct pool *pool, unsigned workers, sign_err *err)
{
    pthread_t threads[LIMIT_WORKERS + 1];
    pthread_mutex_lock(&pool->lock);        /* nothing is drawn before it is known that somebody works on it */
    unsigned n = pthread_create(&threads[0], NULL, feed, pool) == 0;
    while (n > 0 && n <= workers && pthread_create(&threads[n], NULL, labour, pool) == 0) {
        n++;
    }
    bool alone = n < 2;
    pool->stop = alone;
    pthread_mutex_unlock(&pool->lock);
    if (!alone) {
        deliver(pool);
    }
    while (n-- > 0) {
        pthread_join(threads[n], NULL);
    }
    return alone ? run_inline(pool->opts, pool->calls, err) : outcome(pool->status, err);
}

int pool_run(const struct pool_opts *opts, const struct pool_calls *calls, sign_err *err)
{
    unsigned workers = opts->workers ? opts->workers : pool_processors();
    workers = workers < LIMIT_WORKERS ? workers : LIMIT_WORKERS;
    if (workers == 1) {
        return run_inline(opts, calls, err);
    }
    struct pool pool = { .opts = opts, .calls = calls, .window = opts->window ? opts->window : workers * (size_t)64 };
    int rc = prepare(&pool, err);
    if (rc == SIGN_OK) {
        rc = run_threads(&pool, workers, err);
    }
    drop(&pool);
    return rc;
}
