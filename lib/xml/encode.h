/* The document's encoding, as far as inserting asks for it: what Expat reads natively (XML 1.0 4.3.3). */
#ifndef XML_ENCODE_H
#define XML_ENCODE_H

#include <base/build.h>
#include <io/source.h>

enum xml_encoding { XML_UTF8, XML_UTF16LE, XML_UTF16BE, XML_LATIN1, XML_ASCII };

/* By the byte order mark, else by the first bytes, else by the declaration. UNSUPPORTED, naming it; IO. */
int encoding_find(enum xml_encoding *out, const struct source *source, sign_err *err);
size_t encoding_unit(enum xml_encoding encoding);       /* bytes that an ASCII character takes */
/*
 * Appends UTF-8 text of a document; what the encoding lacks becomes a character reference, which only text and values
 * may hold.
 */
void encode(struct build *out, enum xml_encoding encoding, sign_bytes utf8);
/* Can names be written so? They cannot hold references. */
bool encoding_has(enum xml_encoding encoding, sign_bytes utf8);

#endif
