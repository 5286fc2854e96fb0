/* The inside of sign_key and sign_token: what the signers of documents ask of a key, wherever it lives. */
#ifndef SIGN_KEY_H
#define SIGN_KEY_H

#include <base/build.h>
#include <base/limits.h>
#include <ctx/ctx.h>
#include <libsign/key.h>
#include <token/token.h>

/* Makes a key ready to be asked by several threads at a time, and tells by how many: at most `wanted`, at least one. */
typedef unsigned (*key_share_fn)(void *payload, unsigned wanted);

struct key_gate;
struct sign_key {
    sign_ctx *ctx;
    sign_key_ops ops;                   /* the caller's, newer fields zero where it is older */
    void *payload;
    key_share_fn share;                 /* NULL: one thread at a time */
    sign_cert *chain[LIMIT_CHAIN];      /* the signer's first, then each its issuer; references */
    size_t n;
    struct key_gate *gate;              /* questions one by one, or as `share` allows, and none after a refused PIN */
};

struct sign_token {
    sign_ctx *ctx;
    struct token *token;
};

/*
 * A key whose chain is leaf and, in order, those of its issuers that are in pool. Takes over payload on success alone.
 */
int key_new(sign_key **out, sign_ctx *ctx, const sign_cert *leaf, sign_cert *const *pool, size_t n,
            const sign_key_ops *ops, key_share_fn share, void *payload, sign_err *err);
/* So many threads are about to sign with this key: it is made ready for as many of them at a time as it allows. */
void key_share(const sign_key *key, unsigned threads);
/*
 * Asks the key, once, and appends the signature value, r||s for ECDSA. Nothing comes out that is not as long as it must
 * be and does not verify with chain[0]: SIGN_E_TOKEN. A weak digest, or a scheme that is not the key's: SIGN_E_ALGO.
 * Once `cancel` (which may be NULL) is set, a question that waits for its turn is not asked any more: SIGN_E_CANCELLED.
 */
int key_sign(const sign_key *key, const sign_request *request, const volatile int32_t *cancel, struct build *out,
             sign_err *err);
/*
 * The signer's certificate first, then each its issuer, as far as the key brought them: at most LIMIT_CHAIN. Borrowed.
 */
const sign_cert *const *key_chain(const sign_key *key, size_t *n);

#endif
