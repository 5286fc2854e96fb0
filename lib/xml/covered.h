/* What the signatures that a document holds already cover: a Signature inserted into that would break them. */
#ifndef XML_COVERED_H
#define XML_COVERED_H

#include <xml/place.h>

struct covered_ref {
    size_t at, len;         /* of its URI */
    uint64_t offset;
    bool filtered;          /* by an XPath, which may leave other signatures out */
};
struct covered {                        /* the zero value is ready */
    struct build uris;
    struct covered_ref *refs; size_t n, cap;
};
/* Feeds a start tag that stands in a ds:Signature. */
int covered_start(struct covered *c, const struct xml_event *event, sign_err *err);
/* FORBIDDEN when one covers the document, or an element with one of these Ids. */
int covered_check(const struct covered *c, const struct id_list *ids, sign_err *err);
void covered_free(struct covered *c);

#endif
