/* Stream filters undone (ISO 32000-2 7.4), each from bytes to bytes, never more than max of them. */
#ifndef PDF_FILTER_H
#define PDF_FILTER_H

#include <base/build.h>
#include <base/watch.h>

struct pdf_parms {      /* /DecodeParms, defaults of tables 8 and 9 filled in */
    int64_t predictor, colors, bits, columns, early_change;
};

/* FORMAT, LIMIT, NOMEM, UNSUPPORTED, TIMEOUT, CANCELLED. */
int pdf_undo_hex(struct build *out, sign_bytes in, size_t max, struct watch *watch, sign_err *err);
int pdf_undo_ascii85(struct build *out, sign_bytes in, size_t max, struct watch *watch, sign_err *err);
int pdf_undo_run_length(struct build *out, sign_bytes in, size_t max, struct watch *watch, sign_err *err);
int pdf_undo_lzw(struct build *out, sign_bytes in, bool early, size_t max, struct watch *watch, sign_err *err);
/* PNG and TIFF predictors (7.4.4.4). */
int pdf_undo_predictor(struct build *out, sign_bytes in, const struct pdf_parms *parms, struct watch *watch,
                       sign_err *err);

#endif
