/* Small PDF files for the tests, written piece by piece: objects, cross-references of either form, signatures. */
#ifndef TESTS_PDF_MAKE_H
#define TESTS_PDF_MAKE_H

#include "check.h"
#include <base/build.h>
#include <pdf/impl.h>
#include <pdf/signature.h>

#define MAKE_OBJECTS 256

struct make {
    struct build out;
    uint64_t at[MAKE_OBJECTS];      /* offsets of the objects of this revision; 0: not in it */
    uint64_t prev;                  /* the last startxref value, 0 before the first          */
    uint64_t range_at, contents_at, contents_end;   /* of the last signature                 */
};

/* Bytes as they are. */
void make_text(struct make *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* `num 0 obj BODY endobj`. */
void make_obj(struct make *m, unsigned num, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* A stream object; /Length is written. */
void make_stream(struct make *m, unsigned num, const char *dict, sign_bytes data);
/* Ends a revision: a table of what was written since the last one, the trailer, startxref, %%EOF. */
void make_table(struct make *m, const char *trailer);
/*
 * The same as a cross-reference stream that is object `num`; `hidden`: objects within object streams, (num, stream,
 * index).
 */
struct make_hidden { unsigned num, stream, index; };
void make_xref_stream(struct make *m, unsigned num, const char *dict, const struct make_hidden *hidden,
                      size_t n_hidden);
/* A signature dictionary as object num, its ByteRange still blank; `extra` stands in it too. */
void make_signature(struct make *m, unsigned num, const char *extra);
/* Fills the blank so that the range ends where the file ends now. */
void make_seal(struct make *m);
/* Header, catalog 1, pages 2, form 3 with these fields. */
void make_start(struct make *m, const char *fields);
/* A whole file with one signature "Sig" in field 4, value 5. */
void make_signed(struct make *m);

struct opened { struct source *source; struct pdf_file *file; };
/* The status of pdf_open, which is checked to be `want`. */
struct opened make_open(const struct make *m, int want, sign_err *err);
void opened_drop(struct opened *o);
static inline void make_drop(struct make *m) { build_free(&m->out); }

#endif
