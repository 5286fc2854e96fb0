/*
 * The canonicalizer: events in, canonical bytes out. The only one, whoever feeds it: a whole document, an element
 * chosen by a filter, or the small tree of a SignedInfo.
 */
#ifndef XML_C14N_H
#define XML_C14N_H

#include <xml/event.h>

enum c14n_method { C14N_NONE = 0, C14N_10, C14N_11, C14N_EXCLUSIVE };
struct c14n_spec {
    enum c14n_method method;
    bool comments;
    const sign_bytes *inclusive; size_t n_inclusive;   /* exclusive: InclusiveNamespaces PrefixList, "" for #default */
};
/* The closed list of Algorithm URIs (XMLDSig 1.1 6.5); false: unknown. */
bool c14n_by_uri(sign_bytes uri, struct c14n_spec *out);
const char *c14n_uri(enum c14n_method method, bool comments);

typedef int (*c14n_write_fn)(void *payload, sign_bytes bytes, sign_err *err);
struct c14n;
int c14n_new(struct c14n **out, const struct c14n_spec *spec, c14n_write_fn write, void *payload, sign_err *err);
/*
 * Feeds one event. emit false: the event is outside the node set, and only its namespaces and xml: attributes are kept
 * track of (the ancestors of a chosen element, C14N 1.0 2.4). Text may come in any number of pieces. The node sets are
 * subtrees with subtrees left out: what stands below an element that is left out is left out too. spec is copied.
 */
int c14n_event(struct c14n *c, const struct xml_event *event, bool emit, sign_err *err);
int c14n_flush(struct c14n *c, sign_err *err);        /* hands on all bytes of the events so far */
int c14n_end(struct c14n *c, sign_err *err);          /* the end: flushes */
void c14n_free(struct c14n **c);

#endif
