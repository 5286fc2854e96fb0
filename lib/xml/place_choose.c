/* What the reading found: one place and its targets, or a refusal that names what stands against it. */
#include <base/cleanup.h>
#include <base/err.h>
#include <xml/place_impl.h>

static int ambiguous(const struct finder *f, const char *what, const char *path, sign_err *err)
{
    CLEANUP(build_free) struct build list = { 0 };
    finder_list(&list, f);
    return err_set(err, SIGN_E_AMBIGUOUS, f->at[0], NULL,
                   "%s %.60s: %zu elements fit, at bytes %.*s: give [n] to choose", what, path ? path : "(the root)",
                   finder_count(f), (int)list.len, (const char *)list.ptr);
}

/* The one base that the document has. */
static int choose_base(struct locate *l, size_t *out, sign_err *err)
{
    size_t n = 0;
    uint64_t at = SIGN_NO_OFFSET;
    for (size_t b = 0; l->spec->n_bases && b < l->n_bases; b++) {
        const struct finder *f = &l->places[b];
        if (f->found[l->base_steps[b] - 1]) {
            n += f->found[l->base_steps[b] - 1];
            at = f->hits[l->base_steps[b] - 1].start;
            *out = b;
        }
    }
    l->n_found_bases = n;
    if (l->spec->n_bases == 0 || n == 1) {
        return SIGN_OK;
    }
    if (n == 0) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL, "no element %.60s%s in this document",
                       l->spec->bases[0], l->n_bases > 1 ? " (or at its other places)" : "");
    }
    return err_set(err, SIGN_E_AMBIGUOUS, at, NULL, "%zu elements %.60s: expected one", n, l->spec->bases[0]);
}

static int cannot_create(const struct locate *l, const struct finder *f, size_t have, sign_err *err)
{
    const char *place = l->spec->place ? l->spec->place : l->spec->bases[0];
    if (have == 0) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL,
                       "place %.100s: the document's root is another element", place);
    }
    sign_bytes name = f->path.steps[have].name;
    return err_set(err, SIGN_E_NOTFOUND, f->hits[have - 1].start, NULL,
                   "place %.80s: no element %.*s in that at this byte", place, (int)bytes_slice(name, 0, 60).len,
                   (const char *)name.ptr);
}

static bool is_creatable(const struct path_steps *path, size_t from)
{
    for (size_t i = from; i < path->n; i++) {
        if (bytes_are(path->steps[i].name, "*") || path->steps[i].index > 1) {
            return false;
        }
    }
    return true;
}

/* The element that receives the Signature, or the containers around it. */
static int choose_place(struct place *out, const struct locate *l, const struct finder *f, const struct path_hit **hit,
                        sign_err *err)
{
    size_t have = f->path.n;
    while (have > 0 && f->found[have - 1] == 0) {
        have--;
    }
    if (have < f->path.n && (have == 0 || !l->spec->create_place || !is_creatable(&f->path, have))) {
        return cannot_create(l, f, have, err);
    }
    if (have < f->path.n && f->found[have - 1] > 1) {
        return err_set(err, SIGN_E_AMBIGUOUS, f->hits[have - 1].start, NULL,
                       "place %.80s: %zu elements could hold what is to be created: give [n] to choose", l->spec->place,
                       f->found[have - 1]);
    }
    if (finder_count(f) > 1) {
        return ambiguous(f, "place", l->spec->place, err);
    }
    *hit = &f->hits[have - 1];
    if (l->spec->after_place && f->path.n == 1) {
        return err_set(err, SIGN_E_FORBIDDEN, (*hit)->end, "XML 1.0 2.1", "no element can follow the root");
    }
    out->n_missing = f->path.n - have;
    out->missing = f->path.steps + have;
    return SIGN_OK;
}

static void set_cut(struct place *out, const struct path_hit *hit, const struct locate *l)
{
    out->after = l->spec->after_place;
    out->start = hit->start;
    /* Of an empty-element tag Expat tells the end with no bytes of its own, behind the tag. */
    out->opened = !out->after && hit->end == hit->end_start;
    out->cut = out->resume = out->after ? hit->end : hit->end_start;
    out->name = hit->name;
    out->context = hit->context;
    out->context_depth = hit->context_depth;
    out->number = hit->signatures;
    out->total = l->signatures;
}

static int target_id(struct place_target *out, const struct wanted_id *id, const struct path_hit *hit, sign_err *err)
{
    if (id->count == 0) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, "XMLDSig 4.4.3.2",
                       "no element carries '%.80s' as its Id, ID, id or xml:id", (const char *)id->id.ptr);
    }
    if (id->count > 1) {
        return err_set(err, SIGN_E_AMBIGUOUS, id->second, "XML 1.0 3.3.1",
                       "%zu elements carry '%.80s' as their Id; the second begins at this byte, the first at %llu",
                       id->count, (const char *)id->id.ptr, (unsigned long long)id->start);
    }
    out->id = id->id;
    out->holds_place = id->start <= hit->start && hit->end <= id->end && !(hit->behind && id->start == hit->start);
    return SIGN_OK;
}

static int target_path(struct place_target *out, const struct locate *l, const struct finder *f, const struct xml_ref_spec *ref,
                       const struct path_hit *hit, sign_err *err)
{
    if (finder_count(f) == 0) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL, "no element %.100s to be signed", ref->value);
    }
    if (finder_count(f) > 1) {
        return ambiguous(f, "element", ref->value, err);
    }
    const struct path_hit *target = &f->hits[f->path.n - 1];
    out->id = target->id;
    if (target->id.len == 0) {
        out->id_attr = f->id_attr ? f->id_attr : "Id";
        out->needs_id = true;
        out->start = target->start;
        out->name = target->name;
    }
    out->holds_place = target->start <= hit->start && hit->end <= target->end &&
                       !(hit->behind && target->start == hit->start);
    if (!out->needs_id) {
        return SIGN_OK;
    }
    if (!l->spec->add_ids) {
        return err_set(err, SIGN_E_NOTFOUND, target->start, "XMLDSig 4.4.3.2",
                       "element %.80s is to be signed but has no attribute %.20s to refer to it by: ask for one to be added",
                       ref->value, out->id_attr);
    }
    if (target->in_signature) {
        return err_set(err, SIGN_E_FORBIDDEN, target->start, "XMLDSig 4.2",
                       "element %.80s, which has no Id, stands in a Signature that is there", ref->value);
    }
    return covered_check(&l->covered, target->ids, NULL, true, err);
}

static int target_value(struct place_target *out, const struct locate *l, sign_err *err)
{
    const struct countersigned *to = l->countersigned;
    out->id = to->value_id;
    if (out->id.len) {
        return SIGN_OK;
    }
    if (!l->spec->add_ids) {
        return err_set(err, SIGN_E_NOTFOUND, to->value, "EN 319 132-1 5.2.7",
                       "the SignatureValue to be counter-signed has no Id to refer to it by: ask for one to be added");
    }
    out->id_attr = "Id";
    out->needs_id = true;
    out->start = to->value;
    out->name = to->value_name;
    return SIGN_OK;
}

/* One reference is enough; and where an Id is missing, two would each bring one. */
static int check_twice(const struct place *place, size_t r, sign_err *err)
{
    const struct place_target *target = &place->targets[r];
    for (size_t i = 0; i < r; i++) {
        const struct place_target *other = &place->targets[i];
        bool same = target->needs_id ? other->needs_id && other->start == target->start
                                     : target->id.len && bytes_equal(target->id, other->id);
        if (same) {
            return err_set(err, SIGN_E_AMBIGUOUS, SIGN_NO_OFFSET, NULL, "one element is to be signed twice: reference %zu and %zu",
                           i + 1, r + 1);
        }
    }
    return SIGN_OK;
}

static int choose_targets(struct place *out, const struct locate *l, size_t base, const struct path_hit *hit,
                          sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t r = 0; rc == SIGN_OK && r < l->spec->n_refs; r++) {
        const struct xml_ref_spec *ref = &l->spec->refs[r];
        switch (ref->target) {
        case XML_TARGET_DOCUMENT:
            out->targets[r].holds_place = true;
            break;
        case XML_TARGET_ID:
            rc = target_id(&out->targets[r], &l->ids[r], hit, err);
            break;
        case XML_TARGET_PATH:
            rc = target_path(&out->targets[r], l, &l->paths[r * l->n_bases + base], ref, hit, err);
            break;
        case XML_TARGET_VALUE:
            rc = target_value(&out->targets[r], l, err);
            break;
        case XML_TARGET_OBJECT:
        case XML_TARGET_CONTENT:
            break;
        }
        if (rc == SIGN_OK) {
            rc = check_twice(out, r, err);
        }
    }
    return rc;
}

/* An entity may bring the same bytes in twice. */
static int choose_inside(const struct locate *l, const struct path_hit **hit, sign_err *err)
{
    *hit = &l->inside;
    return l->n_inside == 1 ? SIGN_OK
                            : err_set(err, SIGN_E_UNSUPPORTED, l->countersigned->place, "XML 1.0 4.4",
                                      "the signature to be counter-signed does not stand in the document's own bytes");
}

/*
 * The root, put into an Object. What it declares comes along; but signatures in it that cover the whole document, or
 * inherit namespaces (C14N 1.0 2.4), would cover something else from then on.
 */
static int choose_root(struct place *out, const struct locate *l, sign_err *err)
{
    const struct path_hit *root = &l->places[0].hits[0];
    if (l->signatures) {
        return err_set(err, SIGN_E_FORBIDDEN, root->start, "XMLDSig 4.5",
                       "the document holds signatures, which putting it into another could break: envelop it as base64");
    }
    out->cut = out->resume = out->start = root->start;
    out->wrapped = root->end;
    out->name = root->name;
    out->context = "";
    return SIGN_OK;
}

int place_choose(struct place *out, struct locate *l, sign_err *err)
{
    size_t base = 0;
    const struct path_hit *hit = NULL;
    if (l->spec->packaging == XML_ENVELOPING) {
        return choose_root(out, l, err);
    }
    int rc = l->countersigned ? choose_inside(l, &hit, err) : choose_base(l, &base, err);
    if (rc == SIGN_OK && !l->countersigned) {
        rc = choose_place(out, l, &l->places[base], &hit, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    if (hit->in_signature && !l->countersigned) {
        return err_set(err, SIGN_E_FORBIDDEN, hit->start, "XMLDSig 4.2", "the place lies in a Signature that is there");
    }
    if (l->ids[XML_SIGN_REFS].count) {
        return err_set(err, SIGN_E_AMBIGUOUS, l->ids[XML_SIGN_REFS].start, "XML 1.0 3.3.1",
                       "an element carries '%.80s' already, which the Signature is to have as its Id", l->spec->id);
    }
    if (l->ids[XML_SIGN_REFS + 1].count) {
        return err_set(err, SIGN_E_AMBIGUOUS, l->ids[XML_SIGN_REFS + 1].start, "XML 1.0 3.3.1",
                       "an element carries '%.80s' already, which the properties are to have as their Id",
                       l->spec->properties_id);
    }
    set_cut(out, hit, l);
    rc = covered_check(&l->covered, hit->ids, l->countersigned ? hit->around : NULL, out->n_missing > 0, err);
    return rc == SIGN_OK ? choose_targets(out, l, base, hit, err) : rc;
}
