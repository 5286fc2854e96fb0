/*
 * Object streams (ISO 32000-2 7.5.7): decoded once while they are among those last used. /Extends is ignored, as by all
 * readers.
 */
#include <base/build.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/impl.h>
#include <stdlib.h>

#define CLAUSE "ISO 32000-2 7.5.7"

struct pdf_objstm {
    const struct pdf_obj *stream; /* the cached object it was decoded from */
    struct build data;
    size_t n, first;
    struct {
        uint32_t num, at;
    } * table;
    const struct pdf_obj **objects; /* those already parsed */
};

void pdf_objstm_free(struct pdf_objstm **stream)
{
    if (*stream != NULL) {
        build_free(&(*stream)->data);
        free((*stream)->table);
        free((*stream)->objects);
        free(*stream);
        *stream = NULL;
    }
}

static int broken(const struct pdf_obj *stream, const char *what, sign_err *err)
{
    return err_set(err, SIGN_E_FORMAT, stream->start, CLAUSE, "object stream: %s", what);
}

static int integer(uint64_t *out, struct pdf_view *view, const struct pdf_obj *stream, const char *key, sign_err *err)
{
    const struct pdf_obj *value;
    int rc = pdf_get(&value, view, stream, key, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (value->kind != PDF_INT || value->u.integer < 0) {
        return err_set(err, SIGN_E_FORMAT, stream->start, CLAUSE, "object stream: /%s: expected a count, found %s", key,
                       pdf_kind_name(value->kind));
    }
    *out = (uint64_t)value->u.integer;
    return SIGN_OK;
}

/* N pairs "number offset" in the first First bytes. */
static int read_table(struct pdf_objstm *to, struct pdf_view *view, sign_err *err)
{
    struct pdf_parser *p =
        pdf_parser_over(view->file, bytes_slice(build_view(&to->data), 0, to->first), SIGN_NO_OFFSET);
    for (size_t i = 0; i < to->n; i++) {
        struct pdf_token num, at;
        int rc = pdf_lex(&p->lex, &num, err);
        if (rc != SIGN_OK || (rc = pdf_lex(&p->lex, &at, err)) != SIGN_OK) {
            return rc;
        }
        if (num.kind != PDF_LEX_INT || at.kind != PDF_LEX_INT || num.integer < 0 || num.integer > UINT32_MAX ||
            at.integer < 0 || (uint64_t)at.integer >= to->data.len - to->first) {
            return broken(to->stream, "its header is not pairs of object number and offset within it", err);
        }
        to->table[i].num = (uint32_t)num.integer;
        to->table[i].at = (uint32_t)at.integer;
    }
    return SIGN_OK;
}

static int fill(struct pdf_objstm *to, struct pdf_view *view, sign_err *err)
{
    uint64_t n, first;
    int rc = integer(&n, view, to->stream, "N", err);
    if (rc != SIGN_OK || (rc = integer(&first, view, to->stream, "First", err)) != SIGN_OK ||
        (rc = pdf_decode(&to->data, view->file, view, to->stream, err)) != SIGN_OK ||
        (rc = pdf_spend(view->file, to->data.len, err)) != SIGN_OK) {
        return rc;
    }
    if (first > to->data.len || n > first) {
        return broken(to->stream, "/N or /First is more than it holds", err);
    }
    to->n = (size_t)n;
    to->first = (size_t)first;
    to->table = calloc(to->n + 1, sizeof *to->table);
    to->objects = calloc(to->n + 1, sizeof *to->objects);
    if (to->table == NULL || to->objects == NULL) {
        return err_nomem(err);
    }
    return read_table(to, view, err);
}

static size_t kept_bytes(const struct pdf_file *file)
{
    size_t total = 0;
    for (size_t i = 0; i < PDF_OBJSTM_KEPT; i++) {
        total += file->kept[i] == NULL ? 0 : file->kept[i]->data.len;
    }
    return total;
}

/* Takes the place of the one kept longest, and of more while all together hold more than one stream may. */
static void keep(struct pdf_file *file, struct pdf_objstm *stream)
{
    size_t at = file->next_kept;
    pdf_objstm_free(&file->kept[at]);
    for (size_t i = 1; i < PDF_OBJSTM_KEPT && kept_bytes(file) + stream->data.len > file->opts.max_inflated; i++) {
        pdf_objstm_free(&file->kept[(at + i) % PDF_OBJSTM_KEPT]);
    }
    file->kept[at] = stream;
    file->next_kept = (at + 1) % PDF_OBJSTM_KEPT;
}

static int open_stream(struct pdf_objstm **out, struct pdf_view *view, const struct pdf_obj *stream, sign_err *err)
{
    struct pdf_file *file = view->file;
    for (size_t i = 0; i < PDF_OBJSTM_KEPT; i++) {
        if (file->kept[i] != NULL && file->kept[i]->stream == stream) {
            *out = file->kept[i];
            return SIGN_OK;
        }
    }
    struct pdf_objstm *fresh = calloc(1, sizeof *fresh);
    if (fresh == NULL) {
        return err_nomem(err);
    }
    fresh->stream = stream;
    fresh->data.max = file->opts.max_inflated;
    int rc = fill(fresh, view, err);
    if (rc != SIGN_OK) {
        pdf_objstm_free(&fresh);
        return rc;
    }
    keep(file, fresh);
    *out = fresh;
    return SIGN_OK;
}

static int parse_member(const struct pdf_obj **out, struct pdf_objstm *from, struct pdf_file *file, uint32_t index,
                        sign_err *err)
{
    struct pdf_obj *obj = ARENA_NEW(&file->arena, struct pdf_obj);
    if (obj == NULL) {
        return err_nomem(err);
    }
    sign_bytes bytes = bytes_slice(build_view(&from->data), from->first + from->table[index].at, LIMIT_PDF_OBJECT);
    struct pdf_parser *p = pdf_parser_over(file, bytes, SIGN_NO_OFFSET);
    int rc = pdf_parse(p, obj, err);
    int spent = pdf_spend(file, p->lex.in.pos, rc == SIGN_OK ? err : NULL);
    if (rc != SIGN_OK || spent != SIGN_OK) {
        return rc != SIGN_OK ? rc : spent;
    }
    if (++file->n_objects > file->opts.max_objects) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "more than %u objects read",
                       (unsigned)file->opts.max_objects);
    }
    from->objects[index] = obj;
    *out = obj;
    return SIGN_OK;
}

static int find_stream(struct pdf_objstm **out, struct pdf_view *view, struct pdf_ref container, sign_err *err)
{
    const struct pdf_obj *stream;
    struct pdf_where where;
    int rc = pdf_locate(&where, view, container.num, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (where.kind != PDF_IN_FILE) {
        return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, CLAUSE, "object stream %u does not stand in the file",
                       (unsigned)container.num);
    }
    if ((rc = pdf_load(&stream, view, container, err)) != SIGN_OK) {
        return rc;
    }
    if (stream->kind != PDF_STREAM || !pdf_is_name(pdf_dict_get(stream, "Type"), "ObjStm")) {
        return err_set(err, SIGN_E_FORMAT, stream->start, CLAUSE, "expected an object stream in object %u, found %s",
                       (unsigned)container.num, pdf_kind_name(stream->kind));
    }
    rc = open_stream(out, view, stream, err);
    return rc != SIGN_OK ? err_in(err, rc, "object stream %u", (unsigned)container.num) : rc;
}

int pdf_objstm_list(struct pdf_places *out, struct pdf_view *view, struct pdf_ref container, sign_err *err)
{
    struct pdf_objstm *from;
    int rc = find_stream(&from, view, container, err);
    for (size_t i = 0; rc == SIGN_OK && i < from->n; i++) {
        struct pdf_place place = { .kind = PDF_PLACE_STREAM, .at = container.num, .num = from->table[i].num };
        place.more = (uint32_t)i;
        if (place.num <= LIMIT_PDF_OBJECTS && (rc = pdf_spend(view->file, sizeof place, err)) == SIGN_OK) {
            rc = pdf_places_add(out, place, err);
        }
    }
    return rc;
}

int pdf_objstm_get(const struct pdf_obj **out, struct pdf_view *view, struct pdf_ref container, uint32_t num,
                   uint32_t index, sign_err *err)
{
    struct pdf_objstm *from;
    int rc = find_stream(&from, view, container, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (index >= from->n || from->table[index].num != num) {
        return err_set(err, SIGN_E_FORMAT, from->stream->start, CLAUSE,
                       "object %u is not number %u of object stream %u", (unsigned)num, (unsigned)index,
                       (unsigned)container.num);
    }
    *out = from->objects[index];
    return *out != NULL ? SIGN_OK : parse_member(out, from, view->file, index, err);
}
