#include <base/cleanup.h>
#include <cert/strength.h>
#include <crypto/crypto.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

/* RSASSA-PSS says its digest in its parameters; SHA-1 where it says none (RFC 4055 3.1). */
static int pss_digest(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *oid = NULL;
    const void *value = NULL;
    int type = V_ASN1_UNDEF, nid = NID_sha1;
    X509_ALGOR_get0(&oid, &type, &value, algorithm);
    if (type != V_ASN1_SEQUENCE) {
        return NID_undef;
    }
    const uint8_t *at = ASN1_STRING_get0_data(value);
    RSA_PSS_PARAMS *params = d2i_RSA_PSS_PARAMS(NULL, &at, ASN1_STRING_length(value));
    if (params == NULL) {
        return NID_undef;
    }
    if (params->hashAlgorithm != NULL) {
        X509_ALGOR_get0(&oid, NULL, NULL, params->hashAlgorithm);
        nid = OBJ_obj2nid(oid);
    }
    RSA_PSS_PARAMS_free(params);
    return nid;
}

bool signature_weak(const X509_ALGOR *algorithm)
{
    const ASN1_OBJECT *oid = NULL;
    int digest = NID_undef, key = NID_undef;
    X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
    int nid = OBJ_obj2nid(oid);
    if (nid == NID_ED25519 || nid == NID_ED448) {
        return false;
    }
    ERR_set_mark();
    if (nid == NID_rsassaPss) {
        digest = pss_digest(algorithm);
    } else if (OBJ_find_sigid_algs(nid, &digest, &key) != 1) {
        digest = NID_undef;
    }
    ERR_pop_to_mark();
    const struct digest_alg *known = digest_by_nid(digest);
    return known == NULL || known->weak;
}

bool key_weak(const EVP_PKEY *key)
{
    static const struct {
        int type, bits;
    } least[] = {
        { EVP_PKEY_RSA, 2048 }, { EVP_PKEY_RSA_PSS, 2048 }, { EVP_PKEY_DSA, 2048 },
        { EVP_PKEY_EC, 256 },   { EVP_PKEY_ED25519, 0 },    { EVP_PKEY_ED448, 0 },
    };
    for (size_t i = 0; key != NULL && i < COUNT(least); i++) {
        if (EVP_PKEY_get_base_id(key) == least[i].type) {
            return EVP_PKEY_get_bits(key) < least[i].bits;
        }
    }
    return true;
}
