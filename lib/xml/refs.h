/* The second pass: what the references of a document want, found and digested in one reading. */
#ifndef XML_REFS_H
#define XML_REFS_H

#include <xml/doc.h>
#include <xml/path.h>
#include <xml/stream.h>

/* A value that some Reference names as an Id, or (id.ptr NULL) the document itself. */
struct wanted {
    sign_bytes id;
    const char *id_text;                /* NUL-terminated         */
    struct stream *streams;
    size_t count;                       /* elements that carry it */
    uint64_t serial;                    /* of the first of them   */
    const char *path;
    uint64_t offset, length;
    size_t depth;
};
struct refs {
    struct xml_doc *doc;
    struct watch *watch;
    struct wanted whole;                /* the document          */
    struct wanted *wanted; size_t n;    /* by value, sorted      */
    /* the reading */
    struct scope scope;
    struct path path;
    uint64_t serial;
    size_t n_sigs;                      /* Signature elements begun */
    size_t open[LIMIT_XML_DEPTH + 1]; size_t n_open;
    struct wanted *open_elements[LIMIT_XML_DEPTH + 1][4]; /* those whose first carrier is open, by depth */
    struct stream *active[LIMIT_XML_STREAMS]; size_t n_active;
    size_t n_taps;                          /* of the active streams: how often each byte is digested */
};

/* plan.c: sorts what all references want into r, each canonical form and each digest once. */
int refs_plan(struct refs *r, sign_err *err);
struct wanted *refs_find(struct refs *r, sign_bytes id);
/* pass.c: the reading itself. */
int refs_pass(struct refs *r, sign_err *err);

#endif
