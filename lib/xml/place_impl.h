/* The state of one search for a place, shared by place.c and place_choose.c. */
#ifndef XML_PLACE_IMPL_H
#define XML_PLACE_IMPL_H

#include <xml/covered.h>
#include <xml/place.h>
#include <xml/scope.h>

struct open_id { size_t depth, at, len; };

struct wanted_id {                      /* an Id that is looked for */
    sign_bytes id;
    size_t count, depth;                /* depth of the first that carries it, while it is open; else 0 */
    uint64_t start, end, second;
};

struct locate {
    struct arena *arena;
    const struct xml_sign_spec *spec;
    struct finder *places; size_t n_bases;      /* one for each base                      */
    size_t base_steps[XML_SIGN_BASES];
    size_t n_found_bases;                       /* place_choose: elements that fit one of them */
    struct finder *paths;                       /* PATH references: n_bases for each, one behind the other */
    struct wanted_id ids[XML_SIGN_REFS + 2];    /* of the references; then our own: of the Signature, of its properties */
    const struct countersigned *countersigned;
    struct path_hit inside; size_t inside_depth, n_inside;      /* the element that a counter-signature goes into */
    struct covered covered;
    struct scope scope;
    struct open_id open[4 * LIMIT_XML_DEPTH]; size_t n_open;   /* Id, ID, id and xml:id of the open elements */
    struct build open_text;
    size_t sig_depth;                           /* of the outermost ds:Signature that is open; 0: none */
    struct { size_t depth; uint64_t start; } sigs[LIMIT_XML_DEPTH]; size_t n_sigs;     /* all that are open */
    uint64_t signatures;
};

/* Makes of what was found one place, or says what stands against it. */
int place_choose(struct place *out, struct locate *l, sign_err *err);

#endif
