/* Has this key signed a document already? What a second run over the same files asks. */
#ifndef CLI_ALREADY_H
#define CLI_ALREADY_H

#include <libsign/libsign.h>
#include <stdbool.h>

/*
 * A signature of the certificate's stands in it and its mathematics hold; trust is not asked. No, too, where the document is such
 * that it cannot be told. SIGN_OK, or what kept it from being found out: SIGN_E_TIMEOUT (timeout_ms, 0: none), IO, NOMEM.
 */
int already_signed(bool *yes, const sign_doc *doc, const sign_cert *cert, int64_t timeout_ms, sign_err *err);
/* Is output the input as it is now, with a signature of the certificate's put in? No where there is no output. The same answers. */
struct already_files { const char *input, *output; };
int already_made(bool *yes, sign_ctx *ctx, const struct already_files *files, const sign_doc_opts *opts,
                 const sign_cert *cert, int64_t timeout_ms, sign_err *err);

#endif
