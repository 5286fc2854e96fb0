/* kyso verify: every signature of every file. */
#include "command.h"
#include "complain.h"
#include "exit.h"
#include "inputs.h"
#include "trust.h"

#include <errno.h>
#include <libsign/libsign.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct {
    struct trust_options trust;
    const char *revocation, *at, *files_from, *timeout;
    bool json, quiet, verbose, recursive, nul, doctype, offline;
} opt;
static const struct option options[] = {
    TRUST_OPTIONS(opt.trust),
    { "revocation", 0, OPTION_VALUE, &opt.revocation, "require|try|off", T_OPT_REVOCATION },
    { "at", 0, OPTION_VALUE, &opt.at, "TIME", T_OPT_AT_VERIFY },
    { "offline", 0, OPTION_FLAG, &opt.offline, NULL, T_OPT_OFFLINE },
    { "recursive", 'r', OPTION_FLAG, &opt.recursive, NULL, T_OPT_RECURSIVE },
    { "files-from", 0, OPTION_VALUE, &opt.files_from, "FILE", T_OPT_FILES_FROM },
    { "null", '0', OPTION_FLAG, &opt.nul, NULL, T_OPT_NUL },
    { "timeout", 0, OPTION_VALUE, &opt.timeout, "SECONDS", T_OPT_TIMEOUT },
    { "allow-doctype", 0, OPTION_FLAG, &opt.doctype, NULL, T_OPT_DOCTYPE },
    { "json", 0, OPTION_FLAG, &opt.json, NULL, T_OPT_JSON },
    { "quiet", 'q', OPTION_FLAG, &opt.quiet, NULL, T_OPT_QUIET },
    { "verbose", 'v', OPTION_FLAG, &opt.verbose, NULL, T_OPT_VERBOSE },
    { 0 },
};

struct run {
    sign_ctx *ctx;
    sign_trust *trust;
    sign_verify_opts verify;
    bool details;
};

static int bad_value(const char *name, const char *value, const char *expected)
{
    text_say(stderr, T_BAD_VALUE, name, value, expected, NULL);
    return EXIT_USAGE;
}

static int read_values(sign_verify_opts *verify)
{
    static const char *const revocations[] = { "require", "try", "off" };   /* in the order of SIGN_REVOCATION_* */
    sign_err err = SIGN_ERR_INIT;
    for (int i = 0; opt.revocation; i++) {
        if (i == 3) {
            return bad_value("--revocation", opt.revocation, "require, try, off");
        }
        if (strcmp(opt.revocation, revocations[i]) == 0) {
            verify->revocation = i;
            break;
        }
    }
    if (opt.at && sign_parse_time(&verify->at_time, opt.at, &err) != SIGN_OK) {
        return bad_value("--at", opt.at, "2026-11-22T09:00:00+07:00");
    }
    if (opt.timeout) {
        char *end = NULL;
        double seconds = strtod(opt.timeout, &end);
        if (!(seconds > 0 && seconds <= 1e6) || *end) {
            return bad_value("--timeout", opt.timeout, "0.001 - 1000000");
        }
        verify->timeout_ms = seconds * 1000 < 1 ? 1 : (int64_t)(seconds * 1000);
    }
    return EXIT_DONE;
}

static void put_line(sign_buf *buf)
{
    sign_bytes bytes = sign_buf_bytes(buf);
    fwrite(bytes.ptr, 1, bytes.len, stdout);
    if (bytes.len == 0 || bytes.ptr[bytes.len - 1] != '\n') {
        putchar('\n');
    }
    fflush(stdout);
}

static int code_of(const sign_report *report)
{
    static const struct { const char *overall; int code; } rows[] = {
        { "TOTAL-PASSED", EXIT_DONE }, { "TOTAL-FAILED", EXIT_FAILED }, { "NO-SIGNATURE", EXIT_NO_SIGNATURE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(sign_report_overall(report), rows[i].overall) == 0) {
            return rows[i].code;
        }
    }
    return EXIT_INDETERMINATE;
}

static int show_report(const struct run *run, const char *path, const sign_report *report)
{
    sign_err err = SIGN_ERR_INIT;
    sign_buf *buf = NULL;
    int code = code_of(report);
    if (opt.quiet && !opt.json) {
        return code;
    }
    int rc = opt.json ? sign_report_json(&buf, report, path, &err)
                      : sign_report_text(&buf, report, path, text_lang(), run->details, &err);
    if (rc == SIGN_OK) {
        put_line(buf);
    } else {
        complain(path, &err);
        code = exit_worst(code, EXIT_INTERNAL);
    }
    sign_buf_free(&buf);
    return code;
}

static int show_error(const char *path, int type, const sign_err *why)
{
    int code = exit_of_status(why->status);
    if (!opt.json) {
        complain(path, why);
        return code;
    }
    sign_err err = SIGN_ERR_INIT;
    sign_buf *buf = NULL;
    if (sign_error_json(&buf, path, type, why, &err) == SIGN_OK) {
        put_line(buf);
    } else {
        complain(path, &err);
        code = EXIT_INTERNAL;
    }
    sign_buf_free(&buf);
    return code;
}

static int open_doc(sign_doc **doc, const struct run *run, const char *path, sign_err *err)
{
    sign_doc_opts doc_opts = SIGN_DOC_OPTS_INIT;
    doc_opts.allow_doctype = opt.doctype;
    return strcmp(path, "-") == 0 ? sign_doc_open_fd(doc, run->ctx, STDIN_FILENO, &doc_opts, err)
                                  : sign_doc_open(doc, run->ctx, path, &doc_opts, err);
}

static int verify_file(void *payload, const char *path, const char *why)
{
    struct run *run = payload;
    sign_err err = SIGN_ERR_INIT;
    sign_doc *doc = NULL;
    sign_report *report = NULL;
    int rc;
    if (why) {
        err.status = rc = SIGN_E_IO;
        snprintf(err.msg, sizeof err.msg, "%s", why);
    } else {
        rc = open_doc(&doc, run, path, &err);
    }
    if (rc == SIGN_OK) {
        rc = sign_verify(&report, doc, run->trust, &run->verify, &err);
    }
    int code = report ? show_report(run, path, report) : show_error(path, sign_doc_type(doc), &err);
    sign_report_free(&report);
    sign_doc_free(&doc);
    return code;
}

static int run_all(const struct command_line *line)
{
    struct run run = { .verify = SIGN_VERIFY_OPTS_INIT };
    struct inputs inputs = { &line->files, opt.recursive, opt.nul, opt.files_from };
    sign_err err = SIGN_ERR_INIT;
    int code = read_values(&run.verify);
    if (code == EXIT_DONE && line->files.n == 0 && !opt.files_from) {
        text_say(stderr, T_NO_FILES, "verify", NULL);
        code = EXIT_USAGE;
    }
    if (code == EXIT_DONE && sign_ctx_new(&run.ctx, NULL, &err) != SIGN_OK) {
        complain("kyso", &err);
        code = exit_of_status(err.status);
    }
    if (code == EXIT_DONE) {
        code = trust_load(&run.trust, run.ctx, &opt.trust);
    }
    if (code == EXIT_DONE) {
        /* One file is looked at closely; of many, each is a line. */
        size_t n = 0;
        run.details = opt.verbose || (line->files.n == 1 && !opt.files_from && !opt.recursive);
        code = inputs_each(&inputs, verify_file, &run, &n);
        if (n == 0 && code == EXIT_DONE) {
            text_say(stderr, T_NO_FILES, "verify", NULL);
            code = EXIT_USAGE;
        }
    }
    sign_trust_free(&run.trust);
    sign_ctx_free(&run.ctx);
    return code;
}

int cmd_verify(int argc, char **argv)
{
    struct command_line line = { .command = "verify", .options = options };
    int code = options_read(&line, argc, argv);
    if (code == EXIT_DONE && line.help) {
        options_help(&line, T_USAGE_VERIFY);
    } else if (code == EXIT_DONE) {
        code = run_all(&line);
    }
    options_free(&line);
    return code;
}
