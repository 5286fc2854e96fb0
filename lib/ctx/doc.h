/* The inside of the public sign_doc: a source, what it is, and how it may be read. */
#ifndef CTX_DOC_H
#define CTX_DOC_H

#include <ctx/ctx.h>
#include <io/source.h>
#include <libsign/doc.h>

sign_ctx *doc_ctx(const sign_doc *doc);
struct source *doc_source(const sign_doc *doc);      /* borrowed */
const char *doc_name(const sign_doc *doc);           /* for messages; never NULL */
bool doc_allow_doctype(const sign_doc *doc);

/*
 * The password of an encrypted document, from the caller, who is asked once whatever comes of it: borrowed from the document.
 * payload is the const sign_doc (it fits pdf/file.h). PASSWORD (there is nobody to ask), CANCELLED, and what the caller answers.
 */
struct secret;
int doc_password(void *payload, const struct secret **out, sign_err *err);

#endif
