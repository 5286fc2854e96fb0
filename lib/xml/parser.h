/* The state of one reading, shared by parse.c, plain.c and doctype.c. */
#ifndef XML_PARSER_H
#define XML_PARSER_H

#include <base/cleanup.h>
#include <xml/event.h>
#include <xml/memory.h>
#include <xml/plain.h>

/* No XML character (XML 1.0 2.2), so it stands in no URI and no name. */
#define PARSER_SEPARATOR '\x01'

struct parser {
    XML_Parser expat;
    struct xml_memory memory;
    xml_event_fn handler;
    void *payload;
    sign_err *err;
    int rc;                                 /* what a handler failed with; sticky: Expat calls a few more after a stop */
    bool allow_doctype, in_doctype, utf8_bom;
    size_t depth;
    size_t n_entities, n_defaults;          /* entities declared, attributes that the DTD added */
    uint64_t fed, seen;                     /* bytes of the document that were read; end of the last token told of */
    uint64_t equals;                        /* "=" in what was read behind `seen` */
    uint64_t given;                         /* bytes that Expat was given: fewer, where plain content was skipped */
    uint64_t ahead;                         /* a byte's place in the document, less its place in what Expat saw */
    bool muted;                             /* Expat is told of tags that were events already */
    int64_t credit;                         /* bytes that plain content may still cost before it has to save any */
    struct plain plain;
    struct xml_attr *attrs; size_t cap_attrs;
    struct xml_ns *ns; size_t n_ns, cap_ns; /* of the start tag that comes next */
};

int parser_fail(struct parser *p, int rc);          /* stops Expat; rc */
uint64_t parser_here(struct parser *p);             /* byte where the token of this handler begins */
void parser_watch_doctype(struct parser *p);        /* sets the handlers of doctype.c */
/* Counts what a start tag with n attributes got from the DTD; LIMIT. */
int parser_defaults(struct parser *p, size_t n);

#endif
