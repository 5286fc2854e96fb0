#include "check.h"
#include <base/when.h>
#include <libsign/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Every day of the years 1 to 9999 against the C library's own calendar, out and back. */
static void calendar(void **state)
{
    setenv("TZ", "Asia/Ho_Chi_Minh", 1); /* which must not matter */
    tzset();
    for (int64_t day = -719162; day <= 2932896; day++) {
        int64_t seconds = day * 86400 + (day % 86400 + 86400) % 86400;
        time_t moment = (time_t)seconds;
        struct tm tm;
        gmtime_r(&moment, &tm);
        char want[64], got[WHEN_TEXT];
        snprintf(want, sizeof want, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                 tm.tm_hour, tm.tm_min, tm.tm_sec);
        when_print_utc(got, seconds);
        struct when back;
        if (strcmp(want, got) != 0 || !when_parse_rfc3339(bytes_str(got), &back) || back.seconds != seconds) {
            fail_msg("%s, got %s", want, got);
        }
    }
}

struct parse_case {
    const char *text;
    bool ok;
    int64_t seconds;
    int32_t zone;
    bool has_zone;
};

static void check_parse(bool (*parse)(sign_bytes, struct when *), const struct parse_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct when when = { .seconds = 42 };
        bool ok = parse(bytes_str(cases[i].text), &when);
        if (ok != cases[i].ok) {
            fail_msg("%s: %s", cases[i].text, ok ? "accepted" : "refused");
        }
        assert_int_equal(when.seconds, ok ? cases[i].seconds : 42);
        assert_int_equal(when.zone, ok ? cases[i].zone : 0);
        assert_int_equal(when.has_zone, ok && cases[i].has_zone);
    }
}

static void rfc3339(void **state)
{
    static const struct parse_case cases[] = {
        { "1970-01-01T00:00:00Z", true, 0, 0, true },
        { "2026-11-22T09:00:00+07:00", true, 1795312800, 420, true },
        { "2026-11-22T02:00:00Z", true, 1795312800, 0, true },
        { "2026-11-22T02:00:00", true, 1795312800, 0, false },
        { "2026-11-22T02:00:00.123456789Z", true, 1795312800, 0, true },
        { "2026-11-21T22:30:00.5-03:30", true, 1795312800, -210, true },
        { "2000-02-29T00:00:00Z", true, 951782400, 0, true },
        { "1900-02-29T00:00:00Z", false, 0, 0, false },
        { "2100-02-29T00:00:00Z", false, 0, 0, false },
        { "2023-02-29T00:00:00Z", false, 0, 0, false },
        { "2024-04-31T00:00:00Z", false, 0, 0, false },
        { "2024-13-01T00:00:00Z", false, 0, 0, false },
        { "2024-00-01T00:00:00Z", false, 0, 0, false },
        { "2024-01-00T00:00:00Z", false, 0, 0, false },
        { "2024-01-01T24:00:00Z", false, 0, 0, false },
        { "2024-01-01T00:60:00Z", false, 0, 0, false },
        { "2016-12-31T23:59:60Z", false, 0, 0, false },
        { "0000-01-01T00:00:00Z", false, 0, 0, false },
        { "0001-01-01T00:00:00Z", true, INT64_C(-62135596800), 0, true },
        { "0001-01-01T00:00:00+00:01", false, 0, 0, false },
        { "9999-12-31T23:59:59Z", true, INT64_C(253402300799), 0, true },
        { "9999-12-31T23:59:59-00:01", false, 0, 0, false },
        { "2024-01-01T00:00:00+24:00", false, 0, 0, false },
        { "2024-01-01T00:00:00+07:60", false, 0, 0, false },
        { "2024-01-01T00:00:00+0700", false, 0, 0, false },
        { "2024-01-01T00:00:00.Z", false, 0, 0, false },
        { "2024-01-01T00:00:00z", false, 0, 0, false },
        { "2024-01-01 00:00:00Z", false, 0, 0, false },
        { "2024-01-01T00:00Z", false, 0, 0, false },
        { "2024-01-01", false, 0, 0, false },
        { " 2024-01-01T00:00:00Z", false, 0, 0, false },
        { "2024-01-01T00:00:00Z ", false, 0, 0, false },
        { "2024-1-01T00:00:00Z", false, 0, 0, false },
        { "-2024-01-01T00:00:00Z", false, 0, 0, false },
        { "+024-01-01T00:00:00Z", false, 0, 0, false },
        { "12024-01-01T00:00:00Z", false, 0, 0, false },
        { "", false, 0, 0, false },
    };
    check_parse(when_parse_rfc3339, cases, COUNT(cases));
}

static void pdf(void **state)
{
    static const struct parse_case cases[] = {
        { "D:20261122090000+07'00'", true, 1795312800, 420, true },
        { "D:20261122090000+07'00", true, 1795312800, 420, true },
        { "D:20261122090000+07'", true, 1795312800, 420, true },
        { "D:20261122090000+07", true, 1795312800, 420, true },
        { "D:20261122020000Z", true, 1795312800, 0, true },
        { "D:20261122020000Z00'00'", true, 1795312800, 0, true },
        { "D:20261122020000Z07'00'", false, 0, 0, false },
        { "D:20261121223000-03'30'", true, 1795312800, -210, true },
        { "D:20261122020000", true, 1795312800, 0, false },
        { "D:202611220200", true, 1795312800, 0, false },
        { "D:2026112202", true, 1795312800, 0, false },
        { "D:20261122", true, 1795305600, 0, false },
        { "D:197001", true, 0, 0, false },
        { "D:1970", true, 0, 0, false },
        { "D:197", false, 0, 0, false },
        { "D:19700", false, 0, 0, false },
        { "D:", false, 0, 0, false },
        { "20261122090000+07'00'", false, 0, 0, false },
        { "D:20261122090000+0700", false, 0, 0, false },
        { "D:20261122090000+7'00'", false, 0, 0, false },
        { "D:20261122090000+24'00'", false, 0, 0, false },
        { "D:20261122090000+07'60'", false, 0, 0, false },
        { "D:20261122090000+07'0", false, 0, 0, false },
        { "D:20261122090000+07'00''", false, 0, 0, false },
        { "D:20261122+07'00'", false, 0, 0, false },
        { "D:20261322090000Z", false, 0, 0, false },
        { "D:20230229", false, 0, 0, false },
        { "D:20261122240000", false, 0, 0, false },
        { "D:20261122090060", false, 0, 0, false },
        { "D:20261122090000x", false, 0, 0, false },
    };
    check_parse(when_parse_pdf, cases, COUNT(cases));
}

static void asn1(void **state)
{
    static const struct {
        int tag;
        const char *text;
        bool ok;
        int64_t seconds;
    } cases[] = {
        { 0x17, "700101000000Z", true, 0 },
        { 0x17, "500101000000Z", true, -631152000 },
        { 0x17, "491231235959Z", true, INT64_C(2524607999) },
        { 0x18, "20500101000000Z", true, INT64_C(2524608000) },
        { 0x18, "99991231235959Z", true, INT64_C(253402300799) },
        { 0x17, "7001010000Z", false, 0 },
        { 0x17, "700101000000+0700", false, 0 },
        { 0x17, "700101000000", false, 0 },
        { 0x17, "20500101000000Z", false, 0 },
        { 0x17, "700230000000Z", false, 0 },
        { 0x17, "700101000060Z", false, 0 },
        { 0x18, "20500101000000.5Z", false, 0 },
        { 0x18, "205001010000Z", false, 0 },
        { 0x18, "700101000000Z", false, 0 },
        { 0x18, "00000101000000Z", false, 0 },
        { 0x16, "700101000000Z", false, 0 },
        { 0x17, "", false, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t seconds = 42;
        assert_int_equal(when_parse_asn1(cases[i].tag, bytes_str(cases[i].text), &seconds), cases[i].ok);
        assert_int_equal(seconds, cases[i].ok ? cases[i].seconds : 42);
    }
}

static void prints(void **state)
{
    static const struct {
        struct when when;
        const char *rfc3339, *pdf;
    } cases[] = {
        { { 1795312800, 420, true }, "2026-11-22T09:00:00+07:00", "D:20261122090000+07'00'" },
        { { 1795312800, -210, true }, "2026-11-21T22:30:00-03:30", "D:20261121223000-03'30'" },
        { { 1795312800, 0, true }, "2026-11-22T02:00:00Z", "D:20261122020000+00'00'" },
        { { -1, 0, true }, "1969-12-31T23:59:59Z", "D:19691231235959+00'00'" },
        /* what no parser gives: kept inside the calendar */
        { { INT64_MAX, INT32_MAX, true }, "9999-12-31T23:59:59+23:59", "D:99991231235959+23'59'" },
        { { INT64_MIN, INT32_MIN, true }, "0001-01-01T00:00:00-23:59", "D:00010101000000-23'59'" },
    };
    char out[WHEN_TEXT];
    for (size_t i = 0; i < COUNT(cases); i++) {
        when_print_rfc3339(out, cases[i].when);
        assert_string_equal(out, cases[i].rfc3339);
        when_print_pdf(out, cases[i].when.seconds, cases[i].when.zone);
        assert_string_equal(out, cases[i].pdf);
    }
    when_print_rfc3339(out, (struct when){ 1795312800, 420, false });
    assert_string_equal(out, "2026-11-22T02:00:00");
    when_print_utc(out, INT64_MIN);
    assert_string_equal(out, "0001-01-01T00:00:00Z");
}

static void public_time(void **state)
{
    static const struct {
        const char *text;
        int status;
    } cases[] = {
        { "2026-11-22T09:00:00+07:00", SIGN_OK },
        { "2026-11-22T02:00:00Z", SIGN_OK },
        { "2026-11-22T09:00:00", SIGN_E_ARG }, /* whose nine o'clock? */
        { "2026-11-22", SIGN_E_ARG },
        { "", SIGN_E_ARG },
        { NULL, SIGN_E_ARG },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        sign_err err = SIGN_ERR_INIT;
        int64_t seconds = 42;
        check_status(sign_parse_time(&seconds, cases[i].text, &err), cases[i].status, &err);
        assert_int_equal(seconds, cases[i].status == SIGN_OK ? 1795312800 : 42);
    }
    char out[32];
    sign_print_time(out, 1795312800, 420);
    assert_string_equal(out, "2026-11-22T09:00:00+07:00");
    sign_print_time(out, 1795312800, 0);
    assert_string_equal(out, "2026-11-22T02:00:00Z");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar), cmocka_unit_test(rfc3339), cmocka_unit_test(pdf),
        cmocka_unit_test(asn1),     cmocka_unit_test(prints),  cmocka_unit_test(public_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
