/* Every fault of a ByteRange, with a file that shows it; and what is sound. */
#include "make.h"
#include <stdio.h>

static struct pdf_coverage cover(struct opened *o, size_t which, sign_err *err)
{
    const struct pdf_signature *sigs;
    struct pdf_coverage out;
    size_t n;
    check_status(pdf_signatures(&sigs, &n, o->file, err), SIGN_OK, err);
    assert_true(which < n);
    check_status(pdf_cover(&out, o->file, &sigs[which], err), SIGN_OK, err);
    assert_true((out.fault == PDF_FAULT_NONE) == (out.detail == NULL));
    assert_true((out.fault == PDF_FAULT_NONE) == (out.clause == NULL));
    return out;
}

static void expect(const struct make *m, enum pdf_fault fault)
{
    sign_err err = SIGN_ERR_INIT;
    CLEANUP(opened_drop) struct opened o = make_open(m, SIGN_OK, &err);
    struct pdf_coverage out = cover(&o, 0, &err);
    if (out.fault != fault) {
        fail_msg("expected fault %d, found %d: %s", (int)fault, (int)out.fault, out.detail != NULL ? out.detail : "");
    }
}

/* The last place of text in the file gets other bytes of the same length. */
static void change(struct make *m, const char *from, const char *to)
{
    size_t at = bytes_rfind(build_view(&m->out), bytes_str(from));
    assert_int_not_equal(at, SIZE_MAX);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(m->out.ptr + at, to, strlen(to));
}

static void test_sound(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_signed(&m);
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    struct pdf_coverage out = cover(&o, 0, &err);
    assert_int_equal(out.fault, PDF_FAULT_NONE);
    assert_true(out.whole_file);
    assert_int_equal(out.revision, 1);
    assert_int_equal(out.revisions, 1);
}

/* White space may follow, within the range and after it; anything else may not, and is no part of it. */
static void test_white_space(void **state)
{
    static const struct {
        const char *within, *after;
        enum pdf_fault fault;
        bool whole;
    } tails[] = {
        { "", " \r\n\t", PDF_FAULT_NONE, true },
        { " \r\n", "", PDF_FAULT_NONE, true },
        { "x", "", PDF_FAULT_EOF, true },
        { "%%EOF\n", "", PDF_FAULT_EOF, true },
        { "% a comment\n", "", PDF_FAULT_EOF, true },
        { "", "x", PDF_FAULT_NONE, false },
        { "", "%%EOF", PDF_FAULT_NONE, false },
    };
    for (size_t i = 0; i < COUNT(tails); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        sign_err err = SIGN_ERR_INIT;
        make_signed(&m);
        make_text(&m, "%s", tails[i].within);
        make_seal(&m);
        make_text(&m, "%s", tails[i].after);
        CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
        struct pdf_coverage out = cover(&o, 0, &err);
        assert_int_equal(out.fault, tails[i].fault);
        assert_int_equal(out.whole_file, tails[i].whole);
    }
}

/* Eight revisions, each signed; each signature is judged in its own. */
static void test_revisions(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    enum { N = 8 };
    char fields[256] = "";
    make_start(&m, "");
    make_table(&m, "");
    for (unsigned i = 0; i < N; i++) {
        snprintf(fields + strlen(fields), sizeof fields - strlen(fields), "%u 0 R ", 10 + i);
        make_obj(&m, 3, "<</Fields[%s]>>", fields);
        make_obj(&m, 10 + i, "<</FT/Sig/T(S%u)/V %u 0 R>>", i, 30 + i);
        make_signature(&m, 30 + i, "");
        if (i % 2 == 0) {
            make_table(&m, "");
        } else {
            make_xref_stream(&m, 100 + i, "", NULL, 0);
        }
        make_seal(&m);
    }
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    for (unsigned i = 0; i < N; i++) {
        struct pdf_coverage out = cover(&o, i, &err);
        assert_int_equal(out.fault, PDF_FAULT_NONE);
        assert_int_equal(out.revision, i + 2);
        assert_int_equal(out.revisions, N + 1);
        assert_int_equal(out.whole_file, i == N - 1);
    }
    assert_int_equal(o.file->n_sections, N + 1);
    assert_int_equal(o.file->n_lineages, 1);
}

/* ByteRanges in other forms, over the blank of 36 bytes. */
static void test_range(void **state)
{
    static const struct {
        const char *range;
        enum pdf_fault fault;
    } ranges[] = {
        { "[0 10 20 30 0 0]", PDF_FAULT_RANGE_FORM },
        { "[0 10 20]", PDF_FAULT_RANGE_FORM },
        { "[0 10 20 30.0]", PDF_FAULT_RANGE_FORM },
        { "[0 10 20 -30]", PDF_FAULT_RANGE_FORM },
        { "[0 10 20 2 0 R]", PDF_FAULT_RANGE_FORM },
        { "[0 10 20 99999999999999999999]", PDF_FAULT_RANGE_FORM },
        { " 2 0 R", PDF_FAULT_RANGE_FORM },
        { " null", PDF_FAULT_RANGE_FORM },
        { "(0 10 20 30)", PDF_FAULT_RANGE_FORM },
        { "[1 10 20 30]", PDF_FAULT_RANGE_START },
        { "[0 99999 20 30]", PDF_FAULT_RANGE_OUTSIDE },
        { "[0 10 99999 30]", PDF_FAULT_RANGE_OUTSIDE },
        { "[0 10 20 99999]", PDF_FAULT_RANGE_OUTSIDE },
        { "[0 0 9223372036854775807 9223372036]", PDF_FAULT_RANGE_OUTSIDE },
        { "[0 9 2 9223372036854775807]", PDF_FAULT_RANGE_OUTSIDE },
        { "[0 20 10 30]", PDF_FAULT_RANGE_OVERLAP },
        { "[0 10 10 30]", PDF_FAULT_GAP },
        { "[0 10 20 30]", PDF_FAULT_GAP },
    };
    for (size_t i = 0; i < COUNT(ranges); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        make_signed(&m);
        char padded[40];
        int len = snprintf(padded, sizeof padded, "%-36s", ranges[i].range);
        assert_int_equal(len, 36);
        memcpy(m.out.ptr + m.range_at, padded, 36);
        expect(&m, ranges[i].fault);
    }
}

/* The gap: off by one at either side, a string that is not hexadecimal, or one that is not this dictionary's own. */
static void test_gap(void **state)
{
    static const struct {
        int start, end;
    } shifts[] = { { -1, 0 }, { 1, 0 }, { 0, -1 }, { 0, 1 }, { 1, -1 }, { -1, 1 } };
    for (size_t i = 0; i < COUNT(shifts); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        make_signed(&m);
        m.contents_at += (uint64_t)(int64_t)shifts[i].start;
        m.contents_end += (uint64_t)(int64_t)shifts[i].end;
        make_seal(&m);
        expect(&m, PDF_FAULT_GAP);
    }
    CLEANUP(make_drop) struct make literal = { 0 }, space = { 0 }, mixed = { 0 }, indirect = { 0 }, none = { 0 };
    make_signed(&literal);
    change(&literal, "<3003020100000000>", "(3003020100000000)");
    expect(&literal, PDF_FAULT_CONTENTS_HEX);
    make_signed(&space);
    change(&space, "<3003020100000000>", "<30030201 0000000>");
    expect(&space, PDF_FAULT_CONTENTS_HEX);
    make_signed(&mixed);
    change(&mixed, "<3003020100000000>", "<30030201aA000000>");
    expect(&mixed, PDF_FAULT_CONTENTS_HEX);
    make_signed(&indirect);
    change(&indirect, "<3003020100000000>", " 2 0 R            ");
    expect(&indirect, PDF_FAULT_GAP);
    make_signed(&none);
    change(&none, "/Contents<", "/Contenta<");
    expect(&none, PDF_FAULT_GAP);
}

/* The wrapping attack: the real token stays in the gap, the dictionary that the field shows is another. */
static void test_foreign_contents(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    make_signed(&m);
    make_obj(&m, 5,
             "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 %llu %llu %llu]/Contents<3003020100000000>>>",
             (unsigned long long)m.contents_at, (unsigned long long)m.contents_end,
             (unsigned long long)(m.out.len - m.contents_end));
    make_table(&m, "");
    expect(&m, PDF_FAULT_GAP);
}

static void test_duplicate_keys(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    make_signed(&m);
    change(&m, "/Filter/Adobe.PPKLite", "/Type/a/Filter/A.PPKL");
    expect(&m, PDF_FAULT_RANGE_FORM);

    static const struct {
        const char *catalog, *form, *field, *trailer;
    } files[] = {
        { "<</AcroForm 9 0 R/AcroForm 3 0 R>>", "<</Fields[4 0 R]>>", "<</FT/Sig/T(Sig)/V 5 0 R>>", "" },
        { "<</AcroForm 3 0 R>>", "<</Fields[]/Fields[4 0 R]>>", "<</FT/Sig/T(Sig)/V 5 0 R>>", "" },
        { "<</AcroForm 3 0 R>>", "<</Fields[4 0 R]>>", "<</FT/Sig/T(Sig)/V 9 0 R/V 5 0 R>>", "" },
        { "<</AcroForm 3 0 R>>", "<</Fields[4 0 R]>>", "<</FT/Sig/T(Sig)/V 5 0 R>>", "/Root 1 0 R" },
        { "<</AcroForm 3 0 R>>", "<</Fields[4 0 R]>>", "<</FT/Sig/T(Sig)/V 5 0 R>>", NULL },
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        CLEANUP(make_drop) struct make f = { 0 };
        make_text(&f, "%%PDF-1.7\n");
        make_obj(&f, 1, "%s", files[i].catalog);
        make_obj(&f, 3, "%s", files[i].form);
        make_obj(&f, 4, "%s", files[i].field);
        make_signature(&f, 5, "");
        make_table(&f, files[i].trailer != NULL ? files[i].trailer : "");
        make_seal(&f);
        if (files[i].trailer == NULL) { /* sound when signed; the revision after it is not */
            make_obj(&f, 1, "%s", files[0].catalog);
            make_table(&f, "");
        }
        expect(&f, PDF_FAULT_PREFIX_DIFFERS);
    }
}

static void test_object_stream(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    make_start(&m, "4 0 R");
    make_obj(&m, 4, "<</FT/Sig/T(Sig)/V 5 0 R>>");
    make_stream(&m, 6, "/Type/ObjStm/N 1/First 4", BYTES_LIT("5 0 <</ByteRange[0 10 20 30]/Contents<00>>>"));
    make_xref_stream(&m, 9, "", (struct make_hidden[]){ { 5, 6, 0 } }, 1);
    expect(&m, PDF_FAULT_GAP);
}

/* The second range ends within the dictionary itself. */
static void test_uncovered(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    make_signed(&m);
    size_t whole = m.out.len;
    m.out.len = (size_t)m.contents_end + 1;
    make_seal(&m);
    m.out.len = whole;
    expect(&m, PDF_FAULT_DICT_UNCOVERED);
}

static void test_prefix(void **state)
{
    CLEANUP(make_drop) struct make cut = { 0 }, foreign = { 0 };
    make_signed(&cut);
    size_t whole = cut.out.len;
    cut.out.len = (size_t)cut.prev; /* the range ends before the cross-references */
    make_seal(&cut);
    cut.out.len = whole;
    expect(&cut, PDF_FAULT_PREFIX);

    /* cross-references that the prefix needs stand behind it */
    make_start(&foreign, "4 0 R");
    make_obj(&foreign, 4, "<</FT/Sig/T(Sig)/V 5 0 R>>");
    make_signature(&foreign, 5, "");
    size_t table = foreign.out.len + strlen("startxref\n0000000000\n%%EOF\n");
    make_text(&foreign, "startxref\n%010zu\n%%%%EOF\n", table);
    make_seal(&foreign);
    make_table(&foreign, "");
    expect(&foreign, PDF_FAULT_PREFIX);
}

/* What the signed revision showed is not what the file shows now. */
static void test_prefix_differs(void **state)
{
    static const struct {
        const char *form, *field;
    } then[] = {
        { "<</Fields[]>>", "<</FT/Sig/T(Sig)/V 5 0 R>>" },        /* not in the form      */
        { "<</Fields[4 0 R]>>", "<</FT/Sig/T(Other)/V 5 0 R>>" }, /* another name         */
        { "<</Fields[4 0 R]>>", "<</FT/Sig/V 5 0 R>>" },          /* none                 */
        { "<</Fields[4 0 R]>>", "<</FT/Sig/T(Sig)>>" },           /* empty                */
        { "<</Fields[4 0 R]>>", "<</FT/Sig/T(Sig)/V 2 0 R>>" },   /* another dictionary   */
        { "<</Fields[4 0 R]>>", "<</FT/Tx/T(Sig)/V 5 0 R>>" },    /* no signature field   */
        { "<</Fields[8 0 R]>>", "<</FT/Sig/T(Sig)/V 5 0 R>>" },   /* another field        */
        { "<</Fields[4 0 R]>>", "<</FT/Sig/T(Sig/V 5 0 R>>" },    /* unreadable           */
    };
    for (size_t i = 0; i < COUNT(then); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        make_start(&m, "");
        make_obj(&m, 3, "%s", then[i].form);
        make_obj(&m, 4, "%s", then[i].field);
        make_signature(&m, 5, "");
        make_obj(&m, 8, "<</FT/Sig/T(Sig)/V 5 0 R>>");
        make_table(&m, "");
        make_seal(&m);
        make_obj(&m, 3, "<</Fields[4 0 R]>>");
        make_obj(&m, 4, "<</FT/Sig/T(Sig)/V 5 0 R>>");
        make_table(&m, "");
        expect(&m, PDF_FAULT_PREFIX_DIFFERS);
    }
    /* moved within the form since: the same field still */
    CLEANUP(make_drop) struct make moved = { 0 };
    make_signed(&moved);
    make_obj(&moved, 3, "<</Fields[8 0 R 4 0 R]>>");
    make_obj(&moved, 8, "<</FT/Tx/T(Text)>>");
    make_table(&moved, "");
    expect(&moved, PDF_FAULT_NONE);
    /* the value under another number now */
    CLEANUP(make_drop) struct make renumbered = { 0 };
    make_signed(&renumbered);
    make_obj(&renumbered, 4, "<</FT/Sig/T(Sig)/V 6 0 R>>");
    make_obj(&renumbered, 6, "5 0 R");
    make_table(&renumbered, "");
    expect(&renumbered, PDF_FAULT_PREFIX_DIFFERS);
}

static void test_direct_value(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    make_start(&m, "4 0 R");
    m.at[4] = m.out.len;
    make_text(&m, "4 0 obj<</FT/Sig/T(Sig)/Kids[<</T(x)/V<</ByteRange");
    m.range_at = m.out.len;
    make_text(&m, "[0 %010d %010d %010d]/Contents", 0, 0, 0);
    m.contents_at = m.out.len;
    make_text(&m, "<00>");
    m.contents_end = m.out.len;
    make_text(&m, ">>>>]>>endobj\n");
    make_table(&m, "");
    make_seal(&m);
    expect(&m, PDF_FAULT_NONE);
}

/* Junk behind the file that hides its startxref: the reader repairs, the signed prefix needs no repair. */
static void test_repaired(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_signed(&m);
    build_fill(&m.out, 'x', 2000);
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    assert_true(pdf_needed_repair(o.file));
    struct pdf_coverage out = cover(&o, 0, &err);
    assert_int_equal(out.fault, PDF_FAULT_NONE);
    assert_false(out.whole_file);

    CLEANUP(make_drop) struct make broken = { 0 };
    make_signed(&broken);
    change(&broken, "startxref", "startxxxx");
    expect(&broken, PDF_FAULT_PREFIX);
}

/* Cross-references that were wrong when the file was signed: what is covered is sound, what it shows is not. */
static void test_signed_damaged(void **state)
{
    static const struct { const char *after; bool whole; } tails[] = { { "\n", true }, { "7 0 obj null endobj\n", false } };
    for (size_t i = 0; i < COUNT(tails); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        sign_err err = SIGN_ERR_INIT;
        make_signed(&m);
        change(&m, "xref\n0", "xxef\n0");
        make_seal(&m);
        make_text(&m, "%s", tails[i].after);
        CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
        assert_true(pdf_needed_repair(o.file));
        struct pdf_coverage out = cover(&o, 0, &err);
        assert_int_equal(out.fault, PDF_FAULT_NONE);
        assert_non_null(out.damage);
        assert_int_equal(out.whole_file, tails[i].whole);
    }
}

/* More than is held in memory: the same rules through windows. */
static void test_large(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    CLEANUP(build_free) struct build bulk = { 0 };
    sign_err err = SIGN_ERR_INIT;
    build_fill(&bulk, ' ', 9 << 20);
    make_start(&m, "4 0 R 9 0 R");
    make_stream(&m, 7, "", build_view(&bulk));
    make_obj(&m, 4, "<</FT/Sig/T(Sig)/V 5 0 R>>");
    make_signature(&m, 5, "");
    make_table(&m, "");
    make_seal(&m);
    make_obj(&m, 9, "<</FT/Sig/T(Second)/V 10 0 R>>");
    make_signature(&m, 10, "");
    make_table(&m, "");
    make_seal(&m);
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    assert_null(o.file->memory.ptr);
    for (size_t i = 0; i < 2; i++) {
        struct pdf_coverage out = cover(&o, i, &err);
        assert_int_equal(out.fault, PDF_FAULT_NONE);
        assert_int_equal(out.revision, i + 1);
        assert_int_equal(out.whole_file, i == 1);
    }
    assert_true(pdf_arena(o.file)->used < 64 << 10);
    change(&m, "0100000000>", "010000000g>");
    CLEANUP(opened_drop) struct opened spoilt = { 0 };
    const struct pdf_signature *sigs;
    size_t n;
    check_status(source_over(&spoilt.source, build_view(&m.out), &err), SIGN_OK, &err);
    check_status(pdf_open(&spoilt.file, spoilt.source, NULL, NULL, NULL, &err), SIGN_OK, &err);
    check_status(pdf_signatures(&sigs, &n, spoilt.file, &err), SIGN_E_FORMAT, &err);
}

/* Every byte of a signed file spoilt: never a sound coverage where the dictionary, the form or the frame was hit. */
static void test_every_byte(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    size_t errors = 0, faults = 0, gone = 0;
    make_signed(&m);
    for (size_t i = 0; i < m.out.len; i++) {
        for (unsigned mask = 1; mask <= 0x20; mask += 0x1F) {
            struct opened o = { 0 };
            sign_err err = SIGN_ERR_INIT;
            const struct pdf_signature *sigs;
            struct pdf_coverage out;
            size_t n = 0;
            m.out.ptr[i] ^= (uint8_t)mask;
            check_status(source_over(&o.source, build_view(&m.out), &err), SIGN_OK, &err);
            int rc = pdf_open(&o.file, o.source, NULL, NULL, NULL, &err);
            rc = rc == SIGN_OK ? pdf_signatures(&sigs, &n, o.file, &err) : rc;
            errors += rc != SIGN_OK;
            gone += rc == SIGN_OK && n == 0;
            if (rc == SIGN_OK && n == 1) {
                check_status(pdf_cover(&out, o.file, &sigs[0], &err), SIGN_OK, &err);
                faults += out.fault != PDF_FAULT_NONE;
                assert_int_equal(sigs[0].contents.len > 0 || out.fault != PDF_FAULT_NONE, 1);
            }
            opened_drop(&o);
            m.out.ptr[i] ^= (uint8_t)mask;
        }
    }
    print_message("# %zu bytes twice: %zu errors, %zu faults, %zu without signature\n", m.out.len, errors, faults,
                  gone);
    assert_true(errors > 0 && faults > 0 && gone > 0);
}

/* 2,000 signed revisions: every section is parsed once, every object once, one history is shared. */
static void test_linear(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    enum { N = 2000 };
    make_start(&m, "");
    make_table(&m, "");
    for (unsigned i = 0; i < N; i++) {
        unsigned num = 1000 + 2 * i;
        uint64_t field = m.out.len;
        make_text(&m, "%u 0 obj<</FT/Sig/T(S%u)/V %u 0 R>>endobj\n", num, i, num + 1);
        uint64_t value = m.out.len;
        make_text(&m, "%u 0 obj\n<</ByteRange", num + 1);
        m.range_at = m.out.len;
        make_text(&m, "[0 %010d %010d %010d]/Contents", 0, 0, 0);
        m.contents_at = m.out.len;
        make_text(&m, "<00>");
        m.contents_end = m.out.len;
        make_text(&m, ">>endobj\n");
        uint64_t form = m.out.len;
        make_text(&m, "3 0 obj<</Fields[");
        for (unsigned k = 0; k <= i; k++) {
            make_text(&m, "%u 0 R ", 1000 + 2 * k);
        }
        make_text(&m, "]>>endobj\n");
        uint64_t table = m.out.len;
        make_text(&m, "xref\n3 1\n%010llu 00000 n \n%u 2\n%010llu 00000 n \n%010llu 00000 n \n",
                  (unsigned long long)form, num, (unsigned long long)field, (unsigned long long)value);
        make_text(&m, "trailer<</Size %d/Root 1 0 R/Prev %llu>>\nstartxref\n%llu\n%%%%EOF\n", 1000 + 2 * N,
                  (unsigned long long)m.prev, (unsigned long long)table);
        m.prev = table;
        make_seal(&m);
    }
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    for (size_t i = 0; i < N; i++) {
        struct pdf_coverage out = cover(&o, i, &err);
        assert_int_equal(out.fault, PDF_FAULT_NONE);
        assert_int_equal(out.revision, i + 2);
    }
    assert_int_equal(o.file->n_sections, N + 1);
    assert_int_equal(o.file->n_lineages, 1);
    assert_true(o.file->n_objects <= 3 * N + 3);
    assert_true(o.file->spent < 4 * m.out.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sound),
        cmocka_unit_test(test_white_space),
        cmocka_unit_test(test_revisions),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_foreign_contents),
        cmocka_unit_test(test_duplicate_keys),
        cmocka_unit_test(test_object_stream),
        cmocka_unit_test(test_uncovered),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_prefix_differs),
        cmocka_unit_test(test_direct_value),
        cmocka_unit_test(test_repaired),
        cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_signed_damaged),
        cmocka_unit_test(test_large),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
