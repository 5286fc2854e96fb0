/* Cross-references of every form, views over prefixes, repair; and files made to hurt. */
#include "make.h"
#include <base/limits.h>
#include <io/flate.h>

static const struct pdf_obj *load(struct pdf_view *view, uint32_t num, int want)
{
    const struct pdf_obj *obj;
    sign_err err = SIGN_ERR_INIT;
    check_status(pdf_load(&obj, view, (struct pdf_ref){ num, 0 }, &err), want, &err);
    return want == SIGN_OK ? obj : NULL;
}

static void expect_int(struct pdf_view *view, uint32_t num, int64_t value)
{
    const struct pdf_obj *obj = load(view, num, SIGN_OK);
    assert_int_equal(obj->kind, PDF_INT);
    assert_int_equal(obj->u.integer, value);
}

/* --- forms --------------------------------------------------------------------------------------------------------- */

static void test_table(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "");
    make_obj(&m, 7, "42");
    uint64_t at = m.at[7];
    make_table(&m, "");
    uint64_t startxref = m.prev;
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    struct pdf_view *view = pdf_newest(o.file);
    assert_false(pdf_needed_repair(o.file));
    assert_int_equal(pdf_xref_form(view), PDF_XREF_TABLE);
    assert_int_equal(pdf_startxref(view), startxref);
    assert_int_equal(pdf_revision(view), 1);
    assert_int_equal(pdf_next_object(view), MAKE_OBJECTS); /* /Size */
    assert_int_equal(pdf_limit(view), m.out.len);
    expect_int(view, 7, 42);
    struct pdf_where where;
    check_status(pdf_locate(&where, view, 7, &err), SIGN_OK, &err);
    assert_int_equal(where.kind, PDF_IN_FILE);
    assert_int_equal(where.offset, at);
    check_status(pdf_locate(&where, view, 8, &err), SIGN_OK, &err);
    assert_int_equal(where.kind, PDF_NOWHERE);
    assert_int_equal(load(view, 8, SIGN_OK)->kind, PDF_NULL);
    assert_int_equal(load(view, 0, SIGN_OK)->kind, PDF_NULL);
    assert_int_equal(load(view, UINT32_MAX, SIGN_OK)->kind, PDF_NULL);
    const struct pdf_obj *obj;
    check_status(pdf_load(&obj, view, (struct pdf_ref){ 7, 1 }, &err), SIGN_OK, &err);
    assert_int_equal(obj->kind, PDF_NULL); /* another generation (7.3.10) */
}

/* Tables as careless writers leave them, over objects 1, 2 and 3 at 9, 47 and 80. */
static const struct {
    const char *name, *table;
    bool repaired;
} defects[] = {
    { "as it should be",
      "xref\n0 1\n0000000000 65535 f \n1 3\n0000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n",
      false },
    { "CR alone",
      "xref\r0 1\r0000000000 65535 f \r1 3\r0000000009 00000 n \r0000000047 00000 n \r0000000080 00000 n \rtrailer<</Size 4/Root 1 0 R>>\r",
      false },
    { "lines of 19 bytes",
      "xref\n0 1\n0000000000 65535 f\n1 3\n0000000009 00000 n\n0000000047 00000 n\n0000000080 00000 n\ntrailer<</Size 4/Root 1 0 R>>\n",
      false },
    { "no space",
      "xref\n0 1\n0000000000 65535 f\n1 3\n0000000009 00000n\n0000000047 00000n\n0000000080 00000n\ntrailer<</Size 4/Root 1 0 R>>\n",
      false },
    { "white space first",
      " \n\txref\n0 1\n0000000000 65535 f \n1 3\n0000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n",
      false },
    { "short numbers", "xref 0 4 0 65535 f 9 0 n 47 0 n 80 0 n trailer <</Size 4/Root 1 0 R>>\n", true },
    { "a comment in it",
      "xref\n0 1 %c\n0000000000 65535 f \n1 3\n0000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n",
      true },
    { "a sign",
      "xref\n0 1\n0000000000 65535 f \n1 3\n+000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n",
      true },
    { "xref0",
      "xref0 1\n0000000000 65535 f \n1 3\n0000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n",
      true },
    { "no size",
      "xref\n0 1\n0000000000 65535 f \n1 3\n0000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Root 1 0 R>>\n",
      true },
    { "a size that is no integer",
      "xref\n0 1\n0000000000 65535 f \n1 3\n0000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 4.0/Root 1 0 R>>\n",
      true },
    { "a size beyond all objects",
      "xref\n0 1\n0000000000 65535 f \n1 3\n0000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 8388609/Root 1 0 R>>\n",
      true },
    { "numbered from 1",
      "xref\n1 4\n0000000000 65535 f \n0000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n",
      true },
    { "count too large",
      "xref\n0 5\n0000000000 65535 f \n0000000009 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n",
      true },
    { "offsets wrong",
      "xref\n0 4\n0000000000 65535 f \n0000000019 00000 n \n0000000057 00000 n \n0000000090 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n",
      true },
    { "offset beyond",
      "xref\n0 4\n0000000000 65535 f \n9999999999 00000 n \n0000000047 00000 n \n0000000080 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n",
      true },
    { "letters", "xref\n0 4\n0000000000 65535 f \n00000000x9 00000 n \ntrailer<</Size 4/Root 1 0 R>>\n", true },
    { "no root", "xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \ntrailer<</Size 4>>\n", true },
    { "trailer no dictionary", "xref\n0 1\n0000000000 65535 f \ntrailer[]\n", true },
    { "nothing", "", true },
};

static void test_defects(void **state)
{
    for (size_t i = 0; i < COUNT(defects); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        sign_err err = SIGN_ERR_INIT;
        make_text(&m, "%%PDF-1.4\n1 0 obj<</Type/Catalog/X 3 0 R>>endobj 2 0 obj<</Type/Pages/K[]>>endobj");
        assert_int_equal(m.out.len, 80);
        make_text(&m, "3 0 obj 33 endobj ");
        uint64_t at = m.out.len;
        make_text(&m, "%sstartxref %llu %%%%EOF", defects[i].table, (unsigned long long)at);
        CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
        if (pdf_needed_repair(o.file) != defects[i].repaired) {
            fail_msg("%s: %s", defects[i].name, defects[i].repaired ? "not repaired" : "repaired");
        }
        expect_int(pdf_newest(o.file), 3, 33);
    }
}

/* Object 4 in object stream 6, object 5 in the file; with a predictor, as most writers do it. */
static void put_objstm(struct make *m, unsigned num, const char *dict, const char *header, const char *body)
{
    CLEANUP(build_free) struct build data = { 0 };
    CLEANUP(build_free) struct build all = { 0 };
    build_fmt(&data, "%s%s", header, body);
    build_fmt(&all, "/Type/ObjStm/First %zu%s", strlen(header), dict);
    build_byte(&all, 0);
    make_stream(m, num, (const char *)all.ptr, build_view(&data));
}

static void test_stream(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "");
    make_obj(&m, 5, "55");
    put_objstm(&m, 6, "/N 3", "4 0 7 3 8 18 ", "44 <</A(b\\051c)>> [5 0 R 4 0 R]");
    make_xref_stream(&m, 9, "", (struct make_hidden[]){ { 4, 6, 0 }, { 7, 6, 1 }, { 8, 6, 2 } }, 3);
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    struct pdf_view *view = pdf_newest(o.file);
    assert_false(pdf_needed_repair(o.file));
    assert_int_equal(pdf_xref_form(view), PDF_XREF_STREAM);
    expect_int(view, 4, 44);
    expect_int(view, 5, 55);
    const struct pdf_obj *dict = load(view, 7, SIGN_OK);
    assert_int_equal(dict->kind, PDF_DICT);
    assert_int_equal(dict->start, SIGN_NO_OFFSET);
    assert_int_equal(dict->u.dict.entries[0].key_start, SIGN_NO_OFFSET);
    check_bytes(pdf_dict_get(dict, "A")->u.bytes, BYTES_LIT("b)c"));
    assert_ptr_equal(load(view, 7, SIGN_OK), dict); /* cached */
    const struct pdf_obj *list = load(view, 8, SIGN_OK), *first;
    check_status(pdf_resolve(&first, view, &list->u.array.items[0], &err), SIGN_OK, &err);
    assert_int_equal(first->u.integer, 55);
    struct pdf_where where;
    check_status(pdf_locate(&where, view, 8, &err), SIGN_OK, &err);
    assert_int_equal(where.kind, PDF_IN_STREAM);
    assert_int_equal(where.stream, 6);
}

static void test_hybrid(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "");
    make_obj(&m, 5, "55");
    put_objstm(&m, 6, "/N 2", "4 0 7 3 ", "44 77");
    struct make kept = m; /* the table tells what the stream tells, but for the hidden ones */
    make_xref_stream(&m, 9, "", (struct make_hidden[]){ { 4, 6, 0 }, { 7, 6, 1 } }, 2);
    uint64_t stream = m.prev;
    memcpy(m.at, kept.at, sizeof m.at);
    m.prev = 0;
    char extra[64];
    snprintf(extra, sizeof extra, "/XRefStm %llu", (unsigned long long)stream);
    make_table(&m, extra);
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    struct pdf_view *view = pdf_newest(o.file);
    assert_false(pdf_needed_repair(o.file));
    assert_int_equal(pdf_xref_form(view), PDF_XREF_HYBRID);
    assert_int_equal(pdf_revision(view), 1);
    expect_int(view, 4, 44);
    expect_int(view, 5, 55);
    expect_int(view, 7, 77);
}

/* Table and stream of a hybrid file name different places for object 5: readers of 1.4 and 1.5 see different files. */
static void test_disputed(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "");
    make_obj(&m, 5, "55");
    struct make kept = m;
    make_obj(&m, 5, "66");
    make_xref_stream(&m, 9, "", NULL, 0);
    uint64_t stream = m.prev;
    memcpy(m.at, kept.at, sizeof m.at);
    m.prev = 0;
    char extra[64];
    snprintf(extra, sizeof extra, "/XRefStm %llu", (unsigned long long)stream);
    make_table(&m, extra);
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    load(pdf_newest(o.file), 5, SIGN_E_FORMAT);
}

static void test_linearized(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_text(&m, "%%PDF-1.4\n");
    make_obj(&m, 5, "<</Linearized 1>>");
    make_obj(&m, 1, "<</Type/Catalog>>");
    uint64_t first = m.out.len;
    make_text(&m, "xref\n1 1\n%010llu 00000 n \ntrailer\n<</Size 8/Root 1 0 R/Prev ", (unsigned long long)m.at[1]);
    size_t prev_at = m.out.len;
    make_text(&m, "0000000000>>\nstartxref\n0\n%%%%EOF\n");
    m.at[1] = 0;
    make_obj(&m, 7, "77");
    uint64_t at7 = m.at[7], main_at = m.out.len;
    char digits[11];
    snprintf(digits, sizeof digits, "%010llu", (unsigned long long)main_at);
    memcpy(m.out.ptr + prev_at, digits, 10);
    make_text(&m, "xref\n7 1\n%010llu 00000 n \ntrailer\n<</Size 8>>\nstartxref\n%llu\n%%%%EOF\n",
              (unsigned long long)at7, (unsigned long long)first);
    uint64_t end = m.out.len;
    memset(m.at, 0, sizeof m.at);
    m.prev = first;
    make_obj(&m, 7, "88");
    make_table(&m, "");
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    struct pdf_view *old;
    assert_int_equal(pdf_revision(pdf_newest(o.file)), 2);
    expect_int(pdf_newest(o.file), 7, 88);
    check_status(pdf_prefix(&old, o.file, end, &err), SIGN_OK, &err);
    assert_int_equal(pdf_revision(old), 1);
    expect_int(old, 7, 77);
    /* the first page's own startxref is 0: no file ends there */
    check_status(pdf_prefix(&old, o.file, at7, &err), SIGN_E_FORMAT, &err);
}

static void test_junk_before_header(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 }, shifted = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "");
    make_obj(&m, 7, "42");
    make_table(&m, "");
    make_text(&shifted, "GET / HTTP/1.0\n\n");
    build_bytes(&shifted.out, build_view(&m.out));
    CLEANUP(opened_drop) struct opened o = make_open(&shifted, SIGN_OK, &err);
    assert_false(pdf_needed_repair(o.file));
    assert_int_equal(pdf_header_offset(o.file), 16);
    expect_int(pdf_newest(o.file), 7, 42);
}

/* --- views --------------------------------------------------------------------------------------------------------- */

static void test_prefixes(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    uint64_t ends[3];
    make_start(&m, "");
    make_obj(&m, 7, "1");
    make_table(&m, "");
    ends[0] = m.out.len;
    make_obj(&m, 7, "2");
    make_obj(&m, 8, "8");
    make_table(&m, "");
    ends[1] = m.out.len;
    make_obj(&m, 9, "9");
    make_table(&m, "");
    ends[2] = m.out.len;
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    for (size_t i = 0; i < 3; i++) {
        struct pdf_view *view, *again;
        check_status(pdf_prefix(&view, o.file, ends[i], &err), SIGN_OK, &err);
        check_status(pdf_prefix(&again, o.file, ends[i], &err), SIGN_OK, &err);
        assert_ptr_equal(view, again);
        assert_int_equal(pdf_revision(view), i + 1);
        expect_int(view, 7, i == 0 ? 1 : 2);
        assert_int_equal(load(view, 8, SIGN_OK)->kind, i == 0 ? PDF_NULL : PDF_INT);
        assert_int_equal(load(view, 9, SIGN_OK)->kind, i < 2 ? PDF_NULL : PDF_INT);
    }
    assert_int_equal(o.file->n_sections, 3);
    assert_int_equal(o.file->n_lineages, 1);
    struct pdf_view *none;
    check_status(pdf_prefix(&none, o.file, 0, &err), SIGN_E_FORMAT, &err);
    check_status(pdf_prefix(&none, o.file, 20, &err), SIGN_E_FORMAT, &err);
    check_status(pdf_prefix(&none, o.file, m.out.len + 1, &err), SIGN_E_FORMAT, &err);
}

/* A prefix never sees bytes behind its end: neither a section, nor an object, nor the end of one. */
static void test_prefix_reaches_out(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "");
    make_text(&m, "xref\n0 8\n0000000000 65535 f \n");
    for (unsigned i = 1; i <= 3; i++) {
        make_text(&m, "%010llu 00000 n \n", (unsigned long long)m.at[i]);
    }
    make_text(&m, "0000000000 00000 f \n0000000000 00000 f \n0000000000 00000 f \n");
    uint64_t table = m.out.len - 7 * 20 - 9;
    size_t seven = m.out.len;
    make_text(&m, "0000000000 00000 n \ntrailer<</Size 8/Root 1 0 R>>\nstartxref\n%llu\n%%%%EOF\n",
              (unsigned long long)table);
    uint64_t end = m.out.len;
    char digits[11];
    snprintf(digits, sizeof digits, "%010llu", (unsigned long long)end);
    memcpy(m.out.ptr + seven, digits, 10);
    make_text(&m, "7 0 obj 42 endobj\nstartxref\n%llu\n%%%%EOF\n", (unsigned long long)table);
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    struct pdf_view *view;
    expect_int(pdf_newest(o.file), 7, 42);
    check_status(pdf_prefix(&view, o.file, end, &err), SIGN_OK, &err);
    load(view, 7, SIGN_E_FORMAT);
    check_status(pdf_prefix(&view, o.file, end + 5, &err), SIGN_OK, &err); /* in the middle of the object */
    load(view, 7, SIGN_E_FORMAT);
}

/* /Length in another object, which a later revision changes: each view has its own data. */
static void test_length_by_view(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "");
    make_obj(&m, 4, "<</Length 5 0 R>>stream\nab\nendstream\nendstream");
    make_obj(&m, 5, "2");
    make_table(&m, "");
    uint64_t end = m.out.len;
    make_obj(&m, 5, "12");
    make_table(&m, "");
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    struct pdf_view *old, *views[3];
    check_status(pdf_prefix(&old, o.file, end, &err), SIGN_OK, &err);
    views[0] = views[2] = pdf_newest(o.file);
    views[1] = old;
    for (size_t i = 0; i < 3; i++) {
        sign_bytes data;
        check_status(pdf_stream(&data, views[i], load(views[i], 4, SIGN_OK), &err), SIGN_OK, &err);
        assert_int_equal(data.len, i == 1 ? 2 : 12);
    }
}

/* --- hostile ------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *tail;
    int status;
    bool repaired;
} hostile[] = {
    { "/Prev to itself", "xref\n0 0\ntrailer<</Size 9/Root 1 0 R/Prev @>>\nstartxref\n@\n%%EOF", SIGN_OK, true },
    { "/Prev outside", "xref\n0 0\ntrailer<</Size 9/Root 1 0 R/Prev 99999999>>\nstartxref\n@\n%%EOF", SIGN_OK, true },
    { "/Prev negative", "xref\n0 0\ntrailer<</Size 9/Root 1 0 R/Prev -1>>\nstartxref\n@\n%%EOF", SIGN_OK, true },
    { "/Prev a name", "xref\n0 0\ntrailer<</Size 9/Root 1 0 R/Prev/X>>\nstartxref\n@\n%%EOF", SIGN_OK, true },
    { "startxref negative", "xref\n0 0\ntrailer<</Size 9/Root 1 0 R>>\nstartxref\n-5\n%%EOF", SIGN_OK, true },
    { "startxref huge", "xref\n0 0\ntrailer<</Size 9/Root 1 0 R>>\nstartxref\n99999999999999999999\n%%EOF", SIGN_OK, true },
    { "huge count", "xref\n0 99999999\ntrailer<</Root 1 0 R>>\nstartxref\n@\n%%EOF", SIGN_E_LIMIT, false },
    { "huge first", "xref\n4294967295 1\n0000000009 00000 n \ntrailer<</Root 1 0 R>>\nstartxref\n@\n%%EOF",
      SIGN_E_LIMIT, false },
    { "encrypted, nobody knows how", "xref\n0 0\ntrailer<</Size 9/Root 1 0 R/Encrypt<<>>>>\nstartxref\n@\n%%EOF", SIGN_E_FORMAT,
      false },
    { "encrypted, repaired", "trailer<</Root 1 0 R/Encrypt<</Filter/Adobe.PubSec>>>>", SIGN_E_UNSUPPORTED, false },
    { "two roots, the last one counts", "trailer<</Root 2 0 R>>trailer<</Root 1 0 R>>", SIGN_OK, true },
    { "a catalog, no trailer", "", SIGN_OK, true },
    { "W of 9 bytes",
      "9 0 obj<</Type/XRef/Size 9/W[1 9 1]/Root 1 0 R/Length 0>>stream\n\nendstream endobj\nstartxref\n@\n%%EOF",
      SIGN_OK, true },
    { "W all zero",
      "9 0 obj<</Type/XRef/Size 9/W[0 0 0]/Root 1 0 R/Length 0>>stream\n\nendstream endobj\nstartxref\n@\n%%EOF",
      SIGN_OK, true },
    { "Index overflows",
      "9 0 obj<</Type/XRef/Size 9/W[1 8 4]/Index[9223372036854775807 9223372036854775807]/Root 1 0 R/Length 0>>stream\n\nendstream endobj\nstartxref\n@\n%%EOF",
      SIGN_E_LIMIT, false },
    { "Index negative",
      "9 0 obj<</Type/XRef/Size 9/W[1 8 4]/Index[-1 1]/Root 1 0 R/Length 0>>stream\n\nendstream endobj\nstartxref\n@\n%%EOF",
      SIGN_OK, true },
    { "Index odd",
      "9 0 obj<</Type/XRef/Size 9/W[1 8 4]/Index[1]/Root 1 0 R/Length 0>>stream\n\nendstream endobj\nstartxref\n@\n%%EOF",
      SIGN_OK, true },
    { "depth bomb in the trailer",
      "xref\n0 0\ntrailer[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\nstartxref\n@\n%%EOF",
      SIGN_E_LIMIT, false },
};

static void test_hostile(void **state)
{
    for (size_t i = 0; i < COUNT(hostile); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        sign_err err = SIGN_ERR_INIT;
        make_start(&m, "");
        uint64_t at = m.out.len;
        for (const char *c = hostile[i].tail; *c != '\0'; c++) {
            if (*c == '@') {
                build_u64(&m.out, at);
            } else {
                build_byte(&m.out, (uint8_t)*c);
            }
        }
        CLEANUP(opened_drop) struct opened o = { 0 };
        check_status(source_over(&o.source, build_view(&m.out), &err), SIGN_OK, &err);
        int rc = pdf_open(&o.file, o.source, NULL, NULL, NULL, &err);
        if (rc != hostile[i].status) {
            fail_msg("%s: %s %s", hostile[i].name, sign_status_name(rc), err.msg);
        }
        if (rc == SIGN_OK) {
            assert_int_equal(pdf_needed_repair(o.file), hostile[i].repaired);
            assert_int_equal(load(pdf_newest(o.file), 1, SIGN_OK)->kind, PDF_DICT);
        }
    }
}

/* Object streams within themselves, within others, lying about what they hold. */
static void test_hostile_streams(void **state)
{
    static const struct {
        const char *name, *dict, *header;
        struct make_hidden hidden;
    } streams[] = {
        { "another number at the index", "/N 1", "5 0 ", { 4, 6, 0 } },
        { "index too high", "/N 1", "4 0 ", { 4, 6, 1 } },
        { "in itself", "/N 1", "6 0 ", { 6, 6, 0 } },
        { "in what is no stream", "/N 1", "4 0 ", { 4, 1, 0 } },
        { "in nothing", "/N 1", "4 0 ", { 4, 100, 0 } },
        { "N too large", "/N 99999999", "4 0 ", { 4, 6, 0 } },
        { "N negative", "/N -1", "4 0 ", { 4, 6, 0 } },
        { "N in itself", "/N 4 0 R", "4 0 ", { 4, 6, 0 } },
        { "header short", "/N 2", "4 0 ", { 4, 6, 0 } },
        { "object outside", "/N 1", "4 99999 ", { 4, 6, 0 } },
    };
    for (size_t i = 0; i < COUNT(streams); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        sign_err err = SIGN_ERR_INIT;
        make_start(&m, "");
        put_objstm(&m, 6, streams[i].dict, streams[i].header, "42 ");
        if (streams[i].hidden.num == 6) {
            m.at[6] = 0;
        }
        make_xref_stream(&m, 9, "", &streams[i].hidden, 1);
        CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
        assert_false(pdf_needed_repair(o.file));
        const struct pdf_obj *obj;
        int rc = pdf_load(&obj, pdf_newest(o.file), (struct pdf_ref){ streams[i].hidden.num, 0 }, &err);
        if (rc != SIGN_E_FORMAT) {
            fail_msg("%s: %s %s", streams[i].name, sign_status_name(rc), err.msg);
        }
    }
}

static void test_references(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "");
    make_obj(&m, 10, "11 0 R");
    make_obj(&m, 11, "10 0 R");
    make_obj(&m, 12, "13 0 R");
    make_obj(&m, 13, "14");
    make_table(&m, "");
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    struct pdf_view *view = pdf_newest(o.file);
    const struct pdf_obj *obj, ref = { .kind = PDF_REF, .u.ref = { 10, 0 } },
                               good = { .kind = PDF_REF, .u.ref = { 12, 0 } };
    check_status(pdf_resolve(&obj, view, &ref, &err), SIGN_E_FORMAT, &err);
    check_status(pdf_resolve(&obj, view, &good, &err), SIGN_OK, &err);
    assert_int_equal(obj->u.integer, 14);
    check_status(pdf_resolve(&obj, view, NULL, &err), SIGN_OK, &err);
    assert_int_equal(obj->kind, PDF_NULL);
}

/* Objects that begin within each other and reach to the end: refused, not read a thousand times over. */
static void test_overlap(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    enum { N = 20000 };
    make_start(&m, "");
    uint64_t from = m.out.len;
    for (unsigned i = 0; i < N; i++) {
        make_text(&m, "%05u 0 obj((%05u)", i + 1000, i);
    }
    build_fill(&m.out, 'x', 1 << 20);
    build_fill(&m.out, ')', N);
    uint64_t table = m.out.len;
    make_text(&m, "\nxref\n1 3\n");
    for (unsigned i = 1; i <= 3; i++) {
        make_text(&m, "%010llu 00000 n \n", (unsigned long long)m.at[i]);
    }
    make_text(&m, "1000 %d\n", N);
    for (unsigned i = 0; i < N; i++) {
        make_text(&m, "%010llu 00000 n \n", (unsigned long long)(from + i * 19));
    }
    make_text(&m, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%llu\n%%%%EOF", 1000 + N, (unsigned long long)table);
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    assert_false(pdf_needed_repair(o.file));
    int rc = SIGN_OK;
    unsigned i = 0;
    for (; i < N && (rc == SIGN_OK || rc == SIGN_E_FORMAT); i++) {
        const struct pdf_obj *obj;
        rc = pdf_load(&obj, pdf_newest(o.file), (struct pdf_ref){ 1000 + i, 0 }, &err);
    }
    assert_int_equal(rc, SIGN_E_LIMIT);
    assert_in_range(i, 10, 1000);
}

/* --- larger than memory ----------------------------------------------------------------------------------------------- */

/* More than 8 MiB: read through windows. The file is the same otherwise; an object crosses the first window. */
static void test_windows(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    CLEANUP(build_free) struct build bulk = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "");
    build_fill(&bulk, 'x', LIMIT_IN_MEMORY);
    make_stream(&m, 4, "", build_view(&bulk));
    m.at[5] = m.out.len;
    make_text(&m, "5 0 obj<</Name/Bulk/Text(");
    build_fill(&m.out, 'y', 100000);
    make_text(&m, ")/Long[");
    for (unsigned i = 0; i < 5000; i++) {
        make_text(&m, "%u 0 R ", i);
    }
    make_text(&m, "]>>endobj\n");
    make_obj(&m, 6, "<<>>stream\nno length\nendstream");
    for (unsigned i = 20; i < 200; i++) {
        make_obj(&m, i, "%u", i);
    }
    make_table(&m, "");
    for (int damaged = 0; damaged < 2; damaged++) {
        CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
        struct pdf_view *view = pdf_newest(o.file);
        assert_int_equal(pdf_needed_repair(o.file), damaged);
        assert_null(o.file->memory.ptr);
        const struct pdf_obj *dict = load(view, 5, SIGN_OK);
        assert_int_equal(pdf_dict_get(dict, "Text")->u.bytes.len, 100000);
        assert_int_equal(pdf_dict_get(dict, "Long")->u.array.n, 5000);
        assert_true(pdf_is_name(pdf_dict_get(dict, "Name"), "Bulk"));
        assert_int_equal(load(view, 4, SIGN_OK)->u.dict.data_len, LIMIT_IN_MEMORY);
        assert_int_equal(load(view, 6, SIGN_OK)->u.dict.data_len, 9);
        for (unsigned i = 20; i < 200; i++) {
            expect_int(view, i, i);
        }
        assert_true(pdf_arena(o.file)->used < MIB(2));
        assert_true(o.file->scratch_cap < MIB(1));
        build_truncate(&m.out, m.prev); /* for the second round: no table, so a scan */
        make_text(&m, "trailer<</Root 1 0 R>>");
    }
}

/* 300,000 entries, of which few are asked for. */
static void test_large_table(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    enum { N = 300000 };
    make_start(&m, "");
    uint64_t table = m.out.len;
    make_text(&m, "xref\n0 %d\n0000000000 65535 f \n", N);
    for (unsigned i = 1; i < N; i++) {
        make_text(&m, "%010llu 00000 n \n", (unsigned long long)(i <= 3 ? m.at[i] : 5));
    }
    make_text(&m, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%llu\n%%%%EOF", N, (unsigned long long)table);
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    assert_false(pdf_needed_repair(o.file));
    assert_int_equal(pdf_next_object(pdf_newest(o.file)), N);
    assert_true(o.file->n_objects < 5);
}

static int stop(void *payload)
{
    return *(int *)payload;
}

/* A deadline or a cancel ends the reading, in a table as in a scan. */
static void test_stopped(void **state)
{
    static const int answers[] = { SIGN_E_CANCELLED, SIGN_E_TIMEOUT };
    for (size_t i = 0; i < 4; i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(source_free) struct source *source = NULL;
        struct pdf_file *file = NULL;
        sign_err err = SIGN_ERR_INIT;
        int answer = answers[i % 2];
        struct watch watch = { .look = stop, .payload = &answer };
        make_start(&m, "");
        uint64_t table = m.out.len;
        make_text(&m, "xref\n0 200000\n");
        for (unsigned k = 0; k < 200000; k++) {
            make_text(&m, "0000000000 65535 f \n");
        }
        make_text(&m, "trailer<</Root 1 0 R>>\n");
        if (i < 2) {
            make_text(&m, "startxref\n%llu\n", (unsigned long long)table);
        }
        check_status(source_over(&source, build_view(&m.out), &err), SIGN_OK, &err);
        check_status(pdf_open(&file, source, NULL, NULL, &watch, &err), answer, &err);
        assert_null(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_defects),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_hybrid),
        cmocka_unit_test(test_disputed),
        cmocka_unit_test(test_linearized),
        cmocka_unit_test(test_junk_before_header),
        cmocka_unit_test(test_prefixes),
        cmocka_unit_test(test_prefix_reaches_out),
        cmocka_unit_test(test_length_by_view),
        cmocka_unit_test(test_hostile),
        cmocka_unit_test(test_hostile_streams),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_overlap),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_large_table),
        cmocka_unit_test(test_stopped),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
