/* The tables: every digest by every name, against known answers; every signature URI and OID, both ways. */
#include <base/cleanup.h>
#include <base/text.h>
#include <crypto/crypto.h>
#include <openssl/objects.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* Digests of "abc": FIPS 180-4 and 202 examples, RFC 1321, RIPEMD-160's paper; SHAKE cut at RFC 8702's lengths. */
static const struct { int32_t id; const char *name, *uri, *abc; } digests[] = {
    { SIGN_DIGEST_SHA256, "sha256", "http://www.w3.org/2001/04/xmlenc#sha256",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { SIGN_DIGEST_SHA384, "SHA-384", "http://www.w3.org/2001/04/xmldsig-more#sha384",
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7" },
    { SIGN_DIGEST_SHA512, "Sha512", "http://www.w3.org/2001/04/xmlenc#sha512",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
    { SIGN_DIGEST_SHA512_224, "sha512-224", NULL, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa" },
    { SIGN_DIGEST_SHA512_256, "SHA512/256", NULL, "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23" },
    { SIGN_DIGEST_SHA3_224, "sha3-224", "http://www.w3.org/2007/05/xmldsig-more#sha3-224",
      "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf" },
    { SIGN_DIGEST_SHA3_256, "SHA3_256", "http://www.w3.org/2007/05/xmldsig-more#sha3-256",
      "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532" },
    { SIGN_DIGEST_SHA3_384, "SHA3-384", "http://www.w3.org/2007/05/xmldsig-more#sha3-384",
      "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25" },
    { SIGN_DIGEST_SHA3_512, "sha3512", "http://www.w3.org/2007/05/xmldsig-more#sha3-512",
      "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
      "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0" },
    { SIGN_DIGEST_SHAKE128, "shake128", NULL, "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc8" },
    { SIGN_DIGEST_SHAKE256, "SHAKE-256", NULL,
      "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739"
      "d5a15bef186a5386c75744c0527e1faa9f8726e462a12a4feb06bd8801e751e4" },
    { SIGN_DIGEST_SHA224, "SHA224", "http://www.w3.org/2001/04/xmldsig-more#sha224",
      "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7" },
    { SIGN_DIGEST_SHA1, "SHA-1", "http://www.w3.org/2000/09/xmldsig#sha1", "a9993e364706816aba3e25717850c26c9cd0d89d" },
    { SIGN_DIGEST_MD5, "md5", "http://www.w3.org/2001/04/xmldsig-more#md5", "900150983cd24fb0d6963f7d28e17f72" },
    { SIGN_DIGEST_RIPEMD160, "RIPEMD-160", "http://www.w3.org/2001/04/xmlenc#ripemd160",
      "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc" },
};

static int setup(void **state)
{
    struct crypto *crypto = NULL;
    assert_int_equal(crypto_new(&crypto, NULL), SIGN_OK);
    *state = crypto;
    return 0;
}

static int teardown(void **state)
{
    struct crypto *crypto = *state;
    crypto_free(&crypto);
    assert_null(crypto);
    return 0;
}

static sign_bytes oid_of(int nid)
{
    const ASN1_OBJECT *object = OBJ_nid2obj(nid);
    return bytes_of(OBJ_get0_data(object), OBJ_length(object));
}

static void test_digest_names(void **state)
{
    for (size_t i = 0; i < COUNT(digests); i++) {
        const struct digest_alg *alg = digest_by_id(digests[i].id);
        assert_non_null(alg);
        assert_ptr_equal(digest_by_name(digests[i].name), alg);
        assert_ptr_equal(digest_by_name(alg->name), alg);
        assert_ptr_equal(digest_by_nid(alg->nid), alg);
        assert_ptr_equal(digest_by_oid(oid_of(alg->nid)), alg);
        assert_int_equal(alg->size * 2, strlen(digests[i].abc));
        assert_int_equal(alg->weak, digests[i].id >= SIGN_DIGEST_SHA1);
        assert_int_equal(alg->xml_uri == NULL, digests[i].uri == NULL);
        if (digests[i].uri) assert_ptr_equal(digest_by_uri(bytes_str(digests[i].uri)), alg);
    }
    assert_null(digest_by_id(0));
    assert_null(digest_by_id((int32_t)COUNT(digests) + 1));
    assert_null(digest_by_name("SHA-2"));
    assert_null(digest_by_name("SHA-2567"));
    assert_null(digest_by_name(""));
    assert_null(digest_by_name(NULL));
    assert_null(digest_by_nid(NID_undef));
    assert_null(digest_by_oid((sign_bytes){ 0 }));
    assert_null(digest_by_oid(oid_of(NID_md4)));
    assert_null(digest_by_uri((sign_bytes){ 0 }));
    assert_null(digest_by_uri(BYTES_LIT("http://www.w3.org/2001/04/xmlenc#sha256 ")));
}

static void test_known_answers(void **state)
{
    for (size_t i = 0; i < COUNT(digests); i++) {
        const struct digest_alg *alg = digest_by_id(digests[i].id);
        CLEANUP(build_free) struct build expected = { 0 };
        assert_true(hex_decode(&expected, bytes_str(digests[i].abc)));
        uint8_t out[DIGEST_MAX];
        assert_int_equal(digest_bytes(*state, alg, BYTES_LIT("abc"), out, NULL), SIGN_OK);
        assert_memory_equal(out, expected.ptr, alg->size);

        /* In pieces, with an empty one; and the same run used again. */
        CLEANUP(digest_drop) struct digest_run run = { 0 };
        for (int again = 0; again < 2; again++) {
            assert_int_equal(digest_start(&run, *state, alg, NULL), SIGN_OK);
            assert_int_equal(digest_add(&run, BYTES_LIT("a"), NULL), SIGN_OK);
            assert_int_equal(digest_add(&run, (sign_bytes){ 0 }, NULL), SIGN_OK);
            assert_int_equal(digest_add(&run, BYTES_LIT("bc"), NULL), SIGN_OK);
            memset(out, 0, sizeof out);
            assert_int_equal(digest_end(&run, out, NULL), SIGN_OK);
            assert_memory_equal(out, expected.ptr, alg->size);
        }
    }
}

static void test_digest_misuse(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    uint8_t out[DIGEST_MAX];
    CLEANUP(digest_drop) struct digest_run run = { 0 };
    assert_int_equal(digest_start(&run, *state, NULL, &err), SIGN_E_ALGO);
    assert_int_equal(digest_add(&run, BYTES_LIT("a"), &err), SIGN_E_ALGO);
    assert_int_equal(digest_end(&run, out, &err), SIGN_E_ALGO);
    assert_int_equal(err.status, SIGN_E_ALGO);
    assert_int_equal(digest_start(&run, *state, digest_by_id(SIGN_DIGEST_SHA256), &err), SIGN_OK);
    assert_int_equal(digest_end(&run, out, &err), SIGN_OK);
    assert_int_equal(digest_end(&run, out, &err), SIGN_E_ALGO);     /* ended is ended */
}

/* RFC 8017 9.2 note 1 prints these. */
static void test_digest_info(void **state)
{
    static const struct { int32_t id; const char *prefix; } cases[] = {
        { SIGN_DIGEST_MD5, "3020300c06082a864886f70d020505000410" },
        { SIGN_DIGEST_SHA1, "3021300906052b0e03021a05000414" },
        { SIGN_DIGEST_SHA224, "302d300d06096086480165030402040500041c" },
        { SIGN_DIGEST_SHA256, "3031300d060960864801650304020105000420" },
        { SIGN_DIGEST_SHA384, "3041300d060960864801650304020205000430" },
        { SIGN_DIGEST_SHA512, "3051300d060960864801650304020305000440" },
        { SIGN_DIGEST_SHA512_224, "302d300d06096086480165030402050500041c" },
        { SIGN_DIGEST_SHA512_256, "3031300d060960864801650304020605000420" },
        { SIGN_DIGEST_SHAKE128, "" },
        { SIGN_DIGEST_SHAKE256, "" },
    };
    static const uint8_t digest[DIGEST_MAX] = { 1, 2, 3 };
    uint8_t out[DIGEST_INFO_MAX];
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct digest_alg *alg = digest_by_id(cases[i].id);
        CLEANUP(build_free) struct build expected = { 0 };
        assert_true(hex_decode(&expected, bytes_str(cases[i].prefix)));
        if (expected.len > 0) build_put(&expected, digest, alg->size);
        size_t len = digest_info(out, alg, bytes_of(digest, alg->size));
        assert_int_equal(len, expected.len);
        if (len > 0) assert_memory_equal(out, expected.ptr, len);
        assert_int_equal(digest_info(out, alg, bytes_of(digest, alg->size - 1)), 0);
    }
    assert_int_equal(digest_info(out, NULL, bytes_of(digest, 32)), 0);
}

static void test_sig_uris(void **state)
{
    enum { PKCS1 = SIGN_SCHEME_RSA_PKCS1, PSS = SIGN_SCHEME_RSA_PSS, EC = SIGN_SCHEME_ECDSA, ED = SIGN_SCHEME_EDDSA };
    static const struct { const char *uri; struct sig_params params; bool back;
    } cases[] = {
        { "http://www.w3.org/2000/09/xmldsig#rsa-sha1", { PKCS1, SIGN_DIGEST_SHA1, 0, 0 }, true },
        { "http://www.w3.org/2001/04/xmldsig-more#rsa-md5", { PKCS1, SIGN_DIGEST_MD5, 0, 0 }, true },
        { "http://www.w3.org/2001/04/xmldsig-more#rsa-ripemd160", { PKCS1, SIGN_DIGEST_RIPEMD160, 0, 0 }, true },
        { "http://www.w3.org/2001/04/xmldsig-more/rsa-ripemd160", { PKCS1, SIGN_DIGEST_RIPEMD160, 0, 0 }, false },
        { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha224", { PKCS1, SIGN_DIGEST_SHA224, 0, 0 }, true },
        { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, true },
        { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384", { PKCS1, SIGN_DIGEST_SHA384, 0, 0 }, true },
        { "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512", { PKCS1, SIGN_DIGEST_SHA512, 0, 0 }, true },
        { "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1",
          { PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA256, 32 },
          true },
        { "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1",
          { PSS, SIGN_DIGEST_SHA512, SIGN_DIGEST_SHA512, 64 },
          true },
        { "http://www.w3.org/2007/05/xmldsig-more#sha1-rsa-MGF1",
          { PSS, SIGN_DIGEST_SHA1, SIGN_DIGEST_SHA1, 20 },
          true },
        { "http://www.w3.org/2007/05/xmldsig-more#sha3-384-rsa-MGF1",
          { PSS, SIGN_DIGEST_SHA3_384, SIGN_DIGEST_SHA3_384, 48 },
          true },
        { SIG_URI_RSA_PSS, { PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA256, 32 }, false },
        { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1", { EC, SIGN_DIGEST_SHA1, 0, 0 }, true },
        { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", { EC, SIGN_DIGEST_SHA256, 0, 0 }, true },
        { "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512", { EC, SIGN_DIGEST_SHA512, 0, 0 }, true },
        { "http://www.w3.org/2021/04/xmldsig-more#ecdsa-sha3-256", { EC, SIGN_DIGEST_SHA3_256, 0, 0 }, true },
        { "http://www.w3.org/2007/05/xmldsig-more#ecdsa-ripemd160", { EC, SIGN_DIGEST_RIPEMD160, 0, 0 }, true },
        { "http://www.w3.org/2000/09/xmldsig#dsa-sha1", { SIGN_SCHEME_DSA, SIGN_DIGEST_SHA1, 0, 0 }, true },
        { "http://www.w3.org/2009/xmldsig11#dsa-sha256", { SIGN_SCHEME_DSA, SIGN_DIGEST_SHA256, 0, 0 }, true },
        { "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519", { ED, 0, 0, 0 }, false },
        { "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed448", { ED, 0, 0, 0 }, false },
    };
    struct sig_params got;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(sig_by_uri(bytes_str(cases[i].uri), &got));
        assert_int_equal(got.scheme, cases[i].params.scheme);
        assert_int_equal(got.digest, cases[i].params.digest);
        assert_int_equal(got.mgf, cases[i].params.mgf);
        assert_int_equal(got.salt_len, cases[i].params.salt_len);
        if (cases[i].back) assert_string_equal(sig_uri(&got), cases[i].uri);
    }
    assert_false(sig_by_uri(BYTES_LIT("http://www.w3.org/2000/09/xmldsig#hmac-sha1"), &got));
    assert_false(sig_by_uri((sign_bytes){ 0 }, &got));
    struct sig_params odd_salt = { PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA256, 20 };
    assert_string_equal(sig_uri(&odd_salt), SIG_URI_RSA_PSS);
    struct sig_params nowhere = { EC, SIGN_DIGEST_SHAKE256, 0, 0 }, eddsa = { ED, 0, 0, 0 };
    assert_null(sig_uri(&nowhere));
    assert_null(sig_uri(&eddsa));
}

static void test_sig_oids(void **state)
{
    static const struct { int nid; int32_t scheme, digest; } cases[] = {
        { NID_rsaEncryption, SIGN_SCHEME_RSA_PKCS1, 0 },
        { NID_sha256WithRSAEncryption, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256 },
        { NID_sha1WithRSA, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA1 },
        { NID_RSA_SHA3_512, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA3_512 },
        { NID_rsassaPss, SIGN_SCHEME_RSA_PSS, 0 },
        { NID_ecdsa_with_SHA384, SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA384 },
        { NID_X9_62_id_ecPublicKey, SIGN_SCHEME_ECDSA, 0 },
        { NID_dsaWithSHA1, SIGN_SCHEME_DSA, SIGN_DIGEST_SHA1 },
        { NID_ED25519, SIGN_SCHEME_EDDSA, 0 },
        { NID_ED448, SIGN_SCHEME_EDDSA, 0 },
    };
    struct sig_params got;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_true(sig_by_oid(oid_of(cases[i].nid), &got));
        assert_int_equal(got.scheme, cases[i].scheme);
        assert_int_equal(got.digest, cases[i].digest);
    }
    assert_false(sig_by_oid((sign_bytes){ 0 }, &got));
    assert_false(sig_by_oid(oid_of(NID_sha256), &got));
    assert_false(sig_by_oid(oid_of(NID_md2WithRSAEncryption), &got));
    struct sig_params rsa = { SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, 0, 0 };
    struct sig_params ec = { SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA256, 0, 0 };
    struct sig_params none = { SIGN_SCHEME_ECDSA, SIGN_DIGEST_MD5, 0, 0 };
    assert_int_equal(sig_nid(&rsa), NID_rsaEncryption);
    assert_int_equal(sig_nid(&ec), NID_ecdsa_with_SHA256);
    assert_int_equal(sig_nid(&none), NID_undef);
}

static void test_scheme_names(void **state)
{
    assert_string_equal(scheme_name(SIGN_SCHEME_RSA_PKCS1), "RSASSA-PKCS1-v1_5");
    assert_string_equal(scheme_name(SIGN_SCHEME_DSA), "DSA");
    assert_string_equal(scheme_name(0), "unknown");
    assert_string_equal(scheme_name(6), "unknown");
    assert_string_equal(scheme_name(-1), "unknown");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest_names), cmocka_unit_test(test_known_answers),
        cmocka_unit_test(test_digest_misuse), cmocka_unit_test(test_digest_info),
        cmocka_unit_test(test_sig_uris),     cmocka_unit_test(test_sig_oids),
        cmocka_unit_test(test_scheme_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
