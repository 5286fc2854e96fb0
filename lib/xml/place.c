/* The reading that finds where a Signature goes. */
#include <base/cleanup.h>
#include <base/err.h>
#include <stdlib.h>
#include <xml/names.h>
#include <xml/place_base.h>
#include <xml/place_impl.h>

static void locate_free(struct locate **l)
{
    if (*l) {
        covered_free(&(*l)->covered);
        scope_free(&(*l)->scope);
        build_free(&(*l)->open_text);
        free(*l);
    }
}

/* --- Ids ---------------------------------------------------------------------------------------------------------- */

/* The names that pass.c knows. */
static bool is_id(const struct xml_name *name)
{
    if (name->uri.len) {
        return name_in_xml(name) && bytes_are(name->local, "id");
    }
    return bytes_are(name->local, "Id") || bytes_are(name->local, "ID") || bytes_are(name->local, "id");
}

static void see_id(struct locate *l, const struct xml_event *event, sign_bytes value)
{
    for (size_t i = 0; i < COUNT(l->ids); i++) {
        struct wanted_id *id = &l->ids[i];
        if (id->id.len == 0 || !bytes_equal(id->id, value) || (id->depth && id->start == event->start)) {
            continue;
        }
        if (id->count++ == 0) {
            id->start = event->start;
            id->depth = event->depth;
        } else if (id->count == 2) {
            id->second = event->start;
        }
    }
}

static int see_ids(struct locate *l, const struct xml_event *event, sign_err *err)
{
    for (size_t i = 0; i < event->n_attrs; i++) {
        sign_bytes value = event->attrs[i].value;
        if (!is_id(&event->attrs[i].name) || value.len == 0 || l->n_open == COUNT(l->open)) {
            continue;
        }
        see_id(l, event, value);
        l->open[l->n_open++] = (struct open_id){ event->depth, l->open_text.len, value.len };
        build_bytes(&l->open_text, value);
    }
    return build_check(&l->open_text, err, "Ids of the open elements");
}

static void drop_ids(struct locate *l, const struct xml_event *event)
{
    while (l->n_open && l->open[l->n_open - 1].depth == event->depth) {
        build_truncate(&l->open_text, l->open[--l->n_open].at);
    }
    for (size_t i = 0; i < COUNT(l->ids); i++) {
        if (l->ids[i].depth == event->depth) {
            l->ids[i].depth = 0;
            l->ids[i].end = event->end;
        }
    }
}

static bool keep_ids(struct locate *l, struct path_hit *hit)
{
    for (size_t i = 0; i < l->n_open; i++) {
        struct id_list *entry = ARENA_NEW(l->arena, struct id_list);
        if (!entry) {
            return false;
        }
        sign_bytes id = bytes_of(l->open_text.ptr + l->open[i].at, l->open[i].len);
        *entry = (struct id_list){ arena_bytes(l->arena, id), hit->ids };
        if (!entry->id.ptr) {
            return false;
        }
        hit->ids = entry;
    }
    for (size_t i = 0; i < l->n_sigs; i++) {
        struct sig_list *entry = ARENA_NEW(l->arena, struct sig_list);
        if (!entry) {
            return false;
        }
        *entry = (struct sig_list){ l->sigs[i].start, hit->around };
        hit->around = entry;
    }
    return true;
}

/* --- what a place inherits ---------------------------------------------------------------------------------------- */

static void put_value(struct build *out, sign_bytes value)
{
    build_str(out, "=\"");
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.ptr[i];
        if (c < ' ' || c == '&' || c == '<' || c == '"') {
            build_fmt(out, "&#%u;", c);
        } else {
            build_byte(out, c);
        }
    }
    build_byte(out, '"');
}

struct context_text {
    struct build text;
    size_t depth;
};

/* One open element with something to inherit, as a start tag; a name it needs none. */
static int put_context(void *payload, const struct xml_event *event, sign_err *err)
{
    struct context_text *context = payload;
    struct build *out = &context->text;
    build_str(out, "<a");
    for (size_t i = 0; i < event->n_ns; i++) {
        build_str(out, event->ns[i].prefix.len ? " xmlns:" : " xmlns");
        build_bytes(out, event->ns[i].prefix);
        put_value(out, event->ns[i].uri);
    }
    for (size_t i = 0; i < event->n_attrs; i++) {
        build_str(out, " xml:");
        build_bytes(out, event->attrs[i].name.local);
        put_value(out, event->attrs[i].value);
    }
    build_byte(out, '>');
    context->depth++;
    return build_check(out, err, "what the place of a signature inherits");
}

static void context_free(struct context_text *context)
{
    build_free(&context->text);
}

static int keep_context(struct locate *l, struct path_hit *hit, sign_err *err)
{
    CLEANUP(context_free) struct context_text context = { 0 };
    int rc = scope_replay(&l->scope, put_context, &context, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    hit->context = arena_str(l->arena, build_view(&context.text));
    hit->context_depth = context.depth;
    return hit->context && keep_ids(l, hit) ? SIGN_OK : err_nomem(err);
}

/* --- events ------------------------------------------------------------------------------------------------------- */

static bool is_named(const struct xml_name *name, const char *written)
{
    if (name->uri.len) {
        return name_in_xml(name) && strcmp(written, "xml:id") == 0 && bytes_are(name->local, "id");
    }
    return bytes_are(name->local, written);
}

static int keep_hit(struct locate *l, const struct finder *f, struct path_hit *hit, const struct xml_event *event,
                    sign_err *err)
{
    const struct xml_name *name = &event->name;
    const char *written = arena_fmt(l->arena, "%.*s%s%.*s", (int)name->prefix.len, (const char *)name->prefix.ptr,
                                    name->prefix.len ? ":" : "", (int)name->local.len, (const char *)name->local.ptr);
    if (!written) {
        return err_nomem(err);
    }
    *hit = (struct path_hit){
        .name = bytes_str(written), .start = event->start, .tag_end = event->end, .in_signature = l->sig_depth > 0
    };
    hit->behind = f->wants_context && l->spec->after_place && !l->countersigned;
    hit->in_signature = hit->in_signature && !(hit->behind && l->sig_depth == event->depth);
    for (size_t i = 0; f->wants_id && i < event->n_attrs && !hit->id.len; i++) {
        const struct xml_attr *attr = &event->attrs[i];
        if ((f->id_attr ? is_named(&attr->name, f->id_attr) : is_id(&attr->name)) && attr->value.len) {
            hit->id = arena_bytes(l->arena, attr->value);
            if (!hit->id.ptr) {
                return err_nomem(err);
            }
        }
    }
    if (f->wants_context) {
        return keep_context(l, hit, err);
    }
    return !f->wants_ids || keep_ids(l, hit) ? SIGN_OK : err_nomem(err);
}

/* What a counter-signature goes into was found in the tree of its Signature: here it is met again. */
static int keep_inside(struct locate *l, const struct xml_event *event, sign_err *err)
{
    if (!l->countersigned || event->start != l->countersigned->place || l->n_inside++ > 0) {
        return SIGN_OK;
    }
    l->inside_depth = event->depth;
    return keep_hit(l, &l->places[0], &l->inside, event, err);
}

static void end_hit(const struct locate *l, struct path_hit *hit, const struct xml_event *event)
{
    hit->end_start = event->start;
    hit->end = event->end;
    hit->signatures = l->signatures;
}

static int start_finders(struct locate *l, struct finder *finders, size_t n, const struct xml_event *event,
                         sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        struct path_hit *hit;
        if (finder_start(&finders[i], event, &hit) && hit) {
            rc = keep_hit(l, &finders[i], hit, event, err);
        }
    }
    return rc;
}

static void end_finders(struct locate *l, struct finder *finders, size_t n, const struct xml_event *event)
{
    for (size_t i = 0; i < n; i++) {
        struct path_hit *hit = finder_end(&finders[i], event);
        if (hit) {
            end_hit(l, hit, event);
        }
    }
}

static void end_inside(struct locate *l, const struct xml_event *event)
{
    if (l->inside_depth == event->depth) {
        l->inside_depth = 0;
        end_hit(l, &l->inside, event);
    }
}

static int on_start(struct locate *l, const struct xml_event *event, sign_err *err)
{
    if (name_is_signature(&event->name)) {
        if (++l->signatures == LIMIT_XML_SIGS) {
            return err_set(err, SIGN_E_LIMIT, event->start, NULL, "a document with %d signatures: no more can be added",
                           LIMIT_XML_SIGS);
        }
        l->sig_depth = l->sig_depth ? l->sig_depth : event->depth;
        if (l->n_sigs < COUNT(l->sigs)) {
            l->sigs[l->n_sigs].depth = event->depth;
            l->sigs[l->n_sigs++].start = event->start;
        }
    }
    int rc = l->n_sigs ? covered_start(&l->covered, event, l->sigs[l->n_sigs - 1].start, err) : SIGN_OK;
    /* Behind an element holds what its parent hands down, and nothing of what it says itself. */
    if (rc == SIGN_OK && l->spec->after_place) {
        rc = start_finders(l, l->places, l->n_bases, event, err);
    }
    if (rc == SIGN_OK && (event->n_ns || event->n_attrs)) {
        rc = scope_push(&l->scope, event, err);
    }
    if (rc == SIGN_OK) {
        rc = see_ids(l, event, err);
    }
    if (rc == SIGN_OK && !l->spec->after_place) {
        rc = start_finders(l, l->places, l->n_bases, event, err);
    }
    if (rc == SIGN_OK) {
        rc = keep_inside(l, event, err);
    }
    return rc == SIGN_OK ? start_finders(l, l->paths, l->n_bases * l->spec->n_refs, event, err) : rc;
}

static int on_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct locate *l = payload;
    if (event->kind == XML_START) {
        return on_start(l, event, err);
    }
    if (event->kind == XML_END) {
        end_finders(l, l->places, l->n_bases, event);
        end_finders(l, l->paths, l->n_bases * l->spec->n_refs, event);
        drop_ids(l, event);
        scope_pop(&l->scope, event->depth);
        end_inside(l, event);
        l->sig_depth = l->sig_depth == event->depth ? 0 : l->sig_depth;
        l->n_sigs -= l->n_sigs && l->sigs[l->n_sigs - 1].depth == event->depth;
    }
    return SIGN_OK;
}

/* --- what to look for --------------------------------------------------------------------------------------------- */

static int set_path(struct finder *f, const char *base, const char *path, sign_err *err)
{
    int rc = base ? path_steps_add(&f->path, base, err) : SIGN_OK;
    return rc == SIGN_OK && path ? path_steps_add(&f->path, path, err) : rc;
}

static int set_place(struct locate *l, size_t b, sign_err *err)
{
    const struct xml_sign_spec *spec = l->spec;
    const char *base = spec->n_bases ? spec->bases[b] : NULL;
    l->places[b].wants_context = true;
    int rc = set_path(&l->places[b], base, NULL, err);
    l->base_steps[b] = l->places[b].path.n;
    if (rc == SIGN_OK && (spec->place || !base)) {
        rc = set_path(&l->places[b], NULL, spec->place ? spec->place : "/*", err);
    }
    for (size_t r = 0; rc == SIGN_OK && r < spec->n_refs; r++) {
        struct finder *f = &l->paths[r * l->n_bases + b];
        if (spec->refs[r].target == XML_TARGET_PATH) {
            f->wants_id = true;
            f->id_attr = spec->refs[r].id_attr;
            f->wants_ids = spec->add_ids;
            rc = set_path(f, base, spec->refs[r].value, err);
        }
    }
    return rc;
}

/* All that is looked for lies in the one base that was chosen. */
static void pin(struct locate *l, uint64_t at)
{
    for (size_t b = 0; at != NO_BASE && b < l->n_bases; b++) {
        l->places[b].pinned = l->base_steps[b];
        l->places[b].pin = at;
        for (size_t r = 0; r < l->spec->n_refs; r++) {
            l->paths[r * l->n_bases + b].pinned = l->base_steps[b];
            l->paths[r * l->n_bases + b].pin = at;
        }
    }
}

static int locate_new(struct locate **out, struct arena *arena, const struct xml_sign_spec *spec, sign_err *err)
{
    CLEANUP(locate_free) struct locate *l = calloc(1, sizeof *l);
    if (!l) {
        return err_nomem(err);
    }
    l->arena = arena;
    l->spec = spec;
    l->n_bases = spec->n_bases ? spec->n_bases : 1;
    l->places = arena_array(arena, l->n_bases, sizeof *l->places);
    l->paths = arena_array(arena, l->n_bases * spec->n_refs, sizeof *l->paths);
    if (!l->places || !l->paths) {
        return err_nomem(err);
    }
    int rc = SIGN_OK;
    for (size_t b = 0; rc == SIGN_OK && b < l->n_bases; b++) {
        rc = set_place(l, b, err);
    }
    for (size_t r = 0; r < spec->n_refs; r++) {
        if (spec->refs[r].target == XML_TARGET_ID) {
            l->ids[r].id = bytes_str(spec->refs[r].value);
        }
    }
    l->ids[XML_SIGN_REFS].id = spec->id ? bytes_str(spec->id) : (sign_bytes){ 0 };
    l->ids[XML_SIGN_REFS + 1].id = spec->properties_id ? bytes_str(spec->properties_id) : (sign_bytes){ 0 };
    if (rc == SIGN_OK) {
        *out = l;
        l = NULL;
    }
    return rc;
}

int place_find(struct place *out, struct arena *arena, struct source *source, const struct xml_sign_spec *spec,
               const struct countersigned *countersigned, const struct xml_opts *opts, struct watch *watch, sign_err *err)
{
    CLEANUP(locate_free) struct locate *l = NULL;
    uint64_t base = NO_BASE;
    *out = (struct place){ 0 };
    int rc = spec->base ? place_base_find(&base, source, spec, opts, watch, err) : SIGN_OK;
    if (rc == SIGN_OK) {
        rc = locate_new(&l, arena, spec, err);
    }
    if (rc == SIGN_OK) {
        l->countersigned = countersigned;
        pin(l, base);
        rc = xml_parse(source, opts, on_event, l, watch, err);
    }
    if (rc == SIGN_OK) {
        rc = place_choose(out, l, err);
    }
    /* The candidates are listed by a reading of their own: who has one invoice needs none. */
    return rc == SIGN_E_AMBIGUOUS && l->n_found_bases > 1 ? place_base_find(&base, source, spec, opts, watch, err) : rc;
}
