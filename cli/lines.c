#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_MS 200

struct lines {
    int fd, failed;
    bool broken;                /* the end that was met is not the list's */
    bool regular;               /* never to be waited for, so that it can be read to its end after a cancel too */
    const volatile int32_t *cancel;
    const atomic_bool *ended;
    size_t at, have;
    unsigned char buf[64 << 10];
};

struct lines *lines_open(const char *path, const volatile int32_t *cancel, const atomic_bool *ended)
{
    struct lines *lines = calloc(1, sizeof *lines);
    if (!lines) {
        return NULL;
    }
    lines->cancel = cancel;
    lines->ended = ended;
    /* O_NONBLOCK: the open of a named pipe waits for nobody, where a cancel could not be seen; poll does. */
    lines->fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
                                       : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (lines->fd < 0) {
        free(lines);
        return NULL;
    }
    struct stat st;
    lines->regular = fstat(lines->fd, &st) == 0 && S_ISREG(st.st_mode);
    return lines;
}

/* False: no more. */
static bool fill(struct lines *lines)
{
    while (lines->regular || !(*lines->cancel || atomic_load(lines->ended))) {
        struct pollfd ready = { .fd = lines->fd, .events = POLLIN };
        int n = poll(&ready, 1, LOOK_MS);
        if (n == 0 || (n < 0 && errno == EINTR)) {
            continue;       /* never on to a read that would wait where the flag is not looked at */
        }
        ssize_t got = read(lines->fd, lines->buf, sizeof lines->buf);
        if (got >= 0) {
            lines->at = 0;
            lines->have = (size_t)got;
            return got > 0;
        }
        if (errno != EINTR && errno != EAGAIN) {
            lines->failed = errno;
            lines->broken = true;
            return false;
        }
    }
    lines->broken = true;
    return false;
}

int lines_byte(struct lines *lines)
{
    return lines->at < lines->have || fill(lines) ? lines->buf[lines->at++] : EOF;
}

bool lines_broken(const struct lines *lines)
{
    return lines->broken;
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
