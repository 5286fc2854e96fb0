/*
 * A byte builder with a sticky error: append without looking, ask once at the end. After a failure (no memory, over max)
 * every append does nothing.
 */
#ifndef BASE_BUILD_H
#define BASE_BUILD_H

#include <base/bytes.h>
#include <libsign/bytes.h>
#include <stdbool.h>
#include <stdint.h>

struct build {          /* the zero value is an empty builder with max LIMIT_BUILD */
    uint8_t *ptr;
    size_t len, cap, max;
    int failed;         /* SIGN_OK, SIGN_E_NOMEM or SIGN_E_LIMIT */
    bool secret;        /* set before the first append: wiped whenever memory is given back */
};

void build_put(struct build *b, const void *ptr, size_t len);
void build_bytes(struct build *b, sign_bytes bytes);
void build_str(struct build *b, const char *text);
void build_byte(struct build *b, uint8_t byte);
void build_fill(struct build *b, uint8_t byte, size_t count);
void build_fmt(struct build *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void build_u64(struct build *b, uint64_t value);              /* decimal, in no locale */
void build_hex(struct build *b, sign_bytes bytes, bool upper);
void build_base64(struct build *b, sign_bytes bytes);         /* one line, padded (RFC 4648 4) */
void build_utf8(struct build *b, uint32_t code_point);
/* Room for len more bytes, to be written at once by the caller and counted in; NULL after a failure. */
uint8_t *build_room(struct build *b, size_t len);
void build_truncate(struct build *b, size_t len);
sign_bytes build_view(const struct build *b);
/* The sticky error as a status, with a message naming what was being built. */
int build_check(const struct build *b, sign_err *err, const char *what);
/* Hands the bytes over as a sign_buf; the builder is empty afterwards, whatever the outcome. */
int build_to_buf(struct build *b, sign_buf **out, sign_err *err);
/* A NUL-terminated string that the caller frees with free(); NULL after a failure. The builder is empty afterwards. */
char *build_to_string(struct build *b);
void build_free(struct build *b);

#endif
