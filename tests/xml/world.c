#include "world.h"

#include <assert.h>
#include <base/cleanup.h>
#include <io/source.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdlib.h>

/* --- keys --------------------------------------------------------------------------------------------------------- */

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

static void make_cert(struct build *out, EVP_PKEY *key)
{
    X509 *cert = X509_new();
    X509_NAME *name = X509_get_subject_name(cert);
    must(X509_set_version(cert, X509_VERSION_3) && ASN1_INTEGER_set(X509_get_serialNumber(cert), 4711));
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)"Nguyễn Văn A <thử> & \"ký\"", -1, -1,
                                    0));
    must(X509_set_issuer_name(cert, name) && X509_gmtime_adj(X509_getm_notBefore(cert), -3600) &&
         X509_gmtime_adj(X509_getm_notAfter(cert), 86400) && X509_set_pubkey(cert, key) &&
         X509_sign(cert, key, EVP_sha256()));
    uint8_t *der = NULL;
    int len = i2d_X509(cert, &der);
    must(len > 0);
    build_put(out, der, (size_t)len);
    OPENSSL_free(der);
    X509_free(cert);
}

struct world *world_new(void)
{
    struct world *w = calloc(1, sizeof *w);
    must(w && crypto_new(&w->crypto, NULL) == SIGN_OK);
    w->keys[WORLD_RSA] = EVP_RSA_gen(2048);
    w->keys[WORLD_P256] = EVP_EC_gen("P-256");
    w->keys[WORLD_P521] = EVP_EC_gen("P-521");
    for (size_t i = 0; i < WORLD_KEYS; i++) {
        must(w->keys[i] != NULL);
        make_cert(&w->certs[i], w->keys[i]);
    }
    return w;
}

void world_free(struct world *w)
{
    for (size_t i = 0; i < WORLD_KEYS; i++) {
        EVP_PKEY_free(w->keys[i]);
        build_free(&w->certs[i]);
    }
    crypto_free(&w->crypto);
    free(w);
}

/* --- signing ------------------------------------------------------------------------------------------------------ */

struct xml_sign_spec world_spec(const struct world *w, enum world_key key, bool xades)
{
    static __thread sign_bytes chain[2];
    chain[0] = build_view(&w->certs[key]);
    chain[1] = build_view(&w->certs[WORLD_P521]);
    struct xml_sign_spec spec = {
        .xades = xades,
        .refs = { { .target = XML_TARGET_DOCUMENT, .enveloped = true, .c14n = C14N_EXCLUSIVE } },
        .n_refs = 1,
        .c14n = C14N_EXCLUSIVE,
        .params = { .scheme = key == WORLD_RSA ? SIGN_SCHEME_RSA_PKCS1 : SIGN_SCHEME_ECDSA,
                    .digest = SIGN_DIGEST_SHA256 },
        .value_len = key == WORLD_RSA ? (size_t)EVP_PKEY_get_size(w->keys[key]) : 2 * ecdsa_width(w->keys[key]),
        .whole_chain = true,
        .prefix = "ds",
        .when = 1795312800, /* 2026-11-22T02:00:00Z */
        .zone = 420,
        .chain = chain,
        .n_chain = 1,
    };
    return spec;
}

void world_sign_tbs(struct build *out, const struct world *w, enum world_key which, const struct sig_params *params,
                    sign_bytes tbs)
{
    EVP_PKEY *key = w->keys[which];
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    EVP_PKEY_CTX *ctx = NULL;
    uint8_t value[1024];
    size_t len = sizeof value;
    must(md && EVP_DigestSignInit_ex(md, &ctx, digest_by_id(params->digest)->openssl, NULL, NULL, key, NULL) == 1);
    if (params->scheme == SIGN_SCHEME_RSA_PSS) {
        must(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)params->salt_len) == 1);
    }
    must(EVP_DigestSign(md, value, &len, tbs.ptr, tbs.len) == 1);
    if (params->scheme == SIGN_SCHEME_ECDSA) {
        must(ecdsa_to_raw(out, bytes_of(value, len), ecdsa_width(key), NULL) == SIGN_OK);
    } else {
        build_put(out, value, len);
    }
    EVP_MD_CTX_free(md);
}

static int take_window(void *payload, sign_bytes window, sign_err *err)
{
    build_bytes(payload, window);
    return SIGN_OK;
}

int world_sign(struct build *out, const struct world *w, enum world_key key, sign_bytes doc,
               const struct xml_sign_spec *spec, bool *opened, sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_draft_free) struct xml_draft *draft = NULL;
    CLEANUP(build_free) struct build value = { 0 };
    must(source_over(&source, doc, NULL) == SIGN_OK);
    int rc = xml_draft_new(&draft, source, spec, w->crypto, NULL, NULL, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    world_sign_tbs(&value, w, key, &spec->params, xml_draft_tbs(draft));
    rc = xml_draft_finish(draft, build_view(&value), err);
    if (rc == SIGN_OK) {
        struct source *result = xml_draft_result(draft);
        rc = source_each(result, 0, source_size(result), take_window, out, NULL, err);
    }
    if (opened) {
        *opened = xml_draft_opened_tag(draft);
    }
    return rc;
}

/* --- verifying ---------------------------------------------------------------------------------------------------- */

static bool value_is_good(const struct world *w, const struct xml_doc *doc, size_t i)
{
    const struct xml_sig *sig = xml_sig(doc, i);
    CLEANUP(build_free) struct build info = { 0 };
    uint8_t digest[DIGEST_MAX];
    if (!sig->method_known || sig->n_certs == 0 || xml_signed_info(&info, doc, i, NULL) != SIGN_OK) {
        return false;
    }
    const uint8_t *der = sig->certs[0].ptr;
    X509 *cert = d2i_X509(NULL, &der, (long)sig->certs[0].len);
    const struct digest_alg *alg = digest_by_id(sig->params.digest);
    bool good = false;
    if (cert && digest_bytes(w->crypto, alg, build_view(&info), digest, NULL) == SIGN_OK) {
        struct sig_check check = { sig->params, build_view(&info), bytes_of(digest, alg->size), sig->value, true };
        good = sig_verify(w->crypto, X509_get0_pubkey(cert), &check, &good, NULL) == SIGN_OK && good;
    }
    X509_free(cert);
    return good;
}

int world_verify(const struct world *w, sign_bytes bytes, size_t *count)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    must(source_over(&source, bytes, NULL) == SIGN_OK);
    if (xml_read(&doc, source, w->crypto, NULL, NULL, NULL) != SIGN_OK || xml_digest(doc, NULL, NULL) != SIGN_OK) {
        return -1;
    }
    int good = 0;
    *count = xml_count(doc);
    for (size_t i = 0; i < *count; i++) {
        const struct xml_sig *sig = xml_sig(doc, i);
        bool all = !sig->malformed && !sig->unsupported && sig->n_refs > 0 && value_is_good(w, doc, i);
        for (size_t r = 0; r < sig->n_refs; r++) {
            all = all && sig->refs[r].status == XML_REF_MATCH;
        }
        good += all && (!sig->xades || (sig->signed_props_bound && sig->n_cert_refs && sig->signing_time_signed));
    }
    return good;
}
