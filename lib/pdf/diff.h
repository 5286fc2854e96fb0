/*
 * What later revisions changed after a signature (ISO 32000-2 12.8.2): a comparison of objects, not of bytes.
 *
 * The newest view is walked once from its trailer: every object gets the roles in which the document uses it (page,
 * field, appearance and so on). Each revision is then compared with the one before it, over the objects that it
 * redefines and that the newest view still refers to; a rule for each role says what a change is. A signature looks
 * at the changes behind its own revision under its own policy. So the work is linear in the file, however many revisions it has.
 *
 * The rules are closed lists: what none of them names is PDF_CHANGE_UNKNOWN or PDF_CHANGE_FORBIDDEN, never allowed.
 */
#ifndef PDF_DIFF_H
#define PDF_DIFF_H

#include <pdf/signature.h>

enum pdf_change {
    PDF_CHANGE_LTV,                 /* DSS, document timestamps, /Extensions, /SigFlags                     */
    PDF_CHANGE_METADATA,            /* XMP, Info and the like: nothing that a page shows                    */
    PDF_CHANGE_SIGNATURE,           /* an existing field signed, or a new invisible signature field         */
    PDF_CHANGE_SIGNATURE_VISIBLE,   /* a new signature field with an appearance, or one that was hidden         */
    PDF_CHANGE_FORM,                /* form fill-in                                                         */
    PDF_CHANGE_ANNOTATION,          /* a note or text markup                                                */
    PDF_CHANGE_ANNOTATION_COVERING, /* an annotation of a kind that can hide or add content                 */
    PDF_CHANGE_FORBIDDEN,           /* content, structure, actions, signed fields: under no policy          */
    PDF_CHANGE_UNKNOWN              /* no rule knows it                                                     */
};
#define PDF_CHANGE_KINDS 9

enum pdf_changes { PDF_CHANGES_UNKNOWN, PDF_CHANGES_NONE, PDF_CHANGES_ALLOWED, PDF_CHANGES_FORBIDDEN };

struct pdf_change_item {            /* in the file's arena */
    enum pdf_change kind;
    uint32_t num;                   /* object number; 0: none */
    size_t depth, revision;         /* section, and revision, that made the change */
    const char *path;               /* "/Root/Pages/Kids/Contents": one way to the object; UTF-8 */
    const char *text;               /* English: what was done */
    const char *field;              /* full name of the field; NULL */
    bool fills;                     /* a field that was there got a value: what locks are about */
    struct pdf_change_item *next_fill;  /* the next such one */
};

struct pdf_diff {
    enum pdf_changes verdict;
    const struct pdf_change_item *items;    /* all behind the signed revision, oldest first */
    size_t n;
    const struct pdf_change_item *reason;   /* why FORBIDDEN or UNKNOWN: may stand outside items; else NULL */
    const char *rule;                       /* the rule that reason breaks, in English; NULL */
};

/*
 * Of a signature out of pdf_signatures whose coverage is sound (pdf_cover). The comparison is made once for a file; later
 * calls cost what their policy needs. What the file says wrongly makes the verdict UNKNOWN; NOMEM, IO, TIMEOUT, CANCELLED are errors.
 */
int pdf_compare(struct pdf_diff *out, struct pdf_file *file, const struct pdf_signature *sig, sign_err *err);
const char *pdf_change_name(enum pdf_change kind);  /* "form-fill-in": reports */

#endif
