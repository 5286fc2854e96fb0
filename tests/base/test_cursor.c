/* Cursor, byte helpers, watch. */
#include "check.h"
#include <base/cursor.h>
#include <base/limits.h>
#include <base/watch.h>

#define B BYTES_LIT

static void reads_whole_or_nothing(void **state)
{
    struct cursor c = cursor_over(B("\x01\x02\x03\x04\x05\x06\x07\x08tail"), 1000);
    uint64_t value = 77;
    uint8_t byte = 77;
    sign_bytes bytes;
    assert_false(cursor_be(&c, 0, &value));
    assert_false(cursor_be(&c, 9, &value));
    assert_int_equal(c.pos, 0);
    assert_true(cursor_be(&c, 3, &value));
    assert_int_equal(value, 0x010203);
    assert_true(cursor_seek(&c, 0));
    assert_true(cursor_be(&c, 8, &value));
    assert_int_equal(value, UINT64_C(0x0102030405060708));
    assert_int_equal(cursor_offset(&c), 1008);
    assert_false(cursor_be(&c, 5, &value));
    assert_false(cursor_take(&c, 5, &bytes));
    assert_false(cursor_take(&c, SIZE_MAX, &bytes));
    assert_false(cursor_skip(&c, 5));
    assert_false(cursor_match(&c, B("tails")));
    assert_false(cursor_match(&c, B("tale")));
    assert_int_equal(cursor_left(&c), 4);
    assert_true(cursor_match(&c, B("ta")));
    check_bytes(cursor_rest(&c), B("il"));
    assert_int_equal(cursor_peek(&c, 1), 'l');
    assert_int_equal(cursor_peek(&c, 2), -1);
    assert_int_equal(cursor_next(&c), 'i');
    assert_true(cursor_u8(&c, &byte));
    assert_int_equal(byte, 'l');
    assert_false(cursor_u8(&c, &byte));
    assert_int_equal(cursor_next(&c), -1);
    assert_true(cursor_end(&c));
    assert_true(cursor_take(&c, 0, &bytes));
    assert_int_equal(bytes.len, 0);
    assert_false(cursor_seek(&c, 13));
    assert_true(cursor_seek(&c, 12));
}

static void empty(void **state)
{
    struct cursor c = cursor_over((sign_bytes){ NULL, 0 }, 0);
    sign_bytes bytes;
    assert_true(cursor_end(&c));
    assert_int_equal(cursor_peek(&c, 0), -1);
    assert_true(cursor_take(&c, 0, &bytes));
    assert_int_equal(cursor_rest(&c).len, 0);
    assert_true(cursor_match(&c, B("")));
}

static void slices(void **state)
{
    static const struct {
        size_t from, len;
        const char *want;
    } cases[] = { { 0, 3, "abc" }, { 1, 1, "b" }, { 1, SIZE_MAX, "bc" }, { 3, 1, "" }, { SIZE_MAX, SIZE_MAX, "" } };
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_bytes(bytes_slice(B("abc"), cases[i].from, cases[i].len), bytes_str(cases[i].want));
    }
    assert_true(bytes_start(B("abc"), B("ab")));
    assert_true(bytes_start(B("abc"), B("")));
    assert_false(bytes_start(B("ab"), B("abc")));
    assert_true(bytes_are(B("ab"), "ab"));
    assert_false(bytes_equal(B("ab"), B("ac")));
}

static void finds(void **state)
{
    static const struct {
        const char *hay, *needle;
        size_t from, first, last;
    } cases[] = {
        { "abcabc", "abc", 0, 0, 3 },
        { "abcabc", "abc", 1, 3, 3 },
        { "abcabc", "abc", 4, SIZE_MAX, 3 },
        { "abcabc", "x", 0, SIZE_MAX, SIZE_MAX },
        { "aaa", "aa", 0, 0, 1 },
        { "abc", "", 2, 2, 3 },
        { "abc", "", 4, SIZE_MAX, 3 },
        { "ab", "abc", 0, SIZE_MAX, SIZE_MAX },
        { "", "a", 0, SIZE_MAX, SIZE_MAX },
        { "abab", "ab", SIZE_MAX, SIZE_MAX, 2 },
        { "abax", "ab", 0, 0, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(bytes_find(bytes_str(cases[i].hay), bytes_str(cases[i].needle), cases[i].from),
                         cases[i].first);
        assert_int_equal(bytes_rfind(bytes_str(cases[i].hay), bytes_str(cases[i].needle)), cases[i].last);
    }
}

struct looks {
    int count, answer;
};

static int look(void *payload)
{
    struct looks *looks = payload;
    looks->count++;
    return looks->answer;
}

static void watches(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    struct looks looks = { 0 };
    struct watch w = { .look = look, .payload = &looks };
    assert_int_equal(watch_poll(NULL, SIZE_MAX, &err), SIGN_OK);
    assert_int_equal(watch_poll(&(struct watch){ 0 }, SIZE_MAX, &err), SIGN_OK);
    for (size_t i = 0; i < 3 * LIMIT_WATCH_BYTES / 1024; i++) {
        assert_int_equal(watch_poll(&w, 1024, &err), SIGN_OK);
    }
    assert_int_equal(looks.count, 3);
    assert_int_equal(watch_poll(&w, 1, &err), SIGN_OK);
    assert_int_equal(watch_poll(&w, SIZE_MAX, &err), SIGN_OK); /* the count does not wrap */
    assert_int_equal(looks.count, 4);
    static const int answers[] = { SIGN_E_TIMEOUT, SIGN_E_CANCELLED, SIGN_E_NET };
    for (size_t i = 0; i < COUNT(answers); i++) {
        looks.answer = answers[i];
        check_status(watch_poll(&w, LIMIT_WATCH_BYTES, &err), answers[i], &err);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_whole_or_nothing),
        cmocka_unit_test(empty),
        cmocka_unit_test(slices),
        cmocka_unit_test(finds),
        cmocka_unit_test(watches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
