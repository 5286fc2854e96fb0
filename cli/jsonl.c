#include "jsonl.h"

#include <stdint.h>
#include <string.h>

/* Length of the UTF-8 sequence at s (RFC 3629), or 0: NUL-terminated input, so no byte past it is read. */
static size_t utf8_length(const unsigned char *s)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] < 0xC2 ? 0 : s[0] < 0xE0 ? 2 : s[0] < 0xF0 ? 3 : s[0] <= 0xF4 ? 4 : 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool outside = (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF4 && s[1] > 0x8F);
    return overlong || outside ? 0 : n;
}

static uint32_t code_point(const unsigned char *s, size_t n)
{
    uint32_t code = n == 1 ? s[0] : s[0] & (0x7Fu >> n);
    for (size_t i = 1; i < n; i++) {
        code = code << 6 | (s[i] & 0x3F);
    }
    return code;
}

/* JSON wants only C0 escaped; a terminal may be reading, and DEL, C1, line separators and bidi controls move it too. */
static bool is_control(uint32_t code)
{
    static const struct { uint32_t first, last; } ranges[] = {
        { 0, 0x1F }, { 0x7F, 0x9F }, { 0x61C, 0x61C }, { 0x200E, 0x200F }, { 0x2028, 0x202E }, { 0x2066, 0x2069 },
    };
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last) {
            return true;
        }
    }
    return false;
}

static void quote(FILE *to, const char *text)
{
    fputc('"', to);
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        size_t n = utf8_length(s);
        uint32_t code = code_point(s, n);
        if (n == 0) {
            fputs("\xEF\xBF\xBD", to);
            n = 1;
        } else if (*s == '"' || *s == '\\') {
            fprintf(to, "\\%c", *s);
        } else if (is_control(code)) {
            fprintf(to, "\\u%04x", (unsigned)code);
        } else {
            fwrite(s, 1, n, to);
        }
        s += n;
    }
    fputc('"', to);
}

static void key(struct jsonl *json, const char *name)
{
    if (json->some) {
        fputc(',', json->to);
    }
    json->some = true;
    quote(json->to, name);
    fputc(':', json->to);
}

void jsonl_open(struct jsonl *json, FILE *to)
{
    *json = (struct jsonl){ .to = to };
    fputc('{', to);
}

void jsonl_string(struct jsonl *json, const char *name, const char *value)
{
    key(json, name);
    if (value) {
        quote(json->to, value);
    } else {
        fputs("null", json->to);
    }
}

static bool is_utf8(const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    for (size_t n = 1; *s && n; s += n) {
        n = utf8_length(s);
    }
    return !*s;
}

void jsonl_path(struct jsonl *json, const char *name, const char *value)
{
    jsonl_string(json, name, value);
    if (!value || is_utf8(value)) {
        return;
    }
    fprintf(json->to, ",\"%s_hex\":\"", name);
    for (const unsigned char *s = (const unsigned char *)value; *s; s++) {
        fprintf(json->to, "%02x", *s);
    }
    fputc('"', json->to);
}

void jsonl_bool(struct jsonl *json, const char *name, bool value)
{
    key(json, name);
    fputs(value ? "true" : "false", json->to);
}

void jsonl_array_open(struct jsonl *json, const char *name)
{
    key(json, name);
    fputc('[', json->to);
    json->some = false;
}

void jsonl_item_open(struct jsonl *json)
{
    fputs(json->some ? ",{" : "{", json->to);
    json->some = false;
}

void jsonl_item_close(struct jsonl *json)
{
    fputc('}', json->to);
    json->some = true;
}

void jsonl_array_close(struct jsonl *json)
{
    fputc(']', json->to);
    json->some = true;
}

void jsonl_close(struct jsonl *json)
{
    fputs("}\n", json->to);
    (void)fflush(json->to);     /* finish_output looks at the stream's error */
}
