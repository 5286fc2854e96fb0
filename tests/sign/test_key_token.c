/* Keys on SoftHSM, through the public calls. Started by tests/token/with_token.py. */
#include "keys.h"

#include <limits.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *module;
static sign_ctx *ctx;

struct seen {
    unsigned tokens, certs, keys;
    char labels[256], uri[256];
};

static bool see_token(void *payload, const sign_token_info *info)
{
    struct seen *seen = payload;
    if (info->initialized) {
        seen->tokens++;
        assert_true(info->login_required);
        assert_string_equal(info->module, module);
        snprintf(seen->labels + strlen(seen->labels), sizeof seen->labels - strlen(seen->labels), "<%s>", info->label);
        snprintf(seen->uri, sizeof seen->uri, "%s", info->uri);
    }
    return true;
}

static bool see_cert(void *payload, const sign_cert *cert, bool has_key, const char *uri)
{
    struct seen *seen = payload;
    seen->certs++;
    seen->keys += has_key;
    if (has_key) {
        snprintf(seen->uri, sizeof seen->uri, "%s", uri);
    }
    return true;
}

static void list(void **unused)
{
    struct seen seen = { 0 };
    sign_err err = SIGN_ERR_INIT;
    assert_ok(sign_token_list(ctx, module, see_token, &seen, &err), err);
    assert_int_equal(seen.tokens, 2);
    assert_non_null(strstr(seen.labels, "<VGCA Token>"));
    assert_non_null(strstr(seen.labels, "<Second>"));
    sign_token *token = NULL;
    assert_ok(sign_token_open(&token, ctx, module, seen.uri, &err), err);   /* a listed URI names its token */
    assert_string_equal(sign_token_describe(token)->uri, seen.uri);
    sign_token_free(&token);
}

/* p11-kit's configured modules know SoftHSM too (where Debian's package put its file). */
static void list_configured(void **unused)
{
    sign_token *token = NULL;
    sign_err err = SIGN_ERR_INIT;
    if (access("/usr/share/p11-kit/modules/softhsm2.module", F_OK) != 0) {
        skip();
    }
    assert_ok(sign_token_open(&token, ctx, NULL, "pkcs11:token=Second", &err), err);
    sign_token_free(&token);
}

static void open_rules(void **unused)
{
    sign_token *token = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(sign_token_open(&token, ctx, module, NULL, &err), SIGN_E_AMBIGUOUS);
    assert_non_null(strstr(err.msg, "VGCA Token"));
    assert_non_null(strstr(err.msg, "Second"));
    assert_null(strstr(err.msg, "()"));     /* the uninitialised slot of SoftHSM is no candidate */
    assert_int_equal(sign_token_open(&token, ctx, module, "pkcs11:object=p256", &err), SIGN_E_AMBIGUOUS);
    assert_null(strstr(err.msg, "()"));
    assert_int_equal(sign_token_open(&token, ctx, module, "pkcs11:token=Third", &err), SIGN_E_NOTFOUND);
    assert_null(token);
}

static sign_token *opened(const char *uri, const char *pin)
{
    sign_token *token = NULL;
    sign_err err = SIGN_ERR_INIT;
    struct asked asked = { .secret = pin };
    assert_ok(sign_token_open(&token, ctx, module, uri, &err), err);
    if (pin) {
        assert_ok(sign_token_login(token, give, &asked, false, &err), err);
        assert_int_equal(asked.times, 1);
    }
    return token;
}

static void certs_without_pin(void **unused)
{
    sign_token *token = opened("pkcs11:token=VGCA%20Token", NULL);
    struct seen seen = { 0 };
    sign_key *key = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_ok(sign_token_certs(token, see_cert, &seen, &err), err);
    assert_int_equal(seen.certs, 6);
    assert_int_equal(seen.keys, 0);
    assert_int_equal(sign_key_from_token(&key, token, NULL, &err), SIGN_E_NOTFOUND);
    assert_non_null(strstr(err.msg, "login"));
    sign_token_free(&token);
}

static void login(void **unused)
{
    sign_token *token = opened("pkcs11:token=VGCA%20Token", NULL);
    struct asked asked = { .secret = "00000000" };
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(sign_token_login(token, give, &asked, false, &err), SIGN_E_PIN_WRONG);
    assert_int_equal(err.native, 0xa0);                 /* CKR_PIN_INCORRECT */
    assert_int_equal(sign_token_login(token, give, &asked, false, &err), SIGN_E_PIN_WRONG);
    assert_int_equal(err.native, 0);                    /* not sent again */
    assert_int_equal(asked.times, 2);
    asked.secret = "12345678";
    assert_ok(sign_token_login(token, give, &asked, false, &err), err);
    sign_token_free(&token);
}

static void choose_key(void **unused)
{
    /* token, key URI, what comes of it, common name */
    static const struct { const char *token, *uri; int status; const char *name; } rows[] = {
        { "pkcs11:token=VGCA%20Token", NULL, SIGN_E_AMBIGUOUS, NULL },
        { "pkcs11:token=VGCA%20Token", "pkcs11:object=p256", SIGN_OK, "Trần Thị Thử (p256)" },
        { "pkcs11:token=VGCA%20Token", "pkcs11:object=p256;type=private", SIGN_OK, "Trần Thị Thử (p256)" },
        { "pkcs11:token=VGCA%20Token", "pkcs11:token=VGCA%20Token;object=signer", SIGN_OK, "Nguyễn Văn Ánh" },
        { "pkcs11:token=VGCA%20Token", "pkcs11:token=Second;object=signer", SIGN_E_NOTFOUND, NULL },
        { "pkcs11:token=VGCA%20Token", "pkcs11:object=ca", SIGN_E_NOTFOUND, NULL },     /* no key of it here */
        { "pkcs11:token=VGCA%20Token", "pkcs11:object=signe", SIGN_E_NOTFOUND, NULL },
        { "pkcs11:token=VGCA%20Token", "pkcs11:id=%01%02", SIGN_E_NOTFOUND, NULL },
        { "pkcs11:token=VGCA%20Token", "signer", SIGN_E_ARG, NULL },
        { "pkcs11:token=Second", NULL, SIGN_OK, "Nguyễn Văn Ánh" },          /* the others are expired or do not sign */
        { "pkcs11:token=Second", "pkcs11:object=expired", SIGN_OK, "Trần Thị Thử (expired)" },
        { "pkcs11:token=Second", "pkcs11:object=nosign", SIGN_OK, "Trần Thị Thử (nosign)" },
        { "pkcs11:token=Second", "pkcs11:", SIGN_OK, "Nguyễn Văn Ánh" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        sign_token *token = opened(rows[i].token, "12345678");
        sign_key *key = NULL;
        sign_err err = SIGN_ERR_INIT;
        int rc = sign_key_from_token(&key, token, rows[i].uri, &err);
        if (rc != rows[i].status) {
            fail_msg("%s: expected %d, found %d (%s)", rows[i].uri, rows[i].status, rc, err.msg);
        }
        if (rc == SIGN_OK) {
            assert_string_equal(sign_cert_common_name(sign_key_cert(key)), rows[i].name);
            sign_key_free(&key);
        } else if (rc == SIGN_E_AMBIGUOUS) {
            assert_non_null(strstr(err.msg, "object=p256"));
            assert_non_null(strstr(err.msg, "object=signer"));
        }
        sign_token_free(&token);
    }
}

static void sign_all(void **unused)
{
    static const struct { const char *uri; bool rsa; size_t size; } rows[] = {
        { "pkcs11:object=signer", true, 0 }, { "pkcs11:object=p256", false, 64 }, { "pkcs11:object=p384", false, 96 },
        { "pkcs11:object=p521", false, 132 },
    };
    sign_token *token = opened("pkcs11:token=VGCA%20Token", "12345678");
    for (size_t i = 0; i < COUNT(rows); i++) {
        sign_key *key = NULL;
        sign_err err = SIGN_ERR_INIT;
        struct build value = { 0 };
        size_t n;
        assert_ok(sign_key_from_token(&key, token, rows[i].uri, &err), err);
        const sign_cert *const *chain = key_chain(key, &n);
        assert_int_equal(n, 3);                         /* the issuers from the token, in order */
        assert_string_equal(sign_cert_issuer(chain[0]), sign_cert_subject(chain[1]));
        assert_string_equal(sign_cert_issuer(chain[1]), sign_cert_subject(chain[2]));
        sign_schemes(key, rows[i].rsa);
        if (!rows[i].rsa) {
            assert_ok(sign_text(key, SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA256, &value, &err), err);
            assert_int_equal(value.len, rows[i].size);
        }
        build_free(&value);
        sign_key_free(&key);
    }
    sign_token_free(&token);
}

static void uri_of_certs(void **unused)
{
    sign_token *token = opened("pkcs11:token=Second", "12345678");
    struct seen seen = { 0 };
    sign_key *key = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_ok(sign_token_certs(token, see_cert, &seen, &err), err);
    assert_int_equal(seen.certs, 5);
    assert_int_equal(seen.keys, 3);
    assert_ok(sign_key_from_token(&key, token, seen.uri, &err), err);       /* a listed URI names its key */
    sign_key_free(&key);
    sign_token_free(&token);
}

static void fork_is_seen(void **unused)
{
    sign_token *token = opened("pkcs11:token=Second", "12345678");
    sign_key *key = NULL;
    sign_err err = SIGN_ERR_INIT;
    struct build value = { 0 };
    assert_ok(sign_key_from_token(&key, token, NULL, &err), err);
    pid_t pid = fork();
    if (pid == 0) {
        int rc = sign_text(key, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, &value, &err);
        sign_key_free(&key);
        sign_token_free(&token);
        _exit(rc == SIGN_E_TOKEN && value.len == 0 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_ok(sign_text(key, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, &value, &err), err);
    build_free(&value);
    sign_key_free(&key);
    sign_token_free(&token);
}

/* What the child opens for itself works, although the module was never finalized for it. */
static void child_may_open(void **unused)
{
    sign_token *token = opened("pkcs11:token=Second", "12345678");
    pid_t pid = fork();
    if (pid == 0) {
        sign_token *own = NULL;
        sign_key *key = NULL;
        struct asked asked = { .secret = "12345678" };
        struct build value = { 0 };
        bool right = sign_token_open(&own, ctx, module, "pkcs11:token=Second", NULL) == SIGN_OK &&
                     sign_token_login(own, give, &asked, false, NULL) == SIGN_OK &&
                     sign_key_from_token(&key, own, NULL, NULL) == SIGN_OK &&
                     sign_text(key, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, &value, NULL) == SIGN_OK;
        _exit(right ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    sign_token_free(&token);
}

static void *work(void *failed)
{
    for (int i = 0; i < 5; i++) {
        sign_token *token = NULL;
        sign_key *key = NULL;
        struct asked asked = { .secret = "12345678" };
        struct build value = { 0 };
        bool right = sign_token_open(&token, ctx, module, "pkcs11:token=Second", NULL) == SIGN_OK &&
                     sign_token_login(token, give, &asked, false, NULL) == SIGN_OK &&
                     sign_key_from_token(&key, token, NULL, NULL) == SIGN_OK &&
                     sign_text(key, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, &value, NULL) == SIGN_OK;
        *(bool *)failed |= !right;
        build_free(&value);
        sign_key_free(&key);
        sign_token_free(&token);
    }
    return NULL;
}

/* Each thread its token; coming and going, none logs another out. */
static void threads(void **unused)
{
    pthread_t ids[4];
    bool failed[COUNT(ids)] = { false };
    for (size_t i = 0; i < COUNT(ids); i++) {
        assert_int_equal(pthread_create(&ids[i], NULL, work, &failed[i]), 0);
    }
    for (size_t i = 0; i < COUNT(ids); i++) {
        pthread_join(ids[i], NULL);
        assert_false(failed[i]);
    }
}

/* A module that answers with something that is no signature: it does not get past the seam. */
static void faulty_answer(void **unused)
{
    static const struct { const char *fault; int status; } rows[] = {
        { "sign-garbage", SIGN_E_TOKEN }, { "sign-short", SIGN_E_TOKEN }, { "none", SIGN_OK },
    };
    struct asked asked = { .secret = "1234" };
    for (size_t i = 0; i < COUNT(rows); i++) {
        sign_token *token = NULL;
        sign_key *key = NULL;
        sign_err err = SIGN_ERR_INIT;
        struct build value = { 0 };
        setenv("FAULT", rows[i].fault, 1);
        assert_ok(sign_token_open(&token, ctx, getenv("FAULTY"), NULL, &err), err);
        assert_ok(sign_token_login(token, give, &asked, false, &err), err);
        assert_ok(sign_key_from_token(&key, token, NULL, &err), err);
        assert_int_equal(sign_text(key, SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA256, &value, &err), rows[i].status);
        assert_int_equal(value.len, rows[i].status == SIGN_OK ? 64 : 0);
        build_free(&value);
        sign_key_free(&key);
        sign_token_free(&token);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list),         cmocka_unit_test(list_configured),
        cmocka_unit_test(open_rules),   cmocka_unit_test(certs_without_pin),
        cmocka_unit_test(login),        cmocka_unit_test(choose_key),
        cmocka_unit_test(sign_all),     cmocka_unit_test(uri_of_certs),
        cmocka_unit_test(fork_is_seen), cmocka_unit_test(child_may_open),
        cmocka_unit_test(threads),      cmocka_unit_test(faulty_answer),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    char real[PATH_MAX];
    module = getenv("MODULE") ? realpath(getenv("MODULE"), real) : NULL;
    if (!module || argc < 2) {
        fprintf(stderr, "MODULE=... test_key_token FAULTY_MODULE, by tests/token/with_token.py\n");
        return 2;
    }
    setenv("FAULTY", argv[1], 1);
    ctx = new_ctx();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sign_ctx_free(&ctx);
    return failed;
}
