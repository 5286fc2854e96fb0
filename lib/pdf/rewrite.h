/*
 * A damaged file written anew as one sound revision: every object that the trailer leads to, under its own number, and one
 * cross-reference table. Encryption stays as it is. For who signs, and for nothing else: what signatures cover is never touched.
 */
#ifndef PDF_REWRITE_H
#define PDF_REWRITE_H

#include <io/sink.h>
#include <pdf/file.h>

/*
 * FORBIDDEN where the file holds a signature, which would break, or where pages or their contents are lost; FORMAT for an
 * object that cannot be read: nothing is guessed. LIMIT, IO, NOMEM, TIMEOUT, CANCELLED.
 */
int pdf_rewrite(struct sink *to, struct pdf_file *file, sign_err *err);

#endif
