/* The inside of the public sign_trust: anchors, other certificates, CRLs. */
#ifndef CERT_TRUST_H
#define CERT_TRUST_H

#include <cert/cert.h>
#include <libsign/verify.h>

struct crl;                     /* one decoded CRL with an index by serial */

int trust_new(sign_trust **out, struct cert_cache *cache, const struct crypto *crypto, sign_err *err);
bool trust_has_anchors(const sign_trust *trust);
bool trust_is_anchor(const sign_trust *trust, const sign_cert *cert);
/* Certificates with this subject, anchors first; n of them, borrowed. */
size_t trust_find(const sign_trust *trust, sign_bytes subject_der, const sign_cert **out, size_t cap);

#endif
