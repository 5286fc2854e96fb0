/* kyso inspect: what a PDF holds: revisions, fields, signatures, locks, permissions. Nothing is judged here. */
#include "command.h"
#include "complain.h"
#include "exit.h"
#include "option.h"
#include "password.h"
#include "start.h"

#include <libsign/libsign.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    struct password password;
    bool json;
} opt = { .password.lock = PTHREAD_MUTEX_INITIALIZER };
static const struct option options[] = {
    { "password-source", 0, OPTION_VALUE, &opt.password.source.spec, "SOURCE", T_OPT_PASSWORD_SOURCE },
    { "json", 0, OPTION_FLAG, &opt.json, NULL, T_OPT_JSON },
    { 0 },
};

static int print(const sign_doc *doc, const char *path, sign_err *err)
{
    sign_buf *out = NULL;
    int rc = opt.json ? sign_inspect_json(&out, doc, path, err) : sign_inspect_text(&out, doc, path, text_lang(), err);
    if (rc == SIGN_OK) {
        sign_bytes text = sign_buf_bytes(out);
        fwrite(text.ptr, 1, text.len, stdout);
        if (opt.json) {
            putchar('\n');
        }
    }
    sign_buf_free(&out);
    return rc;
}

/* An object for a file that cannot be read: the same as verify's. */
static void print_error(const char *path, int type, const sign_err *why)
{
    sign_buf *out = NULL;
    sign_err err = SIGN_ERR_INIT;
    if (sign_error_json(&out, path, type, why, &err) == SIGN_OK) {
        sign_bytes text = sign_buf_bytes(out);
        fwrite(text.ptr, 1, text.len, stdout);
        putchar('\n');
    }
    sign_buf_free(&out);
}

static int inspect_file(sign_ctx *ctx, const sign_doc_opts *opts, const char *path)
{
    sign_err err = SIGN_ERR_INIT;
    sign_doc *doc = NULL;
    int rc = strcmp(path, "-") == 0 ? sign_doc_open_fd(&doc, ctx, STDIN_FILENO, opts, &err)
                                    : sign_doc_open(&doc, ctx, path, opts, &err);
    if (rc == SIGN_OK) {
        rc = print(doc, path, &err);
    }
    if (rc != SIGN_OK) {
        complain(path, &err);
        if (opt.json) {
            print_error(path, sign_doc_type(doc), &err);
        }
    }
    sign_doc_free(&doc);
    return rc == SIGN_OK ? EXIT_DONE : exit_of_status(rc);
}

static int inspect_all(const struct command_line *line)
{
    const struct list *files = &line->files;
    if (files->n == 0) {
        text_say(stderr, T_NO_FILES, "inspect", NULL);
        return EXIT_USAGE;
    }
    int code = password_check(&opt.password);
    if (code != EXIT_DONE) {
        return code;
    }
    sign_err err = SIGN_ERR_INIT;
    sign_ctx *ctx = NULL;
    sign_doc_opts doc = SIGN_DOC_OPTS_INIT;
    password_use(&opt.password, &doc);
    doc.cancel = cancel_flag();
    if (sign_ctx_new(&ctx, NULL, &err) != SIGN_OK) {
        complain("libsign", &err);
        return exit_of_status(err.status);
    }
    start_catching();
    for (size_t i = 0; i < files->n && !*cancel_flag(); i++) {
        code = exit_worst(code, inspect_file(ctx, &doc, files->items[i]));
    }
    sign_ctx_free(&ctx);
    password_forget(&opt.password);
    return *cancel_flag() ? exit_worst(code, EXIT_CANCELLED) : code;
}

int cmd_inspect(int argc, char **argv)
{
    struct command_line line = { .command = "inspect", .options = options };
    return options_run(&line, T_USAGE_INSPECT, inspect_all, argc, argv);
}
