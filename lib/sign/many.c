/*
 * Signing many behind one key. A device is asked by one thread at a time, other keys by all of them (the seam locks); what a file
 * waits for most is its fsync, so there are more workers than processors.
 */
#include <ctx/batch.h>
#include <ctx/pool.h>
#include <io/output.h>
#include <sign/job.h>

#define WORKERS_PER_PROCESSOR 4

struct sign_many { const sign_ctx *ctx; const sign_key *key; const sign_opts *opts; bool overwrite; };

static void sign_one(void *payload, struct batch_job *job)
{
    const struct sign_many *many = payload;
    job->result.status =
        sign_owing(&job->debt, job->output, many->overwrite, job->doc, many->key, many->opts, &job->result.err);
}

/* Told as signed only now. Results are handed out some at a time, and the first one's sync is the others' too. */
static void settle(void *payload, struct batch_job *job)
{
    const struct sign_many *many = payload;
    bool told = job->result.status == SIGN_OK;      /* else the caller's `ready` said otherwise: what is owed is paid all the same */
    int rc = output_settle(job->output, ctx_folders(many->ctx), &job->debt, told ? &job->result.err : NULL);
    job->result.status = told ? rc : job->result.status;
}

static bool ends_all(int status)
{
    switch (status) {
    case SIGN_E_CERT:
    case SIGN_E_TOKEN:
    case SIGN_E_PIN_WRONG:
    case SIGN_E_PIN_LAST_TRY:
    case SIGN_E_PIN_LOCKED:
    case SIGN_E_CANCELLED:      /* by the person who was asked for a PIN */
        return true;
    default:
        return false;
    }
}

int sign_many(sign_ctx *ctx, const sign_key *key, const sign_opts *opts, const sign_doc_opts *doc,
              const sign_batch_opts *batch, sign_err *err)
{
    struct sign_many many = { ctx, key, opts, batch && batch->overwrite };
    unsigned workers = WORKERS_PER_PROCESSOR * pool_processors();
    struct batch run = {
        .ctx = ctx, .doc_opts = doc, .opts = batch, .work = sign_one, .settle = settle, .ends_all = ends_all, .payload = &many,
        .workers = workers,
    };
    if (key && batch) {
        key_share(key, batch->workers > 0 ? (unsigned)batch->workers : workers);
    }
    return batch_run(&run, err);
}
