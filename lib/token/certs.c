/* The certificates on a token. */
#include <token/session.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <string.h>
#include <token/uri.h>

struct reading {
    struct token *token;
    struct token_certs *certs;
    P11KitUri *uri;
    struct private_key *keys;
    size_t n_keys;
};

static void set_key(struct token_cert *entry, const struct private_key *key)
{
    entry->has_key = key;
    if (key) {
        entry->key = key->handle;
        entry->ask_always = key->ask_always;
    }
}

/* A URI may name the certificate or its key: their labels differ on many tokens. */
static bool is_named(const struct reading *r, sign_bytes label, const struct token_cert *entry,
                     const struct private_key *key)
{
    return uri_has_token(r->uri, &r->token->view->ck) &&
           (uri_has_object(r->uri, label, entry->id) || (key && uri_has_object(r->uri, key->label, key->id)));
}

static int add(struct reading *r, sign_cert *cert, sign_bytes label, sign_bytes id, sign_err *err)
{
    struct token_cert *entry = &r->certs->list[r->certs->n];
    const struct private_key *key = private_key_of(r->keys, r->n_keys, cert, id);
    *entry = (struct token_cert){ .id = id };
    entry->label = label.len ? padded_text(&r->certs->arena, label.ptr, label.len) : "";
    entry->uri = uri_of_object(&r->certs->arena, &r->token->view->ck, label, id);
    entry->matches = is_named(r, label, entry, key);
    set_key(entry, key);
    if (!entry->label || !entry->uri) {
        return err_nomem(err);
    }
    entry->cert = cert_ref(cert);
    r->certs->n++;
    return SIGN_OK;
}

/* The same certificate as two objects: one entry, which a URI may name by either. */
static struct token_cert *find(const struct token_certs *certs, const sign_cert *cert)
{
    for (size_t i = 0; i < certs->n; i++) {
        if (cert_equal(certs->list[i].cert, cert)) {
            return &certs->list[i];
        }
    }
    return NULL;
}

static int read_one(struct reading *r, CK_OBJECT_HANDLE object, sign_err *err)
{
    CLEANUP(cert_free) sign_cert *cert = NULL;
    sign_bytes der, label, id;
    int rc = object_attr(r->token, object, CKA_VALUE, &r->certs->arena, &der, err);
    if (rc == SIGN_OK) {
        rc = object_attr(r->token, object, CKA_LABEL, &r->certs->arena, &label, err);
    }
    if (rc == SIGN_OK) {
        rc = object_attr(r->token, object, CKA_ID, &r->certs->arena, &id, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    sign_err problem = SIGN_ERR_INIT;
    if (cert_get(r->token->env.certs, der, &cert, &problem) != SIGN_OK) {
        token_log(&r->token->env, SIGN_LOG_WARNING, "a certificate on the token is passed over: %s", problem.msg);
        return problem.status == SIGN_E_NOMEM ? err_nomem(err) : SIGN_OK;
    }
    struct token_cert *known = find(r->certs, cert);
    if (!known) {
        return add(r, cert, label, id, err);
    }
    known->matches |= is_named(r, label, &(struct token_cert){ .id = id }, NULL);
    if (!known->has_key) {
        set_key(known, private_key_of(r->keys, r->n_keys, cert, id));
    }
    return SIGN_OK;
}

static int read_all(struct reading *r, sign_err *err)
{
    CK_OBJECT_HANDLE objects[LIMIT_TOKEN_CERTS];
    size_t n = 0;
    int rc = objects_find(r->token, CKO_CERTIFICATE, (sign_bytes){ 0 }, objects, LIMIT_TOKEN_CERTS, &n, err);
    if (rc == SIGN_OK) {
        rc = private_keys_read(&r->keys, &r->n_keys, r->token, &r->certs->arena, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    r->certs->list = arena_array(&r->certs->arena, n + 1, sizeof *r->certs->list);
    if (!r->certs->list) {
        return err_nomem(err);
    }
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        rc = read_one(r, objects[i], err);
    }
    return rc;
}

int token_certs_read(struct token_certs *out, struct token *token, const char *uri, sign_err *err)
{
    CLEANUP(token_certs_free) struct token_certs certs = { 0 };
    CLEANUP(uri_free) P11KitUri *wanted = NULL;
    int rc = uri_parse(&wanted, uri, err);
    if (rc == SIGN_OK) {
        struct reading r = { .token = token, .certs = &certs, .uri = wanted };
        rc = read_all(&r, err);
    }
    if (rc == SIGN_OK) {
        *out = certs;
        certs = (struct token_certs){ 0 };
    }
    return rc;
}

void token_certs_free(struct token_certs *certs)
{
    for (size_t i = 0; i < certs->n; i++) {
        cert_free(&certs->list[i].cert);
    }
    arena_free(&certs->arena);
    *certs = (struct token_certs){ 0 };
}
