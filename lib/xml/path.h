/*
 * Where an element stands, followed along a stream: "/HDon/DSCKS/NBan/ds:Signature[2]". A step is the name as written
 * in the document, and [n] where it is the n-th child of its parent with that name and n is not 1. Where a parent has
 * children of more than PATH_NAMES different names, a later one is "*[n]", its n-th child element: memory stays
 * bounded, the path exact.
 */
#ifndef XML_PATH_H
#define XML_PATH_H

#include <base/build.h>
#include <base/limits.h>
#include <xml/event.h>

#define PATH_NAMES 32

struct path_name;                   /* a name among the children of an open element, and how often it came */
struct path_frame {
    size_t names, text;             /* where its children's names begin            */
    size_t own;                     /* its own name among its parent's; SIZE_MAX: none */
    size_t hint;                    /* the child name to be compared first         */
    uint64_t children;
};
struct path {                       /* the zero value is the path of nothing */
    struct path_frame frames[LIMIT_XML_DEPTH + 1];     /* [0]: the document */
    size_t depth;
    struct path_name *names; size_t n_names, cap_names;
    struct build text;
};

int path_enter(struct path *p, const struct xml_name *name, sign_err *err);
void path_leave(struct path *p);
void path_print(struct build *out, const struct path *p);
/* Is this the path of the element that is open now? Cheap where it is not. */
bool path_is(const struct path *p, sign_bytes text);
void path_free(struct path *p);

#endif
