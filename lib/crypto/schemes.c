/* The table of signature algorithms: what XML and CMS call them. */
#include <crypto/algs.h>

#include <base/cleanup.h>
#include <openssl/objects.h>

#define XMLDSIG "http://www.w3.org/2000/09/xmldsig#"
#define XMLDSIG11 "http://www.w3.org/2009/xmldsig11#"
#define MORE01 "http://www.w3.org/2001/04/xmldsig-more"
#define MORE07 "http://www.w3.org/2007/05/xmldsig-more#"
#define MORE21 "http://www.w3.org/2021/04/xmldsig-more#"

#define S(name) SIGN_SCHEME_##name
#define D(name) SIGN_DIGEST_##name

/* The first row that fits is the one that is written. digest 0: the name does not say. */
static const struct { int32_t scheme, digest; int nid; const char *uri; } table[] = {
    { S(RSA_PKCS1), 0, NID_rsaEncryption, NULL },
    { S(RSA_PKCS1), D(SHA256), NID_sha256WithRSAEncryption, MORE01 "#rsa-sha256" },
    { S(RSA_PKCS1), D(SHA384), NID_sha384WithRSAEncryption, MORE01 "#rsa-sha384" },
    { S(RSA_PKCS1), D(SHA512), NID_sha512WithRSAEncryption, MORE01 "#rsa-sha512" },
    { S(RSA_PKCS1), D(SHA224), NID_sha224WithRSAEncryption, MORE01 "#rsa-sha224" },
    { S(RSA_PKCS1), D(SHA512_224), NID_sha512_224WithRSAEncryption, NULL },
    { S(RSA_PKCS1), D(SHA512_256), NID_sha512_256WithRSAEncryption, NULL },
    { S(RSA_PKCS1), D(SHA3_224), NID_RSA_SHA3_224, NULL },
    { S(RSA_PKCS1), D(SHA3_256), NID_RSA_SHA3_256, NULL },
    { S(RSA_PKCS1), D(SHA3_384), NID_RSA_SHA3_384, NULL },
    { S(RSA_PKCS1), D(SHA3_512), NID_RSA_SHA3_512, NULL },
    { S(RSA_PKCS1), D(SHA1), NID_sha1WithRSAEncryption, XMLDSIG "rsa-sha1" },
    { S(RSA_PKCS1), D(SHA1), NID_sha1WithRSA, NULL },     /* 1.3.14.3.2.29, the OIW one: old Microsoft producers */
    { S(RSA_PKCS1), D(MD5), NID_md5WithRSAEncryption, MORE01 "#rsa-md5" },
    { S(RSA_PKCS1), D(RIPEMD160), NID_ripemd160WithRSA, MORE01 "#rsa-ripemd160" },
    { S(RSA_PKCS1), D(RIPEMD160), NID_undef, MORE01 "/rsa-ripemd160" },   /* RFC 6931 2.3.5 prints a slash */

    { S(RSA_PSS), 0, NID_rsassaPss, NULL },
    { S(RSA_PSS), D(SHA256), NID_undef, MORE07 "sha256-rsa-MGF1" },
    { S(RSA_PSS), D(SHA384), NID_undef, MORE07 "sha384-rsa-MGF1" },
    { S(RSA_PSS), D(SHA512), NID_undef, MORE07 "sha512-rsa-MGF1" },
    { S(RSA_PSS), D(SHA224), NID_undef, MORE07 "sha224-rsa-MGF1" },
    { S(RSA_PSS), D(SHA3_224), NID_undef, MORE07 "sha3-224-rsa-MGF1" },
    { S(RSA_PSS), D(SHA3_256), NID_undef, MORE07 "sha3-256-rsa-MGF1" },
    { S(RSA_PSS), D(SHA3_384), NID_undef, MORE07 "sha3-384-rsa-MGF1" },
    { S(RSA_PSS), D(SHA3_512), NID_undef, MORE07 "sha3-512-rsa-MGF1" },
    { S(RSA_PSS), D(SHA1), NID_undef, MORE07 "sha1-rsa-MGF1" },
    { S(RSA_PSS), D(MD5), NID_undef, MORE07 "md5-rsa-MGF1" },
    { S(RSA_PSS), D(RIPEMD160), NID_undef, MORE07 "ripemd160-rsa-MGF1" },

    { S(ECDSA), 0, NID_X9_62_id_ecPublicKey, NULL },           /* seen in the field; the digest is digestAlgorithm's */
    { S(ECDSA), D(SHA256), NID_ecdsa_with_SHA256, MORE01 "#ecdsa-sha256" },
    { S(ECDSA), D(SHA384), NID_ecdsa_with_SHA384, MORE01 "#ecdsa-sha384" },
    { S(ECDSA), D(SHA512), NID_ecdsa_with_SHA512, MORE01 "#ecdsa-sha512" },
    { S(ECDSA), D(SHA224), NID_ecdsa_with_SHA224, MORE01 "#ecdsa-sha224" },
    { S(ECDSA), D(SHA3_224), NID_ecdsa_with_SHA3_224, MORE21 "ecdsa-sha3-224" },
    { S(ECDSA), D(SHA3_256), NID_ecdsa_with_SHA3_256, MORE21 "ecdsa-sha3-256" },
    { S(ECDSA), D(SHA3_384), NID_ecdsa_with_SHA3_384, MORE21 "ecdsa-sha3-384" },
    { S(ECDSA), D(SHA3_512), NID_ecdsa_with_SHA3_512, MORE21 "ecdsa-sha3-512" },
    { S(ECDSA), D(SHA1), NID_ecdsa_with_SHA1, MORE01 "#ecdsa-sha1" },
    { S(ECDSA), D(RIPEMD160), NID_undef, MORE07 "ecdsa-ripemd160" },

    { S(DSA), 0, NID_dsa, NULL },
    { S(DSA), D(SHA256), NID_dsa_with_SHA256, XMLDSIG11 "dsa-sha256" },
    { S(DSA), D(SHA224), NID_dsa_with_SHA224, NULL },
    { S(DSA), D(SHA384), NID_dsa_with_SHA384, NULL },
    { S(DSA), D(SHA512), NID_dsa_with_SHA512, NULL },
    { S(DSA), D(SHA1), NID_dsaWithSHA1, XMLDSIG "dsa-sha1" },
    { S(DSA), D(SHA1), NID_dsaWithSHA1_2, NULL },           /* 1.3.14.3.2.27, the OIW one */

    { S(EDDSA), 0, NID_ED25519, MORE21 "eddsa-ed25519" },
    { S(EDDSA), 0, NID_ED448, MORE21 "eddsa-ed448" },
};

/* RFC 6931 2.3.10: MGF1 takes the digest itself, the salt is as long as the digest. */
static struct sig_params params_of(int32_t scheme, int32_t digest)
{
    struct sig_params params = { .scheme = scheme, .digest = digest };
    if (scheme == S(RSA_PSS) && digest != 0) {
        params.mgf = digest;
        params.salt_len = digest_by_id(digest)->size;
    }
    return params;
}

bool sig_by_uri(sign_bytes uri, struct sig_params *out)
{
    if (bytes_are(uri, SIG_URI_RSA_PSS)) {
        *out = params_of(S(RSA_PSS), D(SHA256));   /* RFC 6931 2.3.9: the defaults of RSAPSSParams */
        return true;
    }
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].uri && bytes_are(uri, table[i].uri)) {
            *out = params_of(table[i].scheme, table[i].digest);
            return true;
        }
    }
    return false;
}

const char *sig_uri(const struct sig_params *params)
{
    if (params->scheme == S(EDDSA)) return NULL;
    if (params->scheme == S(RSA_PSS)) {
        const struct digest_alg *digest = digest_by_id(params->digest);
        if (!digest || !digest->xml_uri) return NULL;
        if (params->mgf != params->digest || params->salt_len != digest->size) return SIG_URI_RSA_PSS;
    }
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].uri && table[i].scheme == params->scheme && table[i].digest == params->digest) return table[i].uri;
    }
    return NULL;
}

bool sig_by_oid(sign_bytes oid_der, struct sig_params *out)
{
    if (oid_der.len == 0) return false;
    for (size_t i = 0; i < COUNT(table); i++) {
        const ASN1_OBJECT *oid = table[i].nid ? OBJ_nid2obj(table[i].nid) : NULL;
        if (oid && bytes_equal(bytes_of(OBJ_get0_data(oid), OBJ_length(oid)), oid_der)) {
            *out = (struct sig_params){ .scheme = table[i].scheme, .digest = table[i].digest };
            return true;
        }
    }
    return false;
}

int sig_nid(const struct sig_params *params)
{
    if (params->scheme == S(EDDSA)) return NID_undef;
    bool digest_elsewhere = params->scheme == S(RSA_PKCS1) || params->scheme == S(RSA_PSS);
    for (size_t i = 0; i < COUNT(table); i++) {
        int32_t digest = digest_elsewhere ? 0 : params->digest;
        if (table[i].nid && table[i].scheme == params->scheme && table[i].digest == digest) return table[i].nid;
    }
    return NID_undef;
}

const char *scheme_name(int32_t scheme)
{
    static const char *const names[] = {
        [S(RSA_PKCS1)] = "RSASSA-PKCS1-v1_5", [S(RSA_PSS)] = "RSASSA-PSS", [S(ECDSA)] = "ECDSA",
        [S(EDDSA)] = "EdDSA", [S(DSA)] = "DSA",
    };
    return scheme > 0 && scheme < (int32_t)COUNT(names) ? names[scheme] : "unknown";
}
