/* kyso verify: every signature of every file. */
#include "command.h"
#include "complain.h"
#include "exit.h"
#include "inputs.h"
#include "password.h"
#include "start.h"
#include "trust.h"
#include "verify_many.h"
#include "workers.h"
#include "xml_options.h"

#include <libsign/libsign.h>
#include <stdlib.h>
#include <string.h>

static struct {
    struct trust_options trust;
    struct password password;
    struct policy_options policies;
    const char *revocation, *at, *files_from, *timeout, *workers, *resume;
    bool json, quiet, verbose, recursive, nul, doctype, offline, unordered, summary;
} opt = { .password.lock = PTHREAD_MUTEX_INITIALIZER };
static const struct option options[] = {
    TRUST_OPTIONS(opt.trust),
    { "revocation", 0, OPTION_VALUE, &opt.revocation, "require|try|off", T_OPT_REVOCATION },
    { "at", 0, OPTION_VALUE, &opt.at, "TIME", T_OPT_AT_VERIFY },
    { "offline", 0, OPTION_FLAG, &opt.offline, NULL, T_OPT_OFFLINE },
    { "recursive", 'r', OPTION_FLAG, &opt.recursive, NULL, T_OPT_RECURSIVE },
    { "files-from", 0, OPTION_VALUE, &opt.files_from, "FILE", T_OPT_FILES_FROM },
    { "null", '0', OPTION_FLAG, &opt.nul, NULL, T_OPT_NUL },
    { "jobs", 'j', OPTION_VALUE, &opt.workers, "N", T_OPT_JOBS },
    { "unordered", 0, OPTION_FLAG, &opt.unordered, NULL, T_OPT_UNORDERED },
    { "resume", 0, OPTION_VALUE, &opt.resume, "RESULTS", T_OPT_RESUME },
    { "summary", 0, OPTION_FLAG, &opt.summary, NULL, T_OPT_SUMMARY },
    { "timeout", 0, OPTION_VALUE, &opt.timeout, "SECONDS", T_OPT_TIMEOUT },
    { "password-source", 0, OPTION_VALUE, &opt.password.source.spec, "SOURCE", T_OPT_PASSWORD_SOURCE },
    { "policy-document", 0, OPTION_LIST, &opt.policies.paths, "FILE", T_OPT_POLICY_COMPARE },
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
    sign_doc_opts doc;
    struct resume *resume;
    int32_t workers;
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
    return timeout_read(opt.timeout, &verify->timeout_ms);
}

/* What decides an answer: files are named, not read, for a CRL of tomorrow is no reason to ask about yesterday's again. */
static uint64_t digest_of_options(void)
{
    const struct list *const lists[] = { &opt.trust.anchors, &opt.trust.certs, &opt.trust.crls, &opt.policies.paths };
    uint64_t digest = resume_digest(0, opt.revocation);
    digest = resume_digest(digest, opt.at);
    digest = resume_digest(digest, opt.timeout);
    digest = resume_digest(digest, opt.doctype ? "doctype" : "");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (size_t k = 0; k < lists[i]->n; k++) {
            digest = resume_digest(digest, lists[i]->items[k]);
        }
        digest = resume_digest(digest, "");
    }
    return digest;
}

/* The results of earlier runs, whose first line is written where there are none yet. */
static int resume(struct run *run)
{
    if (!opt.resume) {
        return EXIT_DONE;
    }
    if (!opt.json) {
        text_say(stderr, T_RESUME_NEEDS_JSON, NULL);
        return EXIT_USAGE;
    }
    switch (resume_open(&run->resume, opt.resume, digest_of_options())) {
    case RESUME_NEW:
        resume_header(run->resume, stdout);
        return EXIT_DONE;
    case RESUME_READY:
        resume_continue(run->resume, stdout);
        return EXIT_DONE;
    case RESUME_OTHER_OPTIONS:
        text_say(stderr, T_RESUME_OTHER, opt.resume, NULL);
        return EXIT_USAGE;
    case RESUME_UNREADABLE:
        text_say(stderr, T_RESUME_UNREADABLE, opt.resume, NULL);
        return EXIT_INPUT;
    case RESUME_NOMEM:
        break;
    }
    return EXIT_INTERNAL;
}

static size_t names_stdin(const struct list *files)
{
    size_t n = 0;
    for (size_t i = 0; i < files->n; i++) {
        n += strcmp(files->items[i], "-") == 0;
    }
    return n;
}

static int check_files(const struct list *files)
{
    if (files->n == 0 && !opt.files_from) {
        text_say(stderr, T_NO_FILES, "verify", NULL);
        return EXIT_USAGE;
    }
    bool from_list = opt.files_from && strcmp(opt.files_from, "-") == 0;
    if (from_list + names_stdin(files) > 1) {       /* it can be read once */
        text_say(stderr, T_NOT_TOGETHER, "-", from_list ? "--files-from -" : "-", NULL);
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
    run->doc.allow_doctype = opt.doctype;
    password_use(&opt.password, &run->doc);
    /* One file is looked at closely; of many, each is a line. */
    run->details = opt.verbose || (files->n == 1 && !opt.files_from && !opt.recursive);
    int code = read_values(&run->verify);
    run->doc.timeout_ms = run->verify.timeout_ms;
    run->doc.cancel = cancel_flag();    /* what has not come in yet is not a document at hand, to be finished */
    if (code == EXIT_DONE) {
        code = policy_options_read(&run->verify, &opt.policies);
    }
    if (code == EXIT_DONE) {
        code = password_check(&opt.password);
    }
    if (code == EXIT_DONE) {
        code = workers_read(opt.workers, &run->workers);
    }
    if (code == EXIT_DONE) {
        code = check_files(files);
    }
    if (code == EXIT_DONE) {
        code = resume(run);
    }
    if (code == EXIT_DONE && sign_ctx_new(&run->ctx, &ctx_opts, &err) != SIGN_OK) {
        complain("libsign", &err);
        code = exit_of_status(err.status);
    }
    return code == EXIT_DONE ? trust_load(&run->trust, run->ctx, &opt.trust) : code;
}

static int run_all(const struct command_line *line)
{
    struct run run = { .verify = SIGN_VERIFY_OPTS_INIT, .doc = SIGN_DOC_OPTS_INIT };
    struct inputs inputs = {
        .files = &line->files, .recursive = opt.recursive, .nul = opt.nul, .files_from = opt.files_from, .cancel = cancel_flag(),
    };
    int code = prepare(&run, &line->files);
    if (code == EXIT_DONE) {
        struct verify_many many = {
            .ctx = run.ctx, .trust = run.trust, .verify = &run.verify, .doc = &run.doc, .inputs = &inputs, .resume = run.resume,
            .workers = run.workers, .unordered = opt.unordered, .json = opt.json, .quiet = opt.quiet, .details = run.details,
            .summary = opt.summary,
        };
        start_catching();
        code = verify_many(&many);
    }
    password_forget(&opt.password);
    policy_options_free(&opt.policies);
    inputs_close(&inputs);
    resume_free(run.resume);
    sign_trust_free(&run.trust);
    sign_ctx_free(&run.ctx);
    return code;
}

int cmd_verify(int argc, char **argv)
{
    struct command_line line = { .command = "verify", .options = options };
    return options_run(&line, T_USAGE_VERIFY, run_all, argc, argv);
}
