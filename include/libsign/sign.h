/* Signing documents. */
#ifndef LIBSIGN_SIGN_H
#define LIBSIGN_SIGN_H

#include <libsign/doc.h>
#include <libsign/key.h>
#include <libsign/verify.h>
#include <libsign/xml.h>

enum { SIGN_LEVEL_B = 1, SIGN_LEVEL_T, SIGN_LEVEL_LT, SIGN_LEVEL_LTA };
enum { SIGN_XML_XADES = 0, SIGN_XML_DSIG };

/* May text stand in a document: UTF-8 without control characters but tab and line ends (XML 1.0 2.2). NULL may. */
SIGN_API bool sign_is_text(const char *text);

typedef struct sign_opts {
    size_t struct_size;
    int32_t level;                  /* SIGN_LEVEL_B; the others are SIGN_E_UNSUPPORTED in this version                    */
    const char *digest;             /* "SHA-256", "SHA-384", "SHA-512", "SHA3-256", …; NULL: SHA-256                      */
    bool pss;                       /* RSASSA-PSS instead of RSASSA-PKCS1-v1_5, for RSA keys                              */
    const sign_trust *trust;        /* checked before signing: validity, usage, path to an anchor; NULL: no path check    */
    bool unchecked;                 /* sign although that check fails                                                     */
    int64_t at_time;                /* the signing time to claim; SIGN_NOW: the context's clock                           */
    const char *reason, *location, *contact;   /* PDF: entries of the signature dictionary; as for all text here and in xml,
                                       what sign_is_text refuses is SIGN_E_ARG                                            */
    const char *pdf_field;          /* PDF: an empty signature field, or the name of one to create; NULL: the first free SignatureN */
    const char *profile;            /* XML: a profile's name or path; NULL: the whole document, Signature last in the root */
    const char *xml_id;             /* XML: sign the element with this Id instead of the whole document                   */
    const char *xml_place;          /* XML: path of the element that receives the Signature, "/HDon/DSCKS/NBan"           */
    int32_t xml_form;               /* SIGN_XML_XADES or SIGN_XML_DSIG; a profile decides before this                     */
    int32_t zone;                   /* minutes east of UTC in which times are written; Vietnam's are 420                  */
    int32_t certify;                /* PDF: certify the document (DocMDP): 1 no later change, 2 filling in and signing, 3 comments
                                       too; 0: an ordinary signature. XML: SIGN_E_UNSUPPORTED                             */
    bool repair;                    /* PDF: a damaged file is written anew, as one revision, and that is signed; else it is
                                       SIGN_E_FORBIDDEN. One that holds signatures stays forbidden: they would break      */
    int64_t timeout_ms;             /* per document; the key's time is not counted; 0: none. Passed: SIGN_E_TIMEOUT       */
    const volatile int32_t *cancel; /* looked at all along; non-zero: SIGN_E_CANCELLED. NULL: not cancellable             */
    const struct sign_xml_opts *xml; /* XML: all that is rarer (libsign/xml.h); NULL: none of it. It outlives the call     */
} sign_opts;
#define SIGN_OPTS_INIT { .struct_size = sizeof(sign_opts), .level = SIGN_LEVEL_B, .at_time = SIGN_NOW, .zone = 420 }

/*
 * Signs doc with key and writes the whole result. The document's own bytes are copied as they are; PDF gets one
 * incremental update, XML one inserted Signature. The key is asked exactly once.
 * Errors: ARG, NOMEM, IO, LIMIT, FORMAT (offset, clause), UNSUPPORTED, NOTFOUND (profile, element), AMBIGUOUS, ALGO,
 * FORBIDDEN, CERT (the check before signing: see opts.unchecked), and what the key answers.
 */
SIGN_API int sign_document(const sign_sink *out, const sign_doc *doc, const sign_key *key, const sign_opts *opts,
                           sign_err *err) SIGN_MUST_USE;
/* The same into a file that appears whole or not at all; overwrite false: SIGN_E_EXISTS where there is one. Only SIGN_OK
 * means that the file is on disk. */
SIGN_API int sign_document_to_file(const char *path, bool overwrite, const sign_doc *doc, const sign_key *key,
                                   const sign_opts *opts, sign_err *err) SIGN_MUST_USE;
/* All checks of sign_document, without asking the key and without writing. */
SIGN_API int sign_check(const sign_doc *doc, const sign_key *key, const sign_opts *opts, sign_err *err) SIGN_MUST_USE;

#endif
