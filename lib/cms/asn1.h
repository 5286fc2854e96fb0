/*
 * A strict reader of ASN.1 (X.690) over a bounded cursor: one element after another, each checked to lie within the one
 * around it. Nothing is decoded that is not asked for, nothing is copied but what has to be put together. DER by
 * default; BER (indefinite lengths, lengths longer than needed, strings in pieces) where the caller gives a place to
 * note that it was met.
 */
#ifndef CMS_ASN1_H
#define CMS_ASN1_H

#include <base/arena.h>
#include <base/build.h>
#include <base/cursor.h>
#include <libsign/error.h>

enum {
    TAG_INTEGER = 0x02, TAG_OCTETS = 0x04, TAG_NULL = 0x05, TAG_OID = 0x06, TAG_UTC_TIME = 0x17, TAG_TIME = 0x18,
    TAG_SEQUENCE = 0x30, TAG_SET = 0x31,
    TAG_CONSTRUCTED = 0x20
};
#define TAG_CONTEXT(n) (0x80 | (n))                     /* [n] IMPLICIT, primitive                    */
#define TAG_INSIDE(n) (0x80 | TAG_CONSTRUCTED | (n))    /* [n] EXPLICIT, or IMPLICIT of a SEQUENCE/SET */

struct asn1 {               /* a place within the content of some element */
    struct cursor at;
    bool *ber;              /* set when something was not DER; NULL: that is refused */
};
struct asn1_item {
    int tag;                /* identifier octet; of a tag number over 30 the first one, which matches no TAG_ */
    sign_bytes whole, body; /* header to end; content octets, without an end-of-contents */
    uint64_t offset;        /* of whole */
    uint64_t body_offset;
};

struct asn1 asn1_over(sign_bytes bytes, uint64_t offset, bool *ber);
/* The content of an item that was read from `in`. */
struct asn1 asn1_inside(const struct asn1 *in, const struct asn1_item *item);
bool asn1_more(const struct asn1 *in);
bool asn1_is(const struct asn1 *in, int tag);           /* the next element has this tag */

/* All below: `what` names the element in messages; FORMAT with the offset of the element, LIMIT for nesting. */
int asn1_next(struct asn1 *in, struct asn1_item *out, const char *what, sign_err *err);
int asn1_take(struct asn1 *in, int tag, struct asn1_item *out, const char *what, sign_err *err);
int asn1_enter(struct asn1 *in, int tag, struct asn1 *inside, const char *what, sign_err *err);
int asn1_end(const struct asn1 *in, const char *what, sign_err *err);        /* nothing may be left */
/* How many elements are left; LIMIT beyond max. Moves nothing. */
int asn1_count(const struct asn1 *in, size_t max, size_t *out, const char *what, sign_err *err);
int asn1_oid(struct asn1 *in, sign_bytes *out, const char *what, sign_err *err);          /* content octets */
int asn1_integer(struct asn1 *in, sign_bytes *out, const char *what, sign_err *err);      /* content octets */
int asn1_small(struct asn1 *in, uint32_t *out, const char *what, sign_err *err);          /* an INTEGER 0..2^31-1 */
/* An OCTET STRING (tag: TAG_OCTETS, or TAG_CONTEXT(n) for an IMPLICIT one); pieces are put together in the arena. */
int asn1_octets(struct asn1 *in, int tag, sign_bytes *out, struct arena *arena, const char *what, sign_err *err);

/* Are all elements of bytes, at every depth, DER as far as headers and OCTET STRINGs go? */
bool asn1_is_der(sign_bytes bytes);
/* Appends the elements of bytes with such headers and OCTET STRINGs (X.690 10.1, 10.2). Order is left as it is. */
int asn1_to_der(struct build *out, sign_bytes bytes, uint64_t offset, sign_err *err);

#endif
