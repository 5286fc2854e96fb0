/* Filters and predictors: known answers from the standards and from other encoders, and what is refused. */
#include "make.h"
#include <base/limits.h>
#include <io/flate.h>

#define DICT(text) "/Filter" text

static const uint8_t rows_png[] = { 2, 1, 2, 3, 2, 1, 1, 1, 1, 5, 1, 1, 0, 9, 9, 9, 3, 2, 2, 2, 4, 1, 1, 1 };
/* Up over nothing, Up, Sub, None, Average, Paeth; columns 3 */
static const uint8_t rows_plain[] = { 1, 2, 3, 2, 3, 4, 5, 6, 7, 9, 9, 9, 6, 9, 11, 7, 10, 12 };

static const struct {
    const char *dict;
    sign_bytes data;
    int status;
    sign_bytes want;
} cases[] = {
    { "", { (const uint8_t *)"as is", 5 }, SIGN_OK, { (const uint8_t *)"as is", 5 } },
    { DICT("/ASCIIHexDecode"), { (const uint8_t *)"48 65\n6c6C6f7>x", 15 }, SIGN_OK, { (const uint8_t *)"Hellop", 6 } },
    { DICT("/ASCIIHexDecode"), { (const uint8_t *)"4x>", 3 }, SIGN_E_FORMAT, { 0 } },
    { DICT("/ASCII85Decode"),
      { (const uint8_t *)"87cURD]i,\"Ebo80z~>", 18 },
      SIGN_OK,
      { (const uint8_t *)"Hello World!\0\0\0\0", 16 } },
    { DICT("/ASCII85Decode"), { (const uint8_t *)"87cURDZ~>", 9 }, SIGN_OK, { (const uint8_t *)"Hello", 5 } },
    { DICT("/ASCII85Decode"), { (const uint8_t *)"s8W-\"~>", 7 }, SIGN_E_FORMAT, { 0 } },
    { DICT("/ASCII85Decode"), { (const uint8_t *)"5~>", 3 }, SIGN_E_FORMAT, { 0 } },
    { DICT("/RunLengthDecode"),
      { (const uint8_t *)"\x02"
                         "abc\xFEx\x80zz",
        9 },
      SIGN_OK,
      { (const uint8_t *)"abcxxx", 6 } },
    { DICT("/RunLengthDecode"),
      { (const uint8_t *)"\x05"
                         "abc",
        4 },
      SIGN_E_FORMAT,
      { 0 } },
    /* ISO 32000-2 7.4.4.2, example 1 */
    { DICT("/LZWDecode"),
      { (const uint8_t *)"\x80\x0B\x60\x50\x22\x0C\x0C\x85\x01", 9 },
      SIGN_OK,
      { (const uint8_t *)"\x2D\x2D\x2D\x2D\x2D\x41\x2D\x2D\x2D\x42", 10 } },
    { DICT("/LZWDecode"), { (const uint8_t *)"\x80\x7F\xFF", 3 }, SIGN_E_FORMAT, { 0 } },
    { DICT("[/ASCIIHexDecode/RunLengthDecode]"),
      { (const uint8_t *)"0261626380>", 11 },
      SIGN_OK,
      { (const uint8_t *)"abc", 3 } },
    { DICT("[/ASCIIHexDecode/LZWDecode]/DecodeParms[null<</Predictor 1>>]"),
      { (const uint8_t *)"800B6050220C0C8501>", 19 },
      SIGN_OK,
      { (const uint8_t *)"\x2D\x2D\x2D\x2D\x2D\x41\x2D\x2D\x2D\x42", 10 } },
    { DICT("/JBIG2Decode"), { (const uint8_t *)"x", 1 }, SIGN_E_UNSUPPORTED, { 0 } },
    { DICT("/Crypt"), { (const uint8_t *)"x", 1 }, SIGN_OK, { (const uint8_t *)"x", 1 } },
    { DICT("[/Crypt/ASCIIHexDecode]/DecodeParms[<</Name/Identity>>null]"),
      { (const uint8_t *)"78>", 3 },
      SIGN_OK,
      { (const uint8_t *)"x", 1 } },
    { DICT("/Crypt/DecodeParms<</Name/StdCF>>"), { (const uint8_t *)"x", 1 }, SIGN_E_FORMAT, { 0 } },
    { DICT("[/ASCIIHexDecode/Crypt]"), { (const uint8_t *)"78>", 3 }, SIGN_E_UNSUPPORTED, { 0 } },
    { DICT("(Flate)"), { (const uint8_t *)"x", 1 }, SIGN_E_FORMAT, { 0 } },
    { DICT("/FlateDecode"), { (const uint8_t *)"no zlib", 7 }, SIGN_E_FORMAT, { 0 } },
    { "/F(other file)", { (const uint8_t *)"x", 1 }, SIGN_E_UNSUPPORTED, { 0 } },
    { DICT("[/ASCIIHexDecode/ASCIIHexDecode/ASCIIHexDecode/ASCIIHexDecode/ASCIIHexDecode/ASCIIHexDecode/ASCIIHexDecode"
           "/ASCIIHexDecode/ASCIIHexDecode]"),
      { (const uint8_t *)">", 1 },
      SIGN_E_LIMIT,
      { 0 } },
};

static int decode(struct opened *o, unsigned num, sign_bytes *out, sign_err *err)
{
    const struct pdf_obj *stream;
    struct pdf_view *view = pdf_newest(o->file);
    check_status(pdf_load(&stream, view, (struct pdf_ref){ num, 0 }, err), SIGN_OK, err);
    assert_int_equal(stream->kind, PDF_STREAM);
    return pdf_stream(out, view, stream, err);
}

static void test_filters(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        sign_err err = SIGN_ERR_INIT;
        sign_bytes out = { 0 };
        make_start(&m, "");
        make_stream(&m, 4, cases[i].dict, cases[i].data);
        make_table(&m, "");
        CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
        check_status(decode(&o, 4, &out, &err), cases[i].status, &err);
        check_bytes(out, cases[i].want);
    }
}

static void predicted(const char *dict, sign_bytes rows, int status, sign_bytes want)
{
    CLEANUP(make_drop) struct make m = { 0 };
    CLEANUP(build_free) struct build packed = { 0 };
    sign_err err = SIGN_ERR_INIT;
    sign_bytes out = { 0 };
    check_status(flate_encode(&packed, rows, &err), SIGN_OK, &err);
    make_start(&m, "");
    make_stream(&m, 4, dict, build_view(&packed));
    make_table(&m, "");
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    check_status(decode(&o, 4, &out, &err), status, &err);
    check_bytes(out, want);
}

static void test_predictors(void **state)
{
    sign_bytes png = bytes_of(rows_png, sizeof rows_png), plain = bytes_of(rows_plain, sizeof rows_plain);
    static const uint8_t tiff[] = { 1, 1, 1, 5, 0, 255 }, tiff_plain[] = { 1, 2, 3, 5, 5, 4 };
    predicted("/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 3>>", png, SIGN_OK, plain);
    predicted("/Filter[/FlateDecode]/DecodeParms[<</Predictor 10/Columns 3>>]", png, SIGN_OK, plain);
    /* a last row cut short is what it is */
    predicted("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 3>>", bytes_slice(png, 0, 6), SIGN_OK,
              bytes_slice(plain, 0, 4));
    predicted("/Filter/FlateDecode/DecodeParms<</Predictor 2/Columns 3>>", bytes_of(tiff, 6), SIGN_OK,
              bytes_of(tiff_plain, 6));
    predicted("/Filter/FlateDecode/DecodeParms<</Predictor 2/BitsPerComponent 4>>", png, SIGN_E_UNSUPPORTED,
              (sign_bytes){ 0 });
    predicted("/Filter/FlateDecode/DecodeParms<</Predictor 7>>", png, SIGN_E_UNSUPPORTED, (sign_bytes){ 0 });
    predicted("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 0>>", png, SIGN_E_FORMAT, (sign_bytes){ 0 });
    predicted("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 9999999999>>", png, SIGN_E_FORMAT,
              (sign_bytes){ 0 });
    predicted("/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 3>>",
              BYTES_LIT("\x05"
                        "abc"),
              SIGN_E_FORMAT, (sign_bytes){ 0 });
}

/* What /Length says wrongly, or nothing, is mended by endstream. */
static void test_length(void **state)
{
    static const struct {
        const char *text, *want;
    } lengths[] = {
        { "4 0 obj<</Length 5>>stream\nhello\nendstream endobj ", "hello" },
        { "4 0 obj<</Length 5>>stream\r\nhello\r\nendstream endobj ", "hello" },
        { "4 0 obj<</Length 5>>stream\rhello\rendstream endobj ", "hello" },
        { "4 0 obj<</Length 5>>stream \nhelloendstream endobj ", "hello" },
        { "4 0 obj<</Length 3>>stream\nhello\nendstream endobj ", "hello" },
        { "4 0 obj<</Length 500000>>stream\nhello\r\nendstream endobj ", "hello" },
        { "4 0 obj<</Length -1>>stream\nhello\nendstream endobj ", "hello" },
        { "4 0 obj<<>>stream\nhello\n\nendstream endobj ", "hello\n" },
        { "4 0 obj<</Length 2 0 R>>stream\nhello\nendstream endobj ", "hello" }, /* not a number */
        { "4 0 obj<</Length 4 0 R>>stream\nhello\nendstream endobj ", "hello" }, /* itself */
        { "4 0 obj<</Length 5 0 R>>stream\nhello\nendstream endobj 5 0 obj 5 endobj ", "hello" },
        { "4 0 obj<</Length 14>>stream\nhel\nendstream \nendstream endobj ", "hel\nendstream " },
    };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        sign_err err = SIGN_ERR_INIT;
        sign_bytes out;
        make_start(&m, "");
        m.at[4] = m.out.len;
        make_text(&m, "%s", lengths[i].text);
        const char *five = strstr(lengths[i].text, "5 0 obj");
        m.at[5] = five == NULL ? 0 : m.at[4] + (uint64_t)(five - lengths[i].text);
        make_table(&m, "");
        CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
        check_status(decode(&o, 4, &out, &err), SIGN_OK, &err);
        check_bytes(out, bytes_str(lengths[i].want));
    }
}

static void test_no_endstream(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    const struct pdf_obj *stream;
    make_start(&m, "");
    make_obj(&m, 4, "<</Length 3>>stream\nabcdef");
    make_table(&m, "");
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    check_status(pdf_load(&stream, pdf_newest(o.file), (struct pdf_ref){ 4, 0 }, &err), SIGN_E_FORMAT, &err);
}

/* Zeros, one more than the cap grants, in 64 KB. */
static void test_bomb(void **state)
{
    CLEANUP(build_free) struct build zeros = { 0 }, once = { 0 };
    CLEANUP(make_drop) struct make m = { 0 };
    sign_err err = SIGN_ERR_INIT;
    sign_bytes out;
    build_fill(&zeros, 0, LIMIT_INFLATED + 1);
    check_status(flate_encode(&once, build_view(&zeros), &err), SIGN_OK, &err);
    make_start(&m, "");
    make_stream(&m, 4, "/Filter/FlateDecode", build_view(&once));
    make_table(&m, "");
    CLEANUP(opened_drop) struct opened o = make_open(&m, SIGN_OK, &err);
    check_status(decode(&o, 4, &out, &err), SIGN_E_LIMIT, &err);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_filters),      cmocka_unit_test(test_predictors), cmocka_unit_test(test_length),
        cmocka_unit_test(test_no_endstream), cmocka_unit_test(test_bomb),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
