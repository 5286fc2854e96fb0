/* Rules for form fields, their widgets, values and appearances (ISO 32000-2 12.7.4, 12.7.5.5). */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <pdf/diff_impl.h>
#include <stdlib.h>

#define HIDDEN  2 /* 12.5.3: annotation flags */
#define PRINT   4
#define NO_VIEW 32

/* What each key of a field or widget may do. One without a row is not known. */
enum { MAY_COME = 1, MAY_SIGN = 2, MAY_FILL = 4 }; /* in a new field; when it is signed; when it is filled in */
static const struct {
    const char *key;
    unsigned may;
} KEYS[] = {
    { "Type", MAY_COME | MAY_SIGN | MAY_FILL },
    { "V", MAY_COME | MAY_SIGN | MAY_FILL },
    { "AP", MAY_COME | MAY_SIGN | MAY_FILL },
    { "AS", MAY_COME | MAY_SIGN | MAY_FILL },
    { "DA", MAY_COME | MAY_SIGN | MAY_FILL },
    { "Q", MAY_COME | MAY_SIGN | MAY_FILL },
    { "F", MAY_COME | MAY_SIGN | MAY_FILL },
    { "Ff", MAY_COME | MAY_SIGN | MAY_FILL },
    { "M", MAY_COME | MAY_SIGN | MAY_FILL },
    { "RV", MAY_FILL },
    { "I", MAY_FILL },
    { "TI", MAY_FILL },
    { "MK", MAY_COME | MAY_SIGN },
    { "P", MAY_COME | MAY_SIGN },
    { "BS", MAY_COME | MAY_SIGN },
    { "Border", MAY_COME | MAY_SIGN },
    { "H", MAY_COME | MAY_SIGN },
    { "NM", MAY_COME | MAY_SIGN },
    { "DR", MAY_COME | MAY_SIGN },
    { "DS", MAY_COME | MAY_SIGN },
    { "Subtype", MAY_COME },
    { "FT", MAY_COME },
    { "T", MAY_COME },
    { "TU", MAY_COME },
    { "TM", MAY_COME },
    { "Rect", MAY_COME },
    { "Lock", MAY_COME },
    { "SV", MAY_COME },
    { "Parent", MAY_COME },
    { "Kids", MAY_COME },
    { "StructParent", MAY_COME | MAY_SIGN },
    { "Contents", MAY_COME },
    { "Lang", MAY_COME },
    { "A", 0 },
    { "AA", 0 },
    { "Opt", 0 },
    { "MaxLen", 0 },
    { "OC", 0 },
    { "DV", 0 },
    { "C", 0 },
    { "AF", 0 },
};

static const unsigned *allowance(sign_bytes key)
{
    for (size_t i = 0; i < COUNT(KEYS); i++) {
        if (bytes_are(key, KEYS[i].key)) {
            return &KEYS[i].may;
        }
    }
    return NULL;
}

static int note(const struct change *c, enum pdf_change kind, const char *key, const char *text, const char *field,
                sign_err *err)
{
    return diff_note(c->log, kind, c->node, key, text, field, err);
}

static int note_key(const struct change *c, bool known, sign_bytes key, sign_err *err)
{
    const char *name = arena_str(&c->log->file->arena, bytes_slice(key, 0, 64));
    bool action = bytes_are(key, "A") || bytes_are(key, "AA");
    if (name == NULL) {
        return err_nomem(err);
    }
    return note(c, known ? PDF_CHANGE_FORBIDDEN : PDF_CHANGE_UNKNOWN, name,
                action  ? "an action was added or changed"
                : known ? "a field was changed, not filled in"
                        : "an entry of a field that no rule knows was changed",
                NULL, err);
}

int field_is_visible(bool *visible, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    const struct pdf_obj *rect, *flags, *side;
    double at[4] = { 0 };
    bool odd = false; /* what is no rectangle, readers may show somewhere */
    int rc = pdf_get(&rect, view, dict, "Rect", err);
    if (rc != SIGN_OK || (rc = pdf_get(&flags, view, dict, "F", err)) != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < 4 && rect->kind == PDF_ARRAY && i < rect->u.array.n && rc == SIGN_OK; i++) {
        rc = pdf_resolve(&side, view, &rect->u.array.items[i], err);
        odd |= rc == SIGN_OK && side->kind != PDF_INT && side->kind != PDF_REAL;
        at[i] = rc != SIGN_OK            ? 0
                : side->kind == PDF_INT  ? (double)side->u.integer
                : side->kind == PDF_REAL ? side->u.real
                                         : 0;
    }
    int64_t set = flags->kind == PDF_INT ? flags->u.integer : 0;
    bool shown = (set & HIDDEN) == 0 && ((set & NO_VIEW) == 0 || (set & PRINT) != 0); /* on paper alone, too */
    bool empty = (at[0] >= at[2] && at[0] <= at[2]) || (at[1] >= at[3] && at[1] <= at[3]);
    odd |= rect->kind != PDF_NULL && (rect->kind != PDF_ARRAY || rect->u.array.n != 4);
    *visible = shown && (odd || !empty);
    return rc;
}

static int value_in(const struct pdf_obj **value, const struct pdf_obj **slot, bool *there, struct pdf_view *view,
                    const struct node *field, sign_err *err)
{
    const struct pdf_obj *dict;
    int rc = pdf_load(&dict, view, field->ref, err);
    *there = rc == SIGN_OK && dict->kind == PDF_DICT;
    *slot = rc == SIGN_OK ? pdf_dict_get(dict, "V") : NULL;
    return rc == SIGN_OK ? pdf_resolve(value, view, *slot, err) : rc;
}

int field_state(struct field_state *out, struct pdf_log *log, const struct node *field, sign_err *err)
{
    const struct pdf_obj *before, *after, *type, *kind, *slot, *old_slot;
    bool there;
    *out = (struct field_state){ .signature = field->field != NULL && field->field->signature };
    int rc = value_in(&before, &old_slot, &out->existed, &log->before, field, err);
    if (rc != SIGN_OK || (rc = value_in(&after, &slot, &there, &log->after, field, err)) != SIGN_OK) {
        return rc;
    }
    out->was_signed = out->signature && before->kind == PDF_DICT;
    out->is_signed = out->signature && after->kind == PDF_DICT;
    out->borrowed = out->is_signed && !out->was_signed && slot->kind == PDF_REF && !diff_is_new(log, slot->u.ref.num);
    if ((rc = pdf_get(&type, &log->after, after, "Type", err)) != SIGN_OK ||
        (rc = pdf_get(&kind, &log->after, after, "SubFilter", err)) != SIGN_OK) {
        return rc;
    }
    /* 12.8.5: both, or a signature could pass for a timestamp where none may sign. */
    out->timestamp = out->is_signed && pdf_is_name(type, "DocTimeStamp") && pdf_is_name(kind, "ETSI.RFC3161");
    return rc;
}

static int check_new_keys(const struct change *c, sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t i = 0; i < pdf_keys(c->after) && rc == SIGN_OK; i++) {
        sign_bytes key = c->after->u.dict.entries[i].key;
        const unsigned *may = allowance(key);
        if (may == NULL || (*may & MAY_COME) == 0) {
            rc = note_key(c, may != NULL, key, err);
        }
    }
    return rc;
}

/* An appearance of a field that nobody signed is content by whoever put it there. One that draws nothing is none. */
static int has_look(bool *look, const struct change *c, sign_err *err)
{
    const struct pdf_obj *parts, *normal;
    sign_bytes data = { 0 };
    sign_err why = SIGN_ERR_INIT;
    int rc = pdf_get(&parts, &c->log->after, c->after, "AP", err);
    rc = rc == SIGN_OK ? pdf_get(&normal, &c->log->after, parts, "N", err) : rc;
    *look = rc == SIGN_OK && parts->kind == PDF_DICT;
    if (!*look || pdf_keys(parts) > 1 || (normal->kind != PDF_STREAM && normal->kind != PDF_NULL)) {
        return rc;
    }
    rc = normal->kind == PDF_NULL ? SIGN_OK : pdf_stream(&data, &c->log->after, normal, &why);
    *look = (rc == SIGN_OK && data.len > 0) || rc == SIGN_E_FORMAT || rc == SIGN_E_UNSUPPORTED;
    return rc == SIGN_OK || *look ? SIGN_OK : err_set(err, rc, why.offset, why.clause, "%s", why.msg);
}

static int new_kids(const struct change *c, sign_err *err)
{
    struct change kids = *c;
    kids.before = &pdf_null;
    int rc = pdf_get(&kids.after, &c->log->after, c->after, "Kids", err);
    return rc == SIGN_OK ? rule_fields(&kids, err) : rc;
}

/* 12.7.4.2: what only gives the first part of the names of the fields below it. Those are judged by themselves. */
static bool is_group(const struct pdf_obj *field)
{
    static const char *const keys[] = { "T", "Kids", "Parent" };
    bool only = pdf_dict_get(field, "T") != NULL && pdf_dict_get(field, "Kids") != NULL;
    for (size_t i = 0; i < pdf_keys(field) && only; i++) {
        bool known = false;
        for (size_t k = 0; k < COUNT(keys) && !known; k++) {
            known = bytes_are(field->u.dict.entries[i].key, keys[k]);
        }
        only = known;
    }
    return only;
}

/* A signature field, or a widget of one, that was not there before. */
static int new_field(const struct change *c, sign_err *err)
{
    const struct node *terminal = c->node->terminal != NULL ? c->node->terminal : c->node;
    struct field_state state;
    bool visible = false;
    int rc = field_state(&state, c->log, terminal, err);
    rc = rc == SIGN_OK ? field_is_visible(&visible, &c->log->after, c->after, err) : rc;
    if (rc != SIGN_OK) {
        return rc;
    }
    bool widget = terminal != c->node && state.existed;
    if (is_group(c->after) && !c->node->twice) {
        return new_kids(c, err);
    }
    if (!(c->node->field != NULL && c->node->field->signature)) {
        return note(c, PDF_CHANGE_FORBIDDEN, NULL, "a form field was added", NULL, err);
    }
    if (c->node->twice) {
        return note(c, PDF_CHANGE_FORBIDDEN, "T", "a signature field was added under a name that another has", NULL,
                    err);
    }
    if (state.borrowed || state.was_signed || (widget && !state.is_signed)) {
        return note(c, PDF_CHANGE_FORBIDDEN, NULL,
                    state.borrowed ? "a field was given a signature that is another's" : "a field got another widget",
                    NULL, err);
    }
    bool look = false;
    rc = visible && !state.is_signed ? has_look(&look, c, err) : SIGN_OK;
    if (rc == SIGN_OK && look) {
        rc = note(c, PDF_CHANGE_FORBIDDEN, "AP", "an empty signature field was added that shows something",
                  terminal->name, err);
    }
    rc = rc == SIGN_OK ? check_new_keys(c, err) : rc;
    rc = rc == SIGN_OK ? new_kids(c, err) : rc;
    if (rc != SIGN_OK) {
        return rc;
    }
    enum pdf_change kind = visible           ? PDF_CHANGE_SIGNATURE_VISIBLE
                           : state.timestamp ? PDF_CHANGE_LTV
                                             : PDF_CHANGE_SIGNATURE;
    return note(c, kind, NULL,
                state.timestamp   ? "a document timestamp was added"
                : state.is_signed ? "a signature was added"
                                  : "an empty signature field was added",
                terminal->name, err);
}

static int added(const struct change *c, const struct pdf_obj *item, void *payload, sign_err *err)
{
    struct change field = *c;
    (void)payload;
    if (item->kind != PDF_REF) {
        return note(c, PDF_CHANGE_UNKNOWN, NULL, "a field that is no object of its own was added", NULL, err);
    }
    field.node = diff_node(c->log, item->u.ref.num);
    field.before = &pdf_null;
    int rc = pdf_resolve(&field.after, &c->log->after, item, err);
    if (rc != SIGN_OK || field.node == NULL || (field.node->roles & ROLE_BIT(ROLE_FIELD)) == 0) {
        return rc; /* gone again later: noted there */
    }
    if (field.after->kind != PDF_DICT || !diff_is_new(c->log, item->u.ref.num)) {
        return note(&field, PDF_CHANGE_FORBIDDEN, NULL, "an object that was there before became a form field", NULL,
                    err);
    }
    bool nested = (c->node->roles & ROLE_BIT(ROLE_FIELD)) != 0;
    if (nested && (field.node->field == NULL || field.node->field->parent != c->node->field)) {
        return note(&field, PDF_CHANGE_FORBIDDEN, NULL, "a form field was added in two places", NULL, err);
    }
    return new_field(&field, err);
}

static int gone(const struct change *c, const struct pdf_obj *item, void *payload, sign_err *err)
{
    const struct pdf_obj *dict;
    (void)payload;
    int rc = pdf_resolve(&dict, &c->log->before, item, err);
    return rc != SIGN_OK || dict->kind != PDF_DICT
               ? rc
               : note(c, PDF_CHANGE_FORBIDDEN, NULL, "a form field was removed or moved", NULL, err);
}

int rule_fields(const struct change *c, sign_err *err)
{
    return rule_items(c, added, gone, NULL, err);
}

/* An appearance that is given up, but goes on to serve as something else: whoever made it that way had a plan. */
static int check_former(const struct change *c, const struct pair *pair, sign_err *err)
{
    bool ref = bytes_are(pair->key, "AP") && pair->before != NULL && pair->before->kind == PDF_REF;
    const struct node *former = ref ? diff_node(c->log, pair->before->u.ref.num) : NULL;
    return former == NULL || (former->roles & ROLES_CONTENT) == 0
               ? SIGN_OK
               : note(c, PDF_CHANGE_UNKNOWN, "AP", "the former appearance of a field also serves as content", NULL,
                      err);
}

/* 12.5.2: /Type of an annotation is Annot, and need not be there. Anything else hides the field from a strict reader. */
static bool is_misnamed(const struct pair *pair)
{
    return bytes_are(pair->key, "Type") && pair->after != NULL && !pdf_is_name(pair->after, "Annot");
}

/* filled: something else than /Kids changed. */
static int check_keys(bool *filled, const struct change *c, unsigned may, sign_err *err)
{
    struct pair *pairs;
    size_t n;
    int rc = diff_pairs(&pairs, &n, c->log, c->before, c->after, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    *filled = false;
    for (size_t i = 0; i < n && rc == SIGN_OK; i++) {
        const unsigned *allowed = allowance(pairs[i].key);
        bool same = false, kids_key = bytes_are(pairs[i].key, "Kids");
        rc = diff_equal(&same, c->log, pairs[i].before == NULL ? &pdf_null : pairs[i].before,
                        pairs[i].after == NULL ? &pdf_null : pairs[i].after, err);
        if (rc == SIGN_OK && !same) {
            rc = check_former(c, &pairs[i], err);
        }
        *filled |= !same && !kids_key;
        bool fits = allowed != NULL && (*allowed & may) != 0 && !is_misnamed(&pairs[i]);
        if (rc != SIGN_OK || same || fits) {
            continue;
        }
        if (kids_key) {
            struct change kids;
            rc = rule_resolve(&kids, c, &pairs[i], err);
            rc = rc == SIGN_OK ? rule_fields(&kids, err) : rc;
        } else {
            rc = note_key(c, allowed != NULL, pairs[i].key, err);
        }
    }
    free(pairs);
    return rc;
}

/* A field that was hidden is as new to whoever looks: so it could be added unseen first, and shown by signing it. */
static int comes_to_light(bool *out, const struct change *c, sign_err *err)
{
    bool before, after;
    int rc = field_is_visible(&before, &c->log->before, c->before, err);
    rc = rc == SIGN_OK ? field_is_visible(&after, &c->log->after, c->after, err) : rc;
    *out = rc == SIGN_OK && after && !before;
    return rc;
}

/* What is seen of it is another appearance, or another of those it has (12.5.5). */
static int is_drawn(bool *out, const struct change *c, sign_err *err)
{
    static const char *const keys[] = { "AP", "AS", "MK", "BS", "Border" };
    bool same = true, visible = false;
    int rc = field_is_visible(&visible, &c->log->after, c->after, err);
    for (size_t i = 0; i < COUNT(keys) && rc == SIGN_OK && same; i++) {
        const struct pdf_obj *before = pdf_dict_get(c->before, keys[i]), *after = pdf_dict_get(c->after, keys[i]);
        rc = diff_equal(&same, c->log, before == NULL ? &pdf_null : before, after == NULL ? &pdf_null : after, err);
    }
    *out = !same && visible;
    return rc;
}

int rule_field(const struct change *c, sign_err *err)
{
    const struct node *terminal = c->node->terminal != NULL ? c->node->terminal : c->node;
    struct field_state state;
    if (c->before->kind != PDF_DICT || c->after->kind != PDF_DICT) {
        return note(c, PDF_CHANGE_FORBIDDEN, NULL, "a form field was replaced by something else", NULL, err);
    }
    int rc = field_state(&state, c->log, terminal, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (state.was_signed) {
        return note(c, PDF_CHANGE_FORBIDDEN, NULL, "a signed field was changed", NULL, err);
    }
    if (state.borrowed) {
        return note(c, PDF_CHANGE_FORBIDDEN, "V", "a field was given a signature that is another's", NULL, err);
    }
    bool filled = false;
    rc = check_keys(&filled, c, state.is_signed ? MAY_SIGN : MAY_FILL, err);
    if (rc == SIGN_OK && state.is_signed && terminal->twice) {
        rc = note(c, PDF_CHANGE_UNKNOWN, "T", "a field was signed whose name another has, too",
                  terminal->name, err);
    }
    if (rc != SIGN_OK || !filled) {
        return rc; /* a field below it came: noted there */
    }
    bool shown = false, drawn = false;
    if (state.signature &&
        ((rc = comes_to_light(&shown, c, err)) != SIGN_OK || (rc = is_drawn(&drawn, c, err)) != SIGN_OK)) {
        return rc;
    }
    if (state.signature && !state.is_signed && (shown || drawn)) {
        return note(c, PDF_CHANGE_UNKNOWN, "AP", "a signature field shows something else, and is not signed",
                    terminal->name, err);
    }
    if (state.timestamp && !shown && !drawn) {
        return note(c, PDF_CHANGE_LTV, NULL, "a document timestamp was put into a field", terminal->name, err);
    }
    rc = note(c, shown             ? PDF_CHANGE_SIGNATURE_VISIBLE
                 : state.is_signed ? PDF_CHANGE_SIGNATURE
                                   : PDF_CHANGE_FORM,
              NULL,
              shown             ? "a hidden signature field was shown when it was signed"
              : state.is_signed ? "a signature field was signed"
                                : "a field was filled in",
              terminal->name, err);
    if (rc == SIGN_OK) {
        c->log->items[c->log->n_items - 1].fills = true;
    }
    return rc;
}

/* An appearance, value or part of a field, or an appearance of another annotation, replaced where it stands. */
static int of_owner(const struct change *c, const struct node *owner, sign_err *err)
{
    struct field_state state;
    if ((owner->roles & ROLE_BIT(ROLE_FIELD)) == 0) {
        return note(c, annot_covers(owner->obj) ? PDF_CHANGE_ANNOTATION_COVERING : PDF_CHANGE_ANNOTATION, NULL,
                    "an annotation's appearance was replaced", NULL, err);
    }
    int rc = field_state(&state, c->log, owner, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (state.was_signed) {
        return note(c, PDF_CHANGE_FORBIDDEN, NULL, "what a signed field holds or shows was replaced", owner->name, err);
    }
    if (state.signature && !state.is_signed) {
        return note(c, PDF_CHANGE_UNKNOWN, NULL, "a signature field shows something else, and is not signed",
                    owner->name, err);
    }
    return note(c, state.is_signed ? PDF_CHANGE_SIGNATURE : PDF_CHANGE_FORM, NULL,
                state.is_signed ? "the appearance of a field was replaced when it was signed"
                                : "what a field holds or shows was replaced",
                owner->name, err);
}

/* What a field is made of stays as it is (MAY_FILL has none of it), but for a signature's. */
static int part_of_owner(const struct change *c, const struct node *owner, sign_err *err)
{
    struct field_state state = { 0 };
    bool field = (owner->roles & ROLE_BIT(ROLE_FIELD)) != 0;
    int rc = field ? field_state(&state, c->log, owner, err) : SIGN_OK;
    return rc != SIGN_OK        ? rc
           : state.is_signed ? of_owner(c, owner, err)
                             : note(c, PDF_CHANGE_FORBIDDEN, NULL, "a field was changed, not filled in", owner->name,
                                    err);
}

int rule_appearance(const struct change *c, enum role role, sign_err *err)
{
    int rc = SIGN_OK;
    if (c->node->owners == 0 || c->node->crowded) {
        return note(c, PDF_CHANGE_UNKNOWN, NULL, "something that many fields share was replaced", NULL, err);
    }
    for (size_t i = 0; i < c->node->owners && rc == SIGN_OK; i++) {
        rc = role == ROLE_PART ? part_of_owner(c, c->node->owner[i], err) : of_owner(c, c->node->owner[i], err);
    }
    return rc;
}
