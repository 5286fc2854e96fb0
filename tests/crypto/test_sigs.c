/* Signature values: for every scheme a good one, one with each kind of damage, and what must be refused. */
#include <base/cleanup.h>
#include <base/limits.h>
#include <crypto/crypto.h>
#include <openssl/dsa.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

enum key_kind { RSA2048, RSA1024, RSA512, RSA_PSS_KEY, P256, P384, P521, DSA1024, ED25519_KEY, ED448_KEY, KEYS };

struct world {
    struct crypto *crypto;
    EVP_PKEY *keys[KEYS];
};

static EVP_PKEY *make_dsa(void)
{
    EVP_PKEY *params = NULL, *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "DSA", NULL);
    assert_int_equal(EVP_PKEY_paramgen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_dsa_paramgen_bits(ctx, 1024), 1);
    assert_int_equal(EVP_PKEY_CTX_set_dsa_paramgen_q_bits(ctx, 160), 1);
    assert_int_equal(EVP_PKEY_paramgen(ctx, &params), 1);
    EVP_PKEY_CTX_free(ctx);
    ctx = EVP_PKEY_CTX_new_from_pkey(NULL, params, NULL);
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_keygen(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    EVP_PKEY_free(params);
    return key;
}

static EVP_PKEY *make_pss(void)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
    assert_int_equal(EVP_PKEY_keygen(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static int setup(void **state)
{
    static struct world world;
    assert_int_equal(crypto_new(&world.crypto, NULL), SIGN_OK);
    world.keys[RSA2048] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
    world.keys[RSA1024] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
    world.keys[RSA512] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)512);
    world.keys[RSA_PSS_KEY] = make_pss();
    world.keys[P256] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    world.keys[P384] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    world.keys[P521] = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521");
    world.keys[DSA1024] = make_dsa();
    world.keys[ED25519_KEY] = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    world.keys[ED448_KEY] = EVP_PKEY_Q_keygen(NULL, NULL, "ED448");
    for (int i = 0; i < KEYS; i++) assert_non_null(world.keys[i]);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < KEYS; i++) EVP_PKEY_free(world->keys[i]);
    crypto_free(&world->crypto);
    return 0;
}

/* As anybody signs with OpenSSL: it is told the digest and makes its own DigestInfo. */
static size_t sign_with(EVP_PKEY *key, const struct sig_check *check, uint8_t *out, size_t cap)
{
    size_t len = cap;
    if (check->params.scheme == SIGN_SCHEME_EDDSA) {
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        assert_int_equal(EVP_DigestSignInit_ex(ctx, NULL, NULL, NULL, NULL, key, NULL), 1);
        assert_int_equal(EVP_DigestSign(ctx, out, &len, check->tbs.ptr, check->tbs.len), 1);
        EVP_MD_CTX_free(ctx);
        return len;
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    EVP_MD *md = EVP_MD_fetch(NULL, digest_by_id(check->params.digest)->openssl, NULL);
    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    if (check->params.scheme == SIGN_SCHEME_RSA_PSS) {
        EVP_MD *mgf = EVP_MD_fetch(NULL, digest_by_id(check->params.mgf)->openssl, NULL);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, mgf), 1);
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)check->params.salt_len), 1);
        EVP_MD_free(mgf);
    }
    if (digest_by_id(check->params.digest)->nid != NID_shake256) {
        assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, md), 1);
    }
    assert_int_equal(EVP_PKEY_sign(ctx, out, &len, check->digest.ptr, check->digest.len), 1);
    EVP_MD_free(md);
    EVP_PKEY_CTX_free(ctx);
    return len;
}

enum { PKCS1 = SIGN_SCHEME_RSA_PKCS1, PSS = SIGN_SCHEME_RSA_PSS, EC_ = SIGN_SCHEME_ECDSA, ED = SIGN_SCHEME_EDDSA };
static const struct { enum key_kind key; struct sig_params params; } schemes[] = {
    { RSA2048, { PKCS1, SIGN_DIGEST_SHA256, 0, 0 } },
    { RSA2048, { PKCS1, SIGN_DIGEST_SHA384, 0, 0 } },
    { RSA2048, { PKCS1, SIGN_DIGEST_SHA512, 0, 0 } },
    { RSA2048, { PKCS1, SIGN_DIGEST_SHA512_224, 0, 0 } },
    { RSA2048, { PKCS1, SIGN_DIGEST_SHA512_256, 0, 0 } },
    { RSA2048, { PKCS1, SIGN_DIGEST_SHA3_224, 0, 0 } },
    { RSA2048, { PKCS1, SIGN_DIGEST_SHA3_512, 0, 0 } },
    { RSA1024, { PKCS1, SIGN_DIGEST_SHA1, 0, 0 } },
    { RSA1024, { PKCS1, SIGN_DIGEST_MD5, 0, 0 } },
    { RSA1024, { PKCS1, SIGN_DIGEST_RIPEMD160, 0, 0 } },
    { RSA512, { PKCS1, SIGN_DIGEST_SHA256, 0, 0 } },
    { RSA2048, { PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA256, 32 } },
    { RSA2048, { PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA1, 20 } },
    { RSA2048, { PSS, SIGN_DIGEST_SHA512, SIGN_DIGEST_SHA512, 0 } },
    { RSA2048, { PSS, SIGN_DIGEST_SHA3_256, SIGN_DIGEST_SHA3_256, 32 } },
    { RSA_PSS_KEY, { PSS, SIGN_DIGEST_SHA384, SIGN_DIGEST_SHA384, 48 } },
    { P256, { EC_, SIGN_DIGEST_SHA256, 0, 0 } },
    { P256, { EC_, SIGN_DIGEST_SHA512, 0, 0 } },
    { P384, { EC_, SIGN_DIGEST_SHA384, 0, 0 } },
    { P384, { EC_, SIGN_DIGEST_SHA1, 0, 0 } },
    { P521, { EC_, SIGN_DIGEST_SHA3_512, 0, 0 } },
    { P521, { EC_, SIGN_DIGEST_SHAKE256, 0, 0 } },
    { DSA1024, { SIGN_SCHEME_DSA, SIGN_DIGEST_SHA1, 0, 0 } },
    { DSA1024, { SIGN_SCHEME_DSA, SIGN_DIGEST_SHA256, 0, 0 } },
    { ED25519_KEY, { ED, 0, 0, 0 } },
    { ED448_KEY, { ED, 0, 0, 0 } },
};

static bool verifies(const struct world *world, EVP_PKEY *key, const struct sig_check *check)
{
    bool good = true;
    sign_err err = SIGN_ERR_INIT;
    int rc = sig_verify(world->crypto, key, check, &good, &err);
    assert_int_equal(rc, SIGN_OK);
    assert_int_equal(ERR_peek_error(), 0);
    return good;
}

/* Changes everything that can be changed about a good signature: each change must be seen. */
static void damage(const struct world *world, EVP_PKEY *key, struct sig_check check, uint8_t *value)
{
    size_t len = check.signature.len;
    for (size_t at = 0; at < len; at++) {
        value[at] ^= (uint8_t)(1 << at % 8);
        assert_false(verifies(world, key, &check));
        value[at] ^= (uint8_t)(1 << at % 8);
    }
    for (size_t cut = 0; cut < len; cut += cut < 4 ? 1 : 13) {
        check.signature.len = cut;
        assert_false(verifies(world, key, &check));
    }
    value[len] = 0;
    check.signature.len = len + 1;
    assert_false(verifies(world, key, &check));
    check.signature.len = len;
    uint8_t other[DIGEST_MAX + 1];
    sign_bytes *over = check.params.scheme == ED ? &check.tbs : &check.digest;
    memcpy(other, over->ptr, over->len);
    other[0] ^= 0x80;
    over->ptr = other;
    assert_false(verifies(world, key, &check));
}

static void check_raw(const struct world *world, EVP_PKEY *key, struct sig_check check)
{
    size_t width = ecdsa_width(key);
    CLEANUP(build_free) struct build raw = { 0 };
    CLEANUP(build_free) struct build der = { 0 };
    assert_int_equal(ecdsa_to_raw(&raw, check.signature, width, NULL), SIGN_OK);
    assert_int_equal(raw.len, 2 * width);
    assert_int_equal(ecdsa_to_der(&der, build_view(&raw), NULL), SIGN_OK);
    assert_true(bytes_equal(build_view(&der), check.signature));
    assert_true(der.len <= sig_max_size(key));
    check.ecdsa_raw = true;
    assert_false(verifies(world, key, &check));         /* DER is not r||s */
    build_byte(&raw, 0);
    check.signature = bytes_of(raw.ptr, 2 * width);
    assert_true(verifies(world, key, &check));
    damage(world, key, check, raw.ptr);
}

static void test_schemes(void **state)
{
    const struct world *world = *state;
    for (size_t i = 0; i < COUNT(schemes); i++) {
        EVP_PKEY *key = world->keys[schemes[i].key];
        const struct digest_alg *alg = digest_by_id(schemes[i].params.digest);
        uint8_t digest[DIGEST_MAX] = { 0 }, value[1024];
        struct sig_check check = { .params = schemes[i].params, .tbs = BYTES_LIT("ký số") };
        if (alg) {
            assert_int_equal(digest_bytes(world->crypto, alg, check.tbs, digest, NULL), SIGN_OK);
            check.digest = bytes_of(digest, alg->size);
        }
        check.signature = bytes_of(value, sign_with(key, &check, value, sizeof value - 1));
        assert_true(verifies(world, key, &check));
        damage(world, key, check, value);
        if (ecdsa_width(key) != 0) check_raw(world, key, check);
        if (check.params.scheme == PSS) {
            check.params.salt_len++;
            assert_false(verifies(world, key, &check));     /* the salt's length is exact */
            check.params.salt_len--;
            check.params.mgf = check.params.mgf == SIGN_DIGEST_SHA224 ? SIGN_DIGEST_SHA256 : SIGN_DIGEST_SHA224;
            assert_false(verifies(world, key, &check));
        }
    }
}

/* One key and one crypto for several threads at once: whoever meets a kept context in use makes one of its own. */
struct share { const struct world *world; EVP_PKEY *key; struct sig_check good, bad; unsigned wrong; };

static void *work(void *payload)
{
    struct share *share = payload;
    for (unsigned i = 0; i < 300; i++) {
        bool good = i % 3 == 0;
        uint8_t digest[DIGEST_MAX];
        const struct crypto *crypto = share->world->crypto;
        const struct digest_alg *alg = digest_by_id(SIGN_DIGEST_SHA256 + (int32_t)(i % 6));
        int rc = digest_bytes(crypto, alg, BYTES_LIT("abc"), digest, NULL);
        bool answer = !good;
        rc = rc == SIGN_OK ? sig_verify(crypto, share->key, good ? &share->good : &share->bad, &answer, NULL) : rc;
        share->wrong += rc != SIGN_OK || answer != good;
    }
    return NULL;
}

static void test_threads(void **state)
{
    enum { THREADS = 4 };
    static const enum key_kind kinds[] = { RSA2048, P256 };
    for (size_t k = 0; k < COUNT(kinds); k++) {
        const struct world *world = *state;
        uint8_t value[512], digest[DIGEST_MAX], other[DIGEST_MAX];
        struct share shares[THREADS];
        pthread_t threads[THREADS];
        const struct digest_alg *alg = digest_by_id(SIGN_DIGEST_SHA256);
        struct sig_check check = { .params = { kinds[k] == P256 ? EC_ : PKCS1, SIGN_DIGEST_SHA256, 0, 0 } };
        assert_int_equal(digest_bytes(world->crypto, alg, BYTES_LIT("one"), digest, NULL), SIGN_OK);
        assert_int_equal(digest_bytes(world->crypto, alg, BYTES_LIT("two"), other, NULL), SIGN_OK);
        check.digest = bytes_of(digest, alg->size);
        check.signature = bytes_of(value, sign_with(world->keys[kinds[k]], &check, value, sizeof value));
        for (size_t i = 0; i < THREADS; i++) {
            shares[i] = (struct share){ world, world->keys[kinds[k]], check, check, 0 };
            shares[i].bad.digest = bytes_of(other, alg->size);
            assert_int_equal(pthread_create(&threads[i], NULL, work, &shares[i]), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            assert_int_equal(pthread_join(threads[i], NULL), 0);
            assert_int_equal(shares[i].wrong, 0);
        }
    }
}

/* More keys than there are places for kept contexts, and each freed before the next is made. */
static void test_many_keys(void **state)
{
    const struct world *world = *state;
    const struct digest_alg *alg = digest_by_id(SIGN_DIGEST_SHA256);
    uint8_t value[512], digest[DIGEST_MAX];
    struct sig_check check = { .params = { EC_, SIGN_DIGEST_SHA256, 0, 0 } };
    assert_int_equal(digest_bytes(world->crypto, alg, BYTES_LIT("one"), digest, NULL), SIGN_OK);
    check.digest = bytes_of(digest, alg->size);
    for (size_t i = 0; i < 3 * LIMIT_READY; i++) {
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        assert_non_null(key);
        if (i > 0) assert_false(verifies(world, key, &check));      /* the signature of the key before */
        check.signature = bytes_of(value, sign_with(key, &check, value, sizeof value));
        assert_true(verifies(world, key, &check));
        assert_true(verifies(world, key, &check));
        EVP_PKEY_free(key);
    }
}

static void test_refused(void **state)
{
    const struct world *world = *state;
    static const uint8_t zeros[256];
    static const struct { int key; struct sig_params params; size_t digest_len; int rc; } cases[] = {
        { RSA2048, { EC_, SIGN_DIGEST_SHA256, 0, 0 }, 32, SIGN_E_ALGO },
        { RSA2048, { SIGN_SCHEME_DSA, SIGN_DIGEST_SHA256, 0, 0 }, 32, SIGN_E_ALGO },
        { RSA2048, { ED, 0, 0, 0 }, 0, SIGN_E_ALGO },
        { RSA2048, { 0, SIGN_DIGEST_SHA256, 0, 0 }, 32, SIGN_E_ALGO },
        { RSA2048, { PKCS1, 0, 0, 0 }, 32, SIGN_E_ALGO },
        { RSA2048, { PKCS1, 99, 0, 0 }, 32, SIGN_E_ALGO },
        { RSA2048, { PKCS1, SIGN_DIGEST_SHAKE256, 0, 0 }, 64, SIGN_E_ALGO },
        { RSA2048, { PSS, SIGN_DIGEST_SHA256, 0, 32 }, 32, SIGN_E_ALGO },
        { RSA2048, { PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA256, UINT32_MAX }, 32, SIGN_E_ALGO },
        { RSA_PSS_KEY, { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, 32, SIGN_E_ALGO },
        { P256, { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, 32, SIGN_E_ALGO },
        { ED25519_KEY, { EC_, SIGN_DIGEST_SHA256, 0, 0 }, 32, SIGN_E_ALGO },
        { KEYS, { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, 32, SIGN_E_ALGO },
        { RSA2048, { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, 20, SIGN_E_ARG },
        { P256, { EC_, SIGN_DIGEST_SHA256, 0, 0 }, 0, SIGN_E_ARG },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        EVP_PKEY *key = cases[i].key == KEYS ? NULL : world->keys[cases[i].key];
        struct sig_check check = { .params = cases[i].params, .digest = bytes_of(zeros, cases[i].digest_len) };
        check.signature = bytes_of(zeros, key ? sig_max_size(key) : 256);
        bool good = true;
        sign_err err = SIGN_ERR_INIT;
        assert_int_equal(sig_verify(world->crypto, key, &check, &good, &err), cases[i].rc);
        assert_int_equal(err.status, cases[i].rc);
        assert_false(good);
        assert_int_equal(ERR_peek_error(), 0);
    }
}

/* RFC 5480 2.1.1. */
static void test_explicit_curve(void **state)
{
    const struct world *world = *state;
    EVP_PKEY *named = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
    assert_int_equal(EVP_PKEY_set_utf8_string_param(named, "encoding", "explicit"), 1);
    uint8_t *der = NULL, digest[32] = { 0 }, value[128];
    int len = i2d_PUBKEY(named, &der);
    const uint8_t *at = der;
    EVP_PKEY *described = d2i_PUBKEY(NULL, &at, len);
    assert_non_null(described);
    struct sig_check check = { .params = { EC_, SIGN_DIGEST_SHA256, 0, 0 }, .digest = bytes_of(digest, sizeof digest) };
    check.signature = bytes_of(value, sign_with(named, &check, value, sizeof value));
    bool good = true;
    assert_int_equal(sig_verify(world->crypto, described, &check, &good, NULL), SIGN_E_ALGO);
    assert_false(good);
    OPENSSL_free(der);
    EVP_PKEY_free(named);
    EVP_PKEY_free(described);
}

static void test_key_facts(void **state)
{
    const struct world *world = *state;
    static const struct { enum key_kind key; int32_t scheme; int bits; size_t size, width; } cases[] = {
        { RSA2048, PKCS1, 2048, 256, 0 }, { RSA_PSS_KEY, PSS, 2048, 256, 0 },      { P256, EC_, 256, 72, 32 },
        { P384, EC_, 384, 104, 48 },      { P521, EC_, 521, 139, 66 },             { ED25519_KEY, ED, 256, 64, 0 },
        { ED448_KEY, ED, 456, 114, 0 },   { DSA1024, SIGN_SCHEME_DSA, 1024, 48, 20 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        EVP_PKEY *key = world->keys[cases[i].key];
        assert_int_equal(key_scheme(key), cases[i].scheme);
        assert_int_equal(key_bits(key), cases[i].bits);
        assert_int_equal(sig_max_size(key), cases[i].size);
        assert_int_equal(ecdsa_width(key), cases[i].width);
    }
    assert_int_equal(key_scheme(NULL), 0);
    assert_int_equal(key_bits(NULL), 0);
}

static void test_ecdsa_forms(void **state)
{
    static const struct { const char *der; size_t len, width; int rc; } cases[] = {
        { "\x30\x06\x02\x01\x01\x02\x01\x02", 8, 4, SIGN_OK },
        { "\x30\x06\x02\x01\x01\x02\x01\x02\x00", 9, 4, SIGN_E_FORMAT },     /* trailing byte */
        { "\x30\x06\x02\x01\x81\x02\x01\x02", 8, 4, SIGN_E_FORMAT },         /* negative      */
        { "\x30\x06\x02\x01\x01\x02\x01", 7, 4, SIGN_E_FORMAT },
        { "\x30\x08\x02\x03\x01\x02\x03\x02\x01\x02", 10, 2, SIGN_E_FORMAT }, /* wider than asked */
        { "", 0, 4, SIGN_E_FORMAT },
        { "\x30\x06\x02\x01\x01\x02\x01\x02", 8, 0, SIGN_E_ARG },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build raw = { 0 };
        assert_int_equal(ecdsa_to_raw(&raw, bytes_of(cases[i].der, cases[i].len), cases[i].width, NULL), cases[i].rc);
        if (cases[i].rc == SIGN_OK) assert_memory_equal(raw.ptr, "\0\0\0\1\0\0\0\2", 8);
        assert_int_equal(ERR_peek_error(), 0);
    }
    CLEANUP(build_free) struct build der = { 0 };
    assert_int_equal(ecdsa_to_der(&der, BYTES_LIT("\0\x81\0\1"), NULL), SIGN_OK);
    assert_int_equal(der.len, 9);
    assert_memory_equal(der.ptr, "\x30\x07\x02\x02\x00\x81\x02\x01\x01", 9);
    assert_int_equal(ecdsa_to_der(&der, BYTES_LIT("odd"), NULL), SIGN_E_FORMAT);
    assert_int_equal(ecdsa_to_der(&der, (sign_bytes){ 0 }, NULL), SIGN_E_FORMAT);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_schemes),   cmocka_unit_test(test_refused),     cmocka_unit_test(test_explicit_curve),
        cmocka_unit_test(test_key_facts), cmocka_unit_test(test_ecdsa_forms), cmocka_unit_test(test_threads),
        cmocka_unit_test(test_many_keys),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
