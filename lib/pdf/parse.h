/* Objects from tokens (ISO 32000-2 7.3). Nesting and elements are capped; what is made lives in the lexer's arena. */
#ifndef PDF_PARSE_H
#define PDF_PARSE_H

#include <base/watch.h>
#include <pdf/lex.h>
#include <pdf/object.h>

struct pdf_crypt;

struct pdf_parser {
    struct pdf_lexer lex;
    uint32_t max_depth;
    struct watch *watch;
    const struct pdf_crypt *crypt;  /* NULL: strings are as they stand; else they are those of the object `owner` */
    struct pdf_ref owner;
    /* Open arrays and dictionaries collect here; closing one moves its share into the arena. */
    struct pdf_obj *items;
    struct pdf_entry *entries;
    size_t n_items, cap_items, n_entries, cap_entries;
};

void pdf_parser_drop(struct pdf_parser *parser);
/* One direct object or reference. FORMAT, LIMIT, NOMEM, TIMEOUT, CANCELLED. */
int pdf_parse(struct pdf_parser *parser, struct pdf_obj *out, sign_err *err);
/* The same, its first token already taken. */
int pdf_parse_from(struct pdf_parser *parser, const struct pdf_token *first, struct pdf_obj *out, sign_err *err);

#endif
