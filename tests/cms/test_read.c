/* SignedData as OpenSSL writes it, whole, cut off at every byte, and with every byte changed. */
#include "world.h"

static const struct {
    const char *name, *content;
    size_t n_signers, n_certs;
    bool ber, attached, attrs, by_key_id, cert_ref;
    int32_t digest, scheme;
} cases[] = {
    { "rsa", "content", 1, 2, false, false, true, false, false, SIGN_DIGEST_SHA256, SIGN_SCHEME_RSA_PKCS1 },
    { "attached", "content", 1, 1, false, true, true, false, false, SIGN_DIGEST_SHA512, SIGN_SCHEME_RSA_PKCS1 },
    { "stream", "big", 1, 1, true, true, true, false, false, SIGN_DIGEST_SHA256, SIGN_SCHEME_RSA_PKCS1 },
    { "indef", "content", 1, 1, true, true, true, false, false, SIGN_DIGEST_SHA256, SIGN_SCHEME_RSA_PKCS1 },
    { "two", "content", 2, 2, false, false, true, false, false, SIGN_DIGEST_SHA256, 0 },
    { "keyid", "content", 1, 1, false, false, true, true, false, SIGN_DIGEST_SHA256, SIGN_SCHEME_RSA_PKCS1 },
    { "pss", "content", 1, 1, false, false, true, false, false, SIGN_DIGEST_SHA256, SIGN_SCHEME_RSA_PSS },
    { "pss20", "content", 1, 1, false, false, true, false, false, SIGN_DIGEST_SHA384, SIGN_SCHEME_RSA_PSS },
    { "p256", "content", 1, 1, false, false, true, false, false, SIGN_DIGEST_SHA256, SIGN_SCHEME_ECDSA },
    { "p384", "content", 1, 1, false, false, true, false, false, SIGN_DIGEST_SHA384, SIGN_SCHEME_ECDSA },
    { "nocerts", "content", 1, 0, false, false, true, false, false, SIGN_DIGEST_SHA256, SIGN_SCHEME_RSA_PKCS1 },
    { "noattr", "content", 1, 1, false, false, false, false, false, SIGN_DIGEST_SHA256, SIGN_SCHEME_RSA_PKCS1 },
    { "cades", "content", 1, 1, false, false, true, false, true, SIGN_DIGEST_SHA256, SIGN_SCHEME_RSA_PKCS1 },
    { "cades384", "content", 1, 1, false, false, true, false, true, SIGN_DIGEST_SHA384, SIGN_SCHEME_ECDSA },
    { "sha1", "content", 1, 1, false, false, true, false, true, SIGN_DIGEST_SHA1, SIGN_SCHEME_RSA_PKCS1 },
};

static void check_signer(const struct world *world, const struct cms_signer *signer, size_t i)
{
    assert_non_null(signer->digest);
    assert_int_equal(signer->digest->id, cases[i].digest);
    assert_true(signer->signature_known);
    if (cases[i].scheme != 0) assert_int_equal(signer->params.scheme, cases[i].scheme);
    assert_int_equal(signer->params.digest, cases[i].digest);
    assert_int_equal(signer->has_attrs, cases[i].attrs);
    assert_int_equal(signer->key_id.len > 0, cases[i].by_key_id);
    assert_int_equal(signer->issuer.len > 0, !cases[i].by_key_id);
    assert_int_equal(signer->version, cases[i].by_key_id ? 3 : 1);
    assert_false(signer->attrs_unordered || signer->attrs_duplicate || signer->has_algorithm_protection);
    assert_int_equal(signer->has_signing_time, cases[i].attrs);
    if (cases[i].attrs) {
        assert_true(signer->signing_time.seconds > 1700000000);
        assert_true(bytes_equal(signer->content_type, BYTES_LIT("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01")));
        assert_int_equal(signer->message_digest.len, signer->digest->size);
        assert_int_equal(signer->attrs_raw.ptr[0], 0x31);
    }
    bool sha1 = cases[i].digest == SIGN_DIGEST_SHA1;
    const struct cms_cert_ref *ref = sha1 ? &signer->cert_v1 : &signer->cert_v2;
    assert_int_equal(ref->there, cases[i].cert_ref);
    assert_false(sha1 ? signer->cert_v2.there : signer->cert_v1.there);
    if (cases[i].cert_ref) {
        CLEANUP(cert_free) sign_cert *cert = world_cert(world, cases[i].scheme == SIGN_SCHEME_ECDSA ? "p384" : "rsa");
        uint8_t hash[DIGEST_MAX];
        assert_int_equal(digest_bytes(world->crypto, ref->alg, sign_cert_der(cert), hash, NULL), SIGN_OK);
        assert_true(bytes_equal(ref->hash, bytes_of(hash, ref->alg->size)));
        if (ref->serial.len > 0) assert_true(bytes_equal(ref->serial, signer->serial));
    }
}

static void test_openssl(void **state)
{
    const struct world *world = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build file = { 0 };
        CLEANUP(build_free) struct build content = { 0 };
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct cms cms;
        sign_err err = SIGN_ERR_INIT;
        world_file(world, &file, cases[i].name, ".cms");
        world_file(world, &content, cases[i].content, "");
        size_t len = file.len;
        build_str(&file, "after");
        print_message("# %s\n", cases[i].name);
        assert_int_equal(cms_read(&cms, build_view(&file), 0, &arena, &err), SIGN_OK);
        assert_int_equal(cms.length, len);
        assert_int_equal(cms.n_signers, cases[i].n_signers);
        assert_int_equal(cms.n_certs, cases[i].n_certs);
        assert_int_equal(cms.ber, cases[i].ber);
        assert_int_equal(cms.has_content, cases[i].attached);
        if (cms.has_content) assert_true(bytes_equal(cms.content, build_view(&content)));
        CLEANUP(cert_free) sign_cert *rsa = world_cert(world, "rsa");
        for (size_t s = 0; s < cms.n_signers; s++) {
            check_signer(world, &cms.signers[s], i);
            assert_true(world_verifies(world, &cms, s, build_view(&content), cms.n_certs ? NULL : rsa));
            content.ptr[0] ^= 1;
            assert_false(world_verifies(world, &cms, s, build_view(&content), cms.n_certs ? NULL : rsa));
            content.ptr[0] ^= 1;
        }
    }
}

static void test_pss_params(void **state)
{
    static const struct { const char *name; struct sig_params params; } pss[] = {
        { "pss", { SIGN_SCHEME_RSA_PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA256, 32 } },
        { "pss20", { SIGN_SCHEME_RSA_PSS, SIGN_DIGEST_SHA384, SIGN_DIGEST_SHA1, 20 } },
    };
    for (size_t i = 0; i < COUNT(pss); i++) {
        CLEANUP(build_free) struct build file = { 0 };
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct cms cms;
        assert_int_equal(cms_read(&cms, world_file(*state, &file, pss[i].name, ".cms"), 0, &arena, NULL), SIGN_OK);
        assert_memory_equal(&cms.signers[0].params, &pss[i].params, sizeof pss[i].params);
    }
}

static void test_others(void **state)
{
    CLEANUP(build_free) struct build file = { 0 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct cms cms;
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(cms_read(&cms, world_file(*state, &file, "certs", ".cms"), 0, &arena, &err), SIGN_OK);
    assert_int_equal(cms.n_signers, 0);
    assert_int_equal(cms.n_certs, 2);
    build_truncate(&file, 0);
    assert_int_equal(cms_read(&cms, world_file(*state, &file, "data", ".cms"), 1000, &arena, &err), SIGN_E_UNSUPPORTED);
    assert_int_equal(err.offset, 1000);
    assert_int_equal(cms_read(&cms, (sign_bytes){ 0 }, 7, &arena, &err), SIGN_E_FORMAT);
    assert_int_equal(err.offset, 7);
}

static void test_find_signer(void **state)
{
    const struct world *world = *state;
    CLEANUP(cert_free) sign_cert *root = world_cert(world, "root");
    CLEANUP(cert_free) sign_cert *p256 = world_cert(world, "p256");
    CLEANUP(cert_free) sign_cert *rsa = world_cert(world, "rsa");
    const sign_cert *certs[] = { root, p256, rsa };
    struct cms_signer signer = { .issuer = cert_issuer_der(rsa), .serial = cert_serial_der(rsa) };
    assert_int_equal(cms_find_signer(&signer, certs, 3), 2);
    assert_int_equal(cms_find_signer(&signer, certs, 2), SIZE_MAX);
    signer.issuer = cert_subject_der(rsa);
    assert_int_equal(cms_find_signer(&signer, certs, 3), SIZE_MAX);
    signer = (struct cms_signer){ .key_id = cert_key_id(p256) };
    assert_int_equal(cms_find_signer(&signer, certs, 3), 1);
    signer = (struct cms_signer){ 0 };
    assert_int_equal(cms_find_signer(&signer, certs, 3), SIZE_MAX);

    /* The root's name with "VN" as UTF8String instead of PrintableString and "ROOT" for "Root". */
    CLEANUP(build_free) struct build name = { 0 };
    build_bytes(&name, cert_subject_der(root));
    size_t vn = bytes_find(build_view(&name), BYTES_LIT("\x13\x02VN"), 0),
           cn = bytes_find(build_view(&name), BYTES_LIT("Root"), 0);
    assert_true(vn != SIZE_MAX && cn != SIZE_MAX);
    name.ptr[vn] = 0x0c;
    memcpy(name.ptr + cn, "ROOT", 4);
    signer = (struct cms_signer){ .issuer = build_view(&name), .serial = cert_serial_der(rsa) };
    assert_int_equal(cms_find_signer(&signer, certs, 3), 2);
    name.ptr[cn] = 'B';
    assert_int_equal(cms_find_signer(&signer, certs, 3), SIZE_MAX);
}

/* Exactly as many bytes as there are in a block of their own, so that ASan sees the first one read beyond. */
static int read_copy(sign_bytes bytes, struct arena *arena, struct cms *cms, sign_err *err)
{
    uint8_t *copy = test_malloc(bytes.len ? bytes.len : 1);
    memcpy(copy, bytes.ptr, bytes.len);
    int rc = cms_read(cms, bytes_of(copy, bytes.len), 0, arena, err);
    test_free(copy);
    return rc;
}

static void test_cut_off(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build file = { 0 };
        world_file(*state, &file, cases[i].name, ".cms");
        for (size_t len = 0; len < file.len; len += file.len > 10000 ? 97 : 1) {
            CLEANUP(arena_free) struct arena arena = { 0 };
            struct cms cms;
            sign_err err = SIGN_ERR_INIT;
            assert_int_equal(read_copy(bytes_of(file.ptr, len), &arena, &cms, &err), SIGN_E_FORMAT);
            assert_true(err.offset <= len);
            assert_non_null(err.clause);
        }
    }
}

struct count { size_t read, refused, verified; };

/* What verifies although a byte was changed must have the same signed attributes and value as before. */
static void try_changed(const struct world *world, sign_bytes file, sign_bytes content, const struct cms *good,
                        struct count *count)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct cms cms;
    int rc = cms_read(&cms, file, 0, &arena, NULL);
    assert_true(rc == SIGN_OK || rc == SIGN_E_FORMAT || rc == SIGN_E_UNSUPPORTED || rc == SIGN_E_LIMIT);
    count->read += rc == SIGN_OK;
    count->refused += rc != SIGN_OK;
    for (size_t s = 0; rc == SIGN_OK && s < cms.n_signers; s++) {
        if (!world_verifies(world, &cms, s, content, NULL)) continue;
        count->verified++;
        assert_true(s < good->n_signers);
        assert_true(bytes_equal(cms.signers[s].signature, good->signers[s].signature));
        assert_true(bytes_equal(cms.signers[s].attrs_raw, good->signers[s].attrs_raw));
    }
}

static void test_changed(void **state)
{
    const struct world *world = *state;
    static const uint8_t changes[] = { 0x01, 0x20 };
    struct count count = { 0 };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build file = { 0 };
        CLEANUP(build_free) struct build pristine = { 0 };
        CLEANUP(build_free) struct build content = { 0 };
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct cms good;
        world_file(world, &file, cases[i].name, ".cms");
        world_file(world, &pristine, cases[i].name, ".cms");
        world_file(world, &content, cases[i].content, "");
        if (file.len > 10000) continue;
        assert_int_equal(cms_read(&good, build_view(&pristine), 0, &arena, NULL), SIGN_OK);
        for (size_t at = 0; at < file.len * COUNT(changes); at++) {
            uint8_t *byte = file.ptr + at / COUNT(changes);
            *byte ^= changes[at % COUNT(changes)];
            try_changed(world, build_view(&file), build_view(&content), &good, &count);
            *byte ^= changes[at % COUNT(changes)];
        }
    }
    print_message("# one byte changed: %zu read, %zu refused; %zu verified, over what they were made over\n",
                  count.read, count.refused, count.verified);
    assert_true(count.read > 0 && count.refused > 0 && count.verified > 0);
}

int main(int argc, char **argv)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    world_dir(argc > 1 ? argv[1] : NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_openssl),     cmocka_unit_test(test_pss_params), cmocka_unit_test(test_others),
        cmocka_unit_test(test_find_signer), cmocka_unit_test(test_cut_off),    cmocka_unit_test(test_changed),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
