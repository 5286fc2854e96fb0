/* Rules for annotations of a page (ISO 32000-2 12.5). */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <pdf/diff_impl.h>

/* Notes and text markup: they speak of the content, and are no content. Everything else may lie over it or act. */
static const char *const REMARKS[] = { "Text", "Popup", "Highlight", "Underline", "Squiggly", "StrikeOut", "Caret" };

bool annot_covers(const struct pdf_obj *dict)
{
    const struct pdf_obj *subtype = pdf_dict_get(dict, "Subtype");
    for (size_t i = 0; i < COUNT(REMARKS); i++) {
        if (pdf_is_name(subtype, REMARKS[i])) {
            return false;
        }
    }
    return true;
}

static int same_action(bool *same, const struct change *c, const char *key, sign_err *err)
{
    const struct pdf_obj *before = pdf_dict_get(c->before, key), *after = pdf_dict_get(c->after, key);
    return diff_equal(same, c->log, before == NULL ? &pdf_null : before, after == NULL ? &pdf_null : after, err);
}

int rule_annot(const struct change *c, sign_err *err)
{
    static const char *const actions[] = { "A", "AA", "PA" };
    bool same = true;
    int rc = SIGN_OK;
    for (size_t i = 0; i < COUNT(actions) && rc == SIGN_OK && same; i++) {
        rc = same_action(&same, c, actions[i], err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    if (!same) {
        return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, NULL, "an action was added or changed", NULL, err);
    }
    const char *text = c->before->kind == PDF_NULL  ? "an annotation was added"
                       : c->after->kind == PDF_NULL ? "an annotation was removed"
                                                    : "an annotation was changed";
    if (pdf_is_name(pdf_dict_get(c->after, "Subtype"), "Widget")) {
        return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, NULL,
                         "a widget that is in no form was added or changed", NULL, err);
    }
    bool covers = (c->after->kind != PDF_NULL && annot_covers(c->after)) ||
                  (c->before->kind != PDF_NULL && annot_covers(c->before));
    return diff_note(c->log, covers ? PDF_CHANGE_ANNOTATION_COVERING : PDF_CHANGE_ANNOTATION, c->node, NULL, text, NULL,
                     err);
}

/* A field that was there before, now on this page too. */
static int old_widget(const struct change *c, sign_err *err)
{
    const struct node *terminal = c->node->terminal != NULL ? c->node->terminal : c->node;
    struct field_state state;
    bool visible;
    int rc = field_state(&state, c->log, terminal, err);
    rc = rc == SIGN_OK ? field_is_visible(&visible, &c->log->after, c->after, err) : rc;
    if (rc != SIGN_OK) {
        return rc;
    }
    bool now = state.is_signed && !state.was_signed;
    return diff_note(c->log,
                     !now      ? PDF_CHANGE_FORBIDDEN
                     : visible ? PDF_CHANGE_SIGNATURE_VISIBLE
                               : PDF_CHANGE_SIGNATURE,
                     c->node, NULL, now ? "a field was put on a page when it was signed" : "a field was put on a page",
                     terminal->name, err);
}

static int added(const struct change *c, const struct pdf_obj *item, void *payload, sign_err *err)
{
    struct change annot = *c;
    (void)payload;
    annot.before = &pdf_null;
    int rc = pdf_resolve(&annot.after, &c->log->after, item, err);
    if (rc != SIGN_OK || annot.after->kind == PDF_NULL) {
        return rc;
    }
    const struct node *node = item->kind == PDF_REF ? diff_node(c->log, item->u.ref.num) : NULL;
    if (node == NULL || (node->roles & ROLE_BIT(ROLE_FIELD)) == 0) {
        annot.node = node != NULL ? node : c->node;
        return rule_annot(&annot, err);
    }
    annot.node = node;
    return diff_is_new(c->log, node->ref.num) ? SIGN_OK : old_widget(&annot, err);
}

static int gone(const struct change *c, const struct pdf_obj *item, void *payload, sign_err *err)
{
    struct change annot = *c;
    (void)payload;
    annot.after = &pdf_null;
    int rc = pdf_resolve(&annot.before, &c->log->before, item, err);
    if (rc != SIGN_OK || annot.before->kind == PDF_NULL) {
        return rc;
    }
    const struct node *node = item->kind == PDF_REF ? diff_node(c->log, item->u.ref.num) : NULL;
    bool field = node != NULL && (node->roles & ROLE_BIT(ROLE_FIELD)) != 0;
    if (field || pdf_is_name(pdf_dict_get(annot.before, "Subtype"), "Widget")) {
        return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, NULL, "a field was removed from a page", NULL, err);
    }
    return rule_annot(&annot, err);
}

int rule_annots(const struct change *c, sign_err *err)
{
    return rule_items(c, added, gone, NULL, err);
}
