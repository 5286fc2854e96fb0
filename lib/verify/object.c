#include <verify/object.h>

#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <libsign/doc.h>
#include <stdlib.h>

void object_set(struct object *o, const char *key, json_t *value)
{
    if (!value || json_object_set_new(o->json, key, value) != 0) {
        o->failed = true;
    }
}

json_t *object_finish(struct object *o)
{
    if (o->failed) {
        json_decref(o->json);
        return NULL;
    }
    return o->json;
}

struct object object_new(void)
{
    json_t *json = json_object();
    return (struct object){ json, !json };
}

json_t *json_text_n(sign_bytes text)
{
    if (utf8_valid(text)) {
        return json_stringn(text.ptr ? (const char *)text.ptr : "", text.len);
    }
    CLEANUP(build_free) struct build fixed = { 0 };
    utf8_repair(&fixed, text);
    sign_bytes view = build_view(&fixed);
    return fixed.failed ? NULL : json_stringn((const char *)view.ptr, view.len);
}

json_t *json_text(const char *string)
{
    return string ? json_text_n(bytes_str(string)) : json_null();
}

json_t *json_number(bool known, uint64_t value)
{
    return known ? json_integer((json_int_t)value) : json_null();
}

bool json_append(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0;    /* NULL fails */
}

void object_set_file(struct object *o, const char *file)
{
    sign_bytes name = bytes_str(file ? file : "-");
    object_set(o, "file", json_text_n(name));
    if (utf8_valid(name)) {
        return;
    }
    CLEANUP(build_free) struct build hex = { 0 };
    build_hex(&hex, name, false);
    object_set(o, "file_hex", hex.failed ? NULL : json_text_n(build_view(&hex)));
}

const char *json_doc_type(int doc_type)
{
    return doc_type == SIGN_DOC_PDF ? "pdf" : doc_type == SIGN_DOC_XML ? "xml" : "unknown";
}

/*
 * JSON lets DEL, C1 and bidi controls through, and a terminal may be reading: they are written as \uNNNN, which every
 * parser takes back (decision 15). They can only stand within strings.
 */
static bool is_terminal_control(uint32_t c)
{
    return c == 0x7f || (c >= 0x80 && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f || c == 0x2028 ||
           c == 0x2029 || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void put_safe(struct build *out, sign_bytes line)
{
    size_t pos = 0, from = 0;
    uint32_t c;
    while (pos < line.len) {
        size_t start = pos;
        if (line.ptr[pos] < 0x7f) {
            pos++;
            continue;
        }
        if (!utf8_next(line, &pos, &c)) {
            break;                      /* jansson writes valid UTF-8 alone */
        }
        if (is_terminal_control(c)) {
            build_bytes(out, bytes_slice(line, from, start - from));
            build_fmt(out, "\\u%04x", c);
            from = pos;
        }
    }
    build_bytes(out, bytes_slice(line, from, line.len - from));
}

static int put_dumped(const char *bytes, size_t len, void *line)
{
    build_put(line, bytes, len);
    return ((const struct build *)line)->failed ? -1 : 0;
}

int json_print(sign_buf **out, json_t *json, sign_err *err)
{
    /* Not json_dumps: it does not look whether a key found room, and goes on behind one that found none (jansson 2.14). */
    CLEANUP(build_free) struct build line = { 0 }, safe = { 0 };
    int rc = json ? json_dump_callback(json, put_dumped, &line, JSON_COMPACT | JSON_PRESERVE_ORDER) : -1;
    json_decref(json);
    if (line.failed) {
        return build_check(&line, err, "JSON");
    }
    if (rc != 0) {
        return err_nomem(err);
    }
    put_safe(&safe, build_view(&line));
    return build_to_buf(&safe, out, err);
}
