/* The inside of a draft, shared by draft.c and draft_edits.c. */
#ifndef XML_DRAFT_IMPL_H
#define XML_DRAFT_IMPL_H

#include <xml/doc.h>
#include <xml/draft_text.h>
#include <xml/encode.h>

#define DRAFT_EDITS (XML_SIGN_REFS + 2)     /* an Id for each target; the Signature, in two pieces where it envelops */

struct draft_edit {                         /* what stands between cut and resume gives way to new bytes */
    uint64_t cut, resume;
    size_t from, len;                       /* of draft.encoded */
};
struct draft_added { const char *element, *id; };

struct xml_draft {
    struct source *source;                  /* the document; of enveloped base64, its bytes as such */
    struct source *joined, *result;         /* the document, with blanks, and as it is signed */
    const struct crypto *crypto;
    struct xml_opts opts;
    struct arena arena;
    enum xml_packaging packaging;
    bool manifest;
    struct countersigned countersigned;
    struct place place;
    enum xml_encoding encoding;
    struct draft_text text;
    struct build encoded;                   /* what is inserted */
    struct draft_edit edits[DRAFT_EDITS]; size_t n_edits;
    struct draft_added added[XML_SIGN_REFS]; size_t n_added;
    struct build tbs;
    size_t value_len;
};

/* What is cut into must stand in the document's own bytes, and not come out of an entity. Moves the place's cut to where it is. */
int draft_check_bytes(struct xml_draft *draft, sign_err *err);
/* The document with all that is inserted, as the text is now. */
int draft_join(struct source **out, struct xml_draft *draft, sign_err *err);

#endif
