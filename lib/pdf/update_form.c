#include "update_parts.h"

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/text.h>
#include <stdio.h>

static int form_of(struct update_parts *u, const struct pdf_obj **form, const struct pdf_obj **fields, sign_err *err)
{
    const struct pdf_obj *xfa = NULL;
    int rc = pdf_get(form, u->view, u->catalog, "AcroForm", err);
    if (rc == SIGN_OK && (*form)->kind != PDF_DICT && (*form)->kind != PDF_NULL) {
        rc = err_set(err, SIGN_E_FORMAT, (*form)->start, "ISO 32000-2 12.7.3", "/AcroForm: expected a dictionary, found %s",
                     pdf_kind_name((*form)->kind));
    }
    if (rc == SIGN_OK) {
        rc = pdf_get(fields, u->view, *form, "Fields", err);
    }
    if (rc == SIGN_OK && (*fields)->kind != PDF_ARRAY && (*fields)->kind != PDF_NULL) {
        rc = err_set(err, SIGN_E_FORMAT, (*fields)->start, "ISO 32000-2 12.7.3", "/Fields: expected an array, found %s",
                     pdf_kind_name((*fields)->kind));
    }
    if (rc == SIGN_OK) {
        rc = pdf_get(&xfa, u->view, *form, "XFA", err);
    }
    if (rc == SIGN_OK && xfa->kind != PDF_NULL) {
        rc = err_set(err, SIGN_E_UNSUPPORTED, xfa->start, "ISO 32000-2 annex K",
                     "the form is an XFA form: a field added beside it would not be shown alike everywhere");
    }
    return rc;
}

/* Is the name among the root fields, and which number of "SignatureN" is the highest in use. */
static int scan_names(struct update_parts *u, const struct pdf_obj *fields, const char *wanted, bool *taken, uint32_t *highest,
                      sign_err *err)
{
    CLEANUP(build_free) struct build name = { 0 };
    size_t n = fields->kind == PDF_ARRAY ? fields->u.array.n : 0;
    if (n > LIMIT_PDF_FIELDS) {
        return err_set(err, SIGN_E_LIMIT, fields->start, NULL, "the form has %zu fields, the limit is %d", n, LIMIT_PDF_FIELDS);
    }
    for (size_t i = 0; i < n; i++) {
        const struct pdf_obj *field, *title;
        int rc = pdf_resolve(&field, u->view, &fields->u.array.items[i], err);
        if (rc == SIGN_OK) {
            rc = pdf_get(&title, u->view, field, "T", err);
        }
        if (rc != SIGN_OK) {
            return rc;
        }
        uint32_t number;
        name.len = 0;
        pdf_text(&name, title->kind == PDF_STRING ? title->u.bytes : bytes_of(NULL, 0));
        sign_bytes text = build_view(&name);
        *taken |= wanted && bytes_are(text, wanted);
        if (bytes_start(text, BYTES_LIT("Signature")) && parse_u32(bytes_slice(text, 9, text.len - 9), &number) &&
            number > *highest && number < UINT32_MAX) {
            *highest = number;
        }
    }
    return build_check(&name, err, "field names");
}

int update_name_field(struct update_parts *u, const char *wanted, sign_err *err)
{
    const struct pdf_obj *form, *fields;
    bool taken = false;
    uint32_t highest = 0;
    if (wanted && (!*wanted || strchr(wanted, '.') || !utf8_valid(bytes_str(wanted)))) {
        return err_set(err, SIGN_E_ARG, SIGN_NO_OFFSET, "ISO 32000-2 12.7.4.2",
                       "field name '%.60s': expected UTF-8 without a period", wanted);
    }
    int rc = form_of(u, &form, &fields, err);
    if (rc == SIGN_OK) {
        rc = scan_names(u, fields, wanted, &taken, &highest, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    if (taken) {
        return err_set(err, SIGN_E_EXISTS, SIGN_NO_OFFSET, "ISO 32000-2 12.7.4.2", "the document has a field '%.60s' already",
                       wanted);
    }
    struct build name = { 0 };
    if (wanted) {
        build_str(&name, wanted);
    } else {
        build_fmt(&name, "Signature%u", highest + 1);
    }
    u->out->field = build_to_string(&name);
    return u->out->field ? SIGN_OK : err_nomem(err);
}

/* The form with /SigFlags SignaturesExist | AppendOnly (table 225), and the field in /Fields unless that array is written alone. */
static void put_form(struct build *out, const struct pdf_obj *form, const struct pdf_obj *flags, const char *fields)
{
    char bits[24];
    int64_t old = flags->kind == PDF_INT ? flags->u.integer : 0;
    snprintf(bits, sizeof bits, "%lld", (long long)(old | 3));
    struct pdf_override overrides[] = { { "SigFlags", bits }, { "Fields", fields } };
    pdf_put_dict(out, form->kind == PDF_DICT ? form : NULL, overrides, fields ? 2 : 1);
}

/* Writes what has to change, innermost first: /Fields where it is an object of its own, the form, the catalog. */
static int put_changes(struct update_parts *u, const struct pdf_obj *form, const struct pdf_obj *fields,
                       const struct pdf_obj *flags, struct build *list, struct build *text, sign_err *err)
{
    struct pdf_ref fields_ref = fields->kind == PDF_ARRAY ? update_ref_of(form, "Fields") : (struct pdf_ref){ 0, 0 };
    struct pdf_ref form_ref = form->kind == PDF_DICT ? update_ref_of(u->catalog, "AcroForm") : (struct pdf_ref){ 0, 0 };
    update_put_array(list, fields->kind == PDF_ARRAY ? fields : NULL, u->field);
    build_byte(list, 0);
    int rc = build_check(list, err, "/Fields");
    if (rc != SIGN_OK) {
        return rc;
    }
    if (fields_ref.num) {
        update_open(u, fields_ref);
        build_str(&u->out->bytes, (const char *)list->ptr);
        update_close(u);
        if (form_ref.num && flags->kind == PDF_INT && (flags->u.integer & 3) == 3) {
            return SIGN_OK;     /* nothing else has to change */
        }
    }
    put_form(text, form, flags, fields_ref.num ? NULL : (const char *)list->ptr);
    build_byte(text, 0);
    rc = build_check(text, err, "/AcroForm");
    if (rc != SIGN_OK) {
        return rc;
    }
    bool in_catalog = !form_ref.num;
    if (in_catalog) {
        form_ref = update_new_ref(u);
    }
    update_open(u, form_ref);
    build_str(&u->out->bytes, (const char *)text->ptr);
    update_close(u);
    if (in_catalog) {
        char reference[32];
        snprintf(reference, sizeof reference, "%u %u R", form_ref.num, form_ref.gen);
        struct pdf_override override = { "AcroForm", reference };
        update_dict(u, u->catalog_ref, u->catalog, &override, 1);
    }
    return SIGN_OK;
}

int update_form(struct update_parts *u, sign_err *err)
{
    CLEANUP(build_free) struct build list = { 0 };
    CLEANUP(build_free) struct build text = { 0 };
    const struct pdf_obj *form, *fields, *flags;
    int rc = form_of(u, &form, &fields, err);
    if (rc == SIGN_OK && form->kind == PDF_DICT) {
        rc = update_clear(form, "/AcroForm", err);
    }
    if (rc == SIGN_OK) {
        rc = pdf_get(&flags, u->view, form, "SigFlags", err);
    }
    return rc == SIGN_OK ? put_changes(u, form, fields, flags, &list, &text, err) : rc;
}
