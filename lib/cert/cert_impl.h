/* The inside of a certificate, for this room alone. */
#ifndef CERT_CERT_IMPL_H
#define CERT_CERT_IMPL_H

#include <cert/cert.h>
#include <pthread.h>
#include <stdatomic.h>

#define CERT_SHA256 32
#define CERT_LINKS  4 /* issuers whose answer is remembered: one is usual, cross-certification gives two or three */

/* Whether the certificate with this fingerprint signed this one. */
struct cert_link {
    uint8_t issuer[CERT_SHA256];
    bool known, good;
};

/* Why a certificate is refused on every path; both static, NULL where it is not. */
struct cert_flaw {
    const char *clause, *what;
};

struct sign_cert {
    atomic_uint refs;
    X509 *x509;
    EVP_PKEY *key; /* of x509; NULL where it is unreadable or out of bounds (key.c) */
    unsigned key_cost; /* of one verification with it, in tries (path.c)               */
    uint8_t *der;  /* owned copy; the slices below are of it                        */
    size_t der_len;
    sign_bytes serial, issuer, subject, spki;
    sign_bytes key_id;                  /* subjectKeyIdentifier, memory of x509   */
    sign_bytes issuer_key_id;           /* authorityKeyIdentifier's keyIdentifier */
    uint32_t issuer_hash, subject_hash; /* of the canonical names (RFC 5280 7.1): equal names, equal hashes */
    uint8_t sha256[CERT_SHA256];
    bool for_documents;                 /* what cert_for_documents says */
    struct cert_flaw flaw;              /* of its extensions */
    int64_t not_before, not_after;
    char *subject_text, *issuer_text, *common_name, *organization, *serial_hex, *sha256_hex;
    pthread_mutex_t lock; /* links and next_link */
    struct cert_link links[CERT_LINKS];
    unsigned next_link;
};

/* Decodes without a cache: one reference, FORMAT, LIMIT, NOMEM. sha256 is that of der. */
int cert_decode(sign_cert **out, sign_bytes der, const uint8_t sha256[CERT_SHA256], sign_err *err);
/* The key of x509 if it is of a known kind and cheap enough to verify with, else NULL. Borrowed. */
EVP_PKEY *key_of(X509 *x509);
/* What one verification with it costs, 50 us being 1: RSA of 2048 bits or P-256. */
unsigned key_cost(const EVP_PKEY *key);
/* issuer's key verifies cert's signature (RFC 5280 6.1.3 (a)(1)). Remembered. Thread-safe. */
bool cert_signed_by(const sign_cert *cert, const sign_cert *issuer);
/* The names agree as RFC 5280 7.1 compares them. */
bool cert_names_issuer(const sign_cert *cert, const sign_cert *issuer);
bool cert_self_issued(const sign_cert *cert);
/* What is asked of the leaf of each signature, from its extensions. */
bool cert_judge_usage(const sign_cert *cert);
/* extensions.c */
struct cert_flaw extensions_flaw(X509 *x509);
/* Hash of a name's canonical form. */
uint32_t name_hash(const X509_NAME *name);

/* names.c: UTF-8, valid whatever stands in the name; NULL without memory. */
char *name_text(const X509_NAME *name);          /* RFC 4514 */
char *name_part(const X509_NAME *name, int nid); /* the last, most specific value of this type; "" if none */

#endif
