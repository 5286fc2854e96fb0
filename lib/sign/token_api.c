/* The public calls on tokens: lib/token with the context's crypto, certificates and log. */
#include <sign/key.h>

#include <base/err.h>
#include <stdlib.h>

static void log_to_ctx(void *payload, int level, const char *msg)
{
    ctx_log(payload, level, "%s", msg);
}

static struct token_env env_of(sign_ctx *ctx)
{
    return (struct token_env){ .crypto = ctx_crypto(ctx), .certs = ctx_certs(ctx), .payload = ctx, .log = log_to_ctx };
}

int sign_token_list(sign_ctx *ctx, const char *module, sign_token_visit_fn visit, void *payload, sign_err *err)
{
    if (!ctx || !visit) {
        return err_arg(err, "sign_token_list: ctx or visit is NULL");
    }
    struct token_env env = env_of(ctx);
    return token_list(&env, module, visit, payload, err);
}

int sign_token_open(sign_token **out, sign_ctx *ctx, const char *module, const char *uri, sign_err *err)
{
    if (!out || !ctx) {
        return err_arg(err, "sign_token_open: out or ctx is NULL");
    }
    *out = NULL;
    struct token_env env = env_of(ctx);
    sign_token *token = calloc(1, sizeof *token);
    if (!token) {
        return err_nomem(err);
    }
    token->ctx = ctx;
    int rc = token_open(&token->token, &env, module, uri, err);
    if (rc != SIGN_OK) {
        free(token);
        return rc;
    }
    *out = token;
    return SIGN_OK;
}

const sign_token_info *sign_token_describe(const sign_token *token)
{
    return token ? token_info(token->token) : NULL;
}

int sign_token_login(sign_token *token, sign_pin_fn ask, void *payload, bool allow_final_try, sign_err *err)
{
    return !token ? err_arg(err, "sign_token_login: token is NULL") : token_login(token->token, ask, payload, allow_final_try, err);
}

int sign_token_certs(sign_token *token, sign_cert_visit_fn visit, void *payload, sign_err *err)
{
    if (!token || !visit) {
        return err_arg(err, "sign_token_certs: token or visit is NULL");
    }
    struct token_certs certs = { 0 };
    int rc = token_certs_read(&certs, token->token, NULL, err);
    for (size_t i = 0; rc == SIGN_OK && i < certs.n; i++) {
        const struct token_cert *entry = &certs.list[i];
        if (!visit(payload, entry->cert, entry->has_key, entry->uri)) {
            break;
        }
    }
    token_certs_free(&certs);
    return rc;
}

void sign_token_free(sign_token **token)
{
    if (token && *token) {
        token_free(&(*token)->token);
        free(*token);
        *token = NULL;
    }
}
