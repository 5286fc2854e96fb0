/* A key in a PKCS#12 file: the operation, and its chain. */
#include <sign/key.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/secret.h>
#include <io/source.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <sign/p12.h>
#include <stdlib.h>

/* --- the operation ------------------------------------------------------------------------------------------------ */

static void pkey_ctx_drop(EVP_PKEY_CTX **ctx)
{
    EVP_PKEY_CTX_free(*ctx);
}

static char *unconst(const char *text)
{
    union { const char *in; char *out; } u = { text };      /* OSSL_PARAM has no const; nothing writes there */
    return u.out;
}

static bool set_pss(EVP_PKEY_CTX *ctx, const sign_request *request)
{
    const struct digest_alg *digest = digest_by_id(request->digest_alg), *mgf = digest_by_id(request->mgf_alg);
    int salt_len = (int)request->salt_len;
    if (!digest || !mgf || request->salt_len > INT16_MAX) {
        return false;
    }
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, unconst(OSSL_PKEY_RSA_PAD_MODE_PSS), 0),
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, unconst(digest->openssl), 0),
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, unconst(mgf->openssl), 0),
        OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt_len),
        OSSL_PARAM_construct_end(),
    };
    return EVP_PKEY_CTX_set_params(ctx, params) == 1;
}

static bool set_padding(EVP_PKEY_CTX *ctx, const sign_request *request)
{
    switch (request->scheme) {
    case SIGN_SCHEME_RSA_PKCS1:
        return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1;   /* and no digest: DigestInfo is ours */
    case SIGN_SCHEME_RSA_PSS:
        return set_pss(ctx, request);
    case SIGN_SCHEME_ECDSA:
        return true;
    default:
        return false;
    }
}

static int sign_evp(struct build *out, const struct p12_key *key, const sign_request *request, sign_bytes input,
                    sign_err *err)
{
    CLEANUP(pkey_ctx_drop) EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(key->lib, key->key, NULL);
    if (!ctx) {
        return err_nomem(err);
    }
    if (EVP_PKEY_sign_init(ctx) != 1 || !set_padding(ctx, request)) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "%s: not with the key of the file",
                       scheme_name(request->scheme));
    }
    size_t len = (size_t)EVP_PKEY_get_size(key->key);
    uint8_t *room = build_room(out, len);
    if (!room) {
        return build_check(out, err, "signature value");
    }
    if (EVP_PKEY_sign(ctx, room, &len, input.ptr, input.len) != 1) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "OpenSSL cannot sign with the key of the file");
    }
    build_truncate(out, len);
    return SIGN_OK;
}

static int sign_value_of(struct build *out, const struct p12_key *key, const sign_request *request, sign_err *err)
{
    uint8_t info[DIGEST_INFO_MAX];
    sign_bytes input = request->digest;
    if (request->scheme == SIGN_SCHEME_RSA_PKCS1) {
        input = bytes_of(info, digest_info(info, digest_by_id(request->digest_alg), request->digest));
    }
    if (request->scheme != SIGN_SCHEME_ECDSA) {
        return sign_evp(out, key, request, input, err);
    }
    CLEANUP(build_free) struct build der = { 0 };
    int rc = sign_evp(&der, key, request, input, err);
    return rc != SIGN_OK ? rc : ecdsa_to_raw(out, build_view(&der), ecdsa_width(key->key), err);
}

static int sign_with_file(void *payload, const sign_request *request, sign_buf *out, sign_err *err)
{
    CLEANUP(build_free) struct build value = { 0 };
    ERR_set_mark();
    int rc = sign_value_of(&value, payload, request, err);
    ERR_pop_to_mark();
    if (rc == SIGN_OK && sign_buf_append(out, build_view(&value)) != SIGN_OK) {
        rc = err_nomem(err);
    }
    return rc;
}

static void drop_file_key(void *payload)
{
    struct p12_key *key = payload;
    p12_key_free(&key);
}

static const sign_key_ops file_ops = { sizeof file_ops, sign_with_file, drop_file_key };

/* OpenSSL locks a key for itself. */
static unsigned share_file_key(void *payload, unsigned wanted)
{
    return wanted ? wanted : 1;
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

struct contents {
    STACK_OF(X509) *certs;      /* as in the file   */
    sign_cert **pool;           /* as we know them  */
    size_t n;
};

static void contents_free(struct contents *c)
{
    sk_X509_pop_free(c->certs, X509_free);
    for (size_t i = 0; i < c->n; i++) {
        cert_free(&c->pool[i]);
    }
    free(c->pool);
}

static int add_cert(struct contents *c, sign_ctx *ctx, X509 *x509, sign_err *err)
{
    unsigned char *der = NULL;
    int len = i2d_X509(x509, &der);
    if (len < 0) {
        return err_nomem(err);
    }
    sign_err problem = SIGN_ERR_INIT;
    int rc = cert_get(ctx_certs(ctx), bytes_of(der, (size_t)len), &c->pool[c->n], &problem);
    OPENSSL_free(der);
    if (rc == SIGN_OK) {
        c->n++;
    } else if (rc == SIGN_E_NOMEM) {
        return err_nomem(err);
    } else {
        ctx_log(ctx, SIGN_LOG_WARNING, "a certificate in the key file is passed over: %s", problem.msg);
    }
    return SIGN_OK;
}

static int fill_pool(struct contents *c, sign_ctx *ctx, sign_err *err)
{
    int n = sk_X509_num(c->certs);
    if (n > LIMIT_CERTS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "more than %d certificates in the file", LIMIT_CERTS);
    }
    c->pool = calloc((size_t)n + 1, sizeof *c->pool);
    int rc = c->pool ? SIGN_OK : err_nomem(err);
    for (int i = 0; rc == SIGN_OK && i < n; i++) {
        rc = add_cert(c, ctx, sk_X509_value(c->certs, i), err);
    }
    return rc;
}

/* Whatever localKeyId says, the certificate is the one whose public key is the key's. */
static const sign_cert *own_cert(const struct contents *c, const struct p12_key *key)
{
    for (size_t i = 0; i < c->n; i++) {
        EVP_PKEY *public = cert_key(c->pool[i]);
        if (public && EVP_PKEY_eq(public, key->key) == 1) {
            return c->pool[i];
        }
    }
    return NULL;
}

static int ask_phrase(struct secret *phrase, const char *path, sign_pin_fn ask, void *payload, sign_err *err)
{
    sign_pin_request request = { sizeof request, SIGN_SECRET_PKCS12, NULL, path };
    int rc = secret_new(phrase, LIMIT_PIN + 1, err);        /* stays terminated */
    if (rc != SIGN_OK || !ask) {
        return rc;
    }
    rc = ask(payload, &request, phrase->ptr, LIMIT_PIN, &phrase->len);
    if (rc != SIGN_OK) {
        return err_set(err, rc, SIGN_NO_OFFSET, NULL, "no pass phrase was given: %s", sign_status_name(rc));
    }
    if (phrase->len > LIMIT_PIN) {
        return err_arg(err, "a pass phrase of more than %d bytes", LIMIT_PIN);
    }
    phrase->ptr[phrase->len] = '\0';
    return strlen(phrase->ptr) == phrase->len ? SIGN_OK
        : err_set(err, SIGN_E_PASSWORD, SIGN_NO_OFFSET, NULL, "a pass phrase with a NUL in it");
}

/* The pass phrase is asked for once the file could be read at all. */
static int read_file(struct contents *c, struct p12_key *key, const char *path, sign_pin_fn ask, void *payload,
                     sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(arena_free) struct arena arena = { 0 };
    CLEANUP(secret_free) struct secret phrase = { 0 };
    sign_bytes bytes;
    int rc = source_open(&source, path, NULL, err);
    if (rc == SIGN_OK && source_size(source) > LIMIT_CONFIG_FILE) {
        rc = err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "%s: too large for a key file", path);
    }
    if (rc == SIGN_OK) {
        rc = source_bytes(source, 0, (size_t)source_size(source), &arena, &bytes, err);
    }
    if (rc == SIGN_OK) {
        rc = ask_phrase(&phrase, path, ask, payload, err);
    }
    if (rc == SIGN_OK && !(c->certs = sk_X509_new_null())) {
        rc = err_nomem(err);
    }
    return rc != SIGN_OK ? rc : p12_read(key, c->certs, bytes, path, &phrase, err);
}

static int open_file(sign_key **out, sign_ctx *ctx, const char *path, sign_pin_fn ask, void *payload, sign_err *err)
{
    CLEANUP(p12_key_free) struct p12_key *key = NULL;
    CLEANUP(contents_free) struct contents c = { 0 };
    int rc = p12_key_new(&key, err);
    if (rc == SIGN_OK) {
        rc = read_file(&c, key, path, ask, payload, err);
    }
    if (rc == SIGN_OK) {
        rc = fill_pool(&c, ctx, err);
    }
    const sign_cert *leaf = rc == SIGN_OK ? own_cert(&c, key) : NULL;
    if (rc == SIGN_OK && !leaf) {
        rc = err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL, "%s: no certificate in it belongs to its key", path);
    }
    if (rc == SIGN_OK) {
        rc = key_new(out, ctx, leaf, c.pool, c.n, &file_ops, share_file_key, key, err);
    }
    if (rc == SIGN_OK) {
        key = NULL;
    }
    return rc;
}

int sign_key_from_pkcs12(sign_key **out, sign_ctx *ctx, const char *path, sign_pin_fn ask, void *payload, sign_err *err)
{
    if (!out || !ctx || !path) {
        return err_arg(err, "sign_key_from_pkcs12: out, ctx or path is NULL");
    }
    ERR_set_mark();
    int rc = open_file(out, ctx, path, ask, payload, err);
    ERR_pop_to_mark();
    return rc;
}
