/* Signing with a private key on a token. */
#include <token/session.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <stdlib.h>

struct lane {
    CK_SESSION_HANDLE *session; /* the token's, or its own */
    CK_SESSION_HANDLE own;
    bool busy;
};

struct token_key {
    struct token *token;        /* borrowed */
    sign_cert *cert;            /* a reference: whose key this is */
    char *what;                 /* for the prompt */
    CK_OBJECT_HANDLE handle;
    bool ask_always;
    struct mechanisms mechanisms;
    struct arena arena;
    pthread_mutex_t lock;       /* over what follows */
    struct lane lanes[LIMIT_TOKEN_SESSIONS];
    unsigned n_lanes;
};

int token_key_open(struct token_key **out, struct token *token, const struct token_cert *cert, sign_err *err)
{
    CLEANUP(token_key_free) struct token_key *key = calloc(1, sizeof *key);
    if (!key) {
        return err_nomem(err);
    }
    pthread_mutex_init(&key->lock, NULL);
    if (!cert->has_key || !cert_key(cert->cert)) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL,
                       "the token shows no private key for this certificate");
    }
    key->token = token;
    key->lanes[0].session = &token->session;
    key->n_lanes = 1;
    key->cert = cert_ref(cert->cert);
    key->handle = cert->key;
    key->ask_always = cert->ask_always;
    key->what = arena_str(&key->arena, bytes_str(*cert->label ? cert->label : sign_cert_common_name(cert->cert)));
    int rc = key->what ? mechanisms_read(&key->mechanisms, token, &key->arena, err) : err_nomem(err);
    if (rc == SIGN_OK) {
        *out = key;
        key = NULL;
    }
    return rc;
}

void token_key_free(struct token_key **handle)
{
    struct token_key *key = *handle;
    *handle = NULL;
    if (!key) {
        return;
    }
    for (unsigned i = 1; i < key->n_lanes; i++) {
        CK_RV rv;
        C_CALL(rv, &key->token->env, key->token->module, C_CloseSession, key->lanes[i].own);
    }
    pthread_mutex_destroy(&key->lock);
    cert_free(&key->cert);
    arena_free(&key->arena);
    free(key);
}

/* --- several threads ---------------------------------------------------------------------------------------------- */

static bool may_share(const struct token_key *key)
{
    const struct token *token = key->token;
    CK_SLOT_INFO slot = { .flags = CKF_HW_SLOT };
    CK_RV rv;
    /* Initialised by another of the process: it may have promised to call from one thread alone. */
    if (key->ask_always || token->module->serial || !token->module->ours) {
        return false;
    }
    C_CALL(rv, &token->env, token->module, C_GetSlotInfo, token->view->slot, &slot);
    return rv == CKR_OK && !(slot.flags & (CKF_HW_SLOT | CKF_REMOVABLE_DEVICE));
}

unsigned token_key_share(struct token_key *key, unsigned wanted)
{
    wanted = wanted < LIMIT_TOKEN_SESSIONS ? wanted : LIMIT_TOKEN_SESSIONS;
    pthread_mutex_lock(&key->lock);
    bool more = wanted > key->n_lanes && may_share(key);
    while (more && key->n_lanes < wanted) {
        struct lane *lane = &key->lanes[key->n_lanes];
        lane->session = &lane->own;
        more = session_open(key->token, &lane->own, NULL) == SIGN_OK;   /* a token may have no more: fewer are slower */
        key->n_lanes += more;
    }
    unsigned n = key->n_lanes;
    pthread_mutex_unlock(&key->lock);
    return n;
}

static struct lane *lane_take(struct token_key *key)
{
    struct lane *lane = NULL;
    pthread_mutex_lock(&key->lock);
    for (unsigned i = 0; i < key->n_lanes && !lane; i++) {
        lane = key->lanes[i].busy ? NULL : &key->lanes[i];
    }
    if (lane) {
        lane->busy = true;
    }
    pthread_mutex_unlock(&key->lock);
    return lane;
}

static void lane_give(struct token_key *key, struct lane *lane)
{
    pthread_mutex_lock(&key->lock);
    lane->busy = false;
    pthread_mutex_unlock(&key->lock);
}

/* --- what goes in ------------------------------------------------------------------------------------------------- */

/*
 * CKM_RSA_PKCS pads only: DigestInfo is ours (PKCS#11 v2.40 mechanisms 2.1.6). CKM_ECDSA takes at most as many bytes as
 * the order has; the leftmost count (FIPS 186-4 6.4), and tokens differ in whether they cut by themselves.
 */
static sign_bytes input_of(const struct mechanism *mechanism, const sign_request *request, size_t width,
                           uint8_t info[DIGEST_INFO_MAX])
{
    if (mechanism->hashes) {
        return request->tbs;
    }
    if (request->scheme == SIGN_SCHEME_RSA_PKCS1) {
        return bytes_of(info, digest_info(info, digest_by_id(request->digest_alg), request->digest));
    }
    return request->scheme == SIGN_SCHEME_ECDSA ? bytes_slice(request->digest, 0, width) : request->digest;
}

/* --- what comes out ----------------------------------------------------------------------------------------------- */

/*
 * Quirks: answers of a wrong length that can be put right. That the outcome is a good signature is checked by our
 * caller, so a repair that guesses wrongly does no harm.
 */
static int pad_left(struct build *out, sign_bytes raw, size_t size, sign_err *err)
{
    if (raw.len == 0 || raw.len > size) {
        return SIGN_E_FORMAT;
    }
    build_fill(out, 0, size - raw.len);
    build_bytes(out, raw);
    return SIGN_OK;
}

static int from_der(struct build *out, sign_bytes raw, size_t size, sign_err *err)
{
    return ecdsa_to_raw(out, raw, size / 2, NULL);
}

static const struct quirk {
    const char *name;
    bool ecdsa;
    int (*repair)(struct build *out, sign_bytes raw, size_t size, sign_err *err);
} quirks[] = {
    { "RSA value without its leading zero bytes", false, pad_left },
    { "ECDSA value as a DER SEQUENCE", true, from_der },
};

static int take(struct build *out, const struct token_key *key, bool ecdsa, sign_bytes raw, size_t size, sign_err *err)
{
    if (raw.len == size) {
        build_bytes(out, raw);
        return build_check(out, err, "signature value");
    }
    for (size_t i = 0; i < COUNT(quirks); i++) {
        if (quirks[i].ecdsa == ecdsa && quirks[i].repair(out, raw, size, err) == SIGN_OK) {
            token_log(&key->token->env, SIGN_LOG_INFO, "quirk of the token: %s", quirks[i].name);
            return build_check(out, err, "signature value");
        }
    }
    return err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL,
                   "the token answered with %zu bytes, not with a signature of %zu", raw.len, size);
}

/* --- the operation ------------------------------------------------------------------------------------------------ */

static int sign_begun(struct token_key *key, CK_SESSION_HANDLE session, sign_bytes input, const struct secret *pin, struct build *raw,
                      sign_err *err)
{
    struct token *token = key->token;
    union { const uint8_t *in; CK_BYTE *out; } data = { input.ptr };    /* Cryptoki knows no const; this is only read */
    CK_RV rv;
    if (key->ask_always) {
        int rc = pin_send(token, CKU_CONTEXT_SPECIFIC, SIGN_SECRET_CONTEXT_PIN, pin, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    /* One call with room for any answer: asking for the length first costs some tokens a whole signature. */
    CK_ULONG room = sig_max_size(cert_key(key->cert)) + 64, len = room;
    uint8_t *at = build_room(raw, room);
    if (!at) {
        return build_check(raw, err, "signature value");
    }
    C_CALL(rv, &token->env, token->module, C_Sign, session, data.out, input.len, at, &len);
    if (rv == CKR_OK && len > room) {
        rv = CKR_BUFFER_TOO_SMALL;
    }
    if (rv != CKR_OK) {
        return call_error(rv, "sign with the token", err);
    }
    build_truncate(raw, len);
    return SIGN_OK;
}

static int sign_raw(struct token_key *key, CK_SESSION_HANDLE *session, struct mechanism *mechanism, sign_bytes input,
                    struct build *raw, sign_err *err)
{
    struct token *token = key->token;
    CLEANUP(secret_free) struct secret pin = { 0 };
    CK_RV rv;
    if (key->ask_always) {
        int rc = pin_ask(token, SIGN_SECRET_CONTEXT_PIN, key->what, &pin, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    C_CALL(rv, &token->env, token->module, C_SignInit, *session, &mechanism->ck, key->handle);
    int rc = rv == CKR_OK ? sign_begun(key, *session, input, &pin, raw, err)
                          : call_error(rv, "begin to sign with the token", err);
    if (rc != SIGN_OK) {
        session_renew(token, session);   /* PKCS#11 before 3.0 has no other way to end what was begun */
    }
    return rc;
}

int token_key_sign(struct token_key *key, const sign_request *request, struct build *out, sign_err *err)
{
    EVP_PKEY *public = cert_key(key->cert);
    bool ecdsa = request->scheme == SIGN_SCHEME_ECDSA;
    size_t width = ecdsa_width(public), size = ecdsa ? 2 * width : sig_max_size(public);
    uint8_t info[DIGEST_INFO_MAX];
    struct mechanism mechanism;
    int rc = mechanism_choose(&mechanism, &key->mechanisms, request, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    sign_bytes input = input_of(&mechanism, request, width, info);
    if (input.len == 0 || size == 0) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "%s: not with this key or digest",
                       scheme_name(request->scheme));
    }
    CLEANUP(build_free) struct build raw = { 0 };
    struct lane *lane = lane_take(key);
    if (!lane) {
        return err_set(err, SIGN_E_INTERNAL, SIGN_NO_OFFSET, NULL, "the key is asked by more threads than it has sessions");
    }
    rc = sign_raw(key, lane->session, &mechanism, input, &raw, err);
    lane_give(key, lane);
    return rc != SIGN_OK ? rc : take(out, key, ecdsa, build_view(&raw), size, err);
}
