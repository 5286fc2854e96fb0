/* What the fuzz targets of PDF share: a file over bytes in memory, and a look at its objects. */
#ifndef FUZZ_PDF_H
#define FUZZ_PDF_H

#include <base/build.h>
#include <pdf/fields.h>

struct opened {
    struct source *source;
    struct pdf_file *file;
};

/* Over the bytes themselves, not a copy of them: a read beyond the fuzzer's buffer is seen. */
static inline int opened_open(struct opened *o, sign_bytes bytes, const struct crypto *crypto, const struct pdf_opts *opts)
{
    int rc = source_over(&o->source, bytes, NULL);
    return rc == SIGN_OK ? pdf_open(&o->file, o->source, crypto, opts, NULL, NULL) : rc;
}

static inline void opened_close(struct opened *o)
{
    pdf_free(&o->file);
    source_free(&o->source);
}

/* The objects below `end`, and what their streams hold: its last byte is read, so that the sanitizer looks. */
static inline void read_objects(struct pdf_view *view, uint32_t end)
{
    for (uint32_t num = 1; num < end; num++) {
        const struct pdf_obj *obj;
        sign_bytes data;
        if (pdf_load(&obj, view, (struct pdf_ref){ num, 0 }, NULL) == SIGN_OK && obj->kind == PDF_STREAM &&
            pdf_stream(&data, view, obj, NULL) == SIGN_OK && data.len > 0) {
            volatile uint8_t last = data.ptr[data.len - 1];
            (void)last;
        }
    }
}

#endif
