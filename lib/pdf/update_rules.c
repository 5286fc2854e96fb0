/* What a document forbids to those who sign it, each refusal with its rule. */
#include "update_parts.h"

#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <pdf/fields.h>
#include <pdf/form.h>
#include <pdf/text.h>

enum { READ_ONLY = 1 }; /* /Ff bit 1 (table 227) */

static int forbid(const struct pdf_obj *at, const char *clause, const char *why, sign_err *err)
{
    return err_set(err, SIGN_E_FORBIDDEN, at ? at->start : SIGN_NO_OFFSET, clause, "%s", why);
}

/*
 * Table 22. Whoever opened the file as its owner may do all. To fill in a field, bit 9 or bit 6 (revision 2: bit 6); to
 * create one, bit 6 and bit 4.
 */
static bool may(const struct update_parts *u)
{
    struct pdf_rights rights = pdf_rights(u->file);
    bool annotate = rights.permissions & 1u << 5, modify = rights.permissions & 1u << 3;
    bool fill = annotate || (rights.revision >= 3 && rights.permissions & 1u << 8);
    return !rights.encrypted || rights.owner || (u->target ? fill : annotate && modify);
}

static int check_rights(const struct update_parts *u, sign_err *err)
{
    int rc = may(u) ? SIGN_OK : pdf_become_owner(u->file, err);
    if (rc != SIGN_OK || may(u)) {
        return rc;
    }
    return err_set(
        err, SIGN_E_FORBIDDEN, SIGN_NO_OFFSET, "ISO 32000-2 7.6.4.2",
        u->target ? "the encrypted document's permissions (/P bits 6 and 9) forbid to fill in fields: the owner's "
                    "password lifts that"
                  : "the encrypted document's permissions (/P bits 4 and 6) forbid new fields: the owner's password "
                    "lifts that");
}

/* A name locked by the entry "a" is "a" itself and all below it, "a.b". */
static bool covers(sign_bytes entry, sign_bytes name)
{
    return bytes_equal(entry, name) || (bytes_start(name, entry) && name.ptr[entry.len] == '.');
}

static int listed(bool *out, const struct update_parts *u, const struct pdf_obj *fields, sign_err *err)
{
    CLEANUP(build_free) struct build name = { 0 };
    *out = false;
    for (size_t i = 0; fields->kind == PDF_ARRAY && i < fields->u.array.n && !*out; i++) {
        const struct pdf_obj *item;
        int rc = pdf_resolve(&item, u->view, &fields->u.array.items[i], err);
        if (rc != SIGN_OK) {
            return rc;
        }
        name.len = 0;
        pdf_text(&name, item->kind == PDF_STRING ? item->u.bytes : (sign_bytes){ 0 });
        *out = name.len > 0 && covers(build_view(&name), bytes_str(u->out->field));
    }
    return build_check(&name, err, "field names");
}

/* 12.8.2.4: does an earlier signature lock the field that is to be signed? */
static int check_field_mdp(const struct update_parts *u, const struct pdf_obj *params, const char *by, sign_err *err)
{
    const struct pdf_obj *action, *fields;
    bool in_list = false;
    int rc = pdf_get(&action, u->view, params, "Action", err);
    if (rc != SIGN_OK || (rc = pdf_get(&fields, u->view, params, "Fields", err)) != SIGN_OK ||
        (rc = listed(&in_list, u, fields, err)) != SIGN_OK) {
        return rc;
    }
    /* Without a list, or with another word, it locks all: so it is compared later (diff_policy.c). */
    bool list = fields->kind == PDF_ARRAY;
    bool locked = list && pdf_is_name(action, "Include")   ? in_list
                  : list && pdf_is_name(action, "Exclude") ? !in_list
                                                           : true;
    return !locked ? SIGN_OK
                   : err_set(err, SIGN_E_FORBIDDEN, params->start, "ISO 32000-2 12.8.2.4",
                             "the signature '%.60s' locks the field '%.60s' (FieldMDP)", by, u->out->field);
}

/* 12.8.2.2: with P=1 any change, a further signature too, breaks what was certified. */
static int check_doc_mdp(const struct update_parts *u, const struct pdf_obj *params, sign_err *err)
{
    const struct pdf_obj *p;
    int rc = pdf_get(&p, u->view, params, "P", err);
    bool open = p->kind == PDF_NULL || (p->kind == PDF_INT && (p->u.integer == 2 || p->u.integer == 3));
    if (rc != SIGN_OK || open) {
        return rc;
    }
    return forbid(params, "ISO 32000-2 12.8.2.2",
                  "the document is certified with DocMDP P=1: it allows no further change, no signature either", err);
}

static int check_reference(const struct update_parts *u, const struct pdf_obj *ref, const char *by, sign_err *err)
{
    const struct pdf_obj *method, *params;
    int rc = pdf_get(&method, u->view, ref, "TransformMethod", err);
    if (rc != SIGN_OK || (rc = pdf_get(&params, u->view, ref, "TransformParams", err)) != SIGN_OK) {
        return rc;
    }
    if (pdf_is_name(method, "DocMDP")) {
        return check_doc_mdp(u, params, err);
    }
    return pdf_is_name(method, "FieldMDP") ? check_field_mdp(u, params, by, err) : SIGN_OK;
}

static int check_references(const struct update_parts *u, const struct pdf_obj *sig, const char *by, sign_err *err)
{
    const struct pdf_obj *refs, *ref;
    int rc = pdf_get(&refs, u->view, sig, "Reference", err);
    for (size_t i = 0; rc == SIGN_OK && refs->kind == PDF_ARRAY && i < refs->u.array.n; i++) {
        rc = pdf_resolve(&ref, u->view, &refs->u.array.items[i], err);
        rc = rc == SIGN_OK ? check_reference(u, ref, by, err) : rc;
    }
    return rc;
}

/* Table 236: the lock of a field that is signed binds, whether or not the signature repeats it. */
static int check_lock(const struct update_parts *u, const struct pdf_signature *sig, sign_err *err)
{
    const struct pdf_obj *lock;
    int rc = pdf_get(&lock, u->view, sig->place->dict, "Lock", err);
    if (rc != SIGN_OK || lock->kind != PDF_DICT || (rc = check_doc_mdp(u, lock, err)) != SIGN_OK) {
        return rc;
    }
    return check_field_mdp(u, lock, sig->name, err);
}

/* The certification, which /Perms names whether or not a field holds it, and every signature's own rules. */
static int check_signatures(struct update_parts *u, sign_err *err)
{
    const struct pdf_obj *perms, *certified;
    const struct pdf_signature *sigs = NULL;
    size_t n = 0;
    int rc = pdf_get(&perms, u->view, u->catalog, "Perms", err);
    if (rc != SIGN_OK || (rc = pdf_get(&certified, u->view, perms, "DocMDP", err)) != SIGN_OK ||
        (rc = check_references(u, certified, "certification", err)) != SIGN_OK ||
        (rc = pdf_signatures(&sigs, &n, u->file, err)) != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < n && rc == SIGN_OK; i++) {
        rc = check_references(u, sigs[i].dict, sigs[i].name, err);
        rc = rc == SIGN_OK ? check_lock(u, &sigs[i], err) : rc;
    }
    if (rc == SIGN_OK && u->certify && (n > 0 || certified->kind != PDF_NULL)) {
        return forbid(NULL, "ISO 32000-2 12.8.2.2",
                      "the document is signed already: only its first signature can certify it", err);
    }
    return rc;
}

static int lists_modify(bool *out, const struct update_parts *u, const struct pdf_obj *usage, sign_err *err)
{
    const struct pdf_obj *refs, *ref, *params, *list, *item;
    int rc = pdf_get(&refs, u->view, usage, "Reference", err);
    *out = false;
    for (size_t i = 0; rc == SIGN_OK && refs->kind == PDF_ARRAY && i < refs->u.array.n; i++) {
        if ((rc = pdf_resolve(&ref, u->view, &refs->u.array.items[i], err)) != SIGN_OK ||
            (rc = pdf_get(&params, u->view, ref, "TransformParams", err)) != SIGN_OK ||
            (rc = pdf_get(&list, u->view, params, "Signature", err)) != SIGN_OK) {
            return rc;
        }
        for (size_t k = 0; rc == SIGN_OK && list->kind == PDF_ARRAY && k < list->u.array.n; k++) {
            rc = pdf_resolve(&item, u->view, &list->u.array.items[k], err);
            *out |= rc == SIGN_OK && pdf_is_name(item, "Modify");
        }
    }
    return rc;
}

/*
 * 12.8.2.3, table 258: usage rights let readers do more to a document as long as it is changed by these rights alone.
 * Signing a field that is there may be one of them, /Signature [/Modify]; making one never is. PDF 2.0 deprecates them,
 * so that in its files they bind nobody.
 */
static int check_usage(const struct update_parts *u, sign_err *err)
{
    const struct pdf_obj *perms, *usage;
    const char *version;
    bool granted = false;
    int rc = pdf_get(&perms, u->view, u->catalog, "Perms", err);
    if (rc != SIGN_OK || (rc = pdf_get(&usage, u->view, perms, "UR3", err)) != SIGN_OK || usage->kind != PDF_DICT ||
        (rc = pdf_version(&version, u->file, err)) != SIGN_OK || *version >= '2' ||
        (rc = lists_modify(&granted, u, usage, err)) != SIGN_OK || (granted && u->target)) {
        return rc;
    }
    return forbid(usage, "ISO 32000-2 12.8.2.3",
                  granted ? "the document has usage rights (/Perms /UR3), which a new field would break: they allow to "
                            "sign the fields that are there (--field; kyso inspect lists them)"
                          : "the document has usage rights (/Perms /UR3), which a signature would break: save it without "
                            "them first",
                  err);
}

static int check_flags(const struct update_parts *u, sign_err *err)
{
    const struct pdf_obj *flags;
    int rc = u->target ? pdf_get(&flags, u->view, u->target, "Ff", err) : SIGN_OK;
    if (rc != SIGN_OK || !u->target || flags->kind != PDF_INT || !(flags->u.integer & READ_ONLY)) {
        return rc;
    }
    return forbid(u->target, "ISO 32000-2 12.7.4.1", "the field is read-only (/Ff bit 1): it may not be filled in",
                  err);
}

int update_rules(struct update_parts *u, sign_err *err)
{
    int rc = check_rights(u, err);
    if (rc == SIGN_OK) {
        rc = check_flags(u, err);
    }
    if (rc == SIGN_OK) {
        rc = check_usage(u, err);
    }
    return rc == SIGN_OK ? check_signatures(u, err) : rc;
}
