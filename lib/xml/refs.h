/* What the references of a document want (or are guessed to want: guess.h), found and digested in one reading. */
#ifndef XML_REFS_H
#define XML_REFS_H

#include <xml/doc.h>
#include <xml/stream.h>
#include <xml/walk.h>

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
    size_t sigs_before, sigs_after, sigs_around;    /* signatures begun before it, and before its end; open around it */
};
struct refs {
    struct xml_doc *doc;
    struct watch *watch;
    struct wanted whole;                /* the document          */
    struct wanted *wanted; size_t n;    /* by value, sorted      */
    /* the reading */
    struct walk *walk;                  /* kept by whoever gives the events */
    struct source *source;              /* a guess: what it was made of; else NULL */
    struct wanted *open_elements[LIMIT_XML_DEPTH + 1][4]; /* those whose first carrier is open, by depth */
    struct stream *active[LIMIT_XML_STREAMS]; size_t n_active;
    size_t n_taps;                          /* of the active streams: how often each byte is digested */
};

/* bind.c: what the references of a signature, judged, say of its own parts. */
void sig_bind(const struct xml_doc *doc, struct sig_state *state);
/* The Signatures that a reference of signature `number` leaves out. */
static inline size_t refs_omit(const struct ref_plan *plan, const struct xml_ref *ref, size_t number)
{
    return plan->all_signatures ? ALL_SIGNATURES : ref->enveloped ? number : NO_SIGNATURE;
}
/* plan.c: sorts what all references want into r, each canonical form and each digest once. */
int refs_plan(struct refs *r, sign_err *err);
struct wanted *refs_find(struct refs *r, sign_bytes id);
void refs_sort(struct refs *r);
/* The stream of an element, and the tap of a stream, found or added. */
int refs_stream(struct refs *r, struct wanted *wanted, const struct c14n_spec *spec, struct stream **out,
                sign_err *err);
int refs_tap(struct refs *r, struct stream *stream, size_t omit, const struct digest_alg *digest, struct tap **out,
             sign_err *err);
/*
 * pass.c: the reading itself. Or event by event: refs_start between walk_enter and walk_inside, refs_end before
 * walk_leave, refs_finish at the end of the document, refs_drop where it did not come to that.
 */
int refs_begin(struct refs *r, sign_err *err);
int refs_start(struct refs *r, const struct xml_event *event, bool is_signature, sign_err *err);
int refs_end(struct refs *r, const struct xml_event *event, bool closes, sign_err *err);
int refs_other(struct refs *r, const struct xml_event *event, sign_err *err);
int refs_finish(struct refs *r, sign_err *err);
void refs_drop(struct refs *r);
int refs_pass(struct refs *r, sign_err *err);

#endif
