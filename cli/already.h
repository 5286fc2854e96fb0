/* Has this key signed a document already? What a second run over the same files asks. */
#ifndef CLI_ALREADY_H
#define CLI_ALREADY_H

#include <libsign/libsign.h>
#include <stdbool.h>

/* A signature of the certificate's stands in it and its mathematics hold; trust is not asked. False too where it cannot be told. */
bool already_signed(const sign_doc *doc, const sign_cert *cert);
/* Is output the input as it is now, with a signature of the certificate's put in? False where there is no output. */
bool already_made(sign_ctx *ctx, const char *input, const char *output, const sign_doc_opts *opts,
                  const sign_cert *cert);

#endif
