/* The first pass: every ds:Signature, wherever it stands, with its place and its small tree. */
#include <base/array.h>
#include <base/err.h>
#include <base/limits.h>
#include <stdlib.h>
#include <xml/doc.h>
#include <xml/names.h>
#include <xml/path.h>

struct scan {
    struct xml_doc *doc;
    struct scope scope;
    struct path path;
    struct tree_builder trees;
    uint64_t serial;                        /* elements begun */
    size_t open[LIMIT_XML_DEPTH + 1];       /* signatures that are open: their numbers */
    size_t n_open;
};

static char *path_text(struct scan *s)
{
    CLEANUP(build_free) struct build text = { 0 };
    path_print(&text, &s->path);
    return text.failed ? NULL : arena_str(&s->doc->arena, build_view(&text));
}

static int signature_starts(struct scan *s, const struct xml_event *event, const struct xml_node *node, sign_err *err)
{
    struct xml_doc *doc = s->doc;
    int rc = array_grow((void **)&doc->states, &doc->cap, doc->n + 1, sizeof *doc->states, LIMIT_XML_SIGS, "signatures",
                        err);
    if (rc != SIGN_OK) return rc;
    struct sig_state *state = &doc->states[doc->n];
    *state = (struct sig_state){ .node = node, .sig.offset = event->start, .sig.path = path_text(s) };
    if (!state->sig.path) return err_nomem(err);
    s->open[s->n_open++] = doc->n++;
    return SIGN_OK;
}

static void signature_ends(struct scan *s, const struct xml_event *event)
{
    struct xml_sig *sig = &s->doc->states[s->open[--s->n_open]].sig;
    sig->length = event->end - sig->offset;
}

static int on_start(struct scan *s, const struct xml_event *event, sign_err *err)
{
    struct xml_node *started, *ended;
    s->serial++;
    int rc = path_enter(&s->path, &event->name, err);
    if (rc == SIGN_OK) rc = tree_event(&s->trees, event, s->serial, &s->scope, &started, &ended, err);
    if (rc == SIGN_OK && started) rc = signature_starts(s, event, started, err);
    if (rc == SIGN_OK && (event->n_ns || event->n_attrs)) rc = scope_push(&s->scope, event, err);
    return rc;
}

static int on_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct scan *s = payload;
    struct xml_node *started, *ended;
    if (event->kind == XML_START) return on_start(s, event, err);
    int rc = s->trees.current ? tree_event(&s->trees, event, 0, &s->scope, &started, &ended, err) : SIGN_OK;
    if (rc != SIGN_OK || event->kind != XML_END) return rc;
    if (s->n_open && name_is_signature(&event->name)) signature_ends(s, event);
    path_leave(&s->path);
    scope_pop(&s->scope, event->depth);
    return SIGN_OK;
}

static void scan_free(struct scan **s)
{
    if (!*s) return;
    scope_free(&(*s)->scope);
    path_free(&(*s)->path);
    tree_builder_free(&(*s)->trees);
    free(*s);
}

int doc_scan(struct xml_doc *doc, struct watch *watch, sign_err *err)
{
    CLEANUP(scan_free) struct scan *s = calloc(1, sizeof *s);
    if (!s) return err_nomem(err);
    s->doc = doc;
    s->trees.arena = &doc->arena;
    return xml_parse(doc->source, &doc->opts, on_event, s, watch, err);
}
