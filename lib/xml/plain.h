/*
 * The shortcut past Expat for plain content: tags without attributes and text without references, in UTF-8, which is
 * most of a large document. What is skipped is balanced, so the document that Expat sees instead is well-formed exactly
 * where the whole one is; whatever is not plain, or not right, is left to Expat, byte for byte.
 */
#ifndef XML_PLAIN_H
#define XML_PLAIN_H

#include <base/limits.h>
#include <xml/scope.h>

struct parser;
struct plain {
    bool on;                        /* UTF-8, and no DOCTYPE whose defaults could reach a tag */
    bool at_tag;                    /* Expat told of a tag last: behind it, content begins    */
    struct scope scope;             /* the namespaces that Expat told of                      */
    struct xml_name open[LIMIT_XML_DEPTH + 1]; size_t n_open;   /* begun by plain_run; names in the window */
};

/* Events for as much of the bytes as is plain, from where Expat stands; returns how many. Errors are in p->rc. */
size_t plain_run(struct parser *p, sign_bytes bytes);
/* Whether Expat has told of everything it was fed, and stands in content. */
bool plain_ready(const struct parser *p);
/* Keeps up with the declarations of a start tag from Expat. */
void plain_scope(struct plain *plain, const struct xml_event *start);

#endif
