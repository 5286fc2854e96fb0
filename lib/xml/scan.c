/* The first pass: every ds:Signature, wherever it stands, with its place and its small tree; and what is guessed to be signed. */
#include <base/array.h>
#include <base/err.h>
#include <base/limits.h>
#include <stdlib.h>
#include <xml/guess.h>

struct scan {
    struct xml_doc *doc;
    struct walk walk;
    struct tree_builder trees;
};

static char *path_text(struct scan *s)
{
    CLEANUP(build_free) struct build text = { 0 };
    path_print(&text, &s->walk.path);
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
    doc->n++;
    return SIGN_OK;
}

static int on_start(struct scan *s, const struct xml_event *event, sign_err *err)
{
    struct xml_node *started, *ended;
    int rc = walk_enter(&s->walk, event, err);
    if (rc == SIGN_OK) rc = tree_event(&s->trees, event, s->walk.serial, &s->walk.scope, &started, &ended, err);
    if (rc == SIGN_OK && started) rc = signature_starts(s, event, started, err);
    if (rc != SIGN_OK) return rc;
    guess_start(s->doc, event, started != NULL);
    return walk_inside(&s->walk, event, started != NULL, err);
}

static int on_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct scan *s = payload;
    struct xml_node *started, *ended;
    if (event->kind == XML_START) return on_start(s, event, err);
    int rc = s->trees.current ? tree_event(&s->trees, event, 0, &s->walk.scope, &started, &ended, err) : SIGN_OK;
    if (rc != SIGN_OK) return rc;
    if (event->kind != XML_END) {
        guess_other(s->doc, event);
        return SIGN_OK;
    }
    bool closes = walk_closes(&s->walk, event);
    if (closes) {
        struct xml_sig *sig = &s->doc->states[s->walk.open[s->walk.n_open - 1]].sig;
        sig->length = event->end - sig->offset;
    }
    guess_end(s->doc, event, closes);
    walk_leave(&s->walk, event, closes);
    return SIGN_OK;
}

static void scan_free(struct scan **s)
{
    if (!*s) return;
    walk_free(&(*s)->walk);
    tree_builder_free(&(*s)->trees);
    free(*s);
}

int doc_scan(struct xml_doc *doc, struct watch *watch, sign_err *err)
{
    CLEANUP(scan_free) struct scan *s = calloc(1, sizeof *s);
    if (!s) return err_nomem(err);
    s->doc = doc;
    s->trees.arena = &doc->arena;
    if (!doc->opts.no_shortcuts) doc->guess = guess_new(doc, &s->walk, watch);
    guess_begins(doc);
    doc->readings++;
    int rc = xml_parse(doc->source, &doc->opts, on_event, s, watch, err);
    guess_ends(doc);
    return rc;
}
