/* kyso token list, kyso token certs: what is plugged in. */
#include "command.h"
#include "complain.h"
#include "exit.h"
#include "jsonl.h"
#include "option.h"

#include <libsign/libsign.h>
#include <string.h>

static const char *module;
static bool as_json;
static const struct option options[] = {
    { "module", 0, OPTION_VALUE, &module, "PATH", T_OPT_MODULE },
    { "json", 0, OPTION_FLAG, &as_json, NULL, T_OPT_JSON },
    { 0 },
};

struct listing { sign_ctx *ctx; bool certs; size_t n; int code; };

static enum text pin_state(const sign_token_info *info)
{
    return !info->initialized    ? T_PIN_STATE_NONE
           : info->pin_locked    ? T_PIN_STATE_LOCKED
           : info->pin_final_try ? T_PIN_STATE_FINAL
           : info->pin_low       ? T_PIN_STATE_LOW
                                 : T_PIN_STATE_OK;
}

static void token_json(const sign_token_info *info)
{
    static const struct { enum text state; const char *word; } states[] = {
        { T_PIN_STATE_NONE, "not-set" }, { T_PIN_STATE_LOCKED, "locked" }, { T_PIN_STATE_FINAL, "final-try" },
        { T_PIN_STATE_LOW, "low" },      { T_PIN_STATE_OK, "ok" },
    };
    const char *pin = NULL;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        pin = states[i].state == pin_state(info) ? states[i].word : pin;
    }
    struct jsonl json;
    jsonl_open(&json, stdout);
    jsonl_string(&json, "label", info->label);
    jsonl_string(&json, "serial", info->serial);
    jsonl_string(&json, "manufacturer", info->manufacturer);
    jsonl_string(&json, "model", info->model);
    jsonl_string(&json, "reader", info->reader);
    jsonl_string(&json, "module", info->module);
    jsonl_string(&json, "uri", info->uri);
    jsonl_string(&json, "pin", pin);
    jsonl_bool(&json, "pin_pad", info->pin_pad);
    jsonl_close(&json);
}

static void token_text(const sign_token_info *info)
{
    text_say(stdout, T_TOKEN_LINE, *info->label ? info->label : text_of(T_TOKEN_NAMELESS), NULL);
    text_say(stdout, T_TOKEN_SERIAL, info->serial, NULL);
    text_say(stdout, T_TOKEN_MODEL, info->manufacturer, info->model, NULL);
    text_say(stdout, T_TOKEN_READER, info->reader, NULL);
    text_say(stdout, T_TOKEN_MODULE, info->module, NULL);
    text_say(stdout, T_TOKEN_URI, info->uri, NULL);
    text_say(stdout, T_TOKEN_PIN, text_of(pin_state(info)), NULL);
}

static bool show_cert(void *payload, const sign_cert *cert, bool has_key, const char *uri)
{
    char from[32], to[32];
    sign_print_time(from, sign_cert_not_before(cert), 420);
    sign_print_time(to, sign_cert_not_after(cert), 420);
    if (as_json) {
        struct jsonl json;
        jsonl_open(&json, stdout);
        jsonl_string(&json, "token", payload);
        jsonl_string(&json, "common_name", sign_cert_common_name(cert));
        jsonl_string(&json, "organization", sign_cert_organization(cert));
        jsonl_string(&json, "subject", sign_cert_subject(cert));
        jsonl_string(&json, "issuer", sign_cert_issuer(cert));
        jsonl_string(&json, "serial", sign_cert_serial(cert));
        jsonl_string(&json, "sha256", sign_cert_sha256(cert));
        jsonl_string(&json, "not_before", from);
        jsonl_string(&json, "not_after", to);
        jsonl_bool(&json, "has_key", has_key);
        jsonl_string(&json, "uri", uri);
        jsonl_close(&json);
        return true;
    }
    text_say(stdout, T_TOKEN_LINE, sign_cert_common_name(cert), NULL);
    text_say(stdout, T_CERT_SUBJECT, sign_cert_subject(cert), NULL);
    text_say(stdout, T_CERT_ISSUER, sign_cert_issuer(cert), NULL);
    text_say(stdout, T_CERT_VALID, from, to, NULL);
    text_say(stdout, T_CERT_SERIAL, sign_cert_serial(cert), NULL);
    text_say(stdout, T_TOKEN_URI, uri, NULL);
    return true;
}

static int list_certs(const struct listing *listing, const sign_token_info *info)
{
    sign_err err = SIGN_ERR_INIT;
    sign_token *token = NULL;
    char label[256];
    snprintf(label, sizeof label, "%s", info->label);
    int rc = sign_token_open(&token, listing->ctx, info->module, info->uri, &err);
    if (rc == SIGN_OK) {
        rc = sign_token_certs(token, show_cert, label, &err);
    }
    sign_token_free(&token);
    if (rc != SIGN_OK) {
        complain_of_key(label, &err);
    }
    return exit_of_key_status(rc);
}

static bool show_token(void *payload, const sign_token_info *info)
{
    struct listing *listing = payload;
    if (listing->certs && !info->initialized) {
        return true;        /* has neither a label to be opened by nor a certificate */
    }
    listing->n++;
    if (listing->certs) {
        listing->code = exit_worst(listing->code, list_certs(listing, info));
    } else if (as_json) {
        token_json(info);
    } else {
        token_text(info);
    }
    return true;
}

static int list(bool certs)
{
    static int log_level = SIGN_LOG_WARNING;
    sign_err err = SIGN_ERR_INIT;
    sign_ctx_opts ctx_opts = SIGN_CTX_OPTS_INIT;
    ctx_opts.log = complain_log;
    ctx_opts.payload = &log_level;
    struct listing listing = { .certs = certs };
    int rc = sign_ctx_new(&listing.ctx, &ctx_opts, &err);
    if (rc == SIGN_OK) {
        rc = sign_token_list(listing.ctx, module, show_token, &listing, &err);
    }
    sign_ctx_free(&listing.ctx);
    if (rc != SIGN_OK) {
        complain_of_key("token", &err);
        return exit_of_key_status(rc);
    }
    if (listing.n == 0) {
        text_say(stderr, T_NO_TOKENS, NULL);
        return EXIT_KEY;
    }
    return listing.code;
}

static int list_tokens(void)
{
    return list(false);
}

static int list_certificates(void)
{
    return list(true);
}

/* NULL: part of the contract, not of this version. */
static const struct { const char *name; int (*run)(void); } words[] = {
    { "list", list_tokens }, { "certs", list_certificates }, { "watch", NULL }, { "pin", NULL },
};

static int run_word(const struct command_line *line)
{
    const struct list *given = &line->files;
    for (size_t i = 0; given->n == 1 && i < sizeof words / sizeof *words; i++) {
        if (strcmp(given->items[0], words[i].name) == 0) {
            if (words[i].run) {
                return words[i].run();
            }
            char command[32];
            snprintf(command, sizeof command, "token %s", words[i].name);
            text_say(stderr, T_LATER_COMMAND, command, NULL);
            return EXIT_USAGE;
        }
    }
    text_say(stderr, T_BAD_TOKEN_COMMAND, NULL);
    return EXIT_USAGE;
}

int cmd_token(int argc, char **argv)
{
    struct command_line line = { .command = "token", .options = options };
    return options_run(&line, T_USAGE_TOKEN, run_word, argc, argv);
}
