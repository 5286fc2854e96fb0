/* What can be said of a public key. */
#include <crypto/crypto.h>

#include <base/cleanup.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>

size_t sig_max_size(EVP_PKEY *key)
{
    int size = EVP_PKEY_get_size(key);
    return size > 0 ? (size_t)size : 0;
}

static size_t bn_param_bytes(EVP_PKEY *key, const char *name)
{
    BIGNUM *order = NULL;
    size_t width = EVP_PKEY_get_bn_param(key, name, &order) == 1 ? (size_t)BN_num_bytes(order) : 0;
    BN_free(order);
    return width;
}

size_t ecdsa_width(EVP_PKEY *key)
{
    int type = EVP_PKEY_get_base_id(key);
    if (type == EVP_PKEY_EC) return bn_param_bytes(key, OSSL_PKEY_PARAM_EC_ORDER);
    if (type == EVP_PKEY_DSA) return bn_param_bytes(key, OSSL_PKEY_PARAM_FFC_Q);
    return 0;
}

int32_t key_scheme(EVP_PKEY *key)
{
    static const struct { int type; int32_t scheme; } table[] = {
        { EVP_PKEY_RSA, SIGN_SCHEME_RSA_PKCS1 }, { EVP_PKEY_RSA_PSS, SIGN_SCHEME_RSA_PSS },
        { EVP_PKEY_EC, SIGN_SCHEME_ECDSA },      { EVP_PKEY_DSA, SIGN_SCHEME_DSA },
        { EVP_PKEY_ED25519, SIGN_SCHEME_EDDSA }, { EVP_PKEY_ED448, SIGN_SCHEME_EDDSA },
    };
    int type = key ? EVP_PKEY_get_base_id(key) : EVP_PKEY_NONE;
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].type == type) return table[i].scheme;
    }
    return 0;
}

int key_bits(EVP_PKEY *key)
{
    return key ? EVP_PKEY_get_bits(key) : 0;
}
