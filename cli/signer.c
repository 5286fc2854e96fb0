#include "signer.h"
#include "choose.h"
#include "complain.h"
#include "exit.h"

#include <strings.h>

static bool add_token(void *payload, const sign_token_info *info)
{
    char label[256];
    if (!info->initialized) {
        return true;        /* an empty slot of a soft token: nothing to choose */
    }
    snprintf(label, sizeof label, "%s  (%s, %s)", info->label, info->serial, info->reader);
    return choices_add(payload, info->uri, label);
}

static bool add_cert(void *payload, const sign_cert *cert, bool has_key, const char *uri)
{
    char from[32], to[32], label[512];
    if (!has_key) {
        return true;
    }
    sign_print_time(from, sign_cert_not_before(cert), 420);
    sign_print_time(to, sign_cert_not_after(cert), 420);
    snprintf(label, sizeof label, "%s  (%s; %.10s - %.10s)", sign_cert_common_name(cert), sign_cert_organization(cert),
             from, to);
    return choices_add(payload, uri, label);
}

static int key_failure(const char *about, const sign_err *err)
{
    complain_of_key(about, err);
    return exit_of_key_status(err->status);
}

/* The same for a call that asked for a secret: what was said before it, or of its source, is enough. */
static int login_failure(const char *about, const struct signer_options *options, const sign_err *err)
{
    return options->refused ? options->refused : options->pin.told ? EXIT_KEY : key_failure(about, err);
}

/* A sign_pin_fn. */
static int ask(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    struct signer_options *options = payload;
    options->refused = options->before_asking ? options->before_asking(options->payload) : EXIT_DONE;
    options->before_asking = NULL;      /* some keys ask for each signature */
    return options->refused ? SIGN_E_CANCELLED : secret_ask(&options->pin, request, buf, cap, len);
}

/* After AMBIGUOUS: the user's choice; where there is none to be had, err is complained of. */
static int choose(const char **uri, const struct choices *choices, int listed, enum text headline, const sign_err *err)
{
    int code = listed == SIGN_OK ? choices_ask(choices, headline, uri) : EXIT_KEY;
    return code == EXIT_KEY ? key_failure("--key", err) : code;
}

static int open_token(sign_token **out, sign_ctx *ctx, const struct signer_options *options)
{
    sign_err err = SIGN_ERR_INIT;
    int code = EXIT_DONE, rc = sign_token_open(out, ctx, options->module, options->key, &err);
    if (rc == SIGN_E_AMBIGUOUS) {
        struct choices choices = { 0 };
        sign_err ignored = SIGN_ERR_INIT;
        const char *uri = NULL;
        rc = sign_token_list(ctx, options->module, add_token, &choices, &ignored);
        code = choose(&uri, &choices, rc, T_CHOOSE_TOKEN, &err);
        rc = code == EXIT_DONE ? sign_token_open(out, ctx, options->module, uri, &err) : SIGN_OK;
        choices_free(&choices);
    }
    return rc == SIGN_OK ? code : key_failure("token", &err);
}

static int choose_key(struct signer *out, const struct signer_options *options)
{
    sign_err err = SIGN_ERR_INIT;
    int code = EXIT_DONE, rc = sign_key_from_token(&out->key, out->token, options->key, &err);
    if (rc == SIGN_E_AMBIGUOUS) {
        struct choices choices = { 0 };
        sign_err ignored = SIGN_ERR_INIT;
        const char *uri = NULL;
        rc = sign_token_certs(out->token, add_cert, &choices, &ignored);
        code = choose(&uri, &choices, rc, T_CHOOSE_CERT, &err);
        rc = code == EXIT_DONE ? sign_key_from_token(&out->key, out->token, uri, &err) : SIGN_OK;
        choices_free(&choices);
    }
    return rc == SIGN_OK ? code : key_failure("key", &err);
}

static int from_token(struct signer *out, sign_ctx *ctx, struct signer_options *options)
{
    int code = open_token(&out->token, ctx, options);
    if (code != EXIT_DONE) {
        return code;
    }
    sign_err err = SIGN_ERR_INIT;
    int rc = sign_token_login(out->token, ask, options, options->allow_final_try, &err);
    return rc == SIGN_OK ? choose_key(out, options)
                         : login_failure(sign_token_describe(out->token)->label, options, &err);
}

static int from_file(struct signer *out, sign_ctx *ctx, struct signer_options *options)
{
    sign_err err = SIGN_ERR_INIT;
    int rc = sign_key_from_pkcs12(&out->key, ctx, options->key, ask, options, &err);
    return rc == SIGN_OK ? EXIT_DONE : login_failure(options->key, options, &err);
}

int signer_open(struct signer *out, sign_ctx *ctx, struct signer_options *options)
{
    bool token = !options->key || strncasecmp(options->key, "pkcs11:", 7) == 0; /* RFC 3986 3.1: any case */
    return token ? from_token(out, ctx, options) : from_file(out, ctx, options);
}

void signer_close(struct signer *signer)
{
    sign_key_free(&signer->key);
    sign_token_free(&signer->token);
}
