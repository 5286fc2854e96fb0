/* A document that was read: its signatures with what digesting needs to know of each. For the files of this room. */
#ifndef XML_DOC_H
#define XML_DOC_H

#include <base/cleanup.h>
#include <xml/signature.h>
#include <xml/tree.h>

enum target_kind { TARGET_NONE, TARGET_DOCUMENT, TARGET_ID };

/* What a Reference asks for, once its URI and transforms have been read and are all on the closed lists. */
struct ref_plan {
    enum target_kind target;
    bool comments;                      /* the URI's form keeps comments (XMLDSig 4.4.3.2, 4.4.3.3) */
    sign_bytes id;
    struct c14n_spec c14n;              /* as it is to be applied; the implicit C14N 1.0 included   */
    bool all_signatures;                /* every Signature is left out, not only this one           */
    bool base64;                        /* text decoded instead of canonicalized                    */
    const struct xml_node *manifest;    /* the ds:Manifest that lists it; NULL: SignedInfo does     */
    struct tap *tap;                    /* where its digest is made; refs.c                         */
    const struct wanted *wanted;        /* what carried the Id; refs.c                              */
};
struct sig_state {
    struct xml_sig sig;
    const struct xml_node *node;
    struct ref_plan *plans;             /* one for each of sig.refs */
    const struct xml_node *signed_info;
    const struct xml_node *signed_props;    /* XAdES; NULL: none */
    const struct xml_node *time_node;       /* where sig.signing_time stands; NULL: nowhere */
};
struct xml_doc {
    struct source *source;
    const struct crypto *crypto;
    struct xml_opts opts;
    struct arena arena;
    struct sig_state *states; size_t n, cap;
    struct refs *guess;                 /* digests of the first pass: guess.h; NULL */
    unsigned readings;                  /* of the source, so far           */
    bool digested;
    bool no_memory;                     /* a helper of sig_read met its end; sticky, asked once */
};

int doc_scan(struct xml_doc *doc, struct watch *watch, sign_err *err);     /* the first pass: scan.c */
/* Reads the tree of one signature into state->sig: sig.c. What is wrong with it is in the sig; not OK: NOMEM, LIMIT. */
int sig_read(struct xml_doc *doc, struct sig_state *state, sign_err *err);

#endif
