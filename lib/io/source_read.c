/* Reading a source, whatever it is made of. */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <errno.h>
#include <fcntl.h>
#include <io/source_impl.h>
#include <stdlib.h>
#include <unistd.h>

int source_range(const struct source *source, uint64_t offset, uint64_t len, sign_err *err)
{
    if (offset > source->size || len > source->size - offset) {
        return err_set(err, SIGN_E_ARG, offset, NULL, "%s: %llu bytes asked for at %llu, there are %llu", source->name,
                       (unsigned long long)len, (unsigned long long)offset, (unsigned long long)source->size);
    }
    return SIGN_OK;
}

int source_pread(const struct source *source, uint64_t offset, uint8_t *buf, size_t len, sign_err *err)
{
    while (len > 0) {
        ssize_t n = TEMP_FAILURE_RETRY(pread(source->fd, buf, len, (off_t)offset));
        if (n < 0) {
            return err_errno(err, "%s: read", source->name);
        }
        if (n == 0) {
            return err_set(err, SIGN_E_IO, offset, NULL, "%s: the file became shorter while it was being read",
                           source->name);
        }
        buf += n;
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return SIGN_OK;
}

static int read_parts(const struct source *source, uint64_t offset, uint8_t *buf, size_t len, sign_err *err)
{
    for (size_t i = 0; i < source->n_parts; i++) {
        const struct source_part *part = &source->parts[i];
        struct source_share share = source_share(source, i, offset, len);
        if (share.len == 0) {
            continue;
        }
        if (!part->source) {
            memcpy(buf, part->bytes.ptr + share.from, share.len);
        } else {
            int rc = source_read(part->source, part->from + share.from, buf, share.len, err);
            if (rc != SIGN_OK) {
                return rc;
            }
        }
        buf += share.len;
    }
    return SIGN_OK;
}

int source_read(const struct source *source, uint64_t offset, void *buf, size_t len, sign_err *err)
{
    int rc = source_range(source, offset, len, err);
    if (rc != SIGN_OK || len == 0) {
        return rc;
    }
    if (source->memory) {
        memcpy(buf, source->memory + offset, len);
        return SIGN_OK;
    }
    if (source->encoded) {
        return source_base64_read(source, offset, buf, len, err);
    }
    return source->n_parts ? read_parts(source, offset, buf, len, err) : source_pread(source, offset, buf, len, err);
}

/* Where one part holds the whole range, in memory, at any depth: borrowed from there. */
static bool in_memory(const struct source *source, uint64_t offset, size_t len, sign_bytes *out)
{
    if (source->memory) {
        *out = (sign_bytes){ source->memory + offset, len };
        return true;
    }
    for (size_t i = 0; i < source->n_parts; i++) {
        const struct source_part *part = &source->parts[i];
        struct source_share share = source_share(source, i, offset, len);
        if (share.len != len) {
            continue;
        }
        if (part->source) {
            return in_memory(part->source, part->from + share.from, len, out);
        }
        *out = (sign_bytes){ part->bytes.ptr + share.from, len };
        return true;
    }
    return false;
}

int source_bytes(const struct source *source, uint64_t offset, size_t len, struct arena *arena, sign_bytes *out,
                 sign_err *err)
{
    int rc = source_range(source, offset, len, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (len == 0) {
        *out = (sign_bytes){ (const uint8_t *)"", 0 };
        return SIGN_OK;
    }
    if (in_memory(source, offset, len, out)) {
        return SIGN_OK;
    }
    uint8_t *copy = arena_alloc(arena, len);
    if (!copy) {
        return err_nomem(err);
    }
    rc = source_read(source, offset, copy, len, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    *out = (sign_bytes){ copy, len };
    return SIGN_OK;
}

/* --- in windows --------------------------------------------------------------------------------------------------- */

static int each_in_memory(sign_bytes bytes, source_each_fn each, void *payload, struct watch *watch, sign_err *err)
{
    for (size_t at = 0; at < bytes.len; at += LIMIT_WINDOW) {
        sign_bytes window = bytes_slice(bytes, at, LIMIT_WINDOW);
        int rc = watch_poll(watch, window.len, err);
        rc = rc == SIGN_OK ? each(payload, window, err) : rc;
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

static void free_window(uint8_t **window)
{
    free(*window);
}

static int each_in_file(const struct source *source, uint64_t offset, uint64_t len, source_each_fn each, void *payload,
                        struct watch *watch, sign_err *err)
{
    CLEANUP(free_window) uint8_t *window = malloc(len < LIMIT_WINDOW ? len : LIMIT_WINDOW);
    if (!window) {
        return err_nomem(err);
    }
    if (source->fd >= 0) {
        (void)posix_fadvise(source->fd, (off_t)offset, (off_t)len, POSIX_FADV_SEQUENTIAL);
    }
    while (len > 0) {
        size_t n = len < LIMIT_WINDOW ? len : LIMIT_WINDOW;
        int rc = watch_poll(watch, n, err);
        rc = rc == SIGN_OK ? source_read(source, offset, window, n, err) : rc;
        rc = rc == SIGN_OK ? each(payload, (sign_bytes){ window, n }, err) : rc;
        if (rc != SIGN_OK) {
            return rc;
        }
        offset += n;
        len -= n;
    }
    return SIGN_OK;
}

static int each_in_parts(const struct source *source, uint64_t offset, uint64_t len, source_each_fn each, void *payload,
                         struct watch *watch, sign_err *err)
{
    for (size_t i = 0; i < source->n_parts; i++) {
        const struct source_part *part = &source->parts[i];
        struct source_share share = source_share(source, i, offset, len);
        int rc = SIGN_OK;
        if (part->source) {
            rc = source_each(part->source, part->from + share.from, share.len, each, payload, watch, err);
        } else {
            rc = each_in_memory(bytes_slice(part->bytes, share.from, share.len), each, payload, watch, err);
        }
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

int source_each(const struct source *source, uint64_t offset, uint64_t len, source_each_fn each, void *payload,
                struct watch *watch, sign_err *err)
{
    int rc = source_range(source, offset, len, err);
    if (rc != SIGN_OK || len == 0) {
        return rc;
    }
    if (source->memory) {
        return each_in_memory((sign_bytes){ source->memory + offset, len }, each, payload, watch, err);
    }
    return source->n_parts ? each_in_parts(source, offset, len, each, payload, watch, err)
                           : each_in_file(source, offset, len, each, payload, watch, err);
}
