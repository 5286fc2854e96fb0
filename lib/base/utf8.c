/* UTF-8 (RFC 3629), UTF-16 (RFC 2781), and text made safe for a terminal. */
#include <base/cleanup.h>
#include <base/text.h>

#define REPLACEMENT 0xfffd

/* RFC 3629 3: by lead byte, how many bytes follow, and what the first of them may be (no overlong, no surrogate). */
static const struct {
    uint8_t first, last, follow, low, high;
} leads[] = {
    { 0xc2, 0xdf, 1, 0x80, 0xbf }, { 0xe0, 0xe0, 2, 0xa0, 0xbf }, { 0xe1, 0xec, 2, 0x80, 0xbf },
    { 0xed, 0xed, 2, 0x80, 0x9f }, { 0xee, 0xef, 2, 0x80, 0xbf }, { 0xf0, 0xf0, 3, 0x90, 0xbf },
    { 0xf1, 0xf3, 3, 0x80, 0xbf }, { 0xf4, 0xf4, 3, 0x80, 0x8f },
};

static bool decode_long(const uint8_t *ptr, size_t left, unsigned *len, uint32_t *code_point)
{
    size_t row = 0;
    while (row < COUNT(leads) && (ptr[0] < leads[row].first || ptr[0] > leads[row].last)) {
        row++;
    }
    if (row == COUNT(leads) || left <= leads[row].follow || ptr[1] < leads[row].low || ptr[1] > leads[row].high) {
        return false;
    }
    uint32_t value = ptr[0] & (0x3fU >> leads[row].follow);
    for (unsigned i = 1; i <= leads[row].follow; i++) {
        if ((ptr[i] & 0xc0) != 0x80) {
            return false;
        }
        value = value << 6 | (ptr[i] & 0x3f);
    }
    *len = leads[row].follow + 1U;
    *code_point = value;
    return true;
}

bool utf8_next(sign_bytes text, size_t *pos, uint32_t *code_point)
{
    if (*pos >= text.len) {
        return false;
    }
    const uint8_t *ptr = text.ptr + *pos;
    if (ptr[0] < 0x80) {
        *code_point = ptr[0];
        *pos += 1;
        return true;
    }
    unsigned len;
    if (!decode_long(ptr, text.len - *pos, &len, code_point)) {
        return false;
    }
    *pos += len;
    return true;
}

bool utf8_valid(sign_bytes text)
{
    size_t pos = 0;
    uint32_t ignored;
    while (utf8_next(text, &pos, &ignored)) {
    }
    return pos == text.len;
}

bool text_is_char(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0xD800) || (c >= 0xE000 && c < 0xFFFE) ||
           c >= 0x10000;
}

bool text_is_plain(sign_bytes text)
{
    uint32_t c = 0;
    for (size_t at = 0; at < text.len;) {
        if (!utf8_next(text, &at, &c) || !text_is_char(c)) {
            return false;
        }
    }
    return true;
}

void build_utf8(struct build *b, uint32_t cp)
{
    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        cp = REPLACEMENT;
    }
    uint8_t out[4];
    size_t len = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1;) {
        out[i] = (uint8_t)(0x80 | (cp & 0x3f));
        cp >>= 6;
    }
    static const uint8_t lead_bits[] = { 0, 0x00, 0xc0, 0xe0, 0xf0 };
    out[0] = (uint8_t)(lead_bits[len] | cp);
    build_put(b, out, len);
}

void utf8_repair(struct build *out, sign_bytes text)
{
    for (size_t pos = 0; pos < text.len;) {
        size_t start = pos;
        uint32_t cp;
        if (utf8_next(text, &pos, &cp)) {
            build_bytes(out, bytes_slice(text, start, pos - start));
        } else {
            build_utf8(out, REPLACEMENT);
            pos++;
        }
    }
}

static uint32_t unit_at(sign_bytes utf16, size_t at, bool big_endian)
{
    uint32_t a = utf16.ptr[at], b = utf16.ptr[at + 1];
    return big_endian ? a << 8 | b : b << 8 | a;
}

void utf8_from_utf16(struct build *out, sign_bytes utf16, bool big_endian)
{
    size_t at = 0;
    while (utf16.len - at >= 2) {
        uint32_t unit = unit_at(utf16, at, big_endian);
        at += 2;
        if (unit >= 0xd800 && unit <= 0xdbff && utf16.len - at >= 2) {
            uint32_t low = unit_at(utf16, at, big_endian);
            if (low >= 0xdc00 && low <= 0xdfff) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                at += 2;
            }
        }
        build_utf8(out, unit); /* which writes U+FFFD for a surrogate that stayed alone */
    }
    if (at < utf16.len) {
        build_utf8(out, REPLACEMENT);
    }
}

/* Unicode's Bidi_Control property, whole. */
static bool is_bidi_control(uint32_t cp)
{
    return cp == 0x061c || cp == 0x200e || cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) ||
           (cp >= 0x2066 && cp <= 0x2069);
}

void text_escape(struct build *out, sign_bytes text)
{
    for (size_t pos = 0; pos < text.len;) {
        size_t start = pos;
        uint32_t cp;
        if (!utf8_next(text, &pos, &cp)) {
            build_fmt(out, "\\x%02X", text.ptr[pos++]);
        } else if (cp < 0x20 || cp == 0x7f) {
            build_fmt(out, "\\x%02X", (unsigned)cp);
        } else if ((cp >= 0x80 && cp <= 0x9f) || is_bidi_control(cp)) {
            build_fmt(out, "\\u{%04X}", (unsigned)cp);
        } else {
            build_bytes(out, bytes_slice(text, start, pos - start));
        }
    }
}
