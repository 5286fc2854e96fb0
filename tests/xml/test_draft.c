/* Signatures are made and put in; the verifying pipeline reads them; everything else stays byte for byte. */
#include "world.h"

#include <base/cleanup.h>
#include <base/limits.h>
#include <base/text.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static struct world *world;

static int setup(void **state)
{
    world = world_new();
    return 0;
}

static int teardown(void **state)
{
    world_free(world);
    return 0;
}

static size_t same_start(sign_bytes a, sign_bytes b)
{
    size_t n = 0;
    while (n < a.len && n < b.len && a.ptr[n] == b.ptr[n]) {
        n++;
    }
    return n;
}

static size_t same_end(sign_bytes a, sign_bytes b)
{
    size_t n = 0;
    while (n < a.len && n < b.len && a.ptr[a.len - 1 - n] == b.ptr[b.len - 1 - n]) {
        n++;
    }
    return n;
}

/* One insertion, and nothing of the document lost: "/>" of a tag that was opened becomes ">", somewhere, "/…>". */
static void check_insertion(const char *name, sign_bytes before, sign_bytes after, bool opened)
{
    size_t kept = same_start(before, after) + same_end(before, after);
    size_t may_miss = opened ? 2 : 0;   /* one character, of UTF-16 two bytes */
    if (kept + may_miss < before.len) {
        fail_msg("%s: %zu of %zu bytes kept", name, kept, before.len);
    }
}

static sign_bytes doc_bytes(const struct world_doc *doc)
{
    return bytes_of(doc->bytes, doc->len);
}

static void check_good(const char *name, sign_bytes doc, int expected)
{
    size_t count = 0;
    int good = world_verify(world, doc, &count);
    if (good != expected || (int)count != expected) {
        fail_msg("%s: %d of %zu signatures verify, expected %d\n%.*s", name, good, count, expected, (int)doc.len,
                 (const char *)doc.ptr);
    }
}

static bool has(const struct build *out, const char *text)
{
    return bytes_find(build_view(out), bytes_str(text), 0) != SIZE_MAX;
}

/* --- every form over every way of writing ------------------------------------------------------------------------- */

static const struct form {
    const char *name;
    enum world_key key;
    bool xades, by_id;
    enum c14n_method c14n;
    int32_t digest;
    bool pss;
    const char *prefix;
} forms[] = {
    { "XAdES, RSA", WORLD_RSA, true, false, C14N_EXCLUSIVE, SIGN_DIGEST_SHA256, false, "ds" },
    { "XAdES, RSA-PSS, SHA-512", WORLD_RSA, true, false, C14N_EXCLUSIVE, SIGN_DIGEST_SHA512, true, "ds" },
    { "XAdES, P-256, no prefix", WORLD_P256, true, false, C14N_EXCLUSIVE, SIGN_DIGEST_SHA256, false, "" },
    { "XAdES by Id, P-521", WORLD_P521, true, true, C14N_EXCLUSIVE, SIGN_DIGEST_SHA384, false, "ds" },
    { "XMLDSig, C14N 1.0", WORLD_RSA, false, false, C14N_10, SIGN_DIGEST_SHA256, false, "" },
    { "XMLDSig, C14N 1.1, P-256", WORLD_P256, false, false, C14N_11, SIGN_DIGEST_SHA3_256, false, "sig" },
    { "XMLDSig by Id", WORLD_RSA, false, true, C14N_10, SIGN_DIGEST_SHA256, false, "" },
    { "XAdES by Id, C14N 1.0", WORLD_RSA, true, true, C14N_10, SIGN_DIGEST_SHA256, false, "ds" },
};

static struct xml_sign_spec form_spec(const struct form *form)
{
    struct xml_sign_spec spec = world_spec(world, form->key, form->xades);
    spec.c14n = form->c14n;
    spec.prefix = form->prefix;
    spec.params.digest = form->digest;
    if (form->pss) {
        spec.params.scheme = SIGN_SCHEME_RSA_PSS;
        spec.params.mgf = form->digest;
        spec.params.salt_len = digest_by_id(form->digest)->size;
    }
    spec.refs[0] = (struct xml_ref_spec){ .target = form->by_id ? XML_TARGET_ID : XML_TARGET_DOCUMENT, .value = "data",
                                          .enveloped = !form->by_id, .c14n = form->by_id ? C14N_NONE : form->c14n };
    return spec;
}

static void test_forms(void **state)
{
    for (size_t f = 0; f < COUNT(forms); f++) {
        for (size_t i = 0; i < world_n_docs; i++) {
            CLEANUP(build_free) struct build out = { 0 };
            struct xml_sign_spec spec = form_spec(&forms[f]);
            sign_err err = SIGN_ERR_INIT;
            bool opened = false;
            int rc = world_sign(&out, world, forms[f].key, doc_bytes(&world_docs[i]), &spec, &opened, &err);
            if (rc != SIGN_OK) {
                fail_msg("%s, %s: %s", forms[f].name, world_docs[i].name, err.msg);
            }
            check_insertion(world_docs[i].name, doc_bytes(&world_docs[i]), build_view(&out), opened);
            assert_int_equal(opened, strstr(world_docs[i].name, "empty root") != NULL);
            check_good(world_docs[i].name, build_view(&out), 1);
        }
    }
}

/* A changed byte of the element that is signed is seen: the pipeline's own tests go further. */
static void test_change_is_seen(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct xml_sign_spec spec = world_spec(world, WORLD_P256, true);
    assert_int_equal(world_sign(&out, world, WORLD_P256, BYTES_LIT("<a><b>gốc</b></a>"), &spec, NULL, NULL), SIGN_OK);
    check_good("as signed", build_view(&out), 1);
    out.ptr[bytes_find(build_view(&out), BYTES_LIT("<b>g"), 0) + 3] ^= 1;
    size_t count = 0;
    assert_int_equal(world_verify(world, build_view(&out), &count), 0);
}

/* --- what is written ---------------------------------------------------------------------------------------------- */

static void test_structure(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct xml_sign_spec spec = world_spec(world, WORLD_RSA, true);
    spec.id = "S1";
    spec.issuer_serial = BYTES_LIT("\x30\x03\x02\x01\x05");
    assert_int_equal(world_sign(&out, world, WORLD_RSA, BYTES_LIT("<a>x</a>"), &spec, NULL, NULL), SIGN_OK);
    static const char *const expected[] = {
        "<a>x<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"S1\"><ds:SignedInfo>"
        "<ds:CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>"
        "<ds:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"/>"
        "<ds:Reference Id=\"ref1-S1\" URI=\"\"><ds:Transforms>"
        "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>"
        "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>"
        "<ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>",
        "<ds:Reference Type=\"http://uri.etsi.org/01903#SignedProperties\" URI=\"#xades-S1\">",
        "<ds:Object><xades:QualifyingProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\" Target=\"#S1\">"
        "<xades:SignedProperties Id=\"xades-S1\"><xades:SignedSignatureProperties>"
        "<xades:SigningTime>2026-11-22T09:00:00+07:00</xades:SigningTime><xades:SigningCertificateV2><xades:Cert>"
        "<xades:CertDigest><ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>",
        "<xades:IssuerSerialV2>MAMCAQU=</xades:IssuerSerialV2></xades:Cert></xades:SigningCertificateV2>"
        "</xades:SignedSignatureProperties><xades:SignedDataObjectProperties>"
        "<xades:DataObjectFormat ObjectReference=\"#ref1-S1\"><xades:MimeType>text/xml</xades:MimeType>"
        "</xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>"
        "</xades:QualifyingProperties></ds:Object></ds:Signature></a>",
    };
    for (size_t i = 0; i < COUNT(expected); i++) {
        if (!has(&out, expected[i])) {
            fail_msg("not there: %s\nin %.*s", expected[i], (int)out.len, (const char *)out.ptr);
        }
    }
    assert_false(has(&out, "AAAAAAAA"));    /* no blank is left */
}

static void test_invoice_form(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct xml_sign_spec spec = world_spec(world, WORLD_RSA, false);
    sign_err err = SIGN_ERR_INIT;
    spec.n_bases = 2;
    spec.bases[0] = "/HDon";
    spec.bases[1] = "/TDiep/DLieu/HDon";
    spec.place = "DSCKS/NBan";
    spec.create_place = true;
    spec.refs[0] = (struct xml_ref_spec){ XML_TARGET_PATH, "DLHDon", "Id", true, C14N_NONE };
    spec.refs[1] = (struct xml_ref_spec){ .target = XML_TARGET_OBJECT };
    spec.n_refs = 2;
    spec.c14n = C14N_10;
    spec.prefix = "";
    spec.signing_time_object = true;
    spec.subject_name = "CN=A <B> & \"C\"\x01";
    spec.id = "seller";
    sign_bytes doc = BYTES_LIT("<TDiep><DLieu><HDon><DLHDon Id=\"x1\">1</DLHDon></HDon></DLieu></TDiep>");
    if (world_sign(&out, world, WORLD_RSA, doc, &spec, NULL, &err) != SIGN_OK) {
        fail_msg("%s", err.msg);
    }
    assert_true(has(&out, "</DLHDon><DSCKS><NBan><Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"seller\">"));
    assert_true(has(&out, "<Reference URI=\"#x1\"><Transforms><Transform Algorithm="
                          "\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/></Transforms>"));
    assert_true(has(&out, "<Reference URI=\"#object-seller\"><DigestMethod"));
    assert_true(has(&out, "<X509SubjectName>CN=A &#60;B&#62; &#38; &#34;C&#34;\xEF\xBF\xBD</X509SubjectName>"));
    assert_true(has(&out, "<Object Id=\"object-seller\"><SignatureProperties><SignatureProperty Target=\"#seller\">"
                          "<SigningTime>2026-11-22T09:00:00</SigningTime></SignatureProperty></SignatureProperties></Object>"
                          "</Signature></NBan></DSCKS></HDon></DLieu></TDiep>"));
    check_good("invoice", build_view(&out), 1);
}

static void test_time_and_key_value(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct xml_sign_spec spec = world_spec(world, WORLD_RSA, false);
    spec.signing_time_object = true;
    spec.time_namespace = "http://example.org/#signatureProperties";
    spec.time_target = "signatureProperties";
    spec.modulus = BYTES_LIT("\0\xC0\x01");
    spec.exponent = BYTES_LIT("\x01\0\x01");
    spec.refs[1] = (struct xml_ref_spec){ .target = XML_TARGET_OBJECT, .c14n = C14N_10 };
    spec.n_refs = 2;
    assert_int_equal(world_sign(&out, world, WORLD_RSA, BYTES_LIT("<a/>"), &spec, NULL, NULL), SIGN_OK);
    assert_true(has(&out, "<ds:KeyValue><ds:RSAKeyValue><ds:Modulus>wAE=</ds:Modulus><ds:Exponent>AQAB</ds:Exponent>"));
    assert_true(has(&out, "<ds:SignatureProperty Target=\"signatureProperties\">"
                          "<SigningTime xmlns=\"http://example.org/#signatureProperties\">2026-11-22T09:00:00</SigningTime>"));
    check_good("time object", build_view(&out), 1);
}

/* Properties in a namespace of their own, and SigningTime in yet another; the reader finds the time all the same. */
static void test_property_namespaces(void **state)
{
    static const struct { const char *properties, *time, *expected; } cases[] = {
        { "", NULL, "<SignatureProperties xmlns=\"\"><SignatureProperty Target=\"#S\"><SigningTime>2026" },
        { "", "urn:t", "<SignatureProperties xmlns=\"\"><SignatureProperty Target=\"#S\"><SigningTime xmlns=\"urn:t\">2026" },
        { NULL, "", "<ds:SignatureProperties><ds:SignatureProperty Target=\"#S\"><SigningTime xmlns=\"\">2026" },
        { NULL, NULL, "<ds:SignatureProperties><ds:SignatureProperty Target=\"#S\"><ds:SigningTime>2026" },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        CLEANUP(source_free) struct source *source = NULL;
        CLEANUP(xml_free) struct xml_doc *doc = NULL;
        struct xml_sign_spec spec = world_spec(world, WORLD_P256, false);
        spec.id = "S";
        spec.signing_time_object = true;
        spec.properties_namespace = cases[i].properties;
        spec.time_namespace = cases[i].time;
        spec.refs[1] = (struct xml_ref_spec){ .target = XML_TARGET_OBJECT };
        spec.n_refs = 2;
        assert_int_equal(world_sign(&out, world, WORLD_P256, BYTES_LIT("<a xmlns='urn:a'/>"), &spec, NULL, NULL), SIGN_OK);
        if (!has(&out, cases[i].expected)) {
            fail_msg("%s not in %.*s", cases[i].expected, (int)out.len, (const char *)out.ptr);
        }
        check_good("properties", build_view(&out), 1);
        assert_int_equal(source_over(&source, build_view(&out), NULL), SIGN_OK);
        assert_int_equal(xml_read(&doc, source, world->crypto, NULL, NULL, NULL), SIGN_OK);
        assert_int_equal(xml_digest(doc, NULL, NULL), SIGN_OK);
        assert_true(xml_sig(doc, 0)->has_signing_time && xml_sig(doc, 0)->signing_time_signed);
        assert_int_equal(xml_sig(doc, 0)->signing_time.seconds, 1795312800 + 7 * 3600);
        assert_false(xml_sig(doc, 0)->signing_time.has_zone);
    }
}

static void test_chain(void **state)
{
    for (size_t whole = 0; whole < 2; whole++) {
        CLEANUP(build_free) struct build out = { 0 };
        struct xml_sign_spec spec = world_spec(world, WORLD_RSA, true);
        spec.n_chain = 2;
        spec.whole_chain = whole;
        assert_int_equal(world_sign(&out, world, WORLD_RSA, BYTES_LIT("<a/>"), &spec, NULL, NULL), SIGN_OK);
        check_good("chain", build_view(&out), 1);
        size_t first = bytes_find(build_view(&out), BYTES_LIT("<ds:X509Certificate>"), 0);
        size_t second = bytes_find(build_view(&out), BYTES_LIT("<ds:X509Certificate>"), first + 1);
        assert_int_equal(second != SIZE_MAX, whole);
    }
}

/* --- places ------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *doc, *place;
    bool create;
    int status;
    const char *expected;       /* text around the Signature, '|' for itself; errors: in the message */
    uint64_t offset;
} places[] = {
    { "<a><b></b><c/></a>", "/a", false, SIGN_OK, "<a><b></b><c/>|</a>", 0 },
    { "<a><b></b><c/></a>", "/a/b", false, SIGN_OK, "<a><b>|</b><c/></a>", 0 },
    { "<a><b></b><c/></a>", "a/c", false, SIGN_OK, "<a><b></b><c>|</c></a>", 0 },
    { "<a><b/><b/></a>", "/a/b[2]", false, SIGN_OK, "<a><b/><b>|</b></a>", 0 },
    { "<a><b><c/></b><b></b></a>", "/a/b/c", false, SIGN_OK, "<a><b><c>|</c></b><b></b></a>", 0 },
    { "<a><b><b></b></b></a>", "/a/b", false, SIGN_OK, "<a><b><b></b>|</b></a>", 0 },
    { "<p:a xmlns:p='u:'><p:b></p:b></p:a>", "/a/b", false, SIGN_OK, "<p:b>|</p:b>", 0 },
    { "<p:a xmlns:p='u:'><p:b/></p:a>", "/p:a/p:b", false, SIGN_OK, "<p:b>|</p:b></p:a>", 0 },
    { "<p:a xmlns:p='u:'><p:b/><b/></p:a>", "/p:a/q:b", false, SIGN_E_NOTFOUND, "no element q:b", 0 },
    { "<a><x/><b/></a>", "/a/*[2]", false, SIGN_OK, "<x/><b>|</b>", 0 },
    { "<a><x/></a>", "/a/b/c", true, SIGN_OK, "<x/><b><c>|</c></b></a>", 0 },
    { "<a><b/></a>", "/a/b/c", true, SIGN_OK, "<a><b><c>|</c></b></a>", 0 },
    { "<a/>", "/a/b[1]", true, SIGN_OK, "<a><b>|</b></a>", 0 },
    { "<p:a xmlns:p='u:'/>", "/p:a/p:b", true, SIGN_OK, "<p:a xmlns:p='u:'><p:b>|</p:b></p:a>", 0 },
    { "<a/>", "/a/p:b", true, SIGN_E_FORMAT, "unbound prefix", SIGN_NO_OFFSET },
    { "<a/>", "/a/b[2]", true, SIGN_E_NOTFOUND, "no element b", 0 },
    { "<a/>", "/a/*", true, SIGN_E_NOTFOUND, "no element *", 0 },
    { "<a/>", "/a/b", false, SIGN_E_NOTFOUND, "no element b", 0 },
    { "<a/>", "/b", true, SIGN_E_NOTFOUND, "root is another", SIGN_NO_OFFSET },
    { "<a> <b/><b/></a>", "/a/b", false, SIGN_E_AMBIGUOUS, "2 elements fit, at bytes 4, 8", 4 },
    { "<a><b/><b/></a>", "/a/b/c", true, SIGN_E_AMBIGUOUS, "2 elements could hold", 3 },
    { "<a/>", "/a//b", false, SIGN_E_ARG, "expected element names", SIGN_NO_OFFSET },
    { "<a/>", "", false, SIGN_E_ARG, "expected element names", SIGN_NO_OFFSET },
    { "<a/>", "/a/b[0]", false, SIGN_E_ARG, "expected element names", SIGN_NO_OFFSET },
    { "<a/>", "/a/b[x]", false, SIGN_E_ARG, "expected element names", SIGN_NO_OFFSET },
    { "<a/>", "/a/b[1", false, SIGN_E_ARG, "expected element names", SIGN_NO_OFFSET },
    { "<a/>", "/a/:b", false, SIGN_E_ARG, "expected element names", SIGN_NO_OFFSET },
    { "<a/>", "/a/b><c", true, SIGN_E_ARG, "expected element names", SIGN_NO_OFFSET },
    { "<a/>", "/a/b c='d'", true, SIGN_E_ARG, "expected element names", SIGN_NO_OFFSET },
    { "<a><b></a>", "/a", false, SIGN_E_FORMAT, "mismatched tag", 8 },
    { "<a><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><Object/></Signature></a>", "/a/Signature/Object", false,
      SIGN_E_FORBIDDEN, "in a Signature that is there", 57 },
    { "<?xml version='1.0' encoding='windows-1258'?><a><b\xF0\xEC/></a>", "/a/*", false, SIGN_OK, "<b\xF0\xEC>|</b\xF0\xEC></a>", 0 },
    { "<?xml version='1.0' encoding='us-ascii'?><a/>", "/a/bé", true, SIGN_E_UNSUPPORTED, "encoding lacks", 43 },
    { "<!DOCTYPE a><a/>", NULL, false, SIGN_E_FORMAT, "DOCTYPE", 0 },
};

static void check_around(const char *expected, const struct build *out)
{
    const char *bar = strchr(expected, '|');
    size_t start = bytes_find(build_view(out), BYTES_LIT("<ds:Signature xmlns"), 0);
    size_t end = bytes_find(build_view(out), BYTES_LIT("</ds:Signature>"), 0);
    assert_true(start != SIZE_MAX && end != SIZE_MAX);
    size_t before = (size_t)(bar - expected);
    assert_true(start >= before);
    assert_memory_equal(out->ptr + start - before, expected, before);
    end += strlen("</ds:Signature>");
    assert_true(out->len - end >= strlen(bar + 1));
    assert_memory_equal(out->ptr + end, bar + 1, strlen(bar + 1));
}

static void test_places(void **state)
{
    for (size_t i = 0; i < COUNT(places); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        struct xml_sign_spec spec = world_spec(world, WORLD_P256, true);
        sign_err err = SIGN_ERR_INIT;
        spec.place = places[i].place;
        spec.create_place = places[i].create;
        int rc = world_sign(&out, world, WORLD_P256, bytes_str(places[i].doc), &spec, NULL, &err);
        if (rc != places[i].status) {
            fail_msg("%s in %s: %d %s", places[i].place, places[i].doc, rc, err.msg);
        }
        if (rc == SIGN_OK) {
            check_around(places[i].expected, &out);
            check_good(places[i].place, build_view(&out), 1);
        } else if (!strstr(err.msg, places[i].expected) || err.offset != places[i].offset) {
            fail_msg("%s in %s: %s at %lld", places[i].place, places[i].doc, err.msg, (long long)err.offset);
        }
    }
}

static const struct {
    const char *doc;
    struct xml_ref_spec ref;
    int status;
    const char *expected;
    uint64_t offset;
} targets[] = {
    { "<a><b Id='x'/></a>", { XML_TARGET_ID, "x", NULL, false, C14N_NONE }, SIGN_OK, "URI=\"#x\"><ds:DigestMethod", 0 },
    { "<a><b ID='x'/></a>", { XML_TARGET_ID, "x", NULL, false, C14N_EXCLUSIVE }, SIGN_OK,
      "URI=\"#x\"><ds:Transforms><ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/></ds:Transforms>", 0 },
    { "<a><b xml:id='x'/></a>", { XML_TARGET_ID, "x", NULL, false, C14N_NONE }, SIGN_OK, "URI=\"#x\"", 0 },
    { "<a id='x'><b/></a>", { XML_TARGET_ID, "x", NULL, false, C14N_NONE }, SIGN_OK, "#enveloped-signature\"/></ds:Transforms>", 0 },
    { "<a><b Id='đơn-1'/></a>", { XML_TARGET_ID, "đơn-1", NULL, false, C14N_NONE }, SIGN_OK, "URI=\"#đơn-1\"", 0 },
    { "<a><b Id='1'/></a>", { XML_TARGET_PATH, "/a/b", NULL, false, C14N_NONE }, SIGN_OK, "URI=\"#1\"", 0 },
    { "<a><b id='1'/></a>", { XML_TARGET_PATH, "/a/b", "id", false, C14N_NONE }, SIGN_OK, "URI=\"#1\"", 0 },
    { "<a><b xml:id='1'/></a>", { XML_TARGET_PATH, "/a/b", "xml:id", false, C14N_NONE }, SIGN_OK, "URI=\"#1\"", 0 },
    { "<a><b Id='x'/></a>", { XML_TARGET_ID, "y", NULL, false, C14N_NONE }, SIGN_E_NOTFOUND, "no element carries 'y'", SIGN_NO_OFFSET },
    { "<a><b Id='x'/><c id='x'/></a>", { XML_TARGET_ID, "x", NULL, false, C14N_NONE }, SIGN_E_AMBIGUOUS, "the first at 3", 14 },
    { "<a><b Id='x'/></a>", { XML_TARGET_ID, "x') or ('", NULL, false, C14N_NONE }, SIGN_E_ARG, "cannot stand in a URI", SIGN_NO_OFFSET },
    { "<a><b Id='x'/></a>", { XML_TARGET_ID, "", NULL, false, C14N_NONE }, SIGN_E_ARG, "cannot stand in a URI", SIGN_NO_OFFSET },
    { "<a><b id='x'/></a>", { XML_TARGET_PATH, "/a/b", "Id", false, C14N_NONE }, SIGN_E_NOTFOUND, "no attribute Id", 3 },
    { "<a><b Id='x'/><b Id='y'/></a>", { XML_TARGET_PATH, "/a/b", "Id", false, C14N_NONE }, SIGN_E_AMBIGUOUS, "at bytes 3, 14", 3 },
    { "<a><b Id='x'/><c Id='x'/></a>", { XML_TARGET_PATH, "/a/b", "Id", false, C14N_NONE }, SIGN_E_AMBIGUOUS, "more than one element", SIGN_NO_OFFSET },
    { "<a/>", { XML_TARGET_PATH, "/a/b", "Id", false, C14N_NONE }, SIGN_E_NOTFOUND, "no element /a/b", SIGN_NO_OFFSET },
    { "<a><b Id='x y'/></a>", { XML_TARGET_PATH, "/a/b", "Id", false, C14N_NONE }, SIGN_E_UNSUPPORTED, "cannot stand in a URI", SIGN_NO_OFFSET },
    { "<a/>", { XML_TARGET_OBJECT, NULL, NULL, false, C14N_NONE }, SIGN_E_ARG, "an Object that is not made", SIGN_NO_OFFSET },
};

static void test_targets(void **state)
{
    for (size_t i = 0; i < COUNT(targets); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        struct xml_sign_spec spec = world_spec(world, WORLD_P256, true);
        sign_err err = SIGN_ERR_INIT;
        spec.refs[0] = targets[i].ref;
        int rc = world_sign(&out, world, WORLD_P256, bytes_str(targets[i].doc), &spec, NULL, &err);
        if (rc != targets[i].status) {
            fail_msg("%s of %s: %d %s", targets[i].ref.value, targets[i].doc, rc, err.msg);
        }
        if (rc == SIGN_OK) {
            if (!has(&out, targets[i].expected)) {
                fail_msg("%s of %s: %.*s", targets[i].ref.value, targets[i].doc, (int)out.len, (const char *)out.ptr);
            }
            check_good(targets[i].doc, build_view(&out), 1);
        } else if (!strstr(err.msg, targets[i].expected) || err.offset != targets[i].offset) {
            fail_msg("%s of %s: %s at %lld", targets[i].ref.value, targets[i].doc, err.msg, (long long)err.offset);
        }
    }
}

static void test_bases(void **state)
{
    static const struct { const char *doc; int status; } cases[] = {
        { "<HDon/>", SIGN_OK },
        { "<TDiep><DLieu><HDon/></DLieu></TDiep>", SIGN_OK },
        { "<TDiep><DLieu><HDon/><HDon/></DLieu></TDiep>", SIGN_E_AMBIGUOUS },
        { "<DLieu><HDon/></DLieu>", SIGN_E_NOTFOUND },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        struct xml_sign_spec spec = world_spec(world, WORLD_P256, true);
        spec.n_bases = 2;
        spec.bases[0] = "/HDon";
        spec.bases[1] = "/TDiep/DLieu/HDon";
        assert_int_equal(world_sign(&out, world, WORLD_P256, bytes_str(cases[i].doc), &spec, NULL, NULL), cases[i].status);
        if (cases[i].status == SIGN_OK) {
            assert_true(has(&out, "</ds:Signature></HDon>"));
            check_good(cases[i].doc, build_view(&out), 1);
        }
    }
}

/* --- signing again ------------------------------------------------------------------------------------------------ */

static void test_second(void **state)
{
    CLEANUP(build_free) struct build once = { 0 }, twice = { 0 }, thrice = { 0 };
    struct xml_sign_spec spec = world_spec(world, WORLD_RSA, false);
    sign_bytes doc = BYTES_LIT("<HDon xmlns='u:x' xml:lang='vi'><DLHDon Id='data'>1</DLHDon><DSCKS><NBan/><NMua/></DSCKS></HDon>");
    spec.place = "/HDon/DSCKS/NBan";
    spec.refs[0] = (struct xml_ref_spec){ XML_TARGET_ID, "data", NULL, true, C14N_10 };
    assert_int_equal(world_sign(&once, world, WORLD_RSA, doc, &spec, NULL, NULL), SIGN_OK);
    check_good("first", build_view(&once), 1);
    spec = world_spec(world, WORLD_P256, true);
    spec.place = "/HDon/DSCKS/NMua";
    spec.refs[0] = (struct xml_ref_spec){ XML_TARGET_ID, "data", NULL, false, C14N_NONE };
    assert_int_equal(world_sign(&twice, world, WORLD_P256, build_view(&once), &spec, NULL, NULL), SIGN_OK);
    check_good("second", build_view(&twice), 2);
    /* The whole document, both signatures in it: ours leaves out itself alone, and they cover none of its place. */
    spec = world_spec(world, WORLD_P521, true);
    assert_int_equal(world_sign(&thrice, world, WORLD_P521, build_view(&twice), &spec, NULL, NULL), SIGN_OK);
    check_good("third", build_view(&thrice), 3);
}

static void test_covered(void **state)
{
    static const struct { const char *uri; enum xml_target target; bool xpath; const char *doc; int status; } cases[] = {
        { NULL, XML_TARGET_DOCUMENT, false, "<a>x</a>", SIGN_E_FORBIDDEN },
        { "r", XML_TARGET_ID, false, "<a Id='r'><b/></a>", SIGN_E_FORBIDDEN },
        { "b", XML_TARGET_ID, false, "<a Id='r' ID=''><b Id='b'/></a>", SIGN_OK },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build once = { 0 }, twice = { 0 };
        struct xml_sign_spec spec = world_spec(world, WORLD_P256, true);
        sign_err err = SIGN_ERR_INIT;
        spec.refs[0] = (struct xml_ref_spec){ cases[i].target, cases[i].uri, NULL, true, C14N_EXCLUSIVE };
        assert_int_equal(world_sign(&once, world, WORLD_P256, bytes_str(cases[i].doc), &spec, NULL, NULL), SIGN_OK);
        spec = world_spec(world, WORLD_P256, true);
        assert_int_equal(world_sign(&twice, world, WORLD_P256, build_view(&once), &spec, NULL, &err), cases[i].status);
        if (cases[i].status != SIGN_OK) {
            assert_non_null(strstr(err.msg, "would break it"));
            assert_int_equal(err.offset, bytes_find(build_view(&once), BYTES_LIT("<ds:Reference"), 0));
        } else {
            check_good(cases[i].doc, build_view(&twice), 2);
        }
    }
}

/* Signatures side by side leave each other out by XPath: what it selects is not ours to judge. */
static void test_xpath_is_not_covering(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct xml_sign_spec spec = world_spec(world, WORLD_P256, true);
    sign_bytes doc = BYTES_LIT("<a><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><SignedInfo><Reference URI=''><Transforms>"
                               "<Transform Algorithm='http://www.w3.org/TR/1999/REC-xpath-19991116'><XPath>not(ancestor-or-self"
                               "::Signature)</XPath></Transform></Transforms></Reference></SignedInfo></Signature></a>");
    size_t count = 0;
    assert_int_equal(world_sign(&out, world, WORLD_P256, doc, &spec, NULL, NULL), SIGN_OK);
    assert_int_equal(world_verify(world, build_view(&out), &count), 1);
    assert_int_equal(count, 2);
}

/* --- what is refused ---------------------------------------------------------------------------------------------- */

static void test_refused(void **state)
{
    struct xml_sign_spec good = world_spec(world, WORLD_RSA, true);
    struct { int status; const char *message; struct xml_sign_spec spec; } cases[] = {
        { SIGN_E_ARG, "not given", good },   { SIGN_E_ARG, "not given", good }, { SIGN_E_ARG, "not given", good },
        { SIGN_E_ARG, "is no Id", good },    { SIGN_E_ARG, "is no Id", good },  { SIGN_E_ALGO, "no name for", good },
        { SIGN_E_ALGO, "no name for", good }, { SIGN_E_AMBIGUOUS, "already", good }, { SIGN_E_ARG, "not given", good },
        { SIGN_E_ARG, "not given", good },
    };
    cases[0].spec.n_refs = 0;
    cases[1].spec.c14n = C14N_NONE;
    cases[2].spec.prefix = "a:b";
    cases[3].spec.id = "a b";
    cases[4].spec.id = "1a";
    cases[5].spec.params.digest = SIGN_DIGEST_SHA1;
    cases[6].spec.params.digest = SIGN_DIGEST_SHA3_256;
    cases[7].spec.id = "taken";
    cases[8].spec.n_chain = 0;
    cases[9].spec.prefix = "xades";
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        sign_err err = SIGN_ERR_INIT;
        int rc = world_sign(&out, world, WORLD_RSA, BYTES_LIT("<a><b id='taken'/></a>"), &cases[i].spec, NULL, &err);
        if (rc != cases[i].status || !strstr(err.msg, cases[i].message)) {
            fail_msg("case %zu: %d %s", i, rc, err.msg);
        }
    }
}

static void test_contradictions(void **state)
{
    struct xml_sign_spec good = world_spec(world, WORLD_RSA, true), plain = world_spec(world, WORLD_RSA, false);
    struct { const char *message; struct xml_sign_spec spec; } cases[] = {
        { "does not fit", good }, { "does not fit", good }, { "take no place", good }, { "needs a prefix", good },
        { "not named", good },    { "of XAdES alone", plain }, { "of XAdES alone", plain }, { "not both", good },
        { "with the digest", good }, { "with the digest", good },
    };
    cases[0].spec.packaging = XML_ENVELOPING;       /* and a reference to the document */
    cases[1].spec.refs[0].target = XML_TARGET_VALUE;
    cases[2].spec.packaging = XML_ENVELOPING;
    cases[2].spec.refs[0].target = XML_TARGET_CONTENT;
    cases[2].spec.place = "/a";
    cases[3].spec.packaging = XML_ENVELOPING;
    cases[3].spec.refs[0].target = XML_TARGET_CONTENT;
    cases[3].spec.prefix = "";
    cases[4].spec.base = "1";
    cases[5].spec.countersignable = true;
    cases[6].spec.policy.implied = true;
    cases[7].spec.policy = (struct xml_policy){ .implied = true, .id = "1.2" };
    cases[8].spec.policy = (struct xml_policy){ .id = "1.2" };
    cases[9].spec.policy = (struct xml_policy){
        .id = "1.2", .digest = digest_by_id(SIGN_DIGEST_SHA256), .hash = BYTES_LIT("short"),
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        sign_err err = SIGN_ERR_INIT;
        int rc = world_sign(&out, world, WORLD_RSA, BYTES_LIT("<a/>"), &cases[i].spec, NULL, &err);
        if (rc != SIGN_E_ARG || !strstr(err.msg, cases[i].message)) {
            fail_msg("case %zu: %d %s", i, rc, err.msg);
        }
    }
}

static void test_too_many_signatures(void **state)
{
    CLEANUP(build_free) struct build doc = { 0 }, out = { 0 };
    struct xml_sign_spec spec = world_spec(world, WORLD_P256, true);
    sign_err err = SIGN_ERR_INIT;
    build_str(&doc, "<a xmlns:d='http://www.w3.org/2000/09/xmldsig#'>");
    for (size_t i = 0; i < LIMIT_XML_SIGS; i++) {
        build_str(&doc, "<d:Signature/>");
    }
    build_str(&doc, "</a>");
    assert_int_equal(world_sign(&out, world, WORLD_P256, build_view(&doc), &spec, NULL, &err), SIGN_E_LIMIT);
    assert_non_null(strstr(err.msg, "no more can be added"));
}

/* What an entity expands to has no bytes of its own to put anything into. */
static void test_place_in_an_entity(void **state)
{
    CLEANUP(source_free) struct source *source = NULL;
    struct xml_draft *draft = NULL;
    struct xml_sign_spec spec = world_spec(world, WORLD_P256, true);
    struct xml_opts opts = { .allow_doctype = true };
    sign_err err = SIGN_ERR_INIT;
    spec.place = "/a/b";
    assert_int_equal(source_over(&source, BYTES_LIT("<!DOCTYPE a [<!ENTITY e '<b></b>'>]><a>&e;</a>"), NULL), SIGN_OK);
    int rc = xml_draft_new(&draft, source, &spec, world->crypto, &opts, NULL, &err);
    if (rc != SIGN_E_UNSUPPORTED || !strstr(err.msg, "own bytes")) {
        fail_msg("%d %s", rc, err.msg);
    }
    assert_null(draft);
}

static void test_wrong_value_length(void **state)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_draft_free) struct xml_draft *draft = NULL;
    struct xml_sign_spec spec = world_spec(world, WORLD_P256, true);
    static const uint8_t value[65];
    assert_int_equal(source_over(&source, BYTES_LIT("<a/>"), NULL), SIGN_OK);
    assert_int_equal(xml_draft_new(&draft, source, &spec, world->crypto, NULL, NULL, NULL), SIGN_OK);
    assert_null(xml_draft_result(draft));
    assert_int_equal(xml_draft_finish(draft, bytes_of(value, 65), NULL), SIGN_E_ARG);
    assert_int_equal(xml_draft_finish(draft, bytes_of(value, 63), NULL), SIGN_E_ARG);
    assert_int_equal(xml_draft_finish(draft, bytes_of(value, 64), NULL), SIGN_OK);
    assert_non_null(xml_draft_result(draft));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),          cmocka_unit_test(test_change_is_seen),
        cmocka_unit_test(test_structure),      cmocka_unit_test(test_invoice_form),
        cmocka_unit_test(test_time_and_key_value), cmocka_unit_test(test_chain), cmocka_unit_test(test_property_namespaces),
        cmocka_unit_test(test_places),         cmocka_unit_test(test_targets),
        cmocka_unit_test(test_bases),          cmocka_unit_test(test_second),
        cmocka_unit_test(test_covered),        cmocka_unit_test(test_xpath_is_not_covering),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_contradictions),
        cmocka_unit_test(test_too_many_signatures), cmocka_unit_test(test_place_in_an_entity),
               cmocka_unit_test(test_wrong_value_length),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
