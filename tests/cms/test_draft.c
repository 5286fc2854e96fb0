/* SignedData of our own: read back, verified here and by the openssl program, and as long as was foretold. */
#include "world.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
    const char *name;
    struct sig_params params;
    bool openssl;               /* OpenSSL 3.0's CMS knows it (no EdDSA there) */
} cases[] = {
    { "rsa", { SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, true },
    { "rsa3072", { SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA512, 0, 0 }, true },
    { "rsa", { SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA3_256, 0, 0 }, false },
    { "rsa3072", { SIGN_SCHEME_RSA_PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA256, 32 }, true },
    { "rsa", { SIGN_SCHEME_RSA_PSS, SIGN_DIGEST_SHA384, SIGN_DIGEST_SHA512, 20 }, true },
    { "p256", { SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA256, 0, 0 }, true },
    { "p384", { SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA384, 0, 0 }, true },
    { "p384", { SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA512, 0, 0 }, true },
    { "ed25519", { SIGN_SCHEME_EDDSA, 0, 0, 0 }, false },
    { "ed448", { SIGN_SCHEME_EDDSA, 0, 0, 0 }, false },
};

/* The key behind the seam: over the message, ECDSA as r||s. */
static void sign_tbs(EVP_PKEY *key, const struct sig_params *params, sign_bytes tbs, struct build *out)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    EVP_PKEY_CTX *pctx = NULL;
    uint8_t value[1024];
    size_t len = sizeof value;
    const struct digest_alg *digest = digest_by_id(params->digest);
    assert_int_equal(EVP_DigestSignInit_ex(ctx, &pctx, digest ? digest->openssl : NULL, NULL, NULL, key, NULL), 1);
    if (params->scheme == SIGN_SCHEME_RSA_PSS) {
        EVP_PKEY_CTX_ctrl_str(pctx, "rsa_padding_mode", "pss");
        EVP_PKEY_CTX_ctrl_str(pctx, "rsa_mgf1_md", digest_by_id(params->mgf)->openssl);
        char salt[16];
        snprintf(salt, sizeof salt, "%u", params->salt_len);
        EVP_PKEY_CTX_ctrl_str(pctx, "rsa_pss_saltlen", salt);
    }
    assert_int_equal(EVP_DigestSign(ctx, value, &len, tbs.ptr, tbs.len), 1);
    EVP_MD_CTX_free(ctx);
    if (params->scheme == SIGN_SCHEME_ECDSA) {
        assert_int_equal(ecdsa_to_raw(out, bytes_of(value, len), ecdsa_width(key), NULL), SIGN_OK);
    } else {
        build_put(out, value, len);
    }
}

static const struct digest_alg *content_digest(size_t i)
{
    if (cases[i].params.digest != 0) return digest_by_id(cases[i].params.digest);
    return digest_by_id(strcmp(cases[i].name, "ed448") == 0 ? SIGN_DIGEST_SHAKE256 : SIGN_DIGEST_SHA512);
}

/* openssl cms -verify -cades: its chain, its reading of signing-certificate-v2, its mathematics. */
static void judge(const struct world *world, sign_bytes der, size_t i)
{
    CLEANUP(build_free) struct build path = { 0 };
    CLEANUP(build_free) struct build command = { 0 };
    build_fmt(&path, "%s/own-%zu.cms", world->dir, i);
    char *name = build_to_string(&path);
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(der.ptr, 1, der.len, file), der.len);
    fclose(file);
    build_fmt(&command,
              "openssl cms -verify -cades -binary -inform DER -in '%s' -content '%s/content' -CAfile '%s/root.pem' "
              "-purpose any -out /dev/null 2> '%s.log'",
              name, world->dir, world->dir, name);
    char *line = build_to_string(&command);
    print_message("# %s\n", line);
    assert_int_equal(system(line), 0);
    free(line);
    free(name);
}

static void test_written(void **state)
{
    const struct world *world = *state;
    CLEANUP(build_free) struct build content = { 0 };
    CLEANUP(cert_free) sign_cert *root = world_cert(world, "root");
    world_file(world, &content, "content", "");
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(cert_free) sign_cert *cert = world_cert(world, cases[i].name);
        EVP_PKEY *key = world_key(world, cases[i].name);
        const sign_cert *chain[] = { cert, root };
        uint8_t digest[DIGEST_MAX];
        const struct digest_alg *alg = content_digest(i);
        assert_int_equal(digest_bytes(world->crypto, alg, build_view(&content), digest, NULL), SIGN_OK);
        struct cms_draft_opts opts = { chain, 2, cases[i].params, bytes_of(digest, alg->size), NULL };
        size_t size = 0;
        assert_int_equal(cms_size(&size, &opts, world->crypto, NULL), SIGN_OK);

        CLEANUP(cms_draft_free) struct cms_draft *draft = NULL;
        CLEANUP(build_free) struct build value = { 0 };
        CLEANUP(build_free) struct build der = { 0 };
        assert_int_equal(cms_draft_new(&draft, &opts, world->crypto, NULL), SIGN_OK);
        sign_tbs(key, &opts.params, cms_draft_tbs(draft), &value);
        build_str(&der, "before");
        assert_int_equal(cms_draft_finish(&der, draft, build_view(&value), NULL), SIGN_OK);
        sign_bytes whole = bytes_slice(build_view(&der), 6, der.len);
        if (opts.params.scheme == SIGN_SCHEME_ECDSA) {
            assert_true(whole.len <= size && whole.len + 10 >= size);
        } else {
            assert_int_equal(whole.len, size);
        }

        CLEANUP(arena_free) struct arena arena = { 0 };
        struct cms cms;
        assert_int_equal(cms_read(&cms, whole, 0, &arena, NULL), SIGN_OK);
        const struct cms_signer *signer = &cms.signers[0];
        assert_int_equal(cms.length, whole.len);
        assert_false(cms.ber || cms.has_content || signer->attrs_unordered || signer->attrs_duplicate);
        assert_int_equal(cms.n_certs, 2);
        assert_int_equal(cms.version, 1);
        assert_int_equal(signer->n_attrs, 3);
        assert_int_equal(signer->n_unsigned, 0);
        assert_false(signer->has_signing_time);         /* EN 319 142-1 6.3 */
        assert_true(signer->cert_v2.there && !signer->cert_v1.there);
        assert_true(bytes_equal(signer->cert_v2.issuer, cert_issuer_der(cert)));
        assert_true(bytes_equal(signer->cert_v2.serial, cert_serial_der(cert)));
        assert_true(bytes_equal(signer->attrs_raw, cms_draft_tbs(draft)));
        assert_memory_equal(&signer->params, &opts.params, sizeof opts.params);
        assert_true(world_verifies(world, &cms, 0, build_view(&content), NULL));
        if (cases[i].openssl) judge(world, whole, i);
        EVP_PKEY_free(key);
    }
}

static void test_refused(void **state)
{
    const struct world *world = *state;
    CLEANUP(cert_free) sign_cert *rsa = world_cert(world, "rsa");
    static const uint8_t digest[DIGEST_MAX];
    enum { PKCS1 = SIGN_SCHEME_RSA_PKCS1, PSS = SIGN_SCHEME_RSA_PSS };
    static const struct {
        struct sig_params params;
        size_t n_chain, digest_len;
        const char *content_oid;
        int rc;
    } refused[] = {
        { { PKCS1, SIGN_DIGEST_SHA1, 0, 0 }, 1, 20, NULL, SIGN_E_ALGO },
        { { PKCS1, SIGN_DIGEST_MD5, 0, 0 }, 1, 16, NULL, SIGN_E_ALGO },
        { { PKCS1, 0, 0, 0 }, 1, 32, NULL, SIGN_E_ALGO },
        { { SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA256, 0, 0 }, 1, 32, NULL, SIGN_E_ALGO },
        { { SIGN_SCHEME_DSA, SIGN_DIGEST_SHA256, 0, 0 }, 1, 32, NULL, SIGN_E_ALGO },
        { { 0, SIGN_DIGEST_SHA256, 0, 0 }, 1, 32, NULL, SIGN_E_ALGO },
        { { PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA1, 32 }, 1, 32, NULL, SIGN_E_ALGO },
        { { PSS, SIGN_DIGEST_SHA256, 0, 32 }, 1, 32, NULL, SIGN_E_ALGO },
        { { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, 1, 20, NULL, SIGN_E_ARG },
        { { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, 1, 0, NULL, SIGN_E_ARG },
        { { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, 0, 32, NULL, SIGN_E_ARG },
        { { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, 1, 32, "not an oid", SIGN_E_ARG },
        { { PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, 1, 32, "1.2.840.113549.1.9.16.1.4", SIGN_OK },
    };
    for (size_t i = 0; i < COUNT(refused); i++) {
        const sign_cert *chain[] = { rsa };
        struct cms_draft_opts opts = { chain, refused[i].n_chain, refused[i].params,
                                       bytes_of(digest, refused[i].digest_len), refused[i].content_oid };
        CLEANUP(cms_draft_free) struct cms_draft *draft = NULL;
        sign_err err = SIGN_ERR_INIT;
        assert_int_equal(cms_draft_new(&draft, &opts, world->crypto, &err), refused[i].rc);
        assert_int_equal(draft != NULL, refused[i].rc == SIGN_OK);
    }
}

/* A value not as long as the key's is refused; the content's type goes into the attribute and the version. */
static void test_finish(void **state)
{
    const struct world *world = *state;
    CLEANUP(cert_free) sign_cert *rsa = world_cert(world, "rsa");
    const sign_cert *chain[] = { rsa };
    static const uint8_t zeros[512];
    struct cms_draft_opts opts = { chain, 1, { SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, 0, 0 }, bytes_of(zeros, 32),
                                   "1.2.840.113549.1.9.16.1.4" };
    CLEANUP(cms_draft_free) struct cms_draft *draft = NULL;
    CLEANUP(build_free) struct build der = { 0 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct cms cms;
    assert_int_equal(cms_draft_new(&draft, &opts, world->crypto, NULL), SIGN_OK);
    assert_int_equal(cms_draft_finish(&der, draft, bytes_of(zeros, 255), NULL), SIGN_E_FORMAT);
    assert_int_equal(cms_draft_finish(&der, draft, bytes_of(zeros, 257), NULL), SIGN_E_FORMAT);
    assert_int_equal(cms_draft_finish(&der, draft, (sign_bytes){ 0 }, NULL), SIGN_E_FORMAT);
    assert_int_equal(der.len, 0);
    assert_int_equal(cms_draft_finish(&der, draft, bytes_of(zeros, 256), NULL), SIGN_OK);
    assert_int_equal(cms_read(&cms, build_view(&der), 0, &arena, NULL), SIGN_OK);
    assert_int_equal(cms.version, 3);
    assert_true(bytes_equal(cms.content_type, cms.signers[0].content_type));
    assert_int_equal(cms.content_type.len, 11);
    build_truncate(&der, 0);
    der.max = 100;
    assert_int_equal(cms_draft_finish(&der, draft, bytes_of(zeros, 256), NULL), SIGN_E_LIMIT);
}

int main(int argc, char **argv)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    world_dir(argc > 1 ? argv[1] : NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written), cmocka_unit_test(test_refused), cmocka_unit_test(test_finish),
    };
    return cmocka_run_group_tests(tests, world_setup, world_teardown);
}
