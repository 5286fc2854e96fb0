/* The pool: order, bounds, cancelling, ends in every role. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctx/pool.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct job { int number, square; };
struct run {
    int total, drawn, done, fail_next_at, fail_done_at;
    bool ordered_so_far, used_before;
    atomic_int alive, most_alive;
    long sum;
    int32_t *cancel;
    int cancel_at;
};

static int next(void *payload, void *slot)
{
    struct run *run = payload;
    if (run->drawn == run->total) {
        return SIGN_E_NOTFOUND;
    }
    if (run->fail_next_at && run->drawn == run->fail_next_at) {
        return SIGN_E_IO;
    }
    run->used_before |= ((struct job *)slot)->square != 0;
    ((struct job *)slot)->number = run->drawn++;
    int alive = atomic_fetch_add(&run->alive, 1) + 1;
    if (alive > atomic_load(&run->most_alive)) {
        atomic_store(&run->most_alive, alive);
    }
    return SIGN_OK;
}

/* Early jobs are the slow ones, so that results come out of order unless somebody puts them right. */
static void work(void *payload, void *slot)
{
    struct job *job = slot;
    if (job->number % 16 == 0) {
        nanosleep(&(struct timespec){ 0, 2000000 }, NULL);
    }
    job->square = job->number * job->number;
}

static int done(void *payload, void *slot)
{
    struct run *run = payload;
    const struct job *job = slot;
    run->ordered_so_far &= job->number == run->done;
    run->sum += job->square;
    run->done++;
    atomic_fetch_sub(&run->alive, 1);
    if (run->cancel && run->done == run->cancel_at) {
        __atomic_store_n(run->cancel, 1, __ATOMIC_RELAXED);
    }
    if (!run->fail_done_at || run->done < run->fail_done_at) {
        return SIGN_OK;
    }
    return run->done == run->fail_done_at ? SIGN_E_LIMIT : SIGN_E_IO;      /* the first reason is the batch's */
}

static int go(struct run *run, const struct pool_opts *opts)
{
    struct pool_calls calls = { run, sizeof(struct job), next, work, done };
    run->ordered_so_far = true;
    sign_err err = SIGN_ERR_INIT;
    return pool_run(opts, &calls, &err);
}

static void all_in_order(void **state)
{
    for (unsigned workers = 1; workers <= 8; workers++) {
        struct run run = { .total = 500 };
        assert_int_equal(go(&run, &(struct pool_opts){ .workers = workers, .window = 12 }), SIGN_OK);
        assert_int_equal(run.done, 500);
        assert_true(run.ordered_so_far);
        assert_int_equal(run.sum, 499L * 500 * 999 / 6);
        assert_false(run.used_before);      /* a place is empty each time */
        assert_true(atomic_load(&run.most_alive) <= 12);
    }
}

static void all_without_order(void **state)
{
    struct run run = { .total = 500 };
    assert_int_equal(go(&run, &(struct pool_opts){ .workers = 4, .unordered = true }), SIGN_OK);
    assert_int_equal(run.done, 500);
    assert_false(run.ordered_so_far);
    assert_int_equal(run.sum, 499L * 500 * 999 / 6);
}

struct prompt { int drawn; int64_t finished[16], least, most; };

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int next_prompt(void *payload, void *slot)
{
    struct prompt *run = payload;
    if (run->drawn == 16) {
        return SIGN_E_NOTFOUND;
    }
    ((struct job *)slot)->number = run->drawn++;
    return SIGN_OK;
}

/* Slow ones among quick ones: the caller dozes when the quick are finished, and rests when the slow are. */
static void work_prompt(void *payload, void *slot)
{
    struct prompt *run = payload;
    int number = ((struct job *)slot)->number;
    nanosleep(&(struct timespec){ 0, number % 4 ? 100000 : 8000000 }, NULL);
    run->finished[number] = now_us();
}

static int done_prompt(void *payload, void *slot)
{
    struct prompt *run = payload;
    int64_t waited = now_us() - run->finished[((struct job *)slot)->number];
    run->least = waited < run->least ? waited : run->least;
    run->most = waited > run->most ? waited : run->most;
    return SIGN_OK;
}

/* A result waits for no more than the next look, however few there are: the generous second is for busy machines. */
static void results_are_prompt(void **state)
{
    for (int unordered = 0; unordered <= 1; unordered++) {
        struct prompt run = { .least = INT64_MAX };
        struct pool_calls calls = { &run, sizeof(struct job), next_prompt, work_prompt, done_prompt };
        sign_err err = SIGN_ERR_INIT;
        struct pool_opts opts = { .workers = 2, .window = 64, .unordered = unordered };
        assert_int_equal(pool_run(&opts, &calls, &err), SIGN_OK);
        assert_in_range(run.least, 0, 10000);
        assert_in_range(run.most, 0, 1000000);
    }
}

static void nothing_to_do(void **state)
{
    for (unsigned workers = 1; workers <= 4; workers++) {
        struct run run = { .total = 0 };
        assert_int_equal(go(&run, &(struct pool_opts){ .workers = workers }), SIGN_OK);
        assert_int_equal(run.done, 0);
    }
}

/* Whatever ends it, each job that was drawn is handed out. */
static void ends_early(void **state)
{
    for (unsigned workers = 1; workers <= 4; workers++) {
        struct run next_fails = { .total = 500, .fail_next_at = 100 };
        assert_int_equal(go(&next_fails, &(struct pool_opts){ .workers = workers }), SIGN_E_IO);
        assert_int_equal(next_fails.done, 100);

        struct run done_fails = { .total = 500, .fail_done_at = 50 };
        assert_int_equal(go(&done_fails, &(struct pool_opts){ .workers = workers, .window = 8 }), SIGN_E_LIMIT);
        assert_int_equal(done_fails.done, done_fails.drawn);
        assert_in_range(done_fails.done, 50, 60);

        int32_t cancel = 0;
        struct run cancelled = { .total = 500, .cancel = &cancel, .cancel_at = 70 };
        assert_int_equal(go(&cancelled, &(struct pool_opts){ .workers = workers, .window = 8, .cancel = &cancel }),
                         SIGN_E_CANCELLED);
        assert_int_equal(cancelled.done, cancelled.drawn);
        assert_in_range(cancelled.done, 70, 80);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_in_order),
        cmocka_unit_test(all_without_order),
        cmocka_unit_test(results_are_prompt),
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(ends_early),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
