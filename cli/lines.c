#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 200

struct lines {
    int fd, failed;
    const volatile int32_t *cancel;
    size_t at, have;
    unsigned char buf[64 << 10];
};

struct lines *lines_open(const char *path, const volatile int32_t *cancel)
{
    struct lines *lines = calloc(1, sizeof *lines);
    if (!lines) {
        return NULL;
    }
    lines->cancel = cancel;
    lines->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (lines->fd < 0) {
        free(lines);
        return NULL;
    }
    return lines;
}

/* False: no more. */
static bool fill(struct lines *lines)
{
    while (!*lines->cancel) {
        struct pollfd ready = { .fd = lines->fd, .events = POLLIN };
        if (poll(&ready, 1, LOOK_MS) == 0) {
            continue;
        }
        ssize_t got = read(lines->fd, lines->buf, sizeof lines->buf);
        if (got >= 0) {
            lines->at = 0;
            lines->have = (size_t)got;
            return got > 0;
        }
        if (errno != EINTR && errno != EAGAIN) {
            lines->failed = errno;
            return false;
        }
    }
    return false;
}

int lines_byte(struct lines *lines)
{
    return lines->at < lines->have || fill(lines) ? lines->buf[lines->at++] : EOF;
}

int lines_failed(const struct lines *lines)
{
    return lines->failed;
}

void lines_close(struct lines *lines)
{
    if (lines) {
        close(lines->fd);
        free(lines);
    }
}
