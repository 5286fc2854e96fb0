/*
 * PKCS#11 tokens: modules, slots, sessions, login, keys. May use base, crypto, cert; libp11, p11-kit, OpenSSL; never
 * ctx: what the room needs from there comes in a struct token_env.
 *
 * libp11 loads modules and lists slots; everything else are our own C_* calls through one choke point (call.c).
 * Sessions are read-only. A token belongs to one thread at a time; tokens of one module may be used by several threads.
 * After fork() every call of the child on its parent's token answers SIGN_E_TOKEN and calls nothing of the module.
 */
#ifndef TOKEN_TOKEN_H
#define TOKEN_TOKEN_H

#include <base/arena.h>
#include <base/build.h>
#include <cert/cert.h>
#include <libsign/key.h>
#include <libsign/token.h>

struct token_env {              /* what it points to outlives every token made with it */
    const struct crypto *crypto;
    struct cert_cache *certs;
    void *payload;              /* handed to the callbacks, either of which may be NULL */
    void (*log)(void *payload, int level, const char *msg);
    /* For tests: a CKR_* that the named C_* function answers instead of being called; 0 (CKR_OK) lets it be called. */
    unsigned long (*fault)(void *payload, const char *function);
};

/* The contracts of sign_token_list, _open, _login, _describe and _free in libsign/token.h. */
struct token;
int token_list(const struct token_env *env, const char *module, sign_token_visit_fn visit, void *payload,
               sign_err *err);
int token_open(struct token **out, const struct token_env *env, const char *module, const char *uri, sign_err *err);
/* ask and payload are kept for keys that want a PIN for every signature: they outlive the token. */
int token_login(struct token *token, sign_pin_fn ask, void *payload, bool allow_final_try, sign_err *err);
const sign_token_info *token_info(const struct token *token);
bool token_logged_in(const struct token *token);    /* or no login needed */
void token_free(struct token **token);

/*
 * The certificates on the token that can be seen now; those that cannot be decoded, and copies, are left out (and
 * logged). matches: `uri` (RFC 7512: object=, id= and the token's attributes; NULL: everything) names it. Errors: ARG
 * (uri), TOKEN.
 */
struct token_cert {
    sign_cert *cert;
    const char *label, *uri;    /* of the object; UTF-8 */
    sign_bytes id;              /* CKA_ID */
    bool matches, has_key;
    unsigned long key;          /* the private key's handle, where has_key */
    bool ask_always;            /* CKA_ALWAYS_AUTHENTICATE of that key */
};
struct token_certs {            /* the zero value is empty */
    struct token_cert *list;
    size_t n;
    struct arena arena;
};
int token_certs_read(struct token_certs *out, struct token *token, const char *uri, sign_err *err);
void token_certs_free(struct token_certs *certs);

/*
 * One private key, named by a certificate with has_key. The token outlives it. token_key_sign appends the signature
 * value: RSA as long as the modulus, ECDSA r||s. That the value is a good one is for the caller to check. Errors:
 * TOKEN, ALGO (no mechanism of the token does that), and those of login where the key wants a PIN for every signature.
 * One thread at a time calls it, or as many as token_key_share has answered last.
 */
struct token_key;
int token_key_open(struct token_key **out, struct token *token, const struct token_cert *cert, sign_err *err);
int token_key_sign(struct token_key *key, const sign_request *request, struct build *out, sign_err *err);
/*
 * Makes the key ready for several threads at a time, and tells for how many: at most `wanted`, at least one. More than one only
 * where the key is in no device (no CKF_HW_SLOT, nothing removable), the module locks for itself and no PIN is asked for each
 * signature: readers and cards do one thing at a time, and their drivers were tried with no more.
 */
unsigned token_key_share(struct token_key *key, unsigned wanted);
void token_key_free(struct token_key **key);

#endif
