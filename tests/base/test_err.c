#include "check.h"
#include <base/text.h>
#include <errno.h>
#include <stdio.h>

static void stores_everything(void **state)
{
    sign_err err;
    memset(&err, 0xee, sizeof err);
    assert_int_equal(err_set(&err, SIGN_E_FORMAT, 42, "RFC 1950 2.2", "trailer: found %s", "nothing"), SIGN_E_FORMAT);
    assert_int_equal(err.status, SIGN_E_FORMAT);
    assert_int_equal(err.native, 0);
    assert_int_equal(err.offset, 42);
    assert_string_equal(err.clause, "RFC 1950 2.2");
    assert_string_equal(err.msg, "trailer: found nothing");
    for (size_t i = 0; i < COUNT(err.reserved); i++) {
        assert_int_equal(err.reserved[i], 0);
    }
}

static void takes_null(void **state)
{
    errno = ENOENT;
    assert_int_equal(err_set(NULL, SIGN_E_LIMIT, 0, NULL, "x"), SIGN_E_LIMIT);
    assert_int_equal(err_native(NULL, SIGN_E_TOKEN, 5, "x"), SIGN_E_TOKEN);
    assert_int_equal(err_errno(NULL, "x"), SIGN_E_IO);
    assert_int_equal(err_nomem(NULL), SIGN_E_NOMEM);
    assert_int_equal(err_arg(NULL, "x"), SIGN_E_ARG);
    assert_int_equal(err_in(NULL, SIGN_E_CERT, "x"), SIGN_E_CERT);
}

static void native_codes(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(err_native(&err, SIGN_E_TOKEN, 0xa0, "C_Login: %s", "CKR_PIN_INCORRECT"), SIGN_E_TOKEN);
    assert_int_equal(err.native, 0xa0);
    assert_int_equal(err.offset, SIGN_NO_OFFSET);
    errno = ENOENT;
    assert_int_equal(err_errno(&err, "open %s", "a.pdf"), SIGN_E_IO);
    assert_int_equal(err.native, ENOENT);
    assert_string_equal(err.msg, "open a.pdf: No such file or directory");
    errno = 99999;
    err_errno(&err, "x");
    assert_int_equal(err.native, 99999);
    assert_string_equal(err.msg, "x: unknown errno");
}

static void says_where(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    int rc = err_set(&err, SIGN_E_FORMAT, 7, "c", "bad");
    assert_int_equal(err_in(&err, rc, "object %d", 3), SIGN_E_FORMAT);
    assert_string_equal(err.msg, "object 3: bad");
    assert_int_equal(err.offset, 7);
    assert_string_equal(err.clause, "c");
    /* its own message as an argument */
    err_set(&err, SIGN_E_IO, 0, NULL, "again: %s", err.msg);
    assert_string_equal(err.msg, "again: object 3: bad");
}

/* Messages of every length around the end, with characters of every length across it: the cut is never inside one. */
static void cuts_at_characters(void **state)
{
    static const char *const characters[] = { "x", "ố", "đ", "😀" };
    for (size_t c = 0; c < COUNT(characters); c++) {
        for (size_t lead = 0; lead < 8; lead++) {
            char text[400] = "";
            memset(text, '-', lead);
            while (strlen(text) < 300) {
                strcat(text, characters[c]);
            }
            sign_err err = SIGN_ERR_INIT;
            err_set(&err, SIGN_E_ARG, 0, NULL, "%s", text);
            size_t len = strlen(err.msg);
            assert_true(len > sizeof err.msg - 1 - strlen(characters[c]) && len < sizeof err.msg);
            assert_memory_equal(err.msg, text, len);
            assert_true(utf8_valid(bytes_str(err.msg)));
        }
    }
    /* no UTF-8 at all: cut at the end, not searched back to the start */
    char junk[300];
    memset(junk, 0x80, sizeof junk - 1);
    junk[sizeof junk - 1] = '\0';
    sign_err err = SIGN_ERR_INIT;
    err_set(&err, SIGN_E_ARG, 0, NULL, "%s", junk);
    assert_int_equal(strlen(err.msg), sizeof err.msg - 1);
}

/* Head and tail of every length: the reason stays, whatever the path is. */
static void long_path_keeps_the_reason(void **state)
{
    for (int len = 0; len < 500; len++) {
        char path[500];
        memset(path, 'p', sizeof path);
        sign_err err = SIGN_ERR_INIT;
        errno = ENOSPC;
        err_errno(&err, "%.*s", len, path);
        assert_non_null(strstr(err.msg, ": No space left on device"));
        err_in(&err, SIGN_E_IO, "%.*s", len, path);
        assert_true(strlen(err.msg) < sizeof err.msg);
    }
}

static void every_status_has_a_name(void **state)
{
    static const struct {
        int status;
        const char *name;
    } cases[] = { { SIGN_OK, "OK" },
                  { SIGN_E_ARG, "ARG" },
                  { SIGN_E_PIN_LAST_TRY, "PIN_LAST_TRY" },
                  { SIGN_E_NOT_VALID, "NOT_VALID" },
                  { SIGN_E_INTERNAL, "INTERNAL" },
                  { 1, "UNKNOWN" },
                  { -5, "UNKNOWN" },
                  { -1000, "UNKNOWN" } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(sign_status_name(cases[i].status), cases[i].name);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stores_everything),
        cmocka_unit_test(takes_null),
        cmocka_unit_test(native_codes),
        cmocka_unit_test(says_where),
        cmocka_unit_test(cuts_at_characters),
        cmocka_unit_test(long_path_keeps_the_reason),
        cmocka_unit_test(every_status_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
