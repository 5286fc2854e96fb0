/* Where a reading of the document stands: what the open elements declare, their path, and which signatures are open. */
#ifndef XML_WALK_H
#define XML_WALK_H

#include <xml/names.h>
#include <xml/path.h>
#include <xml/scope.h>

struct walk {                               /* the zero value is the beginning */
    struct scope scope;
    struct path path;
    uint64_t serial;                        /* elements begun */
    size_t n_sigs;                          /* signatures begun */
    size_t open[LIMIT_XML_DEPTH + 1];       /* those that are open: their numbers */
    size_t n_open;
};

/* A start tag in two steps: in between, the scope and the open signatures are those around the element. */
static inline int walk_enter(struct walk *w, const struct xml_event *start, sign_err *err)
{
    w->serial++;
    return path_enter(&w->path, &start->name, err);
}
static inline int walk_inside(struct walk *w, const struct xml_event *start, bool is_signature, sign_err *err)
{
    if (is_signature) w->open[w->n_open++] = w->n_sigs++;
    return start->n_ns || start->n_attrs ? scope_push(&w->scope, start, err) : SIGN_OK;
}
/* Does this end tag end the innermost open signature? Its number is open[n_open - 1] until walk_leave. */
static inline bool walk_closes(const struct walk *w, const struct xml_event *end)
{
    return w->n_open && name_is_signature(&end->name);
}
static inline void walk_leave(struct walk *w, const struct xml_event *end, bool closes)
{
    w->n_open -= closes;
    path_leave(&w->path);
    scope_pop(&w->scope, end->depth);
}
static inline void walk_free(struct walk *w)
{
    scope_free(&w->scope);
    path_free(&w->path);
}

#endif
