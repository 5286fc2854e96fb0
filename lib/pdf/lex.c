#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/lex.h>

/* ISO 32000-2 tables 1 and 2; and what numbers are written with (7.3.3). */
enum { SPACE = 1, DELIMITER = 2, NUMERIC = 4 };
static const uint8_t classes[256] = {
    [0] = SPACE,       ['\t'] = SPACE,    ['\n'] = SPACE,    ['\f'] = SPACE,    ['\r'] = SPACE,    [' '] = SPACE,
    ['('] = DELIMITER, [')'] = DELIMITER, ['<'] = DELIMITER, ['>'] = DELIMITER, ['['] = DELIMITER, [']'] = DELIMITER,
    ['{'] = DELIMITER, ['}'] = DELIMITER, ['/'] = DELIMITER, ['%'] = DELIMITER, ['+'] = NUMERIC,   ['-'] = NUMERIC,
    ['.'] = NUMERIC,   ['0'] = NUMERIC,   ['1'] = NUMERIC,   ['2'] = NUMERIC,   ['3'] = NUMERIC,   ['4'] = NUMERIC,
    ['5'] = NUMERIC,   ['6'] = NUMERIC,   ['7'] = NUMERIC,   ['8'] = NUMERIC,   ['9'] = NUMERIC,
};

/* byte may be -1, which is of no class. */
static bool is(unsigned any, int byte)
{
    return byte >= 0 && (classes[(uint8_t)byte] & any) != 0;
}

bool pdf_is_space(int byte)
{
    return is(SPACE, byte);
}

bool pdf_is_regular(int byte)
{
    return byte >= 0 && !is(SPACE | DELIMITER, byte);
}

bool pdf_is_plain_number(sign_bytes text)
{
    bool plain = text.len > 0;
    for (size_t i = 0; i < text.len && plain; i++) {
        uint8_t byte = text.ptr[i];
        plain = (byte >= '0' && byte <= '9') || (byte != 0 && pdf_is_space(byte));
    }
    return plain;
}

const char *pdf_show(char out[PDF_SHOWN], sign_bytes text)
{
    sign_bytes cut = bytes_slice(text, 0, PDF_SHOWN - 1);
    for (size_t i = 0; i < cut.len; i++) {
        out[i] = cut.ptr[i] > ' ' && cut.ptr[i] < 0x7F ? (char)cut.ptr[i] : '?';
    }
    out[cut.len] = '\0';
    return out;
}

int pdf_no_room(const struct arena *arena, sign_err *err)
{
    size_t max = arena->max != 0 ? arena->max : LIMIT_ARENA;
    if (arena->used < max / 2) {
        return err_nomem(err);
    }
    return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "its objects take more than %zu bytes of memory", max);
}

/* The byte `ahead` places on, and the note that the end was seen. */
static int look_ahead(struct pdf_lexer *lex, size_t ahead)
{
    int byte = cursor_peek(&lex->in, ahead);
    if (byte < 0) {
        lex->starved = true;
    }
    return byte;
}

static int look(struct pdf_lexer *lex)
{
    return look_ahead(lex, 0);
}

uint64_t pdf_lex_at(const struct pdf_lexer *lex)
{
    return lex->placed ? cursor_offset(&lex->in) : SIGN_NO_OFFSET;
}

void pdf_lex_space(struct pdf_lexer *lex)
{
    for (;;) {
        int byte = look(lex);
        if (byte == '%') {
            while (byte >= 0 && byte != '\r' && byte != '\n') {
                cursor_next(&lex->in);
                byte = look(lex);
            }
        } else if (pdf_is_space(byte)) {
            cursor_next(&lex->in);
        } else {
            return;
        }
    }
}

static sign_bytes since(const struct pdf_lexer *lex, size_t from)
{
    return bytes_of(lex->in.ptr + from, lex->in.pos - from);
}

#define SURE 18 /* digits that fit whatever they are */

/* The digits as an int64_t: false when they do not fit, or when this is no plain integer. */
static bool plain_integer(sign_bytes text, int64_t *out)
{
    size_t at = text.ptr[0] == '+' || text.ptr[0] == '-';
    uint64_t value = 0;
    if (at == text.len) {
        return false;
    }
    for (; at < text.len; at++) {
        uint8_t digit = (uint8_t)(text.ptr[at] - '0');
        if (digit > 9 || (at >= SURE && value > ((uint64_t)INT64_MAX - digit) / 10)) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = text.ptr[0] == '-' ? -(int64_t)value : (int64_t)value;
    return true;
}

/*
 * What is not plain: a real (7.3.3), or what readers make something of without agreeing: "--5" is -5 as in Acrobat,
 * "1.2.3" is 1.2, "-" is 0, "5-3" is 5. As reals none of these reaches a place where an integer decides.
 */
static double lenient_real(sign_bytes text)
{
    double value = 0, scale = 0;
    size_t at = 0;
    while (at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-')) {
        at++;
    }
    for (; at < text.len; at++) {
        uint8_t byte = text.ptr[at];
        if (byte == '.' && scale == 0) {
            scale = 1;
        } else if (byte >= '0' && byte <= '9') {
            scale *= 0.1;
            value = scale == 0 ? value * 10 + (byte - '0') : value + scale * (byte - '0');
        } else {
            break;
        }
    }
    return text.ptr[0] == '-' ? -value : value;
}

static int lex_number(struct pdf_lexer *lex, struct pdf_token *out)
{
    size_t from = lex->in.pos;
    while (is(NUMERIC, look(lex))) {
        cursor_next(&lex->in);
    }
    sign_bytes text = since(lex, from);
    out->kind = plain_integer(text, &out->integer) ? PDF_LEX_INT : PDF_LEX_REAL;
    out->real = out->kind == PDF_LEX_INT ? (double)out->integer : lenient_real(text);
    return SIGN_OK;
}

/* Bytes for a token: borrowed where they stay and need no decoding, else a copy to decode into. */
static int own(struct pdf_lexer *lex, sign_bytes raw, bool decode, uint8_t **copy, struct pdf_token *out, sign_err *err)
{
    *copy = NULL;
    out->bytes = raw;
    if (raw.len == 0 || (!decode && !lex->copy)) {
        return SIGN_OK;
    }
    *copy = arena_dup(lex->arena, raw.ptr, raw.len);
    out->bytes.ptr = *copy;
    return *copy == NULL ? pdf_no_room(lex->arena, err) : SIGN_OK;
}

/* 7.3.5: #xx is one byte. A # without two hex digits stands for itself, as in PDF 1.1. */
static int lex_name(struct pdf_lexer *lex, struct pdf_token *out, sign_err *err)
{
    uint64_t start = pdf_lex_at(lex);
    cursor_next(&lex->in);
    size_t from = lex->in.pos;
    bool escaped = false;
    for (int byte = look(lex); pdf_is_regular(byte); byte = look(lex)) {
        escaped |= byte == '#';
        cursor_next(&lex->in);
    }
    sign_bytes raw = since(lex, from);
    if (raw.len > LIMIT_PDF_NAME) {
        return err_set(err, SIGN_E_LIMIT, start, "ISO 32000-2 7.3.5", "name of %zu bytes; %d are the limit", raw.len,
                       LIMIT_PDF_NAME);
    }
    uint8_t *copy;
    int rc = own(lex, raw, escaped, &copy, out, err);
    out->kind = PDF_LEX_NAME;
    if (rc != SIGN_OK || !escaped) {
        return rc;
    }
    size_t len = 0;
    for (size_t i = 0; i < raw.len; i++) {
        int high = raw.ptr[i] == '#' && i + 2 < raw.len ? hex_value(raw.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_value(raw.ptr[i + 2]) : -1;
        copy[len++] = low >= 0 ? (uint8_t)(high * 16 + low) : raw.ptr[i];
        i += low >= 0 ? 2 : 0;
    }
    out->bytes.len = len;
    return SIGN_OK;
}

/* One escape of a literal string (7.3.4.2), the cursor behind the backslash. Returns the byte, or -1 for none. */
static int unescape(struct cursor *in)
{
    static const char letters[] = "nrtbf", values[] = "\n\r\t\b\f";
    int byte = cursor_next(in);
    const char *letter = byte > 0 ? strchr(letters, byte) : NULL;
    if (letter != NULL) {
        return values[letter - letters];
    }
    if (byte == '\r') {
        cursor_match(in, BYTES_LIT("\n"));
        return -1;
    }
    if (byte == '\n') {
        return -1;
    }
    if (byte < '0' || byte > '7') {
        return byte;
    }
    int value = byte - '0';
    for (int i = 0; i < 2 && cursor_peek(in, 0) >= '0' && cursor_peek(in, 0) <= '7'; i++) {
        value = value * 8 + (cursor_next(in) - '0');
    }
    return value & 0xFF; /* "high-order overflow shall be ignored" */
}

static size_t decode_literal(sign_bytes raw, uint8_t *to)
{
    struct cursor in = cursor_over(raw, 0);
    size_t len = 0;
    while (!cursor_end(&in)) {
        int byte = cursor_next(&in);
        if (byte == '\\') {
            byte = unescape(&in);
        } else if (byte == '\r') { /* an end of line within a string is one line feed */
            cursor_match(&in, BYTES_LIT("\n"));
            byte = '\n';
        }
        if (byte >= 0) {
            to[len++] = (uint8_t)byte;
        }
    }
    return len;
}

static int lex_literal(struct pdf_lexer *lex, struct pdf_token *out, sign_err *err)
{
    uint64_t start = pdf_lex_at(lex);
    cursor_next(&lex->in);
    size_t from = lex->in.pos, depth = 1;
    bool decode = false;
    for (;;) {
        int byte = look(lex);
        if (byte < 0) {
            return err_set(err, SIGN_E_FORMAT, start, "ISO 32000-2 7.3.4.2", "literal string: no closing parenthesis");
        }
        cursor_next(&lex->in);
        depth += byte == '(';
        depth -= byte == ')';
        if (depth == 0) {
            break;
        }
        decode |= byte == '\\' || byte == '\r';
        if (byte == '\\') {
            cursor_next(&lex->in);
        }
    }
    sign_bytes raw = since(lex, from);
    raw.len--;
    uint8_t *copy;
    int rc = own(lex, raw, decode, &copy, out, err);
    if (rc == SIGN_OK && decode && copy != NULL) {
        out->bytes.len = decode_literal(raw, copy);
    }
    out->kind = PDF_LEX_STRING;
    return rc;
}

static void decode_hex(uint8_t *to, sign_bytes raw)
{
    for (size_t i = 0, n = 0; i < raw.len; i++) {
        int value = hex_value(raw.ptr[i]);
        if (value >= 0) {
            to[n / 2] |= (uint8_t)(n % 2 == 0 ? value << 4 : value);
            n++;
        }
    }
}

/* 7.3.4.3: white space is ignored, a missing last digit is 0. Anything else is refused: readers differ about it. */
static int lex_hex(struct pdf_lexer *lex, struct pdf_token *out, sign_err *err)
{
    uint64_t start = pdf_lex_at(lex);
    cursor_next(&lex->in);
    size_t from = lex->in.pos, digits = 0;
    for (;;) {
        unsigned cases;
        size_t run = hex_span(cursor_rest(&lex->in), &cases);
        cursor_skip(&lex->in, run);
        digits += run;
        int byte = look(lex);
        if (byte == '>') {
            break;
        }
        if (byte < 0) {
            return err_set(err, SIGN_E_FORMAT, start, "ISO 32000-2 7.3.4.3", "hexadecimal string: no closing '>'");
        }
        if (!pdf_is_space(byte)) {
            return err_set(err, SIGN_E_FORMAT, pdf_lex_at(lex), "ISO 32000-2 7.3.4.3",
                           "hexadecimal string: expected a digit, found byte 0x%02x", (unsigned)byte);
        }
        cursor_next(&lex->in);
    }
    sign_bytes raw = since(lex, from);
    cursor_next(&lex->in);
    out->kind = PDF_LEX_STRING;
    out->hex = true;
    out->bytes = (sign_bytes){ NULL, (digits + 1) / 2 };
    if (digits == 0) {
        return SIGN_OK;
    }
    uint8_t *to = arena_alloc(lex->arena, out->bytes.len);
    out->bytes.ptr = to;
    if (to == NULL) {
        return pdf_no_room(lex->arena, err);
    }
    if (digits == raw.len && digits % 2 == 0) {
        hex_pairs(to, raw.ptr, digits / 2);
    } else {
        decode_hex(to, raw);
    }
    return SIGN_OK;
}

static enum pdf_lexeme bracket(int byte, int next)
{
    switch (byte) {
    case '<':
        return next == '<' ? PDF_LEX_DICT : PDF_LEX_END;
    case '>':
        return next == '>' ? PDF_LEX_DICT_END : PDF_LEX_END;
    case '[':
        return PDF_LEX_ARRAY;
    case ']':
        return PDF_LEX_ARRAY_END;
    default:
        return PDF_LEX_END;
    }
}

static int lex_delimiter(struct pdf_lexer *lex, struct pdf_token *out, sign_err *err)
{
    int byte = look(lex), next = byte == '<' || byte == '>' ? look_ahead(lex, 1) : -1;
    out->kind = bracket(byte, next);
    if (out->kind != PDF_LEX_END) {
        cursor_skip(&lex->in, next < 0 ? 1 : 2);
        return SIGN_OK;
    }
    switch (byte) {
    case '/':
        return lex_name(lex, out, err);
    case '(':
        return lex_literal(lex, out, err);
    case '<':
        return lex_hex(lex, out, err);
    default:
        return err_set(err, SIGN_E_FORMAT, pdf_lex_at(lex), "ISO 32000-2 7.2.3", "expected an object, found '%c'",
                       byte); /* a delimiter: ASCII */
    }
}

int pdf_lex(struct pdf_lexer *lex, struct pdf_token *out, sign_err *err)
{
    int rc = SIGN_OK;
    pdf_lex_space(lex);
    *out = (struct pdf_token){ .kind = PDF_LEX_END, .start = pdf_lex_at(lex) };
    int byte = look(lex);
    size_t from = lex->in.pos;
    if (is(NUMERIC, byte)) {
        rc = lex_number(lex, out);
    } else if (is(DELIMITER, byte)) {
        rc = lex_delimiter(lex, out, err);
    } else if (byte >= 0) {
        while (pdf_is_regular(look(lex))) {
            cursor_next(&lex->in);
        }
        out->kind = PDF_LEX_WORD;
        out->bytes = since(lex, from);
    }
    out->end = pdf_lex_at(lex);
    return rc;
}

bool pdf_lex_reference(struct pdf_lexer *lex, uint32_t *gen)
{
    struct cursor saved = lex->in;
    pdf_lex_space(lex);
    size_t from = lex->in.pos;
    while (look(lex) >= '0' && look(lex) <= '9') {
        cursor_next(&lex->in);
    }
    bool found = parse_u32(since(lex, from), gen);
    size_t end = lex->in.pos;
    pdf_lex_space(lex);
    found = found && lex->in.pos > end && look(lex) == 'R' && !pdf_is_regular(look_ahead(lex, 1));
    if (!found) {
        lex->in = saved;
        return false;
    }
    cursor_next(&lex->in);
    return true;
}
