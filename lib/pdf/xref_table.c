/*
 * Cross-reference tables (ISO 32000-2 7.5.4), with the defects that all readers take: entries of 19 or 21 bytes,
 * blanks, CR. Where some mend the file by a scan, and find other objects, it is damaged to us, too: comments, signs, NUL,
 * numbers of other than 10 and 5 digits.
 */
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/impl.h>

#define ENTRY  20
#define WINDOW KIB(64)
#define SLACK  256 /* a table's lines are far shorter: a window with less left is moved on */

/* Reading the table through windows that move. */
struct table {
    struct pdf_file *file;
    struct pdf_parser *parser;
};

static int move_to(struct table *t, uint64_t offset, sign_err *err)
{
    sign_bytes bytes;
    int rc = pdf_window(t->file, offset, WINDOW, &bytes, err);
    if (rc == SIGN_OK) {
        t->parser = pdf_parser_over(t->file, bytes, offset);
    }
    return rc;
}

static int slack(struct table *t, sign_err *err)
{
    uint64_t at = pdf_lex_at(&t->parser->lex);
    if (cursor_left(&t->parser->lex.in) >= SLACK || at + cursor_left(&t->parser->lex.in) == t->file->size) {
        return SIGN_OK;
    }
    return move_to(t, at, err);
}

static bool digits(const uint8_t *at, size_t n, uint64_t *out)
{
    return n < 20 && parse_u64(bytes_of(at, n), out);
}

static int add(struct table *t, struct pdf_places *places, uint32_t num, uint64_t offset, uint64_t gen, bool used,
               sign_err *err)
{
    /* An object at offset 0 is what some writers say for a free one. */
    bool placed = used && offset != 0, inside = offset < t->file->size - t->file->header;
    struct pdf_place place = { .num = num,
                               .kind = !placed ? PDF_PLACE_FREE : inside ? PDF_PLACE_FILE : PDF_PLACE_DISPUTED,
                               .at = placed ? offset + t->file->header : 0,
                               .more = placed && gen <= 65535 ? (uint32_t)gen : 0 };
    if (placed && gen > 65535) { /* 7.5.4: the largest */
        place.kind = PDF_PLACE_DISPUTED;
    }
    return pdf_places_add(places, place, err);
}

/* An entry exactly as 7.5.4 has it; false when this is none. */
static bool exact(const struct cursor *in, uint64_t *offset, uint64_t *gen, bool *used)
{
    const uint8_t *p = in->ptr + in->pos;
    if (cursor_left(in) < ENTRY || p[10] != ' ' || p[16] != ' ' || (p[17] != 'n' && p[17] != 'f') ||
        !pdf_is_space(p[18]) || !pdf_is_space(p[19]) || p[18] == 0 || p[19] == 0) {
        return false;
    }
    *used = p[17] == 'n';
    return digits(p, 10, offset) && digits(p + 11, 5, gen);
}

static int broken(const struct pdf_token *at, const char *expected, sign_err *err)
{
    return err_set(err, SIGN_E_FORMAT, at->start, "ISO 32000-2 7.5.4", "cross-reference table: expected %s", expected);
}

/* What was read from `from` on. */
static bool plain(const struct table *t, size_t from)
{
    const struct cursor *in = &t->parser->lex.in;
    return pdf_is_plain_number(bytes_of(in->ptr + from, in->pos - from));
}

static int loose(struct table *t, uint64_t *offset, uint64_t *gen, bool *used, sign_err *err)
{
    struct pdf_token a, b, word;
    size_t from = t->parser->lex.in.pos;
    int rc;
    if ((rc = pdf_lex(&t->parser->lex, &a, err)) != SIGN_OK || (rc = pdf_lex(&t->parser->lex, &b, err)) != SIGN_OK) {
        return rc;
    }
    bool digits_alone = plain(t, from) && a.end - a.start == 10 && b.end - b.start == 5;
    if ((rc = pdf_lex(&t->parser->lex, &word, err)) != SIGN_OK) {
        return rc;
    }
    bool is_used = word.kind == PDF_LEX_WORD && bytes_are(word.bytes, "n");
    bool is_free = word.kind == PDF_LEX_WORD && bytes_are(word.bytes, "f");
    if (a.kind != PDF_LEX_INT || b.kind != PDF_LEX_INT || !digits_alone || (!is_used && !is_free)) {
        return broken(&a, "an entry 'offset generation n|f'", err);
    }
    *offset = (uint64_t)a.integer;
    *gen = (uint64_t)b.integer;
    *used = is_used;
    return SIGN_OK;
}

static int subsection(struct table *t, struct pdf_places *places, int64_t first, int64_t count, sign_err *err)
{
    for (int64_t i = 0; i < count; i++) {
        uint64_t offset = 0, gen = 0;
        bool used = false;
        int rc = slack(t, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        struct cursor *in = &t->parser->lex.in;
        size_t from = in->pos;
        if (exact(in, &offset, &gen, &used)) {
            cursor_skip(in, ENTRY);
        } else if ((rc = loose(t, &offset, &gen, &used, err)) != SIGN_OK) {
            return rc;
        }
        if ((rc = pdf_spend(t->file, in->pos - from, err)) != SIGN_OK ||
            (rc = add(t, places, (uint32_t)(first + i), offset, gen, used, err)) != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

static int subsections(struct table *t, struct pdf_section *section, uint64_t *trailer, sign_err *err)
{
    for (;;) {
        struct pdf_token first, count;
        int rc = slack(t, err);
        size_t from = t->parser->lex.in.pos;
        if (rc != SIGN_OK || (rc = pdf_lex(&t->parser->lex, &first, err)) != SIGN_OK) {
            return rc;
        }
        if (first.kind == PDF_LEX_WORD && bytes_are(first.bytes, "trailer")) {
            *trailer = first.end;
            return SIGN_OK;
        }
        if ((rc = pdf_lex(&t->parser->lex, &count, err)) != SIGN_OK) {
            return rc;
        }
        if (first.kind != PDF_LEX_INT || count.kind != PDF_LEX_INT || !plain(t, from)) {
            return broken(&first, "'first count' or 'trailer'", err);
        }
        if (first.integer > LIMIT_PDF_OBJECTS + 1 || count.integer > LIMIT_PDF_OBJECTS + 1 - first.integer) {
            return err_set(err, SIGN_E_LIMIT, first.start, "ISO 32000-1 annex C.2", "object numbers above %d",
                           LIMIT_PDF_OBJECTS);
        }
        rc = subsection(t, &section->places, first.integer, count.integer, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
}

/*
 * 7.5.8.4: what the table calls free may be in the stream that /XRefStm names; what stands used in both must agree.
 * Readers of PDF 1.4 see the table alone.
 */
static int add_hidden(struct pdf_section *section, const struct pdf_section *hidden, sign_err *err)
{
    size_t n = section->places.n;
    struct pdf_places table = { .list = section->places.list, .n = n };
    for (size_t i = 0; i < hidden->places.n; i++) {
        struct pdf_place place = hidden->places.list[i];
        struct pdf_place *known = (struct pdf_place *)(uintptr_t)pdf_places_find(&table, place.num);
        if (known == NULL) {
            place.seen = PDF_SEEN_ADDED;
            int rc = pdf_places_add(&section->places, place, err);
            if (rc != SIGN_OK) {
                return rc;
            }
            table.list = section->places.list;
        } else if (known->kind == PDF_PLACE_FREE) {
            place.seen = place.kind == PDF_PLACE_FREE ? PDF_SEEN_BOTH : PDF_SEEN_FREED;
            *known = place;
        } else if (place.kind == PDF_PLACE_FREE) {
            known->seen = PDF_SEEN_AGAINST;
        } else if (place.kind != known->kind || place.at != known->at) {
            known->kind = PDF_PLACE_DISPUTED;
            section->places.disputed = true;
        }
    }
    pdf_places_settle(&section->places);
    return SIGN_OK;
}

static int hybrid(struct pdf_section *section, struct pdf_file *file, sign_err *err)
{
    const struct pdf_obj *at = pdf_dict_get(&section->trailer, "XRefStm");
    if (at == NULL) {
        return SIGN_OK;
    }
    if (at->kind != PDF_INT || at->u.integer < 0) {
        return err_set(err, SIGN_E_FORMAT, at->start, "ISO 32000-2 7.5.8.4", "/XRefStm: expected an offset, found %s",
                       pdf_kind_name(at->kind));
    }
    struct pdf_section hidden = { 0 };
    int rc = pdf_xref_stream(&hidden, file, (uint64_t)at->u.integer + file->header, err);
    if (rc == SIGN_OK) {
        section->form = PDF_XREF_HYBRID;
        section->reach = hidden.reach > section->reach ? hidden.reach : section->reach;
        rc = add_hidden(section, &hidden, err);
    }
    pdf_section_free(&hidden);
    return rc;
}

int pdf_xref_table(struct pdf_section *section, struct pdf_file *file, uint64_t offset, sign_err *err)
{
    struct table t = { .file = file };
    uint64_t trailer = 0;
    int rc = move_to(&t, offset, err);
    if (rc != SIGN_OK || (rc = subsections(&t, section, &trailer, err)) != SIGN_OK ||
        (rc = pdf_direct_read(&section->trailer, &section->reach, file, trailer, err)) != SIGN_OK) {
        return rc;
    }
    if (section->trailer.kind != PDF_DICT) {
        return err_set(err, SIGN_E_FORMAT, trailer, "ISO 32000-2 7.5.5", "trailer: expected a dictionary, found %s",
                       pdf_kind_name(section->trailer.kind));
    }
    section->form = PDF_XREF_TABLE;
    pdf_places_settle(&section->places);
    return hybrid(section, file, err);
}
