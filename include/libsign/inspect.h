/* What a PDF holds, without judging it: revisions, fields, signatures, locks, permissions. */
#ifndef LIBSIGN_INSPECT_H
#define LIBSIGN_INSPECT_H

#include <libsign/bytes.h>
#include <libsign/doc.h>

/*
 * One line of JSON without a line end, as docs/json.md says; file is the name to print (any bytes). No signature value and no
 * certificate is looked at: that is sign_verify's.
 * Errors: ARG, NOMEM, IO, LIMIT, FORMAT, PASSWORD, UNSUPPORTED (XML; an encryption that is not known), ALGO.
 */
SIGN_API int sign_inspect_json(sign_buf **out, const sign_doc *doc, const char *file, sign_err *err) SIGN_MUST_USE;
/* For people, in "vi" or "en", lines of text that are safe on a terminal. The same errors. */
SIGN_API int sign_inspect_text(sign_buf **out, const sign_doc *doc, const char *file, const char *lang, sign_err *err) SIGN_MUST_USE;

#endif
