/* Signing with a private key on a token. */
#include <token/session.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <stdlib.h>

struct token_key {
    struct token *token;        /* borrowed */
    sign_cert *cert;            /* a reference: whose key this is */
    char *what;                 /* for the prompt */
    CK_OBJECT_HANDLE handle;
    bool ask_always;
    struct mechanisms mechanisms;
    struct arena arena;
};

int token_key_open(struct token_key **out, struct token *token, const struct token_cert *cert, sign_err *err)
{
    CLEANUP(token_key_free) struct token_key *key = calloc(1, sizeof *key);
    if (!key) {
        return err_nomem(err);
    }
    if (!cert->has_key || !cert_key(cert->cert)) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL,
                       "the token shows no private key for this certificate");
    }
    key->token = token;
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

void token_key_free(struct token_key **key)
{
    if (*key) {
        cert_free(&(*key)->cert);
        arena_free(&(*key)->arena);
        free(*key);
        *key = NULL;
    }
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

static int sign_begun(struct token_key *key, sign_bytes input, const struct secret *pin, struct build *raw,
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
    C_CALL(rv, &token->env, token->module, C_Sign, token->session, data.out, input.len, at, &len);
    if (rv == CKR_OK && len > room) {
        rv = CKR_BUFFER_TOO_SMALL;
    }
    if (rv != CKR_OK) {
        return call_error(rv, "sign with the token", err);
    }
    build_truncate(raw, len);
    return SIGN_OK;
}

static int sign_raw(struct token_key *key, struct mechanism *mechanism, sign_bytes input, struct build *raw,
                    sign_err *err)
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
    C_CALL(rv, &token->env, token->module, C_SignInit, token->session, &mechanism->ck, key->handle);
    int rc = rv == CKR_OK ? sign_begun(key, input, &pin, raw, err)
                          : call_error(rv, "begin to sign with the token", err);
    if (rc != SIGN_OK) {
        session_renew(token);   /* PKCS#11 before 3.0 has no other way to end what was begun */
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
    rc = sign_raw(key, &mechanism, input, &raw, err);
    return rc != SIGN_OK ? rc : take(out, key, ecdsa, build_view(&raw), size, err);
}
