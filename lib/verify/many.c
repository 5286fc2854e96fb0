/* Verifying many: one context, whose caches all documents share. */
#include <ctx/batch.h>

struct verify_many { const sign_trust *trust; const sign_verify_opts *opts; };

static void verify_one(void *payload, struct batch_job *job)
{
    const struct verify_many *many = payload;
    job->result.status = sign_verify(&job->report, job->doc, many->trust, many->opts, &job->result.err);
    job->result.report = job->report;
}

static void drop(struct batch_job *job)
{
    sign_report_free(&job->report);
}

int sign_verify_many(sign_ctx *ctx, const sign_trust *trust, const sign_verify_opts *verify, const sign_doc_opts *doc,
                     const sign_batch_opts *batch, sign_err *err)
{
    struct verify_many many = { trust, verify };
    struct batch run = {
        .ctx = ctx, .doc_opts = doc, .opts = batch, .work = verify_one, .drop = drop, .payload = &many,
    };
    return batch_run(&run, err);
}
