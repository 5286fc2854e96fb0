/* Has this key signed a document already? What a second run over the same files asks. */
#ifndef CLI_ALREADY_H
#define CLI_ALREADY_H

#include <libsign/libsign.h>
#include <stdbool.h>

/* A signature of the certificate's stands in it and its mathematics hold; trust is not asked. False too where it cannot be told. */
bool already_signed(const sign_doc *doc, const sign_cert *cert);
/* The same of the file at path; false where there is none. */
bool already_signed_file(sign_ctx *ctx, const char *path, const sign_doc_opts *opts, const sign_cert *cert);

#endif
