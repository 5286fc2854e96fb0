#include <base/err.h>
#include <base/limits.h>
#include <errno.h>
#include <io/sink.h>
#include <io/source_impl.h>
#include <io/write.h>
#include <unistd.h>

#define COPY_STEP MIB(8) /* one copy_file_range: short enough for the watch, long enough to be shared as extents */

int write_all(int fd, sign_bytes bytes, const char *name, sign_err *err)
{
    while (bytes.len > 0) {
        ssize_t n = TEMP_FAILURE_RETRY(write(fd, bytes.ptr, bytes.len));
        if (n < 0) {
            return err_errno(err, "%s: write", name);
        }
        if (n == 0) {
            errno = EIO; /* write(2) never says so for a file; a driver that does must not make us spin */
            return err_errno(err, "%s: write", name);
        }
        bytes = bytes_slice(bytes, (size_t)n, SIZE_MAX);
    }
    return SIGN_OK;
}

struct sink sink_over(const sign_sink *to)
{
    return (struct sink){ .to = to, .fd = -1 };
}

int sink_put(struct sink *sink, sign_bytes bytes, sign_err *err)
{
    if (bytes.len == 0) {
        return SIGN_OK;
    }
    int rc;
    if (sink->fd >= 0) {
        rc = write_all(sink->fd, bytes, "output", err);
    } else {
        rc = sink->to->write(sink->to->payload, bytes);
        if (rc != SIGN_OK) {
            err_set(err, rc, SIGN_NO_OFFSET, NULL, "output: the sink answered %s", sign_status_name(rc));
        }
    }
    if (rc == SIGN_OK) {
        sink->written += bytes.len;
    }
    return rc;
}

static int put_window(void *payload, sign_bytes window, sign_err *err)
{
    return sink_put(payload, window, err);
}

/* What says that these two files, or this kernel, cannot do it: the windows can. */
static bool not_copyable(int number)
{
    return number == EXDEV || number == EINVAL || number == ENOSYS || number == EOPNOTSUPP || number == EPERM;
}

/* Copies inside the kernel as far as that goes; *done counts. What is left is for the windows. */
static int copy_range(struct sink *sink, const struct source *source, uint64_t offset, uint64_t len, uint64_t *done,
                      struct watch *watch, sign_err *err)
{
    while (*done < len) {
        off_t from = (off_t)(offset + *done);
        uint64_t left = len - *done;
        ssize_t n = copy_file_range(source->fd, &from, sink->fd, NULL, left < COPY_STEP ? left : COPY_STEP, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && !not_copyable(errno)) {
            return err_errno(err, "%s: copy to the output", source->name);
        }
        if (n <= 0) {
            return SIGN_OK;
        }
        *done += (uint64_t)n;
        sink->written += (uint64_t)n;
        int rc = watch_poll(watch, (size_t)n, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

int sink_copy(struct sink *sink, const struct source *source, uint64_t offset, uint64_t len, struct watch *watch,
              sign_err *err)
{
    int rc = source_range(source, offset, len, err);
    for (size_t i = 0; rc == SIGN_OK && i < source->n_parts; i++) {
        const struct source_part *part = &source->parts[i];
        struct source_share share = source_share(source, i, offset, len);
        rc = part->source
                 ? sink_copy(sink, part->source, part->from + share.from, share.len, watch, err)
                 : source_each(source, source->starts[i] + share.from, share.len, put_window, sink, watch, err);
    }
    if (rc != SIGN_OK || source->n_parts) {
        return rc;
    }
    /* What is held in memory was read from there by everybody else: the same bytes go out, whatever the file holds now. */
    uint64_t done = 0;
    if (sink->fd >= 0 && source->fd >= 0 && !source->memory) {
        rc = copy_range(sink, source, offset, len, &done, watch, err);
    }
    return rc == SIGN_OK ? source_each(source, offset + done, len - done, put_window, sink, watch, err) : rc;
}
