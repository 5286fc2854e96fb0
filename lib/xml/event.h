/*
 * Events: what a document is made of once Expat has read it, with the bytes each took. Everything in an event is
 * borrowed and valid during the call alone. One producer over bytes (xml/parse.c), one over small trees (xml/tree.c).
 */
#ifndef XML_EVENT_H
#define XML_EVENT_H

#include <base/bytes.h>
#include <base/watch.h>
#include <io/source.h>

enum xml_kind { XML_START, XML_END, XML_TEXT, XML_COMMENT, XML_PI };

struct xml_name { sign_bytes uri, local, prefix; };        /* uri, prefix empty where there is none */
struct xml_attr { struct xml_name name; sign_bytes value; };   /* value normalised (XML 1.0 3.3.3)  */
struct xml_ns { sign_bytes prefix, uri; };                 /* a declaration; uri empty: undeclared  */

struct xml_event {
    enum xml_kind kind;
    struct xml_name name;                                  /* START, END; PI: target in local       */
    const struct xml_attr *attrs; size_t n_attrs;          /* START, in document order              */
    const struct xml_ns *ns; size_t n_ns;                  /* START: declared on this element       */
    sign_bytes text;                                       /* TEXT, COMMENT, PI data; UTF-8, line ends normalised */
    size_t depth;                                          /* of the element, or of the parent; the root is 1, outside it 0 */
    uint64_t start, end;                                   /* bytes of this tag or text in the input */
};
typedef int (*xml_event_fn)(void *payload, const struct xml_event *event, sign_err *err);

struct xml_opts {
    bool allow_doctype;
    bool no_shortcuts;      /* for tests, which hold every shortcut against the full path */
};
/* The whole of a source, strictly: FORMAT (offset, clause) for what is not well-formed, DOCTYPE, a version but 1.0, a BOM that
 * contradicts the declaration, relative namespace URIs. LIMIT, TIMEOUT, CANCELLED, IO, NOMEM, and what the handler returns. */
int xml_parse(struct source *source, const struct xml_opts *opts, xml_event_fn handler, void *payload, struct watch *watch,
              sign_err *err);

#endif
