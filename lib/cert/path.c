/*
 * Building paths: depth first from the signer to an anchor, most likely issuers first, without loops, and with every
 * step paid for: what comes with a signature is the signer's to choose, ten thousand look-alike issuers included.
 */
#include <base/err.h>
#include <base/limits.h>
#include <cert/finding.h>
#include <cert/trust_impl.h>
#include <stdio.h>

_Static_assert(PATH_CHAIN == LIMIT_CHAIN, "struct path holds the longest path");

enum key_match { KEY_SAME, KEY_UNSAID, KEY_OTHER, KEY_MATCHES }; /* likeliest first */

struct search {
    const struct path_request *request;
    struct watch *watch;
    const sign_cert *chain[PATH_CHAIN]; /* borrowed */
    bool linked[PATH_CHAIN];            /* some issuer's key verified this one            */
    bool refused[PATH_CHAIN];           /* a likely issuer's did not                      */
    size_t n;
    size_t spent; /* of LIMIT_PATH_TRIES */
    bool done;
    struct path best;
    int rank; /* of best; -1 before the first */
};

/* A keyIdentifier is a hint (RFC 5280 4.2.1.1): it orders candidates and never excludes one. */
static enum key_match key_match(const sign_cert *cert, const sign_cert *issuer)
{
    if (cert->issuer_key_id.len == 0 || issuer->key_id.len == 0) {
        return KEY_UNSAID;
    }
    return bytes_equal(cert->issuer_key_id, issuer->key_id) ? KEY_SAME : KEY_OTHER;
}

/* How good an outcome is, for choosing between paths; see path.h. */
enum { FIRST_COMPLETE = 100 }; /* below it no anchor was reached */

static int path_rank(enum path_status status, enum revocation_status revocation)
{
    static const int by_status[] = {
        [PATH_INVALID] = FIRST_COMPLETE,
        [PATH_WEAK] = 200,
        [PATH_CA_EXPIRED] = 300,
        [PATH_EXPIRED] = 400,
        [PATH_NOT_YET] = 400,
        [PATH_OK] = 500,
    };
    static const int by_revocation[] = {
        [REVOCATION_NOT_CHECKED] = 0, [REVOCATION_UNKNOWN] = 1, [REVOCATION_CA_REVOKED] = 2,
        [REVOCATION_GOOD] = 3,        [REVOCATION_REVOKED] = 4,
    };
    return by_status[status] + by_revocation[revocation];
}

/* Makes the chain at hand the best one if it ranks higher. facts holds everything but the chain. */
static void offer(struct search *s, int rank, const struct path *facts)
{
    if (rank <= s->rank) {
        return;
    }
    path_drop(&s->best);
    s->best = *facts;
    s->rank = rank;
    for (s->best.n = 0; s->best.n < s->n; s->best.n++) {
        s->best.chain[s->best.n] = cert_ref(s->chain[s->best.n]);
    }
}

static void offer_partial(struct search *s, int rank, enum path_status status, const char *clause, const char *what)
{
    const sign_cert *top = s->chain[s->n - 1];
    struct path facts = { .status = status, .culprit = top, .clause = clause, .revoked_reason = -1 };
    facts.revocation_source = "none";
    detail_set(facts.detail, what, top);
    offer(s, rank, &facts);
}

/* The chain at hand ends at an anchor. Checking it costs too: names and extensions may be thousands. */
static int complete(struct search *s, sign_err *err)
{
    enum { COST = 16 };
    s->spent += COST;
    struct finding finding = { 0 };
    struct revocation_finding revocation = { .source = "none", .reason = -1 };
    int rc = watch_poll(s->watch, COST * KIB(16), err);
    if (rc == SIGN_OK) {
        rc = path_check(&finding, s->chain, s->n, s->request, err);
    }
    if (rc == SIGN_OK && finding.status != PATH_INVALID) {
        rc = revocation_check(&revocation, s->chain, s->n, s->request, s->watch, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    bool good = finding.status == PATH_OK;
    struct path facts = {
        .status = finding.status,
        .revocation = revocation.status,
        .culprit = good ? revocation.culprit : finding.culprit,
        .revoked_at = revocation.revoked_at,
        .revoked_reason = revocation.reason,
        .revocation_source = revocation.source,
        .revocation_time = revocation.time,
        .clause = good ? revocation.clause : finding.clause,
    };
    memcpy(facts.detail, good ? revocation.detail : finding.detail, sizeof facts.detail);
    offer(s, path_rank(finding.status, revocation.status), &facts);
    s->done = good && revocation.status != REVOCATION_UNKNOWN && revocation.status != REVOCATION_CA_REVOKED;
    return SIGN_OK;
}

/* Already on the way: the certificate itself, or another for the same name and key (RFC 4158 2.4.2). */
static bool in_chain(const struct search *s, const sign_cert *cert)
{
    for (size_t i = 0; i < s->n; i++) {
        const sign_cert *mine = s->chain[i];
        if (cert_equal(mine, cert) ||
            (bytes_equal(mine->spki, cert->spki) && bytes_equal(mine->subject, cert->subject))) {
            return true;
        }
    }
    return false;
}

/* A try costs one, with a slow key as much more as it takes longer. */
static int pay(struct search *s, const sign_cert *issuer, sign_err *err)
{
    s->spent += issuer->key_cost;
    if (s->spent > LIMIT_PATH_TRIES) {
        s->done = true;
    }
    return watch_poll(s->watch, issuer->key_cost * KIB(16), err);
}

static int extend(struct search *s, sign_err *err);

static int try_issuer(struct search *s, const sign_cert *issuer, sign_err *err)
{
    size_t at = s->n - 1;
    if (in_chain(s, issuer)) {
        return SIGN_OK;
    }
    int rc = pay(s, issuer, err);
    if (rc != SIGN_OK || s->done) {
        return rc;
    }
    if (!cert_signed_by(s->chain[at], issuer)) {
        s->refused[at] = s->refused[at] || key_match(s->chain[at], issuer) != KEY_OTHER;
        return SIGN_OK;
    }
    s->linked[at] = true;
    s->chain[s->n] = issuer;
    s->linked[s->n] = s->refused[s->n] = false;
    s->n++;
    rc = extend(s, err);
    s->n--;
    return rc;
}

/* Tries the candidates of one kind from the store. */
static int try_store(struct search *s, enum key_match match, bool anchors, sign_err *err)
{
    const sign_trust *trust = s->request->trust;
    const sign_cert *top = s->chain[s->n - 1];
    const struct trust_cert *e = trust != NULL ? trust_certs(trust, top->issuer_hash) : NULL;
    for (; e != NULL && !s->done; e = trust_next_cert(trust, e)) {
        if (e->anchor != anchors || key_match(top, e->cert) != match || !cert_names_issuer(top, e->cert)) {
            continue;
        }
        int rc = try_issuer(s, e->cert, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

/* Tries those that came with the signature; an anchor among them has had its turn. */
static int try_extra(struct search *s, enum key_match match, sign_err *err)
{
    const sign_cert *top = s->chain[s->n - 1];
    int rc = watch_poll(s->watch, s->request->n_extra * sizeof top, err);
    for (size_t i = 0; i < s->request->n_extra && !s->done && rc == SIGN_OK; i++) {
        const sign_cert *cert = s->request->extra[i];
        if (cert_names_issuer(top, cert) && key_match(top, cert) == match &&
            !trust_is_anchor(s->request->trust, cert)) {
            rc = try_issuer(s, cert, err);
        }
    }
    return rc;
}

/* Depth is LIMIT_CHAIN at most. */
static int extend(struct search *s, sign_err *err)
{
    if (trust_is_anchor(s->request->trust, s->chain[s->n - 1])) {
        return complete(s, err);
    }
    offer_partial(s, (int)s->n, PATH_NO_CHAIN, "RFC 5280 6.1",
                  trust_has_anchors(s->request->trust) ? "no issuer leads to a trust anchor"
                                                       : "there is no trust anchor");
    if (s->n == PATH_CHAIN) {
        return SIGN_OK;
    }
    int rc = SIGN_OK;
    for (int match = KEY_SAME; match < KEY_MATCHES && rc == SIGN_OK; match++) {
        rc = try_store(s, match, true, err);
        if (rc == SIGN_OK) {
            rc = try_store(s, match, false, err);
        }
        if (rc == SIGN_OK) {
            rc = try_extra(s, match, err);
        }
    }
    if (rc == SIGN_OK && s->refused[s->n - 1] && !s->linked[s->n - 1]) {
        offer_partial(s, 50 + (int)s->n, PATH_INVALID, "RFC 5280 6.1.3 (a)(1)",
                      "the signature is not its issuer's, or the issuer's key is refused");
    }
    return rc;
}

int path_build(struct path *out, const struct path_request *request, const struct crypto *crypto, struct watch *watch,
               sign_err *err)
{
    *out = (struct path){ 0 };
    if (request->leaf == NULL) {
        return err_arg(err, "path_build: no certificate");
    }
    if (request->n_extra > LIMIT_CERTS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "%zu certificates came with the signature; at most %d",
                       request->n_extra, LIMIT_CERTS);
    }
    struct search s = { .request = request, .watch = watch, .chain = { request->leaf }, .n = 1, .rank = -1 };
    int rc = extend(&s, err);
    if (rc != SIGN_OK) {
        path_drop(&s.best);
        return rc;
    }
    if (s.spent > LIMIT_PATH_TRIES && s.rank < FIRST_COMPLETE) {
        s.best.status = PATH_NO_CHAIN; /* what was not tried might have been the right one */
        detail_set(s.best.detail, "gave up after too many possible issuers", s.best.culprit);
    }
    *out = s.best;
    return SIGN_OK;
}

void path_drop(struct path *path)
{
    for (size_t i = 0; i < path->n; i++) {
        cert_free(&path->chain[i]);
    }
    *path = (struct path){ 0 };
}
