#include "check.h"
#include <base/text.h>

#define B BYTES_LIT

static void utf8_one_by_one(void **state)
{
    const struct {
        sign_bytes text;
        uint32_t code_point;
    } good[] = {
        { B("\0"), 0 },
        { B("\x7f"), 0x7f },
        { B("\xc2\x80"), 0x80 },
        { B("\xdf\xbf"), 0x7ff },
        { B("\xe0\xa0\x80"), 0x800 },
        { B("\xed\x9f\xbf"), 0xd7ff },
        { B("\xee\x80\x80"), 0xe000 },
        { B("\xef\xbf\xbf"), 0xffff },
        { B("\xf0\x90\x80\x80"), 0x10000 },
        { B("\xf4\x8f\xbf\xbf"), 0x10ffff },
        { B("ế"), 0x1ebf },
        { B("đ"), 0x111 },
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        size_t pos = 0;
        uint32_t cp;
        assert_true(utf8_next(good[i].text, &pos, &cp));
        assert_int_equal(cp, good[i].code_point);
        assert_int_equal(pos, good[i].text.len);
        assert_false(utf8_next(good[i].text, &pos, &cp)); /* the end */
        CLEANUP(build_free) struct build b = { 0 };
        build_utf8(&b, cp);
        check_bytes(build_view(&b), good[i].text);
    }
    const sign_bytes bad[] = {
        B("\x80"),
        B("\xbf"),
        B("\xc0\x80"),
        B("\xc1\xbf"),
        B("\xe0\x80\x80"),
        B("\xe0\x9f\xbf"),
        B("\xed\xa0\x80"),
        B("\xed\xbf\xbf"),
        B("\xf0\x80\x80\x80"),
        B("\xf0\x8f\xbf\xbf"),
        B("\xf4\x90\x80\x80"),
        B("\xf5\x80\x80\x80"),
        B("\xff"),
        B("\xc2"),
        B("\xe1\xbf"),
        B("\xf1\x80\x80"),
        B("\xc2x"),
        B("\xe1\x80x"),
        B("\xf1\x80\x80\xc0"),
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        size_t pos = 0;
        uint32_t cp;
        assert_false(utf8_next(bad[i], &pos, &cp));
        assert_int_equal(pos, 0);
        assert_false(utf8_valid(bad[i]));
    }
    assert_true(utf8_valid(B("")));
    assert_true(utf8_valid(B("Cộng hòa")));
    assert_false(utf8_valid(B("Cộng h\xc3")));
}

/* Every code point there is: what build_utf8 writes, utf8_next reads. */
static void utf8_round_trip(void **state)
{
    struct build b = { 0 };
    for (uint32_t cp = 0; cp <= 0x110000; cp++) {
        uint32_t want = cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff) ? 0xfffd : cp, got = 1;
        size_t pos = 0;
        build_truncate(&b, 0);
        build_utf8(&b, cp);
        if (!utf8_next(build_view(&b), &pos, &got) || got != want || pos != b.len) {
            fail_msg("U+%04X", (unsigned)cp);
        }
    }
    build_free(&b);
}

static void repairs(void **state)
{
    const struct {
        sign_bytes in, out;
    } cases[] = {
        { B(""), B("") },
        { B("ký số"), B("ký số") },
        { B("a\xff"
            "b"),
          B("a\xef\xbf\xbd"
            "b") },
        { B("\xe1\xbb"), B("\xef\xbf\xbd\xef\xbf\xbd") },
        { B("\xc3("), B("\xef\xbf\xbd(") },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build b = { 0 };
        utf8_repair(&b, cases[i].in);
        check_bytes(build_view(&b), cases[i].out);
    }
}

static void from_utf16(void **state)
{
    const struct {
        sign_bytes in;
        bool big;
        sign_bytes out;
    } cases[] = {
        { B(""), true, B("") },
        { B("\x1e\xbf\0a"), true, B("ếa") },
        { B("\xbf\x1e"
            "a\0"),
          false, B("ếa") },
        { B("\xd8\x3d\xde\0"), true, B("😀") },
        { B("\x3d\xd8\0\xde"), false, B("😀") },
        { B("\xd8\x3d"), true, B("\xef\xbf\xbd") },
        { B("\xd8\x3d\0a"), true,
          B("\xef\xbf\xbd"
            "a") },
        { B("\xde\0\0a"), true,
          B("\xef\xbf\xbd"
            "a") },
        { B("\xd8\x3d\xd8\x3d\xde\0"), true, B("\xef\xbf\xbd😀") },
        { B("\0ab"), true, B("a\xef\xbf\xbd") },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build b = { 0 };
        utf8_from_utf16(&b, cases[i].in, cases[i].big);
        check_bytes(build_view(&b), cases[i].out);
    }
}

static void escapes(void **state)
{
    const struct {
        sign_bytes in, out;
    } cases[] = {
        { B("Ủy ban \\ nhân dân"), B("Ủy ban \\ nhân dân") },
        { B("\x1b[31m"), B("\\x1B[31m") },
        { B("a\0b\n\t\x7f"), B("a\\x00b\\x0A\\x09\\x7F") },
        { B("\xc2\x9b"), B("\\u{009B}") },
        { B("x\xe2\x80\xaeyfdp"), B("x\\u{202E}yfdp") },
        { B("\xe2\x81\xa6\xe2\x81\xa9\xd8\x9c\xe2\x80\x8f"), B("\\u{2066}\\u{2069}\\u{061C}\\u{200F}") },
        { B("\xff\xc3"), B("\\xFF\\xC3") },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build b = { 0 };
        text_escape(&b, cases[i].in);
        check_bytes(build_view(&b), cases[i].out);
    }
}

static void hex(void **state)
{
    CLEANUP(build_free) struct build b = { 0 };
    build_hex(&b, B("\x00\x9a\xff"), false);
    build_hex(&b, B("\xab"), true);
    check_bytes(build_view(&b), B("009affAB"));
    build_truncate(&b, 0);
    assert_true(hex_decode(&b, B("009affAB")));
    assert_true(hex_decode(&b, B("")));
    check_bytes(build_view(&b), B("\x00\x9a\xff\xab"));
    const sign_bytes bad[] = { B("0"),      B("0g"), B("g0"), B("00 "), B(" 00 0"), B("0x00"),
                               B("00:00:"), B("/0"), B(":0"), B("@0"),  B("G0"),    B("`0") };
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_false(hex_decode(&b, bad[i]));
        assert_int_equal(b.len, 4); /* as it was */
    }
}

/* Blocks of sixteen and what is left behind them must agree with one digit at a time, wherever another byte stands. */
static void hex_runs(void **state)
{
    uint8_t text[80], bytes[40];
    for (size_t len = 0; len <= sizeof text; len++) {
        for (int other = 0; other < 256; other++) {
            for (size_t i = 0; i < len; i++) {
                text[i] = (uint8_t)"0123456789abcdef"[(i * 7 + len) % 16];
            }
            size_t at = len ? (size_t)other % len : 0;
            if (len > 0) {
                text[at] = (uint8_t)other;
            }
            size_t want = 0;
            unsigned cases, want_cases = 0;
            for (; want < len && hex_value(text[want]) >= 0; want++) {
                want_cases |= text[want] >= 'a' ? HEX_LOWER : text[want] >= 'A' ? HEX_UPPER : 0;
            }
            assert_int_equal(hex_span(bytes_of(text, len), &cases), want);
            assert_int_equal(cases, want_cases);
            hex_pairs(bytes, text, want / 2);
            for (size_t i = 0; i < want / 2; i++) {
                assert_int_equal(bytes[i], hex_value(text[2 * i]) * 16 + hex_value(text[2 * i + 1]));
            }
        }
    }
}

static void base64(void **state)
{
    /* RFC 4648 10, and then some */
    const struct {
        sign_bytes bytes, text;
    } cases[] = {
        { B(""), B("") },
        { B("f"), B("Zg==") },
        { B("fo"), B("Zm8=") },
        { B("foo"), B("Zm9v") },
        { B("foob"), B("Zm9vYg==") },
        { B("fooba"), B("Zm9vYmE=") },
        { B("foobar"), B("Zm9vYmFy") },
        { B("\xfb\xff\xbe\0"), B("+/++AA==") },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build b = { 0 };
        build_base64(&b, cases[i].bytes);
        check_bytes(build_view(&b), cases[i].text);
        build_truncate(&b, 0);
        assert_true(base64_decode(&b, cases[i].text));
        check_bytes(build_view(&b), cases[i].bytes);
    }
    CLEANUP(build_free) struct build b = { 0 };
    assert_true(base64_decode(&b, B(" \r\nZ\tm 8\n= ")));
    check_bytes(build_view(&b), B("fo"));
    const sign_bytes bad[] = {
        B("Z"),     B("Zg"),       B("Zg="),          B("Zm8"),    B("Zm9vY"), B("="),     B("===="),  B("Z==="),
        B("Zg==="), B("Zg==Zg=="), B("Zg==="),        B("Zh=="),   B("Zm9="),  B("Zm8=="), B("Zm8=v"), B("Zm-v"),
        B("Zm_v"),  B("Zm9v\v"),   B("Zm9v\xc2\xa0"), B("Zm\09v"), B("Z=g="),  B("Zg=g"),  B("Zm9v="),
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (base64_decode(&b, bad[i])) {
            fail_msg("accepted: %.*s", (int)bad[i].len, (const char *)bad[i].ptr);
        }
        check_bytes(build_view(&b), B("fo"));
    }
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        bool ok64, ok32;
        uint64_t value;
    } cases[] = {
        { "0", true, true, 0 },
        { "007", true, true, 7 },
        { "4294967295", true, true, UINT32_MAX },
        { "4294967296", true, false, UINT64_C(4294967296) },
        { "18446744073709551615", true, false, UINT64_MAX },
        { "18446744073709551616", false, false, 0 },
        { "99999999999999999999", false, false, 0 },
        { "184467440737095516150", false, false, 0 },
        { "", false, false, 0 },
        { "-1", false, false, 0 },
        { "+1", false, false, 0 },
        { " 1", false, false, 0 },
        { "1 ", false, false, 0 },
        { "1.0", false, false, 0 },
        { "0x1", false, false, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint64_t wide = 12345;
        uint32_t narrow = 12345;
        assert_int_equal(parse_u64(bytes_str(cases[i].text), &wide), cases[i].ok64);
        assert_int_equal(parse_u32(bytes_str(cases[i].text), &narrow), cases[i].ok32);
        assert_int_equal(wide, cases[i].ok64 ? cases[i].value : 12345);
        assert_int_equal(narrow, cases[i].ok32 ? cases[i].value : 12345);
    }
}

static void ascii(void **state)
{
    for (int c = -1; c < 256; c++) {
        assert_int_equal(ascii_lower(c), c >= 0x41 && c <= 0x5a ? c + 32 : c);
        assert_int_equal(is_xml_space(c), c == 9 || c == 10 || c == 13 || c == 32);
    }
    assert_true(ascii_equal_nocase(B("Sha256-X"), B("sHA256-x")));
    assert_false(ascii_equal_nocase(B("ab"), B("abc")));
    assert_false(ascii_equal_nocase(B("a["), B("a{")));
    assert_true(ascii_equal_nocase(B(""), B("")));
}

/* Long enough for runs of whole groups, broken off at any place by white space or by what does not belong there. */
static void base64_runs(void **state)
{
    uint8_t bytes[130];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(i * 73 + i / 7);
    }
    for (size_t len = 0; len <= sizeof bytes; len++) {
        CLEANUP(build_free) struct build text = { 0 };
        build_base64(&text, bytes_of(bytes, len));
        for (size_t at = 0; at <= text.len; at++) {
            CLEANUP(build_free) struct build broken = { 0 }, out = { 0 };
            build_put(&broken, text.ptr, at);
            build_str(&broken, "\r\n");
            build_bytes(&broken, bytes_slice(build_view(&text), at, text.len));
            assert_true(base64_decode(&out, build_view(&broken)));
            check_bytes(build_view(&out), bytes_of(bytes, len));
            broken.ptr[at] = '-';
            assert_false(base64_decode(&out, build_view(&broken)));
            check_bytes(build_view(&out), bytes_of(bytes, len)); /* as it was */
        }
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_one_by_one), cmocka_unit_test(utf8_round_trip), cmocka_unit_test(repairs),
        cmocka_unit_test(from_utf16),      cmocka_unit_test(escapes),         cmocka_unit_test(hex),
        cmocka_unit_test(hex_runs),        cmocka_unit_test(base64_runs),
        cmocka_unit_test(base64),          cmocka_unit_test(numbers),         cmocka_unit_test(ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
