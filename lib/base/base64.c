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

static int digit_value(int byte)
{
    if (byte >= 'A' && byte <= 'Z') {
        return byte - 'A';
    }
    if (byte >= 'a' && byte <= 'z') {
        return byte - 'a' + 26;
    }
    if (byte >= '0' && byte <= '9') {
        return byte - '0' + 52;
    }
    return byte == '+' ? 62 : byte == '/' ? 63 : -1;
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
