/* What changed after a signature: rules by rows, and work that is linear in the file, however many revisions it has. */
#include "make.h"
#include <base/cleanup.h>
#include <pdf/diff.h>
#include <stdlib.h>

#define NOTHING -1
#define CATALOG(more) "<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R" more ">>"

#define FIELDS "3 <</Fields[4 0 R 9 0 R 20 0 R]/SigFlags 3>>"
#define EMPTY FIELDS "\n20 <</FT/Sig/T(Next)"

/* Objects of the signed revision beside those of start(), objects of the next, and what is said of it. */
static const struct row {
    const char *name;
    const char *before, *after; /* "7 <</A 1>>\n8 null\n" */
    enum pdf_changes verdict;
    int kind;                   /* enum pdf_change of the first item; NOTHING */
    const char *path;
} ROWS[] = {
    { "an empty update", "", "", PDF_CHANGES_ALLOWED, NOTHING, NULL },
    { "an orphan", "", "20 <</Nobody true>>", PDF_CHANGES_ALLOWED, NOTHING, NULL },
    { "written again as it was", "", "8 <</Type/Page/Parent 2 0 R/Annots[4 0 R 9 0 R]>>", PDF_CHANGES_ALLOWED, NOTHING,
      NULL },
    { "in another order, numbers spelt otherwise", "20 <</A 1/B[2 3.0]>>\n1 " CATALOG("/Dests 20 0 R"),
      "20 <</B[2.0 3]/A 1>>", PDF_CHANGES_ALLOWED, NOTHING, NULL },
    { "a page's content", "", "8 <</Type/Page/Parent 2 0 R/Annots[4 0 R 9 0 R]/Contents 20 0 R>>\n20 null",
      PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN, "/Root/Pages/Kids/Contents" },
    { "validation data", "", "1 " CATALOG("/DSS<</Certs[20 0 R]>>") "\n20 <</S 1>>", PDF_CHANGES_ALLOWED, PDF_CHANGE_LTV,
      "/Root/DSS" },
    { "validation data gone", "1 " CATALOG("/DSS<<>>"), "1 " CATALOG(""), PDF_CHANGES_UNKNOWN, PDF_CHANGE_UNKNOWN,
      "/Root/DSS" },
    { "metadata", "1 " CATALOG("/Metadata 20 0 R") "\n20 (a)", "20 (b)", PDF_CHANGES_ALLOWED, PDF_CHANGE_METADATA,
      "/Root/Metadata" },
    { "metadata that is content too", "1 " CATALOG("/Metadata 20 0 R/Names 20 0 R") "\n20 (a)", "20 (b)",
      PDF_CHANGES_FORBIDDEN, PDF_CHANGE_METADATA, "/Root/Metadata" },
    { "an action", "", "1 " CATALOG("/OpenAction<</S/JavaScript>>"), PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN,
      "/Root/OpenAction" },
    { "an entry nobody knows", "", "1 " CATALOG("/Rumour 1"), PDF_CHANGES_UNKNOWN, PDF_CHANGE_UNKNOWN, "/Root/Rumour" },
    { "a key twice", "", "1 " CATALOG("/DSS<</A 1/A 2>>"), PDF_CHANGES_UNKNOWN, PDF_CHANGE_UNKNOWN, "/Root" },
    { "an object that was awaited", "1 " CATALOG("/Names 20 0 R"), "20 <</JavaScript 1>>", PDF_CHANGES_FORBIDDEN,
      PDF_CHANGE_FORBIDDEN, "/Root/Names" },
    { "an object that was awaited, and its holder written again", "1 " CATALOG("/Names 20 0 R"),
      "1 " CATALOG("/Names 20 0 R") "\n20 <</JavaScript 1>>", PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN,
      "/Root/Names" },
    { "a field filled in", "", "9 <</Type/Annot/Subtype/Widget/FT/Tx/T(Text)/V(b)/Rect[0 0 9 9]>>", PDF_CHANGES_UNKNOWN,
      PDF_CHANGE_FORM, "/Root/AcroForm/Fields" },
    { "a field that is no annotation any more", "", "9 <</Type/Foo/Subtype/Widget/FT/Tx/T(Text)/V(a)/Rect[0 0 9 9]>>",
      PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN, "/Root/AcroForm/Fields/Type" },
    { "a field moved", "", "9 <</Type/Annot/Subtype/Widget/FT/Tx/T(Text)/V(a)/Rect[0 0 8 8]>>", PDF_CHANGES_FORBIDDEN,
      PDF_CHANGE_FORBIDDEN, "/Root/AcroForm/Fields/Rect" },
    { "a field gone", "", "3 <</Fields[4 0 R]/SigFlags 3>>", PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN,
      "/Root/AcroForm" },
    { "flags cleared", "", "3 <</Fields[4 0 R 9 0 R]/SigFlags 0>>", PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN,
      "/Root/AcroForm/SigFlags" },
    { "pictures of the form's resources", "3 <</Fields[4 0 R 9 0 R]/SigFlags 3/DR<</XObject<</FRM 20 0 R>>>>>>\n20 <<>>",
      "3 <</Fields[4 0 R 9 0 R]/SigFlags 3/DR<</XObject<</FRM 21 0 R>>>>>>\n21 <</A 1>>", PDF_CHANGES_ALLOWED,
      PDF_CHANGE_SIGNATURE, "/Root/AcroForm/XObject" },
    { "a font of the form's resources", "3 <</Fields[4 0 R 9 0 R]/SigFlags 3/DR<</Font<</F1 20 0 R>>>>>>\n20 <<>>",
      "3 <</Fields[4 0 R 9 0 R]/SigFlags 3/DR<</Font<</F1 21 0 R>>>>>>\n21 <</Type/Font>>", PDF_CHANGES_FORBIDDEN,
      PDF_CHANGE_FORBIDDEN, "/Root/AcroForm/Type" },
    { "a font of the form's resources, in place",
      "3 <</Fields[4 0 R 9 0 R]/SigFlags 3/DR<</Font<</F1 20 0 R>>>>>>\n20 <</Type/Font>>", "20 <</Type/Font/Encoding 1>>",
      PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN, "/Root/AcroForm/F1/Encoding" },
    { "one more font in the form's resources", "3 <</Fields[4 0 R 9 0 R]/SigFlags 3/DR 20 0 R>>\n20 <</Font<<>>>>",
      "20 <</Font<</F1 21 0 R>>>>\n21 <</Type/Font>>", PDF_CHANGES_ALLOWED, PDF_CHANGE_LTV, "/Root/AcroForm/DR" },
    { "fields to be drawn anew", "", "3 <</Fields[4 0 R 9 0 R]/SigFlags 3/NeedAppearances true>>", PDF_CHANGES_UNKNOWN,
      PDF_CHANGE_FORM, "/Root/AcroForm/NeedAppearances" },
    { "an empty signature field", "", "3 <</Fields[4 0 R 9 0 R 20 0 R]/SigFlags 3>>\n20 <</FT/Sig/T(Next)>>",
      PDF_CHANGES_ALLOWED, PDF_CHANGE_SIGNATURE, "/Root/AcroForm/Fields" },
    { "a signature field of the same name", "", "3 <</Fields[4 0 R 9 0 R 20 0 R]/SigFlags 3>>\n20 <</FT/Sig/T(Sig)>>",
      PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN, "/Root/AcroForm/Fields/T" },
    { "a visible one", "", FIELDS "\n20 <</FT/Sig/T(Next)/Rect[0 0 9 9]>>", PDF_CHANGES_ALLOWED, PDF_CHANGE_SIGNATURE_VISIBLE,
      "/Root/AcroForm/Fields" },
    { "a visible one whose appearance is nothing", "", FIELDS "\n20 <</FT/Sig/T(Next)/Rect[0 0 9 9]/AP<</N null>>>>",
      PDF_CHANGES_ALLOWED, PDF_CHANGE_SIGNATURE_VISIBLE, "/Root/AcroForm/Fields" },
    { "a visible one that shows something", "", FIELDS "\n20 <</FT/Sig/T(Next)/Rect[0 0 9 9]/AP<</N<</A 1>>>>>>",
      PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN, "/Root/AcroForm/Fields/AP" },
    { "an empty signature field that is there gets an appearance", EMPTY "/Rect[0 0 9 9]>>",
      "20 <</FT/Sig/T(Next)/Rect[0 0 9 9]/AP<<>>>>",
      PDF_CHANGES_UNKNOWN, PDF_CHANGE_UNKNOWN, "/Root/AcroForm/Fields/AP" },
    { "it comes out of hiding", EMPTY "/Rect[0 0 9 9]/F 2>>", "20 <</FT/Sig/T(Next)/Rect[0 0 9 9]/F 4>>", PDF_CHANGES_UNKNOWN,
      PDF_CHANGE_UNKNOWN, "/Root/AcroForm/Fields/AP" },
    { "it is locked", EMPTY "/Rect[0 0 9 9]>>", "20 <</FT/Sig/T(Next)/Rect[0 0 9 9]/Ff 1>>", PDF_CHANGES_UNKNOWN, PDF_CHANGE_FORM,
      "/Root/AcroForm/Fields" },
    { "it is signed", EMPTY "/Rect[0 0 9 9]>>", "20 <</FT/Sig/T(Next)/Rect[0 0 9 9]/V<</Type/Sig>>>>", PDF_CHANGES_ALLOWED,
      PDF_CHANGE_SIGNATURE, "/Root/AcroForm/Fields" },
    { "it is signed and comes out of hiding", EMPTY "/Rect[0 0 9 9]/F 2>>",
      "20 <</FT/Sig/T(Next)/Rect[0 0 9 9]/F 4/V<</Type/Sig>>>>", PDF_CHANGES_ALLOWED, PDF_CHANGE_SIGNATURE_VISIBLE,
      "/Root/AcroForm/Fields" },
    { "one of a name that another has is signed", "3 <</Fields[4 0 R 9 0 R 20 0 R]/SigFlags 3>>\n20 <</FT/Sig/T(Sig)>>",
      "20 <</FT/Sig/T(Sig)/V<</Type/Sig>>>>", PDF_CHANGES_UNKNOWN, PDF_CHANGE_UNKNOWN, "/Root/AcroForm/Fields/T" },
    { "a timestamp by both its names", "", FIELDS "\n20 <</FT/Sig/T(Next)/V<</Type/DocTimeStamp/SubFilter/ETSI.RFC3161>>>>",
      PDF_CHANGES_ALLOWED, PDF_CHANGE_LTV, "/Root/AcroForm/Fields" },
    { "a timestamp by its type alone", "",
      FIELDS "\n20 <</FT/Sig/T(Next)/V<</Type/DocTimeStamp/SubFilter/ETSI.CAdES.detached>>>>",
      PDF_CHANGES_ALLOWED, PDF_CHANGE_SIGNATURE, "/Root/AcroForm/Fields" },
    { "a signature field with an action", "",
      "3 <</Fields[4 0 R 9 0 R 20 0 R]/SigFlags 3>>\n20 <</FT/Sig/T(Next)/A<<>>>>", PDF_CHANGES_FORBIDDEN,
      PDF_CHANGE_FORBIDDEN, "/Root/AcroForm/Fields/A" },
    { "a text field", "", "3 <</Fields[4 0 R 9 0 R 20 0 R]/SigFlags 3>>\n20 <</FT/Tx/T(Next)>>", PDF_CHANGES_FORBIDDEN,
      PDF_CHANGE_FORBIDDEN, "/Root/AcroForm/Fields" },
    { "a note", "", "8 <</Type/Page/Parent 2 0 R/Annots[4 0 R 9 0 R 20 0 R]>>\n20 <</Subtype/Text>>",
      PDF_CHANGES_FORBIDDEN, PDF_CHANGE_ANNOTATION, "/Root/Pages/Kids/Annots" },
    { "a stamp", "", "8 <</Type/Page/Parent 2 0 R/Annots[4 0 R 9 0 R 20 0 R]>>\n20 <</Subtype/Stamp>>",
      PDF_CHANGES_FORBIDDEN, PDF_CHANGE_ANNOTATION_COVERING, "/Root/Pages/Kids/Annots" },
    { "a page taken away", "", "2 <</Type/Pages/Kids[]/Count 0>>", PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN, NULL },
    { "a page that is null", "", "8 null", PDF_CHANGES_FORBIDDEN, PDF_CHANGE_FORBIDDEN, NULL },
};

/* "number body", a line each. */
static void put_objects(struct make *m, const char *text)
{
    while (*text != '\0') {
        char *body;
        unsigned num = (unsigned)strtoul(text, &body, 10);
        size_t len = strcspn(body, "\n");
        make_obj(m, num, "%.*s", (int)len, body);
        text = body + len + (body[len] == '\n');
    }
}

static void start(struct make *m, const char *more)
{
    make_text(m, "%%PDF-1.7\n");
    make_obj(m, 1, CATALOG(""));
    make_obj(m, 2, "<</Type/Pages/Kids[8 0 R]/Count 1>>");
    make_obj(m, 3, "<</Fields[4 0 R 9 0 R]/SigFlags 3>>");
    make_obj(m, 4, "<</FT/Sig/T(Sig)/V 5 0 R>>");
    make_obj(m, 8, "<</Type/Page/Parent 2 0 R/Annots[4 0 R 9 0 R]>>");
    make_obj(m, 9, "<</Type/Annot/Subtype/Widget/FT/Tx/T(Text)/V(a)/Rect[0 0 9 9]>>");
    put_objects(m, more);
    make_signature(m, 5, "");
    make_table(m, "");
    make_seal(m);
}

static void compare_first(struct pdf_diff *diff, struct pdf_file *file)
{
    sign_err err = SIGN_ERR_INIT;
    const struct pdf_signature *sigs;
    struct pdf_coverage cover;
    size_t n;
    assert_int_equal(pdf_signatures(&sigs, &n, file, &err), SIGN_OK);
    assert_true(n > 0);
    assert_int_equal(pdf_cover(&cover, file, &sigs[0], &err), SIGN_OK);
    assert_int_equal(cover.fault, PDF_FAULT_NONE);
    assert_int_equal(pdf_compare(diff, file, &sigs[0], &err), SIGN_OK);
}

static void check_row(const struct row *row)
{
    struct make m = { 0 };
    struct pdf_diff diff;
    start(&m, row->before);
    put_objects(&m, row->after);
    make_table(&m, "");
    struct opened o = make_open(&m, SIGN_OK, NULL);
    compare_first(&diff, o.file);
    const struct pdf_change_item *first = diff.n > 0 ? &diff.items[0] : NULL;
    int kind = first == NULL ? NOTHING : (int)first->kind;
    if (diff.verdict != row->verdict || kind != row->kind) {
        print_message("# %s: verdict %d, kind %d\n", row->name, (int)diff.verdict, kind);
    }
    assert_int_equal(diff.verdict, row->verdict);
    assert_int_equal(kind, row->kind);
    assert_true((diff.reason == NULL) == (diff.verdict == PDF_CHANGES_ALLOWED));
    if (row->path != NULL) {
        assert_string_equal(first->path, row->path);
    }
    opened_drop(&o);
    make_drop(&m);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        check_row(&ROWS[i]);
    }
}

static void put_fields(struct make *m, unsigned n)
{
    make_text(m, "3 0 obj\n<</SigFlags 3/Fields[");
    for (unsigned i = 0; i < n; i++) {
        make_text(m, "%u 0 R ", 100 + i);
    }
    make_text(m, "]>>\nendobj\n");
}

/* One more signature: the form written again, a field whose value stands in it, a cross-reference section. */
static void sign_once(struct make *m, unsigned n)
{
    unsigned long long form = m->out.len, field, table;
    put_fields(m, n + 1);
    field = m->out.len;
    make_text(m, "%u 0 obj\n<</FT/Sig/T(S%u)/V<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange", 100 + n, n);
    m->range_at = m->out.len;
    make_text(m, "[0 %010d %010d %010d]/Contents", 0, 0, 0);
    m->contents_at = m->out.len;
    make_text(m, "<3003020100000000>");
    m->contents_end = m->out.len;
    make_text(m, ">>>>\nendobj\n");
    table = m->out.len;
    make_text(m, "xref\n0 1\n0000000000 65535 f \n3 1\n%010llu 00000 n \n%u 1\n%010llu 00000 n \n", form, 100 + n, field);
    make_text(m, "trailer\n<</Size 9000/Root 1 0 R/Prev %llu>>\nstartxref\n%llu\n%%%%EOF\n", (unsigned long long)m->prev,
              table);
    m->prev = table;
    make_seal(m);
}

static void sign_many(struct make *m, unsigned n)
{
    make_text(m, "%%PDF-1.7\n");
    make_obj(m, 1, CATALOG(""));
    make_obj(m, 2, "<</Type/Pages/Kids[]/Count 0>>");
    make_obj(m, 3, "<</Fields[]/SigFlags 3>>");
    make_table(m, "");
    for (unsigned i = 0; i < n; i++) {
        sign_once(m, i);
    }
}

/* One signature, then n revisions of the metadata. */
static void save_many(struct make *m, unsigned n)
{
    start(m, "1 " CATALOG("/Metadata 20 0 R") "\n20 (a)");
    for (unsigned i = 0; i < n; i++) {
        make_obj(m, 20, "(%u)", i);
        make_table(m, "");
    }
}

/* Units of work that comparing for all signatures takes, a byte of the file. */
static double work(void (*write)(struct make *m, unsigned n), unsigned n)
{
    struct make m = { 0 };
    struct pdf_diff diff;
    const struct pdf_signature *sigs;
    size_t n_sigs;
    write(&m, n);
    struct opened o = make_open(&m, SIGN_OK, NULL);
    assert_int_equal(pdf_signatures(&sigs, &n_sigs, o.file, NULL), SIGN_OK);
    for (size_t i = 0; i < n_sigs; i++) {
        assert_int_equal(pdf_compare(&diff, o.file, &sigs[i], NULL), SIGN_OK);
        assert_int_equal(diff.verdict, PDF_CHANGES_ALLOWED);
        assert_null(diff.reason);
    }
    double spent = (double)o.file->spent / (double)m.out.len;
    print_message("# %u: %zu signatures, %.1f units a byte\n", n, n_sigs, spent);
    opened_drop(&o);
    make_drop(&m);
    return spent;
}

static void test_linear(void **state)
{
    (void)state;
    assert_true(work(sign_many, 2000) < 1.2 * work(sign_many, 500));
    assert_true(work(save_many, 2000) < 1.2 * work(save_many, 500));
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows), cmocka_unit_test(test_linear) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
