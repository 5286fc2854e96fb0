/* What verifying many and signing many share: inputs and results over the pool. */
#ifndef CTX_BATCH_H
#define CTX_BATCH_H

#include <ctx/ctx.h>
#include <io/folders.h>
#include <libsign/batch.h>
#include <stdatomic.h>

struct batch_job {
    sign_batch_result result;
    char *path, *output;
    int fd;
    sign_doc *doc;
    sign_report *report;
    struct folder_debt debt;        /* of the folder that the output went to */
};
struct batch {
    sign_ctx *ctx;
    const sign_doc_opts *doc_opts;
    const sign_batch_opts *opts;
    void (*work)(void *payload, struct batch_job *job);     /* doc is open; fills result.status, err, report */
    void (*settle)(void *payload, struct batch_job *job);   /* of each, on the caller's thread, before result; may be NULL */
    void (*drop)(struct batch_job *job);                    /* frees the report; may be NULL                 */
    bool (*ends_all)(int status);                           /* after it nothing more is begun; may be NULL   */
    void *payload;
    unsigned workers;                                        /* where opts says 0                             */
    uint64_t drawn;
    atomic_int stopped;                                      /* the status that ended the batch, or SIGN_OK   */
};
int batch_run(struct batch *batch, sign_err *err);

#endif
