#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <io/flate.h>
#include <limits.h>
#include <zlib.h>

#define CHUNK KIB(16)

static void end_inflate(z_stream *z)
{
    inflateEnd(z);
}

/* zlib counts in unsigned int: what is longer is fed piece by piece. */
static void feed(z_stream *z, sign_bytes in, size_t *fed)
{
    if (z->avail_in == 0 && *fed < in.len) {
        sign_bytes piece = bytes_slice(in, *fed, INT_MAX);
        z->next_in = (z_const Bytef *)(uintptr_t)piece.ptr;
        z->avail_in = (uInt)piece.len;
        *fed += piece.len;
    }
}

static int broken(const z_stream *z, int answer, size_t at, sign_err *err)
{
    switch (answer) {
    case Z_MEM_ERROR:
        return err_nomem(err);
    case Z_BUF_ERROR:
        return err_set(err, SIGN_E_FORMAT, at, "RFC 1950 2.2", "deflate: the data ends before its end mark");
    case Z_NEED_DICT:
        return err_set(err, SIGN_E_FORMAT, at, "RFC 1950 2.2", "deflate: a preset dictionary is asked for");
    default:
        return err_set(err, SIGN_E_FORMAT, at, "RFC 1950 2.2", "deflate: %s", z->msg ? z->msg : "broken data");
    }
}

int flate_decode(struct build *out, sign_bytes in, size_t max, struct watch *watch, sign_err *err)
{
    CLEANUP(end_inflate) z_stream z = { 0 };
    if (inflateInit(&z) != Z_OK) {
        return err_nomem(err);
    }
    size_t fed = 0, left = max;
    for (;;) {
        uint8_t chunk[CHUNK];
        feed(&z, in, &fed);
        unsigned before = z.avail_in;
        z.next_out = chunk;
        z.avail_out = sizeof chunk;
        int answer = inflate(&z, Z_NO_FLUSH);
        size_t got = sizeof chunk - z.avail_out;
        build_put(out, chunk, got < left ? got : left);
        if (got > left) {
            return err_set(err, SIGN_E_LIMIT, fed - z.avail_in, NULL, "deflate: more than %zu bytes come out", max);
        }
        left -= got;
        int rc = build_check(out, err, "deflate");
        rc = rc == SIGN_OK ? watch_poll(watch, got + (before - z.avail_in), err) : rc;
        if (rc != SIGN_OK || answer == Z_STREAM_END) {
            return rc;
        }
        if (answer != Z_OK) {
            return broken(&z, answer, fed - z.avail_in, err);
        }
    }
}

int flate_encode(struct build *out, sign_bytes in, sign_err *err)
{
    uLong size = compressBound(in.len);
    size_t start = out->len;
    uint8_t *room = build_room(out, size);
    if (!room) {
        return build_check(out, err, "deflate");
    }
    if (compress(room, &size, in.ptr, in.len) != Z_OK) {
        build_truncate(out, start);
        return err_nomem(err);
    }
    build_truncate(out, start + size);
    return SIGN_OK;
}
