#include <base/text.h>

int hex_value(int byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    if (byte >= 'a' && byte <= 'f') {
        return byte - 'a' + 10;
    }
    return byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;
}

void build_hex(struct build *b, sign_bytes bytes, bool upper)
{
    const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    uint8_t *room = build_room(b, bytes.len > SIZE_MAX / 2 ? SIZE_MAX : bytes.len * 2);
    for (size_t i = 0; room && i < bytes.len; i++) {
        *room++ = (uint8_t)digits[bytes.ptr[i] >> 4];
        *room++ = (uint8_t)digits[bytes.ptr[i] & 15];
    }
}

/*
 * Sixteen digits at a time: the /Contents of a small signed PDF is a third of the file, and read digit by digit it costs
 * more than its signature value.
 */
typedef uint8_t v16 __attribute__((vector_size(16)));
typedef uint8_t v8 __attribute__((vector_size(8)));
typedef uint16_t w8 __attribute__((vector_size(16)));

struct block { v16 bytes, digit, letter; };     /* the last two are masks */

static struct block block_at(const uint8_t *ptr)
{
    struct block b;
    memcpy(&b.bytes, ptr, sizeof b.bytes);
    b.digit = (v16)(b.bytes - '0' <= 9);
    b.letter = (v16)((b.bytes | 0x20) - 'a' <= 5);
    return b;
}

static bool is_zero(v16 v)
{
    uint64_t halves[2];
    memcpy(halves, &v, sizeof halves);
    return (halves[0] | halves[1]) == 0;
}

size_t hex_span(sign_bytes text, unsigned *cases)
{
    size_t at = 0;
    v16 lower = { 0 }, upper = { 0 };
    for (; text.len - at >= sizeof lower; at += sizeof lower) {
        struct block b = block_at(text.ptr + at);
        if (!is_zero(~(b.digit | b.letter))) {
            break;
        }
        lower |= b.letter & b.bytes;
        upper |= b.letter & ~b.bytes;
    }
    *cases = (is_zero(lower & 0x20) ? 0 : HEX_LOWER) | (is_zero(upper & 0x20) ? 0 : HEX_UPPER);
    for (; at < text.len && hex_value(text.ptr[at]) >= 0; at++) {
        *cases |= text.ptr[at] >= 'a' ? HEX_LOWER : text.ptr[at] >= 'A' ? HEX_UPPER : 0;
    }
    return at;
}

void hex_pairs(uint8_t *to, const uint8_t *digits, size_t n)
{
    for (; n >= sizeof(v8); n -= sizeof(v8), to += sizeof(v8), digits += sizeof(v16)) {
        struct block b = block_at(digits);
        w8 pair = (w8)(((b.bytes - '0') & b.digit) | (((b.bytes | 0x20) - 'a' + 10) & b.letter));
        pair = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? pair << 4 | pair >> 8 : pair >> 4 | pair;
        v8 bytes = __builtin_convertvector(pair & 0xFF, v8);
        memcpy(to, &bytes, sizeof bytes);
    }
    for (size_t i = 0; i < n; i++) {
        to[i] = (uint8_t)(hex_value(digits[2 * i]) << 4 | hex_value(digits[2 * i + 1]));
    }
}

bool hex_decode(struct build *out, sign_bytes text)
{
    unsigned cases;
    if (text.len % 2 || hex_span(text, &cases) != text.len) {
        return false;
    }
    uint8_t *room = build_room(out, text.len / 2);
    if (room) {
        hex_pairs(room, text.ptr, text.len / 2);
    }
    return true;
}
