/*
 * A bounded cursor over bytes: nothing below it does pointer arithmetic. Every read either succeeds whole or moves
 * nothing and returns false.
 */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <base/bytes.h>

struct cursor {
    const uint8_t *ptr;
    size_t len, pos;
    uint64_t base;      /* where ptr[0] stands in the file, for error offsets */
};

static inline struct cursor cursor_over(sign_bytes bytes, uint64_t base)
{
    return (struct cursor){ bytes.ptr, bytes.len, 0, base };
}
static inline size_t cursor_left(const struct cursor *c) { return c->len - c->pos; }
static inline bool cursor_end(const struct cursor *c) { return c->pos == c->len; }
static inline uint64_t cursor_offset(const struct cursor *c) { return c->base + c->pos; }
/* The byte `ahead` places on, or -1 past the end. */
static inline int cursor_peek(const struct cursor *c, size_t ahead)
{
    return ahead < cursor_left(c) ? c->ptr[c->pos + ahead] : -1;
}
/* The next byte, or -1 at the end. */
static inline int cursor_next(struct cursor *c) { return c->pos < c->len ? c->ptr[c->pos++] : -1; }

bool cursor_take(struct cursor *c, size_t len, sign_bytes *out);
bool cursor_skip(struct cursor *c, size_t len);
/* Skips the literal when it stands here. */
bool cursor_match(struct cursor *c, sign_bytes literal);
bool cursor_u8(struct cursor *c, uint8_t *out);
bool cursor_be(struct cursor *c, unsigned width, uint64_t *out);   /* big-endian, 1 to 8 bytes */
bool cursor_seek(struct cursor *c, size_t pos);
sign_bytes cursor_rest(const struct cursor *c);

#endif
