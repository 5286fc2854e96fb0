/* Every public call with what it must not be given: the error that its header names, never a crash, never an option passed over. */
#include <libsign/libsign.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char *pki_folder;
static sign_ctx *ctx;
static sign_key *key;
static sign_trust *trust;
static sign_doc *doc;
static const sign_bytes nothing = { NULL, 5 };      /* bytes that are not there */

static int give_password(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/p12.password", pki_folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    *len = fread(buf, 1, cap, file);
    fclose(file);
    *len -= *len && buf[*len - 1] == '\n';
    return SIGN_OK;
}

static int never_asked(void *payload, const sign_request *request, sign_buf *out, sign_err *err)
{
    fail();
    return SIGN_E_INTERNAL;
}

static bool never_shown(void *payload, const sign_token_info *info)
{
    fail();
    return false;
}

static int setup(void **state)
{
    static const char xml[] = "<a><b Id=\"x\">1</b></a>";
    char path[4096];
    snprintf(path, sizeof path, "%s/signer.p12", pki_folder);
    return sign_ctx_new(&ctx, NULL, NULL) || sign_key_from_pkcs12(&key, ctx, path, give_password, NULL, NULL) ||
           sign_trust_new(&trust, ctx, NULL) ||
           sign_doc_open_bytes(&doc, ctx, (sign_bytes){ (const uint8_t *)xml, sizeof xml - 1 }, NULL, NULL);
}

static int teardown(void **state)
{
    sign_doc_free(&doc);
    sign_trust_free(&trust);
    sign_key_free(&key);
    sign_ctx_free(&ctx);
    return 0;
}

/* ARG, with the reason in err, and the same where nobody wants a reason. */
#define REFUSED(call)                                    \
    do {                                                 \
        sign_err value = SIGN_ERR_INIT, *err = &value;   \
        assert_int_equal(call, SIGN_E_ARG);              \
        assert_int_equal(value.status, SIGN_E_ARG);      \
        assert_int_not_equal(value.msg[0], 0);           \
        err = NULL;                                      \
        assert_int_equal(call, SIGN_E_ARG);              \
    } while (0)

static void buffers(void **state)
{
    sign_buf *buf = NULL;
    assert_int_equal(sign_buf_new(NULL), SIGN_E_ARG);
    assert_int_equal(sign_buf_new(&buf), SIGN_OK);
    assert_int_equal(sign_buf_append(NULL, (sign_bytes){ 0 }), SIGN_E_ARG);
    assert_int_equal(sign_buf_append_escaped(NULL, (sign_bytes){ 0 }), SIGN_E_ARG);
    assert_int_equal(sign_buf_append(buf, nothing), SIGN_E_ARG);
    assert_int_equal(sign_buf_append_escaped(buf, nothing), SIGN_E_ARG);
    assert_int_equal(sign_buf_append(buf, (sign_bytes){ 0 }), SIGN_OK);
    assert_int_equal(sign_buf_bytes(buf).len, 0);
    assert_int_equal(sign_buf_bytes(NULL).len, 0);
    sign_buf_free(&buf);
    sign_buf_free(&buf);
    sign_buf_free(NULL);
}

static void certificates_and_reports(void **state)
{
    static const char *(*const texts[])(const sign_cert *) = {
        sign_cert_subject, sign_cert_issuer, sign_cert_common_name, sign_cert_organization, sign_cert_serial, sign_cert_sha256,
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_string_equal(texts[i](NULL), "");
    }
    assert_int_equal(sign_cert_der(NULL).len, 0);
    assert_int_equal(sign_cert_not_before(NULL), 0);
    assert_int_equal(sign_cert_not_after(NULL), 0);
    assert_int_equal(sign_report_count(NULL), 0);
    assert_int_equal(sign_report_verdict(NULL, 0), SIGN_INDETERMINATE);
    assert_int_equal(sign_report_integrity(NULL, 0), SIGN_INTEGRITY_UNKNOWN);
    assert_null(sign_report_sub_indication(NULL, 0));
    assert_null(sign_report_signer(NULL, 0));
    assert_non_null(sign_report_id(NULL, 0));
    assert_string_not_equal(sign_report_overall(NULL), "TOTAL-PASSED");
    sign_print_time(NULL, 0, 0);
}

static void keys(void **state)
{
    sign_bytes der = sign_cert_der(sign_key_cert(key));
    sign_key_ops ops = { sizeof ops, never_asked, NULL }, empty = { sizeof ops, NULL, NULL }, old = { 0, never_asked, NULL };
    sign_key *none = NULL;
    REFUSED(sign_key_from_ops(NULL, ctx, &der, 1, &ops, NULL, err));
    REFUSED(sign_key_from_ops(&none, NULL, &der, 1, &ops, NULL, err));
    REFUSED(sign_key_from_ops(&none, ctx, NULL, 1, &ops, NULL, err));
    REFUSED(sign_key_from_ops(&none, ctx, &der, 0, &ops, NULL, err));
    REFUSED(sign_key_from_ops(&none, ctx, &nothing, 1, &ops, NULL, err));
    REFUSED(sign_key_from_ops(&none, ctx, &der, 1, NULL, NULL, err));
    REFUSED(sign_key_from_ops(&none, ctx, &der, 1, &empty, NULL, err));
    REFUSED(sign_key_from_ops(&none, ctx, &der, 1, &old, NULL, err));
    REFUSED(sign_key_from_pkcs12(NULL, ctx, "a.p12", give_password, NULL, err));
    REFUSED(sign_key_from_pkcs12(&none, NULL, "a.p12", give_password, NULL, err));
    REFUSED(sign_key_from_pkcs12(&none, ctx, NULL, give_password, NULL, err));
    REFUSED(sign_key_from_token(NULL, NULL, NULL, err));
    REFUSED(sign_key_from_token(&none, NULL, NULL, err));
    assert_null(none);
    assert_null(sign_key_cert(NULL));
    sign_key_free(&none);
    sign_key_free(NULL);
}

static void tokens(void **state)
{
    sign_token *token = NULL;
    REFUSED(sign_token_list(NULL, NULL, never_shown, NULL, err));
    REFUSED(sign_token_list(ctx, NULL, NULL, NULL, err));
    REFUSED(sign_token_open(NULL, ctx, NULL, NULL, err));
    REFUSED(sign_token_open(&token, NULL, NULL, NULL, err));
    REFUSED(sign_token_login(NULL, give_password, NULL, false, err));
    REFUSED(sign_token_certs(NULL, NULL, NULL, err));
    assert_null(sign_token_describe(NULL));
    sign_token_free(&token);
    sign_token_free(NULL);
}

static void anchors(void **state)
{
    sign_bytes der = sign_cert_der(sign_key_cert(key));
    sign_trust *none = NULL;
    REFUSED(sign_trust_new(NULL, ctx, err));
    REFUSED(sign_trust_new(&none, NULL, err));
    REFUSED(sign_trust_add_anchor(NULL, der, err));
    REFUSED(sign_trust_add_anchor(trust, nothing, err));
    REFUSED(sign_trust_add_evidence(NULL, der, err));
    REFUSED(sign_trust_add_evidence(trust, nothing, err));
    REFUSED(sign_trust_add_path(NULL, SIGN_TRUST_ANCHORS, "/", err));
    REFUSED(sign_trust_add_path(trust, SIGN_TRUST_ANCHORS, NULL, err));
    REFUSED(sign_trust_add_path(trust, 0, "/", err));
    sign_trust_free(&none);
    sign_trust_free(NULL);
}

/* An option that is passed over verifies something else than was asked for. */
static void verify_options(void **state)
{
    sign_report *report = NULL;
    sign_verify_opts opts = { .revocation = SIGN_REVOCATION_OFF };      /* without its size */
    REFUSED(sign_verify(&report, doc, trust, &opts, err));
    opts = (sign_verify_opts)SIGN_VERIFY_OPTS_INIT;
    opts.revocation = SIGN_REVOCATION_OFF + 1;
    REFUSED(sign_verify(&report, doc, trust, &opts, err));
    opts.revocation = -1;
    REFUSED(sign_verify(&report, doc, trust, &opts, err));
    opts = (sign_verify_opts)SIGN_VERIFY_OPTS_INIT;
    opts.n_policies = 1;
    REFUSED(sign_verify(&report, doc, trust, &opts, err));
    opts.policies = &nothing;
    REFUSED(sign_verify(&report, doc, trust, &opts, err));
    assert_null(report);
    opts = (sign_verify_opts)SIGN_VERIFY_OPTS_INIT;
    opts.timeout_ms = INT64_MAX;        /* for ever, not at once */
    assert_int_equal(sign_verify(&report, doc, trust, &opts, NULL), SIGN_E_NOT_VALID);
    sign_report_free(&report);
    /* The options of an older caller, who knew but the first of them. */
    opts = (sign_verify_opts)SIGN_VERIFY_OPTS_INIT;
    opts.struct_size = offsetof(sign_verify_opts, revocation);
    opts.revocation = 99;
    assert_int_equal(sign_verify(&report, doc, trust, &opts, NULL), SIGN_E_NOT_VALID);
    sign_report_free(&report);
}

static void xml_lists(void **state)
{
    static const char *const holes[] = { "x", NULL };
    sign_xml_opts with[] = {
        { .n_ids = 1 }, { .ids = holes, .n_ids = 2 }, { .n_paths = 1 }, { .paths = holes, .n_paths = 2 }, { .n_roles = 1 },
        { .roles = holes, .n_roles = 2 }, { .n_commitments = 1 }, { .commitments = holes, .n_commitments = 2 },
        { .ids = holes, .n_ids = SIZE_MAX, .paths = holes, .n_paths = 1 },
        { .policy = "1.2.3", .policy_document = { NULL, 5 } }, { .policy = "1.2.3", .policy_digest = "SHA-256", .policy_hash = { NULL, 32 } },
    };
    for (size_t i = 0; i < sizeof with / sizeof *with; i++) {
        sign_opts opts = SIGN_OPTS_INIT;
        with[i].struct_size = sizeof *with;
        opts.xml = &with[i];
        REFUSED(sign_check(doc, key, &opts, err));
    }
    /* More than 32 by a sum that wraps. */
    const char *many[SIGN_XML_MAX_ELEMENTS];
    for (size_t i = 0; i < SIGN_XML_MAX_ELEMENTS; i++) {
        many[i] = "x";
    }
    sign_xml_opts xml = SIGN_XML_OPTS_INIT;
    sign_opts opts = SIGN_OPTS_INIT;
    opts.xml = &xml;
    xml.ids = xml.paths = many;
    xml.n_ids = SIZE_MAX;
    xml.n_paths = 2;
    REFUSED(sign_check(doc, key, &opts, err));
}

/* A text that could not be written as it is would be signed as another. */
static void texts(void **state)
{
    static const char *const wrong[] = { "c\xF3", "\xC0\x80", "a\x01", "\xEF\xBF\xBF", "\xED\xA0\x80" };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        sign_opts with[] = { { .reason = wrong[i] }, { .location = wrong[i] }, { .contact = wrong[i] }, { .pdf_field = wrong[i] },
                             { .xml_id = wrong[i] }, { .xml_place = wrong[i] } };
        for (size_t n = 0; n < sizeof with / sizeof *with; n++) {
            sign_opts opts = SIGN_OPTS_INIT;
            with[n].struct_size = opts.struct_size;
            with[n].level = opts.level;
            with[n].at_time = opts.at_time;
            REFUSED(sign_check(doc, key, &with[n], err));
        }
        sign_xml_opts more[] = {
            { .ids = &wrong[i], .n_ids = 1 }, { .paths = &wrong[i], .n_paths = 1 }, { .roles = &wrong[i], .n_roles = 1 },
            { .commitments = &wrong[i], .n_commitments = 1 }, { .mime_type = wrong[i] }, { .description = wrong[i] },
            { .encoding = wrong[i] }, { .city = wrong[i] }, { .street = wrong[i] }, { .state = wrong[i] }, { .country = wrong[i] },
            { .postal_code = wrong[i] }, { .countersigns = wrong[i] }, { .base = wrong[i] },
            { .policy = wrong[i], .policy_document = { (const uint8_t *)"x", 1 } },
            { .policy = "1.2.3", .policy_document = { (const uint8_t *)"x", 1 }, .policy_uri = wrong[i] },
            { .policy = "1.2.3", .policy_document = { (const uint8_t *)"x", 1 }, .policy_description = wrong[i] },
        };
        for (size_t n = 0; n < sizeof more / sizeof *more; n++) {
            sign_opts opts = SIGN_OPTS_INIT;
            more[n].struct_size = sizeof *more;
            opts.xml = &more[n];
            REFUSED(sign_check(doc, key, &opts, err));
        }
    }
    sign_xml_opts right = SIGN_XML_OPTS_INIT;
    sign_opts opts = SIGN_OPTS_INIT;
    right.description = "Hoá đơn\tsố 1\n\xF0\x9F\x96\x8A";
    opts.xml = &right;
    assert_int_equal(sign_check(doc, key, &opts, NULL), SIGN_OK);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: test_arguments PKI\n");
        return 2;
    }
    pki_folder = argv[1];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buffers), cmocka_unit_test(certificates_and_reports), cmocka_unit_test(keys), cmocka_unit_test(tokens),
        cmocka_unit_test(anchors), cmocka_unit_test(verify_options), cmocka_unit_test(xml_lists),
        cmocka_unit_test(texts),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
