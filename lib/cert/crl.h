/*
 * One CRL (RFC 5280 5), decoded once: entries indexed by serial number, extensions boiled down to what may be concluded
 * from it. Immutable, shared between threads. Decoding says nothing of trust: crl_signed_by does.
 */
#ifndef CERT_CRL_H
#define CERT_CRL_H

#include <base/watch.h>
#include <cert/cert_impl.h>
#include <cert/trust.h>

struct crl_entry {
    int64_t date;       /* revocationDate                                   */
    uint32_t serial_at; /* where the serial number's content octets stand   */
    uint8_t serial_len;
    int8_t reason; /* CRLReason (RFC 5280 5.3.1), -1 where none is said */
};
enum { CRL_NO_REASON = -1, CRL_HOLD = 6, CRL_REMOVE = 8 };

struct crl {
    uint8_t *der; /* owned copy; everything below is a slice of it */
    size_t der_len;
    sign_bytes tbs, algorithm, signature;
    X509_NAME *issuer;
    uint32_t issuer_hash;
    sign_bytes issuer_der;
    sign_bytes key_id;                /* authorityKeyIdentifier's keyIdentifier */
    int64_t this_update, next_update; /* next_update INT64_MIN where there is none */
    struct crl_entry *entries;        /* by serial, then by date */
    size_t n;
    const char *unusable;    /* static: why nothing may be concluded from it; NULL where it can be used */
    bool delta;              /* what it does not list it says nothing of (RFC 5280 5.2.4) */
    bool user_only, ca_only; /* IssuingDistributionPoint (RFC 5280 5.2.5) */
    bool some_reasons;       /* the same: onlySomeReasons */
    sign_bytes scope;        /* its fullName's GeneralNames; empty: every certificate of the issuer */
    bool weak;               /* signed with an algorithm that no longer proves anything */
    pthread_mutex_t lock;    /* links and next_link */
    struct cert_link links[CERT_LINKS];
    unsigned next_link;
};

/* Does this DER look like a CRL rather than a certificate? Says nothing of whether it is a good one. */
bool crl_looks_like(sign_bytes der);
int crl_decode(struct crl **out, sign_bytes der, sign_err *err); /* FORMAT, LIMIT, NOMEM */
void crl_free(struct crl **crl);
/* The earliest entry of this serial number (INTEGER content octets), or NULL. */
const struct crl_entry *crl_find(const struct crl *crl, sign_bytes serial);
/* cert's key verifies the CRL, and cert's keyUsage lets it sign CRLs. Remembered. Thread-safe. */
bool crl_signed_by(const struct crl *crl, const sign_cert *cert);
/*
 * cert is among those that the CRL speaks of (RFC 5280 6.3.3 (b)(2)), and for all reasons (d): where only for some, one that is
 * not listed may be revoked for another. That its issuer is the CRL's the caller knows.
 */
enum crl_cover { CRL_COVERS_NOT = 0, CRL_COVERS_SOME_REASONS, CRL_COVERS };
enum crl_cover crl_covers(const struct crl *crl, const sign_cert *cert);

/* crl_ext.c: reads crlExtensions into crl; false on malformed DER. What it must not ignore it says in crl->unusable. */
bool crl_read_extensions(struct crl *crl, sign_bytes extensions);
/* The same for one entry's extensions. */
bool crl_read_entry_extensions(struct crl *crl, struct crl_entry *entry, sign_bytes extensions);

#endif
