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

bool hex_decode(struct build *out, sign_bytes text)
{
    size_t before = out->len;
    if (text.len % 2) {
        return false;
    }
    for (size_t i = 0; i < text.len; i += 2) {
        int high = hex_value(text.ptr[i]), low = hex_value(text.ptr[i + 1]);
        if (high < 0 || low < 0) {
            build_truncate(out, before);
            return false;
        }
        build_byte(out, (uint8_t)(high << 4 | low));
    }
    return true;
}
