/* Comparing the revisions of a file, one with the next, and what that means for each signature. */
#include <base/array.h>
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/diff_impl.h>
#include <pdf/text.h>
#include <stdlib.h>

#define PATH_STEPS 16 /* of a path that is printed */

const char *pdf_change_name(enum pdf_change kind)
{
    static const char *const names[PDF_CHANGE_KINDS] = {
        [PDF_CHANGE_LTV] = "ltv-data",
        [PDF_CHANGE_METADATA] = "metadata",
        [PDF_CHANGE_SIGNATURE] = "signature",
        [PDF_CHANGE_SIGNATURE_VISIBLE] = "signature",
        [PDF_CHANGE_FORM] = "form-fill-in",
        [PDF_CHANGE_ANNOTATION] = "annotation",
        [PDF_CHANGE_ANNOTATION_COVERING] = "annotation",
        [PDF_CHANGE_FORBIDDEN] = "forbidden",
        [PDF_CHANGE_UNKNOWN] = "unknown",
    };
    return names[kind];
}

void pdf_log_free(struct pdf_log **out)
{
    struct pdf_log *log = *out;
    if (log == NULL) {
        return;
    }
    pdf_map_free(&log->nodes);
    pdf_map_free(&log->containers);
    pdf_map_free(&log->names);
    free(log->items);
    free(log->steps);
    free(log->limits);
    free(log->straddled);
    free(log->policies);
    free(log->locks);
    free(log);
    *out = NULL;
}

/* "/Root/Pages/Kids/Contents": keys from the trailer to the node, and one more. */
static int path_to(const char **out, struct pdf_log *log, const struct node *node, const char *key, sign_err *err)
{
    CLEANUP(build_free) struct build path = { .max = KIB(4) };
    const struct node *way[PATH_STEPS];
    size_t n = 0;
    for (; node != NULL && n < PATH_STEPS; node = node->parent) {
        way[n++] = node;
    }
    if (node != NULL) {
        build_bytes(&path, BYTES_LIT("..."));
    }
    for (; n > 0; n--) {
        build_byte(&path, '/');
        utf8_repair(&path, bytes_slice(way[n - 1]->key, 0, 64));
    }
    if (key != NULL) {
        build_byte(&path, '/');
        utf8_repair(&path, bytes_str(key));
    }
    int rc = build_check(&path, err, "path of an object");
    if (rc == SIGN_OK) {
        *out = arena_str(&log->file->arena, build_view(&path));
        rc = *out == NULL ? err_nomem(err) : pdf_spend(log->file, path.len, err);
    }
    return rc;
}

int diff_note(struct pdf_log *log, enum pdf_change kind, const struct node *node, const char *key, const char *text,
              const char *field, sign_err *err)
{
    const struct pdf_section *section = log->after.section;
    struct pdf_change_item item = {
        .kind = kind,
        .num = node == NULL ? 0 : node->ref.num,
        .depth = section->depth,
        .revision = section->revision,
        .text = text,
        .field = field,
        .fills = kind == PDF_CHANGE_FORM,
    };
    int rc = array_grow((void **)&log->items, &log->cap_items, log->n_items + 1, sizeof item, LIMIT_PDF_CHANGES,
                        "changes after signing", err);
    rc = rc == SIGN_OK ? path_to(&item.path, log, node, key, err) : rc;
    if (rc == SIGN_OK) {
        log->items[log->n_items++] = item;
    }
    return rc;
}

/* What a file says wrongly is a change that nobody understands; the rest ends the work. */
static int note_error(struct pdf_log *log, int rc, const struct node *node, sign_err *err)
{
    bool wrong = rc == SIGN_E_FORMAT || rc == SIGN_E_UNSUPPORTED || rc == SIGN_E_PASSWORD;
    return wrong ? diff_note(log, PDF_CHANGE_UNKNOWN, node, NULL, "an object cannot be read", NULL, err) : rc;
}

static int compare_object(struct pdf_log *log, const struct node *node, sign_err *err)
{
    struct change c = { .log = log, .node = node };
    bool same;
    int rc = pdf_load(&c.before, &log->before, node->ref, err);
    if (rc != SIGN_OK || (rc = pdf_load(&c.after, &log->after, node->ref, err)) != SIGN_OK ||
        (rc = diff_equal(&same, log, c.before, c.after, err)) != SIGN_OK) {
        return rc;
    }
    if (node->generations) {
        return diff_note(log, PDF_CHANGE_UNKNOWN, node, NULL, "several generations of one object are in use", NULL,
                         err);
    }
    if (diff_has_duplicates(c.after)) {
        return diff_note(log, PDF_CHANGE_UNKNOWN, node, NULL, "a key stands twice in a dictionary: readers differ",
                         NULL, err);
    }
    if (c.before->kind == PDF_NULL && node->awaited) {
        bool content = (node->roles & ROLES_CONTENT) != 0 && (node->roles & ROLES_STRUCTURE) == 0;
        return diff_note(log, content ? PDF_CHANGE_FORBIDDEN : PDF_CHANGE_UNKNOWN, node, NULL,
                         "an object came into being that the signed document pointed to", NULL, err);
    }
    if (same || c.before->kind == PDF_NULL) {
        return SIGN_OK; /* what is new is judged where something leads to it */
    }
    if (node->drawn) {
        return diff_note(log, PDF_CHANGE_FORBIDDEN, node, NULL, "what pages or appearances are drawn with was replaced",
                         NULL, err);
    }
    uint32_t roles = node->roles;
    if ((roles & ROLES_STRUCTURE) != 0) {
        roles &= ROLES_STRUCTURE;
    }
    for (enum role role = 0; role < ROLES && rc == SIGN_OK; role++) {
        if ((roles & ROLE_BIT(role)) != 0) {
            rc = rule_object(&c, role, err);
        }
    }
    return rc;
}

static bool same_place(const struct pdf_place *a, const struct pdf_place *b)
{
    bool none = a == NULL || a->kind == PDF_PLACE_FREE, gone = b == NULL || b->kind == PDF_PLACE_FREE;
    return none || gone ? none == gone
                        : a->kind == b->kind && a->kind != PDF_PLACE_DISPUTED && a->at == b->at && a->more == b->more;
}

/* Objects in a stream change with it. */
static int compare_container(struct pdf_log *log, uint32_t num, sign_err *err)
{
    int rc = SIGN_OK;
    for (struct node *node = pdf_map_get(&log->containers, num); node != NULL && rc == SIGN_OK;
         node = node->in_container) {
        const struct pdf_place *place = pdf_place_in(&log->before, node->ref.num);
        bool inside = place != NULL && place->kind == PDF_PLACE_STREAM && place->at == num;
        rc = pdf_spend(log->file, 64, err);
        if (inside && rc == SIGN_OK) {
            return diff_note(log, PDF_CHANGE_FORBIDDEN, node, NULL, "the object stream that holds it was replaced",
                             NULL, err);
        }
    }
    return rc;
}

static bool in_use(const struct pdf_place *place)
{
    return place != NULL && (place->kind == PDF_PLACE_FILE || place->kind == PDF_PLACE_STREAM);
}

/* Nothing leads to an object that was there and that this step replaced. Cross-reference streams take each other's number. */
static int note_lost(struct pdf_log *log, const struct pdf_place *place, sign_err *err)
{
    const struct pdf_lineage *lineage = log->newest->lineage;
    const struct pdf_place *before = pdf_place_in(&log->before, place->num);
    bool lost = in_use(before) && in_use(place);
    int rc = lost ? pdf_spend(log->file, lineage->depth, err) : SIGN_OK;
    for (size_t d = 0; d < lineage->depth && lost; d++) {
        lost = before->kind != PDF_PLACE_FILE || before->at != lineage->chain[d]->offset;
    }
    log->lost = lost ? log->after.section->depth : log->lost;
    return rc;
}

static int compare_place(struct pdf_log *log, const struct pdf_place *place, sign_err *err)
{
    sign_err why = SIGN_ERR_INIT;
    const struct node *node = diff_node(log, place->num);
    int rc = pdf_spend(log->file, 16, err);
    if (rc != SIGN_OK || same_place(pdf_place_in(&log->before, place->num), place)) {
        return rc;
    }
    rc = compare_container(log, place->num, err);
    if (rc != SIGN_OK || node == NULL) {
        return rc == SIGN_OK ? note_lost(log, place, err) : rc;
    }
    rc = compare_object(log, node, &why);
    if (rc != SIGN_OK && (rc = note_error(log, rc, node, err)) != SIGN_OK && err != NULL) {
        *err = why;
    }
    return rc;
}

/* One revision's section against the one before. */
static int compare_step(struct pdf_log *log, size_t depth, sign_err *err)
{
    struct pdf_lineage *lineage = log->newest->lineage;
    const struct pdf_section *section = lineage->chain[depth - 1];
    sign_err why = SIGN_ERR_INIT;
    log->before = log->after = *log->newest;
    log->before.section = lineage->chain[depth - 2];
    log->after.section = lineage->chain[depth - 1];
    int rc = rule_trailer(log, &log->before.section->trailer, &log->after.section->trailer, &why);
    if (rc != SIGN_OK) {
        rc = note_error(log, rc, NULL, err);
    }
    for (size_t i = 0; i < section->places.n && rc == SIGN_OK; i++) {
        rc = compare_place(log, &section->places.list[i], err);
    }
    return rc;
}

static void find_furthest(struct pdf_log *log)
{
    const struct pdf_lineage *lineage = log->newest->lineage;
    uint64_t furthest = 0;
    for (size_t d = 0; d < lineage->depth; d++) {
        const struct pdf_places *places = &lineage->chain[d]->places;
        for (size_t i = 0; i < places->n; i++) {
            bool further = places->list[i].kind == PDF_PLACE_FILE && places->list[i].at > furthest;
            furthest = further ? places->list[i].at : furthest;
        }
        log->steps[d + 1].furthest = furthest;
    }
}

/* For every step, where in the list the next change of each kind stands. */
static void index_steps(struct pdf_log *log)
{
    size_t depth = log->newest->lineage->depth, at = log->n_items;
    struct step *steps = log->steps;
    steps[depth + 1].first = steps[depth + 1].fill = log->n_items;
    for (size_t k = 0; k < PDF_CHANGE_KINDS; k++) {
        steps[depth + 1].next[k] = log->n_items;
    }
    for (size_t d = depth; d > 0; d--) {
        memcpy(steps[d].next, steps[d + 1].next, sizeof steps[d].next);
        steps[d].fill = steps[d + 1].fill;
        for (; at > 0 && log->items[at - 1].depth >= d; at--) {
            steps[d].next[log->items[at - 1].kind] = at - 1;
            steps[d].fill = log->items[at - 1].fills ? at - 1 : steps[d].fill;
        }
        steps[d].first = at;
    }
    struct pdf_change_item *fill = NULL;
    for (size_t i = log->n_items; i > 0; i--) {
        log->items[i - 1].next_fill = fill;
        fill = log->items[i - 1].fills ? &log->items[i - 1] : fill;
    }
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Ends of the signed revisions, and the oldest of them: nothing before it needs comparing. */
static int find_limits(struct pdf_log *log, size_t *oldest, sign_err *err)
{
    const struct pdf_signature *sigs;
    size_t n = 0;
    int rc = pdf_signatures(&sigs, &n, log->file, err);
    log->limits = rc == SIGN_OK ? calloc(n + 1, sizeof *log->limits) : NULL;
    log->straddled = rc == SIGN_OK ? calloc(n + 1, sizeof *log->straddled) : NULL;
    if (log->limits == NULL || log->straddled == NULL) {
        return rc != SIGN_OK ? rc : err_nomem(err);
    }
    *oldest = log->newest->lineage->depth;
    for (size_t i = 0; i < n && rc == SIGN_OK; i++) {
        struct pdf_view *prefix;
        sign_err why = SIGN_ERR_INIT;
        uint64_t end = sigs[i].range_ok ? sigs[i].range[2] + sigs[i].range[3] : UINT64_MAX;
        if (end > log->file->size) {
            continue;
        }
        log->limits[log->n_limits++] = end;
        rc = pdf_prefix(&prefix, log->file, end, &why);
        if (rc == SIGN_OK && prefix->section->depth < *oldest) {
            *oldest = prefix->section->depth;
        }
        rc = rc == SIGN_E_NOMEM || rc == SIGN_E_IO || rc == SIGN_E_TIMEOUT || rc == SIGN_E_CANCELLED ? rc : SIGN_OK;
        if (rc != SIGN_OK && err != NULL) {
            *err = why;
        }
    }
    qsort(log->limits, log->n_limits, sizeof *log->limits, by_value);
    return rc;
}

static int compare_all(struct pdf_log *log, sign_err *err)
{
    size_t depth = log->newest->lineage->depth, oldest = 1;
    log->steps = calloc(depth + 2, sizeof *log->steps);
    if (log->steps == NULL) {
        return err_nomem(err);
    }
    find_furthest(log);
    int rc = find_limits(log, &oldest, err);
    rc = rc == SIGN_OK ? diff_walk(log, err) : rc;
    for (size_t d = oldest + 1; d <= depth && rc == SIGN_OK; d++) {
        rc = compare_step(log, d, err);
    }
    if (rc == SIGN_OK) {
        index_steps(log);
        rc = diff_gaps(log, err);
    }
    return rc == SIGN_OK ? diff_policies(log, err) : rc;
}

static int make_log(struct pdf_log **out, struct pdf_file *file, sign_err *err)
{
    struct pdf_log *log = calloc(1, sizeof *log);
    sign_err why = SIGN_ERR_INIT;
    if (log == NULL) {
        return err_nomem(err);
    }
    log->file = file;
    log->newest = &file->newest;
    int rc = file->repaired ? SIGN_OK : compare_all(log, &why);
    if (rc == SIGN_E_NOMEM || rc == SIGN_E_IO || rc == SIGN_E_TIMEOUT || rc == SIGN_E_CANCELLED) {
        pdf_log_free(&log);
        if (err != NULL) {
            *err = why;
        }
        return rc;
    }
    if (file->repaired) {
        log->gave_up = "the file's cross-references are wrong, and what it shows is a guess";
    } else if (rc != SIGN_OK) {
        log->gave_up = arena_fmt(&file->arena, "the revisions cannot be compared: %s", why.msg);
        if (log->gave_up == NULL) {
            pdf_log_free(&log);
            return err_nomem(err);
        }
    }
    *out = log;
    return SIGN_OK;
}

static int at_once(struct pdf_diff *out, struct pdf_log *log, enum pdf_changes verdict, const char *text, sign_err *err)
{
    struct pdf_change_item *item = ARENA_NEW(&log->file->arena, struct pdf_change_item);
    if (item == NULL) {
        return err_nomem(err);
    }
    *item = (struct pdf_change_item){
        .kind = verdict == PDF_CHANGES_FORBIDDEN ? PDF_CHANGE_FORBIDDEN : PDF_CHANGE_UNKNOWN, .path = "", .text = text
    };
    out->verdict = verdict;
    out->reason = item;
    return SIGN_OK;
}

static bool straddled(const struct pdf_log *log, uint64_t end)
{
    const uint64_t *at =
        log->n_limits == 0 ? NULL : bsearch(&end, log->limits, log->n_limits, sizeof *log->limits, by_value);
    return at != NULL && log->straddled[at - log->limits];
}

int pdf_compare(struct pdf_diff *out, struct pdf_file *file, const struct pdf_signature *sig, sign_err *err)
{
    *out = (struct pdf_diff){ .verdict = PDF_CHANGES_UNKNOWN };
    int rc = file->log == NULL ? make_log(&file->log, file, err) : SIGN_OK;
    if (rc != SIGN_OK) {
        return rc;
    }
    struct pdf_log *log = file->log;
    struct pdf_view *prefix;
    uint64_t end = sig->range[2] + sig->range[3];
    if (log->gave_up != NULL) {
        return at_once(out, log, PDF_CHANGES_UNKNOWN, log->gave_up, err);
    }
    if ((rc = pdf_prefix(&prefix, file, end, err)) != SIGN_OK) {
        return rc;
    }
    const struct pdf_section *section = prefix->section;
    const struct pdf_lineage *lineage = log->newest->lineage;
    if (section->depth > lineage->depth || lineage->chain[section->depth - 1] != section) {
        return at_once(out, log, PDF_CHANGES_FORBIDDEN,
                       "the newest cross-references do not build upon those of the signed revision", err);
    }
    if (log->steps[section->depth].furthest >= end || straddled(log, end)) {
        return at_once(out, log, PDF_CHANGES_FORBIDDEN,
                       "an object of the signed revision begins or ends behind its end", err);
    }
    if (log->hidden > end) {
        return at_once(out, log, PDF_CHANGES_FORBIDDEN, "objects were added that no cross-reference names", err);
    }
    if (log->stray > end) {
        return at_once(out, log, PDF_CHANGES_UNKNOWN, "bytes were added that belong to no update", err);
    }
    if (log->unread) {
        return at_once(out, log, PDF_CHANGES_UNKNOWN, "an object in use cannot be read, or is of another generation", err);
    }
    if (log->dangling && log->lost > section->depth) {
        return at_once(out, log, PDF_CHANGES_UNKNOWN,
                       "an object to which nothing leads was replaced, and something leads to one that is free", err);
    }
    const struct step *step = &log->steps[section->depth + 1];
    out->items = log->items == NULL ? NULL : log->items + step->first;
    out->n = log->n_items - step->first;
    return diff_judge(out, log, &log->policies[sig - file->signatures], step, err);
}
