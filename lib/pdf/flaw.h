/*
 * What a sound file does not have, and this room reads all the same. Each is a warning to who reads the file; none is signed,
 * for a signature over it would not mean the same in every reader, and pdf_rewrite mends it.
 */
#ifndef PDF_FLAW_H
#define PDF_FLAW_H

#include <pdf/file.h>

enum pdf_flaw_kind {
    PDF_FLAW_JUNK,                  /* bytes before %PDF-                                                       */
    PDF_FLAW_XREF,                  /* cross-references missing or wrong: rebuilt by a scan                     */
    PDF_FLAW_PLACES,                /* an object to which one cross-reference section gives several places      */
    PDF_FLAW_SIZE,                  /* an object whose number is not below /Size: missing to a strict reader    */
    PDF_FLAW_HYBRID                 /* an object that readers of PDF 1.4 see otherwise than those of 1.5        */
};

struct pdf_flaw {
    enum pdf_flaw_kind kind;
    uint32_t num;                   /* object number; 0: none */
    uint64_t offset;                /* of what is wrong in the file; SIGN_NO_OFFSET */
    const char *clause, *text;      /* English; in the file's arena */
};

#define PDF_FLAWS_LISTED 16         /* of one kind */

struct pdf_flaws {
    const struct pdf_flaw *list;
    size_t n;
    bool ambiguous;                 /* what the document says depends on the reader: PLACES, SIZE, HYBRID */
    size_t hidden;                  /* objects for readers of 1.5 alone, as 7.5.8.4 intends it: no flaw */
};

/* Of a view and all revisions before it. LIMIT, NOMEM, TIMEOUT, CANCELLED. */
int pdf_flaws(struct pdf_flaws *out, struct pdf_view *view, sign_err *err);

#endif
