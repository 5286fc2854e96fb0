/*
 * What signatures demand of later changes: DocMDP, FieldMDP (ISO 32000-2 12.8.2.2, 12.8.2.4) and the /Lock of their
 * field (12.7.5.5). What one demands holds for all that is added later, hence for later signatures too.
 */
#include <base/array.h>
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/diff_impl.h>
#include <pdf/text.h>
#include <stdlib.h>

#define NO_LEVEL 0

/* Table 257, and without DocMDP what a signature suffers by itself: evidence and further signatures. */
enum answer { YES, NO, OPEN };
static const enum answer ALLOWED[4][PDF_CHANGE_KINDS] = {
    /*             LTV  META SIGN VISI FORM  ANNO COVER FORB UNKN */
    [NO_LEVEL] = { YES, YES, YES, YES, OPEN, NO, NO, NO, OPEN },
    [1] = { YES, YES, NO, NO, NO, NO, NO, NO, OPEN },
    [2] = { YES, YES, YES, NO, YES, NO, NO, NO, OPEN },
    [3] = { YES, YES, YES, NO, YES, YES, OPEN, NO, OPEN },
};
static const char *const RULES[4] = {
    "without DocMDP only evidence and further signatures may be added",
    "DocMDP 1: nothing but evidence may be added",
    "DocMDP 2: only form fields may be filled in and signed",
    "DocMDP 3: only form fields may be filled in and signed, and notes added",
};

struct reader {
    struct pdf_log *log;
    struct pdf_view *view;
    struct policy *policy;
};

/* The stricter one. What is no level is taken for the strictest. */
static int add_level(struct reader *r, const struct pdf_obj *dict, int missing, sign_err *err)
{
    const struct pdf_obj *p;
    int rc = pdf_get(&p, r->view, dict, "P", err);
    int level = rc != SIGN_OK || p->kind == PDF_NULL                           ? missing
                : p->kind == PDF_INT && p->u.integer >= 1 && p->u.integer <= 3 ? (int)p->u.integer
                                                                               : 1;
    if (level != NO_LEVEL && (r->policy->level == NO_LEVEL || level < r->policy->level)) {
        r->policy->level = level;
    }
    return rc;
}

/* Strings of their own objects are names, too. *names: nothing else is there; else the strictest is meant. */
static int read_names(bool *names, struct lock *lock, struct reader *r, const struct pdf_obj *array, sign_err *err)
{
    size_t n = array->u.array.n;
    struct pdf_obj *list = arena_array(&r->log->file->arena, n + 1, sizeof *list);
    int rc = list == NULL ? err_nomem(err) : pdf_spend(r->log->file, sizeof *list * n, err);
    for (size_t i = 0; i < n && rc == SIGN_OK; i++) {
        const struct pdf_obj *item;
        rc = pdf_resolve(&item, r->view, &array->u.array.items[i], err);
        if (rc == SIGN_OK) {
            list[i] = *item;
            *names = *names && item->kind == PDF_STRING;
        }
    }
    lock->fields = list;
    lock->n = n;
    return rc;
}

static int add_lock(struct reader *r, const struct pdf_obj *dict, sign_err *err)
{
    const struct pdf_obj *action;
    const struct pdf_obj *fields;
    struct lock lock = { LOCK_ALL, NULL, 0 };
    struct pdf_log *log = r->log;
    int rc = pdf_get(&action, r->view, dict, "Action", err);
    if (rc != SIGN_OK || (rc = pdf_get(&fields, r->view, dict, "Fields", err)) != SIGN_OK) {
        return rc;
    }
    bool names = fields->kind == PDF_ARRAY;
    if (names && (rc = read_names(&names, &lock, r, fields, err)) != SIGN_OK) {
        return rc;
    }
    if (names) {
        lock.action = pdf_is_name(action, "Include")   ? LOCK_INCLUDE
                      : pdf_is_name(action, "Exclude") ? LOCK_EXCLUDE
                                                       : LOCK_ALL;
    }
    rc = array_grow((void **)&log->locks, &log->cap_locks, log->n_locks + 1, sizeof lock, 2 * LIMIT_PDF_SIGS,
                    "field locks", err);
    if (rc == SIGN_OK) {
        log->locks[log->n_locks++] = lock;
        r->policy->n_locks = log->n_locks;
    }
    return rc;
}

static int read_reference(struct reader *r, const struct pdf_obj *item, sign_err *err)
{
    const struct pdf_obj *dict, *method, *params;
    int rc = pdf_resolve(&dict, r->view, item, err);
    if (rc != SIGN_OK || (rc = pdf_get(&method, r->view, dict, "TransformMethod", err)) != SIGN_OK ||
        (rc = pdf_get(&params, r->view, dict, "TransformParams", err)) != SIGN_OK) {
        return rc;
    }
    if (pdf_is_name(method, "DocMDP")) {
        return add_level(r, params, 2, err);
    }
    return pdf_is_name(method, "FieldMDP") ? add_lock(r, params, err) : SIGN_OK;
}

static int read_policy(struct reader *r, const struct pdf_signature *sig, sign_err *err)
{
    const struct pdf_obj *list, *lock, *field = sig->place == NULL ? &pdf_null : sig->place->dict;
    int rc = pdf_get(&list, r->view, sig->dict, "Reference", err);
    for (size_t i = 0; rc == SIGN_OK && list->kind == PDF_ARRAY && i < list->u.array.n; i++) {
        rc = pdf_spend(r->log->file, 256, err);
        rc = rc == SIGN_OK ? read_reference(r, &list->u.array.items[i], err) : rc;
    }
    if (rc != SIGN_OK || (rc = pdf_get(&lock, r->view, field, "Lock", err)) != SIGN_OK || lock->kind != PDF_DICT) {
        return rc;
    }
    rc = add_level(r, lock, NO_LEVEL, err);
    return rc == SIGN_OK ? add_lock(r, lock, err) : rc;
}

int diff_policies(struct pdf_log *log, sign_err *err)
{
    const struct pdf_signature *sigs;
    struct policy so_far = { 0 };
    size_t n;
    int rc = pdf_signatures(&sigs, &n, log->file, err);
    log->policies = rc == SIGN_OK ? calloc(n + 1, sizeof *log->policies) : NULL;
    if (log->policies == NULL) {
        return rc != SIGN_OK ? rc : err_nomem(err);
    }
    for (size_t i = 0; i < n && rc == SIGN_OK; i++) {
        struct reader r = { log, log->newest, &so_far };
        sign_err why = SIGN_ERR_INIT;
        uint64_t end = sigs[i].range_ok ? sigs[i].range[2] + sigs[i].range[3] : UINT64_MAX;
        if (end <= log->file->size && pdf_prefix(&r.view, log->file, end, NULL) != SIGN_OK) {
            r.view = log->newest;
        }
        rc = read_policy(&r, &sigs[i], &why);
        if (rc == SIGN_E_FORMAT || rc == SIGN_E_UNSUPPORTED) {
            so_far.level = 1; /* what it demands cannot be read */
            rc = SIGN_OK;
        } else if (rc != SIGN_OK && err != NULL) {
            *err = why;
        }
        log->policies[i] = so_far;
    }
    return rc;
}

/* A lock on a name is a lock on all below it; and on what is above, whose values it inherits (12.7.4.1). */
static bool covers(sign_bytes locked, sign_bytes name)
{
    return bytes_start(name, locked) && (name.len == locked.len || name.ptr[locked.len] == '.');
}

static int is_locked(bool *locked, struct pdf_log *log, const struct lock *lock, const char *name, sign_err *err)
{
    bool listed = false;
    int rc = SIGN_OK;
    for (size_t i = 0; lock->action != LOCK_ALL && i < lock->n && !listed && rc == SIGN_OK; i++) {
        CLEANUP(build_free) struct build text = { 0 };
        pdf_text(&text, lock->fields[i].u.bytes);
        rc = build_check(&text, err, "field name");
        listed = rc == SIGN_OK &&
                 (covers(build_view(&text), bytes_str(name)) ||
                  (lock->action == LOCK_INCLUDE && covers(bytes_str(name), build_view(&text))));
        rc = rc == SIGN_OK ? pdf_spend(log->file, 16 + text.len, err) : rc;
    }
    *locked = lock->action == LOCK_ALL || listed == (lock->action == LOCK_INCLUDE);
    return rc;
}

/* The first change of a field that is locked, by filling in or signing; NULL. */
static int find_locked(const struct pdf_change_item **out, struct pdf_log *log, const struct policy *policy,
                       const struct step *step, sign_err *err)
{
    size_t first = step->fill;
    const struct pdf_change_item *item = first < log->n_items ? &log->items[first] : NULL;
    int rc = SIGN_OK;
    for (*out = NULL; item != NULL && policy->n_locks > 0 && *out == NULL && rc == SIGN_OK; item = item->next_fill) {
        bool locked = item->field == NULL;
        for (size_t i = 0; i < policy->n_locks && !locked && rc == SIGN_OK; i++) {
            rc = is_locked(&locked, log, &log->locks[i], item->field, err);
        }
        *out = locked ? item : NULL;
    }
    return rc;
}

int diff_judge(struct pdf_diff *out, struct pdf_log *log, const struct policy *policy, const struct step *step,
               sign_err *err)
{
    const enum answer *allowed = ALLOWED[policy->level];
    enum answer worst = YES;
    out->verdict = PDF_CHANGES_ALLOWED;
    out->rule = RULES[policy->level];
    for (size_t k = 0; k < PDF_CHANGE_KINDS; k++) {
        size_t at = step->next[k];
        bool worse = allowed[k] == NO ? worst != NO : allowed[k] == OPEN && worst == YES;
        if (at < log->n_items && worse) {
            worst = allowed[k];
            out->reason = &log->items[at];
        }
    }
    if (worst != NO) {
        const struct pdf_change_item *locked;
        int rc = find_locked(&locked, log, policy, step, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        if (locked != NULL) {
            out->reason = locked;
            out->rule = "the field is locked";
            worst = NO;
        }
    }
    if (worst != YES) {
        out->verdict = worst == NO ? PDF_CHANGES_FORBIDDEN : PDF_CHANGES_UNKNOWN;
    }
    return SIGN_OK;
}
