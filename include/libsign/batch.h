/*
 * Many documents in one call: all cores, flat memory, results as they come.
 *
 * Inputs are drawn from a callback and results handed to another; at most 16 documents for each worker are alive at a time.
 * A document that cannot be read, that runs into a limit or takes too long is one result, never the end of the batch.
 */
#ifndef LIBSIGN_BATCH_H
#define LIBSIGN_BATCH_H

#include <libsign/sign.h>
#include <libsign/verify.h>

typedef struct sign_batch_input {
    const char *path;           /* what to open; copied. NULL: use fd                                        */
    int fd;                     /* where path is NULL: a descriptor, which stays the caller's                 */
    const char *output;         /* signing: where the result goes; copied                                    */
    void *user;                 /* the caller's own, handed on to the result                                 */
} sign_batch_input;

typedef struct sign_batch_result {
    uint64_t index;             /* 0 for the first input                                                      */
    const char *path, *output;  /* as given; "-" for a descriptor                                             */
    void *user;
    int status;                 /* of sign_verify or sign_document_to_file, or of opening                     */
    int doc_type;               /* SIGN_DOC_*                                                                 */
    uint64_t size;              /* bytes of the input; 0 where it could not be opened                         */
    int64_t mtime_ns;           /* its modification time as it was opened, nanoseconds since 1970; 0: it has none */
    const sign_report *report;  /* verifying: where something was decided, else NULL                          */
    sign_err err;               /* why nothing was                                                            */
    void *attached;             /* free for `ready` to set and `result` to take                               */
} sign_batch_result;

typedef struct sign_batch_opts {
    size_t struct_size;
    int32_t workers;                    /* threads; 0: one a processor (signing: four, which wait for the disk);
                                           never more than RLIMIT_NOFILE has descriptors for */
    bool unordered;                     /* results as they come instead of in the order of the inputs          */
    bool overwrite;                     /* signing: replace outputs that exist                                 */
    const volatile int32_t *cancel;     /* non-zero: what is being worked on is finished, no more is begun; or NULL */
    void *payload;
    /* SIGN_OK; SIGN_E_NOTFOUND: no more; anything else ends the batch. Called by one thread at a time, not the caller's. */
    int (*next)(void *payload, sign_batch_input *out);
    /* Optional, on the worker's thread with the document open: not SIGN_OK, and it is not worked on; that is its status. */
    int (*before)(void *payload, const sign_doc *doc, sign_batch_result *result);
    /* Optional, on the worker's thread as soon as the document is done: to render the result there. */
    void (*ready)(void *payload, sign_batch_result *result);
    /* On the caller's thread. What it is given is valid during the call. Not SIGN_OK: ends the batch. */
    int (*result)(void *payload, const sign_batch_result *result);
} sign_batch_opts;
#define SIGN_BATCH_OPTS_INIT { .struct_size = sizeof(sign_batch_opts) }

/*
 * SIGN_OK: every input was answered, whatever the answers. Else ARG, NOMEM, CANCELLED, or what next or result returned; the
 * results of all inputs drawn until then have been handed out, with status CANCELLED those that were not begun.
 */
SIGN_API int sign_verify_many(sign_ctx *ctx, const sign_trust *trust, const sign_verify_opts *verify, const sign_doc_opts *doc,
                              const sign_batch_opts *batch, sign_err *err) SIGN_MUST_USE;
/* One login, one key; preparation, writing and syncing go on beside its work. A key that is in no device (a PKCS#12 file, a token
 * of software) is asked by several threads at a time, on a token by sessions of one login. A result is
 * SIGN_OK only when its file is on disk. The first PIN, token or certificate error ends the batch and is what it returns:
 * nothing would follow but more of them. */
SIGN_API int sign_many(sign_ctx *ctx, const sign_key *key, const sign_opts *opts, const sign_doc_opts *doc,
                       const sign_batch_opts *batch, sign_err *err) SIGN_MUST_USE;

#endif
