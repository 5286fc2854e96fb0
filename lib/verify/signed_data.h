/* Facts of a CMS SignedData over content that stands elsewhere (PDF now; detached CMS the same way). */
#ifndef VERIFY_SIGNED_DATA_H
#define VERIFY_SIGNED_DATA_H

#include <cms/cms.h>
#include <verify/gather.h>

struct signed_data {
    const struct cms *cms;
    bool sha1_inside;           /* adbe.pkcs7.sha1: the eContent is the SHA-1 of the content (ISO 32000-1 12.8.3.3.1) */
    bool attrs_needed;          /* CAdES: there are signed attributes (EN 319 122-1 5) */
    /* Digests the signed content. ALGO where OpenSSL lacks the algorithm. */
    int (*digest)(void *payload, const struct digest_alg *alg, uint8_t out[DIGEST_MAX], sign_err *err);
    void *payload;
};
/* Sets digest, value, strong, signer, bound, supported and, where something is wrong, structure. Exactly one signer. */
int signed_data_check(struct facts *f, const struct gather *g, const struct signed_data *sd, sign_err *err);

/* adbe.x509.rsa_sha1: no CMS, but an RSA value and certificates, the signer's first. Sets the same facts. bare_value.c */
struct bare_value {
    sign_bytes contents;        /* an OCTET STRING, padded with zeros */
    const sign_bytes *certs;    /* DER */
    size_t n_certs;
    int (*digest)(void *payload, const struct digest_alg *alg, uint8_t out[DIGEST_MAX], sign_err *err);
    void *payload;
};
/* Certificates in a string of /Cert, one as a rule; iText 2 and OpenPDF write a whole chain into it. Returns how many there
 * are in the list now, max at most. */
size_t bare_value_certs(sign_bytes *list, size_t n, size_t max, sign_bytes text);
int bare_value_check(struct facts *f, const struct gather *g, const struct bare_value *bare, sign_err *err);

#endif
