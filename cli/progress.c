#include "progress.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

#define SHOW_EVERY_MS 200

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_start(struct progress *progress, bool wanted, size_t total)
{
    *progress = (struct progress){ .on = wanted && isatty(STDERR_FILENO),
                                    .beside = isatty(STDOUT_FILENO), .total = total, .started_ms = now_ms() };
}

static void show(const struct progress *progress, int64_t now)
{
    char done[48], bad[24], rate[24], left[24] = "";
    double seconds = (double)(now - progress->started_ms) / 1000;
    double per_second = seconds > 0 ? (double)progress->done / seconds : 0;
    if (progress->total) {
        snprintf(done, sizeof done, "%" PRIu64 "/%zu", progress->done, progress->total);
    } else {
        snprintf(done, sizeof done, "%" PRIu64, progress->done);
    }
    snprintf(bad, sizeof bad, "%" PRIu64, progress->bad);
    snprintf(rate, sizeof rate, "%.0f", per_second);
    if (progress->total > progress->done && per_second > 0) {
        unsigned long rest = (unsigned long)((double)(progress->total - progress->done) / per_second);
        snprintf(left, sizeof left, "%lu:%02lu:%02lu", rest / 3600, rest / 60 % 60, rest % 60);
    }
    fputs("\r\033[K", stderr);
    text_print(stderr, *left ? T_PROGRESS_LEFT : T_PROGRESS, done, bad, rate, left, NULL);
    fflush(stderr);
}

void progress_step(struct progress *progress, bool bad)
{
    progress->done++;
    progress->bad += bad;
    int64_t now = progress->on ? now_ms() : 0;
    if (progress->on && now - progress->shown_ms >= SHOW_EVERY_MS) {
        progress->shown_ms = now;
        show(progress, now);
    }
}

void progress_before(struct progress *progress, bool to_stderr)
{
    if (to_stderr || progress->beside) {
        progress_clear(progress);
    }
}

void progress_clear(struct progress *progress)
{
    if (progress->on && progress->shown_ms) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
        progress->shown_ms = 0;
    }
}
