/*
 * The text of a Signature, in UTF-8 and on one line, with blank digests and value of their final length. Filling them
 * in moves nothing.
 */
#ifndef XML_DRAFT_TEXT_H
#define XML_DRAFT_TEXT_H

#include <xml/place.h>

/* Slots: the references in the order of SignedInfo, of which XAdES adds one; then those of a Manifest. */
struct draft_text {
    struct build text;
    const char *ds;                     /* "ds:" or "" */
    const struct xml_sign_spec *spec;   /* while it is made */
    const struct place *place;
    const struct digest_alg *digest;
    const char *id;                     /* of the Signature; those of its parts are made from it */
    const struct countersigned *countersigned;      /* NULL: nothing is counter-signed */
    size_t digest_at[XML_SIGN_REFS + 2], n_refs;
    size_t value_at;
    size_t content_at;                  /* where what is enveloped goes */
};
/* The containers that are missing at the place, and in them the Signature. ALGO, NOMEM, LIMIT. */
int draft_text_make(struct draft_text *t, const struct crypto *crypto, sign_err *err);
/* Overwrites a blank with base64 of as many bytes as it was made for. */
void draft_text_fill(struct draft_text *t, size_t at, sign_bytes bytes);
/* draft_object.c: what is signed inside of the Signature. */
void draft_put_time(struct draft_text *t);
void draft_put_content(struct draft_text *t);
/* draft_spec.c: an Id that stands in a URI as it is. */
bool draft_is_plain_id(sign_bytes id);
/* ARG, ALGO. */
int draft_check_spec(const struct xml_sign_spec *spec, sign_err *err);
/* Character data and attribute values, escaped; what XML cannot hold becomes U+FFFD. */
void draft_put_text(struct build *out, sign_bytes utf8);
/* Object/QualifyingProperties of EN 319 132-1: xades_build.c. */
int xades_put(struct draft_text *t, const struct crypto *crypto, sign_err *err);

#endif
