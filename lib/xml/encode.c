#include <base/cleanup.h>
#include <base/cursor.h>
#include <base/err.h>
#include <base/text.h>
#include <xml/encode.h>

#define HEAD 1024 /* an XML declaration stands in less */

static const struct {
    const char *name;
    enum xml_encoding encoding;
} declared[] = {
    { "UTF-8", XML_UTF8 },
    { "ISO-8859-1", XML_LATIN1 },
    { "US-ASCII", XML_ASCII },
    /* What is not ASCII is written as references, whatever its upper half says. */
    { "windows-1258", XML_ASCII },
    { "cp1258", XML_ASCII },
};

/* XML 1.0 appendix F.1. */
static bool by_first_bytes(enum xml_encoding *out, sign_bytes head)
{
    static const struct {
        uint8_t len;
        const char *bytes;
        enum xml_encoding encoding;
    } starts[] = {
        { 2, "\xFE\xFF", XML_UTF16BE }, { 2, "\xFF\xFE", XML_UTF16LE },  { 2, "\0<", XML_UTF16BE },
        { 2, "<\0", XML_UTF16LE },      { 3, "\xEF\xBB\xBF", XML_UTF8 },
    };
    for (size_t i = 0; i < COUNT(starts); i++) {
        if (bytes_start(head, bytes_of(starts[i].bytes, starts[i].len))) {
            *out = starts[i].encoding;
            return true;
        }
    }
    return false;
}

/* The value of the pseudo-attribute: Expat has found, or will find, the declaration to be well-formed. */
static sign_bytes declared_name(sign_bytes declaration)
{
    size_t at = bytes_find(declaration, BYTES_LIT("encoding"), 0);
    struct cursor c =
        cursor_over(bytes_slice(declaration, at == SIZE_MAX ? declaration.len : at + 8, declaration.len), 0);
    while (is_xml_space(cursor_peek(&c, 0)) || cursor_peek(&c, 0) == '=') {
        cursor_next(&c);
    }
    int quote = cursor_next(&c);
    sign_bytes rest = cursor_rest(&c);
    const uint8_t *end = rest.len ? memchr(rest.ptr, quote, rest.len) : NULL;
    return end ? bytes_of(rest.ptr, (size_t)(end - rest.ptr)) : (sign_bytes){ 0 };
}

static int by_declaration(enum xml_encoding *out, sign_bytes head, sign_err *err)
{
    *out = XML_UTF8;
    if (!bytes_start(head, BYTES_LIT("<?xml")) || head.len < 6 || !is_xml_space(head.ptr[5])) {
        return SIGN_OK;
    }
    size_t end = bytes_find(head, BYTES_LIT("?>"), 0);
    if (end == SIZE_MAX) {
        return err_set(err, SIGN_E_UNSUPPORTED, 0, "XML 1.0 2.8", "an XML declaration of more than %d bytes", HEAD);
    }
    sign_bytes name = declared_name(bytes_slice(head, 0, end));
    for (size_t i = 0; name.len && i < COUNT(declared); i++) {
        if (ascii_equal_nocase(name, bytes_str(declared[i].name))) {
            *out = declared[i].encoding;
            return SIGN_OK;
        }
    }
    if (name.len == 0) {
        return SIGN_OK;
    }
    return err_set(err, SIGN_E_UNSUPPORTED, 0, "XML 1.0 4.3.3",
                   "encoding %.*s: a signature goes into UTF-8, UTF-16, ISO-8859-1, windows-1258 and US-ASCII",
                   (int)bytes_slice(name, 0, 40).len, (const char *)name.ptr);
}

int encoding_find(enum xml_encoding *out, const struct source *source, sign_err *err)
{
    uint8_t buf[HEAD];
    uint64_t size = source_size(source);
    sign_bytes head = bytes_of(buf, size < HEAD ? (size_t)size : HEAD);
    int rc = source_read(source, 0, buf, head.len, err);
    if (rc != SIGN_OK || by_first_bytes(out, head)) {
        return rc;
    }
    return by_declaration(out, head, err);
}

size_t encoding_unit(enum xml_encoding encoding)
{
    return encoding == XML_UTF16LE || encoding == XML_UTF16BE ? 2 : 1;
}

static void put_utf16(struct build *out, enum xml_encoding encoding, uint32_t unit)
{
    bool big = encoding == XML_UTF16BE;
    build_byte(out, (uint8_t)(big ? unit >> 8 : unit));
    build_byte(out, (uint8_t)(big ? unit : unit >> 8));
}

static void put_code_point(struct build *out, enum xml_encoding encoding, uint32_t c)
{
    uint32_t last = encoding == XML_LATIN1 ? 0xFF : 0x7F;
    if (encoding_unit(encoding) == 1) {
        if (c <= last) {
            build_byte(out, (uint8_t)c);
        } else {
            build_fmt(out, "&#%u;", c);
        }
    } else if (c < 0x10000) {
        put_utf16(out, encoding, c);
    } else {
        put_utf16(out, encoding, 0xD800 + ((c - 0x10000) >> 10));
        put_utf16(out, encoding, 0xDC00 + ((c - 0x10000) & 0x3FF));
    }
}

void encode(struct build *out, enum xml_encoding encoding, sign_bytes utf8)
{
    if (encoding == XML_UTF8) {
        build_bytes(out, utf8);
        return;
    }
    uint32_t c = 0;
    for (size_t at = 0; at < utf8.len && utf8_next(utf8, &at, &c);) {
        put_code_point(out, encoding, c);
    }
}

bool encoding_has(enum xml_encoding encoding, sign_bytes utf8)
{
    uint32_t c = 0, last = encoding == XML_LATIN1 ? 0xFF : encoding == XML_ASCII ? 0x7F : 0x10FFFF;
    for (size_t at = 0; at < utf8.len;) {
        if (!utf8_next(utf8, &at, &c) || c > last) {
            return false;
        }
    }
    return true;
}
