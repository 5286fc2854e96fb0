/*
 * The key seam: a certificate chain and one operation. Documents never see where the key lives: a token, a PKCS#12 file,
 * a service, another process.
 */
#ifndef LIBSIGN_KEY_H
#define LIBSIGN_KEY_H

#include <libsign/cert.h>
#include <libsign/ctx.h>
#include <libsign/token.h>

/* Any number of threads may sign with one key. One of the caller's, or in a device, is asked by one at a time. After a wrong, refused or locked PIN, or a cancelled
 * prompt, it is not asked again. */
typedef struct sign_key sign_key;

enum { SIGN_SCHEME_RSA_PKCS1 = 1, SIGN_SCHEME_RSA_PSS, SIGN_SCHEME_ECDSA, SIGN_SCHEME_EDDSA, SIGN_SCHEME_DSA };
enum {
    SIGN_DIGEST_SHA256 = 1, SIGN_DIGEST_SHA384, SIGN_DIGEST_SHA512, SIGN_DIGEST_SHA512_224, SIGN_DIGEST_SHA512_256,
    SIGN_DIGEST_SHA3_224, SIGN_DIGEST_SHA3_256, SIGN_DIGEST_SHA3_384, SIGN_DIGEST_SHA3_512,
    SIGN_DIGEST_SHAKE128, SIGN_DIGEST_SHAKE256, SIGN_DIGEST_SHA224,
    SIGN_DIGEST_SHA1, SIGN_DIGEST_MD5, SIGN_DIGEST_RIPEMD160   /* read only, and flagged weak */
};

/*
 * What a key is asked to sign. digest is bare (the key adds DigestInfo); tbs are the bytes it was made from, for keys that
 * hash by themselves. The answer for ECDSA is r||s, each as wide as the curve's order.
 */
typedef struct sign_request {
    size_t struct_size;
    int32_t scheme, digest_alg;         /* SIGN_SCHEME_*, SIGN_DIGEST_*        */
    int32_t mgf_alg; uint32_t salt_len; /* RSA_PSS: MGF1's digest, salt bytes  */
    sign_bytes tbs, digest;
} sign_request;

typedef struct sign_key_ops {
    size_t struct_size;
    int (*sign)(void *payload, const sign_request *request, sign_buf *out, sign_err *err);   /* a sign_status */
    void (*drop)(void *payload);                                                               /* may be NULL   */
} sign_key_ops;

/*
 * A key on a token that is logged in. uri is RFC 7512 (object=, id= choose among several; NULL: the one suitable key).
 * The chain is the key's certificate and the issuers found on the token. The token must outlive the key.
 * Errors: NOTFOUND, AMBIGUOUS (message lists the candidates), TOKEN, FORMAT, NOMEM.
 */
SIGN_API int sign_key_from_token(sign_key **out, sign_token *token, const char *uri, sign_err *err) SIGN_MUST_USE;
/* A PKCS#12 file; ask gives its pass phrase (SIGN_SECRET_PKCS12), once. Errors: IO, FORMAT, PASSWORD, NOTFOUND, CANCELLED. */
SIGN_API int sign_key_from_pkcs12(sign_key **out, sign_ctx *ctx, const char *path, sign_pin_fn ask, void *payload,
                                  sign_err *err) SIGN_MUST_USE;
/* A key of the caller's: chain[0] is the signer's certificate in DER, its issuers follow in any order. */
SIGN_API int sign_key_from_ops(sign_key **out, sign_ctx *ctx, const sign_bytes *chain, size_t n, const sign_key_ops *ops,
                               void *payload, sign_err *err) SIGN_MUST_USE;
SIGN_API const sign_cert *sign_key_cert(const sign_key *key);   /* borrowed; NULL of NULL */
SIGN_API void sign_key_free(sign_key **key);

#endif
