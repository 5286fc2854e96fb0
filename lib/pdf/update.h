/*
 * One incremental update (ISO 32000-2 7.5.6) that adds a signature: the widget and field (or an empty field's new state), the
 * signature dictionary with a /Contents of exactly the size asked for, the page, the AcroForm, the catalog; cross-references in
 * the file's own form. In an encrypted file all strings and streams of ours are encrypted but /Contents (7.6.2). What the file
 * held is never touched, and what its own rules forbid is refused (FORBIDDEN, the message names the rule).
 */
#ifndef PDF_UPDATE_H
#define PDF_UPDATE_H

#include <base/build.h>
#include <pdf/signature.h>

/*
 * Does the signer's certificate have this policy ("1.2.3"), this key usage ("1X0": a character a bit, from
 * digitalSignature on; RFC 5280 4.2.1.3), this value (UTF-8) of the attribute key ("CN", "2.5.4.3") in its subject?
 */
enum pdf_seed_ask { PDF_ASK_POLICY, PDF_ASK_KEY_USAGE, PDF_ASK_NAME };
typedef int (*pdf_fits_fn)(void *payload, bool *fits, enum pdf_seed_ask what, sign_bytes key, sign_bytes value,
                           sign_err *err);

struct pdf_sign_spec {
    const char *field;              /* an empty signature field (its full name), else the partial name to create; NULL: the
                                       first free SignatureN                                               */
    const char *name, *reason, *location, *contact;   /* UTF-8 or NULL                                     */
    int64_t when; int32_t zone;     /* /M: seconds UTC and minutes east                                    */
    const char *subfilter;          /* "ETSI.CAdES.detached"                                               */
    size_t contents;                /* bytes of the CMS                                                    */
    int certify;                    /* DocMDP: 1 to 3, 0 for none                                          */
    const char *digest;             /* "SHA-256": held against a field's seed values; NULL: not            */
    const sign_bytes *chain;        /* the signer's certificate and its issuers in DER: likewise           */
    size_t n_chain;
    pdf_fits_fn fits;               /* NULL: the certificate fits no such demand                           */
    void *fits_payload;
};
struct pdf_update {
    struct build bytes;             /* to be appended to the file as it is                                 */
    uint64_t range[4];              /* the ByteRange over file and update                                  */
    size_t contents_at;             /* the first hex digit of /Contents, within bytes                      */
    size_t contents_len;            /* bytes of the CMS (half the digits)                                  */
    char *field;                    /* the full name of the field                                          */
};
/* FORMAT, UNSUPPORTED (XFA), FORBIDDEN (DocMDP, field locks, seed values, permissions; needed repair), EXISTS (field name
 * taken, or signed), LIMIT, ALGO, NOMEM. */
int pdf_update_make(struct pdf_update *out, struct pdf_file *file, const struct pdf_sign_spec *spec, sign_err *err);
/* Writes the CMS as hex over the placeholder; shorter ones are padded with zero bytes, longer ones are SIGN_E_INTERNAL. */
int pdf_update_contents(struct pdf_update *update, sign_bytes cms, sign_err *err);
/* Digests what the ByteRange covers: the source's bytes and the update's. */
int pdf_update_digest(const struct pdf_update *update, const struct pdf_file *file, struct digest_run *run, struct watch *watch,
                      sign_err *err);
void pdf_update_drop(struct pdf_update *update);

#endif
