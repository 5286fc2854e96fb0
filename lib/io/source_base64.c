/* A source's bytes as base64 in lines of 76 digits (RFC 2045 6.8), made while they are read: nothing is held whole. */
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <io/source_impl.h>

#define LINE_BYTES 57                       /* 76 digits, and a line feed */
#define LINE_TEXT  77
#define LINES      256                      /* made at a time: one window of the source */

int source_base64(struct source **out, struct source *of, sign_err *err)
{
    uint64_t rest = of->size % LINE_BYTES;
    struct source *source = NULL;
    if (of->size > INT64_MAX / 2) {
        return err_arg(err, "base64: larger than a file can be");
    }
    int rc = source_new(&source, of->name, err);
    if (rc == SIGN_OK) {
        source->encoded = source_ref(of);
        source->size = of->size / LINE_BYTES * LINE_TEXT + (rest ? (rest + 2) / 3 * 4 + 1 : 0);
        *out = source;
    }
    return rc;
}

/* The lines from number `line` on, at most LINES of them. */
static int make_lines(struct build *text, const struct source *of, uint64_t line, sign_err *err)
{
    uint8_t bytes[LINES * LINE_BYTES];
    uint64_t from = line * LINE_BYTES, left = of->size - from;
    sign_bytes all = { bytes, left < sizeof bytes ? (size_t)left : sizeof bytes };
    int rc = source_read(of, from, bytes, all.len, err);
    build_truncate(text, 0);
    for (size_t at = 0; rc == SIGN_OK && at < all.len; at += LINE_BYTES) {
        build_base64(text, bytes_slice(all, at, LINE_BYTES));
        build_byte(text, '\n');
    }
    return rc == SIGN_OK ? build_check(text, err, "base64") : rc;
}

int source_base64_read(const struct source *source, uint64_t offset, uint8_t *buf, size_t len, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    while (len > 0) {
        int rc = make_lines(&text, source->encoded, offset / LINE_TEXT, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        sign_bytes some = bytes_slice(build_view(&text), offset % LINE_TEXT, len);
        memcpy(buf, some.ptr, some.len);
        buf += some.len;
        offset += some.len;
        len -= some.len;
    }
    return SIGN_OK;
}
