/* The field tree of an AcroForm (ISO 32000-2 12.7), for the files of this room alone. */
#ifndef PDF_FORM_H
#define PDF_FORM_H

#include <pdf/file.h>

/*
 * A field or widget on the way from /Fields down /Kids, as the walk found it. The way itself is what names a field, so
 * it can be walked again in another view without a search.
 */
struct pdf_field {
    const struct pdf_field *parent;
    struct pdf_ref ref;             /* num 0: direct in its array */
    size_t index;                   /* within /Fields or /Kids    */
    unsigned depth;                 /* 0 in /Fields               */
    const struct pdf_obj *dict;
    bool named;                     /* has /T of its own          */
    sign_bytes partial;             /* /T as written              */
    bool signature;                 /* /FT, own or inherited, is /Sig */
};

/* The document's form, or the null object; and whether a dictionary on the way to it has a key twice. */
int pdf_form(const struct pdf_obj **form, bool *duplicate, struct pdf_view *view, sign_err *err);
/*
 * Calls each for every field, parents first, each object once. Fields live in the file's arena. LIMIT: too many, too
 * deep.
 */
typedef int (*pdf_field_fn)(void *payload, const struct pdf_field *field, sign_err *err);
int pdf_fields(struct pdf_view *view, pdf_field_fn each, void *payload, sign_err *err);
/*
 * The same field in another view, by the same way and under the same names. *out has no parent then. *duplicate: a key
 * stands twice in the trailer, the catalog, the form or a field on the way.
 */
int pdf_field_again(struct pdf_field *out, bool *found, bool *duplicate, struct pdf_view *view,
                    const struct pdf_field *field, sign_err *err);
/* Full name (12.7.4.2): the partial names from the root joined by '.', as UTF-8 in the file's arena. */
int pdf_field_name(const char **out, struct pdf_file *file, const struct pdf_field *field, sign_err *err);

#endif
