/*
 * Reports put together by hand, printed in every form and compared with golden/ byte for byte. After a wanted change:
 *     GOLDEN_UPDATE=1 test_verify_report tests/verify/golden
 */
#include <base/cleanup.h>
#include <base/text.h>
#include <libsign/doc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <verify/report.h>

/* P-256, CN=Nguyễn Văn A, O=UBND tỉnh X, 2026 to 2031, its own issuer. */
static const char CERT_HEX[] =
    "308201a43082014ba00302010202080123456789abcdef300a06082a8648ce3d040302303f310b300906035504061302564e3116301406"
    "0355040a0c0d55424e442074e1bb896e6820583118301606035504030c0f4e677579e1bb856e2056c4836e2041301e170d323630313031"
    "3030303030305a170d3331303130313030303030305a303f310b300906035504061302564e31163014060355040a0c0d55424e442074e1"
    "bb896e6820583118301606035504030c0f4e677579e1bb856e2056c4836e20413059301306072a8648ce3d020106082a8648ce3d030107"
    "0342000470856f48a132d259bcd09a615f43852c30271ebf69260ed7acdd76947f3aaf26bb67061a8075ebf9bfea4e1a5edfbd1d738cf1"
    "537cac85cc54fa4a8c9e7f7000a331302f300e0603551d0f0101ff0404030206c0301d0603551d0e04160414316ae03b6d75bf6423e8ff"
    "efc312a7f596ac2da9300a06082a8648ce3d04030203470030440220726a4cf929e08b2e3734a4905f2c9c477ea66765d13788e32ec600"
    "0c819e4a9702203a5259ad76c19db8a86cf7614f03592293a179a979e8317e71882ab60da0b3f9";

static const char *golden;
static struct crypto *crypto;
static struct cert_cache *cache;

static int setup(void **state)
{
    int rc = crypto_new(&crypto, NULL);
    return rc == SIGN_OK ? cert_cache_new(&cache, crypto, NULL) : rc;
}

static int teardown(void **state)
{
    cert_cache_free(&cache);
    crypto_free(&crypto);
    return 0;
}

static sign_cert *signer(void)
{
    CLEANUP(build_free) struct build der = { 0 };
    sign_cert *cert = NULL;
    assert_true(hex_decode(&der, bytes_str(CERT_HEX)));
    assert_int_equal(cert_get(cache, build_view(&der), &cert, NULL), SIGN_OK);
    return cert;
}

static sign_report *new_report(int type, size_t n)
{
    sign_report *report = NULL;
    assert_int_equal(report_new(&report, type, NULL), SIGN_OK);
    report->sigs = arena_array(&report->arena, n, sizeof *report->sigs);
    report->stamps = arena_array(&report->arena, 1, sizeof *report->stamps);
    assert_true(report->sigs && report->stamps);
    report->n = n;
    return report;
}

static void assert_all(struct facts *f)
{
    f->structure = f->found = f->supported = f->digest = f->value = f->strong = FACT_TRUE;
    f->signer = f->bound = f->consistent = f->key_usage = f->manifests = f->unambiguous = FACT_TRUE;
    f->cert = signer();
    f->path = (struct path){
        .status = PATH_OK, .revocation = REVOCATION_GOOD, .n = 1, .chain = { signer() }, .revocation_source = "crl",
        .revocation_time = 1795305600,
    };
    f->digest_alg = digest_by_id(SIGN_DIGEST_SHA256);
    f->scheme = SIGN_SCHEME_ECDSA;
    f->key_bits = 256;
    f->at = 1795312800;         /* 2026-11-22T02:00:00Z */
    f->has_claimed = true;
    f->claimed = (struct when){ 1795312740, 420, true };
}

static sign_report *passed(void)
{
    static struct cover covers[2] = {
        { .offset = 0, .length = 840, .located = true, .resolved = true },
        { .offset = 9000, .length = 500, .located = true, .resolved = true },
    };
    sign_report *report = new_report(SIGN_DOC_PDF, 1);
    struct facts *f = &report->sigs[0].facts;
    assert_all(f);
    f->id = "Signature1";
    f->format = FORMAT_PADES_B;
    f->changes = CHANGES_NONE;
    f->whole_file = true;
    f->revision = f->revisions = 2;
    f->covers = covers;
    f->n_covers = COUNT(covers);
    facts_note(f, MSG_TIME_CLAIMED, NULL, NULL, NULL);
    return report;
}

/* Two signatures of an XML document, one broken, with everything hostile that a document can hand us. */
static sign_report *hostile(void)
{
    static struct cover covers[2] = {
        { .uri = "#a\x1b[2J",
          .path = "/HDon/DLHDon",
          .id = "a\xe2\x80\xae",
          .offset = 12,
          .length = 345,
          .located = true,
          .resolved = true },
        { .uri = "#b\xff" },
    };
    sign_report *report = new_report(SIGN_DOC_XML, 2);
    struct facts *f = &report->sigs[0].facts;
    assert_all(f);
    f->id = "sig\x7f\xc2\x9b";
    f->format = FORMAT_XMLDSIG;
    f->changes = CHANGES_NOT_APPLICABLE;
    f->digest = FACT_FALSE;
    f->claimed.has_zone = false;
    f->covers = covers;
    f->n_covers = COUNT(covers);
    facts_note(f, MSG_REFERENCE_DIFFERS, "#a\x1b[2J", NULL, NULL);
    facts_note(f, MSG_TIME_WITHOUT_ZONE, NULL, NULL, NULL);
    f = &report->sigs[1].facts;
    f->id = "/HDon/Signature[2]";
    f->changes = CHANGES_NOT_APPLICABLE;
    f->supported = FACT_FALSE;
    f->at = 1795312800;
    facts_note(f, MSG_UNSUPPORTED, "HMAC \"\\", NULL, "XMLDSig 6.3");
    return report;
}

static sign_report *indeterminate(void)
{
    sign_report *report = passed();
    struct facts *f = &report->sigs[0].facts;
    f->path.revocation = REVOCATION_UNKNOWN;
    f->path.revocation_time = 0;
    f->path.revocation_source = "none";
    f->n_timestamps = 1;
    facts_note(f, MSG_REVOCATION_UNCHECKED, "there is no CRL of its issuer", NULL, NULL);
    report->stamps[report->n_stamps++] = (struct stamp){ .id = "Timestamp1" };
    return report;
}

static sign_report *unsigned_file(void)
{
    sign_report *report = new_report(SIGN_DOC_PDF, 0);
    report->stamps[report->n_stamps++] = (struct stamp){ .id = "Timestamp1" };
    return report;
}

static void compare(const char *name, const char *form, sign_buf *buf)
{
    char path[512];
    sign_bytes got = sign_buf_bytes(buf);
    (void)snprintf(path, sizeof path, "%s/%s.%s", golden, name, form);
    if (getenv("GOLDEN_UPDATE")) {
        FILE *out = fopen(path, "wb");
        assert_non_null(out);
        assert_int_equal(fwrite(got.ptr, 1, got.len, out), got.len);
        assert_int_equal(fclose(out), 0);
    }
    static uint8_t wanted[64 * 1024];
    FILE *in = fopen(path, "rb");
    assert_non_null(in);
    size_t len = fread(wanted, 1, sizeof wanted, in);
    (void)fclose(in);
    if (!bytes_equal(got, bytes_of(wanted, len))) {
        fail_msg("%s:\n%.*s", path, (int)got.len, (const char *)got.ptr);
    }
    assert_true(utf8_valid(got));
    sign_buf_free(&buf);
}

static void print_all(const char *name, const char *file, sign_report *report)
{
    sign_buf *out = NULL;
    for (size_t i = 0; i < report->n; i++) {
        verdict_decide(&report->sigs[i].outcome, &report->sigs[i].facts);
    }
    assert_int_equal(sign_report_json(&out, report, file, NULL), SIGN_OK);
    compare(name, "json", out);
    static const char *const langs[] = { "vi", "en" };
    for (size_t i = 0; i < COUNT(langs); i++) {
        char form[16];
        assert_int_equal(sign_report_text(&out, report, file, langs[i], true, NULL), SIGN_OK);
        (void)snprintf(form, sizeof form, "%s.txt", langs[i]);
        compare(name, form, out);
        assert_int_equal(sign_report_text(&out, report, file, langs[i], false, NULL), SIGN_OK);
        (void)snprintf(form, sizeof form, "%s.line", langs[i]);
        compare(name, form, out);
    }
    sign_report_free(&report);
}

static void test_passed(void **state)
{
    print_all("passed", "công văn.pdf", passed());
}

static void test_hostile(void **state)
{
    print_all("hostile", "a\x1b]0;x\x07\xe2\x80\xae\xff.xml", hostile());
}

static void test_indeterminate(void **state)
{
    print_all("indeterminate", "b.pdf", indeterminate());
}

static void test_unsigned(void **state)
{
    print_all("unsigned", "c.pdf", unsigned_file());
}

static void test_error(void **state)
{
    sign_buf *out = NULL;
    sign_err why = {
        .status = SIGN_E_FORMAT, .offset = 259, .clause = "XML 1.0 2.1", .msg = "not well-formed: \x1b\xc3"
    };
    assert_int_equal(sign_error_json(&out, "d.xml", SIGN_DOC_XML, &why, NULL), SIGN_OK);
    compare("error", "json", out);
    why.offset = SIGN_NO_OFFSET;
    assert_int_equal(sign_error_json(&out, "e", 77, &why, NULL), SIGN_OK);
    compare("error-nowhere", "json", out);
}

static void test_accessors(void **state)
{
    CLEANUP(sign_report_free) sign_report *report = hostile();
    for (size_t i = 0; i < report->n; i++) {
        verdict_decide(&report->sigs[i].outcome, &report->sigs[i].facts);
    }
    assert_int_equal(sign_report_count(report), 2);
    assert_int_equal(sign_report_verdict(report, 0), SIGN_FAILED);
    assert_string_equal(sign_report_sub_indication(report, 0), "HASH_FAILURE");
    assert_int_equal(sign_report_integrity(report, 0), SIGN_INTEGRITY_BROKEN);
    assert_int_equal(sign_report_verdict(report, 1), SIGN_INDETERMINATE);
    assert_string_equal(sign_report_id(report, 1), "/HDon/Signature[2]");
    assert_non_null(sign_report_signer(report, 0));
    assert_null(sign_report_signer(report, 1));
    assert_string_equal(sign_report_overall(report), "TOTAL-FAILED");
    assert_int_equal(sign_report_verdict(report, 2), SIGN_INDETERMINATE);
    assert_null(sign_report_sub_indication(report, 2));
    assert_int_equal(sign_report_integrity(report, 2), SIGN_INTEGRITY_UNKNOWN);
    assert_string_equal(sign_report_id(report, 2), "");
    assert_int_equal(sign_report_count(NULL), 0);
    assert_string_equal(sign_report_overall(NULL), "NO-SIGNATURE");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passed), cmocka_unit_test(test_hostile), cmocka_unit_test(test_indeterminate),
        cmocka_unit_test(test_unsigned), cmocka_unit_test(test_error), cmocka_unit_test(test_accessors),
    };
    golden = argc > 1 ? argv[1] : "golden";
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
