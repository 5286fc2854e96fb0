#include <base/cleanup.h>
#include <base/err.h>
#include <base/opts.h>
#include <base/text.h>
#include <io/output.h>
#include <sign/job.h>

bool sign_is_text(const char *text)
{
    return !text || text_is_plain(bytes_str(text));
}

int sign_texts_fit(const struct sign_text *texts, size_t n, sign_err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!sign_is_text(texts[i].text)) {
            return err_arg(err, "sign_document: %s is not UTF-8, or holds control characters (sign_is_text)", texts[i].name);
        }
    }
    return SIGN_OK;
}

static int check_texts(const sign_opts *opts, sign_err *err)
{
    const struct sign_text texts[] = {
        { opts->reason, "opts.reason" }, { opts->location, "opts.location" }, { opts->contact, "opts.contact" },
        { opts->pdf_field, "opts.pdf_field" }, { opts->xml_id, "opts.xml_id" }, { opts->xml_place, "opts.xml_place" },
    };
    return sign_texts_fit(texts, COUNT(texts), err);
}

static int copy_opts(sign_opts *out, const sign_opts *given, sign_err *err)
{
    *out = (sign_opts)SIGN_OPTS_INIT;
    int rc = opts_take(out, sizeof *out, given, offsetof(sign_opts, digest), "sign_document: opts", "SIGN_OPTS_INIT", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (out->level != SIGN_LEVEL_B) {
        return err_set(err, SIGN_E_UNSUPPORTED, SIGN_NO_OFFSET, "EN 319 142-1 6.1",
                       "level %d was asked for: this version signs at level B", (int)out->level);
    }
    if (out->certify < 0 || out->certify > 3) {
        return err_arg(err, "sign_document: opts.certify is %d: expected 0 to 3", (int)out->certify);
    }
    if (out->zone < -14 * 60 || out->zone > 14 * 60) {
        return err_arg(err, "sign_document: opts.zone is %d minutes: expected -840 to 840", (int)out->zone);
    }
    return check_texts(out, err);
}

static int prepare(struct sign_job *job, const sign_doc *doc, const sign_key *key, const sign_opts *opts, sign_err *err)
{
    if (!doc || !key) {
        return err_arg(err, "sign_document: doc or key is NULL");
    }
    job->doc = doc;
    job->key = key;
    int rc = copy_opts(&job->opts, opts, err);
    if (rc == SIGN_OK) {
        rc = sign_params(&job->params, sign_key_cert(key), &job->opts, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    ctx_watch_start(job->watch, job->opts.timeout_ms, job->opts.cancel);
    job->when = job->opts.at_time == SIGN_NOW ? ctx_now(doc_ctx(doc)) : job->opts.at_time;
    return sign_precheck(job, err);
}

static int run(struct sink *to, const struct sign_job *job, sign_err *err)
{
    /* As base64, what is enveloped may be anything. */
    bool any = job->opts.xml && job->opts.xml->packaging == SIGN_XML_ENVELOPING_BASE64;
    switch (any ? SIGN_DOC_XML : sign_doc_type(job->doc)) {
    case SIGN_DOC_PDF:
        return sign_pdf(to, job, err);
    case SIGN_DOC_XML:
        if (job->opts.certify) {
            return err_set(err, SIGN_E_UNSUPPORTED, SIGN_NO_OFFSET, NULL,
                           "certifying is for PDF alone: what is made here is XML");
        }
        return sign_xml(to, job, err);
    default:
        return err_set(err, SIGN_E_FORMAT, 0, NULL, "%.80s is neither PDF (no %%PDF- in its first 1024 bytes) nor XML",
                       doc_name(job->doc));
    }
}

static void job_drop(struct sign_job *job)
{
    path_drop(&job->path);
}

int sign_check(const sign_doc *doc, const sign_key *key, const sign_opts *opts, sign_err *err)
{
    struct ctx_watch watch;
    CLEANUP(job_drop) struct sign_job job = { .watch = &watch, .dry = true };
    int rc = prepare(&job, doc, key, opts, err);
    return rc == SIGN_OK ? run(NULL, &job, err) : rc;
}

int sign_document(const sign_sink *out, const sign_doc *doc, const sign_key *key, const sign_opts *opts, sign_err *err)
{
    if (!out || out->struct_size < sizeof *out || !out->write || !out->finish || !out->abort) {
        return err_arg(err, "sign_document: the sink is incomplete");
    }
    struct ctx_watch watch;
    CLEANUP(job_drop) struct sign_job job = { .watch = &watch };
    struct sink sink = sink_over(out);
    int rc = prepare(&job, doc, key, opts, err);
    if (rc == SIGN_OK) {
        rc = run(&sink, &job, err);
    }
    if (rc != SIGN_OK) {
        out->abort(out->payload);
        return rc;
    }
    rc = out->finish(out->payload);
    return rc == SIGN_OK ? rc : err_set(err, rc, SIGN_NO_OFFSET, NULL, "the output could not be finished");
}

/* What killed runs left where outputs have temporary names. A folder that cannot be listed can still be written to. */
static void sweep(const sign_doc *doc, const char *path)
{
    sign_err err = SIGN_ERR_INIT;
    if (output_sweep_once(ctx_folders(doc_ctx(doc)), path, &err) != SIGN_OK) {
        ctx_log(doc_ctx(doc), SIGN_LOG_INFO, "left-over temporary files were not looked for: %s", err.msg);
    }
}

int sign_owing(struct folder_debt *debt, const char *path, bool overwrite, const sign_doc *doc, const sign_key *key,
               const sign_opts *opts, sign_err *err)
{
    if (!path) {
        return err_arg(err, "sign_document_to_file: path is NULL");
    }
    struct ctx_watch watch;
    CLEANUP(job_drop) struct sign_job job = { .watch = &watch };
    CLEANUP(output_free) struct output *output = NULL;
    int rc = prepare(&job, doc, key, opts, err);
    if (rc == SIGN_OK) {
        /* Before the key is asked: a PIN is not spent on a folder that cannot be written to. */
        rc = output_open(&output, path, overwrite ? OUTPUT_REPLACE : OUTPUT_NEW, err);
    }
    if (rc == SIGN_OK && output_is_named(output)) {
        sweep(doc, path);
    }
    if (rc == SIGN_OK) {
        output_guard(output, doc_source(doc));
        rc = run(output_sink(output), &job, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    return debt ? output_place(&output, ctx_folders(doc_ctx(doc)), debt, err) : output_commit(&output, err);
}

int sign_document_to_file(const char *path, bool overwrite, const sign_doc *doc, const sign_key *key, const sign_opts *opts,
                          sign_err *err)
{
    return sign_owing(NULL, path, overwrite, doc, key, opts, err);
}
