/* Which public keys are used at all. A key comes from hostile input: its cost is bounded before it verifies a thing. */
#include <base/cleanup.h>
#include <base/limits.h>
#include <cert/cert_impl.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

/*
 * RFC 8017 3.1: e is at least 3 and has no factor in common with lambda(n), which is even. With 1 every padded digest is its
 * own signature.
 */
static bool exponent_fits(const EVP_PKEY *key)
{
    BIGNUM *e = NULL;
    bool fits = EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_is_odd(e) && !BN_is_one(e) &&
                BN_num_bits(e) <= LIMIT_RSA_EXPONENT;
    BN_free(e);
    return fits;
}

static bool rsa_bounded(const EVP_PKEY *key, X509 *x509)
{
    return EVP_PKEY_get_bits(key) <= LIMIT_RSA_BITS && exponent_fits(key);
}

/*
 * RFC 5480 2.2: a point is uncompressed (04) or compressed (02, 03), and any other is refused: 00 is the point at infinity,
 * under which anybody can sign.
 */
static bool is_point(X509 *x509)
{
    const ASN1_BIT_STRING *bits = X509_get0_pubkey_bitstr(x509);
    const uint8_t *octets = bits != NULL ? ASN1_STRING_get0_data(bits) : NULL;
    return octets != NULL && ASN1_STRING_length(bits) > 1 && octets[0] >= 2 && octets[0] <= 4;
}

/* RFC 5480 2.1.1: namedCurve MUST be used; explicit parameters let an attacker choose the curve (CVE-2020-0601). */
static bool ec_named(const EVP_PKEY *key, X509 *x509)
{
    X509_ALGOR *alg = NULL;
    int type = V_ASN1_UNDEF;
    if (X509_PUBKEY_get0_param(NULL, NULL, NULL, &alg, X509_get_X509_PUBKEY(x509)) != 1) {
        return false;
    }
    X509_ALGOR_get0(NULL, &type, NULL, alg);
    return type == V_ASN1_OBJECT && is_point(x509);
}

static bool dsa_bounded(const EVP_PKEY *key, X509 *x509)
{
    return EVP_PKEY_get_bits(key) <= LIMIT_DSA_BITS;
}

static bool always(const EVP_PKEY *key, X509 *x509)
{
    return true;
}

static const struct key_kind {
    int type;
    bool (*usable)(const EVP_PKEY *key, X509 *x509);
} kinds[] = {
    { EVP_PKEY_RSA, rsa_bounded }, { EVP_PKEY_RSA_PSS, rsa_bounded }, { EVP_PKEY_EC, ec_named },
    { EVP_PKEY_ED25519, always },  { EVP_PKEY_ED448, always },        { EVP_PKEY_DSA, dsa_bounded },
};

/* OpenSSL has P-256 by heart, the other curves by arithmetic: ten times slower at 384 bits, fifty at the 571 of a binary one. */
static unsigned curve_cost(const EVP_PKEY *key, unsigned bits)
{
    char name[32] = "";
    (void)EVP_PKEY_get_group_name(key, name, sizeof name, NULL);
    return strcmp(name, SN_X9_62_prime256v1) == 0 ? 1 : 1 + (bits / 80) * (bits / 80);
}

unsigned key_cost(const EVP_PKEY *key)
{
    unsigned bits = key != NULL ? (unsigned)EVP_PKEY_get_bits(key) : 0;
    switch (key != NULL ? EVP_PKEY_get_base_id(key) : 0) {
    case EVP_PKEY_EC:
        return curve_cost(key, bits);
    case EVP_PKEY_DSA:
        return 1 + (bits / 1024) * (bits / 1024);
    case EVP_PKEY_ED25519:
    case EVP_PKEY_ED448:
        return 4;
    default: /* RSA; an exponent of more than 64 bits OpenSSL takes with no modulus of more than 3072 */
        return 1 + (bits / 4096) * (bits / 4096);
    }
}

EVP_PKEY *key_of(X509 *x509)
{
    ERR_set_mark();
    EVP_PKEY *key = X509_get0_pubkey(x509), *usable = NULL;
    for (size_t i = 0; key != NULL && i < COUNT(kinds); i++) {
        if (EVP_PKEY_get_base_id(key) == kinds[i].type && kinds[i].usable(key, x509)) {
            usable = key;
        }
    }
    ERR_pop_to_mark();
    return usable;
}
