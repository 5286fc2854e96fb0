/*
 * Bytes of an update that no cross-reference names: nothing to a reader that follows the standard, everything to one
 * that scans. An update is objects, a cross-reference section, a trailer (ISO 32000-2 7.5.6), and nothing else.
 */
#include <base/array.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/diff_impl.h>
#include <stdlib.h>

struct span {
    uint64_t from, to;
};
struct spans {
    struct span *list;
    size_t n, cap;
};

static int add(struct spans *s, uint64_t from, uint64_t to, sign_err *err)
{
    int rc = array_grow((void **)&s->list, &s->cap, s->n + 1, sizeof *s->list, LIMIT_PDF_OBJECTS, "objects", err);
    if (rc == SIGN_OK) {
        s->list[s->n++] = (struct span){ from, to };
    }
    return rc;
}

static int add_object(struct spans *s, struct pdf_log *log, const struct pdf_place *place, sign_err *err)
{
    struct pdf_view view = log->after;
    const struct pdf_obj *obj;
    sign_err why = SIGN_ERR_INIT;
    int rc = pdf_load(&obj, &view, (struct pdf_ref){ place->num, place->more }, &why);
    const struct pdf_indirect *object = pdf_map_get(&log->file->objects, place->at);
    if (rc == SIGN_OK && object != NULL) {
        return add(s, place->at, object->end, err);
    }
    return rc == SIGN_OK || rc == SIGN_E_FORMAT || rc == SIGN_E_UNSUPPORTED ? SIGN_OK : rc;
}

/* `xref … trailer << >>`, or the stream; and the stream that /XRefStm names. */
static int add_section(struct spans *s, struct pdf_log *log, const struct pdf_section *section, sign_err *err)
{
    struct pdf_indirect stream = { 0 };
    const struct pdf_obj *hidden = pdf_dict_get(&section->trailer, "XRefStm");
    if (section->form == PDF_XREF_STREAM) {
        int rc = pdf_indirect_read(&stream, log->file, &log->after, section->offset, err);
        return rc == SIGN_OK ? add(s, section->offset, stream.end, err) : rc;
    }
    int rc = add(s, section->offset, section->trailer.end, err);
    if (rc == SIGN_OK && hidden != NULL && hidden->kind == PDF_INT && hidden->u.integer >= 0) {
        uint64_t at = (uint64_t)hidden->u.integer + log->file->header;
        rc = pdf_indirect_read(&stream, log->file, &log->after, at, err);
        rc = rc == SIGN_OK ? add(s, at, stream.end, err) : rc;
    }
    return rc;
}

static int by_start(const void *a, const void *b)
{
    const struct span *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

enum filling { BLANK, STRAY, OBJECTS };

/* Up to 1 MiB: no update is padded like that. */
static bool is_blank(struct pdf_file *file, sign_bytes bytes, uint64_t from)
{
    struct pdf_parser *p = pdf_parser_over(file, bytes, from);
    struct pdf_token token;
    bool number = false;
    while (pdf_lex(&p->lex, &token, NULL) == SIGN_OK) { /* `startxref N`; comments, among them %%EOF, are no tokens */
        bool start = token.kind == PDF_LEX_WORD && bytes_are(token.bytes, "startxref");
        if (token.kind == PDF_LEX_END) {
            return true;
        }
        if (!start && !(number && token.kind == PDF_LEX_INT)) {
            break;
        }
        number = start;
    }
    return false;
}

static int look_into(enum filling *out, struct pdf_file *file, uint64_t from, uint64_t to, sign_err *err)
{
    sign_bytes bytes;
    *out = STRAY;
    if (to - from > MIB(1)) {
        return SIGN_OK;
    }
    int rc = pdf_window(file, from, (size_t)(to - from), &bytes, err);
    rc = rc == SIGN_OK ? pdf_spend(file, to - from, err) : rc;
    if (rc == SIGN_OK) {
        bytes = bytes_slice(bytes, 0, (size_t)(to - from));
        bool objects = bytes_find(bytes, BYTES_LIT(" obj"), 0) != SIZE_MAX;
        *out = is_blank(file, bytes, from) ? BLANK : objects ? OBJECTS : STRAY;
    }
    return rc;
}

static int look_between(struct pdf_log *log, struct spans *s, uint64_t from, sign_err *err)
{
    int rc = SIGN_OK;
    if (s->n > 0) {
        if (s->n > 1) {
        qsort(s->list, s->n, sizeof *s->list, by_start);
    }
    }
    for (size_t i = 0; i <= s->n && rc == SIGN_OK; i++) {
        uint64_t to = i < s->n ? s->list[i].from : log->file->size;
        enum filling filling = BLANK;
        if (to > from) {
            rc = look_into(&filling, log->file, from, to, err);
        }
        log->stray = filling == BLANK ? log->stray : to;
        log->hidden = filling == OBJECTS ? to : log->hidden;
        if (i < s->n && s->list[i].to > from) {
            from = s->list[i].to;
        }
    }
    return rc;
}

int diff_gaps(struct pdf_log *log, sign_err *err)
{
    const struct pdf_lineage *lineage = log->newest->lineage;
    struct spans spans = { 0 };
    uint64_t from = log->n_limits > 0 ? log->limits[0] : log->file->size;
    int rc = SIGN_OK;
    log->after = *log->newest;
    for (size_t d = lineage->depth; d > 0 && rc == SIGN_OK; d--) {
        const struct pdf_section *section = lineage->chain[d - 1];
        log->after.section = lineage->chain[d - 1];
        if (section->offset < from) {
            continue;
        }
        rc = add_section(&spans, log, section, err);
        for (size_t i = 0; i < section->places.n && rc == SIGN_OK; i++) {
            const struct pdf_place *place = &section->places.list[i];
            if (place->kind == PDF_PLACE_FILE && place->at >= from) {
                rc = add_object(&spans, log, place, err);
            }
        }
    }
    rc = rc == SIGN_OK ? look_between(log, &spans, from, err) : rc;
    free(spans.list);
    return rc;
}
