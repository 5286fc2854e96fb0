/* /Reference of a signature (ISO 32000-2 12.8.2): DocMDP of a certification, FieldMDP of the field's lock. */
#include "update_parts.h"

#include <base/err.h>

static void put_doc_mdp(struct build *out, int64_t p)
{
    build_fmt(out, "<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P %d>>>>",
              (int)p);
}

/* The lock's own words (table 236), which the transform repeats (table 259). */
static int put_field_mdp(struct update_parts *u, const struct pdf_obj *action, sign_err *err)
{
    struct build *out = &u->out->bytes;
    const struct pdf_obj *fields;
    int rc = pdf_get(&fields, u->view, u->lock, "Fields", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    build_str(out, "<</Type/SigRef/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2/Action");
    pdf_put_object(out, action, &u->seal);
    if (fields->kind == PDF_ARRAY) {
        build_str(out, "/Fields");
        pdf_put_object(out, fields, &u->seal);
    }
    build_str(out, ">>/Data ");
    pdf_put_ref(out, u->catalog_ref);
    build_str(out, ">>");
    return SIGN_OK;
}

int update_reference(struct update_parts *u, sign_err *err)
{
    struct build *out = &u->out->bytes;
    const struct pdf_obj *action, *p;
    if (!u->certify && u->lock->kind != PDF_DICT) {
        return SIGN_OK;
    }
    int rc = pdf_get(&action, u->view, u->lock, "Action", err);
    if (rc != SIGN_OK || (rc = pdf_get(&p, u->view, u->lock, "P", err)) != SIGN_OK) {
        return rc;
    }
    build_str(out, "/Reference[");
    /* Table 236, /P of PDF 2.0: the lock of an approval signature may restrict the whole document. */
    int64_t level = p->kind == PDF_INT && p->u.integer >= 1 && p->u.integer <= 3 ? p->u.integer : 0;
    level = u->certify && (!level || u->certify < level) ? u->certify : level;
    if (level) {
        put_doc_mdp(out, level);
    }
    if (action->kind == PDF_NAME) {
        rc = put_field_mdp(u, action, err);
    }
    build_byte(out, ']');
    return rc;
}
