/*
 * A certificate, decoded once. Immutable, reference-counted, shared between threads; usually had from a cache, which
 * knows it by the SHA-256 of its DER. Public accessors are in libsign/cert.h.
 */
#ifndef CERT_CERT_H
#define CERT_CERT_H

#include <base/bytes.h>
#include <crypto/crypto.h>
#include <libsign/cert.h>
#include <openssl/x509.h>

struct sign_cert;               /* fields in cert/cert.c, for this room alone */
struct cert_cache;

int cert_cache_new(struct cert_cache **out, const struct crypto *crypto, sign_err *err);
void cert_cache_free(struct cert_cache **cache);
/* Decodes, or finds decoded, exactly one DER certificate. *out is one reference. FORMAT, LIMIT, NOMEM. Thread-safe. */
int cert_get(struct cert_cache *cache, sign_bytes der, sign_cert **out, sign_err *err);
sign_cert *cert_ref(const sign_cert *cert);
void cert_free(sign_cert **cert);

EVP_PKEY *cert_key(const sign_cert *cert);                       /* borrowed; NULL: unreadable or refused (key.c) */
X509 *cert_x509(const sign_cert *cert);                          /* borrowed */
sign_bytes cert_issuer_der(const sign_cert *cert);               /* Name, as it stands in the certificate */
sign_bytes cert_subject_der(const sign_cert *cert);
sign_bytes cert_serial_der(const sign_cert *cert);               /* INTEGER content octets */
sign_bytes cert_key_id(const sign_cert *cert);                   /* SubjectKeyIdentifier; empty where there is none */
bool cert_is_ca(const sign_cert *cert);                          /* basicConstraints CA (RFC 5280 4.2.1.9) */
bool cert_self_signed(const sign_cert *cert);                    /* verified by its own key */
const uint8_t *cert_sha256(const sign_cert *cert);               /* of the DER, 32 bytes */
bool cert_equal(const sign_cert *a, const sign_cert *b);
/* keyUsage lets it sign documents: digitalSignature or nonRepudiation; a certificate without keyUsage may. */
bool cert_may_sign(const sign_cert *cert);
/* The same, and extKeyUsage (RFC 5280 4.2.1.12), where it has one, names a purpose under which documents are signed. */
bool cert_for_documents(const sign_cert *cert);

#endif
