#include <base/when.h>
#include <cert/der.h>

static bool der_length(struct cursor *c, size_t *out)
{
    uint8_t first = 0;
    if (!cursor_u8(c, &first)) {
        return false;
    }
    if (first < 0x80) {
        *out = first;
        return true;
    }
    unsigned width = first & 0x7Fu;
    uint64_t value = 0;
    /* X.690 10.1: definite and in the fewest octets; four octets are more than any limit of ours grants. */
    if (width == 0 || width > 4 || !cursor_be(c, width, &value) || value < 0x80 || value >> (8 * (width - 1)) == 0) {
        return false;
    }
    *out = (size_t)value;
    return true;
}

bool der_next(struct cursor *c, struct der *out)
{
    struct cursor here = *c;
    uint8_t tag = 0;
    size_t len = 0;
    sign_bytes content;
    if (!cursor_u8(&here, &tag) || (tag & 0x1F) == 0x1F || !der_length(&here, &len) ||
        !cursor_take(&here, len, &content)) {
        return false;
    }
    sign_bytes all = { c->ptr, c->len };
    *out = (struct der){ tag, content, bytes_slice(all, c->pos, here.pos - c->pos) };
    *c = here;
    return true;
}

bool der_expect(struct cursor *c, uint8_t tag, struct der *out)
{
    return cursor_peek(c, 0) == tag && der_next(c, out);
}

bool der_optional(struct cursor *c, uint8_t tag, struct der *out)
{
    *out = (struct der){ 0 };
    return cursor_peek(c, 0) != tag || der_next(c, out);
}

bool der_minimal_integer(sign_bytes content)
{
    if (content.len == 0) {
        return false;
    }
    if (content.len == 1) {
        return true;
    }
    bool high = (content.ptr[1] & 0x80) != 0;
    return !(content.ptr[0] == 0x00 && !high) && !(content.ptr[0] == 0xFF && high);
}

bool der_boolean(sign_bytes content, bool *out)
{
    if (content.len != 1 || (content.ptr[0] != 0x00 && content.ptr[0] != 0xFF)) {
        return false;
    }
    *out = content.ptr[0] != 0;
    return true;
}

bool der_time(struct cursor *c, int64_t *out)
{
    struct der time;
    return der_next(c, &time) && (time.tag == DER_UTC_TIME || time.tag == DER_GENERALIZED_TIME) &&
           when_parse_asn1(time.tag, time.content, out);
}

bool der_extension(struct cursor *c, struct der_extension *out)
{
    struct der whole, oid, critical, value;
    if (!der_expect(c, DER_SEQUENCE, &whole)) {
        return false;
    }
    struct cursor in = cursor_over(whole.content, 0);
    if (!der_expect(&in, DER_OID, &oid) || !der_optional(&in, DER_BOOLEAN, &critical) ||
        !der_expect(&in, DER_OCTET_STRING, &value) || !cursor_end(&in)) {
        return false;
    }
    *out = (struct der_extension){ .oid = oid.content, .value = value.content };
    /* DER never writes a DEFAULT value, yet "critical FALSE" is seen in the field and means what it says. */
    return critical.tag == 0 || der_boolean(critical.content, &out->critical);
}
