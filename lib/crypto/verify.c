/* Signature values. */
#include <crypto/impl.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

#define BITS_MIN 512        /* RSA and DSA: what OpenSSL still reads; that it is far too weak is the policy's business */

static void pkey_ctx_drop(EVP_PKEY_CTX **ctx)
{
    EVP_PKEY_CTX_free(*ctx);
}

static void md_ctx_drop(EVP_MD_CTX **ctx)
{
    EVP_MD_CTX_free(*ctx);
}

static int refuse(sign_err *err, const char *what)
{
    return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "checking a signature value: %s", what);
}

/* EVP says 0 for "wrong" as well as for "no memory": the error queue since the mark tells them apart. */
static int answer(int evp, bool *good, sign_err *err)
{
    *good = evp == 1;
    if (evp == 1) return SIGN_OK;
    unsigned long last = ERR_peek_last_error();
    if (last != 0 && ERR_GET_REASON(last) == ERR_R_MALLOC_FAILURE) return err_nomem(err);
    if (evp == -2) return refuse(err, "OpenSSL cannot verify with this key");
    return SIGN_OK;
}

/* params NULL: as the key verifies by default, on a context that is kept from one signature to the next. */
static int verify_digest(const struct crypto *crypto, EVP_PKEY *key, const OSSL_PARAM *params, sign_bytes signature,
                         sign_bytes digest, bool *good, sign_err *err)
{
    CLEANUP(pkey_ctx_drop) EVP_PKEY_CTX *ctx = params ? NULL : ready_key(crypto, key);
    if (!ctx) {
        ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
        if (!ctx) return err_nomem(err);
        if (EVP_PKEY_verify_init_ex(ctx, params) != 1) return refuse(err, "OpenSSL refuses the key or the parameters");
    }
    int rc = answer(EVP_PKEY_verify(ctx, signature.ptr, signature.len, digest.ptr, digest.len), good, err);
    if (!params && rc == SIGN_OK) ready_key_back(crypto, &ctx);
    return rc;
}

/*
 * RFC 8017 8.2.2. The DigestInfo is ours, and OpenSSL, told of no digest, compares it whole with what comes out of the
 * padding: as strict as its own encoding, without fetching the digest anew for every signature, and for digests that
 * the key's library context does not have.
 */
static int verify_pkcs1(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good,
                        sign_err *err)
{
    uint8_t info[DIGEST_INFO_MAX];
    size_t len = digest_info(info, digest_by_id(check->params.digest), check->digest);
    if (len == 0) return refuse(err, "PKCS#1 v1.5 is not defined with this digest");
    return verify_digest(crypto, key, NULL, check->signature, bytes_of(info, len), good, err);
}

static char *unconst(const char *text)
{
    union { const char *in; char *out; } u = { text };      /* OSSL_PARAM has no const; nothing writes there */
    return u.out;
}

/* RFC 8017 8.1.2, with the exact length of the salt. */
static int verify_pss(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good,
                      sign_err *err)
{
    const struct digest_alg *digest = digest_by_id(check->params.digest), *mgf = digest_by_id(check->params.mgf);
    int salt_len = (int)check->params.salt_len;
    if (!mgf) return refuse(err, "MGF1 with a digest that is not in the list");
    if (check->params.salt_len > LIMIT_RSA_BITS / 8) return refuse(err, "a PSS salt longer than any modulus");
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, unconst(OSSL_PKEY_RSA_PAD_MODE_PSS), 0),
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, unconst(digest->openssl), 0),
        OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, unconst(mgf->openssl), 0),
        OSSL_PARAM_construct_int(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, &salt_len),
        OSSL_PARAM_construct_end(),
    };
    return verify_digest(crypto, key, params, check->signature, check->digest, good, err);
}

static int verify_rsa(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good,
                      sign_err *err)
{
    if (check->signature.len != (size_t)EVP_PKEY_get_size(key)) return SIGN_OK;   /* RFC 8017 8.1.2, 8.2.2, step 1 */
    return check->params.scheme == SIGN_SCHEME_RSA_PSS ? verify_pss(crypto, key, check, good, err)
                                                       : verify_pkcs1(crypto, key, check, good, err);
}

/* The digest is cut to the order's width by OpenSSL (FIPS 186-4 6.4), which also demands that a DER value be exact. */
static int verify_dsa(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good,
                      sign_err *err)
{
    if (!check->ecdsa_raw) return verify_digest(crypto, key, NULL, check->signature, check->digest, good, err);
    CLEANUP(build_free) struct build der = { 0 };
    if (check->signature.len != 2 * ecdsa_width(key)) return SIGN_OK;
    int rc = ecdsa_to_der(&der, check->signature, err);
    return rc != SIGN_OK ? rc : verify_digest(crypto, key, NULL, build_view(&der), check->digest, good, err);
}

static int verify_ecdsa(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good,
                        sign_err *err)
{
    /* RFC 5480 2.1.1: named curves alone. A curve that the certificate describes may be one made to be forged on. */
    int is_explicit = 0;
    if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &is_explicit) == 1 &&
        is_explicit) {
        return refuse(err, "an EC key with explicit parameters");
    }
    return verify_dsa(crypto, key, check, good, err);
}

/* RFC 8032: the message itself, hashed twice inside. */
static int verify_eddsa(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good,
                        sign_err *err)
{
    CLEANUP(md_ctx_drop) EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (!ctx) return err_nomem(err);
    if (EVP_DigestVerifyInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL) != 1) {
        return refuse(err, "OpenSSL refuses the key");
    }
    const uint8_t *tbs = check->tbs.ptr ? check->tbs.ptr : (const uint8_t *)"";
    return answer(EVP_DigestVerify(ctx, check->signature.ptr, check->signature.len, tbs, check->tbs.len), good, err);
}

/* The closed list: which keys may do what; two rows where two key types may. max_bits 0: any that the type has. */
typedef int verify_fn(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good,
                      sign_err *err);
static const struct { int32_t scheme; int key, max_bits; verify_fn *verify; } schemes[] = {
    { SIGN_SCHEME_RSA_PKCS1, EVP_PKEY_RSA, LIMIT_RSA_BITS, verify_rsa },
    { SIGN_SCHEME_RSA_PSS, EVP_PKEY_RSA, LIMIT_RSA_BITS, verify_rsa },
    { SIGN_SCHEME_RSA_PSS, EVP_PKEY_RSA_PSS, LIMIT_RSA_BITS, verify_rsa },
    { SIGN_SCHEME_ECDSA, EVP_PKEY_EC, 0, verify_ecdsa },
    { SIGN_SCHEME_DSA, EVP_PKEY_DSA, LIMIT_DSA_BITS, verify_dsa },
    { SIGN_SCHEME_EDDSA, EVP_PKEY_ED25519, 0, verify_eddsa },
    { SIGN_SCHEME_EDDSA, EVP_PKEY_ED448, 0, verify_eddsa },
};

static int verify_by_scheme(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good,
                            sign_err *err)
{
    int type = EVP_PKEY_get_base_id(key);
    for (size_t i = 0; i < COUNT(schemes); i++) {
        if (schemes[i].scheme != check->params.scheme || schemes[i].key != type) continue;
        int bits = EVP_PKEY_get_bits(key), max = schemes[i].max_bits;
        if (max != 0 && (bits < BITS_MIN || bits > max)) return refuse(err, "the key is too short or too long");
        return schemes[i].verify(crypto, key, check, good, err);
    }
    return refuse(err, "the key is not one for this scheme");
}

int sig_verify(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good, sign_err *err)
{
    *good = false;
    if (!key) return refuse(err, "no key that OpenSSL can read");
    if (check->params.scheme != SIGN_SCHEME_EDDSA) {
        const struct digest_alg *digest = digest_by_id(check->params.digest);
        if (!digest) return refuse(err, "the digest is not in the list");
        if (check->digest.len != digest->size) {
            return err_arg(err, "sig_verify: %zu bytes of %s", check->digest.len, digest->name);
        }
    }
    if (check->signature.len == 0) return SIGN_OK;
    ERR_set_mark();
    int rc = verify_by_scheme(crypto, key, check, good, err);
    ERR_pop_to_mark();
    if (rc != SIGN_OK) *good = false;
    return rc;
}
