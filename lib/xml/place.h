/*
 * Where a Signature goes and what it is to cover, found in one reading of the document as it is. Everything found lives
 * in the arena that was given. Paths are like those of path.h with two leniencies, since people write them: a step
 * without a prefix means any prefix, and one without [n] means the only element that fits.
 */
#ifndef XML_PLACE_H
#define XML_PLACE_H

#include <base/arena.h>
#include <base/limits.h>
#include <xml/countersign.h>

struct path_step {
    sign_bytes name;                    /* as written: "HDon" or "p:HDon"; "*" is any element */
    sign_bytes prefix, local;           /* prefix empty: any */
    uint32_t index;                     /* among the siblings that fit; 0: not given */
};
struct path_steps { struct path_step steps[LIMIT_XML_STEPS]; size_t n; };
/* Appends the steps of "/a/b[2]" or "a/b", borrowed. ARG, LIMIT. */
int path_steps_add(struct path_steps *path, const char *text, sign_err *err);

/* The element at one step of a path, the first that fits. */
struct path_hit {
    sign_bytes name;                    /* as written */
    uint64_t start, tag_end;            /* of its start tag */
    uint64_t end_start, end;            /* of its end tag; equal where it is an empty-element tag */
    sign_bytes id;                      /* finder.id_attr's value; empty: it has none */
    const char *context;                /* finder.wants_context: see struct place */
    size_t context_depth;
    const struct id_list *ids;          /* finder.wants_context, wants_ids: Ids of it and its ancestors */
    const struct sig_list *around;      /* the same: the Signatures that it stands in */
    bool behind;                        /* what matters is the place behind it */
    bool in_signature;                  /* it is, or stands in, a ds:Signature */
    uint64_t signatures;                /* ds:Signature elements begun before its end */
};
struct id_list { sign_bytes id; const struct id_list *next; };
struct sig_list { uint64_t start; const struct sig_list *next; };

#define FINDER_ALSO 4
struct finder {                         /* follows one path along a stream */
    struct path_steps path;
    const char *id_attr;                /* the element's Id is kept, which stands under this name; NULL: under any */
    bool wants_id, wants_context, wants_ids;    /* the Id; context and ids; ids alone are kept */
    size_t pinned; uint64_t pin;        /* the one element that fits the first `pinned` steps; 0: whatever fits */
    size_t level;                       /* steps that the open elements fit */
    uint32_t seen[LIMIT_XML_STEPS];     /* siblings that fit a step so far  */
    size_t found[LIMIT_XML_STEPS];      /* elements that fit the path up to a step */
    uint64_t at[FINDER_ALSO];           /* offsets of the first that fit all of it */
    struct path_hit hits[LIMIT_XML_STEPS];
};
/*
 * Does this start tag take the path a step on? Then *hit is the step's, to be filled where it is the first; NULL
 * otherwise.
 */
bool finder_start(struct finder *f, const struct xml_event *event, struct path_hit **hit);
/* The hit whose element ends here; NULL: none, or one that is not the first. */
struct path_hit *finder_end(struct finder *f, const struct xml_event *event);
/* How many elements fit the whole path, and their offsets for a message. */
static inline size_t finder_count(const struct finder *f) { return f->found[f->path.n - 1]; }
void finder_list(struct build *out, const struct finder *f);

struct place_target {
    sign_bytes id;                      /* of the element; empty for the document and our own Object */
    bool holds_place;                   /* so the signature lies within what it signs */
    bool needs_id;                      /* it has none: one is to be added to the start tag of `name` at `start` */
    uint64_t start; sign_bytes name;
    const char *id_attr;
};
struct place {
    uint64_t cut, resume;               /* the document is kept up to cut, and from resume on */
    bool after;                         /* behind the end tag of an element that begins at start */
    uint64_t start;
    bool opened;                        /* an empty-element tag, name: its "/>" lies between cut and resume */
    sign_bytes name;                    /* of the element, as written */
    const struct path_step *missing; size_t n_missing;      /* containers to be created */
    const char *context;                /* start tags with all that the place inherits; context_depth of them, named "a" */
    size_t context_depth;
    uint64_t wrapped;                   /* enveloping: end of the root, which begins at cut; else 0 */
    uint64_t number, total;             /* Signature elements before the place, and in all */
    struct place_target targets[XML_SIGN_REFS];
};
/*
 * NOTFOUND, AMBIGUOUS, FORBIDDEN (a signature that is there covers the place: inserting would break it), FORMAT, and
 * what xml_parse returns. countersigned: what is counter-signed; NULL: nothing is.
 */
int place_find(struct place *out, struct arena *arena, struct source *source, const struct xml_sign_spec *spec,
               const struct countersigned *countersigned, const struct xml_opts *opts, struct watch *watch, sign_err *err);

#endif
