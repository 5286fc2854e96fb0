/* The field of a new signature: an empty one of the document, or one that is made (ISO 32000-2 12.7.5.5). */
#include "update_parts.h"

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/crypt.h>
#include <pdf/impl.h>
#include <pdf/text.h>

#define NAMES "ISO 32000-2 12.7.4.2"

/* --- finding ------------------------------------------------------------------------------------------------------ */

struct search {
    struct update_parts *u;
    uint32_t highest;           /* of the roots named SignatureN                       */
    const struct pdf_obj *dict; /* what the way down has come to; NULL: nothing         */
    struct pdf_ref ref;         /* of it                                                */
    bool signature;             /* /FT, own or inherited, is /Sig                       */
};

static void note_number(struct search *s, sign_bytes name)
{
    uint32_t number;
    if (bytes_start(name, BYTES_LIT("Signature")) && parse_u32(bytes_slice(name, 9, name.len - 9), &number) &&
        number > s->highest && number < UINT32_MAX) {
        s->highest = number;
    }
}

/* The kid of that partial name: into s->dict. part NULL: none is looked for, numbers are noted alone. */
static int look_among(struct search *s, const struct pdf_obj *array, const sign_bytes *part, sign_err *err)
{
    CLEANUP(build_free) struct build name = { 0 };
    size_t n = array->kind == PDF_ARRAY ? array->u.array.n : 0;
    const struct pdf_obj *found = NULL;
    if (n > LIMIT_PDF_FIELDS) {
        return err_set(err, SIGN_E_LIMIT, array->start, NULL, "the form has %zu fields, the limit is %d", n,
                       LIMIT_PDF_FIELDS);
    }
    for (size_t i = 0; i < n; i++) {
        const struct pdf_obj *item = &array->u.array.items[i], *field, *title;
        int rc = pdf_resolve(&field, s->u->view, item, err);
        if (rc != SIGN_OK || (rc = pdf_get(&title, s->u->view, field, "T", err)) != SIGN_OK) {
            return rc;
        }
        name.len = 0;
        pdf_text(&name, title->kind == PDF_STRING ? title->u.bytes : (sign_bytes){ 0 });
        note_number(s, build_view(&name));
        if (part && title->kind == PDF_STRING && bytes_equal(build_view(&name), *part) && !found) {
            found = field;
            s->ref = item->kind == PDF_REF ? item->u.ref : (struct pdf_ref){ 0, 0 };
        }
    }
    s->dict = found;
    return build_check(&name, err, "field names");
}

/* Down along the partial names of "a.b.c". */
static int look_for(struct search *s, const struct pdf_obj *fields, const char *wanted, sign_err *err)
{
    const struct pdf_obj *type;
    sign_bytes rest = wanted ? bytes_str(wanted) : (sign_bytes){ 0 };
    for (unsigned depth = 0; depth < LIMIT_PDF_DEPTH; depth++) {
        size_t dot = wanted ? bytes_find(rest, BYTES_LIT("."), 0) : 0;
        sign_bytes part = bytes_slice(rest, 0, dot);
        int rc = look_among(s, fields, wanted ? &part : NULL, err);
        if (rc != SIGN_OK || !s->dict || (rc = pdf_get(&type, s->u->view, s->dict, "FT", err)) != SIGN_OK) {
            return rc;
        }
        s->signature = type->kind == PDF_NULL ? s->signature : pdf_is_name(type, "Sig");
        if (dot == SIZE_MAX) {
            return SIGN_OK;
        }
        rest = bytes_slice(rest, dot + 1, SIZE_MAX);
        if ((rc = pdf_get(&fields, s->u->view, s->dict, "Kids", err)) != SIGN_OK) {
            return rc;
        }
    }
    return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NAMES, "a field name of more than %d parts", LIMIT_PDF_DEPTH);
}

/* Is it one that can be signed? A field whose kids are fields themselves has no value (12.7.4.1). */
static int check_target(struct search *s, const char *wanted, sign_err *err)
{
    const struct pdf_obj *value, *kids, *kid = &pdf_null;
    int rc = pdf_get(&value, s->u->view, s->dict, "V", err);
    if (rc != SIGN_OK || (rc = pdf_get(&kids, s->u->view, s->dict, "Kids", err)) != SIGN_OK) {
        return rc;
    }
    if (kids->kind == PDF_ARRAY && kids->u.array.n > 0) {
        rc = pdf_resolve(&kid, s->u->view, &kids->u.array.items[0], err);
    }
    bool terminal = pdf_dict_get(kid, "T") == NULL;
    if (rc == SIGN_OK && (!s->signature || !terminal || value->kind != PDF_NULL)) {
        rc = err_set(err, SIGN_E_EXISTS, s->dict->start, NAMES, "the document has a field '%.60s' already%s", wanted,
                     !s->signature || !terminal ? ", and it is no signature field" : ": it is signed");
    }
    if (rc == SIGN_OK && !s->ref.num) {
        rc = err_set(err, SIGN_E_UNSUPPORTED, s->dict->start, NAMES,
                     "the field '%.60s' is no indirect object: signing it would change the form", wanted);
    }
    return rc == SIGN_OK ? update_clear(s->dict, "the field", err) : rc;
}

int update_find_field(struct update_parts *u, const char *wanted, sign_err *err)
{
    const struct pdf_obj *form, *fields;
    struct search s = { .u = u };
    if (wanted && (!*wanted || !utf8_valid(bytes_str(wanted)))) {
        return err_set(err, SIGN_E_ARG, SIGN_NO_OFFSET, NAMES, "field name '%.60s': expected UTF-8", wanted);
    }
    int rc = update_form_of(u, &form, &fields, err);
    if (rc != SIGN_OK || (rc = look_for(&s, fields, wanted, err)) != SIGN_OK) {
        return rc;
    }
    if (s.dict && (rc = check_target(&s, wanted, err)) != SIGN_OK) {
        return rc;
    }
    if (!s.dict && wanted && strchr(wanted, '.')) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NAMES,
                       "field name '%.60s': the document has none of it, and a new one has no period", wanted);
    }
    u->target = s.dict;
    u->field = s.ref;
    struct build name = { 0 };
    if (wanted) {
        build_str(&name, wanted);
    } else {
        build_fmt(&name, "Signature%u", s.highest + 1);
    }
    u->out->field = build_to_string(&name);
    return u->out->field ? SIGN_OK : err_nomem(err);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* An appearance of nothing: PDF/A wants every field to have one (ISO 19005-1 6.9). */
static int put_appearance(struct update_parts *u, struct pdf_ref *ref, sign_err *err)
{
    CLEANUP(build_free) struct build data = { 0 };
    const struct pdf_crypt *crypt = u->file->crypt;
    *ref = update_new_ref(u);
    int rc = crypt ? pdf_encrypt(&data, crypt, crypt->streams, *ref, (sign_bytes){ 0 }, err) : SIGN_OK;
    update_open(u, *ref);
    build_fmt(&u->out->bytes, "<</Type/XObject/Subtype/Form/BBox[0 0 0 0]/Length %zu>>stream\n", data.len);
    build_bytes(&u->out->bytes, build_view(&data));
    build_str(&u->out->bytes, "\nendstream");
    update_close(u);
    return rc;
}

/* An invisible widget: no size, Print and Locked, so that a viewer neither shows nor moves it. */
static int put_new(struct update_parts *u, struct pdf_ref page, sign_err *err)
{
    struct build *out = &u->out->bytes;
    struct pdf_ref appearance;
    int rc = put_appearance(u, &appearance, err);
    update_open(u, u->field);
    build_str(out, "<</Type/Annot/Subtype/Widget/FT/Sig/F 132/Rect[0 0 0 0]/T");
    pdf_put_text(out, u->out->field, &u->seal);
    build_str(out, "/P ");
    pdf_put_ref(out, page);
    build_str(out, "/AP<</N ");
    pdf_put_ref(out, appearance);
    build_str(out, ">>/V ");
    pdf_put_ref(out, u->signature);
    build_str(out, ">>");
    update_close(u);
    return rc;
}

int update_field(struct update_parts *u, struct pdf_ref page, sign_err *err)
{
    char value[32];
    if (!u->target) {
        return put_new(u, page, err);
    }
    snprintf(value, sizeof value, "%u %u R", u->signature.num, u->signature.gen);
    struct pdf_override override = { "V", value };
    update_dict(u, u->field, u->target, &override, 1);
    return SIGN_OK;
}
