#include <ctx/ctx.h>
#include <time.h>

static int64_t monotonic_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int look(void *payload)
{
    const struct ctx_watch *w = payload;
    if (flag_is_set(w->cancel)) {
        return SIGN_E_CANCELLED;
    }
    return w->until_ms && monotonic_ms() >= w->until_ms ? SIGN_E_TIMEOUT : SIGN_OK;
}

void ctx_watch_start(struct ctx_watch *w, int64_t timeout_ms, const volatile int32_t *cancel)
{
    /* Half of all time is for ever, and leaves room for the clock and for what pauses add. */
    int64_t most = timeout_ms < INT64_MAX / 2 ? timeout_ms : INT64_MAX / 2;
    *w = (struct ctx_watch){ .until_ms = timeout_ms > 0 ? monotonic_ms() + most : 0, .cancel = cancel };
    if (timeout_ms > 0 || cancel) {
        w->watch = (struct watch){ .look = look, .payload = w };
    }
}

int64_t ctx_watch_pause(const struct ctx_watch *w)
{
    return w->until_ms ? monotonic_ms() : 0;
}

void ctx_watch_resume(struct ctx_watch *w, int64_t paused_at)
{
    w->until_ms += w->until_ms ? monotonic_ms() - paused_at : 0;
}
