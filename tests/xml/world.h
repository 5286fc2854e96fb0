/* Keys with certificates made anew, and signing a document with them, for the tests of drafts. */
#ifndef TESTS_XML_WORLD_H
#define TESTS_XML_WORLD_H

#include <base/build.h>
#include <xml/draft.h>

enum world_key { WORLD_RSA, WORLD_P256, WORLD_P521, WORLD_KEYS };
struct world {
    struct crypto *crypto;
    EVP_PKEY *keys[WORLD_KEYS];
    struct build certs[WORLD_KEYS];     /* DER, self-signed */
};
struct world *world_new(void);
void world_free(struct world *w);

/* Signs as a sign_key would: ECDSA r||s. */
void world_sign_tbs(struct build *out, const struct world *w, enum world_key key, const struct sig_params *params, sign_bytes tbs);
/* SHA-256 with that key; XAdES with prefix "ds", exclusive C14N, the whole document. */
struct xml_sign_spec world_spec(const struct world *w, enum world_key key, bool xades);
/* A status of xml_draft_new or xml_draft_finish; *opened may be NULL. */
int world_sign(struct build *out, const struct world *w, enum world_key key, sign_bytes doc, const struct xml_sign_spec *spec,
               bool *opened, sign_err *err);
/* How many signatures the document holds that verify: every digest, the value by the first certificate. -1: unreadable. */
int world_verify(const struct world *w, sign_bytes doc, size_t *count);

/* Documents that are written in the ways the field has; each has one element with Id="data" in it. */
struct world_doc { const char *name; size_t len; const char *bytes; };
extern const struct world_doc world_docs[];
extern const size_t world_n_docs;

#endif
