/* Opening a token: choosing it, and a read-only session with it. */
#include <token/session.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <stdlib.h>
#include <token/uri.h>
#include <unistd.h>

int token_list(const struct token_env *env, const char *module, sign_token_visit_fn visit, void *payload, sign_err *err)
{
    CLEANUP(roster_free) struct roster roster = { 0 };
    int rc = roster_read(&roster, env, module, err);
    for (size_t i = 0; rc == SIGN_OK && i < roster.n; i++) {
        if (!visit(payload, &roster.list[i]->info)) {
            break;
        }
    }
    return rc;
}

/* A token that was never initialised (SoftHSM always shows one) is no answer: nothing is on it. */
static bool is_wanted(const struct token_view *view, P11KitUri *uri)
{
    return view->info.initialized && uri_has_token(uri, &view->ck);
}

static int ambiguous(const struct roster *roster, P11KitUri *uri, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    for (size_t i = 0; i < roster->n; i++) {
        if (is_wanted(roster->list[i], uri)) {
            build_str(&text, text.len ? ", " : "");
            text_escape(&text, bytes_str(roster->list[i]->info.label));
            build_str(&text, " (");
            text_escape(&text, bytes_str(roster->list[i]->info.serial));
            build_str(&text, ")");
        }
    }
    return err_set(err, SIGN_E_AMBIGUOUS, SIGN_NO_OFFSET, NULL, "several tokens: %.*s", (int)text.len,
                   text.len ? (const char *)text.ptr : "");
}

static int choose(const struct token_view **out, const struct roster *roster, P11KitUri *uri, sign_err *err)
{
    *out = NULL;
    for (size_t i = 0; i < roster->n; i++) {
        if (!is_wanted(roster->list[i], uri)) {
            continue;
        }
        if (*out) {
            return ambiguous(roster, uri, err);
        }
        *out = roster->list[i];
    }
    if (!*out) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL,
                       uri ? "no token matches the URI (%zu seen)" : "no token is plugged in (%zu uninitialised seen)",
                       roster->n);
    }
    return SIGN_OK;
}

int session_open(struct token *token, CK_SESSION_HANDLE *session, sign_err *err)
{
    CK_RV rv;
    C_CALL(rv, &token->env, token->module, C_OpenSession, token->view->slot, CKF_SERIAL_SESSION, NULL, NULL, session);
    return rv == CKR_OK ? SIGN_OK : call_error(rv, "open a session", err);
}

void session_renew(struct token *token, CK_SESSION_HANDLE *session)
{
    CK_SESSION_HANDLE fresh;
    CK_RV rv;
    /* In this order: with its last session closed, the token would be logged out. */
    if (session_open(token, &fresh, NULL) == SIGN_OK) {
        C_CALL(rv, &token->env, token->module, C_CloseSession, *session);
        *session = fresh;
    }
}

static int attach(struct token *token, const struct token_view *view, sign_err *err)
{
    token->view = view_copy(&token->arena, view);
    if (!token->view) {
        return err_nomem(err);
    }
    struct module *module = view->module;
    module_lock(module);
    module->refs++;
    token->module = module;
    int rc = session_open(token, &token->session, err);
    if (rc == SIGN_OK) {
        token->next = module->open;
        module->open = token;
    }
    module_unlock(module);
    if (rc != SIGN_OK) {
        module_release(&token->module);
    }
    return rc;
}

static int token_new(struct token **out, const struct token_env *env, const struct token_view *view, sign_err *err)
{
    struct token *token = calloc(1, sizeof *token);
    if (!token) {
        return err_nomem(err);
    }
    token->env = *env;
    int rc = attach(token, view, err);
    if (rc != SIGN_OK) {
        arena_free(&token->arena);
        free(token);
        return rc;
    }
    *out = token;
    return SIGN_OK;
}

int token_open(struct token **out, const struct token_env *env, const char *module, const char *uri, sign_err *err)
{
    CLEANUP(uri_free) P11KitUri *wanted = NULL;
    CLEANUP(roster_free) struct roster roster = { 0 };
    const struct token_view *view = NULL;
    int rc = uri_parse(&wanted, uri, err);
    if (rc == SIGN_OK) {
        rc = roster_read(&roster, env, module, err);
    }
    if (rc == SIGN_OK) {
        rc = choose(&view, &roster, wanted, err);
    }
    return rc != SIGN_OK ? rc : token_new(out, env, view, err);
}

const sign_token_info *token_info(const struct token *token)
{
    return &token->view->info;
}

bool token_logged_in(const struct token *token)
{
    CK_SESSION_INFO info = { 0 };
    CK_RV rv;
    if (!token->view->info.login_required) {
        return true;
    }
    C_CALL(rv, &token->env, token->module, C_GetSessionInfo, token->session, &info);
    return rv == CKR_OK && (info.state == CKS_RO_USER_FUNCTIONS || info.state == CKS_RW_USER_FUNCTIONS);
}

/* Login belongs to the process, not to the session: as long as another of our tokens uses the slot, it stays. */
static bool slot_in_use(const struct module *module, CK_SLOT_ID slot)
{
    const struct token *other = module->open;
    while (other && other->view->slot != slot) {
        other = other->next;
    }
    return other;
}

static void detach(struct token *token)
{
    struct module *module = token->module;
    module_lock(module);
    struct token **at = &module->open;
    while (*at && *at != token) {
        at = &(*at)->next;
    }
    if (*at) {
        *at = token->next;
    }
    CK_RV rv;
    if (token->logged_in && !slot_in_use(module, token->view->slot)) {
        C_CALL(rv, &token->env, module, C_Logout, token->session);
    }
    C_CALL(rv, &token->env, module, C_CloseSession, token->session);
    module_unlock(module);
}

void token_free(struct token **token)
{
    struct token *t = *token;
    *token = NULL;
    if (!t) {
        return;
    }
    if (t->module->pid == getpid()) {
        detach(t);
    }
    module_release(&t->module);
    arena_free(&t->arena);
    free(t);
}
