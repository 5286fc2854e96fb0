/* kyso verify: every signature of every file. */
#include "command.h"
#include "complain.h"
#include "exit.h"
#include "inputs.h"
#include "start.h"
#include "trust.h"

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
    int log_level;
};

static int read_values(sign_verify_opts *verify)
{
    static const char *const revocations[] = { "require", "try", "off" };   /* in the order of SIGN_REVOCATION_* */
    sign_err err = SIGN_ERR_INIT;
    for (int i = 0; opt.revocation; i++) {
        if (i == 3) {
            return options_bad_value("--revocation", opt.revocation, "require, try, off");
        }
        if (strcmp(opt.revocation, revocations[i]) == 0) {
            verify->revocation = i;
            break;
        }
    }
    if (opt.at && sign_parse_time(&verify->at_time, opt.at, &err) != SIGN_OK) {
        return options_bad_value("--at", opt.at, "2026-11-22T09:00:00+07:00");
    }
    if (opt.timeout) {
        char *end = NULL;
        double seconds = strtod(opt.timeout, &end);
        if (!(seconds > 0 && seconds <= 1e6) || *end) {
            return options_bad_value("--timeout", opt.timeout, "0.001 - 1000000");
        }
        verify->timeout_ms = seconds * 1000 < 1 ? 1 : (int64_t)(seconds * 1000);
    }
    return EXIT_DONE;
}

static void put_line(sign_buf *buf)
{
    sign_bytes bytes = sign_buf_bytes(buf);
    (void)fwrite(bytes.ptr, 1, bytes.len, stdout);
    if (bytes.len == 0 || bytes.ptr[bytes.len - 1] != '\n') {
        putchar('\n');
    }
    (void)fflush(stdout);       /* go_on and finish_output look at the stream's error */
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

static int verify_file(const struct run *run, const char *path, const char *why)
{
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
    if (code == EXIT_DONE && rc != SIGN_OK) {
        code = EXIT_INTERNAL;   /* the status and the report disagree: never to be passed over */
    }
    sign_report_free(&report);
    sign_doc_free(&doc);
    return code;
}

/* Neither a user who wants to stop nor a reader who is gone is worked for any longer. */
static bool go_on(void)
{
    return !*cancel_flag() && !ferror(stdout);
}

static int verify_all(const struct run *run, struct inputs *inputs)
{
    struct input input;
    int code = EXIT_DONE;
    size_t n = 0;
    for (; go_on() && inputs_next(inputs, &input); n++) {
        code = exit_worst(code, verify_file(run, input.path, input.why));
    }
    if (*cancel_flag()) {
        return exit_worst(code, EXIT_CANCELLED);
    }
    if (n == 0) {
        text_say(stderr, T_NOTHING_FOUND, NULL);    /* nothing verified is not "all passed" */
        return EXIT_USAGE;
    }
    return code;
}

static bool names_stdin(const struct list *files)
{
    for (size_t i = 0; i < files->n; i++) {
        if (strcmp(files->items[i], "-") == 0) {
            return true;
        }
    }
    return false;
}

static int check_files(const struct list *files)
{
    if (files->n == 0 && !opt.files_from) {
        text_say(stderr, T_NO_FILES, "verify", NULL);
        return EXIT_USAGE;
    }
    if (opt.files_from && strcmp(opt.files_from, "-") == 0 && names_stdin(files)) {
        text_say(stderr, T_NOT_TOGETHER, "-", "--files-from -", NULL);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static int prepare(struct run *run, const struct list *files)
{
    sign_err err = SIGN_ERR_INIT;
    sign_ctx_opts ctx_opts = SIGN_CTX_OPTS_INIT;
    ctx_opts.log = complain_log;
    ctx_opts.payload = &run->log_level;
    run->log_level = opt.quiet ? SIGN_LOG_ERROR : opt.verbose ? SIGN_LOG_INFO : SIGN_LOG_WARNING;
    run->verify.cancel = cancel_flag();
    /* One file is looked at closely; of many, each is a line. */
    run->details = opt.verbose || (files->n == 1 && !opt.files_from && !opt.recursive);
    int code = read_values(&run->verify);
    if (code == EXIT_DONE) {
        code = check_files(files);
    }
    if (code == EXIT_DONE && sign_ctx_new(&run->ctx, &ctx_opts, &err) != SIGN_OK) {
        complain("libsign", &err);
        code = exit_of_status(err.status);
    }
    return code == EXIT_DONE ? trust_load(&run->trust, run->ctx, &opt.trust) : code;
}

static int run_all(const struct command_line *line)
{
    struct run run = { .verify = SIGN_VERIFY_OPTS_INIT };
    struct inputs inputs = {
        .files = &line->files, .recursive = opt.recursive, .nul = opt.nul, .files_from = opt.files_from,
    };
    int code = prepare(&run, &line->files);
    if (code == EXIT_DONE) {
        start_catching();
        code = verify_all(&run, &inputs);
    }
    inputs_close(&inputs);
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
