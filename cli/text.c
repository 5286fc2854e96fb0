#include "text.h"

#include <libsign/bytes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *en, *vi; } table[] = {
#define TEXT(id, en, vi) { en, vi },
#include "text.def"
#undef TEXT
};

static bool english;

/* A locale that names no language ("C", "POSIX", unset) says nothing: Vietnamese. One that names another: English. */
static bool locale_is_english(void)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) {
            return strncmp(value, "vi", 2) != 0 && value[0] != 'C' && strncmp(value, "POSIX", 5) != 0;
        }
    }
    return false;
}

bool text_choose(const char *lang)
{
    if (lang && strcmp(lang, "vi") != 0 && strcmp(lang, "en") != 0) {
        return false;
    }
    english = lang ? lang[0] == 'e' : locale_is_english();
    return true;
}

void text_guess(int argc, char **argv)
{
    text_choose(NULL);
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strncmp(argv[i], "--lang=", 7) == 0) {
            (void)text_choose(argv[i] + 7);
        } else if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc) {
            (void)text_choose(argv[i + 1]);
        }
    }
}

const char *text_lang(void)
{
    return english ? "en" : "vi";
}

const char *text_of(enum text id)
{
    return english ? table[id].en : table[id].vi;
}

void text_foreign(FILE *to, const char *text)
{
    sign_buf *buf = NULL;
    if (*text && sign_buf_new(&buf) == SIGN_OK &&
        sign_buf_append_escaped(buf, (sign_bytes){ (const uint8_t *)text, strlen(text) }) == SIGN_OK) {
        sign_bytes safe = sign_buf_bytes(buf);
        fwrite(safe.ptr, 1, safe.len, to);
    }
    sign_buf_free(&buf);
}

static void print(FILE *to, enum text id, va_list args)
{
    const char *values[9] = { 0 };
    size_t n = 0;
    for (const char *value; n < 9 && (value = va_arg(args, const char *)); n++) {
        values[n] = value;
    }
    for (const char *at = text_of(id); *at; at++) {
        if (at[0] == '%' && at[1] >= '1' && at[1] <= '9') {
            at++;
            const char *value = values[*at - '1'];
            text_foreign(to, value ? value : "");
        } else {
            fputc(*at, to);
        }
    }
}

void text_print(FILE *to, enum text id, ...)
{
    va_list args;
    va_start(args, id);
    print(to, id, args);
    va_end(args);
}

void text_say(FILE *to, enum text id, ...)
{
    va_list args;
    va_start(args, id);
    print(to, id, args);
    va_end(args);
    fputc('\n', to);
}
