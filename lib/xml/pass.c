/* The reading of the second pass: events to every canonical form that is being made. */
#include <base/cleanup.h>
#include <base/err.h>
#include <xml/refs.h>

static int activate(struct refs *r, struct wanted *wanted, size_t depth, sign_err *err)
{
    for (struct stream *s = wanted->streams; s; s = s->next) {
        if (r->n_active == LIMIT_XML_STREAMS) {
            return err_set(err, SIGN_E_LIMIT, wanted->offset, NULL, "more than %d canonical forms to be made at once",
                           LIMIT_XML_STREAMS);
        }
        r->active[r->n_active++] = s;
        r->n_taps += s->n_taps;
        int rc = stream_start(s, r->doc->crypto, depth, &r->walk->scope, r->walk->open, r->walk->n_open, err);
        if (rc != SIGN_OK) return rc;
    }
    return SIGN_OK;
}

/* --- Ids ---------------------------------------------------------------------------------------------------------- */

/* Without a DTD nothing says which attribute is an ID; these are the names in use (and xml:id). */
static bool is_id(const struct xml_name *name)
{
    if (name->local.len != 2) return false;
    bool lower = memcmp(name->local.ptr, "id", 2) == 0;
    if (name->uri.len) return lower && name_in_xml(name);
    return lower || memcmp(name->local.ptr, "Id", 2) == 0 || memcmp(name->local.ptr, "ID", 2) == 0;
}

static int found(struct refs *r, struct wanted *wanted, const struct xml_event *event, size_t *n_here, sign_err *err)
{
    if (wanted->serial == r->walk->serial) return SIGN_OK; /* one element, the value in two of its attributes */
    if (wanted->count++ > 0) return SIGN_OK;
    CLEANUP(build_free) struct build path = { 0 };
    path_print(&path, &r->walk->path);
    wanted->path = path.failed ? NULL : arena_str(&r->doc->arena, build_view(&path));
    if (!wanted->path) return err_nomem(err);
    wanted->serial = r->walk->serial;
    wanted->offset = event->start;
    wanted->depth = event->depth;
    wanted->sigs_before = r->walk->n_sigs;
    wanted->sigs_around = r->walk->n_open;
    r->open_elements[event->depth][(*n_here)++] = wanted;
    return activate(r, wanted, event->depth, err);
}

static int look_for_ids(struct refs *r, const struct xml_event *event, sign_err *err)
{
    size_t n_here = 0;
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < event->n_attrs; i++) {
        struct wanted *wanted = is_id(&event->attrs[i].name) ? refs_find(r, id_value(&event->attrs[i])) : NULL;
        if (wanted) rc = found(r, wanted, event, &n_here, err);
    }
    if (n_here < COUNT(r->open_elements[0])) r->open_elements[event->depth][n_here] = NULL;
    return rc;
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static int to_active(struct refs *r, const struct xml_event *event, sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < r->n_active; i++) rc = stream_event(r->active[i], event, err);
    /* One digest is paid for by the bytes that were read. */
    if (rc == SIGN_OK && r->n_taps > 1) rc = watch_poll(r->watch, (r->n_taps - 1) * (event->end - event->start), err);
    return rc;
}

static int signature_starts(struct refs *r, size_t depth, sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < r->n_active; i++) {
        struct stream *s = r->active[i];
        r->n_taps -= s->n_taps;
        rc = stream_signature_starts(s, &r->doc->arena, r->walk->n_sigs, depth, err);
        r->n_taps += s->n_taps;
    }
    return rc;
}

int refs_start(struct refs *r, const struct xml_event *event, bool is_signature, sign_err *err)
{
    int rc = SIGN_OK;
    if (event->n_attrs && r->n) {
        rc = look_for_ids(r, event, err);
    } else {
        r->open_elements[event->depth][0] = NULL;
    }
    if (rc == SIGN_OK && is_signature) rc = signature_starts(r, event->depth, err);
    return rc == SIGN_OK ? to_active(r, event, err) : rc;
}

static int end_streams(struct refs *r, size_t depth, sign_err *err)
{
    int rc = SIGN_OK;
    while (rc == SIGN_OK && r->n_active && r->active[r->n_active - 1]->depth == depth) {
        struct stream *s = r->active[--r->n_active];
        r->n_taps -= s->n_taps;
        rc = stream_end(s, err);
    }
    return rc;
}

int refs_end(struct refs *r, const struct xml_event *event, bool closes, sign_err *err)
{
    int rc = to_active(r, event, err);
    for (size_t i = 0; closes && rc == SIGN_OK && i < r->n_active; i++) {
        rc = stream_signature_ends(r->active[i], r->walk->open[r->walk->n_open - 1], err);
    }
    /* Streams were begun from the outside in, so those of this element are the last. */
    if (rc == SIGN_OK) rc = end_streams(r, event->depth, err);
    struct wanted **here = r->open_elements[event->depth];
    for (size_t i = 0; i < COUNT(r->open_elements[0]) && here[i]; i++) {
        here[i]->length = event->end - here[i]->offset;
        here[i]->sigs_after = r->walk->n_sigs;
    }
    return rc;
}

int refs_other(struct refs *r, const struct xml_event *event, sign_err *err)
{
    return to_active(r, event, err);
}

int refs_begin(struct refs *r, sign_err *err)
{
    return activate(r, &r->whole, 0, err);
}

int refs_finish(struct refs *r, sign_err *err)
{
    return end_streams(r, 0, err);
}

void refs_drop(struct refs *r)
{
    while (r->n_active) stream_drop(r->active[--r->n_active]);
}

/* --- a reading of its own ----------------------------------------------------------------------------------------- */

static int on_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct refs *r = payload;
    if (event->kind == XML_START) {
        bool is_signature = name_is_signature(&event->name);
        int rc = walk_enter(r->walk, event, err);
        if (rc == SIGN_OK) rc = refs_start(r, event, is_signature, err);
        return rc == SIGN_OK ? walk_inside(r->walk, event, is_signature, err) : rc;
    }
    if (event->kind != XML_END) return refs_other(r, event, err);
    bool closes = walk_closes(r->walk, event);
    int rc = refs_end(r, event, closes, err);
    walk_leave(r->walk, event, closes);
    return rc;
}

int refs_pass(struct refs *r, sign_err *err)
{
    CLEANUP(walk_free) struct walk walk = { 0 };
    r->walk = &walk;
    r->doc->readings++;
    int rc = refs_begin(r, err);
    if (rc == SIGN_OK) rc = xml_parse(r->doc->source, &r->doc->opts, on_event, r, r->watch, err);
    if (rc == SIGN_OK) rc = refs_finish(r, err);
    refs_drop(r);
    r->walk = NULL;
    if (rc == SIGN_OK && walk.n_sigs != r->doc->n) {
        rc = err_set(err, SIGN_E_IO, SIGN_NO_OFFSET, NULL, "%s changed while it was read", source_name(r->doc->source));
    }
    return rc;
}
