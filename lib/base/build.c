#include <base/build.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/secret.h>
#include <base/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_CAP 64

struct sign_buf {
    struct build build;
};

static size_t max_of(const struct build *b)
{
    return b->max ? b->max : LIMIT_BUILD;
}

static void drop(struct build *b)
{
    if (b->secret && b->ptr) {
        wipe(b->ptr, b->cap);
    }
    free(b->ptr);
    b->ptr = NULL;
    b->len = b->cap = 0;
}

/* realloc may leave a copy of the old bytes behind, which a secret must not. */
static uint8_t *move(struct build *b, size_t cap)
{
    if (!b->secret) {
        return realloc(b->ptr, cap);
    }
    uint8_t *fresh = malloc(cap);
    if (fresh && b->ptr) {
        memcpy(fresh, b->ptr, b->len);
        wipe(b->ptr, b->cap);
        free(b->ptr);
    }
    return fresh;
}

/* Makes room for len more bytes and a NUL behind them, which is what build_fmt and build_to_string write. */
static bool reserve(struct build *b, size_t len)
{
    if (b->failed) {
        return false;
    }
    size_t max = max_of(b);
    if (b->len > max || len > max - b->len || max == SIZE_MAX) {
        b->failed = SIGN_E_LIMIT;
        return false;
    }
    size_t need = b->len + len + 1;
    if (need <= b->cap) {
        return true;
    }
    size_t cap = b->cap > SIZE_MAX / 2 ? need : b->cap * 2;
    cap = cap < FIRST_CAP ? FIRST_CAP : cap;
    cap = cap > max + 1 ? max + 1 : cap;
    cap = cap < need ? need : cap;
    uint8_t *fresh = move(b, cap);
    if (!fresh) {
        b->failed = SIGN_E_NOMEM;
        return false;
    }
    b->ptr = fresh;
    b->cap = cap;
    return true;
}

void build_put(struct build *b, const void *ptr, size_t len)
{
    if (len == 0) {
        return;
    }
    /* A builder may be appended to itself; growing then moves the bytes away from under ptr. */
    uintptr_t at = (uintptr_t)ptr, start = (uintptr_t)b->ptr;
    bool own = b->ptr && at >= start && at - start < b->len;
    if (reserve(b, len)) {
        memmove(b->ptr + b->len, own ? b->ptr + (at - start) : ptr, len);
        b->len += len;
    }
}

void build_bytes(struct build *b, sign_bytes bytes)
{
    build_put(b, bytes.ptr, bytes.len);
}

void build_str(struct build *b, const char *text)
{
    build_put(b, text, strlen(text));
}

void build_byte(struct build *b, uint8_t byte)
{
    if (reserve(b, 1)) {
        b->ptr[b->len++] = byte;
    }
}

void build_fill(struct build *b, uint8_t byte, size_t count)
{
    uint8_t *room = build_room(b, count);
    if (room) {
        memset(room, byte, count);
    }
}

void build_fmt(struct build *b, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    if (len < 0) {
        b->failed = b->failed ? b->failed : SIGN_E_NOMEM;
    } else if (reserve(b, (size_t)len)) {
        vsnprintf((char *)b->ptr + b->len, (size_t)len + 1, fmt, again);
        b->len += (size_t)len;
    }
    va_end(again);
    va_end(args);
}

void build_u64(struct build *b, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    build_put(b, digits + at, sizeof digits - at);
}

uint8_t *build_room(struct build *b, size_t len)
{
    if (!reserve(b, len)) {
        return NULL;
    }
    uint8_t *room = b->ptr + b->len;
    b->len += len;
    return room;
}

void build_truncate(struct build *b, size_t len)
{
    if (len < b->len) {
        if (b->secret) {
            wipe(b->ptr + len, b->len - len);
        }
        b->len = len;
    }
}

sign_bytes build_view(const struct build *b)
{
    return (sign_bytes){ b->ptr, b->len };
}

int build_check(const struct build *b, sign_err *err, const char *what)
{
    switch (b->failed) {
    case SIGN_OK:
        return SIGN_OK;
    case SIGN_E_LIMIT:
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "%s: more than %zu bytes", what, max_of(b));
    default:
        return err_set(err, b->failed, SIGN_NO_OFFSET, NULL, "%s: out of memory", what);
    }
}

int build_to_buf(struct build *b, sign_buf **out, sign_err *err)
{
    int rc = build_check(b, err, "buffer");
    sign_buf *buf = rc == SIGN_OK ? calloc(1, sizeof *buf) : NULL;
    if (!buf) {
        build_free(b);
        return rc == SIGN_OK ? err_nomem(err) : rc;
    }
    buf->build = *b;
    buf->build.max = LIMIT_BUILD;
    buf->build.secret = true;
    *b = (struct build){ .max = b->max, .secret = b->secret };
    *out = buf;
    return SIGN_OK;
}

char *build_to_string(struct build *b)
{
    if (!reserve(b, 0)) {
        build_free(b);
        return NULL;
    }
    char *text = (char *)b->ptr;
    text[b->len] = '\0';
    *b = (struct build){ .max = b->max, .secret = b->secret };
    return text;
}

void build_free(struct build *b)
{
    drop(b);
    b->failed = SIGN_OK;
}

/* --- the public buffer: a builder that always wipes --------------------------------------------------------------- */

int sign_buf_new(sign_buf **out)
{
    if (!out) {
        return SIGN_E_ARG;
    }
    sign_buf *buf = *out = calloc(1, sizeof *buf);
    if (!buf) {
        return SIGN_E_NOMEM;
    }
    buf->build.secret = true;
    return SIGN_OK;
}

/* Each answer is looked at by the caller, so the error does not stick: what was held before is held still. */
static int told_at_once(sign_buf *buf, size_t before)
{
    int rc = buf->build.failed;
    if (rc != SIGN_OK) {
        build_truncate(&buf->build, before);
        buf->build.failed = SIGN_OK;
    }
    return rc;
}

static bool can_append(const sign_buf *buf, sign_bytes bytes)
{
    return buf && (bytes.ptr || bytes.len == 0);
}

int sign_buf_append(sign_buf *buf, sign_bytes bytes)
{
    if (!can_append(buf, bytes)) {
        return SIGN_E_ARG;
    }
    size_t before = buf->build.len;
    build_bytes(&buf->build, bytes);
    return told_at_once(buf, before);
}

int sign_buf_append_escaped(sign_buf *buf, sign_bytes text)
{
    if (!can_append(buf, text)) {
        return SIGN_E_ARG;
    }
    size_t before = buf->build.len;
    text_escape(&buf->build, text);
    return told_at_once(buf, before);
}

sign_bytes sign_buf_bytes(const sign_buf *buf)
{
    return buf ? build_view(&buf->build) : (sign_bytes){ 0 };
}

void sign_buf_free(sign_buf **buf)
{
    if (buf && *buf) {
        drop(&(*buf)->build);
        free(*buf);
        *buf = NULL;
    }
}
