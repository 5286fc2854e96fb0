#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/form.h>
#include <pdf/impl.h>
#include <pdf/text.h>

#define LONGEST_NAME KIB(64)
#define CLAUSE       "ISO 32000-2 12.7.4.1"

int pdf_form(const struct pdf_obj **form, bool *duplicate, struct pdf_view *view, sign_err *err)
{
    const struct pdf_obj *root;
    int rc = pdf_get(&root, view, pdf_trailer(view), "Root", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    rc = pdf_get(form, view, root, "AcroForm", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    *duplicate = pdf_trailer(view)->duplicate_keys || root->duplicate_keys || (*form)->duplicate_keys;
    /* Asked once for each signature: a catalog of a million keys must not be free. */
    return pdf_spend(view->file, 16 * (pdf_keys(pdf_trailer(view)) + pdf_keys(root) + pdf_keys(*form)), err);
}

/* What a field dictionary says of itself. parent, index and ref are set. */
static int describe(struct pdf_field *field, struct pdf_view *view, sign_err *err)
{
    const struct pdf_obj *name, *type;
    int rc = pdf_get(&name, view, field->dict, "T", err);
    if (rc != SIGN_OK || (rc = pdf_get(&type, view, field->dict, "FT", err)) != SIGN_OK) {
        return rc;
    }
    field->named = name->kind == PDF_STRING;
    field->partial = field->named ? name->u.bytes : (sign_bytes){ 0 };
    field->depth = field->parent == NULL ? 0 : field->parent->depth + 1;
    field->signature =
        type->kind == PDF_NULL ? field->parent != NULL && field->parent->signature : pdf_is_name(type, "Sig");
    return SIGN_OK;
}

struct walk {
    struct pdf_view *view;
    pdf_field_fn each;
    void *payload;
    struct pdf_map seen;
    size_t count;
};

static int walk_array(struct walk *w, const struct pdf_obj *array, const struct pdf_field *parent, sign_err *err);

static int walk_dict(struct walk *w, struct pdf_field *field, sign_err *err)
{
    struct pdf_file *file = w->view->file;
    const struct pdf_obj *kids;
    if (++w->count > LIMIT_PDF_FIELDS || field->depth > LIMIT_PDF_DEPTH) {
        return err_set(err, SIGN_E_LIMIT, field->dict->start, CLAUSE,
                       "more than %d form fields, or nested deeper than %d", LIMIT_PDF_FIELDS, LIMIT_PDF_DEPTH);
    }
    struct pdf_field *kept = arena_dup(&file->arena, field, sizeof *field);
    if (kept == NULL) {
        return err_nomem(err);
    }
    int rc = field->ref.num == 0 ? SIGN_OK : pdf_map_put(&w->seen, field->ref.num, kept, err);
    if (rc != SIGN_OK || (rc = w->each(w->payload, kept, err)) != SIGN_OK ||
        (rc = pdf_get(&kids, w->view, field->dict, "Kids", err)) != SIGN_OK) {
        return rc;
    }
    return walk_array(w, kids, kept, err);
}

/* What is no dictionary is no field; what was seen before is not walked again, so that loops end. */
static int walk_array(struct walk *w, const struct pdf_obj *array, const struct pdf_field *parent, sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t i = 0; array->kind == PDF_ARRAY && i < array->u.array.n && rc == SIGN_OK; i++) {
        const struct pdf_obj *item = &array->u.array.items[i];
        struct pdf_field field = { .parent = parent, .index = i };
        if (item->kind == PDF_REF) {
            field.ref = item->u.ref;
        }
        rc = pdf_spend(w->view->file, 64, err);
        if (rc != SIGN_OK || pdf_map_get(&w->seen, field.ref.num) != NULL ||
            (rc = pdf_resolve(&field.dict, w->view, item, err)) != SIGN_OK || field.dict->kind != PDF_DICT) {
            continue;
        }
        rc = describe(&field, w->view, err);
        rc = rc == SIGN_OK ? walk_dict(w, &field, err) : rc;
    }
    return rc;
}

int pdf_fields(struct pdf_view *view, pdf_field_fn each, void *payload, sign_err *err)
{
    struct walk w = { .view = view, .each = each, .payload = payload };
    const struct pdf_obj *form, *fields;
    bool duplicate;
    int rc = pdf_form(&form, &duplicate, view, err);
    if (rc == SIGN_OK && (rc = pdf_get(&fields, view, form, "Fields", err)) == SIGN_OK) {
        rc = walk_array(&w, fields, NULL, err);
    }
    pdf_map_free(&w.seen);
    return rc;
}

/* The entry of an array that is the field: most likely where it was. NULL where it is not. */
static const struct pdf_obj *entry_of(const struct pdf_obj *array, const struct pdf_field *field)
{
    size_t n = array->kind == PDF_ARRAY ? array->u.array.n : 0;
    if (field->ref.num == 0) {
        return field->index < n ? &array->u.array.items[field->index] : NULL;
    }
    for (size_t i = 0; i <= n; i++) {
        size_t at = i == 0 ? field->index : i - 1;
        const struct pdf_obj *item = at < n ? &array->u.array.items[at] : &pdf_null;
        if (item->kind == PDF_REF && item->u.ref.num == field->ref.num && item->u.ref.gen == field->ref.gen) {
            return item;
        }
    }
    return NULL;
}

/* One step down. `at`: /Fields or /Kids. */
static int descend(struct pdf_field *out, struct pdf_view *view, const struct pdf_obj *at,
                   const struct pdf_field *field, sign_err *err)
{
    const struct pdf_obj *entry = entry_of(at, field);
    int rc = pdf_spend(view->file, 16 + (at->kind == PDF_ARRAY ? at->u.array.n : 0), err);
    out->dict = &pdf_null;
    if (rc != SIGN_OK || entry == NULL || (rc = pdf_resolve(&out->dict, view, entry, err)) != SIGN_OK) {
        return rc;
    }
    return describe(out, view, err);
}

int pdf_field_again(struct pdf_field *out, bool *found, bool *duplicate, struct pdf_view *view,
                    const struct pdf_field *field, sign_err *err)
{
    const struct pdf_field *way[LIMIT_PDF_DEPTH + 1], *step = field;
    struct pdf_field before, now = { 0 };
    const struct pdf_obj *at;
    *found = false;
    for (size_t i = field->depth + 1; i > 0; i--, step = step->parent) {
        way[i - 1] = step;
    }
    int rc = pdf_form(&at, duplicate, view, err);
    for (unsigned i = 0; i <= field->depth; i++) {
        before = now;
        now = (struct pdf_field){ .parent = i == 0 ? NULL : &before, .ref = way[i]->ref, .index = way[i]->index };
        if (rc != SIGN_OK || (rc = pdf_get(&at, view, at, i == 0 ? "Fields" : "Kids", err)) != SIGN_OK ||
            (rc = descend(&now, view, at, way[i], err)) != SIGN_OK) {
            return rc;
        }
        if (now.dict->kind != PDF_DICT || now.named != way[i]->named || !bytes_equal(now.partial, way[i]->partial)) {
            return SIGN_OK;
        }
        *duplicate |= now.dict->duplicate_keys;
        at = now.dict;
    }
    *out = now;
    out->parent = NULL;
    *found = true;
    return SIGN_OK;
}

int pdf_field_name(const char **out, struct pdf_file *file, const struct pdf_field *field, sign_err *err)
{
    const struct pdf_field *way[LIMIT_PDF_DEPTH + 1];
    CLEANUP(build_free) struct build name = { .max = LONGEST_NAME };
    size_t n = 0;
    for (const struct pdf_field *step = field; step != NULL; step = step->parent) {
        if (step->named) {
            way[n++] = step;
        }
    }
    for (; n > 0; n--) {
        if (name.len > 0) {
            build_byte(&name, '.');
        }
        pdf_text(&name, way[n - 1]->partial);
    }
    int rc = build_check(&name, err, "field name");
    rc = rc == SIGN_OK ? pdf_spend(file, name.len, err) : rc;
    if (rc == SIGN_OK) {
        *out = arena_str(&file->arena, build_view(&name));
        rc = *out == NULL ? err_nomem(err) : SIGN_OK;
    }
    return rc;
}
