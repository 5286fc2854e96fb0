/* The reader. Depth is counted, never trusted: see LIMIT_ASN1_DEPTH. */
#include <cms/asn1.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <cms/asn1_put.h>

struct header {
    int tag;
    size_t len;             /* of the content; 0 when indefinite */
    bool indefinite, der;
};

static bool read_tag(struct cursor *c, int *tag)
{
    *tag = cursor_next(c);
    if (*tag < 0) return false;
    if ((*tag & 0x1f) != 0x1f) return true;
    for (int octets = 0; octets < 4; octets++) {        /* X.690 8.1.2.4; nothing in CMS has such a tag */
        int next = cursor_next(c);
        if (next < 0) return false;
        if (!(next & 0x80)) return true;
    }
    return false;
}

/* X.690 8.1.3. Moves past the header when it is one and its content fits; else where the cursor stands says nothing. */
static bool read_header(struct cursor *c, struct header *out)
{
    *out = (struct header){ .der = true };
    if (!read_tag(c, &out->tag)) return false;
    int first = cursor_next(c);
    if (first < 0) return false;
    uint64_t len = (uint64_t)first;
    if (first == 0x80) {
        if (!(out->tag & TAG_CONSTRUCTED)) return false;
        out->indefinite = true;
        out->der = false;
        return true;
    }
    if (first > 0x80) {
        unsigned width = (unsigned)first & 0x7f;
        if (width > 8 || !cursor_be(c, width, &len)) return false;
        out->der = len >= 0x80 && (len >> (8 * (width - 1))) != 0;
    }
    if (len > cursor_left(c)) return false;
    out->len = (size_t)len;
    return true;
}

static bool at_end_of_contents(const struct cursor *c)
{
    return cursor_peek(c, 0) == 0 && cursor_peek(c, 1) == 0;
}

/* Moves past the content of an indefinite-length element and its end-of-contents; *len is the content's. One pass. */
static int skip_indefinite(struct cursor *c, size_t *len, const char *what, sign_err *err)
{
    size_t start = c->pos, depth = 1;
    for (;;) {
        uint64_t offset = cursor_offset(c);
        if (at_end_of_contents(c)) {
            *len = c->pos - start;
            cursor_skip(c, 2);
            if (--depth == 0) return SIGN_OK;
            continue;
        }
        struct header header;
        if (!read_header(c, &header)) {
            return err_set(err, SIGN_E_FORMAT, offset, "X.690 8.1.3.6",
                           "%s: expected an element or the end of an indefinite length", what);
        }
        if (header.indefinite && ++depth > LIMIT_ASN1_DEPTH) {
            return err_set(err, SIGN_E_LIMIT, offset, NULL, "%s: more than %d indefinite lengths in each other", what,
                           LIMIT_ASN1_DEPTH);
        }
        cursor_skip(c, header.len);
    }
}

struct asn1 asn1_over(sign_bytes bytes, uint64_t offset, bool *ber)
{
    return (struct asn1){ cursor_over(bytes, offset), ber };
}

struct asn1 asn1_inside(const struct asn1 *in, const struct asn1_item *item)
{
    return asn1_over(item->body, item->body_offset, in->ber);
}

bool asn1_more(const struct asn1 *in)
{
    return !cursor_end(&in->at);
}

bool asn1_is(const struct asn1 *in, int tag)
{
    return cursor_peek(&in->at, 0) == tag;
}

int asn1_next(struct asn1 *in, struct asn1_item *out, const char *what, sign_err *err)
{
    struct cursor c = in->at;
    struct header header;
    size_t start = c.pos;
    *out = (struct asn1_item){ .offset = cursor_offset(&c) };
    if (!read_header(&c, &header)) {
        return err_set(err, SIGN_E_FORMAT, out->offset, "X.690 8.1",
                       "%s: expected an element that ends within the %zu bytes "
                       "left",
                       what, cursor_left(&in->at));
    }
    if (!header.der) {
        if (!in->ber) return err_set(err, SIGN_E_FORMAT, out->offset, "X.690 10.1", "%s: expected a DER length", what);
        *in->ber = true;
    }
    size_t body = c.pos, len = header.len;
    out->body_offset = cursor_offset(&c);
    if (header.indefinite) {
        int rc = skip_indefinite(&c, &len, what, err);
        if (rc != SIGN_OK) return rc;
    } else {
        cursor_skip(&c, len);
    }
    out->tag = header.tag;
    out->body = bytes_of(c.ptr + body, len);
    out->whole = bytes_of(c.ptr + start, c.pos - start);
    in->at = c;
    return SIGN_OK;
}

int asn1_take(struct asn1 *in, int tag, struct asn1_item *out, const char *what, sign_err *err)
{
    int found = cursor_peek(&in->at, 0);
    if (found == tag) return asn1_next(in, out, what, err);
    if (found < 0) {
        return err_set(err, SIGN_E_FORMAT, cursor_offset(&in->at), "RFC 5652 12.1",
                       "%s: expected tag 0x%02x, found the end", what, (unsigned)tag);
    }
    return err_set(err, SIGN_E_FORMAT, cursor_offset(&in->at), "RFC 5652 12.1", "%s: expected tag 0x%02x, found 0x%02x",
                   what, (unsigned)tag, (unsigned)found);
}

int asn1_enter(struct asn1 *in, int tag, struct asn1 *inside, const char *what, sign_err *err)
{
    struct asn1_item item;
    int rc = asn1_take(in, tag, &item, what, err);
    if (rc == SIGN_OK) *inside = asn1_inside(in, &item);
    return rc;
}

int asn1_end(const struct asn1 *in, const char *what, sign_err *err)
{
    if (!asn1_more(in)) return SIGN_OK;
    return err_set(err, SIGN_E_FORMAT, cursor_offset(&in->at), "RFC 5652 12.1",
                   "%s: expected its end, found tag 0x%02x", what, (unsigned)cursor_peek(&in->at, 0));
}

int asn1_count(const struct asn1 *in, size_t max, size_t *out, const char *what, sign_err *err)
{
    struct asn1 ahead = *in;
    for (*out = 0; asn1_more(&ahead); ++*out) {
        struct asn1_item item;
        uint64_t offset = cursor_offset(&ahead.at);
        if (*out == max) return err_set(err, SIGN_E_LIMIT, offset, NULL, "%s: more than %zu", what, max);
        int rc = asn1_next(&ahead, &item, what, err);
        if (rc != SIGN_OK) return rc;
    }
    return SIGN_OK;
}

/* Content octets of a primitive that may not be empty (X.690 8.3.1, 8.19.2). */
static int take_filled(struct asn1 *in, int tag, sign_bytes *out, const char *what, sign_err *err)
{
    struct asn1_item item;
    int rc = asn1_take(in, tag, &item, what, err);
    if (rc != SIGN_OK) return rc;
    if (item.body.len == 0)
        return err_set(err, SIGN_E_FORMAT, item.offset, "X.690 8", "%s: expected content, found none", what);
    *out = item.body;
    return SIGN_OK;
}

int asn1_oid(struct asn1 *in, sign_bytes *out, const char *what, sign_err *err)
{
    return take_filled(in, TAG_OID, out, what, err);
}

int asn1_integer(struct asn1 *in, sign_bytes *out, const char *what, sign_err *err)
{
    return take_filled(in, TAG_INTEGER, out, what, err);
}

int asn1_small(struct asn1 *in, uint32_t *out, const char *what, sign_err *err)
{
    uint64_t offset = cursor_offset(&in->at), value = 0;
    sign_bytes body = { 0 };
    int rc = asn1_integer(in, &body, what, err);
    if (rc != SIGN_OK) return rc;
    struct cursor c = cursor_over(body, 0);
    if (body.len > 4 || !cursor_be(&c, (unsigned)body.len, &value) || body.ptr[0] >= 0x80) {
        return err_set(err, SIGN_E_FORMAT, offset, "X.690 8.3", "%s: expected a number from 0 to 2^31-1", what);
    }
    *out = (uint32_t)value;
    return SIGN_OK;
}

/* X.690 8.7.3: the pieces are OCTET STRINGs, and may be in pieces themselves. */
static int put_pieces(struct build *out, struct asn1 in, unsigned depth, const char *what, sign_err *err)
{
    while (asn1_more(&in)) {
        struct asn1_item piece;
        int rc = asn1_next(&in, &piece, what, err);
        if (rc != SIGN_OK) return rc;
        if (piece.tag == TAG_OCTETS) {
            build_bytes(out, piece.body);
        } else if (piece.tag != (TAG_OCTETS | TAG_CONSTRUCTED)) {
            return err_set(err, SIGN_E_FORMAT, piece.offset, "X.690 8.7.3", "%s: expected a piece of an OCTET STRING",
                           what);
        } else if (depth > LIMIT_ASN1_PIECES) {
            return err_set(err, SIGN_E_LIMIT, piece.offset, NULL, "%s: pieces within more than %d pieces", what,
                           LIMIT_ASN1_PIECES);
        } else if ((rc = put_pieces(out, asn1_inside(&in, &piece), depth + 1, what, err)) != SIGN_OK) {
            return rc;
        }
    }
    return build_check(out, err, what);
}

int asn1_octets(struct asn1 *in, int tag, sign_bytes *out, struct arena *arena, const char *what, sign_err *err)
{
    struct asn1_item item;
    bool in_pieces = in->ber && asn1_is(in, tag | TAG_CONSTRUCTED);
    int rc = asn1_take(in, in_pieces ? tag | TAG_CONSTRUCTED : tag, &item, what, err);
    if (rc != SIGN_OK) return rc;
    *out = item.body;
    if (!in_pieces) return SIGN_OK;
    *in->ber = true;
    CLEANUP(build_free) struct build whole = { 0 };
    rc = put_pieces(&whole, asn1_inside(in, &item), 2, what, err);
    if (rc != SIGN_OK) return rc;
    *out = arena_bytes(arena, build_view(&whole));
    return out->ptr || whole.len == 0 ? SIGN_OK : err_nomem(err);
}

static bool all_der(struct cursor c, unsigned depth)
{
    while (!cursor_end(&c)) {
        struct header header;
        sign_bytes body;
        if (!read_header(&c, &header) || !header.der || !cursor_take(&c, header.len, &body)) return false;
        if (header.tag == (TAG_OCTETS | TAG_CONSTRUCTED)) return false;
        if (!(header.tag & TAG_CONSTRUCTED)) continue;
        if (depth > LIMIT_ASN1_DEPTH || !all_der(cursor_over(body, 0), depth + 1)) return false;
    }
    return true;
}

bool asn1_is_der(sign_bytes bytes)
{
    return all_der(cursor_over(bytes, 0), 1);
}

static int put_der(struct build *out, struct asn1 in, unsigned depth, sign_err *err)
{
    while (asn1_more(&in)) {
        struct asn1_item item;
        int rc = asn1_next(&in, &item, "re-encoding in DER", err);
        if (rc != SIGN_OK) return rc;
        if ((item.tag & 0x1f) == 0x1f) {
            return err_set(err, SIGN_E_FORMAT, item.offset, NULL, "re-encoding in DER: a tag number over 30");
        }
        bool pieces = item.tag == (TAG_OCTETS | TAG_CONSTRUCTED);
        size_t mark = asn1_open(out, pieces ? TAG_OCTETS : item.tag);
        if (depth > LIMIT_ASN1_DEPTH) {
            rc = err_set(err, SIGN_E_LIMIT, item.offset, NULL, "re-encoding in DER: nested deeper than %d",
                         LIMIT_ASN1_DEPTH);
        } else if (pieces) {
            rc = put_pieces(out, asn1_inside(&in, &item), 2, "re-encoding in DER", err);
        } else if (item.tag & TAG_CONSTRUCTED) {
            rc = put_der(out, asn1_inside(&in, &item), depth + 1, err);
        } else {
            build_bytes(out, item.body);
        }
        if (rc != SIGN_OK) return rc;
        asn1_close(out, mark);
    }
    return build_check(out, err, "re-encoding in DER");
}

int asn1_to_der(struct build *out, sign_bytes bytes, uint64_t offset, sign_err *err)
{
    bool ber = false;
    return put_der(out, asn1_over(bytes, offset, &ber), 1, err);
}
