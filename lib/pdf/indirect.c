/*
 * Objects where they stand in the file: `N G obj … endobj` (ISO 32000-2 7.3.10), and how far a stream's data reaches
 * (7.3.8).
 */
#include <base/err.h>
#include <base/limits.h>
#include <pdf/crypt.h>
#include <pdf/impl.h>

#define FIRST_WINDOW KIB(8)
#define SCAN_WINDOW  KIB(64)
#define MARK         "endstream"

/* What one attempt at the bytes of a window does. data: where a stream's data begins, 0 for no stream. */
typedef int (*attempt_fn)(struct pdf_parser *p, void *out, sign_err *err);

/*
 * Runs an attempt over ever larger windows, until it no longer looks past the end of what it is given. In memory the
 * first window is the whole rest of the file.
 */
static int attempt(struct pdf_file *file, uint64_t offset, attempt_fn fn, void *out, sign_err *err)
{
    for (size_t want = FIRST_WINDOW;; want *= 4) {
        sign_bytes bytes;
        int rc = pdf_window(file, offset, want, &bytes, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        struct pdf_parser *p = pdf_parser_over(file, bytes, offset);
        rc = fn(p, out, err);
        int spent = pdf_spend(file, p->lex.in.pos, rc == SIGN_OK ? err : NULL);
        bool whole = !p->lex.starved || offset + bytes.len == file->size;
        if (whole || (rc != SIGN_OK && rc != SIGN_E_FORMAT)) {
            return rc != SIGN_OK ? rc : spent;
        }
        if (want >= LIMIT_PDF_OBJECT) {
            return err_set(err, SIGN_E_LIMIT, offset, NULL, "object larger than %zu bytes", LIMIT_PDF_OBJECT);
        }
    }
}

struct direct {
    struct pdf_obj obj;
    uint64_t end;
};

static int try_direct(struct pdf_parser *p, void *out, sign_err *err)
{
    struct direct *direct = out;
    int rc = pdf_parse(p, &direct->obj, err);
    direct->end = pdf_lex_at(&p->lex);
    return rc;
}

int pdf_direct_read(struct pdf_obj *out, uint64_t *end, struct pdf_file *file, uint64_t offset, sign_err *err)
{
    struct direct direct = { 0 };
    int rc = attempt(file, offset, try_direct, &direct, err);
    *out = direct.obj;
    *end = direct.end;
    return rc;
}

struct head {
    struct pdf_indirect *to;
    uint64_t data;
    const struct pdf_crypt *crypt; /* NULL: nothing is encrypted here */
};

/* The strings of the encryption dictionary are plain (7.6.2). */
static void set_cipher(struct pdf_parser *p, const struct head *head)
{
    p->owner = head->to->ref;
    p->crypt = head->crypt != NULL && head->crypt->self.num == p->owner.num ? NULL : head->crypt;
}

/* "+5 0 obj" is an object to some readers, and damage that they mend by a scan to others. */
static bool has_sign(const struct pdf_parser *p, const struct pdf_token *number)
{
    uint8_t first = p->lex.in.ptr[number->start - p->lex.in.base];
    return first == '+' || first == '-';
}

static int header(struct pdf_parser *p, struct pdf_ref *ref, sign_err *err)
{
    struct pdf_token num, gen, word;
    int rc;
    if ((rc = pdf_lex(&p->lex, &num, err)) != SIGN_OK || (rc = pdf_lex(&p->lex, &gen, err)) != SIGN_OK ||
        (rc = pdf_lex(&p->lex, &word, err)) != SIGN_OK) {
        return rc;
    }
    if (num.kind != PDF_LEX_INT || gen.kind != PDF_LEX_INT || word.kind != PDF_LEX_WORD ||
        !bytes_are(word.bytes, "obj") || num.integer < 0 || num.integer > UINT32_MAX || gen.integer < 0 ||
        gen.integer > UINT32_MAX || has_sign(p, &num) || has_sign(p, &gen)) {
        return err_set(err, SIGN_E_FORMAT, num.start, "ISO 32000-2 7.3.10", "expected 'N G obj' here");
    }
    *ref = (struct pdf_ref){ (uint32_t)num.integer, (uint32_t)gen.integer };
    return SIGN_OK;
}

/* 7.3.8.1: the keyword stream is followed by CR LF or LF. A CR alone, and blanks before either, are met and read. */
static uint64_t data_start(struct pdf_lexer *lex)
{
    struct cursor saved = lex->in;
    while (cursor_peek(&lex->in, 0) == ' ' || cursor_peek(&lex->in, 0) == '\t') {
        cursor_next(&lex->in);
    }
    if (!cursor_match(&lex->in, BYTES_LIT("\r\n")) && !cursor_match(&lex->in, BYTES_LIT("\n")) &&
        !cursor_match(&lex->in, BYTES_LIT("\r"))) {
        lex->in = saved;
    }
    lex->starved |= cursor_left(&lex->in) < 2;
    return pdf_lex_at(lex);
}

static int try_indirect(struct pdf_parser *p, void *out, sign_err *err)
{
    struct head *head = out;
    struct pdf_indirect *to = head->to;
    struct pdf_token token;
    int rc = header(p, &to->ref, err);
    if (rc != SIGN_OK || (rc = pdf_lex(&p->lex, &token, err)) != SIGN_OK) {
        return rc;
    }
    head->data = 0;
    set_cipher(p, head);
    if (token.kind == PDF_LEX_WORD && bytes_are(token.bytes, "endobj")) { /* nothing in between: readers take null */
        to->obj = pdf_null;
        to->end = token.end;
        return SIGN_OK;
    }
    if ((rc = pdf_parse_from(p, &token, &to->obj, err)) != SIGN_OK) {
        return rc;
    }
    to->end = to->obj.end;
    if (pdf_lex(&p->lex, &token, NULL) != SIGN_OK || token.kind != PDF_LEX_WORD) {
        return SIGN_OK; /* endobj forgotten: what follows is not ours */
    }
    if (bytes_are(token.bytes, "endobj")) {
        to->end = token.end;
    } else if (to->obj.kind == PDF_DICT && bytes_are(token.bytes, "stream")) {
        head->data = data_start(&p->lex);
    }
    return SIGN_OK;
}

int pdf_indirect_read(struct pdf_indirect *out, struct pdf_file *file, struct pdf_view *view, uint64_t offset,
                      sign_err *err)
{
    struct head head = { .to = out, .crypt = view == NULL ? NULL : file->crypt };
    *out = (struct pdf_indirect){ 0 };
    int rc = attempt(file, offset, try_indirect, &head, err);
    return rc != SIGN_OK || head.data == 0 ? rc : pdf_extent(out, file, view, head.data, err);
}

int pdf_length(uint64_t *out, bool *known, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    const struct pdf_obj *length = pdf_dict_get(dict, "Length");
    *known = false;
    if (view != NULL && length != NULL && length->kind == PDF_REF) {
        int rc = pdf_resolve(&length, view, length, err);
        if (rc != SIGN_OK && rc != SIGN_E_FORMAT) {
            return rc;
        }
        length = rc == SIGN_OK ? length : NULL;
    }
    if (length != NULL && length->kind == PDF_INT && length->u.integer >= 0) {
        *out = (uint64_t)length->u.integer;
        *known = true;
    }
    return SIGN_OK;
}

/* Does `endstream` stand at offset, white space before it allowed? *end: behind it. */
static int at_mark(struct pdf_file *file, uint64_t offset, bool *found, uint64_t *end, sign_err *err)
{
    struct cursor in;
    *found = false;
    if (offset >= file->size) {
        return SIGN_OK;
    }
    int rc = pdf_word_at(&in, file, offset, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    *found = cursor_match(&in, BYTES_LIT(MARK));
    *end = cursor_offset(&in);
    return SIGN_OK;
}

/* The first `endstream` at or after data: for a /Length that is missing or wrong, as Acrobat, poppler and qpdf do. */
static int find_mark(struct pdf_file *file, uint64_t data, uint64_t *mark, sign_err *err)
{
    for (uint64_t at = data; at < file->size;) {
        sign_bytes bytes;
        int rc = pdf_window(file, at, SCAN_WINDOW, &bytes, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        size_t found = bytes_find(bytes, BYTES_LIT(MARK), 0);
        rc = pdf_spend(file, found == SIZE_MAX ? bytes.len : found, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        if (found != SIZE_MAX) {
            *mark = at + found;
            return SIGN_OK;
        }
        if (at + bytes.len == file->size) {
            break;
        }
        at += bytes.len - (sizeof MARK - 2); /* one may stand across the seam */
    }
    return err_set(err, SIGN_E_FORMAT, data, "ISO 32000-2 7.3.8.1", "stream: no endstream");
}

/* The end-of-line marker before endstream is not data (7.3.8.1). */
static int before_mark(struct pdf_file *file, uint64_t data, uint64_t mark, uint64_t *end, sign_err *err)
{
    uint64_t from = mark - data < 2 ? data : mark - 2;
    sign_bytes tail;
    *end = mark;
    int rc = pdf_window(file, from, (size_t)(mark - from) + 1, &tail, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    size_t len = (size_t)(mark - from);
    if (len > 0 && tail.ptr[len - 1] == '\n') {
        *end -= 1 + (len > 1 && tail.ptr[len - 2] == '\r');
    } else if (len > 0 && tail.ptr[len - 1] == '\r') {
        *end -= 1;
    }
    return SIGN_OK;
}

/* endobj behind endstream belongs to the object; a missing one is forgiven. */
static int find_endobj(struct pdf_indirect *stream, struct pdf_file *file, uint64_t at, sign_err *err)
{
    stream->end = at;
    if (at >= file->size) {
        return SIGN_OK;
    }
    sign_bytes bytes;
    int rc = pdf_window(file, at, 64, &bytes, err);
    struct pdf_token token;
    if (rc == SIGN_OK && pdf_lex(&pdf_parser_over(file, bytes_slice(bytes, 0, 64), at)->lex, &token, NULL) == SIGN_OK &&
        token.kind == PDF_LEX_WORD && bytes_are(token.bytes, "endobj")) {
        stream->end = token.end;
    }
    return rc;
}

int pdf_extent(struct pdf_indirect *stream, struct pdf_file *file, struct pdf_view *view, uint64_t data, sign_err *err)
{
    struct pdf_obj *obj = &stream->obj;
    const struct pdf_obj *length = pdf_dict_get(obj, "Length");
    uint64_t len = 0, end = 0;
    bool known;
    stream->length_by_ref = length != NULL && length->kind == PDF_REF;
    int rc = pdf_length(&len, &known, view, obj, err);
    stream->length_known = known;
    stream->length = len;
    if (rc == SIGN_OK && known && len <= file->size - data) {
        rc = at_mark(file, data + len, &known, &end, err);
    } else {
        known = false;
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    if (!known) {
        uint64_t mark = data, stop = data;
        if ((rc = find_mark(file, data, &mark, err)) != SIGN_OK ||
            (rc = before_mark(file, data, mark, &stop, err)) != SIGN_OK) {
            return rc;
        }
        len = stop - data;
        end = mark + sizeof MARK - 1;
    }
    obj->kind = PDF_STREAM;
    obj->u.dict.data = data;
    obj->u.dict.data_len = len;
    obj->u.dict.self = stream->ref;
    obj->end = end;
    return find_endobj(stream, file, end, err);
}
