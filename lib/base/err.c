#include <base/err.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MSG_SIZE sizeof(((sign_err *)0)->msg)

/* One byte more than a message holds, NUL not counted: the byte that is cut off tells whether a character is torn. */
typedef char long_msg[MSG_SIZE + 1];

/* The length of text cut to at most max bytes, before a character that would not fit whole. */
static size_t cut(const char *text, size_t max)
{
    size_t len = strnlen(text, max + 1);
    if (len <= max) {
        return len;
    }
    /* At most three continuation bytes follow a lead byte (RFC 3629 3); more than that is no UTF-8 at all. */
    for (len = max; len > 0 && max - len < 4; len--) {
        if (((unsigned char)text[len] & 0xc0) != 0x80) {
            return len;
        }
    }
    return max;
}

/* Copies "head: tail", either of them cut where there is no room. */
static void join(long_msg out, const char *head, size_t head_len, const char *tail)
{
    size_t colon = head_len + 2 <= MSG_SIZE ? 2 : MSG_SIZE - head_len;
    size_t tail_len = strnlen(tail, MSG_SIZE - head_len - colon);
    memcpy(out, head, head_len);
    memcpy(out + head_len, ": ", colon);
    memcpy(out + head_len + colon, tail, tail_len);
    out[head_len + colon + tail_len] = '\0';
}

static void set_msg(sign_err *err, const long_msg text)
{
    size_t len = cut(text, MSG_SIZE - 1);
    memcpy(err->msg, text, len);
    memset(err->msg + len, 0, MSG_SIZE - len);
}

static void set_code(sign_err *err, int status, uint32_t native, uint64_t offset, const char *clause)
{
    err->status = status;
    err->native = native;
    err->offset = offset;
    err->clause = clause;
    memset(err->reserved, 0, sizeof err->reserved);
}

__attribute__((format(printf, 6, 0)))
static void set(sign_err *err, int status, uint32_t native, uint64_t offset, const char *clause, const char *fmt, va_list args)
{
    if (err) {
        /* Arguments may point into err itself: all text is formatted before anything is stored. */
        long_msg text;
        vsnprintf(text, sizeof text, fmt, args);
        set_code(err, status, native, offset, clause);
        set_msg(err, text);
    }
}

int err_set(sign_err *err, int status, uint64_t offset, const char *clause, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    set(err, status, 0, offset, clause, fmt, args);
    va_end(args);
    return status;
}

int err_native(sign_err *err, int status, uint32_t native, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    set(err, status, native, SIGN_NO_OFFSET, NULL, fmt, args);
    va_end(args);
    return status;
}

int err_arg(sign_err *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    set(err, SIGN_E_ARG, 0, SIGN_NO_OFFSET, NULL, fmt, args);
    va_end(args);
    return SIGN_E_ARG;
}

int err_nomem(sign_err *err)
{
    return err_set(err, SIGN_E_NOMEM, SIGN_NO_OFFSET, NULL, "out of memory");
}

int err_errno(sign_err *err, const char *fmt, ...)
{
    int number = errno;
    if (err) {
        long_msg what, text;
        va_list args;
        va_start(args, fmt);
        vsnprintf(what, sizeof what, fmt, args);
        va_end(args);
        /* strerror and strerror_r translate into the locale of the program around us; this one does not. */
        const char *why = strerrordesc_np(number);
        why = why ? why : "unknown errno";
        /* A long path is cut rather than the reason. */
        join(text, what, cut(what, MSG_SIZE - 1 - strlen(": ") - strlen(why)), why);
        set_code(err, SIGN_E_IO, (uint32_t)number, SIGN_NO_OFFSET, NULL);
        set_msg(err, text);
    }
    return SIGN_E_IO;
}

int err_in(sign_err *err, int status, const char *fmt, ...)
{
    if (err) {
        long_msg what, text;
        va_list args;
        va_start(args, fmt);
        vsnprintf(what, sizeof what, fmt, args);
        va_end(args);
        join(text, what, strlen(what), err->msg);
        set_msg(err, text);
    }
    return status;
}
