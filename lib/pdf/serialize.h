/* Objects back to bytes, and values of our own making (ISO 32000-2 7.3). */
#ifndef PDF_SERIALIZE_H
#define PDF_SERIALIZE_H

#include <base/build.h>
#include <pdf/object.h>

/*
 * Strings of one object in an encrypted file are encrypted with its number. NULL where a seal is taken, or one without a
 * crypt: strings are written as they are. What fails is kept in the builder's sticky error.
 */
struct pdf_crypt;
struct pdf_seal { const struct pdf_crypt *crypt; struct pdf_ref ref; };

void pdf_put_name(struct build *out, sign_bytes name);         /* with '/', irregular bytes as #xx */
/* Literal where it is printable ASCII, else hex. */
void pdf_put_string(struct build *out, sign_bytes bytes, const struct pdf_seal *seal);
/* A text string (7.9.2.2) from UTF-8: ASCII as it is, anything else as UTF-16BE with its byte order mark. */
void pdf_put_text(struct build *out, const char *utf8, const struct pdf_seal *seal);
void pdf_put_ref(struct build *out, struct pdf_ref ref);
/* Any object but a stream, whose data lie elsewhere. The depth was limited when it was read. */
void pdf_put_object(struct build *out, const struct pdf_obj *obj, const struct pdf_seal *seal);

/* A dictionary with some entries replaced, added, or (value NULL) left out. Values are PDF text, written as they are. */
struct pdf_override { const char *key; const char *value; };
void pdf_put_dict(struct build *out, const struct pdf_obj *dict, const struct pdf_override *overrides, size_t n,
                  const struct pdf_seal *seal);

#endif
