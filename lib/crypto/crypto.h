/*
 * What the rooms do with OpenSSL: digests over streams, and signature values. Algorithms are fetched once for
 * a struct crypto (one a context), the rarer ones when they are first used; it is shared by any number of threads.
 */
#ifndef CRYPTO_CRYPTO_H
#define CRYPTO_CRYPTO_H

#include <base/build.h>
#include <crypto/algs.h>
#include <openssl/evp.h>

struct crypto;
/* ALGO (OpenSSL has no SHA-256, SHA-384 or SHA-512), NOMEM. Other digests may be missing: digest_start says so. */
int crypto_new(struct crypto **out, sign_err *err);
void crypto_free(struct crypto **crypto);

/*
 * One running digest; the zero value is inert, digest_drop may always be called. digest_start on a run that was used
 * takes it anew. digest_end is the end: then digest_start or digest_drop. Errors: ALGO, NOMEM.
 */
struct digest_run {
    EVP_MD_CTX *md;
    const struct digest_alg *alg;       /* NULL: not under way                                  */
    const struct crypto *crypto;        /* with md: where it goes back to, as a run of this id  */
    int32_t id;
};
int digest_start(struct digest_run *run, const struct crypto *crypto, const struct digest_alg *alg, sign_err *err);
int digest_add(struct digest_run *run, sign_bytes bytes, sign_err *err);
int digest_end(struct digest_run *run, uint8_t out[DIGEST_MAX], sign_err *err);   /* alg->size bytes */
/* out becomes a second run over what `run` has been given so far; each goes on by itself. NOMEM. */
int digest_fork(struct digest_run *out, const struct digest_run *run, sign_err *err);
void digest_drop(struct digest_run *run);
int digest_bytes(const struct crypto *crypto, const struct digest_alg *alg, sign_bytes bytes, uint8_t out[DIGEST_MAX],
                 sign_err *err);

/*
 * Is signature a good one over digest (for EdDSA: over tbs) by key? *good is false unless SIGN_OK is returned and the
 * signature is right; SIGN_E_ALGO says that it cannot be told (key and scheme do not fit together, an RSA or DSA key of
 * less than 512 bits or more than LIMIT_RSA_BITS, LIMIT_DSA_BITS, an EC key with explicit parameters, OpenSSL refuses).
 * An encoding that is not exact (RSA not as long as the modulus, ECDSA not DER or not twice the width) is a wrong
 * signature. ecdsa_raw: r||s (XML), else the DER SEQUENCE (CMS); for DSA likewise. ARG: digest not as long as params.digest says. NOMEM.
 */
struct sig_check {
    struct sig_params params;
    sign_bytes tbs;             /* may be empty except for EdDSA */
    sign_bytes digest, signature;
    bool ecdsa_raw;
};
int sig_verify(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check, bool *good, sign_err *err);

/* r||s of the fixed width the key's order asks for, and the DER SEQUENCE, each way. FORMAT, NOMEM, LIMIT. */
int ecdsa_to_der(struct build *out, sign_bytes raw, sign_err *err);
int ecdsa_to_raw(struct build *out, sign_bytes der, size_t width, sign_err *err);
/* Longest signature value the key makes, in bytes: RSA its modulus; ECDSA the largest DER form. */
size_t sig_max_size(EVP_PKEY *key);
/* Half the width of r||s: bytes of the group's order (of q for DSA); 0 for other keys. */
size_t ecdsa_width(EVP_PKEY *key);
/* "RSA", "EC", …: SIGN_SCHEME_* that the key can make by default, 0 if none; bits for the report. */
int32_t key_scheme(EVP_PKEY *key);
int key_bits(EVP_PKEY *key);

#endif
