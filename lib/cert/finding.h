/* What the parts of path building tell each other, for this room alone. */
#ifndef CERT_FINDING_H
#define CERT_FINDING_H

#include <cert/cert_impl.h>
#include <cert/path.h>

struct finding { /* one outcome of RFC 5280 6.1, as in struct path */
    enum path_status status;
    const sign_cert *culprit;
    const char *clause;
    char detail[PATH_DETAIL];
};
struct revocation_finding {
    enum revocation_status status;
    const sign_cert *culprit;
    const char *clause;
    const char *source;
    int64_t time, revoked_at;
    int32_t reason;
    char detail[PATH_DETAIL];
};

/* "WHAT: NAME", NAME being the certificate's common name or subject, cut at a UTF-8 boundary. */
void detail_set(char out[PATH_DETAIL], const char *what, const sign_cert *about);

/* chain[0] is the leaf, chain[n-1] the anchor, every link's signature is good. The worst defect, or PATH_OK. NOMEM. */
int path_check(struct finding *out, const sign_cert *const *chain, size_t n, const struct path_request *request,
               sign_err *err);
/* Of the whole chain, anchor excepted. CANCELLED, TIMEOUT. */
int revocation_check(struct revocation_finding *out, const sign_cert *const *chain, size_t n,
                     const struct path_request *request, struct watch *watch, sign_err *err);

#endif
