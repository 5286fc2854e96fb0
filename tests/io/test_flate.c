#include "check.h"
#include "fault.h"
#include <base/limits.h>
#include <io/flate.h>

static void round_trips(void **state)
{
    static const size_t sizes[] = { 0, 1, 100, 16383, 16384, 16385, 1000000 };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        CLEANUP(build_free) struct build plain = { 0 }, packed = { 0 }, back = { 0 };
        for (size_t k = 0; k < sizes[i]; k++) {
            build_byte(&plain, (uint8_t)(k * k >> 7));
        }
        sign_err err = SIGN_ERR_INIT;
        build_str(&packed, "head"); /* both append */
        build_str(&back, "head");
        check_status(flate_encode(&packed, build_view(&plain), &err), SIGN_OK, &err);
        sign_bytes stream = bytes_slice(build_view(&packed), 4, SIZE_MAX);
        check_status(flate_decode(&back, stream, sizes[i], NULL, &err), SIGN_OK, &err);
        assert_memory_equal(back.ptr, "head", 4);
        check_bytes(bytes_slice(build_view(&back), 4, SIZE_MAX), build_view(&plain));
        if (sizes[i] > 0) {
            build_truncate(&back, 0);
            check_status(flate_decode(&back, stream, sizes[i] - 1, NULL, &err), SIGN_E_LIMIT, &err);
            assert_int_equal(back.len, sizes[i] - 1);
        }
    }
}

/* zlib streams written by hand */
#define HELLO "\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15"

static void known_answers(void **state)
{
    const struct {
        sign_bytes in;
        int status;
        const char *out;
    } cases[] = {
        { BYTES_LIT(HELLO), SIGN_OK, "hello" },
        { BYTES_LIT(HELLO "\r\nmore"), SIGN_OK, "hello" }, /* an end of line behind a PDF stream */
        { BYTES_LIT("\x78\x9c\x03\x00\x00\x00\x00\x01"), SIGN_OK, "" },
        { BYTES_LIT("\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x16"), SIGN_E_FORMAT, "hello" }, /* checksum */
        { BYTES_LIT("\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c"), SIGN_E_FORMAT, "hello" },         /* cut off */
        { BYTES_LIT("\x78\x9c\xcb\x48\xcd"), SIGN_E_FORMAT, "he" },
        { BYTES_LIT("\x78\x9c"), SIGN_E_FORMAT, "" },
        { BYTES_LIT(""), SIGN_E_FORMAT, "" },
        { BYTES_LIT("\x79\x9c\xcb\x48"), SIGN_E_FORMAT, "" },                 /* header checksum */
        { BYTES_LIT("\x78\x9c\x07\x00"), SIGN_E_FORMAT, "" },                 /* block type 3 */
        { BYTES_LIT("\x78\xbb\x00\x00\x00\x01\x03\x00"), SIGN_E_FORMAT, "" }, /* preset dictionary */
        { BYTES_LIT("\xcb\x48\xcd\xc9\xc9\x07\x00"), SIGN_E_FORMAT, "" },     /* raw deflate */
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        sign_err err = SIGN_ERR_INIT;
        check_status(flate_decode(&out, cases[i].in, 1000, NULL, &err), cases[i].status, &err);
        check_bytes(build_view(&out), bytes_str(cases[i].out));
        if (cases[i].status != SIGN_OK) {
            assert_true(err.offset <= cases[i].in.len);
            assert_string_equal(err.clause, "RFC 1950 2.2");
        }
    }
}

static int stop_at_once(void *payload)
{
    ++*(int *)payload;
    return SIGN_E_CANCELLED;
}

static void bombs(void **state)
{
    CLEANUP(build_free) struct build zeros = { 0 }, bomb = { 0 };
    build_fill(&zeros, 0, MIB(64));
    sign_err err = SIGN_ERR_INIT;
    check_status(flate_encode(&bomb, build_view(&zeros), &err), SIGN_OK, &err);
    assert_true(bomb.len < KIB(100));
    CLEANUP(build_free) struct build out = { 0 };
    check_status(flate_decode(&out, build_view(&bomb), MIB(1), NULL, &err), SIGN_E_LIMIT, &err);
    assert_int_equal(out.len, MIB(1));
    assert_true(out.cap <= MIB(2));

    /* the builder's own limit */
    CLEANUP(build_free) struct build narrow = { .max = 100000 };
    check_status(flate_decode(&narrow, build_view(&bomb), MIB(64), NULL, &err), SIGN_E_LIMIT, &err);
    assert_true(narrow.len <= 100000);

    int looks = 0;
    struct watch watch = { .look = stop_at_once, .payload = &looks };
    CLEANUP(build_free) struct build watched = { 0 };
    check_status(flate_decode(&watched, build_view(&bomb), MIB(64), &watch, &err), SIGN_E_CANCELLED, &err);
    assert_int_equal(looks, 1);
    assert_true(watched.len < LIMIT_WATCH_BYTES + KIB(64));

    CLEANUP(build_free) struct build full = { .max = 10 };
    check_status(flate_encode(&full, build_view(&zeros), &err), SIGN_E_LIMIT, &err);
}

static void without_memory(void **state)
{
    unsigned long n = 0;
    for (bool hit = true; hit;) {
        CLEANUP(build_free) struct build packed = { 0 }, out = { 0 };
        sign_err err = SIGN_ERR_INIT;
        fault_at(++n);
        int rc = flate_encode(&packed, BYTES_LIT("hello hello hello"), &err);
        rc = rc == SIGN_OK ? flate_decode(&out, build_view(&packed), 100, NULL, &err) : rc;
        hit = fault_hit();
        check_status(rc, hit ? SIGN_E_NOMEM : SIGN_OK, &err);
    }
    assert_true(n > 2);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trips),
        cmocka_unit_test(known_answers),
        cmocka_unit_test(bombs),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
