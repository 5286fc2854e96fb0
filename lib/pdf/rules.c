/*
 * Rules for the parts of a document that are no form: trailer, catalog, pages, metadata, security store. Each looks at
 * a value before and after one revision and notes what was done to it.
 */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <pdf/diff_impl.h>
#include <stdlib.h>

int rule_resolve(struct change *out, const struct change *c, const struct pair *pair, sign_err *err)
{
    *out = *c;
    int rc = pdf_resolve(&out->before, &c->log->before, pair->before, err);
    return rc == SIGN_OK ? pdf_resolve(&out->after, &c->log->after, pair->after, err) : rc;
}

int rule_items(const struct change *c, rule_item_fn added, rule_item_fn gone, void *payload, sign_err *err)
{
    const struct pdf_obj *a = c->before, *b = c->after;
    size_t n = a->kind == PDF_ARRAY ? a->u.array.n : 0, m = b->kind == PDF_ARRAY ? b->u.array.n : 0, i = 0;
    int rc = pdf_spend(c->log->file, 8 * (n + m), err);
    for (size_t j = 0; j < m && rc == SIGN_OK; j++) {
        const struct pdf_obj *item = &b->u.array.items[j];
        bool same = false, next = false;
        rc = i < n ? diff_equal(&same, c->log, &a->u.array.items[i], item, err) : SIGN_OK;
        if (rc == SIGN_OK && !same && i + 1 < n) {
            rc = diff_equal(&next, c->log, &a->u.array.items[i + 1], item, err);
        }
        if (rc == SIGN_OK && next) {
            rc = gone(c, &a->u.array.items[i], payload, err);
        }
        i += same + 2 * next;
        if (rc == SIGN_OK && !same && !next) {
            rc = added(c, item, payload, err);
        }
    }
    for (; i < n && rc == SIGN_OK; i++) {
        rc = gone(c, &a->u.array.items[i], payload, err);
    }
    return rc;
}

static int note_text(const struct change *c, enum pdf_change kind, sign_bytes key, const char *text, sign_err *err)
{
    const char *name = arena_str(&c->log->file->arena, bytes_slice(key, 0, 64));
    return name == NULL ? err_nomem(err) : diff_note(c->log, kind, c->node, name, text, NULL, err);
}

/* What a change of a key means. A key without a row is not known. */
struct key_rule {
    const char *key;
    enum pdf_change kind;
    const char *text;
    int (*rule)(const struct change *c, sign_err *err); /* NULL: kind and text say it */
};

static int by_table(const struct change *c, const struct key_rule *rules, size_t n_rules, enum pdf_change otherwise,
                    sign_err *err)
{
    struct pair *pairs;
    size_t n;
    int rc = diff_pairs(&pairs, &n, c->log, c->before, c->after, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < n && rc == SIGN_OK; i++) {
        const struct key_rule *rule = NULL;
        bool same = false;
        rc = diff_equal(&same, c->log, pairs[i].before == NULL ? &pdf_null : pairs[i].before,
                        pairs[i].after == NULL ? &pdf_null : pairs[i].after, err);
        if (rc != SIGN_OK || same) {
            continue;
        }
        for (size_t k = 0; k < n_rules && rule == NULL; k++) {
            rule = bytes_are(pairs[i].key, rules[k].key) ? &rules[k] : NULL;
        }
        if (rule != NULL && rule->rule != NULL) {
            struct change down;
            rc = rule_resolve(&down, c, &pairs[i], err);
            rc = rc == SIGN_OK ? rule->rule(&down, err) : rc;
        } else {
            rc = note_text(c, rule == NULL ? otherwise : rule->kind, pairs[i].key,
                           rule == NULL ? "an entry that no rule knows was changed" : rule->text, err);
        }
    }
    free(pairs);
    return rc;
}

/* Where a dictionary stands in /DR (7.8.3): itself, one of its categories, or a resource and what that consists of. */
enum level { DR, CATEGORY, RESOURCE, PART_OF_RESOURCE, TOO_DEEP = 8 };

static bool leads_to(const struct pdf_obj *dict, sign_bytes key, const struct node *node)
{
    for (size_t i = 0; dict != NULL && i < pdf_keys(dict); i++) {
        const struct pdf_entry *entry = &dict->u.dict.entries[i];
        if (bytes_equal(entry->key, key) && entry->value.kind == PDF_REF &&
            entry->value.u.ref.num == node->ref.num) {
            return true;
        }
    }
    return false;
}

/* The form that stands in or is an object; NULL. */
static const struct pdf_obj *form_in(const struct node *node)
{
    bool catalog = node != NULL && (node->roles & ROLE_BIT(ROLE_CATALOG)) != 0;
    return node == NULL                                 ? NULL
           : (node->roles & ROLE_BIT(ROLE_FORM)) != 0 ? node->obj
           : catalog                                  ? pdf_dict_get(node->obj, "AcroForm")
                                                      : NULL;
}

static enum level level_of(const struct node *node)
{
    const struct node *up = node->parent;
    const struct pdf_obj *form = form_in(up);
    if (form != NULL) {
        return leads_to(form, BYTES_LIT("DR"), node)                       ? DR
               : leads_to(pdf_dict_get(form, "DR"), node->key, node) ? CATEGORY
                                                                     : RESOURCE;
    }
    form = up == NULL ? NULL : form_in(up->parent);
    return form != NULL && leads_to(form, BYTES_LIT("DR"), up) ? CATEGORY : RESOURCE;
}

/* Categories of pictures: they serve whoever signs next, and PDFBox puts each signature's under one name. */
static bool holds_pictures(sign_bytes category)
{
    return bytes_are(category, "XObject") || bytes_are(category, "ProcSet");
}

static int resources(const struct change *c, enum level level, sign_err *err);

static int rule_resource(const struct change *c, const struct pair *pair, enum level level, sign_err *err)
{
    struct change down;
    bool same, pictures = level == DR && holds_pictures(pair->key);
    int rc = diff_equal(&same, c->log, pair->before, pair->after == NULL ? &pdf_null : pair->after, err);
    if (rc != SIGN_OK || same || (rc = rule_resolve(&down, c, pair, err)) != SIGN_OK) {
        return rc;
    }
    if (pictures && down.after->kind == down.before->kind) {
        return note_text(c, PDF_CHANGE_SIGNATURE, pair->key, "pictures for the form's appearances were replaced", err);
    }
    return down.before->kind == PDF_DICT && pair->after != NULL && level < TOO_DEEP
               ? resources(&down, level + 1, err)
               : note_text(c, PDF_CHANGE_FORBIDDEN, pair->key, "a resource of the form was replaced", err);
}

/*
 * Form resources: new ones may come, none may change (12.7.3), not even by an entry more. Appearances are made of the
 * fonts there (12.7.4.3). What is a resource by its entries grows nowhere.
 */
static int resources(const struct change *c, enum level level, sign_err *err)
{
    struct pair *pairs = NULL;
    size_t n = 0;
    bool dicts = (c->before->kind == PDF_DICT || c->before->kind == PDF_NULL) && c->after->kind == PDF_DICT;
    bool may_grow = level == DR || (level == CATEGORY && pdf_dict_get(c->before, "Type") == NULL &&
                                    pdf_dict_get(c->before, "Subtype") == NULL);
    if (!dicts) {
        return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, NULL, "a resource of the form was replaced", NULL, err);
    }
    int rc = diff_pairs(&pairs, &n, c->log, c->before, c->after, err);
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        if (pairs[i].before != NULL) {
            rc = rule_resource(c, &pairs[i], level, err);
        } else if (!may_grow) {
            rc = note_text(c, PDF_CHANGE_FORBIDDEN, pairs[i].key, "a resource of the form was changed", err);
        }
    }
    free(pairs);
    return rc != SIGN_OK
               ? rc
               : diff_note(c->log, PDF_CHANGE_LTV, c->node, NULL, "resources of the form were added to", NULL, err);
}

static int rule_resources(const struct change *c, sign_err *err)
{
    return resources(c, DR, err);
}

static int rule_sigflags(const struct change *c, sign_err *err)
{
    int64_t before = c->before->kind == PDF_INT ? c->before->u.integer : 0;
    bool grows = c->after->kind == PDF_INT && c->after->u.integer <= 3 && (before & ~c->after->u.integer) == 0;
    return diff_note(c->log, grows ? PDF_CHANGE_LTV : PDF_CHANGE_FORBIDDEN, c->node, "SigFlags",
                     grows ? "the form's signature flags were set" : "the form's signature flags were cleared", NULL,
                     err);
}

/* 12.7.3: true makes readers draw fields anew from their values, which may differ from what the signer saw: all of them
 * are as good as filled in. */
static int rule_need_appearances(const struct change *c, sign_err *err)
{
    bool on = c->after->kind == PDF_BOOL && c->after->u.boolean;
    return diff_note(c->log, on ? PDF_CHANGE_FORM : PDF_CHANGE_LTV, c->node, "NeedAppearances",
                     on ? "readers are told to draw all fields anew" : "readers need not draw fields anew", NULL, err);
}

/* Set where it was not, it changes what readers draw themselves; which is nothing as a rule. Zero is what /Q was. */
static int rule_default_look(const struct change *c, sign_err *err)
{
    const struct pdf_obj *form = form_in(c->node), *need = &pdf_null;
    bool zero = c->after->kind == PDF_INT && c->after->u.integer == 0;
    int rc = form == NULL ? SIGN_OK : pdf_get(&need, c->log->newest, form, "NeedAppearances", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    bool drawn = c->log->undrawn || (need->kind == PDF_BOOL && need->u.boolean);
    bool added = c->before->kind == PDF_NULL && (zero || !drawn);
    return diff_note(c->log, added ? PDF_CHANGE_LTV : PDF_CHANGE_FORM, c->node, NULL,
                     "the form's default appearance was set", NULL, err);
}

int rule_form(const struct change *c, sign_err *err)
{
    static const struct key_rule rules[] = {
        { "Fields", 0, NULL, rule_fields },
        { "SigFlags", 0, NULL, rule_sigflags },
        { "NeedAppearances", 0, NULL, rule_need_appearances },
        { "DR", 0, NULL, rule_resources },
        { "DA", 0, NULL, rule_default_look },
        { "Q", 0, NULL, rule_default_look },
        { "CO", PDF_CHANGE_FORBIDDEN, "the order in which fields are calculated was changed", NULL },
        { "XFA", PDF_CHANGE_FORBIDDEN, "the XFA form was changed", NULL },
    };
    if (c->after->kind != PDF_DICT) {
        return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, "AcroForm", "the form was removed", NULL, err);
    }
    return by_table(c, rules, COUNT(rules), PDF_CHANGE_UNKNOWN, err);
}

static int rule_dss(const struct change *c, sign_err *err)
{
    bool there = c->after->kind == PDF_DICT;
    return diff_note(c->log, there ? PDF_CHANGE_LTV : PDF_CHANGE_UNKNOWN, c->node, "DSS",
                     there ? "validation data was added" : "the validation data was removed", NULL, err);
}

static int rule_pages_ref(const struct change *c, sign_err *err)
{
    return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, "Pages", "the page tree was replaced", NULL, err);
}

#define CONTENT(key, text)                                                                                             \
    {                                                                                                                  \
        key, PDF_CHANGE_FORBIDDEN, text, NULL                                                                          \
    }

static int rule_catalog(const struct change *c, sign_err *err)
{
    static const struct key_rule rules[] = {
        { "AcroForm", 0, NULL, rule_form },
        { "DSS", 0, NULL, rule_dss },
        { "Pages", 0, NULL, rule_pages_ref },
        { "StructTreeRoot", 0, NULL, rule_structure },
        { "Metadata", PDF_CHANGE_METADATA, "the document's metadata was changed", NULL },
        { "MarkInfo", PDF_CHANGE_METADATA, "the document's marking information was changed", NULL },
        { "PieceInfo", PDF_CHANGE_METADATA, "private data of a program was changed", NULL },
        { "Extensions", PDF_CHANGE_LTV, "extensions of the PDF version were declared", NULL },
        { "Version", PDF_CHANGE_LTV, "the PDF version was set", NULL },
        CONTENT("OpenAction", "what happens on opening was changed"),
        CONTENT("AA", "actions of the document were changed"),
        CONTENT("Names", "named content (scripts, attachments, destinations) was changed"),
        CONTENT("Dests", "named destinations were changed"),
        CONTENT("OCProperties", "the visibility of layers was changed"),
        CONTENT("Outlines", "the bookmarks were changed"),
        CONTENT("PageLabels", "the page labels were changed"),
        CONTENT("PageMode", "the way of showing the document was changed"),
        CONTENT("PageLayout", "the way of showing the document was changed"),
        CONTENT("ViewerPreferences", "the way of showing the document was changed"),
        CONTENT("Lang", "the document's language was changed"),
        CONTENT("Threads", "the reading order was changed"),
        CONTENT("URI", "the base of links was changed"),
        CONTENT("SpiderInfo", "capture information was changed"),
        CONTENT("OutputIntents", "the output intents were changed"),
        CONTENT("Perms", "permissions were changed"),
        CONTENT("Legal", "the legal attestation was changed"),
        CONTENT("Requirements", "the requirements were changed"),
        CONTENT("Collection", "the portfolio was changed"),
        CONTENT("NeedsRendering", "the XFA form was changed"),
        CONTENT("AF", "attached files were changed"),
        CONTENT("DPartRoot", "the document parts were changed"),
        CONTENT("Type", "the catalog is no catalog any more"),
    };
    return by_table(c, rules, COUNT(rules), PDF_CHANGE_UNKNOWN, err);
}

/* By it the content of a page is found in the logical structure (14.7.5.4): a page that had none may get one. */
static int rule_struct_parents(const struct change *c, sign_err *err)
{
    bool had = c->before->kind != PDF_NULL;
    return diff_note(c->log, had ? PDF_CHANGE_FORBIDDEN : PDF_CHANGE_METADATA, c->node, "StructParents",
                     had ? "a page's content was put elsewhere in the logical structure"
                         : "a page's place in the structure tree was set", NULL, err);
}

static int rule_page(const struct change *c, sign_err *err)
{
    static const struct key_rule rules[] = {
        { "Annots", 0, NULL, rule_annots },
        { "Metadata", PDF_CHANGE_METADATA, "a page's metadata was changed", NULL },
        { "LastModified", PDF_CHANGE_METADATA, "a page's date was changed", NULL },
        { "PieceInfo", PDF_CHANGE_METADATA, "private data of a program was changed", NULL },
        { "Tabs", PDF_CHANGE_METADATA, "the order of a page's fields was set", NULL },
        { "StructParents", 0, NULL, rule_struct_parents },
        CONTENT("Contents", "the content of a page was replaced"),
        CONTENT("Resources", "the resources of a page were replaced"),
        CONTENT("Kids", "pages were added, removed or moved"),
        CONTENT("AA", "actions of a page were changed"),
        CONTENT("Count", "pages were added, removed or moved"),
        CONTENT("MediaBox", "the size of a page was changed"),
        CONTENT("CropBox", "the size of a page was changed"),
        CONTENT("Rotate", "a page was turned"),
    };
    if (c->after->kind != PDF_DICT) {
        return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, NULL, "a page was taken away", NULL, err);
    }
    return by_table(c, rules, COUNT(rules), PDF_CHANGE_FORBIDDEN, err);
}

int rule_trailer(struct pdf_log *log, const struct pdf_obj *before, const struct pdf_obj *after, sign_err *err)
{
    const struct change c = { log, NULL, before, after };
    const struct pdf_obj *id = pdf_dict_get(before, "ID"), *new_id = pdf_dict_get(after, "ID");
    static const struct {
        const char *key;
        enum pdf_change kind;
        const char *text;
    } keys[] = {
        { "Root", PDF_CHANGE_FORBIDDEN, "another catalog took the place of the signed one" },
        { "Encrypt", PDF_CHANGE_FORBIDDEN, "the encryption was changed" },
        { "Info", PDF_CHANGE_METADATA, "the document information was changed" },
    };
    int rc = SIGN_OK;
    bool same = true;
    for (size_t i = 0; i < COUNT(keys) && rc == SIGN_OK; i++) {
        const struct pdf_obj *a = pdf_dict_get(before, keys[i].key), *b = pdf_dict_get(after, keys[i].key);
        rc = diff_equal(&same, log, a == NULL ? &pdf_null : a, b == NULL ? &pdf_null : b, err);
        if (rc == SIGN_OK && !same) {
            rc = diff_note(log, keys[i].kind, NULL, keys[i].key, keys[i].text, NULL, err);
        }
    }
    if (rc == SIGN_OK && after->duplicate_keys) {
        rc = diff_note(c.log, PDF_CHANGE_UNKNOWN, NULL, NULL, "a key stands twice in the trailer", NULL, err);
    }
    if (rc == SIGN_OK && id != NULL && id->kind == PDF_ARRAY && id->u.array.n > 0 && new_id != NULL &&
        new_id->kind == PDF_ARRAY && new_id->u.array.n > 0) {
        rc = diff_equal(&same, log, &id->u.array.items[0], &new_id->u.array.items[0], err);
        if (rc == SIGN_OK && !same) {
            rc = diff_note(log, PDF_CHANGE_UNKNOWN, NULL, "ID", "the update names another document", NULL, err);
        }
    }
    return rc;
}

int rule_object(const struct change *c, enum role role, sign_err *err)
{
    switch (role) {
    case ROLE_CATALOG:
        return rule_catalog(c, err);
    case ROLE_INFO:
        return diff_note(c->log, PDF_CHANGE_METADATA, c->node, NULL, "the document information was changed", NULL, err);
    case ROLE_FORM:
        return rule_form(c, err);
    case ROLE_FIELDS:
        return rule_fields(c, err);
    case ROLE_FIELD:
        return rule_field(c, err);
    case ROLE_PAGE:
        return rule_page(c, err);
    case ROLE_KIDS:
        return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, NULL, "pages were added, removed or moved", NULL, err);
    case ROLE_ANNOTS:
        return rule_annots(c, err);
    case ROLE_ANNOT:
        return (c->node->roles & ROLE_BIT(ROLE_FIELD)) != 0 ? SIGN_OK : rule_annot(c, err);
    case ROLE_VALUE:
    case ROLE_APPEARANCE:
    case ROLE_PART:
        return rule_appearance(c, role, err);
    case ROLE_RESOURCES:
        return resources(c, level_of(c->node), err);
    case ROLE_DSS:
        return diff_note(c->log, PDF_CHANGE_LTV, c->node, NULL, "validation data was changed", NULL, err);
    case ROLE_METADATA:
        return diff_note(c->log, PDF_CHANGE_METADATA, c->node, NULL, "metadata was changed", NULL, err);
    case ROLE_EXTENSIONS:
        return diff_note(c->log, PDF_CHANGE_LTV, c->node, NULL, "extensions were declared", NULL, err);
    case ROLE_STRUCTURE:
        return rule_structure(c, err);
    case ROLE_CONTENT:
    case ROLE_OTHER:
    case ROLES:
        break;
    }
    return diff_note(c->log, PDF_CHANGE_FORBIDDEN, c->node, NULL, "content of the document was replaced", NULL, err);
}
