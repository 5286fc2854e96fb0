/*
 * Path building and RFC 5280 6.1 checks at a given time, with the revocation decision. The outcome is a fact, not a
 * verdict: lib/verify/verdict.c alone turns it into one.
 */
#ifndef CERT_PATH_H
#define CERT_PATH_H

#include <base/watch.h>
#include <cert/trust.h>

/*
 * Several defects on one path: the worst is reported, PATH_INVALID before PATH_WEAK before PATH_CA_EXPIRED before
 * PATH_EXPIRED and PATH_NOT_YET: what no proof of an earlier time could mend comes first (EN 319 102-1 5.2.6.4, 5.6.2).
 * Several paths: the best is reported, in the opposite order, with PATH_NO_CHAIN last; among the good ones a revoked
 * signer first (no detour around a revocation), then GOOD, then a revoked issuer, then UNKNOWN.
 *
 * An anchor's signature and revocation are not checked (RFC 5280 6.1.1 (d)), everything else it says of itself is:
 * validity, CA, path length, usage, name constraints, strength of its key. A signer that is itself an anchor is a path
 * of one, whose revocation is GOOD from source "none".
 */
enum path_status {              /* the zero value is no outcome at all */
    PATH_NONE = 0,
    PATH_OK,
    PATH_NO_CHAIN,              /* no way to an anchor (or no anchor): NO_CERTIFICATE_CHAIN_FOUND        */
    PATH_INVALID,               /* a way, but RFC 5280 6.1 refuses it: CERTIFICATE_CHAIN_GENERAL_FAILURE;
                                   also an issuer of the right name whose key does not verify (chain stops below it) */
    PATH_WEAK,                  /* an algorithm or key size on the way is weak: CRYPTO_CONSTRAINTS_FAILURE */
    PATH_EXPIRED,               /* the signer's certificate is out of its validity at the time            */
    PATH_NOT_YET,
    PATH_CA_EXPIRED             /* an issuer's or the anchor's is, or is not yet valid                    */
};
enum revocation_status {
    REVOCATION_NOT_CHECKED = 0, /* off, or no path                                  */
    REVOCATION_GOOD,
    REVOCATION_UNKNOWN,         /* nothing usable: TRY_LATER                        */
    REVOCATION_REVOKED,         /* before or at the time; reason 6 is certificateHold */
    REVOCATION_CA_REVOKED
};

enum { PATH_CHAIN = 10, PATH_DETAIL = 160 };    /* PATH_CHAIN is LIMIT_CHAIN */

struct path_request {
    const sign_cert *leaf;
    const sign_cert *const *extra;      /* certificates that came with the signature; borrowed */
    size_t n_extra;                     /* more than LIMIT_CERTS: SIGN_E_LIMIT */
    const sign_trust *trust;            /* may be NULL: no anchors                             */
    int64_t at;                         /* the time of control                                 */
    int32_t revocation;                 /* SIGN_REVOCATION_*                                   */
    bool for_signing_documents;         /* the leaf's keyUsage must allow it                   */
};
struct path {                           /* path_drop frees it; the zero value is empty          */
    enum path_status status;
    enum revocation_status revocation;
    size_t n;
    sign_cert *chain[PATH_CHAIN];       /* leaf first, anchor last; the best partial one on failure */
    const sign_cert *culprit;           /* in chain: what status, or else revocation, is about; NULL if none */
    int64_t revoked_at;                 /* where revoked                                         */
    int32_t revoked_reason;             /* CRLReason, -1 if not said                             */
    const char *revocation_source;      /* "crl", "none", later "ocsp", "embedded"               */
    int64_t revocation_time;            /* thisUpdate of what was used for the leaf; 0 if none   */
    const char *clause;                 /* static                                                */
    char detail[PATH_DETAIL];           /* English: which check, which certificate; UTF-8, hostile */
};
/*
 * SIGN_OK whenever a status could be found, good or bad; else NOMEM, LIMIT, CANCELLED, TIMEOUT. A search that has spent
 * LIMIT_PATH_TRIES ends with the best path to an anchor that it found, or as PATH_NO_CHAIN. The outcome depends on the
 * request alone (what certificates and CRLs remember only makes it faster), so it may be cached by (leaf, extra, trust,
 * at, options). Certificates and trust may be shared by threads that build paths at the same time.
 */
int path_build(struct path *out, const struct path_request *request, const struct crypto *crypto, struct watch *watch,
               sign_err *err);
void path_drop(struct path *path);

#endif
