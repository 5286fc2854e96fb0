/* sign_verify: gathers the facts, decides, and gives nothing out over a file that changed meanwhile. */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/opts.h>
#include <ctx/doc.h>
#include <verify/gather.h>

/* What cannot be meant is refused: options that were passed over would verify something else than was asked for. */
static int read_opts(sign_verify_opts *opts, const sign_verify_opts *given, sign_err *err)
{
    *opts = (sign_verify_opts)SIGN_VERIFY_OPTS_INIT;
    int rc = opts_take(opts, sizeof *opts, given, offsetof(sign_verify_opts, revocation), "sign_verify: opts",
                       "SIGN_VERIFY_OPTS_INIT", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (opts->revocation < SIGN_REVOCATION_REQUIRE || opts->revocation > SIGN_REVOCATION_OFF) {
        return err_arg(err, "sign_verify: opts.revocation is %d", (int)opts->revocation);
    }
    for (size_t i = 0; i < opts->n_policies; i++) {
        if (!opts->policies || (!opts->policies[i].ptr && opts->policies[i].len)) {
            return err_arg(err, "sign_verify: opts.policies, or the ptr of one of them, is NULL");
        }
    }
    return SIGN_OK;
}

static int gather(sign_report *report, const struct gather *g, const sign_doc *doc, sign_err *err)
{
    switch (report->doc_type) {
    case SIGN_DOC_PDF:
        return gather_pdf(report, g, doc_source(doc), ctx_opts(doc_ctx(doc)), err);
    case SIGN_DOC_XML:
        return gather_xml(report, g, doc_source(doc), doc_allow_doctype(doc), err);
    default:
        return err_set(err, SIGN_E_FORMAT, 0, NULL, "the document is neither PDF nor XML");
    }
}

static bool decide(sign_report *report)
{
    bool passed = report->n > 0;
    for (size_t i = 0; i < report->n; i++) {
        verdict_decide(&report->sigs[i].outcome, &report->sigs[i].facts);
        passed = passed && report->sigs[i].outcome.verdict == SIGN_PASSED;
    }
    return passed;
}

int sign_verify(sign_report **out, const sign_doc *doc, const sign_trust *trust, const sign_verify_opts *given,
                sign_err *err)
{
    if (!out || !doc) {
        return err_arg(err, "sign_verify: out and doc are needed");
    }
    *out = NULL;
    sign_verify_opts opts;
    int rc = read_opts(&opts, given, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    const sign_ctx *ctx = doc_ctx(doc);
    struct ctx_watch watch;
    ctx_watch_start(&watch, opts.timeout_ms, opts.cancel);
    CLEANUP(sign_report_free) sign_report *report = NULL;
    rc = report_new(&report, sign_doc_type(doc), err);
    if (rc != SIGN_OK) {
        return rc;
    }
    struct gather g = {
        .crypto = ctx_crypto(ctx), .certs = ctx_certs(ctx), .trust = trust,
        .at = opts.at_time == SIGN_NOW ? ctx_now(ctx) : opts.at_time, .revocation = opts.revocation,
        .watch = &watch.watch, .arena = &report->arena, .doc = doc,
        .policies = opts.policies, .n_policies = opts.n_policies,
    };
    rc = gather(report, &g, doc, err);
    if (rc == SIGN_OK) {
        rc = source_unchanged(doc_source(doc), err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    bool passed = decide(report);
    *out = report;
    report = NULL;
    return passed ? SIGN_OK : err_set(err, SIGN_E_NOT_VALID, SIGN_NO_OFFSET, NULL, "%s", sign_report_overall(*out));
}
