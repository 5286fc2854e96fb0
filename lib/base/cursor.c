#include <base/cursor.h>

bool cursor_take(struct cursor *c, size_t len, sign_bytes *out)
{
    if (len > cursor_left(c)) {
        return false;
    }
    *out = bytes_slice((sign_bytes){ c->ptr, c->len }, c->pos, len);
    c->pos += len;
    return true;
}

bool cursor_skip(struct cursor *c, size_t len)
{
    if (len > cursor_left(c)) {
        return false;
    }
    c->pos += len;
    return true;
}

bool cursor_match(struct cursor *c, sign_bytes literal)
{
    return bytes_start(cursor_rest(c), literal) && cursor_skip(c, literal.len);
}

bool cursor_u8(struct cursor *c, uint8_t *out)
{
    if (cursor_end(c)) {
        return false;
    }
    *out = c->ptr[c->pos++];
    return true;
}

bool cursor_be(struct cursor *c, unsigned width, uint64_t *out)
{
    if (width < 1 || width > 8 || width > cursor_left(c)) {
        return false;
    }
    uint64_t value = 0;
    for (unsigned i = 0; i < width; i++) {
        value = value << 8 | c->ptr[c->pos++];
    }
    *out = value;
    return true;
}

bool cursor_seek(struct cursor *c, size_t pos)
{
    if (pos > c->len) {
        return false;
    }
    c->pos = pos;
    return true;
}

sign_bytes cursor_rest(const struct cursor *c)
{
    return bytes_slice((sign_bytes){ c->ptr, c->len }, c->pos, SIZE_MAX);
}
