/* The reading of the second pass: events to every canonical form that is being made. */
#include <base/err.h>
#include <xml/names.h>
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
        int rc = stream_start(s, r->doc->crypto, depth, &r->scope, r->open, r->n_open, err);
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

/* xml:id 4: its value is normalized as one of type ID. */
static sign_bytes id_value(const struct xml_attr *attr)
{
    sign_bytes value = attr->value;
    if (!name_in_xml(&attr->name)) return value;
    while (value.len && value.ptr[0] == ' ') value = bytes_slice(value, 1, value.len);
    while (value.len && value.ptr[value.len - 1] == ' ') value.len--;
    return value;
}

static int found(struct refs *r, struct wanted *wanted, const struct xml_event *event, size_t *n_here, sign_err *err)
{
    if (wanted->serial == r->serial) return SIGN_OK; /* one element, the value in two of its attributes */
    if (wanted->count++ > 0) return SIGN_OK;
    CLEANUP(build_free) struct build path = { 0 };
    path_print(&path, &r->path);
    wanted->path = path.failed ? NULL : arena_str(&r->doc->arena, build_view(&path));
    if (!wanted->path) return err_nomem(err);
    wanted->serial = r->serial;
    wanted->offset = event->start;
    wanted->depth = event->depth;
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

static int on_start(struct refs *r, const struct xml_event *event, sign_err *err)
{
    r->serial++;
    int rc = path_enter(&r->path, &event->name, err);
    if (rc == SIGN_OK && event->n_attrs && r->n) {
        rc = look_for_ids(r, event, err);
    } else {
        r->open_elements[event->depth][0] = NULL;
    }
    if (rc == SIGN_OK && name_is_signature(&event->name)) {
        size_t number = r->n_sigs++;
        r->open[r->n_open++] = number;
        for (size_t i = 0; rc == SIGN_OK && i < r->n_active; i++) {
            rc = stream_signature_starts(r->active[i], number, event->depth, err);
        }
    }
    if (rc == SIGN_OK) rc = to_active(r, event, err);
    if (rc == SIGN_OK && (event->n_ns || event->n_attrs)) rc = scope_push(&r->scope, event, err);
    return rc;
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

static int on_end(struct refs *r, const struct xml_event *event, sign_err *err)
{
    int rc = to_active(r, event, err);
    if (rc == SIGN_OK && r->n_open && name_is_signature(&event->name)) {
        size_t number = r->open[--r->n_open];
        for (size_t i = 0; rc == SIGN_OK && i < r->n_active; i++) rc = stream_signature_ends(r->active[i], number, err);
    }
    /* Streams were begun from the outside in, so those of this element are the last. */
    if (rc == SIGN_OK) rc = end_streams(r, event->depth, err);
    struct wanted **here = r->open_elements[event->depth];
    for (size_t i = 0; i < COUNT(r->open_elements[0]) && here[i]; i++) here[i]->length = event->end - here[i]->offset;
    path_leave(&r->path);
    scope_pop(&r->scope, event->depth);
    return rc;
}

static int on_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct refs *r = payload;
    switch (event->kind) {
    case XML_START:
        return on_start(r, event, err);
    case XML_END:
        return on_end(r, event, err);
    case XML_TEXT:
    case XML_COMMENT:
    case XML_PI:
        break;
    }
    return to_active(r, event, err);
}

int refs_pass(struct refs *r, sign_err *err)
{
    int rc = activate(r, &r->whole, 0, err);
    if (rc == SIGN_OK) rc = xml_parse(r->doc->source, &r->doc->opts, on_event, r, r->watch, err);
    if (rc == SIGN_OK) rc = end_streams(r, 0, err);
    while (r->n_active) stream_drop(r->active[--r->n_active]);
    if (rc == SIGN_OK && r->n_sigs != r->doc->n) {
        rc = err_set(err, SIGN_E_IO, SIGN_NO_OFFSET, NULL, "%s changed while it was read", source_name(r->doc->source));
    }
    return rc;
}
