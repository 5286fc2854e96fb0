#include <crypto/parts.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

/* 16384 bits; a larger number costs more than any key is worth, and is not even converted. */
#define MOST_NUMBER 2048
#define MOST_PARTS 4

struct number {
    const char *name;
    sign_bytes bytes;
};
struct bignums {
    BIGNUM *n[MOST_PARTS];
};

static void free_bignums(struct bignums *all)
{
    for (size_t i = 0; i < MOST_PARTS; i++) BN_clear_free(all->n[i]);
}

static void free_builder(OSSL_PARAM_BLD **builder) { OSSL_PARAM_BLD_free(*builder); }
static void free_params(OSSL_PARAM **params) { OSSL_PARAM_free(*params); }
static void free_context(EVP_PKEY_CTX **context) { EVP_PKEY_CTX_free(*context); }

static EVP_PKEY *build_key(OSSL_PARAM_BLD *builder, const char *type)
{
    EVP_PKEY *key = NULL;
    CLEANUP(free_params) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    CLEANUP(free_context) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    bool ok = params && context && EVP_PKEY_fromdata_init(context) == 1 &&
              EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) == 1;
    return ok ? key : NULL;
}

static EVP_PKEY *from_numbers(const char *type, const struct number *numbers, size_t n)
{
    CLEANUP(free_bignums) struct bignums all = { 0 };
    CLEANUP(free_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (!builder) return NULL;
    for (size_t i = 0; i < n; i++) {
        if (numbers[i].bytes.len > MOST_NUMBER) return NULL;
        all.n[i] = BN_bin2bn(numbers[i].bytes.ptr, (int)numbers[i].bytes.len, NULL);
        if (!all.n[i] || !OSSL_PARAM_BLD_push_BN(builder, numbers[i].name, all.n[i])) return NULL;
    }
    return build_key(builder, type);
}

static EVP_PKEY *from_curve(sign_bytes oid, sign_bytes point)
{
    char text[64];
    CLEANUP(free_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (!builder || oid.len >= sizeof text || point.len > MOST_NUMBER) return NULL;
    if (oid.len) memcpy(text, oid.ptr, oid.len);
    text[oid.len] = '\0';
    int nid = OBJ_txt2nid(text);
    bool ok = nid != NID_undef &&
              OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(nid), 0) &&
              OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.ptr, point.len);
    return ok ? build_key(builder, "EC") : NULL;
}

static EVP_PKEY *from_spki(sign_bytes der)
{
    const unsigned char *at = der.ptr;
    EVP_PKEY *key = der.len <= 4 * MOST_NUMBER ? d2i_PUBKEY(NULL, &at, (long)der.len) : NULL;
    if (key && at != der.ptr + der.len) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

static int hand_over(EVP_PKEY **out, EVP_PKEY *key, const char *kind, sign_err *err)
{
    ERR_pop_to_mark();
    if (!key) return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "public key: OpenSSL refuses the %s key", kind);
    *out = key;
    return SIGN_OK;
}

int key_from_rsa(EVP_PKEY **out, sign_bytes n, sign_bytes e, sign_err *err)
{
    const struct number numbers[] = { { OSSL_PKEY_PARAM_RSA_N, n }, { OSSL_PKEY_PARAM_RSA_E, e } };
    ERR_set_mark();
    return hand_over(out, from_numbers("RSA", numbers, COUNT(numbers)), "RSA", err);
}

int key_from_dsa(EVP_PKEY **out, const sign_bytes pqgy[4], sign_err *err)
{
    const struct number numbers[] = { { OSSL_PKEY_PARAM_FFC_P, pqgy[0] }, { OSSL_PKEY_PARAM_FFC_Q, pqgy[1] },
                                      { OSSL_PKEY_PARAM_FFC_G, pqgy[2] }, { OSSL_PKEY_PARAM_PUB_KEY, pqgy[3] } };
    ERR_set_mark();
    return hand_over(out, from_numbers("DSA", numbers, COUNT(numbers)), "DSA", err);
}

int key_from_ec(EVP_PKEY **out, sign_bytes curve_oid, sign_bytes point, sign_err *err)
{
    ERR_set_mark();
    return hand_over(out, from_curve(curve_oid, point), "EC", err);
}

int key_from_spki(EVP_PKEY **out, sign_bytes der, sign_err *err)
{
    ERR_set_mark();
    return hand_over(out, from_spki(der), "DER-encoded", err);
}
