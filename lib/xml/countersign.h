/*
 * Counter-signing (EN 319 132-1 5.2.7): a Signature in the unsigned properties of another one, over its SignatureValue.
 * Here: which Signature that is, and where in it the new one goes.
 */
#ifndef XML_COUNTERSIGN_H
#define XML_COUNTERSIGN_H

#include <base/arena.h>
#include <xml/draft.h>

struct countersigned {
    uint64_t place;                     /* start of the element that receives what is inserted */
    size_t n_missing;                   /* of UnsignedProperties, UnsignedSignatureProperties: how many are to be made */
    uint64_t value;                     /* start of the SignatureValue           */
    sign_bytes value_name, value_id;    /* its name as written; its Id, empty: none */
};
/* NOTFOUND; FORMAT (it is malformed); UNSUPPORTED (no XAdES signature); and what xml_read returns. */
int countersign_find(struct countersigned *out, struct arena *arena, struct source *source, const char *id,
                     const struct crypto *crypto, const struct xml_opts *opts, struct watch *watch, sign_err *err);
/* The elements around the counter-signature that are to be made, opened or closed. */
void countersign_put(struct build *out, size_t n_missing, bool open);

#endif
