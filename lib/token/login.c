/*
 * Logging in. A token destroys itself, as far as its owner is concerned, after a handful of wrong PINs: every rule here
 * errs on the side of not sending one (decision 10).
 */
#include <token/session.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <string.h>
#include <token/pins.h>

/* Reads the flags, and refuses where an attempt is hopeless, or might be the last. */
static int may_try(struct token *token, sign_err *err)
{
    int rc = view_refresh(token->view, &token->env, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (token->view->info.pin_locked) {
        return err_set(err, SIGN_E_PIN_LOCKED, SIGN_NO_OFFSET, NULL,
                       "the token says that its PIN is locked; nothing was sent");
    }
    if (token->view->info.pin_final_try && !token->allow_final_try) {
        return err_set(err, SIGN_E_PIN_LAST_TRY, SIGN_NO_OFFSET, NULL,
                       "the token says that one more wrong PIN locks it; nothing was sent");
    }
    return SIGN_OK;
}

static struct pin_id id_of(const struct token *token, int32_t kind)
{
    const sign_token_info *info = &token->view->info;
    return (struct pin_id){ info->label, info->serial, info->model, kind };
}

/* What cannot be the PIN is not sent: some tokens count it as a try. */
static int check_pin(struct token *token, int32_t kind, const struct secret *pin, sign_err *err)
{
    CK_ULONG min = token->view->ck.ulMinPinLen, max = token->view->ck.ulMaxPinLen;
    bool known = max > 0 && max >= min && max != CK_UNAVAILABLE_INFORMATION;
    if (pin->len == 0 || memchr(pin->ptr, 0, pin->len)) {
        return err_set(err, SIGN_E_PIN_WRONG, SIGN_NO_OFFSET, NULL,
                       "an empty PIN, or one with a NUL in it, is not sent");
    }
    if (known && (pin->len < min || pin->len > max)) {
        return err_set(err, SIGN_E_PIN_WRONG, SIGN_NO_OFFSET, NULL,
                       "this token's PINs have %lu to %lu characters; nothing was sent", min, max);
    }
    bool bad = false;
    struct pin_id id = id_of(token, kind);
    int rc = pin_is_bad(&bad, token->env.crypto, &id, pin, err);
    return rc != SIGN_OK || !bad ? rc
                                 : err_set(err, SIGN_E_PIN_WRONG, SIGN_NO_OFFSET, NULL,
                                           "the token has refused this PIN before; it was not sent again");
}

static int ask_user(struct token *token, int32_t kind, const char *what, struct secret *pin, sign_err *err)
{
    sign_pin_request request = { sizeof request, kind, &token->view->info, what };
    if (!token->ask) {
        return kind == SIGN_SECRET_PIN_PAD ? SIGN_OK : err_arg(err, "a PIN is needed, and nobody to ask for it");
    }
    int rc = token->ask(token->ask_payload, &request, pin->ptr, pin->cap, &pin->len);
    if (rc != SIGN_OK) {
        return err_set(err, rc, SIGN_NO_OFFSET, NULL, "no PIN was given: %s", sign_status_name(rc));
    }
    if (pin->len > pin->cap) {
        pin->len = 0;
        return err_arg(err, "a PIN of more than %d bytes", LIMIT_PIN);
    }
    return SIGN_OK;
}

int pin_ask(struct token *token, int32_t kind, const char *what, struct secret *pin, sign_err *err)
{
    int rc = may_try(token, err);
    if (rc == SIGN_OK) {
        rc = secret_new(pin, LIMIT_PIN, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    if (token->view->info.pin_pad) {
        rc = ask_user(token, SIGN_SECRET_PIN_PAD, what, pin, err);
        wipe(pin->ptr, pin->cap);
        pin->len = 0;
        return rc;
    }
    rc = ask_user(token, kind, what, pin, err);
    return rc != SIGN_OK ? rc : check_pin(token, kind, pin, err);
}

int pin_send(struct token *token, CK_USER_TYPE user, int32_t kind, const struct secret *pin, sign_err *err)
{
    /* Again: while the user typed, another program may have used up a try. */
    int rc = may_try(token, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    /* And an empty PIN would be a try, too: sent where the pad is gone that the user was sent to. */
    if (token->view->info.pin_pad != (pin->len == 0)) {
        return err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL,
                       "the reader's pin pad came or went while the PIN was asked for; nothing was sent");
    }
    CK_UTF8CHAR *text = token->view->info.pin_pad ? NULL : (CK_UTF8CHAR *)pin->ptr;
    CK_RV rv;
    C_CALL(rv, &token->env, token->module, C_Login, token->session, user, text, text ? pin->len : 0);
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) {
        return SIGN_OK;
    }
    rc = call_error(rv, "log in to the token", err);
    if (rc == SIGN_E_PIN_WRONG && text) {
        struct pin_id id = id_of(token, kind);
        (void)pin_remember_bad(token->env.crypto, &id, pin, NULL);
    }
    (void)view_refresh(token->view, &token->env, NULL);     /* for whoever tells the user how many tries are left */
    return rc;
}

int token_login(struct token *token, sign_pin_fn ask, void *payload, bool allow_final_try, sign_err *err)
{
    token->ask = ask;
    token->ask_payload = payload;
    token->allow_final_try = allow_final_try;
    int rc = view_refresh(token->view, &token->env, err);
    if (rc != SIGN_OK || token_logged_in(token)) {
        return rc;
    }
    CLEANUP(secret_free) struct secret pin = { 0 };
    rc = pin_ask(token, SIGN_SECRET_USER_PIN, token->view->info.label, &pin, err);
    if (rc == SIGN_OK) {
        rc = pin_send(token, CKU_USER, SIGN_SECRET_USER_PIN, &pin, err);
    }
    token->logged_in |= rc == SIGN_OK;
    return rc;
}
