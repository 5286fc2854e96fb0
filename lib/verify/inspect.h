/* What sign_inspect_* show, gathered once; for inspect*.c alone. */
#ifndef VERIFY_INSPECT_H
#define VERIFY_INSPECT_H

#include <ctx/doc.h>
#include <pdf/fields.h>
#include <pdf/flaw.h>

struct inspected_signature {
    const struct pdf_signature *sig;
    struct pdf_coverage cover;
    struct pdf_lock lock;
};
struct inspection {                 /* everything lives in file */
    struct pdf_file *file;
    struct pdf_rights rights;
    struct pdf_flaws flaws;
    const char *version, *certified_by;     /* certified_by: the signature that /Perms names, or NULL */
    bool usage_rights;              /* /Perms /UR3: signed by the author's program, no approval (12.8.2.3) */
    int doc_mdp;                    /* what the certification allows: 1 to 3; 0: none */
    const struct pdf_revision_info *revisions;
    const struct pdf_field_info *fields;
    struct inspected_signature *signatures;
    size_t n_revisions, n_fields, n_signatures;
};

/* Names of the permission bits (ISO 32000-2 table 22), by their place in /P from 0; name NULL ends the table. */
struct permission { unsigned bit; const char *name; };
extern const struct permission inspect_permissions[];
const char *inspect_xref(enum pdf_xref_form form);  /* "table", "stream", "hybrid" */

int inspect(struct inspection *out, const sign_doc *doc, sign_err *err);
void inspect_drop(struct inspection *inspection);

#endif
