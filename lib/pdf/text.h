/* Text strings (ISO 32000-2 7.9.2.2): PDFDocEncoding, UTF-16 or UTF-8 by their first bytes; always UTF-8 afterwards. */
#ifndef PDF_TEXT_H
#define PDF_TEXT_H

#include <base/build.h>

/* Appends; what is no character becomes U+FFFD. */
void pdf_text(struct build *out, sign_bytes raw);
/* The byte that stands for a character in PDFDocEncoding; false where none does. */
bool pdf_doc_byte(uint32_t character, uint8_t *out);

#endif
