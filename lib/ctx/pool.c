#include <base/err.h>
#include <base/limits.h>
#include <ctx/pool.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

enum slot_state { SLOT_FREE, SLOT_FILLING, SLOT_QUEUED, SLOT_RUNNING, SLOT_DONE };
struct slot { enum slot_state state; uint64_t number; void *job; };

struct pool {
    const struct pool_opts *opts;
    const struct pool_calls *calls;
    pthread_mutex_t lock;
    pthread_cond_t changed;             /* one condition for all: a job is a millisecond, a wake-up is not what it waits for */
    struct slot *slots;
    uint8_t *jobs;
    size_t window;
    uint64_t filled, begun, delivered;  /* numbers handed out so far in each role */
    bool ended;                         /* next is not called again               */
    int status;                         /* the first that was not OK              */
};

unsigned pool_processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > 0 ? (unsigned)n : 1;
}

static bool cancelled(const struct pool *pool)
{
    return pool->opts->cancel && *pool->opts->cancel;
}

static void end(struct pool *pool, int status)
{
    pool->ended = true;
    if (pool->status == SIGN_OK && status != SIGN_E_NOTFOUND) {
        pool->status = status;
    }
    pthread_cond_broadcast(&pool->changed);
}

static struct slot *find(struct pool *pool, enum slot_state state, uint64_t number, bool any)
{
    for (size_t i = 0; i < pool->window; i++) {
        struct slot *slot = &pool->slots[i];
        if (slot->state == state && (any || slot->number == number)) {
            return slot;
        }
    }
    return NULL;
}

/* Fills free slots until there are no more jobs. Runs on a thread of its own: next may wait for a pipe. */
static void *feed(void *payload)
{
    struct pool *pool = payload;
    pthread_mutex_lock(&pool->lock);
    while (!pool->ended) {
        struct slot *slot = find(pool, SLOT_FREE, 0, true);
        if (!slot) {
            pthread_cond_wait(&pool->changed, &pool->lock);
            continue;
        }
        slot->state = SLOT_FILLING;
        pthread_mutex_unlock(&pool->lock);
        memset(slot->job, 0, pool->calls->job_size);
        int rc = cancelled(pool) ? SIGN_E_CANCELLED : pool->calls->next(pool->calls->payload, slot->job);
        pthread_mutex_lock(&pool->lock);
        if (rc != SIGN_OK) {
            slot->state = SLOT_FREE;
            end(pool, rc);
        } else {
            slot->number = pool->filled++;
            slot->state = SLOT_QUEUED;
            pthread_cond_broadcast(&pool->changed);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void *labour(void *payload)
{
    struct pool *pool = payload;
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        struct slot *slot = pool->begun < pool->filled ? find(pool, SLOT_QUEUED, pool->begun, false) : NULL;
        if (slot) {
            pool->begun++;
            slot->state = SLOT_RUNNING;
            pthread_mutex_unlock(&pool->lock);
            pool->calls->work(pool->calls->payload, slot->job);
            pthread_mutex_lock(&pool->lock);
            slot->state = SLOT_DONE;
            pthread_cond_broadcast(&pool->changed);
        } else if (pool->ended && pool->begun == pool->filled) {
            break;
        } else {
            pthread_cond_wait(&pool->changed, &pool->lock);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void deliver(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->ended || pool->delivered < pool->filled || find(pool, SLOT_FILLING, 0, true)) {
        struct slot *slot = find(pool, SLOT_DONE, pool->delivered, pool->opts->unordered);
        if (!slot) {
            pthread_cond_wait(&pool->changed, &pool->lock);
            continue;
        }
        pthread_mutex_unlock(&pool->lock);
        int rc = pool->calls->done(pool->calls->payload, slot->job);
        pthread_mutex_lock(&pool->lock);
        slot->state = SLOT_FREE;
        pool->delivered++;
        if (rc != SIGN_OK) {
            end(pool, rc);
        }
        pthread_cond_broadcast(&pool->changed);
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
    struct pool pool = { .opts = opts };
    void *job = calloc(1, calls->job_size);
    if (!job) {
        return err_nomem(err);
    }
    int rc = SIGN_OK;
    while (rc == SIGN_OK) {
        memset(job, 0, calls->job_size);
        rc = cancelled(&pool) ? SIGN_E_CANCELLED : calls->next(calls->payload, job);
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
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
}

static int prepare(struct pool *pool, sign_err *err)
{
    size_t size = (pool->calls->job_size + 15) & ~(size_t)15;     /* every job aligned for any type */
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->changed, NULL);
    pool->slots = calloc(pool->window, sizeof *pool->slots);
    pool->jobs = calloc(pool->window, size);
    if (!pool->slots || !pool->jobs) {
        return err_nomem(err);
    }
    for (size_t i = 0; i < pool->window; i++) {
        pool->slots[i].job = pool->jobs + i * size;
    }
    return SIGN_OK;
}

/* Starts as many threads as the system gives: fewer workers are slower, none at all is an error. */
static int run_threads(struct pool *pool, unsigned workers, sign_err *err)
{
    pthread_t threads[LIMIT_WORKERS + 1];
    unsigned n = 0;
    if (pthread_create(&threads[n], NULL, feed, pool) != 0) {
        return err_set(err, SIGN_E_NOMEM, SIGN_NO_OFFSET, NULL, "no thread could be started");
    }
    while (++n <= workers && pthread_create(&threads[n], NULL, labour, pool) == 0) {
    }
    if (n == 1) {
        pthread_mutex_lock(&pool->lock);
        end(pool, SIGN_E_NOMEM);
        pthread_mutex_unlock(&pool->lock);
        labour(pool);       /* what the feeder already gave out is still worked on */
    }
    deliver(pool);
    while (n-- > 0) {
        pthread_join(threads[n], NULL);
    }
    return outcome(pool->status, err);
}

int pool_run(const struct pool_opts *opts, const struct pool_calls *calls, sign_err *err)
{
    unsigned workers = opts->workers ? opts->workers : pool_processors();
    workers = workers < LIMIT_WORKERS ? workers : LIMIT_WORKERS;
    if (workers == 1) {
        return run_inline(opts, calls, err);
    }
    struct pool pool = { .opts = opts, .calls = calls, .window = opts->window ? opts->window : workers * (size_t)16 };
    int rc = prepare(&pool, err);
    if (rc == SIGN_OK) {
        rc = run_threads(&pool, workers, err);
    }
    drop(&pool);
    return rc;
}
