/* What readers see differently, or have to guess: named with object and byte, not signed, and gone once written anew. */
#include "make.h"
#include <base/cleanup.h>
#include <pdf/flaw.h>
#include <pdf/rewrite.h>
#include <pdf/update.h>

#define NONE (-1)

/* A cross-reference stream of these entries, that no startxref names. Returns where it stands. */
static uint64_t put_hidden(struct make *m, const char *index, sign_bytes entries)
{
    CLEANUP(build_free) struct build dict = { 0 };
    build_fmt(&dict, "/Type/XRef/W[1 4 1]/Root 1 0 R/Size %u/Index[%s]", MAKE_OBJECTS, index);
    build_byte(&dict, 0);
    make_stream(m, 9, (const char *)dict.ptr, entries);
    uint64_t at = m->at[9];
    m->at[9] = 0;
    return at;
}

static void end_hybrid(struct make *m, uint64_t stream)
{
    char extra[64];
    snprintf(extra, sizeof extra, "/XRefStm %llu", (unsigned long long)stream);
    make_table(m, extra);
}

/* Type 1: in the file at `at`; type 0: free. */
static void entry_of(uint8_t out[6], uint8_t type, uint64_t at)
{
    const uint8_t entry[] = { type, (uint8_t)(at >> 24), (uint8_t)(at >> 16), (uint8_t)(at >> 8), (uint8_t)at, 0 };
    memcpy(out, entry, sizeof entry);
}

static void sound(struct make *m)
{
    make_obj(m, 5, "(five)");
    make_table(m, "");
}

/* 7.5.8.4 as it is meant: object 7 is for readers of 1.5 alone. */
static void hybrid_honest(struct make *m)
{
    uint8_t entries[6];
    make_obj(m, 5, "(five)");
    make_obj(m, 7, "(seven)");
    entry_of(entries, 1, m->at[7]);
    m->at[7] = 0;
    end_hybrid(m, put_hidden(m, "7 1", bytes_of(entries, sizeof entries)));
}

/* The same in two revisions: the later table repeats nothing, the stream what the first table said. */
static void hybrid_repeats(struct make *m)
{
    uint8_t entries[6];
    make_obj(m, 5, "(five)");
    entry_of(entries, 1, m->at[5]);
    make_table(m, "");
    end_hybrid(m, put_hidden(m, "5 1", bytes_of(entries, sizeof entries)));
}

/* Readers of the tables see the old object 5, others the new one. */
static void hybrid_replaces(struct make *m)
{
    uint8_t entries[6];
    make_obj(m, 5, "(old)");
    make_table(m, "");
    make_obj(m, 5, "(new)");
    entry_of(entries, 1, m->at[5]);
    m->at[5] = 0;
    end_hybrid(m, put_hidden(m, "5 1", bytes_of(entries, sizeof entries)));
}

static void hybrid_hides_later(struct make *m)
{
    hybrid_replaces(m);
    make_obj(m, 5, "(newest)"); /* all see this one, but the revision before stays what it is */
    make_table(m, "");
}

static void hybrid_removes(struct make *m)
{
    uint8_t entries[6];
    make_obj(m, 5, "(five)");
    make_table(m, "");
    entry_of(entries, 0, 0);
    end_hybrid(m, put_hidden(m, "5 1", bytes_of(entries, sizeof entries)));
}

static void hybrid_against(struct make *m)
{
    uint8_t entries[6];
    make_obj(m, 5, "(five)");
    entry_of(entries, 0, 0);
    end_hybrid(m, put_hidden(m, "5 1", bytes_of(entries, sizeof entries)));
}

static void hybrid_disputed(struct make *m)
{
    uint8_t entries[6];
    make_obj(m, 5, "(stream)");
    entry_of(entries, 1, m->at[5]);
    make_obj(m, 5, "(table)");
    end_hybrid(m, put_hidden(m, "5 1", bytes_of(entries, sizeof entries)));
}

static void table_disputed(struct make *m)
{
    make_obj(m, 5, "(one)");
    uint64_t at = m->at[5];
    m->at[5] = 0;
    make_obj(m, 6, "(two)");
    uint64_t xref = m->out.len;
    make_text(m, "xref\n1 3\n%010llu 00000 n \n%010llu 00000 n \n%010llu 00000 n \n5 1\n%010llu 00000 n \n5 1\n%010llu 00000 n \n",
              (unsigned long long)m->at[1], (unsigned long long)m->at[2], (unsigned long long)m->at[3],
              (unsigned long long)at, (unsigned long long)m->at[6]);
    make_text(m, "trailer<</Size 9/Root 1 0 R>>\nstartxref\n%llu\n%%%%EOF\n", (unsigned long long)xref);
}

static void size_small(struct make *m)
{
    make_obj(m, 5, "(five)");
    make_table(m, "/Size 5"); /* the last one counts */
}

/* Strict readers see object 5 appear with the second revision, which does not define it. */
static void size_grows(struct make *m)
{
    size_small(m);
    make_obj(m, 6, "(six)");
    make_table(m, "");
}

/* Some writers forget the cross-reference stream itself; nobody refers to it. */
static void size_without_self(struct make *m)
{
    make_obj(m, 5, "(five)");
    make_xref_stream(m, 9, "/Size 9", NULL, 0);
}

static void xref_wrong(struct make *m)
{
    make_obj(m, 5, "(five)");
    make_text(m, "startxref\n11\n%%%%EOF\n");
}

static const struct row {
    const char *name;
    void (*write)(struct make *m);
    int kind;                       /* enum pdf_flaw_kind; NONE */
    uint32_t num;
    const char *part;               /* of what is said */
    size_t hidden;
    bool junk, lost;                /* bytes in front; writing it anew is refused */
} ROWS[] = {
    { "sound", sound, NONE, 0, "", 0, false, false },
    { "junk", sound, PDF_FLAW_JUNK, 0, "7 bytes stand before %PDF-", 0, true, false },
    { "hybrid as it is meant", hybrid_honest, NONE, 0, "", 1, false, false },
    { "hybrid that repeats", hybrid_repeats, NONE, 0, "", 0, false, false },
    { "hybrid that replaces", hybrid_replaces, PDF_FLAW_HYBRID, 5, "one thing by the tables", 0, false, false },
    { "hybrid that replaced once", hybrid_hides_later, PDF_FLAW_HYBRID, 5, "one thing by the tables", 0, false, false },
    { "hybrid that removes", hybrid_removes, PDF_FLAW_HYBRID, 5, "free in the stream", 0, false, false },
    { "hybrid that frees what the table has", hybrid_against, PDF_FLAW_HYBRID, 5, "used in the table, free", 0, false, false },
    { "hybrid with two places", hybrid_disputed, PDF_FLAW_PLACES, 5, "several places", 0, false, true },
    { "table with two places", table_disputed, PDF_FLAW_PLACES, 5, "several places", 0, false, true },
    { "/Size too small", size_small, PDF_FLAW_SIZE, 5, "/Size 5", 0, false, false },
    { "/Size that grows", size_grows, PDF_FLAW_SIZE, 5, "/Size 5", 0, false, false },
    { "/Size without the stream itself", size_without_self, NONE, 0, "", 0, false, false },
    { "cross-references wrong", xref_wrong, PDF_FLAW_XREF, 0, "N G obj", 0, false, false },
};

static int keep(void *payload, sign_bytes bytes)
{
    build_bytes(payload, bytes);
    return SIGN_OK;
}

static int update_status(struct pdf_file *file, sign_err *err)
{
    struct pdf_sign_spec spec = { .name = "n", .subfilter = "ETSI.CAdES.detached", .contents = 8, .digest = "SHA-256" };
    struct pdf_update update = { 0 };
    int rc = pdf_update_make(&update, file, &spec, err);
    pdf_update_drop(&update);
    return rc;
}

/* What was written has nothing that readers could differ on, can be signed, and holds what this reader saw. */
static void check_anew(const struct row *row, struct pdf_file *file)
{
    CLEANUP(make_drop) struct make anew = { 0 };
    sign_err err = SIGN_ERR_INIT;
    const struct pdf_obj *was, *is;
    struct pdf_flaws flaws;
    sign_sink to = { .struct_size = sizeof to, .payload = &anew.out, .write = keep };
    struct sink sink = sink_over(&to);
    check_status(pdf_rewrite(&sink, file, &err), row->lost ? SIGN_E_FORMAT : SIGN_OK, &err);
    if (row->lost) {
        return;
    }
    CLEANUP(opened_drop) struct opened o = make_open(&anew, SIGN_OK, &err);
    check_status(pdf_flaws(&flaws, pdf_newest(o.file), &err), SIGN_OK, &err);
    assert_int_equal(flaws.n, 0);
    check_status(update_status(o.file, &err), SIGN_OK, &err);
    check_status(pdf_load(&was, pdf_newest(file), (struct pdf_ref){ 5, 0 }, &err), SIGN_OK, &err);
    check_status(pdf_load(&is, pdf_newest(o.file), (struct pdf_ref){ 5, 0 }, &err), SIGN_OK, &err);
    assert_int_equal(is->kind, was->kind);
    if (is->kind == PDF_STRING) {
        check_bytes(is->u.bytes, was->u.bytes);
    }
}

static void test_rows(void **state)
{
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        const struct row *row = &ROWS[i];
        CLEANUP(make_drop) struct make m = { 0 }, whole = { 0 };
        sign_err err = SIGN_ERR_INIT;
        struct pdf_flaws flaws;
        make_text(&m, "%%PDF-1.7\n");
        make_obj(&m, 1, "<</Type/Catalog/Pages 2 0 R/X[5 0 R 6 0 R 7 0 R]>>");
        make_obj(&m, 2, "<</Type/Pages/Kids[3 0 R]/Count 1>>");
        make_obj(&m, 3, "<</Type/Page/Parent 2 0 R>>");
        row->write(&m);
        make_text(&whole, "%s", row->junk ? "GET /\r\n" : "");
        build_bytes(&whole.out, build_view(&m.out));
        CLEANUP(opened_drop) struct opened o = make_open(&whole, SIGN_OK, &err);
        check_status(pdf_flaws(&flaws, pdf_newest(o.file), &err), SIGN_OK, &err);
        print_message("# %s: %s\n", row->name, flaws.n > 0 ? flaws.list[0].text : "-");
        assert_int_equal(flaws.n, row->kind == NONE ? 0 : 1);
        assert_int_equal(flaws.hidden, row->hidden);
        assert_int_equal(flaws.ambiguous, row->kind != NONE && row->kind != PDF_FLAW_JUNK && row->kind != PDF_FLAW_XREF);
        if (row->kind != NONE) {
            assert_int_equal((int)flaws.list[0].kind, row->kind);
            assert_int_equal(flaws.list[0].num, row->num);
            assert_non_null(strstr(flaws.list[0].text, row->part));
            assert_non_null(flaws.list[0].clause);
        }
        check_status(update_status(o.file, &err), row->kind == NONE ? SIGN_OK : SIGN_E_FORBIDDEN, &err);
        check_anew(row, o.file);
    }
}

/* Encrypted ones, cut ones and lost pages: tests/e2e/repair.py. */
int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
