#include <cms/asn1_put.h>

#include <base/bytes.h>
#include <stdlib.h>
#include <string.h>

size_t asn1_open(struct build *out, int tag)
{
    build_byte(out, (uint8_t)tag);
    build_byte(out, 0);
    return out->len;
}

/* One octet was left for the length; a longer one moves the content up. */
void asn1_close(struct build *out, size_t mark)
{
    if (out->failed != SIGN_OK) return;
    size_t len = out->len - mark;
    if (len < 0x80) {
        out->ptr[mark - 1] = (uint8_t)len;
        return;
    }
    unsigned width = 0;
    for (size_t rest = len; rest > 0; rest >>= 8) width++;
    if (!build_room(out, width)) return;
    uint8_t *at = out->ptr + mark;
    memmove(at + width, at, len);
    at[-1] = (uint8_t)(0x80 | width);
    for (unsigned i = 0; i < width; i++) at[i] = (uint8_t)(len >> (8 * (width - 1 - i)));
}

void asn1_put(struct build *out, int tag, sign_bytes body)
{
    size_t mark = asn1_open(out, tag);
    build_bytes(out, body);
    asn1_close(out, mark);
}

void asn1_put_small(struct build *out, uint32_t value)
{
    uint8_t octets[5] = { 0, (uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value };
    size_t from = 0;
    while (from < 4 && octets[from] == 0 && octets[from + 1] < 0x80) from++;
    asn1_put(out, 0x02, bytes_of(octets + from, sizeof octets - from));
}

int asn1_order(sign_bytes a, sign_bytes b)
{
    int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_items(const void *a, const void *b)
{
    const sign_bytes *left = a, *right = b;
    return asn1_order(*left, *right);
}

void asn1_put_set(struct build *out, int tag, sign_bytes *items, size_t n)
{
    if (n > 1) qsort(items, n, sizeof *items, compare_items);
    size_t mark = asn1_open(out, tag);
    for (size_t i = 0; i < n; i++) build_bytes(out, items[i]);
    asn1_close(out, mark);
}
