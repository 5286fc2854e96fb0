#include "update_parts.h"

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>

/* The first leaf of the page tree (7.7.3): down the first kid that is there, the depth bounded against loops. */
static int first_page(struct update_parts *u, const struct pdf_obj **page, struct pdf_ref *ref, sign_err *err)
{
    const struct pdf_obj *node, *kids;
    int rc = pdf_get(&node, u->view, u->catalog, "Pages", err);
    *ref = update_ref_of(u->catalog, "Pages");
    for (unsigned depth = 0; rc == SIGN_OK && depth < LIMIT_PDF_DEPTH; depth++) {
        if (node->kind != PDF_DICT) {
            return err_set(err, SIGN_E_FORMAT, node->start, "ISO 32000-2 7.7.3.2",
                           "page tree: expected a dictionary, found %s", pdf_kind_name(node->kind));
        }
        rc = pdf_get(&kids, u->view, node, "Kids", err);
        if (rc == SIGN_OK && kids->kind != PDF_ARRAY) {
            *page = node;
            return ref->num ? SIGN_OK
                            : err_set(err, SIGN_E_FORMAT, node->start, "ISO 32000-2 7.7.3.2",
                                      "the first page is no indirect object");
        }
        if (rc == SIGN_OK && kids->u.array.n == 0) {
            return err_set(err, SIGN_E_UNSUPPORTED, kids->start, "ISO 32000-2 7.7.3.2",
                           "the document has no page to carry the signature field");
        }
        if (rc == SIGN_OK) {
            const struct pdf_obj *kid = &kids->u.array.items[0];
            *ref = kid->kind == PDF_REF ? kid->u.ref : (struct pdf_ref){ 0, 0 };
            rc = pdf_resolve(&node, u->view, kid, err);
        }
    }
    return rc != SIGN_OK ? rc : err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, "ISO 32000-2 7.7.3.2",
                                        "the page tree is deeper than %d: a loop?", LIMIT_PDF_DEPTH);
}

/*
 * ISO 14289-1 7.18.3: where a page of a tagged document has annotations, its /Tabs is /S. A page that already has them
 * conforms without us, or does not.
 */
static int tabs_of(bool *out, struct update_parts *u, const struct pdf_obj *page, const struct pdf_obj *annots, sign_err *err)
{
    const struct pdf_obj *tags, *tabs;
    bool first = annots->kind != PDF_ARRAY || annots->u.array.n == 0;
    int rc = pdf_get(&tags, u->view, u->catalog, "StructTreeRoot", err);
    if (rc == SIGN_OK) {
        rc = pdf_get(&tabs, u->view, page, "Tabs", err);
    }
    *out = rc == SIGN_OK && first && tags->kind == PDF_DICT && tabs->kind == PDF_NULL;
    return rc;
}

/* An /Annots array of its own is written anew alone: the page stays as it was, unless it needs /Tabs too. */
static int put_annots(struct update_parts *u, const struct pdf_obj *page, struct pdf_ref ref, const struct pdf_obj *annots,
                      bool tabs, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    struct pdf_ref own = annots->kind == PDF_ARRAY ? update_ref_of(page, "Annots") : (struct pdf_ref){ 0, 0 };
    struct pdf_override overrides[2];
    size_t n = 0;
    struct pdf_seal seal = update_seal(u, ref);
    if (own.num) {
        update_open(u, own);
        update_put_array(&u->out->bytes, annots, u->field, &u->seal);
        update_close(u);
    } else {
        update_put_array(&text, annots->kind == PDF_ARRAY ? annots : NULL, u->field, &seal);
        build_byte(&text, 0);
        overrides[n++] = (struct pdf_override){ "Annots", (const char *)text.ptr };
    }
    if (tabs) {
        overrides[n++] = (struct pdf_override){ "Tabs", "/S" };
    }
    int rc = build_check(&text, err, "/Annots");
    if (rc == SIGN_OK && n > 0) {
        update_dict(u, ref, page, overrides, n);
    }
    return rc;
}

int update_page(struct update_parts *u, struct pdf_ref *ref, sign_err *err)
{
    const struct pdf_obj *page = NULL, *annots = NULL;
    bool tabs = false;
    int rc = first_page(u, &page, ref, err);
    if (rc == SIGN_OK) {
        rc = update_clear(page, "the first page", err);
    }
    if (rc == SIGN_OK) {
        rc = pdf_get(&annots, u->view, page, "Annots", err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    if (annots->kind != PDF_ARRAY && annots->kind != PDF_NULL) {
        return err_set(err, SIGN_E_FORMAT, annots->start, "ISO 32000-2 7.7.3.3",
                       "page /Annots: expected an array, found %s", pdf_kind_name(annots->kind));
    }
    rc = tabs_of(&tabs, u, page, annots, err);
    return rc == SIGN_OK ? put_annots(u, page, *ref, annots, tabs, err) : rc;
}
