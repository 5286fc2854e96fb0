/* sign_covered_bytes: what a signature covers, handed out, so that nobody has to cut it out of the document himself. */
#include <base/cleanup.h>
#include <base/err.h>
#include <ctx/doc.h>
#include <io/sink.h>
#include <pdf/signature.h>
#include <verify/gather.h>
#include <xml/signature.h>

struct covered_job {
    const sign_doc *doc;
    const char *id;
    size_t reference;
    struct sink sink;
    struct watch *watch;
};

static int no_signature(const struct covered_job *job, sign_err *err)
{
    return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL, "%s has no signature '%.80s'", doc_name(job->doc), job->id);
}

/* --- PDF ---------------------------------------------------------------------------------------------------------- */

static int copy_ranges(struct covered_job *job, struct pdf_file *file, const struct pdf_signature *sig, sign_err *err)
{
    struct pdf_coverage cover = { .fault = PDF_FAULT_RANGE_FORM, .offset = SIGN_NO_OFFSET };
    if (job->reference > 0) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL, "signature '%.80s' has one range, no reference %zu",
                       job->id, job->reference);
    }
    int rc = pdf_cover(&cover, file, sig, err);
    if (rc == SIGN_OK && cover.fault != PDF_FAULT_NONE) {
        rc = err_set(err, SIGN_E_FORMAT, cover.offset, cover.clause, "the ByteRange is wrong: %s",
                     cover.detail ? cover.detail : "it does not cover what it must");
    }
    const uint64_t *range = sig->range;
    for (size_t i = 0; rc == SIGN_OK && i < 4; i += 2) {
        rc = sink_copy(&job->sink, doc_source(job->doc), range[i], range[i + 1], job->watch, err);
    }
    return rc;
}

static int covered_pdf(struct covered_job *job, sign_err *err)
{
    const sign_ctx *ctx = doc_ctx(job->doc);
    const sign_ctx_opts *limits = ctx_opts(ctx);
    struct pdf_opts opts = {
        .max_depth = limits->max_depth, .max_objects = limits->max_objects, .max_inflated = limits->max_inflated,
        .password = doc_password, .payload = (void *)(uintptr_t)job->doc,
    };
    CLEANUP(pdf_free) struct pdf_file *file = NULL;
    const struct pdf_signature *sigs = NULL;
    size_t n = 0;
    int rc = pdf_open(&file, doc_source(job->doc), ctx_crypto(ctx), &opts, job->watch, err);
    if (rc == SIGN_OK) {
        rc = pdf_signatures(&sigs, &n, file, err);
    }
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        if (strcmp(sigs[i].name, job->id) == 0) {
            return copy_ranges(job, file, &sigs[i], err);
        }
    }
    return rc == SIGN_OK ? no_signature(job, err) : rc;
}

/* --- XML ---------------------------------------------------------------------------------------------------------- */

static int put_octets(void *payload, sign_bytes bytes, sign_err *err)
{
    return sink_put(payload, bytes, err);
}

static int covered_xml(struct covered_job *job, sign_err *err)
{
    struct xml_opts opts = { .allow_doctype = doc_allow_doctype(job->doc) };
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    int rc = xml_read(&doc, doc_source(job->doc), ctx_crypto(doc_ctx(job->doc)), &opts, job->watch, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < xml_count(doc); i++) {
        if (strcmp(xml_sig(doc, i)->id, job->id) == 0) {
            return xml_octets(doc, i, job->reference, put_octets, &job->sink, job->watch, err);
        }
    }
    return no_signature(job, err);
}

int sign_covered_bytes(const sign_sink *out, const sign_doc *doc, const char *signature_id, size_t reference,
                       sign_err *err)
{
    if (!out || !out->write || !doc || !signature_id) {
        return err_arg(err, "sign_covered_bytes: a sink, a document and a signature's id are needed");
    }
    struct ctx_watch watch;
    ctx_watch_start(&watch, 0, NULL);
    struct covered_job job = {
        .doc = doc, .id = signature_id, .reference = reference, .sink = sink_over(out), .watch = &watch.watch,
    };
    int rc = SIGN_OK;
    switch (sign_doc_type(doc)) {
    case SIGN_DOC_PDF:
        rc = covered_pdf(&job, err);
        break;
    case SIGN_DOC_XML:
        rc = covered_xml(&job, err);
        break;
    default:
        rc = err_set(err, SIGN_E_FORMAT, 0, NULL, "the document is neither PDF nor XML");
    }
    return rc == SIGN_OK ? source_unchanged(doc_source(doc), err) : rc;
}
