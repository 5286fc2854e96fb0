/*
 * What kyso says, in both languages: one table (text.def), compiled in, so that a missing translation does not compile
 * and every locale, an installed tree and a build tree speak alike (docs/adr/0004). %1 to %9 in a template are replaced
 * by the arguments, which are escaped for a terminal: they come from file names, tokens and certificates.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stdio.h>

enum text {
#define TEXT(id, en, vi) T_##id,
#include "text.def"
#undef TEXT
    T_COUNT
};

/* "vi" or "en": --lang, else the locale (LC_ALL, LC_MESSAGES, LANG), else Vietnamese. False for another --lang. */
bool text_choose(const char *lang);
/* Before the options are read: --lang, wherever it stands, so that the first error is in the right language too. */
void text_guess(int argc, char **argv);
const char *text_lang(void);
const char *text_of(enum text id);

/* Prints the template and a line end to `to`; the arguments are strings, ended by NULL. */
void text_say(FILE *to, enum text id, ...) __attribute__((sentinel));
void text_print(FILE *to, enum text id, ...) __attribute__((sentinel));    /* without the line end */
void text_foreign(FILE *to, const char *text);                              /* escaped */

#endif
