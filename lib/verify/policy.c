#include <base/cleanup.h>
#include <libsign/key.h>
#include <stdio.h>
#include <verify/policy.h>

/*
 * Digests that may carry a signature: those of Circular 15/2025/TT-BKHCN, and SHA-224, which ETSI TS 119 312 still
 * accepts for reading. What is not here is weak, whatever the tables below us say.
 */
static const int32_t STRONG_DIGESTS[] = {
    SIGN_DIGEST_SHA224, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA384, SIGN_DIGEST_SHA512, SIGN_DIGEST_SHA512_224,
    SIGN_DIGEST_SHA512_256, SIGN_DIGEST_SHA3_224, SIGN_DIGEST_SHA3_256, SIGN_DIGEST_SHA3_384, SIGN_DIGEST_SHA3_512,
    SIGN_DIGEST_SHAKE128, SIGN_DIGEST_SHAKE256,
};

/* Smallest key of each scheme; a scheme without a row is not accepted. */
static const struct {
    int32_t scheme;
    int min_bits;
    const char *key, *reason;
} SCHEMES[] = {
    { SIGN_SCHEME_RSA_PKCS1, 2048, "RSA", "Circular 15/2025/TT-BKHCN: at least 2048 bits" },
    { SIGN_SCHEME_RSA_PSS, 2048, "RSA", "Circular 15/2025/TT-BKHCN: at least 2048 bits" },
    { SIGN_SCHEME_ECDSA, 256, "EC", "Circular 15/2025/TT-BKHCN: at least 256 bits" },
    { SIGN_SCHEME_EDDSA, 0, "EdDSA", "" },      /* Ed25519 and Ed448 alone exist (RFC 8032) */
};

bool policy_digest_ok(struct weakness *out, const struct digest_alg *digest)
{
    for (size_t i = 0; digest && !digest->weak && i < COUNT(STRONG_DIGESTS); i++) {
        if (STRONG_DIGESTS[i] == digest->id) {
            return true;
        }
    }
    out->what = digest ? digest->name : "digest";
    out->reason = digest ? "ETSI TS 119 312: collisions are practical" : "unknown";
    return false;
}

bool policy_key_ok(struct weakness *out, int32_t scheme, int bits)
{
    for (size_t i = 0; i < COUNT(SCHEMES); i++) {
        if (SCHEMES[i].scheme != scheme) {
            continue;
        }
        if (bits >= SCHEMES[i].min_bits) {
            return true;
        }
        (void)snprintf(out->what_buf, sizeof out->what_buf, "%s %d", SCHEMES[i].key, bits);
        out->what = out->what_buf;
        out->reason = SCHEMES[i].reason;
        return false;
    }
    out->what = scheme_name(scheme);
    out->reason = "not among the algorithms of Circular 15/2025/TT-BKHCN";
    return false;
}
