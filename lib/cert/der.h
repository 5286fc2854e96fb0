/* A strict walk over DER (X.690 10): what the fields of a certificate or CRL are, without copying them. */
#ifndef CERT_DER_H
#define CERT_DER_H

#include <base/cursor.h>

enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0A,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_SEQUENCE = 0x30
};
#define DER_CONTEXT(n)     (0x80 | (n)) /* [n], primitive: IMPLICIT over a primitive type    */
#define DER_CONSTRUCTED(n) (0xA0 | (n)) /* [n], constructed: EXPLICIT, or IMPLICIT over SETs */

struct der {
    uint8_t tag; /* the identifier octet; tags above 30 are refused */
    sign_bytes content;
    sign_bytes whole; /* with its header */
};

/* The next element; false, and nothing moved, on indefinite, overlong or cut off lengths, and at the end. */
bool der_next(struct cursor *c, struct der *out);
/* The next element, which must have this tag. */
bool der_expect(struct cursor *c, uint8_t tag, struct der *out);
/* The same where the element may be absent: false only on malformed DER. out->tag is 0 when it is absent. */
bool der_optional(struct cursor *c, uint8_t tag, struct der *out);
/* INTEGER content octets are there and in the fewest octets (X.690 8.3.2). */
bool der_minimal_integer(sign_bytes content);
/* BOOLEAN content octets: 0x00 or 0xFF and nothing else (X.690 11.1). */
bool der_boolean(sign_bytes content, bool *out);
/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 has them. */
bool der_time(struct cursor *c, int64_t *out);

/* One Extension (RFC 5280 4.1): false at the end or on malformed DER. */
struct der_extension {
    sign_bytes oid; /* content octets */
    bool critical;
    sign_bytes value; /* what the OCTET STRING holds */
};
bool der_extension(struct cursor *c, struct der_extension *out);

#endif
