/* RFC 4648 4. Decoding is strict, so that one value has one spelling, white space aside (RFC 4648 3.5, 12). */
#include <base/secret.h>
#include <base/text.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void build_base64(struct build *b, sign_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t n = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t group = (uint32_t)bytes.ptr[i] << 16;
        group |= n > 1 ? (uint32_t)bytes.ptr[i + 1] << 8 : 0;
        group |= n > 2 ? bytes.ptr[i + 2] : 0;
        char quad[4] = { alphabet[group >> 18], alphabet[group >> 12 & 63], alphabet[group >> 6 & 63],
                         alphabet[group & 63] };
        if (n < 3) {
            memset(quad + n + 1, '=', 3 - n);
        }
        build_put(b, quad, 4);
    }
}

/* What a character stands for, and one more: 0 is none. */
static const uint8_t digits_plus_one[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,  ['E'] = 5,  ['F'] = 6,  ['G'] = 7,  ['H'] = 8,  ['I'] = 9,
    ['J'] = 10, ['K'] = 11, ['L'] = 12, ['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
    ['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25, ['Z'] = 26, ['a'] = 27,
    ['b'] = 28, ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
    ['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42, ['q'] = 43, ['r'] = 44, ['s'] = 45,
    ['t'] = 46, ['u'] = 47, ['v'] = 48, ['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
    ['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60, ['8'] = 61, ['9'] = 62, ['+'] = 63,
    ['/'] = 64,
};

static int digit_value(uint8_t byte)
{
    return digits_plus_one[byte] - 1;
}

/* Whole groups of digits alone, as most of any base64 is: how many characters were taken. */
static size_t decode_run(struct build *out, sign_bytes text)
{
    uint8_t bytes[48];
    size_t at = 0, n = 0;
    for (; text.len - at >= 4 && n < sizeof bytes; at += 4, n += 3) {
        const uint8_t *p = text.ptr + at;
        int a = digit_value(p[0]), b = digit_value(p[1]), c = digit_value(p[2]), d = digit_value(p[3]);
        if ((a | b | c | d) < 0) {
            break;
        }
        bytes[n] = (uint8_t)(a << 2 | b >> 4);
        bytes[n + 1] = (uint8_t)(b << 4 | c >> 2);
        bytes[n + 2] = (uint8_t)(c << 6 | d);
    }
    build_put(out, bytes, n);
    if (out->secret) {
        wipe(bytes, sizeof bytes);
    }
    return at;
}

/* Four characters of which the last `pads` are '='; false where the bits that no byte uses are not zero. */
static bool put_group(struct build *out, uint32_t group, unsigned pads)
{
    uint8_t bytes[3] = { (uint8_t)(group >> 16), (uint8_t)(group >> 8), (uint8_t)group };
    bool ok = (group & ((1U << pads * 8) - 1)) == 0;
    if (ok) {
        build_put(out, bytes, 3 - pads);
    }
    if (out->secret) {
        wipe(bytes, sizeof bytes);
    }
    return ok;
}

static bool decode(struct build *out, sign_bytes text)
{
    uint32_t group = 0;
    unsigned digits = 0, pads = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (digits + pads == 0) {
            size_t run = decode_run(out, bytes_slice(text, i, text.len));
            if (run > 0) {
                i += run - 1;
                continue;
            }
        }
        if (is_xml_space(text.ptr[i])) {
            continue;
        }
        int value = digit_value(text.ptr[i]);
        if (value >= 0 && pads == 0) {
            group = group << 6 | (uint32_t)value;
            digits++;
        } else if (text.ptr[i] == '=' && digits >= 2 && digits + pads < 4) {
            group <<= 6;
            pads++;
        } else {
            return false;
        }
        if (digits + pads == 4) {
            if (!put_group(out, group, pads)) {
                return false;
            }
            /* After padding nothing but white space: digits stays, so that neither a digit nor a pad fits any more. */
            digits = pads ? 4 : 0;
            group = 0;
        }
    }
    return digits == 0 || digits == 4;
}

bool base64_decode(struct build *out, sign_bytes text)
{
    size_t before = out->len;
    if (!decode(out, text)) {
        build_truncate(out, before);
        return false;
    }
    return true;
}
