#include <base/err.h>
#include <base/limits.h>
#include <pdf/impl.h>
#include <stdlib.h>

const struct pdf_obj pdf_null = { .kind = PDF_NULL, .start = SIGN_NO_OFFSET, .end = SIGN_NO_OFFSET };

int pdf_spend(struct pdf_file *file, uint64_t n, sign_err *err)
{
    if (n > file->budget - file->spent) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL,
                       "reading takes more work than a file of %llu bytes warrants: its objects overlap",
                       (unsigned long long)file->size);
    }
    file->spent += n;
    return watch_poll(file->watch, (size_t)n, err);
}

int pdf_window(struct pdf_file *file, uint64_t offset, size_t want, sign_bytes *out, sign_err *err)
{
    if (offset >= file->size) {
        return err_set(err, SIGN_E_FORMAT, offset, NULL, "offset lies behind the end of the file (%llu bytes)",
                       (unsigned long long)file->size);
    }
    if (file->memory.ptr != NULL) {
        *out = bytes_slice(file->memory, (size_t)offset, SIZE_MAX);
        return SIGN_OK;
    }
    size_t len = want < file->size - offset ? want : (size_t)(file->size - offset);
    if (len > file->scratch_cap) {
        uint8_t *wider = realloc(file->scratch, len);
        if (wider == NULL) {
            return err_nomem(err);
        }
        file->scratch = wider;
        file->scratch_cap = len;
    }
    *out = bytes_of(file->scratch, len);
    return source_read(file->source, offset, file->scratch, len, err);
}

#define WORD 64     /* a keyword, and as much white space before it as is looked behind */

int pdf_word_at(struct cursor *in, struct pdf_file *file, uint64_t offset, sign_err *err)
{
    sign_bytes bytes;
    int rc = pdf_window(file, offset, WORD, &bytes, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    *in = cursor_over(bytes_slice(bytes, 0, WORD), offset);
    while (pdf_is_space(cursor_peek(in, 0))) {
        cursor_next(in);
    }
    return SIGN_OK;
}

struct pdf_parser *pdf_parser_over(struct pdf_file *file, sign_bytes bytes, uint64_t offset)
{
    bool placed = offset != SIGN_NO_OFFSET;
    file->parser.max_depth = file->opts.max_depth;
    file->parser.watch = file->watch;
    file->parser.crypt = NULL;
    file->parser.lex = (struct pdf_lexer){ .in = cursor_over(bytes, placed ? offset : 0),
                                           .arena = &file->arena,
                                           .copy = !placed || file->memory.ptr == NULL,
                                           .placed = placed };
    return &file->parser;
}
