#include "update_parts.h"

#include <base/cleanup.h>
#include <base/err.h>
#include <pdf/fields.h>
#include <stdio.h>

int update_form_of(struct update_parts *u, const struct pdf_obj **form, const struct pdf_obj **fields, sign_err *err)
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

/* The form with /SigFlags SignaturesExist | AppendOnly (table 225), and /Fields unless that stays as it is or is written alone. */
static void put_form(struct build *out, const struct pdf_obj *form, int64_t flags, const char *fields, const struct pdf_seal *seal)
{
    char bits[24];
    snprintf(bits, sizeof bits, "%lld", (long long)flags);
    struct pdf_override overrides[] = { { "SigFlags", bits }, { "Fields", fields } };
    pdf_put_dict(out, form->kind == PDF_DICT ? form : NULL, overrides, fields ? 2 : 1, seal);
}

/* /Fields with ours at the end: an object of its own, or the text of the form's entry. An empty field is there already. */
static int put_fields(struct update_parts *u, struct pdf_ref own, const struct pdf_obj *fields, struct build *list,
                      struct pdf_ref form, sign_err *err)
{
    const struct pdf_obj *array = fields->kind == PDF_ARRAY ? fields : NULL;
    if (own.num) {
        update_open(u, own);
        update_put_array(&u->out->bytes, array, u->field, &u->seal);
        update_close(u);
        return SIGN_OK;
    }
    struct pdf_seal seal = update_seal(u, form);
    update_put_array(list, array, u->field, &seal);
    build_byte(list, 0);
    return build_check(list, err, "/Fields");
}

/* Writes what has to change, innermost first: /Fields where it is an object of its own, then the form. */
static int put_changes(struct update_parts *u, const struct pdf_obj *form, const struct pdf_obj *fields, int64_t old,
                       struct build *list, sign_err *err)
{
    struct pdf_ref own = fields->kind == PDF_ARRAY ? update_ref_of(form, "Fields") : (struct pdf_ref){ 0, 0 };
    struct pdf_ref ref = form->kind == PDF_DICT ? update_ref_of(u->catalog, "AcroForm") : (struct pdf_ref){ 0, 0 };
    bool moves = !ref.num;
    if (moves) {
        ref = u->new_form = update_new_ref(u);
    }
    int rc = u->target ? SIGN_OK : put_fields(u, own, fields, list, ref, err);
    bool listed = u->target || own.num;
    if (rc != SIGN_OK || (!moves && listed && (old & 3) == 3)) {
        return rc;      /* nothing else has to change */
    }
    update_open(u, ref);
    put_form(&u->out->bytes, form, old | 3, listed ? NULL : (const char *)list->ptr, &u->seal);
    update_close(u);
    return SIGN_OK;
}

int update_form(struct update_parts *u, sign_err *err)
{
    CLEANUP(build_free) struct build list = { 0 };
    const struct pdf_obj *form, *fields, *flags;
    int rc = update_form_of(u, &form, &fields, err);
    if (rc == SIGN_OK && form->kind == PDF_DICT) {
        rc = update_clear(form, "/AcroForm", err);
    }
    if (rc == SIGN_OK) {
        rc = pdf_get(&flags, u->view, form, "SigFlags", err);
    }
    return rc == SIGN_OK ? put_changes(u, form, fields, flags->kind == PDF_INT ? flags->u.integer : 0, &list, err) : rc;
}

/* /Perms with the certification; other entries (usage rights) stay. */
static int put_perms(struct update_parts *u, struct build *text, sign_err *err)
{
    const struct pdf_obj *perms;
    char ref[32];
    int rc = pdf_get(&perms, u->view, u->catalog, "Perms", err);
    if (rc == SIGN_OK && perms->kind == PDF_DICT) {
        rc = update_clear(perms, "/Perms", err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    snprintf(ref, sizeof ref, "%u %u R", u->signature.num, u->signature.gen);
    struct pdf_override override = { "DocMDP", ref };
    struct pdf_seal seal = update_seal(u, u->catalog_ref);
    pdf_put_dict(text, perms->kind == PDF_DICT ? perms : NULL, &override, 1, &seal);
    build_byte(text, 0);
    return build_check(text, err, "/Perms");
}

/*
 * ISO 32000-1 7.12, EN 319 142-1: ETSI.CAdES.detached came with PDF 2.0; an older file says that it uses the extension.
 * What stands there already stays: /ADBE of encrypted files, another level of /ESIC.
 */
static int put_extensions(struct update_parts *u, struct build *text, sign_err *err)
{
    const struct pdf_obj *extensions;
    const char *version;
    struct pdf_override override = { "ESIC", "<</BaseVersion/1.7/ExtensionLevel 2>>" };
    struct pdf_seal seal = update_seal(u, u->catalog_ref);
    int rc = pdf_version(&version, u->file, err);
    if (rc != SIGN_OK || *version >= '2' || strcmp(u->subfilter, "ETSI.CAdES.detached") != 0 ||
        (rc = pdf_get(&extensions, u->view, u->catalog, "Extensions", err)) != SIGN_OK ||
        (extensions->kind == PDF_DICT && pdf_dict_get(extensions, "ESIC") != NULL)) {
        return rc;
    }
    if (extensions->kind == PDF_DICT && (rc = update_clear(extensions, "/Extensions", err)) != SIGN_OK) {
        return rc;
    }
    pdf_put_dict(text, extensions->kind == PDF_DICT ? extensions : NULL, &override, 1, &seal);
    build_byte(text, 0);
    return build_check(text, err, "/Extensions");
}

int update_catalog(struct update_parts *u, sign_err *err)
{
    CLEANUP(build_free) struct build perms = { 0 };
    CLEANUP(build_free) struct build extensions = { 0 };
    struct pdf_override overrides[3];
    char form[32];
    size_t n = 0;
    int rc = put_extensions(u, &extensions, err);
    if (rc == SIGN_OK && u->certify) {
        rc = put_perms(u, &perms, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    if (u->new_form.num) {
        snprintf(form, sizeof form, "%u %u R", u->new_form.num, u->new_form.gen);
        overrides[n++] = (struct pdf_override){ "AcroForm", form };
    }
    if (perms.len > 0) {
        overrides[n++] = (struct pdf_override){ "Perms", (const char *)perms.ptr };
    }
    if (extensions.len > 0) {
        overrides[n++] = (struct pdf_override){ "Extensions", (const char *)extensions.ptr };
    }
    if (n > 0) {
        update_dict(u, u->catalog_ref, u->catalog, overrides, n);
    }
    return SIGN_OK;
}
