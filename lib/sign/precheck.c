/*
 * The check before signing. Circular 15/2025/TT-BKHCN asks the signing software to check the certificate first: a
 * signature that every receiver will return is not worth a PIN.
 */
#include <base/err.h>
#include <base/limits.h>
#include <base/when.h>
#include <sign/job.h>
#include <stdio.h>

static int refuse(const struct sign_job *job, const char *clause, const char *what, sign_err *err)
{
    if (job->opts.unchecked) {
        ctx_log(doc_ctx(job->doc), SIGN_LOG_WARNING, "signing although the check before it failed: %s", what);
        return SIGN_OK;
    }
    return err_set(err, SIGN_E_CERT, SIGN_NO_OFFSET, clause, "%s", what);
}

static int check_leaf(const struct sign_job *job, int64_t now, sign_err *err)
{
    const sign_cert *cert = sign_key_cert(job->key);
    char what[200], when[WHEN_TEXT];
    if (now < sign_cert_not_before(cert)) {
        when_print_utc(when, sign_cert_not_before(cert));
        snprintf(what, sizeof what, "the certificate is valid only from %s on", when);
        return refuse(job, "RFC 5280 4.1.2.5", what, err);
    }
    if (now > sign_cert_not_after(cert)) {
        when_print_utc(when, sign_cert_not_after(cert));
        snprintf(what, sizeof what, "the certificate expired on %s", when);
        return refuse(job, "RFC 5280 4.1.2.5", what, err);
    }
    if (!cert_may_sign(cert)) {
        return refuse(job, "RFC 5280 4.2.1.3",
                      "the certificate's keyUsage has neither digitalSignature nor nonRepudiation", err);
    }
    if (!cert_for_documents(cert)) {
        return refuse(job, "RFC 5280 4.2.1.12", "the certificate's extKeyUsage is for another purpose than documents", err);
    }
    return SIGN_OK;
}

static int check_path(struct sign_job *job, int64_t now, sign_err *err)
{
    size_t n = 0;
    const sign_cert *const *chain = key_chain(job->key, &n);
    struct path_request request = {
        .leaf = chain[0], .extra = chain, .n_extra = n, .trust = job->opts.trust, .at = now,
        .revocation = SIGN_REVOCATION_TRY, .for_signing_documents = true,
    };
    int rc = path_build(&job->path, &request, ctx_crypto(doc_ctx(job->doc)), &job->watch->watch, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    char what[200];
    if (job->path.status != PATH_OK) {
        snprintf(what, sizeof what, "no valid path to a trusted authority: %s", job->path.detail);
        return refuse(job, job->path.clause ? job->path.clause : "RFC 5280 6.1", what, err);
    }
    if (job->path.revocation == REVOCATION_REVOKED || job->path.revocation == REVOCATION_CA_REVOKED) {
        char when[WHEN_TEXT];
        when_print_utc(when, job->path.revoked_at);
        snprintf(what, sizeof what, "the certificate%s is revoked since %s",
                 job->path.revocation == REVOCATION_CA_REVOKED ? " of an issuer" : "", when);
        return refuse(job, "RFC 5280 6.3", what, err);
    }
    return SIGN_OK;
}

/*
 * What is embedded: the way up to the anchor, without it (docs/adr/0007). The path that was found, for a token often holds the
 * leaf alone; else the key's own chain.
 */
static void choose_chain(struct sign_job *job)
{
    size_t n = 0;
    const sign_cert *const *chain = key_chain(job->key, &n);
    if (job->path.status == PATH_OK) {
        chain = (const sign_cert *const *)job->path.chain;
        n = job->path.n > 1 ? job->path.n - 1 : 1;
    }
    for (size_t i = 0; i < n && job->n_chain < LIMIT_CHAIN; i++) {
        if (i == 0 || !cert_self_signed(chain[i])) {
            job->chain[job->n_chain++] = chain[i];
        }
    }
}

int sign_precheck(struct sign_job *job, sign_err *err)
{
    int64_t now = ctx_now(doc_ctx(job->doc));
    int rc = check_leaf(job, now, err);
    if (rc == SIGN_OK && job->opts.trust && trust_has_anchors(job->opts.trust)) {
        rc = check_path(job, now, err);
    }
    if (rc == SIGN_OK) {
        choose_chain(job);
    }
    return rc;
}
