/* Encodings that Expat does not read by itself (it reads UTF-8, UTF-16, ISO-8859-1 and US-ASCII). */
#ifndef XML_CHARSET_H
#define XML_CHARSET_H

#include <base/bytes.h>

/*
 * Code points by byte, -1 where a byte has none, into map. False: not read; *why then says what is known of the name,
 * or is NULL.
 */
bool charset_map(sign_bytes name, int map[256], const char **why);

#endif
