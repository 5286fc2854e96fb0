#include "jsonl.h"

#include <inttypes.h>
#include <string.h>

/* Length of the UTF-8 sequence at s (RFC 3629), or 0: NUL-terminated input, so no byte past it is read. */
static size_t utf8_length(const unsigned char *s)
{
    size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xC2 && s[0] <= 0xDF ? 2 : (s[0] & 0xF0) == 0xE0 ? 3 : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4 : 0;
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool outside = (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF4 && s[1] > 0x8F);
    return overlong || outside ? 0 : n;
}

static void quote(FILE *to, const char *text)
{
    fputc('"', to);
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        size_t n = utf8_length(s);
        if (n == 0) {
            fputs("\xEF\xBF\xBD", to);
            n = 1;
        } else if (*s == '"' || *s == '\\') {
            fprintf(to, "\\%c", *s);
        } else if (*s < 0x20 || *s == 0x7F) {
            fprintf(to, "\\u%04x", *s);
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

void jsonl_bool(struct jsonl *json, const char *name, bool value)
{
    jsonl_raw(json, name, value ? "true" : "false");
}

void jsonl_number(struct jsonl *json, const char *name, uint64_t value)
{
    key(json, name);
    fprintf(json->to, "%" PRIu64, value);
}

void jsonl_raw(struct jsonl *json, const char *name, const char *value)
{
    key(json, name);
    fputs(value, json->to);
}

void jsonl_close(struct jsonl *json)
{
    fputs("}\n", json->to);
    fflush(json->to);
}
