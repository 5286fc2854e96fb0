/* What a PDF holds, for those who ask: its revisions, fields, locks and seed values. All text is UTF-8 in the file's arena. */
#ifndef PDF_FIELDS_H
#define PDF_FIELDS_H

#include <pdf/signature.h>

struct pdf_lock {                   /* of a field (table 236), or of a signature (FieldMDP, table 259) */
    const char *action;             /* "All", "Include", "Exclude"; NULL: locks no field               */
    const char *const *fields;
    size_t n_fields;
    int p;                          /* what the whole document still allows: 1 to 3; 0: nothing said   */
};
struct pdf_seed {                   /* an entry of /SV (table 237)                                     */
    const char *key, *value;        /* "SubFilter", "ETSI.CAdES.detached, adbe.pkcs7.detached"         */
    bool required;
};
struct pdf_field_info {
    const char *name, *type;        /* full name; "signature", "text", "button", "choice", "unknown"   */
    struct pdf_ref ref;             /* num 0: direct                                                   */
    bool has_value, read_only;
    struct pdf_lock lock;
    const struct pdf_seed *seeds;
    size_t n_seeds;
};
struct pdf_revision_info {
    uint64_t end;                   /* of its %%EOF, or as far as its cross-references reach           */
    enum pdf_xref_form form;
};

/* Those with a name of their own, as the form has them. Widgets of one field are none. */
int pdf_fields_list(const struct pdf_field_info **out, size_t *n, struct pdf_file *file, sign_err *err);
/* The oldest first; the two halves of a linearized file are one. A repaired file has one. */
int pdf_revisions_list(const struct pdf_revision_info **out, size_t *n, struct pdf_file *file, sign_err *err);
/* /Reference of a signature: what it locks. */
int pdf_signature_lock(struct pdf_lock *out, struct pdf_file *file, const struct pdf_signature *sig, sign_err *err);
/* "1.7": the catalog's /Version where it is later than the header's (7.2.2); "" where neither is one. */
int pdf_version(const char **out, struct pdf_file *file, sign_err *err);

#endif
