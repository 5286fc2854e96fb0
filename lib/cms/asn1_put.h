/* Writing DER (X.690 10) into a builder, whose sticky error is the only one. */
#ifndef CMS_ASN1_PUT_H
#define CMS_ASN1_PUT_H

#include <base/build.h>

/* Around whatever is appended between the two. asn1_open's result is asn1_close's mark. */
size_t asn1_open(struct build *out, int tag);
void asn1_close(struct build *out, size_t mark);
void asn1_put(struct build *out, int tag, sign_bytes body);
void asn1_put_small(struct build *out, uint32_t value);                  /* INTEGER */
/* SET OF under this tag: items are whole elements, and are put in DER's order (X.690 11.6); items is sorted. */
void asn1_put_set(struct build *out, int tag, sign_bytes *items, size_t n);
/* DER's order of two encodings: negative, 0, positive. */
int asn1_order(sign_bytes a, sign_bytes b);

#endif
