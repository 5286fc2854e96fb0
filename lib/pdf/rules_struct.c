/*
 * Logical structure (ISO 32000-2 14.7): a tagged file gets an element of type Form for each new signature field.
 * Elements may come, and the trees that list them may grow; nothing that was there may change, and what comes brings no
 * text.
 */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <pdf/diff_impl.h>
#include <stdlib.h>

static int forbidden(const struct change *c, const char *text, sign_err *err)
{
    return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, NULL, text, NULL, err);
}

/* A new element: only what places a form field. */
static int check_new(const struct change *c, const struct pdf_obj *item, unsigned depth, sign_err *err)
{
    static const char *const keys[] = { "Type", "S", "P", "K", "Pg", "ID", "T", "A", "C", "NS", "Obj", "R", "MCID" };
    const struct pdf_obj *dict, *type;
    int rc = pdf_resolve(&dict, &c->log->after, item, err);
    if (rc != SIGN_OK || depth > 4) {
        return rc != SIGN_OK ? rc : forbidden(c, "structure elements were added", err);
    }
    for (size_t i = 0; dict->kind == PDF_ARRAY && i < dict->u.array.n && rc == SIGN_OK; i++) {
        rc = check_new(c, &dict->u.array.items[i], depth + 1, err);
    }
    if (dict->kind != PDF_DICT || rc != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < pdf_keys(dict); i++) {
        bool known = false;
        for (size_t k = 0; k < COUNT(keys) && !known; k++) {
            known = bytes_are(dict->u.dict.entries[i].key, keys[k]);
        }
        if (!known) {
            return forbidden(c, "a structure element with text of its own was added", err);
        }
    }
    const struct pdf_obj *kids = pdf_dict_get(dict, "K");
    if ((rc = pdf_get(&type, &c->log->after, dict, "S", err)) != SIGN_OK) {
        return rc;
    }
    if (type->kind == PDF_NAME && !pdf_is_name(type, "Form")) {
        return forbidden(c, "structure elements were added", err);
    }
    return kids == NULL || kids->kind == PDF_INT ? SIGN_OK : check_new(c, kids, depth + 1, err);
}

/*
 * Below an element (/K, Table 355) what was there before, or marked content of a page, would be read where it was not.
 * The parent tree has both.
 */
static int added_below(const struct change *c, const struct pdf_obj *item, void *payload, sign_err *err)
{
    const struct pdf_obj *dict;
    (void)payload;
    int rc = pdf_resolve(&dict, &c->log->after, item, err);
    bool old = item->kind == PDF_REF && !diff_is_new(c->log, item->u.ref.num);
    if (rc == SIGN_OK && dict->kind != PDF_NULL &&
        (old || dict->kind != PDF_DICT || pdf_dict_get(dict, "MCID") != NULL)) {
        return forbidden(c, "content was put below a structure element", err);
    }
    return rc == SIGN_OK ? check_new(c, item, 0, err) : rc;
}

static int added(const struct change *c, const struct pdf_obj *item, void *payload, sign_err *err)
{
    (void)payload;
    bool old = item->kind == PDF_REF && !diff_is_new(c->log, item->u.ref.num);
    return old ? SIGN_OK : check_new(c, item, 0, err);
}

static int gone(const struct change *c, const struct pdf_obj *item, void *payload, sign_err *err)
{
    (void)item, (void)payload;
    return forbidden(c, "structure elements were removed or moved", err);
}

/* /K may be one element instead of an array of one. */
static void as_array(const struct pdf_obj **value, struct pdf_obj *array, const struct pdf_obj *slot)
{
    if ((*value)->kind != PDF_ARRAY && (*value)->kind != PDF_NULL) {
        *array = (struct pdf_obj){ .kind = PDF_ARRAY, .u.array = { slot, 1 } };
        *value = array;
    }
}

static int grown(const struct change *c, const struct pair *pair, sign_err *err)
{
    struct change list = *c;
    struct pdf_obj before, after;
    as_array(&list.before, &before, pair->before);
    as_array(&list.after, &after, pair->after);
    return rule_items(&list, bytes_are(pair->key, "K") ? added_below : added, gone, NULL, err);
}

static int entry(const struct change *c, const struct pair *pair, sign_err *err)
{
    static const char *const counters[] = { "ParentTreeNextKey", "Limits" };
    static const char *const lists[] = { "K", "Nums", "Kids" };
    struct change down;
    int rc = rule_resolve(&down, c, pair, err);
    for (size_t i = 0; i < COUNT(counters) && rc == SIGN_OK; i++) {
        if (bytes_are(pair->key, counters[i])) {
            return SIGN_OK;
        }
    }
    for (size_t i = 0; i < COUNT(lists) && rc == SIGN_OK; i++) {
        if (bytes_are(pair->key, lists[i])) {
            return grown(&down, pair, err);
        }
    }
    bool nested = pdf_dict_get(down.after, "ParentTree") != NULL; /* of the root alone: Table 354 */
    if (rc == SIGN_OK && bytes_are(pair->key, "ParentTree") && !nested) {
        return rule_structure(&down, err);
    }
    return rc != SIGN_OK ? rc : forbidden(c, "an element of the document's structure was changed", err);
}

int rule_structure(const struct change *c, sign_err *err)
{
    if (c->after->kind == PDF_ARRAY && c->before->kind == PDF_ARRAY) {
        int rc = rule_items(c, bytes_are(c->node->key, "K") ? added_below : added, gone, NULL, err);
        return rc != SIGN_OK ? rc
                             : diff_note(c->log, PDF_CHANGE_METADATA, c->node, NULL,
                                         "the structure tree lists a new field", NULL, err);
    }
    if (c->after->kind != PDF_DICT || c->before->kind != PDF_DICT) {
        return forbidden(c, "the document's structure was replaced", err);
    }
    struct pair *pairs;
    size_t n;
    int rc = diff_pairs(&pairs, &n, c->log, c->before, c->after, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < n && rc == SIGN_OK; i++) {
        bool same = false;
        rc = diff_equal(&same, c->log, pairs[i].before == NULL ? &pdf_null : pairs[i].before,
                        pairs[i].after == NULL ? &pdf_null : pairs[i].after, err);
        if (rc == SIGN_OK && !same) {
            rc = entry(c, &pairs[i], err);
        }
    }
    free(pairs);
    return rc != SIGN_OK ? rc
                         : diff_note(c->log, PDF_CHANGE_METADATA, c->node, NULL, "the structure tree grew", NULL, err);
}
