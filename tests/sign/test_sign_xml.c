/* sign_document over XML: options and profiles become the right Signature, the key is asked once or not at all. */
#include <base/build.h>
#include <base/cleanup.h>
#include <libsign/libsign.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <world.h>
#include <cmocka.h>

static struct world *world;
static sign_ctx *ctx;
static char logged[512];
static const char *profiles;

/* --- a key of ours, a document, a sink ---------------------------------------------------------------------------- */

struct asked {
    enum world_key key;
    size_t times;
    int fail;               /* what it answers instead */
    const char *spoil;      /* a file that it changes, as somebody else may while a PIN is typed */
};

static int answer(void *payload, const sign_request *request, sign_buf *out, sign_err *err)
{
    struct asked *asked = payload;
    CLEANUP(build_free) struct build value = { 0 };
    struct sig_params params = { request->scheme, request->digest_alg, request->mgf_alg, request->salt_len };
    asked->times++;
    if (asked->fail) {
        return asked->fail;
    }
    if (asked->spoil) {
        FILE *file = fopen(asked->spoil, "a");
        fputs("<!-- more -->", file);
        fclose(file);
    }
    world_sign_tbs(&value, world, asked->key, &params, request->tbs);
    return sign_buf_append(out, build_view(&value));
}

static sign_key *new_key(struct asked *asked)
{
    static const sign_key_ops ops = { sizeof ops, answer, NULL };
    sign_bytes chain = build_view(&world->certs[asked->key]);
    sign_key *key = NULL;
    assert_int_equal(sign_key_from_ops(&key, ctx, &chain, 1, &ops, asked, NULL), SIGN_OK);
    return key;
}

static int take(void *payload, sign_bytes bytes)
{
    build_bytes(payload, bytes);
    return SIGN_OK;
}

static int finish(void *payload)
{
    return SIGN_OK;
}

static void drop(void *payload)
{
    build_truncate(payload, 0);
}

static int sign_bytes_with(struct build *out, sign_bytes bytes, struct asked *asked, const sign_opts *opts, sign_err *err)
{
    sign_sink sink = { sizeof sink, out, take, finish, drop };
    sign_key *key = new_key(asked);
    sign_doc *doc = NULL;
    assert_int_equal(sign_doc_open_bytes(&doc, ctx, bytes, NULL, NULL), SIGN_OK);
    int rc = sign_document(&sink, doc, key, opts, err);
    sign_doc_free(&doc);
    sign_key_free(&key);
    return rc;
}

static bool has(const struct build *out, const char *text)
{
    return bytes_find(build_view(out), bytes_str(text), 0) != SIZE_MAX;
}

static void check(const struct build *out, int expected)
{
    size_t count = 0;
    assert_int_equal(world_verify(world, build_view(out), &count), expected);
    assert_int_equal(count, expected);
}

/* --- cases -------------------------------------------------------------------------------------------------------- */

#define INVOICE "<HDon><DLHDon Id=\"data\">1</DLHDon><DSCKS><NBan/></DSCKS></HDon>"
#define MESSAGE "<TDiep><DLieu>" INVOICE "</DLieu></TDiep>"

static void test_options(void **state)
{
    static const struct {
        const char *doc, *id, *place, *profile, *digest;
        int32_t form;
        bool pss;
        enum world_key key;
        const char *expected[3];
    } cases[] = {
        { INVOICE, NULL, NULL, NULL, NULL, SIGN_XML_XADES, false, WORLD_RSA,
          { "URI=\"\"", "xades:SigningCertificateV2", "</ds:Signature></HDon>" } },
        { INVOICE, NULL, NULL, NULL, "SHA-512", SIGN_XML_XADES, true, WORLD_RSA,
          { "sha512-rsa-MGF1", "xmlenc#sha512", "<xades:IssuerSerialV2>" } },
        { INVOICE, "data", NULL, NULL, NULL, SIGN_XML_DSIG, false, WORLD_P256,
          { "URI=\"#data\"", "ecdsa-sha256", "</ds:Signature></HDon>" } },
        { INVOICE, "data", "/HDon/DSCKS/NBan", NULL, "SHA3-256", SIGN_XML_XADES, false, WORLD_P521,
          { "<NBan><ds:Signature", "ecdsa-sha3-256", "</ds:Signature></NBan>" } },
        { INVOICE, NULL, NULL, "invoice-seller", NULL, SIGN_XML_XADES, false, WORLD_RSA,
          { "<NBan><Signature xmlns=", "URI=\"#data\"", "<SignatureProperties xmlns=\"\"><SignatureProperty Target=\"#sig-" } },
        { MESSAGE, NULL, NULL, "invoice-seller", NULL, SIGN_XML_XADES, false, WORLD_RSA,
          { "<NBan><Signature xmlns=", "<KeyInfo><X509Data><X509Certificate>", "<SigningTime>2026-11-22T09:00:00</SigningTime></SignatureProperty>" } },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        struct asked asked = { .key = cases[i].key };
        sign_err err = SIGN_ERR_INIT;
        sign_opts opts = SIGN_OPTS_INIT;
        opts.xml_id = cases[i].id;
        opts.xml_place = cases[i].place;
        opts.profile = cases[i].profile;
        opts.digest = cases[i].digest;
        opts.pss = cases[i].pss;
        opts.xml_form = cases[i].form;
        opts.at_time = 1795312800;
        if (sign_bytes_with(&out, bytes_str(cases[i].doc), &asked, &opts, &err) != SIGN_OK) {
            fail_msg("case %zu: %s", i, err.msg);
        }
        for (size_t e = 0; e < COUNT(cases[i].expected); e++) {
            if (!has(&out, cases[i].expected[e])) {
                fail_msg("case %zu: no %s in %.*s", i, cases[i].expected[e], (int)out.len, (const char *)out.ptr);
            }
        }
        assert_int_equal(asked.times, 1);
        check(&out, 1);
    }
}

static void test_key_value(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct asked asked = { .key = WORLD_RSA };
    sign_opts opts = SIGN_OPTS_INIT;
    char path[] = "/tmp/test-sign-xml-XXXXXX.json";
    int fd = mkstemps(path, 5);
    assert_true(fd >= 0);
    dprintf(fd, "{\"version\":1,\"type\":\"xml\",\"form\":\"xmldsig\",\"canonicalization\":\"c14n-1.1\",\"signature_id\":\"sigid\","
                "\"references\":[{\"document\":true,\"transforms\":[\"enveloped\"]}],"
                "\"key_info\":{\"certificates\":\"chain\",\"key_value\":true}}");
    close(fd);
    opts.profile = path;
    assert_int_equal(sign_bytes_with(&out, BYTES_LIT("<a/>"), &asked, &opts, NULL), SIGN_OK);
    unlink(path);
    assert_true(has(&out, "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>"));
    assert_true(has(&out, "<ds:Exponent>AQAB</ds:Exponent>"));
    assert_true(has(&out, " Id=\"sigid\">"));
    check(&out, 1);
}

static void test_refused_before_the_key(void **state)
{
    static const struct { const char *doc, *id, *place, *profile; int32_t form; int status; const char *message; } cases[] = {
        { "<a>", NULL, NULL, NULL, SIGN_XML_XADES, SIGN_E_FORMAT, "reading XML" },
        { "<a/>", "none", NULL, NULL, SIGN_XML_XADES, SIGN_E_NOTFOUND, "carries 'none'" },
        { "<a/>", NULL, "/a/b", NULL, SIGN_XML_XADES, SIGN_E_NOTFOUND, "no element b" },
        { "<a><b/><b/></a>", NULL, "/a/b", NULL, SIGN_XML_XADES, SIGN_E_AMBIGUOUS, "2 elements fit" },
        { "<a/>", NULL, NULL, NULL, 7, SIGN_E_ARG, "xml_form is 7" },
        { INVOICE, NULL, NULL, "no-such-profile", SIGN_XML_XADES, SIGN_E_NOTFOUND, "no profile no-such-profile" },
        { INVOICE, "data", NULL, "invoice-seller", SIGN_XML_XADES, SIGN_E_ARG, "a profile says" },
        { INVOICE, NULL, "/HDon", "invoice-seller", SIGN_XML_XADES, SIGN_E_ARG, "a profile says" },
        { "<a/>", NULL, NULL, "invoice-seller", SIGN_XML_XADES, SIGN_E_NOTFOUND, "no element /HDon" },
        { "<HDon><DLHDon/></HDon>", NULL, NULL, "invoice-seller", SIGN_XML_XADES, SIGN_E_NOTFOUND, "no attribute Id" },
        { "<!DOCTYPE a><a/>", NULL, NULL, NULL, SIGN_XML_XADES, SIGN_E_FORMAT, "DOCTYPE" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        struct asked asked = { .key = WORLD_RSA };
        sign_err err = SIGN_ERR_INIT;
        sign_opts opts = SIGN_OPTS_INIT;
        opts.xml_id = cases[i].id;
        opts.xml_place = cases[i].place;
        opts.profile = cases[i].profile;
        opts.xml_form = cases[i].form;
        int rc = sign_bytes_with(&out, bytes_str(cases[i].doc), &asked, &opts, &err);
        if (rc != cases[i].status || err.status != rc || !strstr(err.msg, cases[i].message)) {
            fail_msg("case %zu: %d %s", i, rc, err.msg);
        }
        assert_int_equal(asked.times, 0);
        assert_int_equal(out.len, 0);
    }
}

static void test_dry_run(void **state)
{
    struct asked asked = { .key = WORLD_P256 };
    sign_key *key = new_key(&asked);
    sign_doc *doc = NULL;
    sign_opts opts = SIGN_OPTS_INIT;
    assert_int_equal(sign_doc_open_bytes(&doc, ctx, BYTES_LIT(INVOICE), NULL, NULL), SIGN_OK);
    assert_int_equal(sign_check(doc, key, &opts, NULL), SIGN_OK);
    opts.xml_place = "/HDon/none";
    assert_int_equal(sign_check(doc, key, &opts, NULL), SIGN_E_NOTFOUND);
    assert_int_equal(asked.times, 0);
    sign_doc_free(&doc);
    sign_key_free(&key);
}

static void test_key_fails(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct asked asked = { .key = WORLD_P256, .fail = SIGN_E_CANCELLED };
    assert_int_equal(sign_bytes_with(&out, BYTES_LIT("<a/>"), &asked, NULL, NULL), SIGN_E_CANCELLED);
    assert_int_equal(asked.times, 1);
    assert_int_equal(out.len, 0);
}

static void test_opened_tag_is_told(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct asked asked = { .key = WORLD_P256 };
    logged[0] = 0;
    assert_int_equal(sign_bytes_with(&out, BYTES_LIT("<a></a>"), &asked, NULL, NULL), SIGN_OK);
    assert_null(strstr(logged, "opened"));
    assert_int_equal(sign_bytes_with(&out, BYTES_LIT("<a/>"), &asked, NULL, NULL), SIGN_OK);
    assert_non_null(strstr(logged, "opened"));
}

/* A file larger than what is kept in memory, changed by another while the PIN is typed. */
static void test_changed_file(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    sign_sink sink = { sizeof sink, &out, take, finish, drop };
    char path[] = "/tmp/test-sign-xml-XXXXXX";
    FILE *file = fdopen(mkstemp(path), "w");
    assert_non_null(file);
    fputs("<a>", file);
    for (size_t i = 0; i < 900000; i++) {
        fputs("<b>dòng</b>", file);
    }
    fputs("</a>", file);
    assert_int_equal(fclose(file), 0);
    struct asked asked = { .key = WORLD_P256 };
    sign_key *key = new_key(&asked);
    sign_doc *doc = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(sign_doc_open(&doc, ctx, path, NULL, NULL), SIGN_OK);
    assert_int_equal(sign_document(&sink, doc, key, NULL, NULL), SIGN_OK);
    check(&out, 1);
    asked.spoil = path;
    build_truncate(&out, 0);
    assert_int_equal(sign_document(&sink, doc, key, NULL, &err), SIGN_E_IO);
    assert_int_equal(out.len, 0);
    sign_doc_free(&doc);
    sign_key_free(&key);
    unlink(path);
}

/* --- all ---------------------------------------------------------------------------------------------------------- */

static void note(void *payload, int level, const char *msg)
{
    snprintf(logged, sizeof logged, "%s", msg);
}

static int setup(void **state)
{
    sign_ctx_opts opts = SIGN_CTX_OPTS_INIT;
    opts.log = note;
    world = world_new();
    setenv("KYSO_DATA", profiles, 1);
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    return sign_ctx_new(&ctx, &opts, NULL);
}

static int teardown(void **state)
{
    sign_ctx_free(&ctx);
    world_free(world);
    return 0;
}

int main(int argc, char **argv)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    profiles = argc > 1 ? argv[1] : ".";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),   cmocka_unit_test(test_key_value), cmocka_unit_test(test_refused_before_the_key),
        cmocka_unit_test(test_dry_run),   cmocka_unit_test(test_key_fails), cmocka_unit_test(test_opened_tag_is_told),
        cmocka_unit_test(test_changed_file),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
