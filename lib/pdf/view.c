/* Views: the whole file and its prefixes; and objects as they are in one. */
#include <base/err.h>
#include <base/limits.h>
#include <pdf/impl.h>

#define CHAIN   16 /* references to references that are followed */
#define NESTING 8  /* objects that are needed to load an object: a /Length, an object stream, its /Length */

struct pdf_view *pdf_newest(struct pdf_file *file)
{
    return &file->newest;
}
uint64_t pdf_limit(const struct pdf_view *view)
{
    return view->limit;
}
size_t pdf_revision(const struct pdf_view *view)
{
    return view->section->revision;
}
const struct pdf_obj *pdf_trailer(const struct pdf_view *view)
{
    return &view->section->trailer;
}
enum pdf_xref_form pdf_xref_form(const struct pdf_view *view)
{
    return view->section->form;
}
uint64_t pdf_startxref(const struct pdf_view *view)
{
    return view->startxref;
}

uint32_t pdf_next_object(const struct pdf_view *view)
{
    const struct pdf_obj *size = pdf_dict_get(&view->section->trailer, "Size");
    uint32_t next = view->section->top + 1;
    bool larger = size != NULL && size->kind == PDF_INT && size->u.integer > next && size->u.integer <= UINT32_MAX;
    return larger ? (uint32_t)size->u.integer : next;
}

int pdf_startxref_before(struct pdf_file *file, uint64_t limit, uint64_t *value, uint64_t *end, sign_err *err)
{
    uint64_t from = limit < LIMIT_PDF_LOOKBACK ? 0 : limit - LIMIT_PDF_LOOKBACK;
    sign_bytes bytes;
    if (limit == 0) {
        return err_set(err, SIGN_E_FORMAT, 0, "ISO 32000-2 7.5.5", "no bytes, no startxref");
    }
    int rc = pdf_window(file, from, (size_t)(limit - from), &bytes, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    bytes = bytes_slice(bytes, 0, (size_t)(limit - from));
    size_t found = bytes_rfind(bytes, BYTES_LIT("startxref"));
    if (found == SIZE_MAX) {
        return err_set(err, SIGN_E_FORMAT, from, "ISO 32000-2 7.5.5",
                       "no startxref in the last %u bytes before byte %llu", LIMIT_PDF_LOOKBACK,
                       (unsigned long long)limit);
    }
    struct pdf_parser *p = pdf_parser_over(file, bytes, from);
    struct pdf_token token;
    cursor_seek(&p->lex.in, found + strlen("startxref"));
    size_t start = p->lex.in.pos;
    rc = pdf_lex(&p->lex, &token, err);
    if (rc == SIGN_OK && (token.kind != PDF_LEX_INT || token.integer < 0 ||
                          !pdf_is_plain_number(bytes_slice(bytes, start, p->lex.in.pos - start)))) {
        rc = err_set(err, SIGN_E_FORMAT, from + found, "ISO 32000-2 7.5.5",
                     "startxref: expected an offset behind it, in digits alone");
    }
    *value = rc == SIGN_OK ? (uint64_t)token.integer : 0;
    *end = token.end;
    return rc;
}

int pdf_view_fill(struct pdf_view *view, struct pdf_file *file, uint64_t limit, sign_err *err)
{
    uint64_t end;
    *view = (struct pdf_view){ .file = file, .limit = limit };
    int rc = pdf_startxref_before(file, limit, &view->startxref, &end, err);
    if (rc != SIGN_OK || (rc = pdf_section_at(&view->section, file, view->startxref, err)) != SIGN_OK) {
        return rc;
    }
    if (view->section->reach > limit) {
        return err_set(err, SIGN_E_FORMAT, view->section->offset, "ISO 32000-2 7.5.6",
                       "the cross-references of the first %llu bytes reach behind them", (unsigned long long)limit);
    }
    rc = pdf_lineage_of(&view->lineage, file, view->section, err);
    return rc != SIGN_OK ? rc : pdf_check_encryption(view, err);
}

int pdf_prefix(struct pdf_view **out, struct pdf_file *file, uint64_t limit, sign_err *err)
{
    if (limit > file->size) {
        return err_set(err, SIGN_E_FORMAT, limit, NULL, "a prefix longer than the file");
    }
    if (limit == file->size && !file->repaired) {
        *out = &file->newest;
        return SIGN_OK;
    }
    *out = pdf_map_get(&file->views, limit);
    if (*out != NULL) {
        return SIGN_OK;
    }
    struct pdf_view view, *kept;
    int rc = pdf_view_fill(&view, file, limit, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    kept = arena_dup(&file->arena, &view, sizeof view);
    if (kept == NULL) {
        return err_nomem(err);
    }
    *out = kept;
    return pdf_map_put(&file->views, limit, kept, err);
}

int pdf_locate(struct pdf_where *out, struct pdf_view *view, uint32_t num, sign_err *err)
{
    const struct pdf_place *place = pdf_place_in(view, num);
    *out = (struct pdf_where){ .kind = PDF_NOWHERE };
    if (place == NULL || place->kind == PDF_PLACE_FREE) {
        return SIGN_OK;
    }
    if (place->kind == PDF_PLACE_DISPUTED) {
        return err_set(err, SIGN_E_FORMAT, view->section->offset, "ISO 32000-2 7.5.4",
                       "object %u: one cross-reference section gives it several places, or one that is none",
                       (unsigned)num);
    }
    if (place->kind == PDF_PLACE_STREAM) {
        *out = (struct pdf_where){ .kind = PDF_IN_STREAM, .offset = SIGN_NO_OFFSET, .stream = (uint32_t)place->at };
    } else {
        *out = (struct pdf_where){ .kind = PDF_IN_FILE, .offset = place->at, .gen = place->more };
    }
    return SIGN_OK;
}

/* Where an indirect /Length led to when the stream was read may be another number in this view. */
static int still_holds(bool *holds, const struct pdf_indirect *known, struct pdf_view *view, sign_err *err)
{
    uint64_t length = 0;
    bool has;
    *holds = true;
    if (!known->length_by_ref) {
        return SIGN_OK;
    }
    int rc = pdf_length(&length, &has, view, &known->obj, err);
    *holds = has == known->length_known && length == known->length;
    return rc;
}

static int read_object(struct pdf_indirect **out, struct pdf_view *view, uint64_t offset, sign_err *err)
{
    struct pdf_file *file = view->file;
    struct pdf_indirect *known = pdf_map_get(&file->objects, offset);
    bool holds = false;
    int rc = known == NULL ? SIGN_OK : still_holds(&holds, known, view, err);
    if (rc != SIGN_OK || holds) {
        *out = known;
        return rc;
    }
    if (++file->n_objects > file->opts.max_objects) {
        return err_set(err, SIGN_E_LIMIT, offset, NULL, "more than %u objects read", (unsigned)file->opts.max_objects);
    }
    struct pdf_indirect *fresh = ARENA_NEW(&file->arena, struct pdf_indirect);
    if (fresh == NULL) {
        return err_nomem(err);
    }
    if ((rc = pdf_indirect_read(fresh, file, view, offset, err)) != SIGN_OK ||
        (rc = pdf_map_put(&file->objects, offset, fresh, err)) != SIGN_OK) {
        return rc;
    }
    *out = fresh;
    return SIGN_OK;
}

static int load_from_file(const struct pdf_obj **out, struct pdf_view *view, struct pdf_ref ref, uint64_t offset,
                          sign_err *err)
{
    struct pdf_indirect *object = NULL;
    if (offset >= view->limit) {
        return err_set(err, SIGN_E_FORMAT, offset, "ISO 32000-2 7.5.4", "object %u lies behind the end of the file",
                       (unsigned)ref.num);
    }
    int rc = read_object(&object, view, offset, err);
    if (rc != SIGN_OK) {
        return err_in(err, rc, "object %u", (unsigned)ref.num);
    }
    if (object->ref.num != ref.num || object->ref.gen != ref.gen) {
        return err_set(err, SIGN_E_FORMAT, offset, "ISO 32000-2 7.5.4", "expected object %u %u here, found %u %u",
                       (unsigned)ref.num, (unsigned)ref.gen, (unsigned)object->ref.num, (unsigned)object->ref.gen);
    }
    if (object->end > view->limit) {
        return err_set(err, SIGN_E_FORMAT, offset, "ISO 32000-2 7.5.6", "object %u reaches behind byte %llu",
                       (unsigned)ref.num, (unsigned long long)view->limit);
    }
    *out = &object->obj;
    return SIGN_OK;
}

static int load_placed(const struct pdf_obj **out, struct pdf_view *view, struct pdf_ref ref, sign_err *err)
{
    struct pdf_where where;
    const struct pdf_place *place = pdf_place_in(view, ref.num);
    int rc = pdf_locate(&where, view, ref.num, err);
    if (rc != SIGN_OK || where.kind == PDF_NOWHERE || where.gen != ref.gen) {
        return rc; /* 7.3.10: what is not there is null */
    }
    if (where.kind == PDF_IN_FILE) {
        return load_from_file(out, view, ref, where.offset, err);
    }
    return pdf_objstm_get(out, view, (struct pdf_ref){ where.stream, 0 }, ref.num, place->more, err);
}

int pdf_load(const struct pdf_obj **out, struct pdf_view *view, struct pdf_ref ref, sign_err *err)
{
    struct pdf_file *file = view->file;
    *out = &pdf_null;
    if (file->nesting >= NESTING) {
        return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, "ISO 32000-2 7.3.8.2",
                       "object %u is needed to read itself, or too many others are", (unsigned)ref.num);
    }
    file->nesting++;
    int rc = load_placed(out, view, ref, err);
    file->nesting--;
    return rc;
}

int pdf_resolve(const struct pdf_obj **out, struct pdf_view *view, const struct pdf_obj *obj, sign_err *err)
{
    for (int i = 0; obj != NULL && obj->kind == PDF_REF; i++) {
        if (i == CHAIN) {
            return err_set(err, SIGN_E_FORMAT, obj->start, "ISO 32000-2 7.3.10", "references that lead to references");
        }
        int rc = pdf_load(&obj, view, obj->u.ref, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    *out = obj == NULL ? &pdf_null : obj;
    return SIGN_OK;
}

int pdf_get(const struct pdf_obj **out, struct pdf_view *view, const struct pdf_obj *dict, const char *key,
            sign_err *err)
{
    return pdf_resolve(out, view, pdf_dict_get(dict, key), err);
}
