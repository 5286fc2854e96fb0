/* The incremental update: over files of many producers, once and ten times, read back by our own reader. */
#include <base/cleanup.h>
#include <base/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pdf/update.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CMS_SIZE 40

static struct crypto *crypto;

/* All of a source in memory, so that the next round can read it again. */
static void append(struct build *to, const struct source *source)
{
    size_t size = (size_t)source_size(source);
    uint8_t *room = build_room(to, size);
    assert_non_null(room);
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(source_read(source, 0, room, size, &err), SIGN_OK);
}

static struct pdf_sign_spec spec_of(const char *field)
{
    return (struct pdf_sign_spec){ .field = field, .name = "Nguyễn Văn Ánh", .reason = "Phê duyệt (bản 1)", .location = "Hà Nội",
                                   .when = 1795312800, .zone = 420, .subfilter = "ETSI.CAdES.detached", .contents = CMS_SIZE };
}

/* Signs (with bytes that are no CMS: the reader does not look inside) and returns the new file in *out. */
static int sign_once(struct build *out, sign_bytes in, const char *field, char **made, sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(pdf_free) struct pdf_file *file = NULL;
    CLEANUP(pdf_update_drop) struct pdf_update update = { 0 };
    uint8_t cms[CMS_SIZE];
    memset(cms, 0xA5, sizeof cms);
    assert_int_equal(source_over(&source, in, err), SIGN_OK);
    int rc = pdf_open(&file, source, crypto, NULL, NULL, err);
    struct pdf_sign_spec spec = spec_of(field);
    if (rc == SIGN_OK) {
        rc = pdf_update_make(&update, file, &spec, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    assert_int_equal(pdf_update_contents(&update, bytes_of(cms, sizeof cms), err), SIGN_OK);
    assert_int_equal(pdf_update_contents(&update, bytes_of(cms, sizeof cms + 1), err), SIGN_E_INTERNAL);
    build_bytes(out, in);
    build_bytes(out, build_view(&update.bytes));
    assert_int_equal(out->failed, SIGN_OK);
    if (made) {
        *made = update.field;
        update.field = NULL;
    }
    return SIGN_OK;
}

static void check_signatures(sign_bytes in, size_t expected)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(pdf_free) struct pdf_file *file = NULL;
    sign_err err = SIGN_ERR_INIT;
    const struct pdf_signature *sigs = NULL;
    size_t n = 0;
    assert_int_equal(source_over(&source, in, &err), SIGN_OK);
    assert_int_equal(pdf_open(&file, source, crypto, NULL, NULL, &err), SIGN_OK);
    assert_false(pdf_needed_repair(file));
    if (pdf_signatures(&sigs, &n, file, &err) != SIGN_OK) {
        fail_msg("%s", err.msg);
    }
    assert_int_equal(n, expected);
    for (size_t i = 0; i < n; i++) {
        struct pdf_coverage cover;
        assert_int_equal(pdf_cover(&cover, file, &sigs[i], &err), SIGN_OK);
        if (cover.fault != PDF_FAULT_NONE) {
            fail_msg("signature %zu: fault %d: %s", i, cover.fault, cover.detail);
        }
        assert_int_equal(cover.whole_file, i == n - 1);
        assert_int_equal(sigs[i].subfilter, PDF_CADES_DETACHED);
        assert_int_equal(sigs[i].contents.len, CMS_SIZE);
        assert_string_equal(sigs[i].signer_name, "Nguyễn Văn Ánh");
        assert_string_equal(sigs[i].reason, "Phê duyệt (bản 1)");
        char name[40];
        snprintf(name, sizeof name, "Signature%zu", i + 1);
        assert_string_equal(sigs[i].name, name);
    }
}

static bool qpdf_agrees(sign_bytes in)
{
    char name[] = "/tmp/libsign-update-XXXXXX", command[80];
    int fd = mkstemp(name);
    assert_true(fd >= 0 && write(fd, in.ptr, in.len) == (ssize_t)in.len);
    close(fd);
    snprintf(command, sizeof command, "qpdf --check %s >/dev/null", name);
    int status = system(command);
    unlink(name);
    return status == 0;
}

static const char *const letters[] = {
    "cong-van.pdf",        "cong-van.cairo.pdf",  "cong-van.gs.pdf",     "cong-van.linear.pdf", "cong-van.linear-objstm.pdf",
    "cong-van.mupdf.pdf",  "cong-van.objstm.pdf", "cong-van.pdfa.pdf",   "cong-van.plain.pdf",  "hybrid.pdf",
    "scan.pdf",
};

static void sign_letter(const char *name, size_t times)
{
    sign_err err = SIGN_ERR_INIT;
    char path[512];
    snprintf(path, sizeof path, "%s/%s", TESTDATA, name);
    CLEANUP(source_free) struct source *source = NULL;
    assert_int_equal(source_open(&source, path, NULL, &err), SIGN_OK);
    struct build now = { 0 };
    append(&now, source);
    for (size_t i = 0; i < times; i++) {
        struct build next = { 0 };
        if (sign_once(&next, build_view(&now), NULL, NULL, &err) != SIGN_OK) {
            fail_msg("%s, round %zu: %s", name, i + 1, err.msg);
        }
        assert_true(bytes_start(build_view(&next), build_view(&now)));
        build_free(&now);
        now = next;
    }
    check_signatures(build_view(&now), times);
    assert_true(qpdf_agrees(build_view(&now)));
    build_free(&now);
}

static void one_signature(void **state)
{
    for (size_t i = 0; i < COUNT(letters); i++) {
        sign_letter(letters[i], 1);
    }
}

static void ten_signatures(void **state)
{
    for (size_t i = 0; i < COUNT(letters); i++) {
        sign_letter(letters[i], 10);
    }
}

/* Small files written by hand, each with one thing that a signature must respect. Offsets are left to the repair-free reader,
 * so the tables are made here. */
static void make_pdf(struct build *out, const char *const *objects, size_t n, const char *trailer)
{
    size_t offsets[16];
    build_str(out, "%PDF-1.7\n");
    for (size_t i = 0; i < n; i++) {
        offsets[i] = out->len;
        build_fmt(out, "%zu 0 obj\n%s\nendobj\n", i + 1, objects[i]);
    }
    size_t xref = out->len;
    build_fmt(out, "xref\n0 %zu\n0000000000 65535 f\r\n", n + 1);
    for (size_t i = 0; i < n; i++) {
        build_fmt(out, "%010zu 00000 n\r\n", offsets[i]);
    }
    build_fmt(out, "trailer\n<</Size %zu/Root 1 0 R%s>>\nstartxref\n%zu\n%%%%EOF", n + 1, trailer, xref);
}

#define PAGES "<</Type/Pages/Kids[3 0 R]/Count 1>>"
#define PAGE "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.32001 841.92]>>"

#define CATALOG(more) "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>" more ">>"
#define SIGNING "/Reference[<</TransformMethod/UR3/TransformParams<</Signature[/Modify]>>>>]"

static void respects(void **state)
{
    static const struct {
        const char *what, *catalog, *page, *fourth, *field;
        int status;
        const char *expect;     /* found in the update */
    } table[] = {
        { "plain", "<</Type/Catalog/Pages 2 0 R>>", PAGE, "null", NULL, SIGN_OK, "/MediaBox [0 0 595.32001 841.92]" },
        { "own annots", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Page/Parent 2 0 R/Annots 4 0 R>>", "[(odd)]", NULL, SIGN_OK,
          "4 0 obj\n[(odd) " },
        { "direct form", "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/NeedAppearances true>>>>", PAGE,
          "<</T(Signature7)/FT/Tx>>", NULL, SIGN_OK, "/T(Signature8)" },
        { "form of its own", "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>", PAGE, "<</Fields[]/DA(/F1 0 Tf)>>", "Duyệt", SIGN_OK,
          "/DA (/F1 0 Tf)" },
        { "name taken", "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>", PAGE, "<</T(A)>>", "A", SIGN_E_EXISTS, NULL },
        { "name taken, UTF-16", "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]>>>>", PAGE, "<</T<FEFF0041>>>", "A",
          SIGN_E_EXISTS, NULL },
        { "period in name", "<</Type/Catalog/Pages 2 0 R>>", PAGE, "null", "a.b", SIGN_E_NOTFOUND, NULL },
        { "XFA", "<</Type/Catalog/Pages 2 0 R/AcroForm<</XFA(x)/Fields[]>>>>", PAGE, "null", NULL, SIGN_E_UNSUPPORTED, NULL },
        { "certified, no changes",
          "<</Type/Catalog/Pages 2 0 R/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 1>>>>]>>>>>>", PAGE,
          "null", NULL, SIGN_E_FORBIDDEN, NULL },
        { "certified, signatures allowed",
          "<</Type/Catalog/Pages 2 0 R/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 2>>>>]>>>>>>", PAGE,
          "null", NULL, SIGN_OK, "/P 2" },
        { "usage rights", "<</Type/Catalog/Pages 2 0 R/Perms<</UR3<</Type/Sig>>>>>>", PAGE, "null", NULL, SIGN_E_FORBIDDEN, NULL },
        { "usage rights in PDF 2.0", "<</Type/Catalog/Version/2.0/Pages 2 0 R/Perms<</UR3<</Type/Sig>>>>>>", PAGE, "null", NULL,
          SIGN_OK, "/SigFlags 3" },
        { "usage rights, a new field", CATALOG("/Perms<</UR3<<" SIGNING ">>>>"), PAGE, "<</FT/Sig/T(A)>>", NULL, SIGN_E_FORBIDDEN, NULL },
        { "usage rights, a field", CATALOG("/Perms<</UR3<<" SIGNING ">>>>"), PAGE, "<</FT/Sig/T(A)>>", "A", SIGN_OK, "/UR3" },
        { "the CAdES extension", CATALOG(""), PAGE, "null", NULL, SIGN_OK,
          "/Extensions <</ESIC <</BaseVersion/1.7/ExtensionLevel 2>>>>" },
        { "another's extension stays", CATALOG("/Extensions<</ADBE<</BaseVersion/1.7/ExtensionLevel 8>>>>"), PAGE, "null", NULL, SIGN_OK,
          "/Extensions <</ADBE <</BaseVersion /1.7/ExtensionLevel 8>>/ESIC <<" },
        { "an extension that is there", CATALOG("/Extensions<</ESIC<</ExtensionLevel 5>>>>"), PAGE, "null", NULL, SIGN_OK,
          "/Extensions <</ESIC <</ExtensionLevel 5>>>>" },
        { "tagged", CATALOG("/StructTreeRoot<<>>"), PAGE, "null", NULL, SIGN_OK, "/Tabs /S" },
        { "tagged, own annots", CATALOG("/StructTreeRoot<<>>"), "<</Type/Page/Parent 2 0 R/Annots 4 0 R>>", "[]", NULL, SIGN_OK,
          "/Tabs /S" },
        { "tagged, with an order", CATALOG("/StructTreeRoot<<>>"), "<</Type/Page/Parent 2 0 R/Tabs/R>>", "null", NULL, SIGN_OK,
          "/Tabs /R" },
        { "catalog says twice", "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R/AcroForm null>>", PAGE, "<<>>", NULL, SIGN_E_FORMAT, NULL },
        { "no page", "<</Type/Catalog/Pages 4 0 R>>", PAGE, "<</Type/Pages/Kids[]/Count 0>>", NULL, SIGN_E_UNSUPPORTED, NULL },
        { "page tree loops", "<</Type/Catalog/Pages 4 0 R>>", PAGE, "<</Type/Pages/Kids[4 0 R]/Count 1>>", NULL, SIGN_E_LIMIT, NULL },
        { "annots are no array", "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Page/Annots 7>>", "null", NULL, SIGN_E_FORMAT, NULL },
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        const char *objects[] = { table[i].catalog, PAGES, table[i].page, table[i].fourth };
        CLEANUP(build_free) struct build in = { 0 };
        CLEANUP(build_free) struct build out = { 0 };
        sign_err err = SIGN_ERR_INIT;
        make_pdf(&in, objects, COUNT(objects), "/Info<</Title(T)>>/ID[<00112233445566778899aabbccddeeff><01>]");
        int rc = sign_once(&out, build_view(&in), table[i].field, NULL, &err);
        if (rc != table[i].status) {
            fail_msg("%s: status %d, expected %d: %s", table[i].what, rc, table[i].status, err.msg);
        }
        if (rc == SIGN_OK) {
            sign_bytes added = bytes_slice(build_view(&out), in.len, out.len);
            if (bytes_find(added, bytes_str(table[i].expect), 0) == SIZE_MAX) {
                fail_msg("%s: '%s' is not in the update", table[i].what, table[i].expect);
            }
            assert_true(bytes_find(added, BYTES_LIT("/ID[<00112233445566778899AABBCCDDEEFF><"), 0) != SIZE_MAX);
            assert_true(bytes_find(added, BYTES_LIT("/Info <</Title (T)>>"), 0) != SIZE_MAX);
            assert_true(qpdf_agrees(build_view(&out)) || strcmp(table[i].what, "own annots") == 0);
        }
    }
}

/* What the ByteRange says and what is digested are the same bytes. */
static void digest_covers_range(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(pdf_free) struct pdf_file *file = NULL;
    CLEANUP(pdf_update_drop) struct pdf_update update = { 0 };
    CLEANUP(build_free) struct build all = { 0 };
    CLEANUP(digest_drop) struct digest_run run = { 0 };
    uint8_t got[DIGEST_MAX], expected[DIGEST_MAX];
    const struct digest_alg *sha = digest_by_id(SIGN_DIGEST_SHA256);
    struct pdf_sign_spec spec = spec_of(NULL);
    assert_int_equal(source_open(&source, TESTDATA "/cong-van.pdf", NULL, &err), SIGN_OK);
    assert_int_equal(pdf_open(&file, source, crypto, NULL, NULL, &err), SIGN_OK);
    assert_int_equal(pdf_update_make(&update, file, &spec, &err), SIGN_OK);
    assert_int_equal(digest_start(&run, crypto, sha, &err), SIGN_OK);
    assert_int_equal(pdf_update_digest(&update, file, &run, NULL, &err), SIGN_OK);
    assert_int_equal(digest_end(&run, got, &err), SIGN_OK);
    append(&all, source);
    build_bytes(&all, build_view(&update.bytes));
    assert_int_equal(update.range[2] + update.range[3], all.len);
    assert_int_equal(all.ptr[update.range[1]], '<');
    assert_int_equal(all.ptr[update.range[2] - 1], '>');
    assert_int_equal(update.range[2] - update.range[1], 2 * CMS_SIZE + 2);
    memmove(all.ptr + update.range[1], all.ptr + update.range[2], update.range[3]);
    assert_int_equal(digest_bytes(crypto, sha, bytes_of(all.ptr, update.range[1] + update.range[3]), expected, &err), SIGN_OK);
    assert_memory_equal(got, expected, sha->size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_signature),
        cmocka_unit_test(ten_signatures),
        cmocka_unit_test(respects),
        cmocka_unit_test(digest_covers_range),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    sign_err err = SIGN_ERR_INIT;
    if (crypto_new(&crypto, &err) != SIGN_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_free(&crypto);
    return failed;
}
