/*
 * The small tree of one outermost ds:Signature, cut out of the stream; signatures nested in it are parts of the same
 * tree. What a ds:Object carries beside signatures, properties and manifests is left out: it is signed, not read, and
 * may be large.
 */
#ifndef XML_TREE_H
#define XML_TREE_H

#include <base/arena.h>
#include <base/limits.h>
#include <xml/scope.h>

struct xml_node {
    struct xml_event event;             /* START (with its attributes), TEXT, COMMENT or PI; all of it in the arena */
    uint64_t end;                       /* element: end of its end tag      */
    uint64_t serial;                    /* element: n-th of the document    */
    struct xml_node *parent, *first, *last, *next;
    const struct tree_context *context; /* of a tree's root; NULL: nothing is inherited */
};
/* What the root inherits: the START event of an ancestor that declares anything, and what that one inherits. */
struct tree_context {
    struct xml_event event;
    const struct tree_context *outer;
};

struct tree_builder {                   /* the zero value, with an arena, is ready */
    struct arena *arena;
    struct xml_node *current;           /* NULL: outside of every Signature  */
    size_t skip;                        /* depth of the element that is left out; 0: none */
    struct tree_pause *paused;          /* trees around the element left out in which this one was found */
    size_t arena_start;
    struct build text;
    /* The contexts made last, the outermost first: trees share what their ancestors have in common. */
    struct tree_level {
        uint64_t serial;                /* of the scope's last entry there */
        const struct tree_context *context;
    } levels[LIMIT_XML_DEPTH];
    size_t n_levels;
};

/*
 * Feeds an event. scope: that of the parent for a START. *started is the node of a ds:Signature that begins with this
 * event, *ended that of one that ends; NULL otherwise. LIMIT where one tree grows past LIMIT_XML_SIGTREE.
 */
int tree_event(struct tree_builder *b, const struct xml_event *event, uint64_t serial, const struct scope *scope,
               struct xml_node **started, struct xml_node **ended, sign_err *err);
void tree_builder_free(struct tree_builder *b);

/*
 * Gives the subtree of node to handler as events; before that, with each(…, inherited) true, the START events of all
 * that it inherits from.
 */
typedef int (*tree_event_fn)(void *payload, const struct xml_event *event, bool inherited, sign_err *err);
int tree_replay(const struct xml_node *node, tree_event_fn each, void *payload, sign_err *err);

#endif
