/*
 * Revocation (RFC 5280 6.3) of each certificate of a path but its anchor. Evidence that is out of date, too new, weakly
 * signed or a delta can accuse but never acquit: what a genuine CRL has once called revoked is not forgotten for want of a
 * newer one.
 */
#include <base/cleanup.h>
#include <base/when.h>
#include <cert/finding.h>
#include <cert/trust_impl.h>
#include <stdio.h>

struct question {
    const sign_cert *cert, *issuer; /* the issuer's own place in the path is checked */
    const sign_trust *trust;
    int64_t at;
};
struct answer {
    enum revocation_status status; /* GOOD, UNKNOWN or REVOKED */
    int64_t revoked_at, time;
    int32_t reason;
    const char *source, *why; /* static; why it is unknown */
};

/* REVOCATION_UNKNOWN with a why where nothing can be concluded from this CRL. */
static struct answer ask_crl(const struct crl *crl, const struct question *q)
{
    struct answer a = { .status = REVOCATION_UNKNOWN, .time = crl->this_update, .source = "crl", .reason = -1 };
    if (crl->unusable != NULL) {
        a.why = crl->unusable;
        return a;
    }
    enum crl_cover cover = crl_covers(crl, q->cert);
    if (cover == CRL_COVERS_NOT) {
        a.why = "the CRL speaks of other certificates of the issuer";
        return a;
    }
    if ((crl->key_id.len > 0 && q->issuer->key_id.len > 0 && !bytes_equal(crl->key_id, q->issuer->key_id)) ||
        !crl_signed_by(crl, q->issuer)) {
        a.why = "the CRL is not signed by the issuer, or the issuer may not sign CRLs";
        return a;
    }
    const struct crl_entry *entry = crl_find(crl, q->cert->serial);
    if (entry != NULL && entry->date <= q->at) {
        if (entry->reason == CRL_REMOVE) {
            a.why = "removeFromCRL in a complete CRL"; /* 5.3.1: in delta CRLs alone */
            return a;
        }
        a.status = REVOCATION_REVOKED;
        a.revoked_at = entry->date;
        a.reason = entry->reason;
        return a;
    }
    if (crl->delta) {
        a.why = "the CRL is a delta CRL (RFC 5280 5.2.4)";
    } else if (crl->weak) {
        a.why = "the CRL is signed with a weak algorithm";
    } else if (crl->this_update > q->at) {
        a.why = "the CRL was issued after the time of control";
    } else if (crl->next_update < q->at) {
        a.why = "the CRL is out of date";
    } else if (cover == CRL_COVERS_SOME_REASONS) {
        a.why = "the CRL covers only some reasons";
    } else {
        a.status = REVOCATION_GOOD;
    }
    return a;
}

static bool permanent(const struct answer *a)
{
    return a->status == REVOCATION_REVOKED && a->reason != CRL_HOLD;
}

/* Which of two answers stands. A hold can be lifted (5.3.1), so between it and GOOD the newer one; else the graver. */
static bool outweighs(const struct answer *a, const struct answer *b)
{
    if (permanent(a) || permanent(b)) {
        return !permanent(b);
    }
    bool says_a = a->status != REVOCATION_UNKNOWN, says_b = b->status != REVOCATION_UNKNOWN;
    if (says_a != says_b) {
        return says_a;
    }
    return a->time > b->time || (a->time == b->time && a->status == REVOCATION_REVOKED);
}

static int ask_crls(const struct question *q, struct answer *best, struct watch *watch, sign_err *err)
{
    const struct trust_crl *e = q->trust != NULL ? trust_crls(q->trust, q->cert->issuer_hash) : NULL;
    for (; e != NULL; e = trust_next_crl(q->trust, e)) {
        if (X509_NAME_cmp(e->crl->issuer, X509_get_issuer_name(q->cert->x509)) != 0) {
            continue;
        }
        int rc = watch_poll(watch, e->crl->der_len, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        struct answer a = ask_crl(e->crl, q);
        if (best->source == NULL || outweighs(&a, best)) {
            *best = a;
        }
    }
    return SIGN_OK;
}

/* The sources of evidence, asked in order until one knows. */
static int revocation_of(const struct question *q, struct answer *out, struct watch *watch, sign_err *err)
{
    static int (*const sources[])(const struct question *, struct answer *, struct watch *, sign_err *) = { ask_crls };
    *out = (struct answer){ .status = REVOCATION_UNKNOWN, .reason = -1, .why = "there is no CRL of its issuer" };
    for (size_t i = 0; i < COUNT(sources) && out->status == REVOCATION_UNKNOWN; i++) {
        int rc = sources[i](q, out, watch, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

static void conclude(struct revocation_finding *out, enum revocation_status status, const sign_cert *cert,
                     const struct answer *a)
{
    out->status = status;
    out->culprit = cert;
    out->clause = "RFC 5280 6.3.3";
    out->revoked_at = a->revoked_at;
    out->reason = a->reason;
    if (status == REVOCATION_UNKNOWN) {
        detail_set(out->detail, a->why, cert);
        return;
    }
    char what[64], when[WHEN_TEXT];
    when_print_utc(when, a->revoked_at);
    snprintf(what, sizeof what, "%s %s", a->reason == CRL_HOLD ? "on hold since" : "revoked on", when);
    detail_set(out->detail, what, cert);
}

int revocation_check(struct revocation_finding *out, const sign_cert *const *chain, size_t n,
                     const struct path_request *request, struct watch *watch, sign_err *err)
{
    *out = (struct revocation_finding){ .source = "none", .reason = -1 };
    if (request->revocation == SIGN_REVOCATION_OFF) {
        return SIGN_OK;
    }
    out->status = REVOCATION_GOOD;
    for (size_t i = n - 1; i-- > 0;) { /* from the anchor down: a revoked issuer's CRL proves nothing */
        struct question q = { chain[i], chain[i + 1], request->trust, request->at };
        struct answer a;
        int rc = revocation_of(&q, &a, watch, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        if (i == 0 && a.status != REVOCATION_UNKNOWN) {
            out->source = a.source;
            out->time = a.time;
        }
        if (a.status == REVOCATION_REVOKED) {
            conclude(out, i == 0 ? REVOCATION_REVOKED : REVOCATION_CA_REVOKED, chain[i], &a);
            return SIGN_OK;
        }
        if (a.status == REVOCATION_UNKNOWN) {
            conclude(out, REVOCATION_UNKNOWN, chain[i], &a);
        }
    }
    return SIGN_OK;
}
