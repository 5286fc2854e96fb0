/* The inside of the public sign_trust: anchors, other certificates, CRLs. */
#ifndef CERT_TRUST_H
#define CERT_TRUST_H

#include <cert/cert.h>
#include <libsign/verify.h>

/*
 * cache is borrowed and outlives the store. CRLs are taken from anchor files too (a CRL is worth its signature,
 * wherever it lay); PEM blocks other than certificates and CRLs are passed over. An empty folder is no error.
 */
int trust_new(sign_trust **out, struct cert_cache *cache, const struct crypto *crypto, sign_err *err);
bool trust_has_anchors(const sign_trust *trust);
bool trust_is_anchor(const sign_trust *trust, const sign_cert *cert);
/* Certificates with this subject as RFC 5280 7.1 compares names, anchors first; how many, at most cap; borrowed. */
size_t trust_find(const sign_trust *trust, sign_bytes subject_der, const sign_cert **out, size_t cap);
/* All of them by index, in the order they were added; borrowed, NULL past the end. To look for what has no subject. */
const sign_cert *trust_cert_at(const sign_trust *trust, size_t i);

#endif
