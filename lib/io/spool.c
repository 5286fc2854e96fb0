/* What cannot be read twice (a pipe, a terminal) is read once: into memory, and from LIMIT_IN_MEMORY on into a file. */
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <errno.h>
#include <fcntl.h>
#include <io/source_impl.h>
#include <io/write.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WAIT_MS 50 /* between two looks at the watch while nothing comes in */

/* An unlinked file, so that nothing stays behind however the process ends. */
int source_temp(sign_err *err)
{
    const char *dir = secure_getenv("TMPDIR");
    dir = dir && dir[0] ? dir : "/tmp";
    int fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        char path[LIMIT_PATH];
        int len = snprintf(path, sizeof path, "%s/kyso-XXXXXX", dir);
        if (len < 0 || (size_t)len >= sizeof path) {
            err_arg(err, "TMPDIR is longer than a path may be");
            return -1;
        }
        fd = mkostemp(path, O_CLOEXEC);
        if (fd >= 0) {
            unlink(path);
        }
    }
    if (fd < 0) {
        err_errno(err, "temporary file in %s", dir);
    }
    return fd;
}

/* Waits until something can be read: a read of a named pipe that nobody writes to yet would tell of its end. */
static int wait_readable(const char *name, int fd, struct watch *watch, sign_err *err)
{
    int turn = watch && watch->look ? WAIT_MS : -1;
    for (;;) {
        struct pollfd look = { .fd = fd, .events = POLLIN };
        int n = poll(&look, 1, turn);
        if (n > 0) {
            return SIGN_OK;
        }
        if (n < 0 && errno != EINTR) {
            return err_errno(err, "%s: poll", name);
        }
        /* Nothing was done, but time went by: as if a full measure of work were. */
        int rc = watch_poll(watch, LIMIT_WATCH_BYTES, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
}

/* At most len bytes; *got is 0 at the end of input. */
static int read_some(const char *name, int fd, uint8_t *buf, size_t len, size_t *got, struct watch *watch,
                     sign_err *err)
{
    for (;;) {
        int rc = wait_readable(name, fd, watch, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        ssize_t n = read(fd, buf, len);
        if (n >= 0) {
            *got = (size_t)n;
            return watch_poll(watch, (size_t)n, err);
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) {
            /* The caller's descriptor does not block: wait for it as long as it takes. */
            struct pollfd look = { .fd = fd, .events = POLLIN };
            (void)poll(&look, 1, WAIT_MS);
        } else if (errno != EINTR) {
            return err_errno(err, "%s: read", name);
        }
    }
}

/* The rest of fd, behind what `start` holds, in a temporary file that *out becomes. */
static int spool_to_file(struct source *source, int fd, sign_bytes start, uint8_t *window, struct watch *watch,
                         sign_err *err)
{
    sign_err why = SIGN_ERR_INIT;
    source->fd = source_temp(&why);
    if (source->fd < 0) {
        if (err) {
            *err = why;
        }
        return err_in(err, why.status, "%s", source->name);
    }
    int rc = write_all(source->fd, start, "temporary file", err);
    size_t got = start.len;
    source->size = start.len;
    while (rc == SIGN_OK) {
        rc = read_some(source->name, fd, window, LIMIT_WINDOW, &got, watch, err);
        if (rc != SIGN_OK || got == 0) {
            return rc;
        }
        if (got > LIMIT_SPOOL - source->size) {
            return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "%s: more than %llu bytes", source->name,
                           (unsigned long long)LIMIT_SPOOL);
        }
        rc = write_all(source->fd, (sign_bytes){ window, got }, "temporary file", err);
        source->size += got;
    }
    return rc;
}

int source_spool(struct source *source, int fd, struct watch *watch, sign_err *err)
{
    CLEANUP(build_free) struct build text = { .max = LIMIT_IN_MEMORY + LIMIT_WINDOW };
    size_t got = 1;
    while (got > 0 && text.len <= LIMIT_IN_MEMORY) {
        uint8_t *room = build_room(&text, LIMIT_WINDOW);
        if (!room) {
            return build_check(&text, err, source->name);
        }
        int rc = read_some(source->name, fd, room, LIMIT_WINDOW, &got, watch, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        build_truncate(&text, text.len - LIMIT_WINDOW + got);
    }
    if (got > 0) {
        CLEANUP(build_free) struct build window = { 0 };
        uint8_t *room = build_room(&window, LIMIT_WINDOW);
        return room ? spool_to_file(source, fd, build_view(&text), room, watch, err) : err_nomem(err);
    }
    source->size = text.len;
    source->owned = (uint8_t *)build_to_string(&text);
    source->memory = source->owned;
    return source->owned ? SIGN_OK : err_nomem(err);
}
