/* The signer's certificate: found, held against what the signature says of it, and led to an anchor. */
#include <base/err.h>
#include <base/limits.h>
#include <stdio.h>
#include <verify/gather.h>

int signer_decode(struct facts *f, const struct gather *g, const sign_bytes *der, size_t n, sign_err *err)
{
    if (n > LIMIT_CMS_CERTS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "%zu certificates with one signature, at most %d", n,
                       LIMIT_CMS_CERTS);
    }
    f->sent = arena_array(g->arena, n, sizeof *f->sent);
    if (n > 0 && !f->sent) {
        return err_nomem(err);
    }
    for (size_t i = 0; i < n; i++) {
        sign_err why = SIGN_ERR_INIT;
        int rc = cert_get(g->certs, der[i], &f->sent[f->n_sent], &why);
        if (rc == SIGN_OK) {
            f->n_sent++;
        } else if (rc == SIGN_E_NOMEM) {
            return err_nomem(err);
        } else {
            deny(f, g, &f->consistent, MSG_CERT_UNREADABLE, why.clause, why.msg);
        }
    }
    return SIGN_OK;
}

const sign_cert *signer_find(const struct facts *f, const struct gather *g, signer_fits_fn fits, const void *payload)
{
    for (size_t i = 0; i < f->n_sent; i++) {
        if (fits(payload, f->sent[i])) {
            return f->sent[i];
        }
    }
    const sign_cert *cert;
    for (size_t i = 0; (cert = trust_cert_at(g->trust, i)) != NULL; i++) {
        if (fits(payload, cert)) {
            return cert;
        }
    }
    return NULL;
}

void signer_set(struct facts *f, const sign_cert *cert)
{
    cert_free(&f->cert);
    if (!cert) {
        f->signer = FACT_FALSE;
        facts_note(f, MSG_NO_SIGNING_CERTIFICATE, NULL, NULL, NULL);
        return;
    }
    f->cert = cert_ref(cert);
    fact_true(&f->signer);
}

bool signer_is_sent(const struct facts *f)
{
    for (size_t i = 0; f->cert && i < f->n_sent; i++) {
        if (cert_equal(f->sent[i], f->cert)) {
            return true;
        }
    }
    return false;
}

/* INTEGERs are minimal in DER, so equal serials are equal bytes. */
static bool is_named(const struct cert_ref *ref, const sign_cert *cert, const uint8_t *digest)
{
    return bytes_equal(ref->digest, bytes_of(digest, ref->alg->size)) &&
           (ref->serial.len == 0 || bytes_equal(ref->serial, cert_serial_der(cert)));
}

int signer_check_ref(struct facts *f, const struct gather *g, const struct cert_ref *ref, sign_err *err)
{
    if (!f->cert) {
        return SIGN_OK;
    }
    if (!ref->alg) {
        deny(f, g, &f->supported, MSG_UNSUPPORTED, "EN 319 102-1 5.2.3",
             "the digest of the signing-certificate reference");
        return SIGN_OK;
    }
    uint8_t computed[DIGEST_MAX];
    const uint8_t *digest = computed;
    sign_err why = SIGN_ERR_INIT;
    int rc = SIGN_OK;
    if (ref->alg->id == SIGN_DIGEST_SHA256) {
        digest = cert_sha256(f->cert);
    } else {
        rc = digest_bytes(g->crypto, ref->alg, sign_cert_der(f->cert), computed, &why);
    }
    if (rc == SIGN_E_ALGO) {
        deny(f, g, &f->supported, MSG_UNSUPPORTED, "EN 319 102-1 5.2.3", ref->alg->name);
        return SIGN_OK;
    }
    if (rc != SIGN_OK) {
        return err_set(err, rc, SIGN_NO_OFFSET, NULL, "%s", why.msg);
    }
    if (is_named(ref, f->cert, digest)) {
        fact_true(&f->bound);
    } else {
        deny(f, g, &f->bound, MSG_CERT_REF_MISMATCH, NULL, NULL);
    }
    return SIGN_OK;
}

/*
 * Certificates in a signature are not signed. A copy that differs from a certificate of the path but carries its
 * signature value was damaged or tampered with on the way: nothing honest looks like that.
 */
static bool is_damaged_copy(const sign_cert *cert, const sign_cert *original)
{
    if (cert_equal(cert, original)) {
        return false;
    }
    const ASN1_BIT_STRING *a = NULL, *b = NULL;
    X509_get0_signature(&a, NULL, cert_x509(cert));
    X509_get0_signature(&b, NULL, cert_x509(original));
    if (a && b && ASN1_STRING_cmp(a, b) == 0) {
        return true;
    }
    return bytes_equal(cert_serial_der(cert), cert_serial_der(original)) &&
           bytes_equal(cert_issuer_der(cert), cert_issuer_der(original)) &&
           bytes_equal(cert_subject_der(cert), cert_subject_der(original));
}

static void check_copies(struct facts *f, const struct gather *g)
{
    for (size_t i = 0; i < f->n_sent; i++) {
        for (size_t k = 0; k < f->path.n; k++) {
            if (is_damaged_copy(f->sent[i], f->path.chain[k])) {
                deny(f, g, &f->consistent, MSG_CERT_CORRUPTED, NULL, sign_cert_subject(f->path.chain[k]));
            }
        }
    }
}

static const char *reason_name(int32_t reason)
{
    static const char *const names[] = {    /* RFC 5280 5.3.1 */
        "unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation",
        "certificateHold", "reason 7", "removeFromCRL", "privilegeWithdrawn", "aACompromise",
    };
    return reason >= 0 && (size_t)reason < sizeof names / sizeof names[0] ? names[reason] : "unspecified";
}

static void note_status(struct facts *f, const struct gather *g)
{
    const struct path *path = &f->path;
    const char *detail = at_offset(g, path->detail, SIGN_NO_OFFSET);
    switch (path->status) {
    case PATH_NO_CHAIN:
        if (trust_has_anchors(g->trust)) {
            facts_note(f, MSG_NO_CHAIN, detail, NULL, path->clause);
        } else {
            facts_note(f, MSG_NO_ANCHOR, NULL, NULL, NULL);
        }
        break;
    case PATH_INVALID:
        facts_note(f, MSG_CHAIN_INVALID, detail, NULL, path->clause);
        break;
    case PATH_WEAK:
        facts_note(f, MSG_CHAIN_WEAK, detail, NULL, path->clause);
        break;
    case PATH_EXPIRED:
        facts_note(f, MSG_CERT_EXPIRED, time_text(g, sign_cert_not_after(f->cert)), NULL, path->clause);
        break;
    case PATH_NOT_YET:
        facts_note(f, MSG_CERT_NOT_YET_VALID, time_text(g, sign_cert_not_before(f->cert)), NULL, path->clause);
        break;
    case PATH_CA_EXPIRED:
        facts_note(f, MSG_CA_CERT_EXPIRED, detail, NULL, path->clause);
        break;
    case PATH_NONE:
    case PATH_OK:
        break;
    }
}

static void note_revocation(struct facts *f, const struct gather *g)
{
    const struct path *path = &f->path;
    const char *detail = at_offset(g, path->detail, SIGN_NO_OFFSET);
    switch (path->revocation) {
    case REVOCATION_REVOKED:
        facts_note(f, MSG_CERT_REVOKED, time_text(g, path->revoked_at), reason_name(path->revoked_reason),
                   path->clause);
        break;
    case REVOCATION_CA_REVOKED:
        facts_note(f, MSG_CA_CERT_REVOKED, detail, NULL, path->clause);
        break;
    case REVOCATION_UNKNOWN:
        facts_note(f, MSG_REVOCATION_UNCHECKED, path->status == PATH_OK ? detail : NULL, NULL, NULL);
        break;
    case REVOCATION_NOT_CHECKED:
    case REVOCATION_GOOD:
        break;
    }
}

static int build_path(struct facts *f, const struct gather *g, sign_err *err)
{
    struct path_request request = {
        .leaf = f->cert,
        .extra = (const sign_cert *const *)f->sent,
        .n_extra = f->n_sent,
        .trust = g->trust,
        .at = g->at,
        .revocation = g->revocation,
        .for_signing_documents = false,     /* asked below, for a sub-indication of its own */
    };
    return path_build(&f->path, &request, g->crypto, g->watch, err);
}

int signer_check_path(struct facts *f, const struct gather *g, sign_err *err)
{
    f->at = g->at;
    f->revocation_mode = g->revocation;
    if (!f->cert) {
        return SIGN_OK;
    }
    int rc = build_path(f, g, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    note_status(f, g);
    note_revocation(f, g);
    if (cert_for_documents(f->cert)) {
        fact_true(&f->key_usage);
    } else {
        deny(f, g, &f->key_usage, MSG_KEY_USAGE, NULL, NULL);
    }
    check_copies(f, g);
    fact_true(&f->consistent);
    bool outside = f->has_claimed && (f->claimed.seconds < sign_cert_not_before(f->cert) ||
                                      f->claimed.seconds > sign_cert_not_after(f->cert));
    if (outside) {
        facts_note(f, MSG_TIME_OUTSIDE_VALIDITY, NULL, NULL, NULL);
    }
    return SIGN_OK;
}
