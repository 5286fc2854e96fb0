/* Keys in PKCS#12 files, and keys of the caller's. The files come from tests/token/with_token.py. */
#include "keys.h"

static sign_ctx *ctx;

static const char *path_of(const char *variable, const char *name)
{
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s", getenv(variable), name);
    return path;
}

/* The password of tools/pki's files. */
static char password[64];

static void files(void **unused)
{
    /* folder, file, password (NULL: the one of tools/pki), what comes of it, RSA, length of the chain */
    static const struct { const char *folder, *name, *password; int status; bool rsa; size_t chain;
    } rows[] = {
        { "PKI", "signer.p12", NULL, SIGN_OK, true, 3 },
        { "PKI", "p256.p12", NULL, SIGN_OK, false, 3 },
        { "PKI", "p384.p12", NULL, SIGN_OK, false, 3 },
        { "PKI", "p521.p12", NULL, SIGN_OK, false, 3 },
        { "LEGACY", "rc2.p12", "old", SIGN_OK, true, 1 },
        { "LEGACY", "rc4.p12", "old", SIGN_OK, true, 1 },
        { "LEGACY", "nomac.p12", "old", SIGN_OK, true, 1 },
        { "LEGACY", "rc2.p12", "wrong", SIGN_E_PASSWORD, true, 0 },
        { "LEGACY", "rc2.p12", "", SIGN_E_PASSWORD, true, 0 },
        { "LEGACY", "nomac.p12", "wrong", SIGN_E_PASSWORD, true, 0 },
        { "PKI", "signer.p12", "wrong", SIGN_E_PASSWORD, true, 0 },
        { "LEGACY", "nokey.p12", "old", SIGN_E_NOTFOUND, true, 0 },
        { "LEGACY", "nocert.p12", "old", SIGN_E_NOTFOUND, true, 0 },
        { "PKI", "signer.der", "old", SIGN_E_FORMAT, true, 0 },
        { "PKI", "signer.key", "old", SIGN_E_FORMAT, true, 0 },
        { "PKI", "nothing.p12", "old", SIGN_E_IO, true, 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct asked asked = { .secret = rows[i].password ? rows[i].password : password };
        sign_key *key = NULL;
        sign_err err = SIGN_ERR_INIT;
        int rc = sign_key_from_pkcs12(&key, ctx, path_of(rows[i].folder, rows[i].name), give, &asked, &err);
        if (rc != rows[i].status) {
            fail_msg("%s: expected %d, found %d (%s)", rows[i].name, rows[i].status, rc, err.msg);
        }
        assert_true(asked.times <= 1);
        if (rc == SIGN_OK) {
            size_t n;
            assert_int_equal(asked.kind, SIGN_SECRET_PKCS12);
            key_chain(key, &n);
            assert_int_equal(n, rows[i].chain);
            sign_schemes(key, rows[i].rsa);
        } else {
            assert_null(key);
            assert_int_equal(err.status, rc);
        }
        sign_key_free(&key);
    }
}

static int give_nul(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    memcpy(buf, "old\0x", 5);
    *len = *(size_t *)payload;
    return SIGN_OK;
}

static void strange_passwords(void **unused)
{
    sign_key *key = NULL;
    size_t len = 5;
    struct asked none = { 0 };
    assert_int_equal(sign_key_from_pkcs12(&key, ctx, path_of("LEGACY", "rc2.p12"), give_nul, &len, NULL),
                     SIGN_E_PASSWORD);
    len = 1000000;
    assert_int_equal(sign_key_from_pkcs12(&key, ctx, path_of("LEGACY", "rc2.p12"), give_nul, &len, NULL), SIGN_E_ARG);
    assert_int_equal(sign_key_from_pkcs12(&key, ctx, path_of("LEGACY", "rc2.p12"), give, &none, NULL),
                     SIGN_E_CANCELLED);
    assert_int_equal(sign_key_from_pkcs12(&key, ctx, path_of("LEGACY", "rc2.p12"), NULL, NULL, NULL), SIGN_E_PASSWORD);
}

/* The caller's default context must not have learnt RC2. */
static void legacy_stays_private(void **unused)
{
    EVP_CIPHER *rc2 = EVP_CIPHER_fetch(NULL, "RC2-40-CBC", NULL);
    assert_null(rc2);
}

/* --- keys of the caller's ----------------------------------------------------------------------------------------- */

struct remote {
    sign_key *inner;
    int status;             /* answered instead, if not SIGN_OK */
    size_t cut;             /* bytes left out at the end       */
    uint8_t flip;           /* XORed into the first byte       */
    unsigned calls, drops;
};

static int remote_sign(void *payload, const sign_request *request, sign_buf *out, sign_err *err)
{
    struct remote *remote = payload;
    struct build value = { 0 };
    remote->calls++;
    if (remote->status != SIGN_OK) {
        return remote->status;
    }
    int rc = key_sign(remote->inner, request, NULL, &value, err);
    if (rc == SIGN_OK) {
        value.ptr[0] ^= remote->flip;
        rc = sign_buf_append(out, bytes_of(value.ptr, value.len - remote->cut));
    }
    build_free(&value);
    return rc;
}

static void remote_drop(void *payload)
{
    ((struct remote *)payload)->drops++;
}

static const sign_key_ops remote_ops = { sizeof remote_ops, remote_sign, remote_drop };

static void answers(void **unused)
{
    static const struct { struct remote remote; int status;
    } rows[] = {
        { { .status = SIGN_OK }, SIGN_OK },       { { .cut = 1 }, SIGN_E_TOKEN },
        { { .flip = 1 }, SIGN_E_TOKEN },          { { .status = SIGN_E_CANCELLED }, SIGN_E_CANCELLED },
        { { .status = SIGN_E_NET }, SIGN_E_NET }, { { .status = 7 }, SIGN_E_TOKEN },
    };
    struct asked asked = { .secret = password };
    sign_key *inner = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_ok(sign_key_from_pkcs12(&inner, ctx, path_of("PKI", "signer.p12"), give, &asked, &err), err);
    size_t n;
    const sign_cert *const *chain = key_chain(inner, &n);
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct remote remote = rows[i].remote;
        sign_key *key = NULL;
        struct build value = { 0 };
        /* the issuers in the wrong order, and one that does not belong */
        sign_bytes ders[] = { sign_cert_der(chain[0]), sign_cert_der(chain[2]), sign_cert_der(chain[2]),
                              sign_cert_der(chain[1]) };
        remote.inner = inner;
        assert_ok(sign_key_from_ops(&key, ctx, ders, 4, &remote_ops, &remote, &err), err);
        key_chain(key, &n);
        assert_int_equal(n, 3);
        assert_int_equal(sign_text(key, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, &value, &err), rows[i].status);
        assert_int_equal(remote.calls, 1);
        assert_true(rows[i].status == SIGN_OK || value.len == 0);
        sign_key_free(&key);
        assert_int_equal(remote.drops, 1);
        build_free(&value);
    }
    sign_key_free(&inner);
}

static void wrong_calls(void **unused)
{
    struct remote remote = { 0 };
    sign_key *key = NULL;
    sign_bytes garbage = { (const uint8_t *)"no certificate", 14 };
    assert_int_equal(sign_key_from_ops(&key, ctx, &garbage, 1, &remote_ops, &remote, NULL), SIGN_E_FORMAT);
    assert_int_equal(sign_key_from_ops(&key, ctx, NULL, 0, &remote_ops, &remote, NULL), SIGN_E_ARG);
    assert_int_equal(sign_key_from_ops(&key, ctx, &garbage, 1, NULL, &remote, NULL), SIGN_E_ARG);
    assert_int_equal(
        sign_key_from_ops(&key, ctx, &garbage, 1, &(sign_key_ops){ sizeof(sign_key_ops), NULL, NULL }, &remote, NULL),
        SIGN_E_ARG);
    assert_int_equal(remote.drops, 0);      /* what was not taken over is not dropped */
    sign_key_free(&key);
}

static void requests(void **unused)
{
    struct asked asked = { .secret = password };
    sign_key *key = NULL;
    struct build value = { 0 };
    uint8_t digest[64] = { 0 };
    assert_int_equal(sign_key_from_pkcs12(&key, ctx, path_of("PKI", "signer.p12"), give, &asked, NULL), SIGN_OK);
    static const struct { int32_t scheme, digest; size_t len; int status;
    } rows[] = {
        { SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA1, 20, SIGN_E_ALGO },
        { SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_MD5, 16, SIGN_E_ALGO },
        { SIGN_SCHEME_RSA_PKCS1, 99, 32, SIGN_E_ALGO },
        { SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, 31, SIGN_E_ARG },
        { SIGN_SCHEME_EDDSA, SIGN_DIGEST_SHA256, 32, SIGN_E_ALGO },
        { 0, SIGN_DIGEST_SHA256, 32, SIGN_E_ALGO },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        sign_request request = { sizeof request, rows[i].scheme,         rows[i].digest, 0, 0,
                                 { digest, 1 },  { digest, rows[i].len } };
        assert_int_equal(key_sign(key, &request, NULL, &value, NULL), rows[i].status);
    }
    assert_int_equal(value.len, 0);
    sign_key_free(&key);
}

static void read_password(void)
{
    FILE *file = fopen(path_of("PKI", "p12.password"), "r");
    if (!file || !fgets(password, sizeof password, file)) {
        exit(2);
    }
    password[strcspn(password, "\n")] = '\0';
    fclose(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files), cmocka_unit_test(strange_passwords), cmocka_unit_test(legacy_stays_private),
        cmocka_unit_test(answers), cmocka_unit_test(wrong_calls), cmocka_unit_test(requests),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (!getenv("PKI") || !getenv("LEGACY")) {
        fprintf(stderr, "started by tests/token/with_token.py\n");
        return 2;
    }
    read_password();
    ctx = new_ctx();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sign_ctx_free(&ctx);
    return failed;
}
