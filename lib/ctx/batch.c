#include <base/err.h>
#include <base/limits.h>
#include <base/watch.h>
#include <ctx/batch.h>
#include <ctx/doc.h>
#include <ctx/pool.h>
#include <stdlib.h>
#include <sys/resource.h>

/* The first reason stays: what follows from it is not another. */
static void stop(struct batch *batch, int status)
{
    int none = SIGN_OK;
    atomic_compare_exchange_strong(&batch->stopped, &none, status);
}

/* Copies what the caller lent for the call alone. */
static int draw(void *payload, void *slot)
{
    struct batch *batch = payload;
    struct batch_job *job = slot;
    sign_batch_input input = { .fd = -1 };
    if (batch->stopped != SIGN_OK) {
        return batch->stopped;
    }
    int rc = batch->opts->next(batch->opts->payload, &input);
    if (rc != SIGN_OK) {
        return rc;
    }
    job->fd = input.fd;
    job->path = input.path ? strdup(input.path) : NULL;
    job->output = input.output ? strdup(input.output) : NULL;
    job->result = (sign_batch_result){ .index = batch->drawn++, .user = input.user, .err = SIGN_ERR_INIT };
    job->result.path = !input.path ? "-" : job->path ? job->path : "";     /* a name for which there was no memory is lost */
    job->result.output = job->output;
    bool copied = (!input.path || job->path) && (!input.output || job->output);
    /* Its number is drawn, so it gets its answer: the worker gives this one. */
    job->result.status = copied ? SIGN_OK : err_nomem(&job->result.err);
    return SIGN_OK;
}

static void note_file(struct batch_job *job)
{
    job->result.doc_type = sign_doc_type(job->doc);
    job->result.size = source_size(doc_source(job->doc));
    job->result.mtime_ns = source_mtime(doc_source(job->doc));
}

/* Its number is drawn, so it is answered, but it is not begun any more. */
static int refuse(struct batch *batch, sign_err *err)
{
    if (flag_is_set(batch->opts->cancel)) {
        stop(batch, SIGN_E_CANCELLED);
    }
    if (batch->stopped == SIGN_OK) {
        return SIGN_OK;
    }
    return err_set(err, SIGN_E_CANCELLED, SIGN_NO_OFFSET, NULL, "not begun: the batch was ended before its turn");
}

static void labour(void *payload, void *slot)
{
    struct batch *batch = payload;
    struct batch_job *job = slot;
    sign_err *err = &job->result.err;
    if (job->result.status == SIGN_OK) {
        job->result.status = refuse(batch, err);
    }
    if (job->result.status == SIGN_OK) {
        job->result.status = job->path ? sign_doc_open(&job->doc, batch->ctx, job->path, batch->doc_opts, err)
                                       : sign_doc_open_fd(&job->doc, batch->ctx, job->fd, batch->doc_opts, err);
    }
    if (job->result.status == SIGN_OK) {
        note_file(job);
        job->result.status = batch->opts->before
                                 ? batch->opts->before(batch->opts->payload, job->doc, &job->result) : SIGN_OK;
    }
    if (job->result.status == SIGN_OK) {
        batch->work(batch->payload, job);
    }
    if (batch->ends_all && batch->ends_all(job->result.status)) {
        stop(batch, job->result.status);
    }
    sign_doc_free(&job->doc);       /* the report stands for itself, and memory is for documents under way */
    if (batch->opts->ready) {
        batch->opts->ready(batch->opts->payload, &job->result);
    }
}

static int hand_out(void *payload, void *slot)
{
    struct batch *batch = payload;
    struct batch_job *job = slot;
    if (batch->settle) {
        batch->settle(batch->payload, job);
    }
    int rc = batch->opts->result(batch->opts->payload, &job->result);
    if (batch->drop) {
        batch->drop(job);
    }
    free(job->path);
    free(job->output);
    if (rc != SIGN_OK) {
        stop(batch, rc);
    }
    return batch->stopped;
}

/* More workers than there are descriptors for would turn sound documents into errors. */
static unsigned affordable(unsigned workers)
{
    struct rlimit files;
    unsigned wanted = workers ? workers : pool_processors();
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) {
        return wanted;
    }
    rlim_t most = files.rlim_cur > LIMIT_OTHER_FDS ? (files.rlim_cur - LIMIT_OTHER_FDS) / LIMIT_WORKER_FDS : 0;
    return most >= wanted ? wanted : most ? (unsigned)most : 1;
}

int batch_run(struct batch *batch, sign_err *err)
{
    const sign_batch_opts *opts = batch->opts;
    if (!batch->ctx || !opts || opts->struct_size < sizeof *opts || !opts->next || !opts->result || opts->workers < 0) {
        return err_arg(err, "a batch needs a context, next and result, from SIGN_BATCH_OPTS_INIT");
    }
    struct pool_opts pool = {
        .workers = affordable(opts->workers ? (unsigned)opts->workers : batch->workers),
        .unordered = opts->unordered,
        .cancel = opts->cancel,
    };
    struct pool_calls calls = {
        .payload = batch, .job_size = sizeof(struct batch_job), .next = draw, .work = labour, .done = hand_out,
    };
    return pool_run(&pool, &calls, err);
}
