#include "check.h"
#include "fault.h"
#include <base/build.h>
#include <base/limits.h>
#include <stdlib.h>

static void appends(void **state)
{
    CLEANUP(build_free) struct build b = { 0 };
    build_str(&b, "a");
    build_byte(&b, 'b');
    build_put(&b, "cd", 2);
    build_put(&b, NULL, 0);
    build_bytes(&b, BYTES_LIT("e"));
    build_fill(&b, 'f', 3);
    build_fmt(&b, "<%d|%s>", 42, "x");
    build_u64(&b, 0);
    build_u64(&b, UINT64_MAX);
    memcpy(build_room(&b, 2), "!?", 2);
    check_bytes(build_view(&b), BYTES_LIT("abcdefff<42|x>018446744073709551615!?"));
    build_truncate(&b, 3);
    build_truncate(&b, 30); /* never longer */
    check_bytes(build_view(&b), BYTES_LIT("abc"));
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(build_check(&b, &err, "text"), SIGN_OK);
}

static void grows(void **state)
{
    CLEANUP(build_free) struct build b = { 0 };
    for (unsigned i = 0; i < 100000; i++) {
        build_byte(&b, (uint8_t)(i * 7));
    }
    assert_int_equal(b.len, 100000);
    for (unsigned i = 0; i < 100000; i++) {
        assert_int_equal(b.ptr[i], (uint8_t)(i * 7));
    }
}

static void appends_itself(void **state)
{
    CLEANUP(build_free) struct build b = { 0 };
    build_str(&b, "0123456789");
    for (int i = 0; i < 10; i++) {
        build_bytes(&b, build_view(&b));
    }
    assert_int_equal(b.len, 10240);
    for (size_t i = 0; i < b.len; i++) {
        assert_int_equal(b.ptr[i], '0' + i % 10);
    }
}

static void stops_at_max(void **state)
{
    CLEANUP(build_free) struct build b = { .max = 10 };
    build_str(&b, "0123456789");
    assert_int_equal(b.failed, SIGN_OK);
    build_str(&b, "");
    assert_int_equal(b.failed, SIGN_OK);
    build_byte(&b, 'x');
    assert_int_equal(b.failed, SIGN_E_LIMIT);
    build_truncate(&b, 0);
    build_byte(&b, 'x'); /* sticky */
    assert_int_equal(b.len, 0);
    assert_null(build_room(&b, 1));
    sign_err err = SIGN_ERR_INIT;
    check_status(build_check(&b, &err, "an update"), SIGN_E_LIMIT, &err);
    assert_string_equal(err.msg, "an update: more than 10 bytes");

    struct build fresh = { .max = 3 };
    build_put(&fresh, "", SIZE_MAX);
    assert_int_equal(fresh.failed, SIGN_E_LIMIT);
    struct build text = { .max = 3 };
    build_fmt(&text, "%s", "1234");
    assert_int_equal(text.failed, SIGN_E_LIMIT);
    build_free(&text);
    struct build limit = { 0 };
    assert_null(build_room(&limit, LIMIT_BUILD + 1));
    assert_int_equal(limit.failed, SIGN_E_LIMIT);
}

static void secret_grows_by_copy(void **state)
{
    struct build b = { .secret = true };
    build_str(&b, "hunter2");
    build_fill(&b, 'x', 5000);
    assert_memory_equal(b.ptr, "hunter2xxx", 10);
    build_truncate(&b, 4);
    assert_memory_equal(b.ptr + 4, "\0\0\0\0\0\0", 6); /* wiped at once */
    build_free(&b);
    assert_null(b.ptr);
}

static void hands_over(void **state)
{
    struct build b = { .max = 3 };
    build_str(&b, "abc");
    char *text = build_to_string(&b);
    assert_string_equal(text, "abc");
    free(text);
    assert_null(b.ptr);
    assert_int_equal(b.len, 0);

    build_str(&b, "xy");
    sign_buf *buf = NULL;
    sign_err err = SIGN_ERR_INIT;
    check_status(build_to_buf(&b, &buf, &err), SIGN_OK, &err);
    check_bytes(sign_buf_bytes(buf), BYTES_LIT("xy"));
    assert_null(b.ptr);
    assert_int_equal(sign_buf_append(buf, BYTES_LIT("z and more")), SIGN_OK);
    check_bytes(sign_buf_bytes(buf), BYTES_LIT("xyz and more"));
    sign_buf_free(&buf);
    assert_null(buf);

    build_str(&b, "1234");
    check_status(build_to_buf(&b, &buf, &err), SIGN_E_LIMIT, &err);
    assert_null(buf);
    assert_null(build_to_string(&(struct build){ .failed = SIGN_E_NOMEM }));
    char *empty = build_to_string(&(struct build){ 0 });
    assert_string_equal(empty, "");
    free(empty);
}

static void public_buffer(void **state)
{
    sign_buf *buf;
    assert_int_equal(sign_buf_new(&buf), SIGN_OK);
    assert_int_equal(sign_buf_bytes(buf).len, 0);
    assert_int_equal(sign_buf_append(buf, BYTES_LIT("ab")), SIGN_OK);
    /* refused, and good as before */
    assert_int_equal(sign_buf_append(buf, bytes_of("", LIMIT_BUILD)), SIGN_E_LIMIT);
    assert_int_equal(sign_buf_append(buf, BYTES_LIT("c")), SIGN_OK);
    check_bytes(sign_buf_bytes(buf), BYTES_LIT("abc"));
    assert_int_equal(sign_buf_append_escaped(buf, BYTES_LIT("\x1b[1mđ")), SIGN_OK);
    check_bytes(sign_buf_bytes(buf), BYTES_LIT("abc\\x1B[1mđ"));
    sign_buf_free(&buf);
    sign_buf_free(&buf);
    sign_buf_free(NULL);
}

static void without_memory(void **state)
{
    FAULT_EACH(n)
    {
        struct build b = { .secret = n % 2 };
        build_str(&b, "one");
        build_fill(&b, 'x', 1000);
        build_fmt(&b, "%05000d", 1);
        sign_err err = SIGN_ERR_INIT;
        sign_buf *buf = NULL;
        int failed = b.failed;
        int rc = build_to_buf(&b, &buf, &err);
        if (rc == SIGN_OK) {
            assert_int_equal(sign_buf_bytes(buf).len, 6003);
        } else {
            assert_int_equal(rc, SIGN_E_NOMEM);
            assert_true(failed == SIGN_E_NOMEM || failed == SIGN_OK);
            assert_null(buf);
        }
        assert_null(b.ptr);
        sign_buf_free(&buf);
    }
    fault_at(1);
    sign_buf *buf = NULL;
    assert_int_equal(sign_buf_new(&buf), SIGN_E_NOMEM);
    assert_true(fault_hit());
    assert_int_equal(sign_buf_new(&buf), SIGN_OK);
    fault_at(1);
    assert_int_equal(sign_buf_append(buf, BYTES_LIT("x")), SIGN_E_NOMEM);
    assert_true(fault_hit());
    assert_int_equal(sign_buf_append(buf, BYTES_LIT("x")), SIGN_OK);
    /* half of it fitted: none of it stays */
    char long_text[100];
    memset(long_text, 'y', sizeof long_text);
    long_text[10] = '\n';
    fault_at(1);
    assert_int_equal(sign_buf_append_escaped(buf, bytes_of(long_text, sizeof long_text)), SIGN_E_NOMEM);
    assert_true(fault_hit());
    check_bytes(sign_buf_bytes(buf), BYTES_LIT("x"));
    sign_buf_free(&buf);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends),
        cmocka_unit_test(grows),
        cmocka_unit_test(appends_itself),
        cmocka_unit_test(stops_at_max),
        cmocka_unit_test(secret_grows_by_copy),
        cmocka_unit_test(hands_over),
        cmocka_unit_test(public_buffer),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
