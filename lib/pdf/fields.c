/* Fields, their locks and seed values, as they stand; and the revisions of a file. */
#include <pdf/fields.h>

#include <base/array.h>
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/form.h>
#include <pdf/impl.h>
#include <pdf/text.h>
#include <stdlib.h>

/* --- values as text ----------------------------------------------------------------------------------------------- */

static int show(struct build *out, struct pdf_view *view, const struct pdf_obj *obj, unsigned depth, sign_err *err)
{
    int rc = pdf_resolve(&obj, view, obj, err);
    if (rc == SIGN_OK) {
        rc = pdf_spend(view->file, 16 + (obj->kind == PDF_STRING || obj->kind == PDF_NAME ? obj->u.bytes.len : 0), err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    switch (obj->kind) {
    case PDF_NAME:
        utf8_repair(out, obj->u.bytes);
        return SIGN_OK;
    case PDF_STRING:
        pdf_text(out, obj->u.bytes);
        return SIGN_OK;
    case PDF_INT:
        build_fmt(out, "%lld", (long long)obj->u.integer);
        return SIGN_OK;
    case PDF_BOOL:
        build_str(out, obj->u.boolean ? "true" : "false");
        return SIGN_OK;
    case PDF_ARRAY:
        for (size_t i = 0; depth < 4 && i < obj->u.array.n && rc == SIGN_OK; i++) {
            build_str(out, i == 0 ? "" : ", ");
            rc = show(out, view, &obj->u.array.items[i], depth + 1, err);
        }
        return rc;
    case PDF_NULL:
    case PDF_REAL:
    case PDF_DICT:
    case PDF_STREAM:
    case PDF_REF:
    default:
        build_str(out, pdf_kind_name(obj->kind));
        return SIGN_OK;
    }
}

static int keep(const char **out, struct pdf_view *view, const struct pdf_obj *obj, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    int rc = show(&text, view, obj, 0, err);
    if (rc != SIGN_OK || (rc = build_check(&text, err, "a value")) != SIGN_OK) {
        return rc;
    }
    *out = arena_str(&view->file->arena, build_view(&text));
    return *out == NULL ? pdf_no_room(&view->file->arena, err) : SIGN_OK;
}

/* --- locks -------------------------------------------------------------------------------------------------------- */

static int read_names(struct pdf_lock *lock, struct pdf_view *view, const struct pdf_obj *fields, sign_err *err)
{
    size_t n = fields->kind == PDF_ARRAY ? fields->u.array.n : 0;
    const char **names = arena_array(&view->file->arena, n + 1, sizeof *names);
    int rc = names == NULL ? pdf_no_room(&view->file->arena, err) : SIGN_OK;
    for (size_t i = 0; i < n && rc == SIGN_OK; i++) {
        rc = keep(&names[i], view, &fields->u.array.items[i], err);
    }
    lock->fields = names;
    lock->n_fields = rc == SIGN_OK ? n : 0;
    return rc;
}

/* A field's /Lock, or the parameters of a transform: the same entries. */
static int read_lock(struct pdf_lock *lock, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    const struct pdf_obj *action, *fields, *p;
    int rc = pdf_get(&action, view, dict, "Action", err);
    if (rc != SIGN_OK || (rc = pdf_get(&fields, view, dict, "Fields", err)) != SIGN_OK ||
        (rc = pdf_get(&p, view, dict, "P", err)) != SIGN_OK) {
        return rc;
    }
    if (p->kind == PDF_INT && p->u.integer >= 1 && p->u.integer <= 3) {
        lock->p = (int)p->u.integer;
    }
    if (action->kind != PDF_NAME) {
        return SIGN_OK;
    }
    rc = keep(&lock->action, view, action, err);
    return rc == SIGN_OK ? read_names(lock, view, fields, err) : rc;
}

int pdf_signature_lock(struct pdf_lock *out, struct pdf_file *file, const struct pdf_signature *sig, sign_err *err)
{
    struct pdf_view *view = &file->newest;
    const struct pdf_obj *refs, *ref, *method, *params;
    *out = (struct pdf_lock){ 0 };
    int rc = pdf_get(&refs, view, sig->dict, "Reference", err);
    for (size_t i = 0; rc == SIGN_OK && refs->kind == PDF_ARRAY && i < refs->u.array.n; i++) {
        if ((rc = pdf_resolve(&ref, view, &refs->u.array.items[i], err)) != SIGN_OK ||
            (rc = pdf_get(&method, view, ref, "TransformMethod", err)) != SIGN_OK ||
            (rc = pdf_get(&params, view, ref, "TransformParams", err)) != SIGN_OK) {
            return rc;
        }
        if (pdf_is_name(method, "FieldMDP")) {
            rc = read_lock(out, view, params, err);
        } else if (pdf_is_name(method, "DocMDP")) {
            struct pdf_lock doc = { .p = 2 }; /* the default (table 257) */
            rc = read_lock(&doc, view, params, err);
            out->p = doc.p;
        }
    }
    return rc;
}

/* --- seed values -------------------------------------------------------------------------------------------------- */

static const struct {
    const char *key;
    int64_t flag; /* of /Ff; 0: none */
} seed_keys[] = {
    { "Filter", 1 },        { "SubFilter", 2 },         { "V", 4 },
    { "Reasons", 8 },       { "LegalAttestation", 16 }, { "AddRevInfo", 32 },
    { "DigestMethod", 64 }, { "LockDocument", 128 },    { "AppearanceFilter", 256 },
};

static int read_seeds(struct pdf_field_info *field, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    const struct pdf_obj *seed, *flags, *value;
    int rc = pdf_get(&seed, view, dict, "SV", err);
    if (rc != SIGN_OK || seed->kind != PDF_DICT || (rc = pdf_get(&flags, view, seed, "Ff", err)) != SIGN_OK) {
        return rc;
    }
    struct pdf_seed *list = arena_array(&view->file->arena, COUNT(seed_keys) + 1, sizeof *list);
    if (list == NULL) {
        return pdf_no_room(&view->file->arena, err);
    }
    field->seeds = list;
    for (size_t i = 0; i < COUNT(seed_keys) && rc == SIGN_OK; i++) {
        value = pdf_dict_get(seed, seed_keys[i].key);
        struct pdf_seed *to = &list[field->n_seeds];
        if (value != NULL && (rc = keep(&to->value, view, value, err)) == SIGN_OK) {
            to->key = seed_keys[i].key;
            to->required = flags->kind == PDF_INT && (flags->u.integer & seed_keys[i].flag) != 0;
            field->n_seeds++;
        }
    }
    if (rc == SIGN_OK && (rc = pdf_get(&value, view, seed, "MDP", err)) == SIGN_OK && value->kind == PDF_DICT) {
        struct pdf_seed *to = &list[field->n_seeds++];
        *to = (struct pdf_seed){ .key = "MDP", .required = true };
        rc = keep(&to->value, view, pdf_dict_get(value, "P"), err);
    }
    return rc;
}

/* --- fields ------------------------------------------------------------------------------------------------------- */

struct list {
    struct pdf_view *view;
    struct pdf_field_info *items;
    size_t n, cap;
};

/* An inheritable entry (12.7.4.1): of the field, or of the nearest above it. */
static int inherited(const struct pdf_obj **out, struct pdf_view *view, const struct pdf_field *field, const char *key,
                     sign_err *err)
{
    int rc = SIGN_OK;
    for (*out = &pdf_null; field != NULL && rc == SIGN_OK && (*out)->kind == PDF_NULL; field = field->parent) {
        rc = pdf_get(out, view, field->dict, key, err);
    }
    return rc;
}

static const char *type_name(const struct pdf_obj *type)
{
    static const char *const types[][2] = {
        { "Sig", "signature" }, { "Tx", "text" }, { "Btn", "button" }, { "Ch", "choice" }
    };
    for (size_t i = 0; i < COUNT(types); i++) {
        if (pdf_is_name(type, types[i][0])) {
            return types[i][1];
        }
    }
    return "unknown";
}

static int describe(struct pdf_field_info *info, struct pdf_view *view, const struct pdf_field *field, sign_err *err)
{
    const struct pdf_obj *type, *flags, *value, *lock;
    int rc = inherited(&type, view, field, "FT", err);
    if (rc != SIGN_OK || (rc = inherited(&flags, view, field, "Ff", err)) != SIGN_OK ||
        (rc = inherited(&value, view, field, "V", err)) != SIGN_OK ||
        (rc = pdf_get(&lock, view, field->dict, "Lock", err)) != SIGN_OK) {
        return rc;
    }
    info->type = type_name(type);
    info->ref = field->ref;
    info->has_value = value->kind != PDF_NULL;
    info->read_only = flags->kind == PDF_INT && (flags->u.integer & 1);
    if ((rc = pdf_field_name(&info->name, view->file, field, err)) != SIGN_OK ||
        (lock->kind == PDF_DICT && (rc = read_lock(&info->lock, view, lock, err)) != SIGN_OK)) {
        return rc;
    }
    return field->signature ? read_seeds(info, view, field->dict, err) : SIGN_OK;
}

static int look_at(void *payload, const struct pdf_field *field, sign_err *err)
{
    struct list *list = payload;
    struct pdf_field_info info = { 0 };
    if (!field->named) {
        return SIGN_OK;
    }
    int rc = describe(&info, list->view, field, err);
    if (rc == SIGN_OK) {
        rc = array_grow((void **)&list->items, &list->cap, list->n + 1, sizeof info, LIMIT_PDF_FIELDS, "form fields",
                        err);
    }
    if (rc == SIGN_OK) {
        list->items[list->n++] = info;
    }
    return rc;
}

int pdf_fields_list(const struct pdf_field_info **out, size_t *n, struct pdf_file *file, sign_err *err)
{
    struct list list = { .view = &file->newest };
    int rc = pdf_fields(list.view, look_at, &list, err);
    *n = list.n;
    *out = NULL;
    if (rc == SIGN_OK && list.n > 0) {
        *out = arena_dup(&file->arena, list.items, list.n * sizeof *list.items);
        rc = *out == NULL ? pdf_no_room(&file->arena, err) : SIGN_OK;
    }
    free(list.items);
    return rc;
}

/* --- the file ----------------------------------------------------------------------------------------------------- */

/* Behind the first %%EOF after the section's startxref; where there is none nearby, the section's own end. */
static int revision_end(uint64_t *out, struct pdf_file *file, const struct pdf_section *section, sign_err *err)
{
    sign_bytes bytes = { 0 };
    *out = section->reach;
    int rc = section->reach < file->size ? pdf_window(file, section->reach, LIMIT_PDF_LOOKBACK, &bytes, err) : SIGN_OK;
    size_t at = bytes_find(bytes_slice(bytes, 0, LIMIT_PDF_LOOKBACK), BYTES_LIT("%%EOF"), 0);
    if (rc == SIGN_OK && at != SIZE_MAX) {
        *out += at + strlen("%%EOF");
    }
    return rc;
}

int pdf_revisions_list(const struct pdf_revision_info **out, size_t *n, struct pdf_file *file, sign_err *err)
{
    const struct pdf_view *view = &file->newest;
    struct pdf_revision_info *list = arena_array(&file->arena, view->section->revision, sizeof *list);
    if (list == NULL) {
        return pdf_no_room(&file->arena, err);
    }
    int rc = SIGN_OK;
    for (const struct pdf_section *s = view->section; s != NULL && rc == SIGN_OK; s = s->prev) {
        struct pdf_revision_info *to = &list[s->revision - 1];
        uint64_t end = file->size;
        rc = file->repaired ? SIGN_OK : revision_end(&end, file, s, err);
        if (end > to->end) {
            *to = (struct pdf_revision_info){ end, s->form };
        }
    }
    *out = list;
    *n = view->section->revision;
    return rc;
}

int pdf_version(const char **out, struct pdf_file *file, sign_err *err)
{
    sign_bytes head;
    const struct pdf_obj *root, *version;
    int rc = pdf_window(file, file->header, 8, &head, err);
    if (rc != SIGN_OK || (rc = pdf_get(&root, &file->newest, pdf_trailer(&file->newest), "Root", err)) != SIGN_OK ||
        (rc = pdf_get(&version, &file->newest, root, "Version", err)) != SIGN_OK) {
        return rc;
    }
    head = bytes_slice(head, 5, 3);
    bool later = version->kind == PDF_NAME && version->u.bytes.len == 3 &&
                 (head.len < 3 || memcmp(version->u.bytes.ptr, head.ptr, 3) > 0);
    CLEANUP(build_free) struct build text = { 0 };
    utf8_repair(&text, later ? version->u.bytes : head);
    *out = arena_str(&file->arena, build_view(&text));
    return *out == NULL ? pdf_no_room(&file->arena, err) : SIGN_OK;
}
