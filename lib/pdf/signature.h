/* Signatures of a PDF (ISO 32000-2 12.8): found through the AcroForm, and what each one's ByteRange really covers. */
#ifndef PDF_SIGNATURE_H
#define PDF_SIGNATURE_H

#include <pdf/file.h>

struct pdf_field;

enum pdf_subfilter {
    PDF_SUBFILTER_UNKNOWN, PDF_PKCS7_DETACHED, PDF_PKCS7_SHA1, PDF_X509_RSA_SHA1, PDF_CADES_DETACHED, PDF_RFC3161
};

struct pdf_signature {              /* in the file's arena */
    const char *name;               /* full field name (12.7.4.2), UTF-8, unique in the list (a suffix is added to a second one) */
    struct pdf_ref field;           /* num 0: direct            */
    struct pdf_ref value;           /* num 0: direct in the field */
    const struct pdf_obj *dict;     /* the signature dictionary */
    enum pdf_subfilter subfilter;
    const char *subfilter_name;     /* as written, UTF-8; ""    */
    bool doc_timestamp;             /* /Type /DocTimeStamp or RFC3161 */
    bool range_ok;                  /* /ByteRange is four direct non-negative integers; only then range holds them */
    uint64_t range[4];
    sign_bytes contents;            /* decoded /Contents, padding included; empty where there is none */
    uint64_t contents_start, contents_end;   /* of the <…> token in the file */
    sign_bytes claimed;             /* /M as written */
    const char *signer_name, *reason, *location;   /* UTF-8 or NULL */
    bool shared;                    /* another field has the same value: which one was signed is unknown */
    const struct pdf_field *place;  /* the field in the form's tree: for pdf_cover */
};
/*
 * In the order in which they were made: by the end of their ByteRange, then as the form has their fields. Template and
 * empty fields are none; nor are signatures that no field holds (usage rights, /Perms /UR3). A value that two fields
 * share is listed once for each, and neither is sound; widgets that repeat the value of their field are one with it. Errors: FORMAT where a field cannot be read (it might be a signature), LIMIT, NOMEM,
 * and so on. The first success is kept: later calls cost nothing.
 */
int pdf_signatures(const struct pdf_signature **out, size_t *n, struct pdf_file *file, sign_err *err);

enum pdf_fault {                    /* first that applies; PDF_FAULT_NONE: the coverage is sound */
    PDF_FAULT_NONE, PDF_FAULT_RANGE_FORM, PDF_FAULT_RANGE_START, PDF_FAULT_RANGE_OUTSIDE, PDF_FAULT_RANGE_OVERLAP,
    PDF_FAULT_GAP, PDF_FAULT_CONTENTS_HEX, PDF_FAULT_DICT_UNCOVERED, PDF_FAULT_PREFIX, PDF_FAULT_PREFIX_DIFFERS,
    PDF_FAULT_EOF, PDF_FAULT_SHARED
};
struct pdf_coverage {
    enum pdf_fault fault;
    uint64_t offset;                /* where the fault shows; SIGN_NO_OFFSET if nowhere in particular */
    const char *clause;
    const char *detail;             /* English: expected and found; in the file's arena */
    bool whole_file;                /* nothing but the white space after %%EOF follows the second range */
    const char *damage;             /* why the signed bytes could be read repaired alone; NULL: they are sound */
    size_t revision, revisions;     /* of the signed revision, and in all */
};
/*
 * The rules of coverage: /ByteRange is four direct non-negative integers, the first 0, within the file, not
 * overlapping; the gap is exactly the <…> token of this dictionary's own direct /Contents, hex digits only; the
 * dictionary lies in the covered bytes; the prefix up to the end of the second range, parsed as a file of its own,
 * holds this dictionary under the same object number and field, and ends at a revision's %%EOF with nothing but white
 * space after it; and no other field has the same value. A file that was damaged when it was signed is no file of its own
 * in any prefix: what it holds is what repairing it as a whole found, and out->damage says so.
 */
int pdf_cover(struct pdf_coverage *out, struct pdf_file *file, const struct pdf_signature *sig, sign_err *err);

#endif
