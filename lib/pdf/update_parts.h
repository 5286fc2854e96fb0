/* The inside of an incremental update under way: what update*.c share. */
#ifndef PDF_UPDATE_PARTS_H
#define PDF_UPDATE_PARTS_H

#include <pdf/serialize.h>
#include <pdf/update.h>

#define UPDATE_OBJECTS 10           /* signature, field, appearance, page, its /Annots, AcroForm, /Fields, catalog, xref stream */

struct update_parts {
    struct pdf_file *file;
    struct pdf_view *view;
    struct pdf_update *out;
    const struct pdf_sign_spec *spec;
    uint64_t base;                  /* where out->bytes will stand in the file */
    uint32_t next;                  /* first free object number                */
    struct update_place { struct pdf_ref ref; uint64_t offset; } places[UPDATE_OBJECTS];
    size_t n_places;
    struct pdf_seal seal;           /* of the object that is open              */
    const struct pdf_obj *catalog;
    struct pdf_ref catalog_ref;
    struct pdf_ref signature, field, new_form;      /* new_form: num 0 where the form keeps its place */
    const struct pdf_obj *target;   /* an empty field to be signed; NULL: a new one is made */
    const struct pdf_obj *lock;     /* its /Lock, or the null object           */
    const char *subfilter;          /* what the seed values leave of spec's    */
    int certify;
    uint64_t range_at;              /* place of the ByteRange's digits in out->bytes */
};

struct pdf_ref update_new_ref(struct update_parts *u);
/* "N G obj\n", remembered for the cross-references; update_close ends it. */
void update_open(struct update_parts *u, struct pdf_ref ref);
void update_close(struct update_parts *u);
/* What encrypts the strings of the object ref, for text that is prepared before it is opened. */
struct pdf_seal update_seal(const struct update_parts *u, struct pdf_ref ref);
/* A dictionary as a new state of the object ref, some entries replaced. */
void update_dict(struct update_parts *u, struct pdf_ref ref, const struct pdf_obj *dict, const struct pdf_override *overrides,
                 size_t n);
/* The reference under key, or num 0 where the value is direct or absent. */
struct pdf_ref update_ref_of(const struct pdf_obj *dict, const char *key);
/* Refuses a dictionary with a key twice: readers differ on what it says, and it is about to be written anew. */
int update_clear(const struct pdf_obj *dict, const char *what, sign_err *err);
/* Writes an array with one more reference at its end: [a b] and ref give [a b ref]. array may be NULL. */
void update_put_array(struct build *out, const struct pdf_obj *array, struct pdf_ref ref, const struct pdf_seal *seal);

/* update_rules.c: what the document forbids: permissions of its encryption, DocMDP, FieldMDP, a read-only field. */
int update_rules(struct update_parts *u, sign_err *err);
/* update_seed.c: the seed values of the target (table 237), and its /Lock. */
int update_seed(struct update_parts *u, sign_err *err);
/* update_mdp.c: /Reference of the signature dictionary. */
int update_reference(struct update_parts *u, sign_err *err);
/* update_field.c: the field's name (out->field) and the empty field of that name; then the field as it will be. */
int update_find_field(struct update_parts *u, const char *wanted, sign_err *err);
int update_field(struct update_parts *u, struct pdf_ref page, sign_err *err);
/* update_form.c: the document's form, refused where it is XFA; then AcroForm; then the catalog, where it has to change. */
int update_form_of(struct update_parts *u, const struct pdf_obj **form, const struct pdf_obj **fields, sign_err *err);
int update_form(struct update_parts *u, sign_err *err);
int update_catalog(struct update_parts *u, sign_err *err);
/* update_page.c: the first page, and its /Annots. */
int update_page(struct update_parts *u, struct pdf_ref *page, sign_err *err);
/* update_xref.c: cross-references and trailer in the file's own form. */
int update_xref(struct update_parts *u, sign_err *err);

#endif
