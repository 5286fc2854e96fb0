/* Against a module that goes wrong: nothing crashes, hangs or costs a try, and the status says what it was. */
#include "room.h"

#include "faulty_p11.h"

#include <base/cleanup.h>
#include <base/limits.h>
#include <dlfcn.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *module;
static struct faulty_state *state;
static struct log log_;

static void set_fault(const char *fault)
{
    fault ? setenv("FAULT", fault, 1) : unsetenv("FAULT");
    memset(state, 0, sizeof *state);
    state->tries = 3;
}

static int reset(void **unused)
{
    set_fault(NULL);
    return 0;
}

enum stage { OPEN, LOGIN, CERTS, KEY, SIGN, DONE };
static const char *const stage_names[] = { "open", "login", "certs", "key", "sign", "done" };

struct outcome {
    enum stage stage;       /* what failed */
    sign_err err;
    struct build value;
};

static const uint8_t digest_[32] = { 1, 2, 3 };
static const sign_request request_ = {
    .struct_size = sizeof request_, .scheme = SIGN_SCHEME_ECDSA, .digest_alg = SIGN_DIGEST_SHA256,
    .tbs = { digest_, 3 }, .digest = { digest_, sizeof digest_ },
};

static enum stage go(struct token **token, struct token_key **key, struct token_certs *certs, struct asked *asked,
                     struct outcome *out)
{
    const struct token_env *env = test_env(&log_);
    if (token_open(token, env, module, NULL, &out->err) != SIGN_OK) {
        return OPEN;
    }
    if (token_login(*token, give, asked, false, &out->err) != SIGN_OK) {
        return LOGIN;
    }
    if (token_certs_read(certs, *token, NULL, &out->err) != SIGN_OK) {
        return CERTS;
    }
    if (certs->n == 0 || token_key_open(key, *token, &certs->list[0], &out->err) != SIGN_OK) {
        return KEY;
    }
    return token_key_sign(*key, &request_, &out->value, &out->err) != SIGN_OK ? SIGN : DONE;
}

/* The whole way, and everything given back. */
static struct outcome run(struct asked *asked)
{
    struct token *token = NULL;
    struct token_key *key = NULL;
    struct token_certs certs = { 0 };
    struct outcome out = { .err = SIGN_ERR_INIT };
    out.stage = go(&token, &key, &certs, asked, &out);
    token_key_free(&key);
    token_certs_free(&certs);
    token_free(&token);
    return out;
}

/* Each row: the fault, where it must show, as what; the native code; how many C_Login it may cost. */
static const struct row {
    const char *fault;
    enum stage stage;
    int status;
    CK_RV native;
    unsigned logins;
} rows[] = {
    { "none", DONE, SIGN_OK, 0, 1 },
    { "no-list", OPEN, SIGN_E_TOKEN, 0, 0 },
    { "list-fails", OPEN, SIGN_E_TOKEN, CKR_GENERAL_ERROR, 0 },
    { "old-version", OPEN, SIGN_E_TOKEN, 0, 0 },
    { "null-function", OPEN, SIGN_E_TOKEN, 0, 0 },
    { "initialize-fails", OPEN, SIGN_E_TOKEN, CKR_DEVICE_ERROR, 0 },
    { "cant-lock", DONE, SIGN_OK, 0, 1 },
    { "slots-fail", OPEN, SIGN_E_TOKEN, CKR_DEVICE_ERROR, 0 },
    { "slots-million", OPEN, SIGN_E_LIMIT, 0, 0 },
    { "slots-lie", OPEN, SIGN_E_TOKEN, 0, 0 },
    { "slots-none", OPEN, SIGN_E_NOTFOUND, 0, 0 },
    { "slot-fails", OPEN, SIGN_E_TOKEN, CKR_DEVICE_ERROR, 0 },
    { "token-gone", OPEN, SIGN_E_NOTFOUND, 0, 0 },
    { "label-raw", DONE, SIGN_OK, 0, 1 },
    { "session-count", OPEN, SIGN_E_TOKEN, CKR_SESSION_COUNT, 0 },
    { "no-login", DONE, SIGN_OK, 0, 0 },
    { "pin-range", DONE, SIGN_OK, 0, 1 },
    { "pin-pad", DONE, SIGN_OK, 0, 1 },
    { "login-removed", LOGIN, SIGN_E_TOKEN, CKR_DEVICE_REMOVED, 1 },
    { "login-locked", LOGIN, SIGN_E_PIN_LOCKED, CKR_PIN_LOCKED, 1 },
    { "login-vendor", LOGIN, SIGN_E_TOKEN, CKR_VENDOR_DEFINED | 0x123, 1 },
    { "login-expired", LOGIN, SIGN_E_TOKEN, CKR_PIN_EXPIRED, 1 },
    { "login-cancelled", LOGIN, SIGN_E_CANCELLED, CKR_FUNCTION_CANCELED, 1 },
    { "find-too-many", CERTS, SIGN_E_TOKEN, 0, 1 },
    { "find-endless", CERTS, SIGN_E_LIMIT, 0, 1 },
    { "attr-huge", CERTS, SIGN_E_LIMIT, 0, 1 },
    { "attr-grows", CERTS, SIGN_E_TOKEN, CKR_BUFFER_TOO_SMALL, 1 },
    { "cert-garbage", KEY, 0, 0, 1 },   /* passed over: no certificate is left */
    { "mech-million", KEY, SIGN_E_LIMIT, 0, 1 },
    { "mech-none", SIGN, SIGN_E_ALGO, 0, 1 },
    { "mech-hashes", DONE, SIGN_OK, 0, 1 },
    { "always-authenticate", DONE, SIGN_OK, 0, 2 },
    { "sign-removed", SIGN, SIGN_E_TOKEN, CKR_DEVICE_REMOVED, 1 },
    { "sign-long", SIGN, SIGN_E_TOKEN, CKR_BUFFER_TOO_SMALL, 1 },
    { "sign-short", SIGN, SIGN_E_TOKEN, 0, 1 },
    { "sign-empty", SIGN, SIGN_E_TOKEN, 0, 1 },
    { "sign-der", DONE, SIGN_OK, 0, 1 },
};

static void faults(void **unused)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct asked asked = { .secret = "1234" };
        set_fault(row->fault);
        struct outcome out = run(&asked);
        if (out.stage != row->stage || out.err.status != row->status || out.err.native != row->native) {
            fail_msg("%s: expected %s %d 0x%lx, found %s %d 0x%x (%s)", row->fault, stage_names[row->stage],
                     row->status, row->native, stage_names[out.stage], out.err.status, out.err.native, out.err.msg);
        }
        assert_int_equal(state->logins, row->logins);
        assert_int_equal(state->rw_sessions, 0);
        assert_int_equal(out.value.len, out.stage == DONE ? 64 : 0);
        assert_int_equal(state->finalized, state->initialized && strcmp(row->fault, "initialize-fails") ? 1 : 0);
        assert_null(strstr(log_.text, "1234"));     /* no secret in the log */
        build_free(&out.value);
    }
}

/* Who did not initialise does not finalize: another library in the process would lose its module. */
static void borrowed(void **unused)
{
    struct asked asked = { .secret = "1234" };
    set_fault("already-initialized");
    struct outcome out = run(&asked);
    assert_int_equal(out.stage, DONE);
    assert_int_equal(state->finalized, 0);
    build_free(&out.value);
}

/* The choke point answers in the function's place. */
static void injected(void **unused)
{
    static const struct { const char *function; CK_RV rv; int status; } table[] = {
        { "C_OpenSession", CKR_DEVICE_REMOVED, SIGN_E_TOKEN }, { "C_GetSlotList", CKR_HOST_MEMORY, SIGN_E_NOMEM },
        { "C_GetSlotList", 0x7654, SIGN_E_TOKEN },
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct token *token = NULL;
        sign_err err = SIGN_ERR_INIT;
        struct token_env *env = test_env(&log_);
        log_.fault = table[i].function;
        log_.rv = table[i].rv;
        assert_int_equal(token_open(&token, env, module, NULL, &err), table[i].status);
        assert_int_equal(err.native, table[i].rv);
        assert_null(token);
    }
}

static struct token *opened(void)
{
    struct token *token = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_ok(token_open(&token, test_env(&log_), module, NULL, &err), err);
    return token;
}

static void expect_login(struct token *token, const char *pin, bool final, int status, unsigned logins)
{
    struct asked asked = { .secret = pin };
    sign_err err = SIGN_ERR_INIT;
    int rc = token_login(token, give, &asked, final, &err);
    if (rc != status || state->logins != logins) {
        fail_msg("PIN %s: expected %d after %u logins, found %d after %u (%s)", pin ? pin : "(cancelled)", status,
                 logins, rc, state->logins, err.msg);
    }
    assert_true(asked.times <= 1);
}

/* From three tries to a locked token, and every refusal on the way, in order. */
static void pin_rules(void **unused)
{
    struct token *token = opened();
    expect_login(token, "123", false, SIGN_E_PIN_WRONG, 0);                     /* too short: not sent */
    expect_login(token, "12345678901234567", false, SIGN_E_PIN_WRONG, 0);       /* too long: not sent */
    expect_login(token, "", false, SIGN_E_PIN_WRONG, 0);
    expect_login(token, NULL, false, SIGN_E_CANCELLED, 0);
    expect_login(token, "9991", false, SIGN_E_PIN_WRONG, 1);
    assert_int_equal(state->tries, 2);
    assert_true(token_info(token)->pin_low);
    expect_login(token, "9991", false, SIGN_E_PIN_WRONG, 1);                    /* remembered: not sent again */
    expect_login(token, "9992", false, SIGN_E_PIN_WRONG, 2);
    assert_int_equal(state->tries, 1);
    expect_login(token, "1234", false, SIGN_E_PIN_LAST_TRY, 2);                 /* even the right one */
    assert_true(token_info(token)->pin_final_try);
    expect_login(token, "9993", true, SIGN_E_PIN_WRONG, 3);                     /* the caller said so */
    assert_int_equal(state->tries, 0);
    expect_login(token, "1234", true, SIGN_E_PIN_LOCKED, 3);
    assert_true(token_info(token)->pin_locked);
    token_free(&token);
    state->tries = 3;
    token = opened();
    expect_login(token, "9992", false, SIGN_E_PIN_WRONG, 3);                    /* remembered by the process */
    expect_login(token, "1234", false, SIGN_OK, 4);
    expect_login(token, "1234", false, SIGN_OK, 4);                             /* logged in already */
    token_free(&token);
    assert_int_equal(state->logouts, 1);
}

static void no_question_when_hopeless(void **unused)
{
    struct token *token = opened();
    struct asked asked = { .secret = "1234" };
    state->tries = 0;
    assert_int_equal(token_login(token, give, &asked, true, NULL), SIGN_E_PIN_LOCKED);
    state->tries = 1;
    assert_int_equal(token_login(token, give, &asked, false, NULL), SIGN_E_PIN_LAST_TRY);
    assert_int_equal(asked.times, 0);
    assert_int_equal(token_login(token, NULL, NULL, true, NULL), SIGN_E_ARG);
    assert_int_equal(state->logins, 0);
    token_free(&token);
}

static int give_nul(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    memcpy(buf, "12\0 4", 5);
    *len = *(size_t *)payload;
    return SIGN_OK;
}

static void strange_pins(void **unused)
{
    struct token *token = opened();
    size_t len = 5;
    assert_int_equal(token_login(token, give_nul, &len, false, NULL), SIGN_E_PIN_WRONG);
    len = 100000;                                           /* more than there was room for */
    assert_int_equal(token_login(token, give_nul, &len, false, NULL), SIGN_E_ARG);
    assert_int_equal(state->logins, 0);
    token_free(&token);
}

/* While the user types, another program uses up the tries: the flags are read again right before sending. */
static int spend_tries(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    state->tries = 1;
    memcpy(buf, "1234", 4);
    *len = 4;
    return SIGN_OK;
}

static void flags_are_fresh(void **unused)
{
    struct token *token = opened();
    assert_int_equal(token_login(token, spend_tries, NULL, false, NULL), SIGN_E_PIN_LAST_TRY);
    assert_int_equal(state->logins, 0);
    token_free(&token);
}

static void pin_pad(void **unused)
{
    set_fault("pin-pad");
    struct token *token = opened();
    struct asked asked = { .secret = "not a PIN" };
    assert_true(token_info(token)->pin_pad);
    assert_int_equal(token_login(token, give, &asked, false, NULL), SIGN_OK);
    assert_int_equal(asked.kind, SIGN_SECRET_PIN_PAD);
    assert_int_equal(state->pad_logins, 1);
    token_free(&token);
}

/* Another reader meanwhile: what was asked for (the person at the pad, or a PIN) is not what would be sent. */
static int swap_reader(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    setenv("FAULT", payload, 1);
    memcpy(buf, "1234", 4);
    *len = 4;
    return SIGN_OK;
}

static void pin_pad_comes_and_goes(void **unused)
{
    static const struct { const char *before; char after[8]; } table[] = { { "pin-pad", "" }, { NULL, "pin-pad" } };
    for (size_t i = 0; i < COUNT(table); i++) {
        set_fault(table[i].before);
        struct token *token = opened();
        char after[8];
        memcpy(after, table[i].after, sizeof after);
        assert_int_equal(token_login(token, swap_reader, after, false, NULL), SIGN_E_TOKEN);
        assert_int_equal(state->logins + state->pad_logins, 0);
        token_free(&token);
    }
}

static struct token_key *key_of(struct token *token, struct asked *asked, struct token_certs *certs)
{
    struct token_key *key = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_ok(token_login(token, give, asked, false, &err), err);
    assert_ok(token_certs_read(certs, token, NULL, &err), err);
    assert_ok(token_key_open(&key, token, &certs->list[0], &err), err);
    return key;
}

static void pin_for_every_signature(void **unused)
{
    set_fault("always-authenticate");
    struct token *token = opened();
    struct asked asked = { .secret = "1234" };
    struct token_certs certs = { 0 };
    struct token_key *key = key_of(token, &asked, &certs);
    struct build value = { 0 };
    sign_err err = SIGN_ERR_INIT;
    assert_ok(token_key_sign(key, &request_, &value, &err), err);
    assert_ok(token_key_sign(key, &request_, &value, &err), err);
    assert_int_equal(asked.kind, SIGN_SECRET_CONTEXT_PIN);
    assert_int_equal(asked.times, 3);
    assert_int_equal(state->logins, 3);
    asked.secret = "4321";
    assert_int_equal(token_key_sign(key, &request_, &value, NULL), SIGN_E_PIN_WRONG);
    assert_int_equal(token_key_sign(key, &request_, &value, NULL), SIGN_E_PIN_WRONG);
    assert_int_equal(state->logins, 4);                     /* the second time it was not sent */
    asked.secret = "1234";
    assert_ok(token_key_sign(key, &request_, &value, &err), err);   /* what was begun was ended */
    build_free(&value);
    token_key_free(&key);
    token_certs_free(&certs);
    token_free(&token);
}

/* A failed C_Sign leaves the session stuck in many modules: the next signature must not see CKR_OPERATION_ACTIVE. */
static void recovers(void **unused)
{
    struct token *token = opened();
    struct asked asked = { .secret = "1234" };
    struct token_certs certs = { 0 };
    struct token_key *key = key_of(token, &asked, &certs);
    struct build value = { 0 };
    sign_err err = SIGN_ERR_INIT;
    set_fault("sign-removed");
    assert_int_equal(token_key_sign(key, &request_, &value, NULL), SIGN_E_TOKEN);
    set_fault(NULL);
    assert_ok(token_key_sign(key, &request_, &value, &err), err);
    assert_int_equal(value.len, 64);
    build_free(&value);
    token_key_free(&key);
    token_certs_free(&certs);
    token_free(&token);
}

/* Sessions of its own for each thread: where there is no device, and as far as the token gives them. */
static void shared_by_threads(void **unused)
{
    static const struct { const char *fault; unsigned wanted, shared; } table[] = {
        { NULL, 8, 1 }, { "no-device", 8, 8 }, { "no-device", 1, 1 }, { "no-device", 0, 1 },
        { "no-device", 1000, LIMIT_TOKEN_SESSIONS }, { "session-count", 8, 1 }, { "always-authenticate", 8, 1 },
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct asked asked = { .secret = "1234" };
        struct token_certs certs = { 0 };
        struct build value = { 0 };
        sign_err err = SIGN_ERR_INIT;
        set_fault(table[i].fault && strcmp(table[i].fault, "session-count") ? table[i].fault : NULL);
        struct token *token = opened();
        struct token_key *key = key_of(token, &asked, &certs);
        unsigned sessions = state->sessions;
        setenv("FAULT", table[i].fault ? table[i].fault : "", 1);
        assert_int_equal(token_key_share(key, table[i].wanted), table[i].shared);
        assert_int_equal(token_key_share(key, 1), table[i].shared);         /* never fewer again */
        unsigned refused = table[i].fault && strcmp(table[i].fault, "session-count") == 0;
        assert_int_equal(state->sessions - sessions, table[i].shared - 1 + refused);
        assert_ok(token_key_sign(key, &request_, &value, &err), err);
        assert_int_equal(state->logins, table[i].fault && strcmp(table[i].fault, "always-authenticate") == 0 ? 2 : 1);
        unsigned closed = state->closed;
        token_key_free(&key);
        assert_int_equal(state->closed - closed, table[i].shared - 1);
        build_free(&value);
        token_certs_free(&certs);
        token_free(&token);
    }
}

static bool keep_label(void *payload, const sign_token_info *info)
{
    strcpy(payload, info->label);
    return true;
}

/* libp11 closes all sessions of a slot when it forgets it: not while a token is open. */
static void listing_disturbs_nobody(void **unused)
{
    char label[128] = "";
    struct token *token = opened(), *second;
    expect_login(token, "1234", false, SIGN_OK, 1);
    assert_int_equal(token_list(test_env(&log_), module, keep_label, label, NULL), SIGN_OK);
    assert_string_equal(label, "Faulty");
    assert_int_equal(state->closed_all, 0);
    assert_true(token_logged_in(token));
    second = opened();
    expect_login(second, "9999", false, SIGN_OK, 1);        /* login is the process's: nothing is asked or sent */
    token_free(&token);
    assert_int_equal(state->logouts + state->closed_all + state->finalized, 0);
    assert_true(token_logged_in(second));
    token_free(&second);
    assert_int_equal(state->finalized, 1);
}

static void labels_are_text(void **unused)
{
    char label[128] = "";
    set_fault("label-raw");
    assert_int_equal(token_list(test_env(&log_), module, keep_label, label, NULL), SIGN_OK);
    assert_memory_equal(label, "\x1b[31m\xef\xbf\xbd\xef\xbf\xbdxxx", 14);      /* UTF-8; escaping is the terminal's */
    assert_int_equal(strlen(label), 5 + 6 + 25);
}

/* In a child nothing of the module is called; what the parent has stays as it was. */
static void fork_is_seen(void **unused)
{
    struct token *token = opened();
    struct asked asked = { .secret = "1234" };
    struct token_certs certs = { 0 };
    struct token_key *key = key_of(token, &asked, &certs);
    struct build value = { 0 };
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct token_certs again = { 0 };
        unsigned signs = state->signs, infos = state->token_infos;
        bool right = token_key_sign(key, &request_, &value, NULL) == SIGN_E_TOKEN &&
                     token_certs_read(&again, token, NULL, NULL) == SIGN_E_TOKEN &&
                     token_login(token, give, &asked, false, NULL) == SIGN_E_TOKEN;
        token_free(&token);
        right = right && state->signs == signs && state->token_infos == infos && state->logouts == 0 &&
                state->finalized == 0;
        _exit(right ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(token_key_sign(key, &request_, &value, NULL), SIGN_OK);
    build_free(&value);
    token_key_free(&key);
    token_certs_free(&certs);
    token_free(&token);
}

static void uris(void **unused)
{
    static const struct { const char *uri; int status; } table[] = {
        { "pkcs11:", SIGN_OK }, { "pkcs11:token=Faulty", SIGN_OK }, { "pkcs11:serial=F1;token=Faulty", SIGN_OK },
        { "pkcs11:token=Faulty;object=x;id=%01;type=cert", SIGN_OK },
        { "pkcs11:token=faulty", SIGN_E_NOTFOUND }, { "pkcs11:serial=F2", SIGN_E_NOTFOUND },
        { "", SIGN_E_ARG }, { "pkcs12:token=Faulty", SIGN_E_ARG }, { "pkcs11:token=%", SIGN_E_ARG },
        { "pkcs11:token=%zz", SIGN_E_ARG }, { "pkcs11:token", SIGN_E_ARG }, { "pkcs11:colour=red", SIGN_E_ARG },
        { "pkcs11:token=Faulty?pin-value=1234", SIGN_E_ARG }, { "pkcs11:?pin-source=file:/x", SIGN_E_ARG },
        { "pkcs11:?module-path=/x.so", SIGN_E_ARG }, { "pkcs11:token=Faulty;token=Faulty", SIGN_OK },
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct token *token = NULL;
        sign_err err = SIGN_ERR_INIT;
        int rc = token_open(&token, test_env(&log_), module, table[i].uri, &err);
        if (rc != table[i].status) {
            fail_msg("%s: expected %d, found %d (%s)", table[i].uri, table[i].status, rc, err.msg);
        }
        assert_null(strstr(err.msg, "1234"));
        token_free(&token);
    }
}

static void modules(void **unused)
{
    static const struct { const char *path; int status;
    } table[] = {
        { "/nonexistent.so", SIGN_E_NOTFOUND },
        { "/etc/passwd", SIGN_E_TOKEN },
        { "/usr/lib/x86_64-linux-gnu/libz.so.1", SIGN_E_TOKEN },
        { "", SIGN_E_NOTFOUND },
        { "/tmp", SIGN_E_TOKEN },
    };
    for (size_t i = 0; i < COUNT(table); i++) {
        struct token *token = NULL;
        sign_err err = SIGN_ERR_INIT;
        if (i == 2 && access(table[i].path, F_OK) != 0) {
            continue;
        }
        assert_int_equal(token_open(&token, test_env(&log_), table[i].path, NULL, &err), table[i].status);
        assert_true(strlen(err.msg) > 10);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(faults, reset),
        cmocka_unit_test_setup(borrowed, reset),
        cmocka_unit_test_setup(injected, reset),
        cmocka_unit_test_setup(pin_rules, reset),
        cmocka_unit_test_setup(no_question_when_hopeless, reset),
        cmocka_unit_test_setup(strange_pins, reset),
        cmocka_unit_test_setup(flags_are_fresh, reset),
        cmocka_unit_test_setup(pin_pad, reset),
        cmocka_unit_test_setup(pin_pad_comes_and_goes, reset),
        cmocka_unit_test_setup(pin_for_every_signature, reset),
        cmocka_unit_test_setup(recovers, reset),
        cmocka_unit_test_setup(shared_by_threads, reset),
        cmocka_unit_test_setup(listing_disturbs_nobody, reset),
        cmocka_unit_test_setup(labels_are_text, reset),
        cmocka_unit_test_setup(fork_is_seen, reset),
        cmocka_unit_test_setup(uris, reset),
        cmocka_unit_test_setup(modules, reset),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    module = argc > 1 ? argv[1] : "";
    void *handle = dlopen(module, RTLD_NOW);
    struct faulty_state *(*get)(void) = NULL;
    void *symbol = handle ? dlsym(handle, "faulty_state") : NULL;
    memcpy(&get, &symbol, sizeof get);
    if (!get) {
        fprintf(stderr, "usage: test_faulty MODULE\n");
        return 2;
    }
    state = get();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
