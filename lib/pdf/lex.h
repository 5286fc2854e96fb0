/*
 * Tokens of PDF (ISO 32000-2 7.2, 7.3): strict where the standard leaves readers no choice that matters, lenient where
 * all readers are (numbers as scanners and old drivers write them come out as reals, so that they never pass for an
 * integer).
 */
#ifndef PDF_LEX_H
#define PDF_LEX_H

#include <base/arena.h>
#include <base/cursor.h>

enum pdf_lexeme {
    PDF_LEX_END, PDF_LEX_INT, PDF_LEX_REAL, PDF_LEX_NAME, PDF_LEX_STRING, PDF_LEX_ARRAY, PDF_LEX_ARRAY_END,
    PDF_LEX_DICT, PDF_LEX_DICT_END, PDF_LEX_WORD
};

struct pdf_token {
    enum pdf_lexeme kind;
    bool hex;                   /* PDF_LEX_STRING written as <…>                                    */
    int64_t integer;
    double real;
    sign_bytes bytes;           /* names and strings decoded; words as they stand, borrowed        */
    uint64_t start, end;        /* [start, end) in the file; SIGN_NO_OFFSET when not placed         */
};

struct pdf_lexer {
    struct cursor in;
    struct arena *arena;        /* for decoded names and strings                                    */
    bool copy;                  /* the bytes go away: borrow nothing from them                      */
    bool placed;                /* in.base is a place in the file (not in a decoded object stream)  */
    bool starved;               /* set when the end of the bytes was looked at: more might follow   */
};

/* Names and words of a file as messages may show them: cut, ASCII alone. Returns out. */
#define PDF_SHOWN 41
const char *pdf_show(char out[PDF_SHOWN], sign_bytes text);

/* Why an arena gave nothing: NOMEM, or LIMIT when it is a document that asks for too much. */
int pdf_no_room(const struct arena *arena, sign_err *err);

bool pdf_is_space(int byte);
/* Nothing but digits, and white space other than NUL: what no reader takes for something else (signs, comments). */
bool pdf_is_plain_number(sign_bytes text);
bool pdf_is_regular(int byte);
uint64_t pdf_lex_at(const struct pdf_lexer *lex);       /* where it stands, for errors */
void pdf_lex_space(struct pdf_lexer *lex);              /* white space and comments */
/* FORMAT, LIMIT (a name too long), NOMEM. */
int pdf_lex(struct pdf_lexer *lex, struct pdf_token *out, sign_err *err);
/* After an integer: takes " G R" when that follows, else moves nothing. */
bool pdf_lex_reference(struct pdf_lexer *lex, uint32_t *gen);

#endif
