/* UTF-8, UTF-16, hex, base64 and numbers, none of them in a locale. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <base/build.h>
#include <base/bytes.h>

/* Decodes one code point at *pos and moves past it; false on anything RFC 3629 forbids (overlong, surrogate, cut off). */
bool utf8_next(sign_bytes text, size_t *pos, uint32_t *code_point);
bool utf8_valid(sign_bytes text);
/* A character that XML may hold (XML 1.0 2.2): of the controls, tab and line ends alone. */
bool text_is_char(uint32_t code_point);
/* UTF-8 of such characters alone. */
bool text_is_plain(sign_bytes text);
/* Appends text with every invalid byte as U+FFFD. */
void utf8_repair(struct build *out, sign_bytes text);
/* Appends UTF-16 (big- or little-endian, no BOM) as UTF-8, unpaired surrogates as U+FFFD. */
void utf8_from_utf16(struct build *out, sign_bytes utf16, bool big_endian);
/*
 * Appends text made safe for a terminal (decision 15): C0, DEL, C1, bidi controls and invalid bytes become \xNN or
 * \u{NNNN}; a backslash stays.
 */
void text_escape(struct build *out, sign_bytes text);

int hex_value(int byte);                            /* 0..15, or -1 */
/* How many of the first bytes are hex digits; *cases: which letters are among them. */
enum { HEX_LOWER = 1, HEX_UPPER = 2 };
size_t hex_span(sign_bytes text, unsigned *cases);
/* n bytes from 2 * n hex digits, which hex_span has seen. */
void hex_pairs(uint8_t *to, const uint8_t *digits, size_t n);
/* Decodes pairs of hex digits with nothing between them; false on anything else. Appends. */
bool hex_decode(struct build *out, sign_bytes text);
/*
 * Decodes base64 (RFC 4648 4) with XML white space between digits allowed, padding demanded, and the unused bits of the
 * last digit zero; false on anything else. Appends.
 */
bool base64_decode(struct build *out, sign_bytes text);

/* Decimal digits alone, no sign, no leading or trailing anything, within the type; false otherwise. */
bool parse_u64(sign_bytes text, uint64_t *out);
bool parse_u32(sign_bytes text, uint32_t *out);

int ascii_lower(int byte);
bool ascii_equal_nocase(sign_bytes a, sign_bytes b);
bool is_xml_space(int byte);                        /* XML 1.0 S: space, tab, CR, LF */

#endif
