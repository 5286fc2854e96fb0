/* A document: one input, PDF or XML by its content, immutable, safe to share between threads. */
#ifndef LIBSIGN_DOC_H
#define LIBSIGN_DOC_H

#include <libsign/ctx.h>
#include <libsign/token.h>
#include <stdbool.h>

typedef struct sign_doc sign_doc;

enum { SIGN_DOC_UNKNOWN = 0, SIGN_DOC_PDF, SIGN_DOC_XML };

typedef struct sign_doc_opts {
    size_t struct_size;
    bool allow_doctype;         /* XML: accept a DOCTYPE; external subsets and parameter entities stay refused */
    const char *name;           /* what to call the input in messages; NULL: its path, "-" for a descriptor   */
    sign_pin_fn password;       /* PDF: gives the password (SIGN_SECRET_PDF, UTF-8) of a document that the empty one does not
                                   open; asked at most once, by whichever thread needs it first. NULL: there is none         */
    void *payload;              /* of password; outlives the document                                         */
    /* For what is no regular file and so read to its end when it is opened (a pipe, a device), whose bytes may never come: */
    int64_t timeout_ms;         /* what that may take; 0: as long as it takes                                 */
    const volatile int32_t *cancel;     /* not 0: stop; an atomic store or a signal handler may set it. NULL: never */
} sign_doc_opts;
#define SIGN_DOC_OPTS_INIT { .struct_size = sizeof(sign_doc_opts) }

/* opts may be NULL. The content decides what the document is; its structure is read when it is signed or verified.
 * Errors: IO (native: errno), NOMEM, LIMIT, TIMEOUT, CANCELLED. */
SIGN_API int sign_doc_open(sign_doc **out, sign_ctx *ctx, const char *path, const sign_doc_opts *opts, sign_err *err) SIGN_MUST_USE;
/* fd stays the caller's. What is no regular file is read to its end first. */
SIGN_API int sign_doc_open_fd(sign_doc **out, sign_ctx *ctx, int fd, const sign_doc_opts *opts, sign_err *err) SIGN_MUST_USE;
/* bytes are borrowed and must outlive the document. */
SIGN_API int sign_doc_open_bytes(sign_doc **out, sign_ctx *ctx, sign_bytes bytes, const sign_doc_opts *opts, sign_err *err) SIGN_MUST_USE;
/* SIGN_DOC_*: UNKNOWN for what is neither; signing and verifying it is SIGN_E_FORMAT. */
SIGN_API int sign_doc_type(const sign_doc *doc);
SIGN_API void sign_doc_free(sign_doc **doc);

#endif
