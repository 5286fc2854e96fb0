/* kyso sign: one login, any number of files. */
#include "command.h"
#include "complain.h"
#include "exit.h"
#include "inputs.h"
#include "outname.h"
#include "password.h"
#include "sign_many.h"
#include "signer.h"
#include "start.h"
#include "trust.h"
#include "workers.h"
#include "xml_options.h"

#include <errno.h>
#include <fcntl.h>
#include <libsign/libsign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct {
    struct trust_options trust;
    struct signer_options signer;
    struct password password;
    struct outname out;
    struct xml_options xml;
    sign_opts sign;
    const char *certify, *level, *at, *form, *files_from, *workers, *timeout;
    bool json, quiet, verbose, doctype, dry, recursive, nul, again;
} opt = { .sign = SIGN_OPTS_INIT, .password.lock = PTHREAD_MUTEX_INITIALIZER };
static const struct option options[] = {
    { "key", 0, OPTION_VALUE, &opt.signer.key, "URI|FILE", T_OPT_KEY },
    { "module", 0, OPTION_VALUE, &opt.signer.module, "PATH", T_OPT_MODULE },
    { "pin-source", 0, OPTION_VALUE, &opt.signer.pin.spec, "SOURCE", T_OPT_PIN_SOURCE },
    { "allow-final-try", 0, OPTION_FLAG, &opt.signer.allow_final_try, NULL, T_OPT_FINAL_TRY },
    { "output", 'o', OPTION_VALUE, &opt.out.path, "OUT", T_OPT_OUT },
    { "suffix", 0, OPTION_VALUE, &opt.out.suffix, "TEXT", T_OPT_SUFFIX },
    { "in-place", 0, OPTION_FLAG, &opt.out.in_place, NULL, T_OPT_IN_PLACE },
    { "force", 0, OPTION_FLAG, &opt.out.force, NULL, T_OPT_FORCE },
    TRUST_OPTIONS(opt.trust),
    { "unchecked", 0, OPTION_FLAG, &opt.sign.unchecked, NULL, T_OPT_UNCHECKED },
    { "level", 0, OPTION_VALUE, &opt.level, "B", T_OPT_LEVEL },
    { "digest", 0, OPTION_VALUE, &opt.sign.digest, "NAME", T_OPT_DIGEST },
    { "pss", 0, OPTION_FLAG, &opt.sign.pss, NULL, T_OPT_PSS },
    { "at", 0, OPTION_VALUE, &opt.at, "TIME", T_OPT_AT_SIGN },
    { "reason", 0, OPTION_TEXT, &opt.sign.reason, "TEXT", T_OPT_REASON },
    { "location", 0, OPTION_TEXT, &opt.sign.location, "TEXT", T_OPT_LOCATION },
    { "contact", 0, OPTION_TEXT, &opt.sign.contact, "TEXT", T_OPT_CONTACT },
    { "field", 0, OPTION_TEXT, &opt.sign.pdf_field, "NAME", T_OPT_FIELD },
    { "certify", 0, OPTION_VALUE, &opt.certify, "1|2|3", T_OPT_CERTIFY },
    { "repair", 0, OPTION_FLAG, &opt.sign.repair, NULL, T_OPT_REPAIR },
    { "password-source", 0, OPTION_VALUE, &opt.password.source.spec, "SOURCE", T_OPT_PASSWORD_SOURCE },
    { "profile", 0, OPTION_VALUE, &opt.sign.profile, "NAME", T_OPT_PROFILE },
    XML_OPTIONS(opt.xml),
    { "xml-place", 0, OPTION_TEXT, &opt.sign.xml_place, "PATH", T_OPT_XML_PLACE },
    { "xml-form", 0, OPTION_VALUE, &opt.form, "FORM", T_OPT_XML_FORM },
    { "allow-doctype", 0, OPTION_FLAG, &opt.doctype, NULL, T_OPT_DOCTYPE },
    { "recursive", 'r', OPTION_FLAG, &opt.recursive, NULL, T_OPT_RECURSIVE },
    { "files-from", 0, OPTION_VALUE, &opt.files_from, "FILE", T_OPT_FILES_FROM },
    { "null", '0', OPTION_FLAG, &opt.nul, NULL, T_OPT_NUL },
    { "again", 0, OPTION_FLAG, &opt.again, NULL, T_OPT_AGAIN },
    { "timeout", 0, OPTION_VALUE, &opt.timeout, "SECONDS", T_OPT_TIMEOUT },
    { "jobs", 'j', OPTION_VALUE, &opt.workers, "N", T_OPT_JOBS },
    { "dry-run", 0, OPTION_FLAG, &opt.dry, NULL, T_OPT_DRY_RUN },
    { "json", 0, OPTION_FLAG, &opt.json, NULL, T_OPT_JSON },
    { "quiet", 'q', OPTION_FLAG, &opt.quiet, NULL, T_OPT_QUIET },
    { "verbose", 'v', OPTION_FLAG, &opt.verbose, NULL, T_OPT_VERBOSE },
    { 0 },
};

struct run {
    sign_ctx *ctx;
    sign_trust *trust;
    struct signer signer;
    sign_opts sign;
    sign_xml_opts xml;
    sign_doc_opts doc;
    struct inputs inputs;
    int32_t workers;
    int log_level;
};

/* What may stand behind --digest; the library says which of them fits the key and the document. */
static const char *const digests[] = {
    "SHA-256", "SHA-384", "SHA-512", "SHA3-256", "SHA3-384", "SHA3-512", "SHA-224", "SHA3-224", "SHA-512/224",
    "SHA-512/256", "SHAKE128", "SHAKE256",
};

static bool is_digest(const char *name)
{
    for (size_t i = 0; i < sizeof digests / sizeof *digests; i++) {
        if (strcmp(digests[i], name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_later_level(const char *level)
{
    return strcmp(level, "T") == 0 || strcmp(level, "LT") == 0 || strcmp(level, "LTA") == 0;
}

static int read_values(sign_opts *sign)
{
    sign_err err = SIGN_ERR_INIT;
    if (opt.level && is_later_level(opt.level)) {
        text_say(stderr, T_LATER_OPTION, "--level T, LT, LTA", NULL);
        return EXIT_USAGE;
    }
    if (opt.level && strcmp(opt.level, "B") != 0) {
        return options_bad_value("--level", opt.level, "B");
    }
    if (opt.at && sign_parse_time(&sign->at_time, opt.at, &err) != SIGN_OK) {
        return options_bad_value("--at", opt.at, "2026-11-22T09:00:00+07:00");
    }
    if (opt.sign.digest && !is_digest(opt.sign.digest)) {
        return options_bad_value("--digest", opt.sign.digest, "SHA-256, SHA-384, SHA-512, SHA3-256, …");
    }
    if (opt.certify && (strlen(opt.certify) != 1 || !strchr("123", *opt.certify))) {
        return options_bad_value("--certify", opt.certify, "1, 2, 3");
    }
    sign->certify = opt.certify ? *opt.certify - '0' : 0;
    if (opt.form && strcmp(opt.form, "xades") != 0 && strcmp(opt.form, "xmldsig") != 0) {
        return options_bad_value("--xml-form", opt.form, "xades, xmldsig");
    }
    sign->xml_form = opt.form && strcmp(opt.form, "xmldsig") == 0 ? SIGN_XML_DSIG : SIGN_XML_XADES;
    if (!secret_source_ok(&opt.signer.pin)) {
        text_say(stderr, T_BAD_PIN_SOURCE, NULL);   /* without repeating it: it may be the PIN itself */
        return EXIT_USAGE;
    }
    int code = timeout_read(opt.timeout, &sign->timeout_ms);
    return code == EXIT_DONE ? password_check(&opt.password) : code;
}

static int read_xml(struct run *run)
{
    int code = xml_options_read(&run->xml, &opt.xml, &run->sign);
    opt.out.xml = run->xml.packaging == SIGN_XML_ENVELOPING_BASE64;
    run->xml.added = added_keep;
    run->sign.xml = &run->xml;
    return code;
}

static int check_files(const struct list *files)
{
    if (files->n == 0 && !opt.files_from) {
        text_say(stderr, T_NO_FILES, "sign", NULL);
        return EXIT_USAGE;
    }
    if (opt.out.path && (opt.recursive || opt.files_from)) {
        text_say(stderr, T_ONE_FILE_ONLY, "-o", NULL);
        return EXIT_USAGE;
    }
    return outname_check(&opt.out, files);
}

static int write_stdout(void *payload, sign_bytes bytes)
{
    return fwrite(bytes.ptr, 1, bytes.len, payload) == bytes.len ? SIGN_OK : SIGN_E_IO;
}

static int finish_stdout(void *payload)
{
    return fflush(payload) == 0 ? SIGN_OK : SIGN_E_IO;
}

static void abort_stdout(void *payload) {}

static int refuse_output(sign_err *err, int status, const char *output, const char *why)
{
    *err = (sign_err){ .status = status, .offset = SIGN_NO_OFFSET };
    snprintf(err->msg, sizeof err->msg, "%s%s%s", output, *why ? ": " : "", why);
    return status;
}

/* Whether the output could be written, as far as can be told without writing: is it there, may its folder be written to? */
static int check_output(const char *output, sign_err *err)
{
    bool overwrite = opt.out.force || opt.out.in_place;
    struct stat st;
    bool there = lstat(output, &st) == 0;
    if (there && !overwrite) {
        return refuse_output(err, SIGN_E_EXISTS, output, "");
    }
    char *real = there ? realpath(output, NULL) : strdup(output);       /* a link is followed, and its target replaced */
    if (!real || (there && stat(real, &st) != 0) || (there && !S_ISREG(st.st_mode))) {
        const char *why = real && there && !S_ISREG(st.st_mode) ? text_of(T_NOT_REGULAR) : strerror(errno);
        free(real);
        return refuse_output(err, SIGN_E_IO, output, why);
    }
    char *slash = strrchr(real, '/');
    const char *folder = !slash ? "." : slash == real ? "/" : (*slash = 0, real);
    int rc = faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 ? SIGN_OK
             : refuse_output(err, SIGN_E_IO, output, strerror(errno));
    free(real);
    return rc;
}

static int check_only(const struct run *run, const sign_doc *doc, const char *output, sign_err *err)
{
    int rc = sign_check(doc, run->signer.key, &run->sign, err);
    return rc == SIGN_OK && strcmp(output, "-") != 0 ? check_output(output, err) : rc;
}

static int produce(const struct run *run, const sign_doc *doc, const char *output, sign_err *err)
{
    if (opt.dry) {
        return check_only(run, doc, output, err);
    }
    if (strcmp(output, "-") == 0) {
        sign_sink sink = { sizeof sink, stdout, write_stdout, finish_stdout, abort_stdout };
        return sign_document(&sink, doc, run->signer.key, &run->sign, err);
    }
    return sign_document_to_file(output, opt.out.force || opt.out.in_place, doc, run->signer.key, &run->sign, err);
}

static int sign_file(const struct run *run, const struct sign_run *many, const char *path)
{
    sign_err err = SIGN_ERR_INIT;
    sign_doc *doc = NULL;
    char *output = outname_make(&opt.out, path);
    int rc = strcmp(path, "-") == 0 ? sign_doc_open_fd(&doc, run->ctx, STDIN_FILENO, &run->doc, &err)
                                    : sign_doc_open(&doc, run->ctx, path, &run->doc, &err);
    if (rc == SIGN_OK) {
        rc = output ? produce(run, doc, output, &err) : (err.status = SIGN_E_NOMEM);
    }
    struct added *added = added_take();
    sign_say(many, path, output, opt.dry ? "checked" : "signed", &err, added);
    added_free(added);
    sign_doc_free(&doc);
    free(output);
    return exit_of_status(rc);
}

/* --dry-run over many: nothing waits for a disk, so one after the other. */
static int check_all(struct run *run, const struct sign_run *many)
{
    struct input input;
    int code = EXIT_DONE;
    while (!*cancel_flag() && inputs_next(&run->inputs, &input)) {
        sign_err err = { .status = SIGN_E_IO, .offset = SIGN_NO_OFFSET };
        if (input.why) {
            snprintf(err.msg, sizeof err.msg, "%s", input.why);
            sign_say(many, input.path, NULL, "checked", &err, NULL);
        }
        code = exit_worst(code, input.why ? EXIT_INPUT : sign_file(run, many, input.path));
    }
    return *cancel_flag() ? exit_worst(code, EXIT_CANCELLED) : code;
}

static int sign_all(struct run *run, const struct list *files)
{
    struct sign_run many = {
        .ctx = run->ctx, .key = run->signer.key, .sign = &run->sign, .doc = &run->doc, .out = &opt.out, .inputs = &run->inputs,
        .workers = run->workers, .again = opt.again, .json = opt.json, .quiet = opt.quiet,
    };
    if (files->n == 1 && !opt.recursive && !opt.files_from) {
        run->sign.cancel = cancel_flag();       /* of many, those at hand are finished */
        return sign_file(run, &many, files->items[0]);
    }
    return opt.dry ? check_all(run, &many) : sign_run_many(&many);
}

static bool is_there(const char *path, sign_err *err)
{
    *err = (sign_err){ .status = SIGN_E_IO, .offset = SIGN_NO_OFFSET };
    bool there = strcmp(path, "-") == 0 || faccessat(AT_FDCWD, path, R_OK, AT_EACCESS) == 0;
    snprintf(err->msg, sizeof err->msg, "%s: %s", path, there ? "" : strerror(errno));
    return there;
}

/*
 * Before a PIN is asked for: a name that leads nowhere is told of. Where there are others, these are signed all the same, and it
 * has its line among them; where there are none, that is the end.
 */
static int look_for_files(void *payload)
{
    const struct list *files = payload;
    struct sign_run keyless = { .json = opt.json, .quiet = opt.quiet };
    sign_err err;
    size_t missing = 0;
    for (size_t i = 0; i < files->n; i++) {
        missing += !is_there(files->items[i], &err);
    }
    bool none = missing == files->n && !opt.files_from;
    for (size_t i = 0; missing && i < files->n; i++) {
        if (is_there(files->items[i], &err)) {
            continue;
        }
        if (none) {
            sign_say(&keyless, files->items[i], NULL, "signed", &err, NULL);
        } else {
            complain(files->items[i], &err);
        }
    }
    return none ? EXIT_INPUT : EXIT_DONE;
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
    run->inputs = (struct inputs){
        .files = files, .recursive = opt.recursive, .nul = opt.nul, .files_from = opt.files_from, .cancel = cancel_flag(),
    };
    int code = read_values(&run->sign);
    run->doc.timeout_ms = run->sign.timeout_ms;
    run->doc.cancel = cancel_flag();
    if (code == EXIT_DONE) {
        code = read_xml(run);
    }
    if (code == EXIT_DONE) {
        code = workers_read(opt.workers, &run->workers);
    }
    if (code == EXIT_DONE) {
        code = check_files(files);
    }
    if (code == EXIT_DONE && sign_ctx_new(&run->ctx, &ctx_opts, &err) != SIGN_OK) {
        complain("libsign", &err);
        code = exit_of_status(err.status);
    }
    if (code == EXIT_DONE) {
        code = trust_load(&run->trust, run->ctx, &opt.trust);
        run->sign.trust = run->trust;
    }
    return code;
}

static int run_all(const struct command_line *line)
{
    struct run run = { .sign = opt.sign, .doc = SIGN_DOC_OPTS_INIT, .xml = SIGN_XML_OPTS_INIT };
    struct list files = line->files;        /* borrowed */
    int code = prepare(&run, &files);
    if (code == EXIT_DONE) {
        start_catching();
        opt.signer.before_asking = look_for_files;
        opt.signer.payload = &files;
        code = signer_open(&run.signer, run.ctx, &opt.signer);
    }
    if (code == EXIT_DONE) {
        code = sign_all(&run, &files);
    }
    password_forget(&opt.password);
    xml_options_free(&opt.xml);
    inputs_close(&run.inputs);
    signer_close(&run.signer);
    sign_trust_free(&run.trust);
    sign_ctx_free(&run.ctx);
    return code;
}

int cmd_sign(int argc, char **argv)
{
    struct command_line line = { .command = "sign", .options = options };
    return options_run(&line, T_USAGE_SIGN, run_all, argc, argv);
}
