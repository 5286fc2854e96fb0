#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <stdlib.h>
#include <xml/names.h>
#include <xml/tree.h>

struct tree_pause {
    struct tree_pause *below;
    struct xml_node *current;
    size_t skip, arena_start;
};

static bool copy_bytes(struct arena *arena, sign_bytes *bytes)
{
    if (bytes->len == 0) {
        *bytes = (sign_bytes){ 0 };
        return true;
    }
    *bytes = arena_bytes(arena, *bytes);
    return bytes->ptr != NULL;
}

/* Most names of a Signature are of one namespace; its URI is kept once. */
static bool copy_name(struct arena *arena, struct xml_name *name)
{
    bool is_dsig = bytes_are(name->uri, NS_DSIG);
    if (is_dsig) name->uri = BYTES_LIT(NS_DSIG);
    return (is_dsig || copy_bytes(arena, &name->uri)) && copy_bytes(arena, &name->local) &&
           copy_bytes(arena, &name->prefix);
}

static int copy_event(struct arena *arena, struct xml_event *to, const struct xml_event *from, sign_err *err)
{
    *to = *from;
    struct xml_attr *attrs = from->n_attrs ? arena_array(arena, from->n_attrs, sizeof *attrs) : NULL;
    struct xml_ns *ns = from->n_ns ? arena_array(arena, from->n_ns, sizeof *ns) : NULL;
    bool ok =
        copy_name(arena, &to->name) && copy_bytes(arena, &to->text) && (attrs || !from->n_attrs) && (ns || !from->n_ns);
    for (size_t i = 0; ok && i < from->n_attrs; i++) {
        attrs[i] = from->attrs[i];
        ok = copy_name(arena, &attrs[i].name) && copy_bytes(arena, &attrs[i].value);
    }
    for (size_t i = 0; ok && i < from->n_ns; i++) {
        ns[i] = from->ns[i];
        ok = copy_bytes(arena, &ns[i].prefix) && copy_bytes(arena, &ns[i].uri);
    }
    to->attrs = attrs;
    to->ns = ns;
    return ok ? SIGN_OK : err_nomem(err);
}

/* --- context ------------------------------------------------------------------------------------------------------ */

struct capture {
    struct arena *arena;
    struct xml_event *event;
};

static int capture_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct capture *c = payload;
    return copy_event(c->arena, c->event, event, err);
}

static int make_level(struct tree_builder *b, const struct scope *scope, size_t from, struct tree_level *level,
                      const struct tree_context *outer, sign_err *err)
{
    struct tree_context *context = ARENA_NEW(b->arena, struct tree_context);
    if (!context) return err_nomem(err);
    int rc = scope_tell(scope, from, capture_event, &(struct capture){ b->arena, &context->event }, err);
    if (rc != SIGN_OK) return rc;
    context->outer = outer;
    level->serial = scope->entries[scope_level(scope, from) - 1].serial;
    level->context = context;
    return SIGN_OK;
}

/* A serial names its entry and all entries below, so a level that has the serial of the last time is the same. */
static int make_context(struct tree_builder *b, const struct scope *scope, const struct tree_context **out,
                        sign_err *err)
{
    size_t n = 0;
    *out = NULL;
    for (size_t from = 0, to; from < scope->n && n < LIMIT_XML_DEPTH; from = to, n++) {
        struct tree_level *level = &b->levels[n];
        to = scope_level(scope, from);
        if (n >= b->n_levels || level->serial != scope->entries[to - 1].serial) {
            int rc = make_level(b, scope, from, level, *out, err);
            if (rc != SIGN_OK) return rc;
            b->n_levels = n + 1;
        }
        *out = level->context;
    }
    return SIGN_OK;
}

/* --- growing ------------------------------------------------------------------------------------------------------ */

static int add_node(struct tree_builder *b, const struct xml_event *event, struct xml_node **out, sign_err *err)
{
    struct xml_node *node = ARENA_NEW(b->arena, struct xml_node);
    int rc = node ? copy_event(b->arena, &node->event, event, err) : err_nomem(err);
    if (rc != SIGN_OK) return rc;
    if (b->arena->used - b->arena_start > LIMIT_XML_SIGTREE) {
        return err_set(err, SIGN_E_LIMIT, event->start, NULL, "reading XML: a Signature element of more than %zu bytes",
                       LIMIT_XML_SIGTREE);
    }
    node->parent = b->current;
    node->end = event->end;
    if (b->current) {
        *(b->current->last ? &b->current->last->next : &b->current->first) = node;
        b->current->last = node;
    }
    *out = node;
    return SIGN_OK;
}

/* Pieces of text that nothing stands between are one node. */
static int end_text(struct tree_builder *b, sign_err *err)
{
    if (b->text.len == 0 || !b->current) return SIGN_OK;
    int rc = build_check(&b->text, err, "text of a Signature");
    struct xml_event text = { .kind = XML_TEXT, .text = build_view(&b->text), .depth = b->current->event.depth };
    struct xml_node *node;
    if (rc == SIGN_OK) rc = add_node(b, &text, &node, err);
    build_truncate(&b->text, 0);
    return rc;
}

static bool is_object(const struct xml_node *node)
{
    return node && name_is_dsig(&node->event.name, "Object") && node->parent &&
           name_is_signature(&node->parent->event.name);
}

static bool is_left_out(const struct tree_builder *b, const struct xml_event *start)
{
    return is_object(b->current) && !name_is_signature(&start->name) && !name_is_dsig(&start->name, "Manifest") &&
           !bytes_are(start->name.local, "SignatureProperties") &&
           !bytes_are(start->name.local, "QualifyingProperties");
}

/* A tree of its own, whatever is open around it. */
static int begin_tree(struct tree_builder *b, const struct scope *scope, const struct tree_context **context,
                      sign_err *err)
{
    if (b->current) {
        struct tree_pause *pause = ARENA_NEW(b->arena, struct tree_pause);
        if (!pause) return err_nomem(err);
        *pause = (struct tree_pause){ b->paused, b->current, b->skip, b->arena_start };
        b->paused = pause;
        b->current = NULL;
        b->skip = 0;
    }
    b->arena_start = b->arena->used;
    b->text.max = LIMIT_XML_SIGTREE;
    return make_context(b, scope, context, err);
}

static void end_tree(struct tree_builder *b)
{
    struct tree_pause *pause = b->paused;
    b->current = NULL;
    if (!pause) return;
    size_t grown = b->arena->used - b->arena_start;
    b->current = pause->current;
    b->skip = pause->skip;
    b->arena_start = pause->arena_start + grown; /* what the inner tree took is not the outer one's */
    b->paused = pause->below;
}

static int on_start(struct tree_builder *b, const struct xml_event *event, uint64_t serial, const struct scope *scope,
                    struct xml_node **started, sign_err *err)
{
    bool is_signature = name_is_signature(&event->name);
    bool is_root = is_signature && (!b->current || b->skip);
    const struct tree_context *context = NULL;
    int rc = SIGN_OK;
    if (is_root) {
        rc = begin_tree(b, scope, &context, err);
    } else if (!b->current || b->skip) {
        return SIGN_OK;
    } else {
        rc = end_text(b, err);
        if (rc == SIGN_OK && is_left_out(b, event)) {
            b->skip = event->depth;
            return SIGN_OK;
        }
    }
    struct xml_node *node = NULL;
    if (rc == SIGN_OK) rc = add_node(b, event, &node, err);
    if (rc != SIGN_OK) return rc;
    node->serial = serial;
    node->context = context;
    b->current = node;
    *started = is_signature ? node : NULL;
    return SIGN_OK;
}

static int on_end(struct tree_builder *b, const struct xml_event *event, struct xml_node **ended, sign_err *err)
{
    if (b->skip) {
        if (event->depth == b->skip) b->skip = 0;
        return SIGN_OK;
    }
    int rc = end_text(b, err);
    struct xml_node *node = b->current;
    if (!node || rc != SIGN_OK) return rc;
    node->end = event->end;
    *ended = name_is_signature(&node->event.name) ? node : NULL;
    b->current = node->parent;
    if (!b->current) end_tree(b);
    return SIGN_OK;
}

int tree_event(struct tree_builder *b, const struct xml_event *event, uint64_t serial, const struct scope *scope,
               struct xml_node **started, struct xml_node **ended, sign_err *err)
{
    *started = *ended = NULL;
    if (event->kind == XML_START) return on_start(b, event, serial, scope, started, err);
    if (!b->current) return SIGN_OK;
    if (event->kind == XML_END) return on_end(b, event, ended, err);
    if (b->skip || is_object(b->current)) return SIGN_OK;
    if (event->kind == XML_TEXT) {
        build_bytes(&b->text, event->text);
        return build_check(&b->text, err, "text of a Signature");
    }
    struct xml_node *node;
    int rc = end_text(b, err);
    return rc == SIGN_OK ? add_node(b, event, &node, err) : rc;
}

void tree_builder_free(struct tree_builder *b)
{
    build_free(&b->text);
}

/* --- replaying ---------------------------------------------------------------------------------------------------- */

/* From the outermost on; neither chain is longer than elements are nested. */
static int replay_ancestors(const struct xml_node *node, tree_event_fn each, void *payload, sign_err *err)
{
    const struct xml_event *chain[2 * LIMIT_XML_DEPTH];
    const struct tree_context *context = NULL;
    size_t n = 0;
    for (const struct xml_node *at = node; at && n < LIMIT_XML_DEPTH; at = at->parent) {
        if (at != node) chain[n++] = &at->event;
        context = at->context;
    }
    for (; context && n < COUNT(chain); context = context->outer) chain[n++] = &context->event;
    int rc = SIGN_OK;
    while (rc == SIGN_OK && n-- > 0) rc = each(payload, chain[n], true, err);
    return rc;
}

int tree_replay(const struct xml_node *node, tree_event_fn each, void *payload, sign_err *err)
{
    int rc = replay_ancestors(node, each, payload, err);
    const struct xml_node *at = node;
    while (rc == SIGN_OK) {
        rc = each(payload, &at->event, false, err);
        if (at->event.kind == XML_START && at->first) {
            at = at->first;
            continue;
        }
        /* Up and on: every element that has no next child ends here. */
        for (;;) {
            if (at->event.kind == XML_START && rc == SIGN_OK) {
                struct xml_event end = { .kind = XML_END, .name = at->event.name, .depth = at->event.depth };
                rc = each(payload, &end, false, err);
            }
            if (at == node || at->next || rc != SIGN_OK) break;
            at = at->parent;
        }
        if (at == node || rc != SIGN_OK) break;
        at = at->next;
    }
    return rc;
}
