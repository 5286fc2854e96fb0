/* What the writer does in encrypted files, with empty fields and their rules, and what it refuses by name. */
#include "make.h"
#include <base/cleanup.h>
#include <base/secret.h>
#include <pdf/crypt.h>
#include <pdf/fields.h>
#include <pdf/update.h>
#include <string.h>

static struct crypto *crypto;

static int give(void *payload, const struct secret **out, sign_err *err)
{
    static struct secret secret;
    secret = (struct secret){ .ptr = payload, .len = strlen(payload) };
    *out = &secret;
    return SIGN_OK;
}

/* Signs `in` with 40 bytes that are no CMS; the new file is appended to out. */
static int sign(struct build *out, sign_bytes in, const struct pdf_sign_spec *spec, char *password, sign_err *err)
{
    CLEANUP(opened_drop) struct opened o = { 0 };
    CLEANUP(pdf_update_drop) struct pdf_update update = { 0 };
    struct pdf_opts opts = { .password = password ? give : NULL, .payload = password };
    uint8_t cms[40];
    memset(cms, 0xA5, sizeof cms);
    check_status(source_over(&o.source, in, err), SIGN_OK, err);
    check_status(pdf_open(&o.file, o.source, crypto, &opts, NULL, err), SIGN_OK, err);
    int rc = pdf_update_make(&update, o.file, spec, err);
    if (rc == SIGN_OK) {
        assert_int_equal(pdf_update_contents(&update, bytes_of(cms, sizeof cms), err), SIGN_OK);
        build_bytes(out, in);
        build_bytes(out, build_view(&update.bytes));
    }
    return rc;
}

static struct pdf_sign_spec spec_of(const char *field)
{
    return (struct pdf_sign_spec){ .field = field, .name = "Nguyễn Văn Ánh", .reason = "Duyệt", .when = 1795312800, .zone = 420,
                                   .subfilter = "ETSI.CAdES.detached", .contents = 40, .digest = "SHA-256" };
}

struct read { struct opened o; const struct pdf_signature *sigs; size_t n; };

static void read_back(struct read *r, sign_bytes in, char *password)
{
    struct pdf_opts opts = { .password = password ? give : NULL, .payload = password };
    sign_err err = SIGN_ERR_INIT;
    check_status(source_over(&r->o.source, in, &err), SIGN_OK, &err);
    check_status(pdf_open(&r->o.file, r->o.source, crypto, &opts, NULL, &err), SIGN_OK, &err);
    assert_false(pdf_needed_repair(r->o.file));
    check_status(pdf_signatures(&r->sigs, &r->n, r->o.file, &err), SIGN_OK, &err);
    for (size_t i = 0; i < r->n; i++) {
        struct pdf_coverage cover;
        check_status(pdf_cover(&cover, r->o.file, &r->sigs[i], &err), SIGN_OK, &err);
        if (cover.fault != PDF_FAULT_NONE) {
            fail_msg("signature %zu: %s", i, cover.detail);
        }
    }
}

static void read_drop(struct read *r)
{
    opened_drop(&r->o);
}

/* --- rules -------------------------------------------------------------------------------------------------------- */

/* Field 4, named "a", and what signing it comes to. */
static const struct {
    const char *name, *entries, *reason;
    int certify, status;
    const char *says;       /* in the message, or in the new bytes */
} rules[] = {
    { "an empty field", "", "Duyệt", 0, SIGN_OK, "/V 256 0 R" },
    { "read-only", "/Ff 1", NULL, 0, SIGN_E_FORBIDDEN, "read-only" },
    { "signed already", "/V<</Type/Sig>>", NULL, 0, SIGN_E_EXISTS, "signed" },
    { "a lock", "/Lock<</Type/SigFieldLock/Action/Include/Fields[(b)(c.d)]>>", NULL, 0, SIGN_OK,
      "/TransformMethod/FieldMDP/TransformParams<</Type/TransformParams/V/1.2/Action/Include/Fields[(b) (c.d)]>>/Data 1 0 R" },
    { "a lock of all", "/Lock<</Action/All>>", NULL, 0, SIGN_OK, "/Action/All>>/Data" },
    { "a lock of the document", "/Lock<</Action/All/P 1>>", NULL, 0, SIGN_OK, "/DocMDP/TransformParams<</Type/TransformParams/V/1.2/P 1>>" },
    { "certified", "", NULL, 2, SIGN_OK, "/Perms <</DocMDP 256 0 R>>" },
    { "seed: wishes alone", "/SV<</SubFilter[/adbe.pkcs7.sha1]/Reasons[(x)]/DigestMethod[(SHA512)]>>", NULL, 0, SIGN_OK,
      "/SubFilter/ETSI.CAdES.detached" },
    { "seed: another handler", "/SV<</Filter/Entrust.PPKEF/Ff 1>>", NULL, 0, SIGN_E_FORBIDDEN, "/Filter" },
    { "seed: our handler", "/SV<</Filter/Adobe.PPKLite/Ff 1>>", NULL, 0, SIGN_OK, "/Filter/Adobe.PPKLite" },
    { "seed: plain CMS", "/SV<</SubFilter[/adbe.pkcs7.detached]/Ff 2>>", NULL, 0, SIGN_OK, "/SubFilter/adbe.pkcs7.detached" },
    { "seed: CMS with SHA-1 inside", "/SV<</SubFilter[/adbe.pkcs7.sha1]/Ff 2>>", NULL, 0, SIGN_E_FORBIDDEN, "/SubFilter" },
    { "seed: another digest", "/SV<</DigestMethod[(SHA384)(SHA512)]/Ff 64>>", NULL, 0, SIGN_E_FORBIDDEN, "/DigestMethod" },
    { "seed: our digest", "/SV<</DigestMethod[(SHA1)(SHA256)]/Ff 64>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: no reason given", "/SV<</Reasons[(x)(y)]/Ff 8>>", NULL, 0, SIGN_E_FORBIDDEN, "/Reasons" },
    { "seed: one of the reasons", "/SV<</Reasons[(x)(y)]/Ff 8>>", "y", 0, SIGN_OK, "/Reason(y)" },
    { "seed: no reason wanted", "/SV<</Reasons[(.)]/Ff 8>>", "y", 0, SIGN_E_FORBIDDEN, "/Reasons" },
    { "seed: certify", "/SV<</MDP<</P 3>>>>", NULL, 0, SIGN_OK, "/P 3>>" },
    { "seed: certify otherwise", "/SV<</MDP<</P 3>>>>", NULL, 2, SIGN_E_FORBIDDEN, "/MDP" },
    { "seed: no certification", "/SV<</MDP<</P 0>>>>", NULL, 1, SIGN_E_FORBIDDEN, "/MDP" },
    { "seed: MDP of no kind", "/SV<</MDP<</P 9>>>>", NULL, 0, SIGN_E_FORMAT, "/MDP" },
    { "seed: a time-stamp", "/SV<</TimeStamp<</URL(http://tsa.example)/Ff 1>>>>", NULL, 0, SIGN_E_FORBIDDEN, "/TimeStamp" },
    { "seed: a time-stamp, if it may be", "/SV<</TimeStamp<</URL(http://tsa.example)/Ff 0>>>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: of a later version", "/SV<</V 4/Ff 4>>", NULL, 0, SIGN_E_FORBIDDEN, "/V" },
    { "seed: revocation data", "/SV<</AddRevInfo true/Ff 32>>", NULL, 0, SIGN_E_FORBIDDEN, "/AddRevInfo" },
    { "seed: no revocation data", "/SV<</AddRevInfo false/Ff 32>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: a key twice", "/SV<</Ff 1/Ff 0>>", NULL, 0, SIGN_E_FORMAT, "twice" },
    { "seed: another signer", "/SV<</Cert<</Subject[(der)]/Ff 1>>>>", NULL, 0, SIGN_E_FORBIDDEN, "/Cert" },
    { "seed: this signer", "/SV<</Cert<</Subject[(signer)]/Issuer[(issuer)]/Ff 3>>>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: a reason demanded, none named", "/SV<</Ff 8>>", "y", 0, SIGN_E_FORBIDDEN, "/Reasons" },
    { "seed: a reason demanded, none named, none given", "/SV<</Ff 8>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: another issuer", "/SV<</Cert<</Issuer[(der)]/Ff 2>>>>", NULL, 0, SIGN_E_FORBIDDEN, "/Issuer" },
    { "seed: a subject that is wished for", "/SV<</Cert<</Subject[(der)]/Ff 0>>>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: its policy", "/SV<</Cert<</OID[(1.2.3)]/Ff 4>>>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: its policy and another", "/SV<</Cert<</OID[(1.2.3)(1.2.4)]/Ff 4>>>>", NULL, 0, SIGN_E_FORBIDDEN, "/OID" },
    { "seed: a policy of no kind", "/SV<</Cert<</OID[3]/Ff 4>>>>", NULL, 0, SIGN_E_FORBIDDEN, "/OID" },
    { "seed: a policy that is wished for", "/SV<</Cert<</OID[(1.2.4)]>>>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: one of the uses", "/SV<</Cert<</KeyUsage[(0XX)(11)]/Ff 32>>>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: another use", "/SV<</Cert<</KeyUsage[(0XX)]/Ff 32>>>>", NULL, 0, SIGN_E_FORBIDDEN, "/KeyUsage" },
    { "seed: one of the names", "/SV<</Cert<</SubjectDN[<</O(A)>><</CN(Nguy\\303\\252n)/O(B)>>]/Ff 8>>>>", NULL, 0,
      SIGN_E_FORBIDDEN, "/SubjectDN" },
    { "seed: its name", "/SV<</Cert<</SubjectDN[<</CN(An)/O(B)>>]/Ff 8>>>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: half its name", "/SV<</Cert<</SubjectDN[<</CN(An)/O(C)>><<>>]/Ff 8>>>>", NULL, 0, SIGN_E_FORBIDDEN, "/SubjectDN" },
    { "seed: where to get a certificate", "/SV<</Cert<</URL(http://ca.example)/Ff 64>>>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: something reserved", "/SV<</Cert<</Ff 16>>>>", NULL, 0, SIGN_E_FORBIDDEN, "/Cert" },
    { "seed: of a certificate, a key twice", "/SV<</Cert<</Ff 1/Ff 0>>>>", NULL, 0, SIGN_E_FORMAT, "twice" },
    { "seed: an attestation", "/SV<</LegalAttestation[(x)]/Ff 16>>", NULL, 0, SIGN_E_FORBIDDEN, "/LegalAttestation" },
    { "seed: the document locked", "/SV<</LockDocument/true/Ff 128>>", NULL, 0, SIGN_E_FORBIDDEN, "/LockDocument" },
    { "seed: the document not locked", "/SV<</LockDocument/false/Ff 128>>", NULL, 0, SIGN_OK, "/V 256 0 R" },
    { "seed: an appearance", "/SV<</AppearanceFilter(x)/Ff 256>>", NULL, 0, SIGN_E_FORBIDDEN, "/AppearanceFilter" },
};

/* A certificate with the policy 1.2.3, a usage that begins with 11, and two attributes. */
static int fits(void *payload, bool *out, enum pdf_seed_ask what, sign_bytes key, sign_bytes value, sign_err *err)
{
    switch (what) {
    case PDF_ASK_POLICY:
        *out = bytes_are(value, "1.2.3");
        break;
    case PDF_ASK_KEY_USAGE:
        *out = bytes_start(value, BYTES_LIT("11"));
        break;
    case PDF_ASK_NAME:
        *out = (bytes_are(key, "CN") && bytes_are(value, "An")) || (bytes_are(key, "O") && bytes_are(value, "B"));
        break;
    }
    return SIGN_OK;
}

static void test_rules(void **state)
{
    const sign_bytes chain[] = { BYTES_LIT("signer"), BYTES_LIT("issuer") };
    for (size_t i = 0; i < COUNT(rules); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(build_free) struct build out = { 0 };
        sign_err err = SIGN_ERR_INIT;
        struct pdf_sign_spec spec = spec_of("a");
        spec.reason = rules[i].reason;
        spec.certify = rules[i].certify;
        spec.chain = chain;
        spec.n_chain = COUNT(chain);
        spec.fits = fits;
        make_start(&m, "4 0 R");
        make_obj(&m, 4, "<</FT/Sig/T(a)%s>>", rules[i].entries);
        make_table(&m, "");
        int rc = sign(&out, build_view(&m.out), &spec, NULL, &err);
        sign_bytes said = rc == SIGN_OK ? bytes_slice(build_view(&out), m.out.len, SIZE_MAX) : bytes_str(err.msg);
        if (rc != rules[i].status || bytes_find(said, bytes_str(rules[i].says), 0) == SIZE_MAX) {
            fail_msg("%s: %s, %.*s", rules[i].name, sign_status_name(rc), (int)said.len, (const char *)said.ptr);
        }
        if (rc == SIGN_OK) {
            CLEANUP(read_drop) struct read r = { 0 };
            read_back(&r, build_view(&out), NULL);
            assert_int_equal(r.n, 1);
            assert_string_equal(r.sigs[0].name, "a");
        }
    }
}

/* Fields "a" and "p.b"; "a" was signed with these entries; then "p.b" or a new "c" is to be signed. */
#define NONE "/Action/Include/Fields[]"
static const struct { const char *name, *reference, *field; int certify, status; } later[] = {
    { "nothing locked", NONE, "p.b", 0, SIGN_OK },
    { "a lock that says nothing", "", "p.b", 0, SIGN_E_FORBIDDEN },
    { "a lock by another word", "/Action/Some/Fields[(z)]", "p.b", 0, SIGN_E_FORBIDDEN },
    { "certifying comes too late", NONE, "p.b", 1, SIGN_E_FORBIDDEN },
    { "all locked", "/Action/All", "p.b", 0, SIGN_E_FORBIDDEN },
    { "this one locked", "/Action/Include/Fields[(p.b)]", "p.b", 0, SIGN_E_FORBIDDEN },
    { "its parent locked", "/Action/Include/Fields[(p)]", "p.b", 0, SIGN_E_FORBIDDEN },
    { "another of like name locked", "/Action/Include/Fields[(p.bb)(p.)(b)]", "p.b", 0, SIGN_OK },
    { "all but this one locked", "/Action/Exclude/Fields[(p.b)]", "p.b", 0, SIGN_OK },
    { "all but another one locked", "/Action/Exclude/Fields[(z)]", "p.b", 0, SIGN_E_FORBIDDEN },
    { "a parent has no value", NONE, "p", 0, SIGN_E_EXISTS },
    { "a period in a new name", NONE, "p.c", 0, SIGN_E_NOTFOUND },
    { "signed already", NONE, "a", 0, SIGN_E_EXISTS },
};

static void test_earlier_locks(void **state)
{
    for (size_t i = 0; i < COUNT(later); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(build_free) struct build out = { 0 };
        CLEANUP(build_free) struct build extra = { 0 };
        sign_err err = SIGN_ERR_INIT;
        struct pdf_sign_spec spec = spec_of(later[i].field);
        spec.certify = later[i].certify;
        build_fmt(&extra, "/Reference[<</TransformMethod/FieldMDP/TransformParams<<%s>>>>]", later[i].reference);
        build_byte(&extra, 0);
        make_start(&m, "4 0 R 6 0 R");
        make_obj(&m, 4, "<</FT/Sig/T(a)/V 5 0 R>>");
        make_obj(&m, 6, "<</FT/Sig/T(p)/Kids[7 0 R]>>");
        make_obj(&m, 7, "<</Parent 6 0 R/T(b)>>");
        make_signature(&m, 5, (const char *)extra.ptr);
        make_table(&m, "");
        make_seal(&m);
        int rc = sign(&out, build_view(&m.out), &spec, NULL, &err);
        if (rc != later[i].status) {
            fail_msg("%s: %s %s", later[i].name, sign_status_name(rc), err.msg);
        }
    }
}

/* The lock of a signed field binds, though the signature does not repeat it (table 236). */
static void test_locks_of_fields(void **state)
{
    static const struct { const char *lock; int status; } rows[] = {
        { "/Lock<</Action/Include/Fields[(p)]>>", SIGN_E_FORBIDDEN }, { "/Lock<</Action/Include/Fields[(z)]>>", SIGN_OK },
        { "/Lock<</Action/Include/Fields[(z)]/P 1>>", SIGN_E_FORBIDDEN }, { "/Lock<</Action/Include/Fields[(z)]/P 2>>", SIGN_OK },
        { "/Lock<</Action/Include/Fields[(z)]/P(2)>>", SIGN_E_FORBIDDEN },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(build_free) struct build out = { 0 };
        sign_err err = SIGN_ERR_INIT;
        struct pdf_sign_spec spec = spec_of("p");
        make_start(&m, "4 0 R 6 0 R");
        make_obj(&m, 4, "<</FT/Sig/T(a)/V 5 0 R%s>>", rows[i].lock);
        make_obj(&m, 6, "<</FT/Sig/T(p)>>");
        make_signature(&m, 5, "");
        make_table(&m, "");
        make_seal(&m);
        check_status(sign(&out, build_view(&m.out), &spec, NULL, &err), rows[i].status, &err);
    }
}

/* DocMDP P=1: nothing further. A certified document tells inspect so. */
static void test_certified(void **state)
{
    for (int p = 1; p <= 3; p++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(build_free) struct build once = { 0 };
        CLEANUP(build_free) struct build twice = { 0 };
        CLEANUP(read_drop) struct read r = { 0 };
        struct pdf_lock lock;
        sign_err err = SIGN_ERR_INIT;
        struct pdf_sign_spec spec = spec_of("a");
        spec.certify = p;
        make_start(&m, "4 0 R 6 0 R");
        make_obj(&m, 4, "<</FT/Sig/T(a)>>");
        make_obj(&m, 6, "<</FT/Sig/T(b)>>");
        make_table(&m, "");
        check_status(sign(&once, build_view(&m.out), &spec, NULL, &err), SIGN_OK, &err);
        spec = spec_of("b");
        check_status(sign(&twice, build_view(&once), &spec, NULL, &err), p == 1 ? SIGN_E_FORBIDDEN : SIGN_OK, &err);
        read_back(&r, build_view(&once), NULL);
        check_status(pdf_signature_lock(&lock, r.o.file, &r.sigs[0], &err), SIGN_OK, &err);
        assert_int_equal(lock.p, p);
        assert_null(lock.action);
    }
}

/* --- encryption --------------------------------------------------------------------------------------------------- */

#define LOCKS "/O<0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671>" \
              "/U<893d93d111d053c23bf0f3827b0d5dc10122456a91bae5134273a6db134c87c4>"
#define ID    "/ID[<c919d047200864fd2268789686ee3b87><00>]"

/* Nothing of ours stands in the clear but /Contents; permissions bind the user, not the owner. */
static void test_encrypted(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    CLEANUP(build_free) struct build out = { 0 };
    CLEANUP(read_drop) struct read r = { 0 };
    sign_err err = SIGN_ERR_INIT;
    struct pdf_sign_spec spec = spec_of("a");
    struct pdf_crypt crypt = { .crypto = crypto, .strings = PDF_CIPHER_RC4, .locks.key_len = 16,
                               .key = { 0x78, 0xcb, 0xef, 0x8f, 0x54, 0x72, 0xde, 0xe8, 0x77, 0x38, 0xc2, 0xc4, 0xec, 0xb6, 0x9c, 0x32 } };
    CLEANUP(build_free) struct build title = { 0 };
    CLEANUP(build_free) struct build hex = { 0 };
    assert_int_equal(pdf_encrypt_string(&title, &crypt, (struct pdf_ref){ 4, 0 }, BYTES_LIT("a"), &err), SIGN_OK);
    build_hex(&hex, build_view(&title), true);
    build_byte(&hex, 0);
    make_start(&m, "4 0 R");
    make_obj(&m, 4, "<</FT/Sig/T<%s>>>", (const char *)hex.ptr);
    make_table(&m, ID "/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4" LOCKS ">>");
    check_status(sign(&out, build_view(&m.out), &spec, (char[]){ "user" }, &err), SIGN_OK, &err);
    sign_bytes ours = bytes_slice(build_view(&out), m.out.len, SIZE_MAX);
    assert_int_equal(bytes_find(ours, BYTES_LIT("D:2026"), 0), SIZE_MAX);
    assert_int_equal(bytes_find(ours, BYTES_LIT("(a)"), 0), SIZE_MAX);
    assert_true(bytes_find(ours, BYTES_LIT("/Contents<a5a5"), 0) != SIZE_MAX);
    read_back(&r, build_view(&out), (char[]){ "owner" });
    assert_int_equal(r.n, 1);
    assert_string_equal(r.sigs[0].name, "a");
    assert_string_equal(r.sigs[0].reason, "Duyệt");
    assert_true(bytes_start(r.sigs[0].claimed, BYTES_LIT("D:2026")));
    assert_int_equal(r.sigs[0].contents.len, 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules), cmocka_unit_test(test_earlier_locks), cmocka_unit_test(test_locks_of_fields), cmocka_unit_test(test_certified),
        cmocka_unit_test(test_encrypted),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (crypto_new(&crypto, NULL) != SIGN_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_free(&crypto);
    return failed;
}
