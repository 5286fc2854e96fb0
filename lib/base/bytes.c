#include <base/bytes.h>

sign_bytes bytes_slice(sign_bytes a, size_t from, size_t len)
{
    if (from >= a.len) {
        return (sign_bytes){ a.len ? a.ptr + a.len : a.ptr, 0 };
    }
    return (sign_bytes){ a.ptr + from, len < a.len - from ? len : a.len - from };
}

size_t bytes_find(sign_bytes hay, sign_bytes needle, size_t from)
{
    if (from > hay.len || needle.len > hay.len - from) {
        return SIZE_MAX;
    }
    if (needle.len == 0) {
        return from;
    }
    const uint8_t *found = memmem(hay.ptr + from, hay.len - from, needle.ptr, needle.len);
    return found ? (size_t)(found - hay.ptr) : SIZE_MAX;
}

size_t bytes_rfind(sign_bytes hay, sign_bytes needle)
{
    if (needle.len > hay.len) {
        return SIZE_MAX;
    }
    if (needle.len == 0) {
        return hay.len;
    }
    /* memrchr finds candidates for the first byte, from the end; len shrinks with every one that was none. */
    size_t len = hay.len - needle.len + 1;
    while (len > 0) {
        const uint8_t *found = memrchr(hay.ptr, needle.ptr[0], len);
        if (!found) {
            return SIZE_MAX;
        }
        if (memcmp(found, needle.ptr, needle.len) == 0) {
            return (size_t)(found - hay.ptr);
        }
        len = (size_t)(found - hay.ptr);
    }
    return SIZE_MAX;
}
