/* The inside of a struct token, for this room alone. */
#ifndef TOKEN_SESSION_H
#define TOKEN_SESSION_H

#include <base/secret.h>
#include <token/slots.h>

struct token {
    struct token *next;             /* module->open */
    struct token_env env;
    struct arena arena;
    struct module *module;          /* a reference */
    struct token_view *view;
    CK_SESSION_HANDLE session;
    bool logged_in;                 /* by us: logged out at the end */
    sign_pin_fn ask;                /* of the last login */
    void *ask_payload;
    bool allow_final_try;
};

/* One more session of the same login (PKCS#11 v2.40 6.7.4: that is the application's, not the session's). */
int session_open(struct token *token, CK_SESSION_HANDLE *session, sign_err *err);
/* Another session in place of this one, which rids the token of an operation that was begun and not ended. */
void session_renew(struct token *token, CK_SESSION_HANDLE *session);

/*
 * login.c: asking for a PIN of this kind, with the token's flags read and heeded and the PIN checked, but nothing sent;
 * then sending it, once, with the flags read again. A pin pad's secret stays empty.
 */
int pin_ask(struct token *token, int32_t kind, const char *what, struct secret *pin, sign_err *err);
int pin_send(struct token *token, CK_USER_TYPE user, int32_t kind, const struct secret *pin, sign_err *err);

/* objects.c. Handles into out, which has room for max; more of them is LIMIT. id may be empty: any. */
int objects_find(struct token *token, CK_OBJECT_CLASS class, sign_bytes id, CK_OBJECT_HANDLE *out, size_t max,
                 size_t *n, sign_err *err);
/* An attribute's value; empty where the object has none, or none that may be read. TOKEN, NOMEM. */
int object_attr(struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, struct arena *arena,
                sign_bytes *out, sign_err *err);
int object_number(struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG absent, CK_ULONG *out,
                  sign_err *err);
int object_flag(struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool absent, bool *out,
                sign_err *err);

/* match.c: the private keys that can sign, and whose they are. */
struct private_key {
    CK_OBJECT_HANDLE handle;
    CK_KEY_TYPE type;
    sign_bytes id, label, modulus, point;   /* the latter two empty where they cannot be read */
    bool ask_always;
};
int private_keys_read(struct private_key **out, size_t *n, struct token *token, struct arena *arena, sign_err *err);
/* The key of this certificate, by its public value where that can be read, else by CKA_ID; NULL: none. */
const struct private_key *private_key_of(const struct private_key *keys, size_t n, const sign_cert *cert,
                                         sign_bytes id);

/* mechs.c: how this token can make that signature. */
struct mechanism {
    CK_MECHANISM ck;
    CK_RSA_PKCS_PSS_PARAMS pss;     /* where ck.pParameter points: a struct mechanism stays where it was filled */
    bool hashes;                    /* the token hashes: it is given tbs */
};
struct mechanisms {                 /* what the token says it can */
    CK_MECHANISM_TYPE *list;        /* in the arena */
    size_t n;
};
int mechanisms_read(struct mechanisms *out, struct token *token, struct arena *arena, sign_err *err);
int mechanism_choose(struct mechanism *out, const struct mechanisms *has, const sign_request *request, sign_err *err);

#endif
