/* Signatures as the form holds them: names, inheritance, order; and forms made to hurt. */
#include "make.h"
#include <base/limits.h>
#include <stdio.h>

struct found {
    struct opened o;
    const struct pdf_signature *sigs;
    size_t n;
};

static struct found find(const struct make *m, int want, sign_err *err)
{
    struct found f = { .o = make_open(m, SIGN_OK, err) };
    check_status(pdf_signatures(&f.sigs, &f.n, f.o.file, err), want, err);
    return f;
}

static void found_drop(struct found *f)
{
    opened_drop(&f->o);
}

static void test_none(void **state)
{
    static const char *const catalogs[] = { "<</Type/Catalog>>",
                                            "<</Type/Catalog/AcroForm null>>",
                                            "<</AcroForm 99 0 R>>",
                                            "<</AcroForm<<>>>>",
                                            "<</AcroForm<</Fields null>>>>",
                                            "<</AcroForm(x)>>",
                                            "<</AcroForm<</Fields[null 1(x)99 0 R[]]>>>>",
                                            "<</AcroForm<</Fields[<</FT/Sig/T(empty)>>]>>>>",
                                            "<</AcroForm<</Fields[<</FT/Sig/T(null)/V null>>]>>>>",
                                            "<</AcroForm<</Fields[<</FT/Tx/T(text)/V<</ByteRange[0 1 2 3]>>>>]>>>>",
                                            "<</AcroForm<</Fields[<</FT/Sig/T(text)/V(x)>>]>>>>" };
    for (size_t i = 0; i < COUNT(catalogs); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        sign_err err = SIGN_ERR_INIT;
        make_text(&m, "%%PDF-1.7\n");
        make_obj(&m, 1, "%s", catalogs[i]);
        make_table(&m, "");
        CLEANUP(found_drop) struct found f = find(&m, SIGN_OK, &err);
        assert_int_equal(f.n, 0);
    }
}

static void test_one(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "4 0 R");
    make_obj(&m, 4, "<</FT/Sig/T(Sig)/V 5 0 R>>");
    make_signature(
        &m, 5,
        "/M(D:20261122090000+07'00')/Name<FEFF00C11EA1>/Reason(caf\\351)/Location(\xEF\xBB\xBFH\xC3\xA0 N\xE1\xBB\x99i)");
    make_table(&m, "");
    make_seal(&m);
    CLEANUP(found_drop) struct found f = find(&m, SIGN_OK, &err);
    assert_int_equal(f.n, 1);
    const struct pdf_signature *sig = &f.sigs[0];
    assert_string_equal(sig->name, "Sig");
    assert_int_equal(sig->field.num, 4);
    assert_int_equal(sig->value.num, 5);
    assert_int_equal(sig->subfilter, PDF_CADES_DETACHED);
    assert_string_equal(sig->subfilter_name, "ETSI.CAdES.detached");
    assert_false(sig->doc_timestamp);
    assert_true(sig->range_ok);
    assert_int_equal(sig->range[1], m.contents_at);
    assert_int_equal(sig->range[2] + sig->range[3], m.out.len);
    check_bytes(sig->contents, BYTES_LIT("\x30\x03\x02\x01\0\0\0\0"));
    assert_int_equal(sig->contents_start, m.contents_at);
    assert_int_equal(sig->contents_end, m.contents_end);
    check_bytes(sig->claimed, BYTES_LIT("D:20261122090000+07'00'"));
    assert_string_equal(sig->signer_name, "Áạ");
    assert_string_equal(sig->reason, "café");
    assert_string_equal(sig->location, "Hà Nội");
    const struct pdf_signature *again;
    size_t n;
    check_status(pdf_signatures(&again, &n, f.o.file, &err), SIGN_OK, &err);
    assert_ptr_equal(again, f.sigs);
}

#define VALUE "<</Type/Sig/SubFilter/adbe.pkcs7.detached/ByteRange[0 1 2 %d]/Contents<00>>>"

/* The ways a field may be put together; names, as listed, joined by '|'. */
static const struct {
    const char *fields, *four, *five, *want;
} forms[] = {
    { "4 0 R", "<</FT/Sig/T(a)/V 10 0 R>>", "null", "a" },
    { "<</FT/Sig/T(a)/V 10 0 R>>", "null", "null", "a" },
    { "4 0 R", "<</FT/Sig/T(a)/Kids[5 0 R]>>", "<</T(b)/V 10 0 R>>", "a.b" },
    { "4 0 R", "<</FT/Sig/T(a)/Kids[<</T(b)/Kids[5 0 R]>>]>>", "<</T(c)/V 10 0 R>>", "a.b.c" },
    { "4 0 R", "<</T(a)/Kids[5 0 R]>>", "<</FT/Sig/V 10 0 R>>", "a" },
    { "4 0 R", "<</FT/Sig/T(a)/V 10 0 R/Kids[5 0 R]>>", "<</Subtype/Widget>>", "a" },
    { "4 0 R", "<</FT/Tx/T(a)/Kids[5 0 R]>>", "<</FT/Sig/T(b)/V 10 0 R>>", "a.b" },
    { "4 0 R", "<</FT/Sig/T(a)/Kids[5 0 R]>>", "<</FT/Tx/T(b)/V 10 0 R>>", "" },
    { "4 0 R 5 0 R", "<</FT/Sig/T(a)/V 10 0 R>>", "<</FT/Sig/T(a)/V 11 0 R>>", "a|a#2" },
    { "4 0 R 5 0 R", "<</FT/Sig/T(a)/V 11 0 R>>", "<</FT/Sig/T(b)/V 10 0 R>>", "b|a" },
    { "4 0 R 5 0 R", "<</FT/Sig/T(a)/V 10 0 R>>", "<</FT/Sig/T(b)/V 10 0 R>>", "a|b" },
    { "4 0 R 5 0 R <</FT/Sig/T(a)/V 12 0 R>>", "<</FT/Sig/T(a)/V 10 0 R>>", "<</FT/Sig/T(a#2)/V 11 0 R>>",
      "a|a#2|a#3" },
    { "4 0 R 5 0 R", "<</FT/Sig/T(a)/V 10 0 R>>", "<</FT/Sig/T(a)/V 10 0 R>>", "a|a#2" },
    { "4 0 R", "<</FT/Sig/T(a)/V 10 0 R/Kids[5 0 R]>>", "<</Subtype/Widget/V 10 0 R>>", "a" },
    { "4 0 R", "<</FT/Sig/T(a)/Kids[5 0 R<</V 10 0 R>>]>>", "<</Subtype/Widget/V 10 0 R>>", "a" },
    { "4 0 R 4 0 R", "<</FT/Sig/T(a)/V 10 0 R/Kids[4 0 R]>>", "null", "a" },
    { "4 0 R", "<</FT/Sig/T(a)/V 10 0 R/Kids[5 0 R]>>", "<</T(b)/V 11 0 R/Kids[4 0 R]>>", "a|a.b" },
    { "4 0 R", "<</FT/Sig/V 10 0 R>>", "null", "" },
    { "4 0 R", "<</FT 5 0 R/T<FEFF1EA1>/V 10 0 R>>", "/Sig", "ạ" },
    { "4 0 R", "<</FT/Sig/T(direct)/V<</ByteRange[0 1 2 3]>>>>", "null", "direct" },
    { "4 0 R 5 0 R", "<</FT/Sig/T(none)/V<<>>>>", "<</FT/Sig/T(a)/V 12 0 R>>", "a|none" },
};

static void test_forms(void **state)
{
    for (size_t i = 0; i < COUNT(forms); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(build_free) struct build names = { 0 };
        sign_err err = SIGN_ERR_INIT;
        make_start(&m, forms[i].fields);
        make_obj(&m, 4, "%s", forms[i].four);
        make_obj(&m, 5, "%s", forms[i].five);
        make_obj(&m, 10, VALUE, 10);
        make_obj(&m, 11, VALUE, 11);
        make_obj(&m, 12, VALUE, 12);
        make_table(&m, "");
        CLEANUP(found_drop) struct found f = find(&m, SIGN_OK, &err);
        for (size_t k = 0; k < f.n; k++) {
            build_fmt(&names, "%s%s", k == 0 ? "" : "|", f.sigs[k].name);
        }
        check_bytes(build_view(&names), bytes_str(forms[i].want));
        /* the nameless one is listed too */
        assert_int_equal(f.n, i == 7 ? 0 : f.n);
        assert_true(i == 7 || f.n > 0);
    }
}

static void test_subfilters(void **state)
{
    static const struct {
        const char *dict;
        enum pdf_subfilter want;
        bool timestamp;
        const char *name;
    } kinds[] = {
        { "/SubFilter/adbe.pkcs7.detached", PDF_PKCS7_DETACHED, false, "adbe.pkcs7.detached" },
        { "/SubFilter/adbe.pkcs7.sha1", PDF_PKCS7_SHA1, false, "adbe.pkcs7.sha1" },
        { "/SubFilter/adbe.x509.rsa_sha1", PDF_X509_RSA_SHA1, false, "adbe.x509.rsa_sha1" },
        { "/SubFilter/ETSI.RFC3161", PDF_RFC3161, true, "ETSI.RFC3161" },
        { "/Type/DocTimeStamp/SubFilter/own", PDF_SUBFILTER_UNKNOWN, true, "own" },
        { "/SubFilter/\xFF", PDF_SUBFILTER_UNKNOWN, false, "\xEF\xBF\xBD" },
        { "", PDF_SUBFILTER_UNKNOWN, false, "" },
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        sign_err err = SIGN_ERR_INIT;
        make_start(&m, "4 0 R");
        make_obj(&m, 4, "<</FT/Sig/T(a)/V<<%s>>>>", kinds[i].dict);
        make_table(&m, "");
        CLEANUP(found_drop) struct found f = find(&m, SIGN_OK, &err);
        assert_int_equal(f.n, 1);
        assert_int_equal(f.sigs[0].subfilter, kinds[i].want);
        assert_int_equal(f.sigs[0].doc_timestamp, kinds[i].timestamp);
        assert_string_equal(f.sigs[0].subfilter_name, kinds[i].name);
        assert_int_equal(f.sigs[0].value.num, 0);
    }
}

/* A field that cannot be read might be a signature: the file is refused, not called unsigned. */
static void test_broken_field(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "4 0 R");
    make_obj(&m, 4, "<</FT/Sig/T(a/V 5 0 R>>");
    make_table(&m, "");
    CLEANUP(found_drop) struct found f = find(&m, SIGN_E_FORMAT, &err);
    assert_int_equal(f.n, 0);
}

static void test_deep(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_start(&m, "10 0 R");
    for (unsigned i = 0; i <= LIMIT_PDF_DEPTH; i++) {
        make_obj(&m, 10 + i, "<</FT/Sig/T(%u)/Kids[%u 0 R]>>", i, 11 + i);
    }
    make_obj(&m, 11 + LIMIT_PDF_DEPTH, "<</T(end)/V<<>>>>");
    make_table(&m, "");
    CLEANUP(found_drop) struct found f = find(&m, SIGN_E_LIMIT, &err);
    assert_int_equal(f.n, 0);
}

/* A form of 100,001 fields in one array. */
static void test_many(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    make_text(&m, "%%PDF-1.7\n");
    m.at[1] = m.out.len;
    make_text(&m, "1 0 obj<</AcroForm<</Fields[");
    for (unsigned i = 0; i <= LIMIT_PDF_FIELDS; i++) {
        make_text(&m, "<<>>");
    }
    make_text(&m, "]>>>>endobj ");
    make_table(&m, "");
    CLEANUP(found_drop) struct found f = find(&m, SIGN_E_LIMIT, &err);
    assert_int_equal(f.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_none),       cmocka_unit_test(test_one),          cmocka_unit_test(test_forms),
        cmocka_unit_test(test_subfilters), cmocka_unit_test(test_broken_field), cmocka_unit_test(test_deep),
        cmocka_unit_test(test_many),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
