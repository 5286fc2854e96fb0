#include <base/err.h>
#include <sign/job.h>

/* FIPS 186-4 6.4: a digest shorter than the order wastes the curve; one that is longer is cut. 256 bits serve all here. */
static int choose_digest(const struct digest_alg **out, const char *name, sign_err *err)
{
    *out = name ? digest_by_name(name) : digest_by_id(SIGN_DIGEST_SHA256);
    if (!*out) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, "Circular 15/2025/TT-BKHCN",
                       "digest '%.40s' is not in the list: expected SHA-256, SHA-384, SHA-512 or a SHA3", name);
    }
    if ((*out)->weak) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, "Circular 15/2025/TT-BKHCN",
                       "digest %s is broken: nothing is signed with it", (*out)->name);
    }
    return SIGN_OK;
}

int sign_params(struct sig_params *out, const sign_cert *cert, const sign_opts *opts, sign_err *err)
{
    const struct digest_alg *digest = NULL;
    int rc = choose_digest(&digest, opts->digest, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    EVP_PKEY *key = cert_key(cert);
    int32_t scheme = key ? key_scheme(key) : 0;
    if (opts->pss && scheme != SIGN_SCHEME_RSA_PKCS1) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, "RFC 8017 8.1",
                       "RSASSA-PSS was asked for, but the certificate's key is not an RSA key");
    }
    switch (scheme) {
    case SIGN_SCHEME_RSA_PKCS1:
        *out = (struct sig_params){ .scheme = opts->pss ? SIGN_SCHEME_RSA_PSS : scheme, .digest = digest->id };
        break;
    case SIGN_SCHEME_RSA_PSS:
    case SIGN_SCHEME_ECDSA:
        *out = (struct sig_params){ .scheme = scheme, .digest = digest->id };
        break;
    default:
        return err_set(err, SIGN_E_UNSUPPORTED, SIGN_NO_OFFSET, "Circular 15/2025/TT-BKHCN",
                       "the certificate's key is neither RSA nor EC: this version signs with those alone");
    }
    if (out->scheme == SIGN_SCHEME_RSA_PSS) {
        /* RFC 8017 9.1: MGF1 over the same digest and a salt as long as it, which is what every verifier accepts. */
        out->mgf = digest->id;
        out->salt_len = digest->size;
    }
    return SIGN_OK;
}

int sign_value(struct build *out, const struct sign_job *job, sign_bytes tbs, sign_err *err)
{
    const struct digest_alg *alg = digest_by_id(job->params.digest);
    uint8_t digest[DIGEST_MAX];
    int rc = digest_bytes(ctx_crypto(doc_ctx(job->doc)), alg, tbs, digest, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    sign_request request = {
        .struct_size = sizeof request,
        .scheme = job->params.scheme,
        .digest_alg = job->params.digest,
        .mgf_alg = job->params.mgf,
        .salt_len = job->params.salt_len,
        .tbs = tbs,
        .digest = bytes_of(digest, alg->size),
    };
    int64_t paused = ctx_watch_pause(job->watch);
    rc = key_sign(job->key, &request, job->opts.cancel, out, err);
    ctx_watch_resume(job->watch, paused);
    return rc;
}
