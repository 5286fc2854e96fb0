/* A key on a token: which of its certificates signs, and the operation. */
#include <sign/key.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>

struct choice {
    const struct token_cert *list[LIMIT_TOKEN_CERTS];
    size_t n;
};

static bool may_sign(const sign_cert *cert, int64_t now)
{
    return cert_may_sign(cert) && !cert_is_ca(cert);
}

static bool is_valid(const sign_cert *cert, int64_t now)
{
    return sign_cert_not_before(cert) <= now && now <= sign_cert_not_after(cert);
}

/* Keeps those that pass, unless none does. */
static void prefer(struct choice *choice, bool (*pass)(const sign_cert *, int64_t), int64_t now)
{
    struct choice kept = { .n = 0 };
    for (size_t i = 0; i < choice->n; i++) {
        if (pass(choice->list[i]->cert, now)) {
            kept.list[kept.n++] = choice->list[i];
        }
    }
    if (kept.n) {
        *choice = kept;
    }
}

static int ambiguous(const struct choice *choice, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    for (size_t i = 0; i < choice->n; i++) {
        build_str(&text, i ? ", " : "");
        text_escape(&text, bytes_str(sign_cert_common_name(choice->list[i]->cert)));
        build_str(&text, " (object=");
        text_escape(&text, bytes_str(choice->list[i]->label));
        build_str(&text, ")");
    }
    return err_set(err, SIGN_E_AMBIGUOUS, SIGN_NO_OFFSET, NULL, "several keys could sign: %.*s", (int)text.len,
                   text.len ? (const char *)text.ptr : "");
}

static int not_found(const struct token *token, const struct token_certs *certs, const char *uri, sign_err *err)
{
    const char *why = !token_logged_in(token) ? "; keys may show only after login" : "";
    return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL, "%s (%zu certificates on the token)%s",
                   uri ? "no certificate with a private key matches the URI"
                       : "the token has no certificate that signs, with its key",
                   certs->n, why);
}

/*
 * With a URI, what it names, whether or not that may sign: the check before signing says so by name. Without one, only
 * what may. Where several remain, those valid now: a token keeps the certificates that were renewed.
 */
static int choose(const struct token_cert **out, const struct token *token, const struct token_certs *certs,
                  const char *uri, int64_t now, sign_err *err)
{
    struct choice choice = { .n = 0 };
    for (size_t i = 0; i < certs->n; i++) {
        const struct token_cert *entry = &certs->list[i];
        if (entry->has_key && entry->matches && (uri || may_sign(entry->cert, now))) {
            choice.list[choice.n++] = entry;
        }
    }
    prefer(&choice, may_sign, now);
    prefer(&choice, is_valid, now);
    if (choice.n != 1) {
        return choice.n ? ambiguous(&choice, err) : not_found(token, certs, uri, err);
    }
    *out = choice.list[0];
    return SIGN_OK;
}

static int sign_with_token(void *payload, const sign_request *request, sign_buf *out, sign_err *err)
{
    CLEANUP(build_free) struct build value = { 0 };
    int rc = token_key_sign(payload, request, &value, err);
    if (rc == SIGN_OK && sign_buf_append(out, build_view(&value)) != SIGN_OK) {
        rc = err_nomem(err);
    }
    return rc;
}

static void drop_token_key(void *payload)
{
    struct token_key *key = payload;
    token_key_free(&key);
}

static unsigned share_token_key(void *payload, unsigned wanted)
{
    return token_key_share(payload, wanted);
}

static const sign_key_ops token_ops = { sizeof token_ops, sign_with_token, drop_token_key };

static int key_of(sign_key **out, sign_token *token, const struct token_certs *certs, const struct token_cert *chosen,
                  sign_err *err)
{
    CLEANUP(token_key_free) struct token_key *key = NULL;
    sign_cert *pool[LIMIT_TOKEN_CERTS];
    for (size_t i = 0; i < certs->n; i++) {
        pool[i] = certs->list[i].cert;
    }
    int rc = token_key_open(&key, token->token, chosen, err);
    if (rc == SIGN_OK) {
        rc = key_new(out, token->ctx, chosen->cert, pool, certs->n, &token_ops, share_token_key, key, err);
    }
    if (rc == SIGN_OK) {
        key = NULL;
    }
    return rc;
}

int sign_key_from_token(sign_key **out, sign_token *token, const char *uri, sign_err *err)
{
    if (!out || !token) {
        return err_arg(err, "sign_key_from_token: out or token is NULL");
    }
    CLEANUP(token_certs_free) struct token_certs certs = { 0 };
    const struct token_cert *chosen = NULL;
    int rc = token_certs_read(&certs, token->token, uri, err);
    if (rc == SIGN_OK) {
        rc = choose(&chosen, token->token, &certs, uri, ctx_now(token->ctx), err);
    }
    return rc != SIGN_OK ? rc : key_of(out, token, &certs, chosen, err);
}
