/* The inside of sign_trust, for this room alone. */
#ifndef CERT_TRUST_IMPL_H
#define CERT_TRUST_IMPL_H

#include <cert/crl.h>
#include <cert/trust.h>

enum { TRUST_HEADS = 4096 };    /* chains by hash of a name: short up to some ten thousand certificates */

struct trust_cert {
    sign_cert *cert;
    bool anchor;
    uint32_t next;              /* index + 1 of the next one of this chain; 0 ends it */
};
struct trust_crl {
    struct crl *crl;
    uint32_t next;
};

struct sign_trust {
    struct cert_cache *cache;   /* borrowed */
    struct trust_cert *certs;
    struct trust_crl *crls;
    size_t n_certs, cap_certs, n_crls, cap_crls, n_anchors;
    uint32_t by_subject[TRUST_HEADS], by_issuer[TRUST_HEADS];
};

/* The chain of certificates whose subject has this hash: for (e = trust_certs(t, h); e; e = trust_next_cert(t, e)). */
const struct trust_cert *trust_certs(const sign_trust *trust, uint32_t subject_hash);
const struct trust_cert *trust_next_cert(const sign_trust *trust, const struct trust_cert *entry);
/* The same for CRLs, by issuer. */
const struct trust_crl *trust_crls(const sign_trust *trust, uint32_t issuer_hash);
const struct trust_crl *trust_next_crl(const sign_trust *trust, const struct trust_crl *entry);

/* Take over one reference, or the CRL, whatever the outcome. What is there already is not added twice. LIMIT, NOMEM. */
int trust_add_cert(sign_trust *trust, sign_cert *cert, bool anchor, sign_err *err);
int trust_add_crl(sign_trust *trust, struct crl *crl, sign_err *err);

#endif
