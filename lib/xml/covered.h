/* What the signatures that a document holds already cover: a Signature inserted into that would break them. */
#ifndef XML_COVERED_H
#define XML_COVERED_H

#include <xml/place.h>

struct covered_ref {
    size_t at, len;         /* of its URI */
    uint64_t offset;
    uint64_t owner;         /* start of the Signature that it stands in */
    bool filtered;          /* by an XPath, which may leave other signatures out */
    bool enveloped;         /* it leaves its own Signature out */
};
struct covered {                        /* the zero value is ready */
    struct build uris;
    struct covered_ref *refs; size_t n, cap;
};
/* Feeds a start tag that stands in the ds:Signature that begins at owner, and in no other inside of that. */
int covered_start(struct covered *c, const struct xml_event *event, uint64_t owner, sign_err *err);
/*
 * FORBIDDEN when one covers the document, or an element with one of these Ids. around: the Signatures that the place
 * lies in. content: more is added than a Signature, which no filter leaves out.
 */
int covered_check(const struct covered *c, const struct id_list *ids, const struct sig_list *around, bool content,
                  sign_err *err);
void covered_free(struct covered *c);

#endif
