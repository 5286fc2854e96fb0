/* Tokens and objects: known answers, and where errors point. */
#include "check.h"
#include <base/build.h>
#include <base/limits.h>
#include <pdf/parse.h>
#include <stdio.h>

struct parsed {
    struct arena arena;
    struct pdf_parser parser;
    struct pdf_obj obj;
    int rc;
    sign_err err;
};

static struct parsed parse(sign_bytes text)
{
    struct parsed p = { .err = SIGN_ERR_INIT };
    p.parser.max_depth = LIMIT_PDF_DEPTH;
    p.parser.lex = (struct pdf_lexer){ .in = cursor_over(text, 1000), .placed = true };
    p.parser.lex.arena = &p.arena;
    p.rc = pdf_parse(&p.parser, &p.obj, &p.err);
    return p;
}

static void parsed_drop(struct parsed *p)
{
    pdf_parser_drop(&p->parser);
    arena_free(&p->arena);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        enum pdf_kind kind;
        double value;
    } cases[] = {
        { "0", PDF_INT, 0 },
        { "123", PDF_INT, 123 },
        { "+17", PDF_INT, 17 },
        { "-98", PDF_INT, -98 },
        { "0000000042", PDF_INT, 42 },
        { "9223372036854775807", PDF_INT, 9223372036854775807.0 },
        { "9223372036854775808", PDF_REAL, 9223372036854775808.0 },
        { "34.5", PDF_REAL, 34.5 },
        { "-.002", PDF_REAL, -.002 },
        { "+.5", PDF_REAL, .5 },
        { "4.", PDF_REAL, 4 },
        { "--5", PDF_REAL, -5 },
        { "1.2.3", PDF_REAL, 1.2 },
        { "-", PDF_REAL, 0 },
        { "5-3", PDF_REAL, 5 },
        { ".", PDF_REAL, 0 },
        { "12endobj", PDF_INT, 12 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(parsed_drop) struct parsed p = parse(bytes_str(cases[i].text));
        check_status(p.rc, SIGN_OK, &p.err);
        assert_int_equal(p.obj.kind, cases[i].kind);
        double got = p.obj.kind == PDF_INT ? (double)p.obj.u.integer : p.obj.u.real;
        double off = got - cases[i].value, most = 1e-9 + 1e-15 * (got < 0 ? -got : got);
        assert_true(off < most && -off < most);
    }
}

static void test_strings_and_names(void **state)
{
    static const struct {
        const char *text;
        enum pdf_kind kind;
        bool hex;
        sign_bytes value;
    } cases[] = {
        { "(a)", PDF_STRING, false, { (const uint8_t *)"a", 1 } },
        { "()", PDF_STRING, false, { NULL, 0 } },
        { "(a(b(c))d)", PDF_STRING, false, { (const uint8_t *)"a(b(c))d", 8 } },
        { "(\\n\\r\\t\\b\\f\\(\\)\\\\\\x)", PDF_STRING, false, { (const uint8_t *)"\n\r\t\b\f()\\x", 9 } },
        { "(\\0053\\53\\7x\\777)", PDF_STRING, false, { (const uint8_t *)"\0053+\7x\377", 6 } },
        { "(a\\\nb\\\r\nc\rd\r\ne)", PDF_STRING, false, { (const uint8_t *)"abc\nd\ne", 7 } },
        { "(%not a comment)", PDF_STRING, false, { (const uint8_t *)"%not a comment", 14 } },
        { "<>", PDF_STRING, true, { NULL, 0 } },
        { "<48 65\n6C>", PDF_STRING, true, { (const uint8_t *)"Hel", 3 } },
        { "<901FA>", PDF_STRING, true, { (const uint8_t *)"\x90\x1F\xA0", 3 } },
        { "/Name", PDF_NAME, false, { (const uint8_t *)"Name", 4 } },
        { "/", PDF_NAME, false, { NULL, 0 } },
        { "/A#42#2f", PDF_NAME, false, { (const uint8_t *)"AB/", 3 } },
        { "/C#", PDF_NAME, false, { (const uint8_t *)"C#", 2 } },
        { "/C#4", PDF_NAME, false, { (const uint8_t *)"C#4", 3 } },
        { "/C#zz/D", PDF_NAME, false, { (const uint8_t *)"C#zz", 4 } },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(parsed_drop) struct parsed p = parse(bytes_str(cases[i].text));
        check_status(p.rc, SIGN_OK, &p.err);
        assert_int_equal(p.obj.kind, cases[i].kind);
        assert_int_equal(p.obj.hex, cases[i].hex);
        check_bytes(p.obj.u.bytes, cases[i].value);
    }
}

/* An object as text, in one notation. */
static void print(struct build *out, const struct pdf_obj *obj)
{
    switch (obj->kind) {
    case PDF_ARRAY:
        build_byte(out, '[');
        for (size_t i = 0; i < obj->u.array.n; i++) {
            build_str(out, i == 0 ? "" : " ");
            print(out, &obj->u.array.items[i]);
        }
        build_byte(out, ']');
        break;
    case PDF_DICT:
        build_byte(out, '{');
        for (size_t i = 0; i < obj->u.dict.n; i++) {
            build_bytes(out, obj->u.dict.entries[i].key);
            build_byte(out, '=');
            print(out, &obj->u.dict.entries[i].value);
            build_byte(out, ';');
        }
        build_byte(out, '}');
        break;
    case PDF_INT:
        build_fmt(out, "%lld", (long long)obj->u.integer);
        break;
    case PDF_REF:
        build_fmt(out, "%u.%uR", (unsigned)obj->u.ref.num, (unsigned)obj->u.ref.gen);
        break;
    case PDF_NAME:
    case PDF_STRING:
        build_bytes(out, obj->u.bytes);
        break;
    case PDF_BOOL:
        build_str(out, obj->u.boolean ? "true" : "false");
        break;
    case PDF_NULL:
    case PDF_REAL:
    case PDF_STREAM:
    default:
        build_str(out, pdf_kind_name(obj->kind));
    }
}

static void test_objects(void **state)
{
    static const struct {
        const char *text, *want;
        size_t end;
    } cases[] = {
        { "null", "null", 4 },
        { " true ", "true", 5 },
        { "%c\r\nfalse]", "false", 9 },
        { "[1 2 R 3]", "[1.2R 3]", 9 },
        { "[1 2 3 R]", "[1 2.3R]", 9 },
        { "[1 2 3 4]", "[1 2 3 4]", 9 },
        { "[1 2 RG]", NULL, 0 },
        { "[1 0%x\nR]", "[1.0R]", 9 },
        { "[1 2R]", NULL, 0 },
        { "[-1 0 1 0 R]", "[-1 0 1.0R]", 12 },
        { "[4294967296 0 1]", "[4294967296 0 1]", 16 },
        { "<</A 1/B[<</C(x)>>]/D/E>>", "{A=1;B=[{C=x;}];D=E;}", 25 },
        { "<<>>", "{}", 4 },
        { "<</A 1 0 R>>", "{A=1.0R;}", 12 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(parsed_drop) struct parsed p = parse(bytes_str(cases[i].text));
        CLEANUP(build_free) struct build text = { 0 };
        check_status(p.rc, cases[i].want == NULL ? SIGN_E_FORMAT : SIGN_OK, &p.err);
        if (cases[i].want != NULL) {
            print(&text, &p.obj);
            check_bytes(build_view(&text), bytes_str(cases[i].want));
            assert_int_equal(p.obj.end, 1000 + cases[i].end);
        }
    }
}

static void test_places(void **state)
{
    CLEANUP(parsed_drop) struct parsed p = parse(BYTES_LIT(" <</A <00> /B (b)>>"));
    check_status(p.rc, SIGN_OK, &p.err);
    assert_int_equal(p.obj.start, 1001);
    const struct pdf_obj *a = pdf_dict_get(&p.obj, "A");
    assert_int_equal(a->start, 1006);
    assert_int_equal(a->end, 1010);
    assert_int_equal(p.obj.u.dict.entries[0].key_start, 1003);
}

static void test_duplicates(void **state)
{
    CLEANUP(build_free) struct build many = { 0 };
    build_str(&many, "<<");
    for (int i = 0; i < 1000; i++) {
        build_fmt(&many, "/K%d %d", i, i);
    }
    build_str(&many, "/K#35 9>>"); /* /K5 once more, in disguise */
    CLEANUP(parsed_drop) struct parsed large = parse(build_view(&many));
    check_status(large.rc, SIGN_OK, &large.err);
    assert_true(large.obj.duplicate_keys);
    assert_int_equal(pdf_dict_get(&large.obj, "K5")->u.integer, 9);

    CLEANUP(parsed_drop) struct parsed small = parse(BYTES_LIT("<</A 1/AA 2/A 3>>"));
    assert_true(small.obj.duplicate_keys);
    assert_int_equal(pdf_dict_get(&small.obj, "A")->u.integer, 3);
    CLEANUP(parsed_drop) struct parsed none = parse(BYTES_LIT("<</A 1/AA 2/B 3>>"));
    assert_false(none.obj.duplicate_keys);
}

static void test_errors(void **state)
{
    static const struct {
        const char *text;
        int status;
        uint64_t offset;
    } cases[] = {
        { "", SIGN_E_FORMAT, 0 },        { "(a", SIGN_E_FORMAT, 0 },   { "(a\\)", SIGN_E_FORMAT, 0 },
        { "<4", SIGN_E_FORMAT, 0 },      { "<4g>", SIGN_E_FORMAT, 2 }, { "[1 2", SIGN_E_FORMAT, 4 },
        { "]", SIGN_E_FORMAT, 0 },       { " >>", SIGN_E_FORMAT, 1 },  { "<</A>>", SIGN_E_FORMAT, 4 },
        { "<<1 2>>", SIGN_E_FORMAT, 2 }, { "foo", SIGN_E_FORMAT, 0 },  { "[1e5]", SIGN_E_FORMAT, 2 },
        { "{}", SIGN_E_FORMAT, 0 },      { ")", SIGN_E_FORMAT, 0 },    { "<</A 1>", SIGN_E_FORMAT, 6 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(parsed_drop) struct parsed p = parse(bytes_str(cases[i].text));
        check_status(p.rc, cases[i].status, &p.err);
        assert_int_equal(p.err.offset, 1000 + cases[i].offset);
        assert_non_null(p.err.clause);
    }
}

static void test_limits(void **state)
{
    static const struct {
        const char *open, *close;
        size_t n;
        int status;
    } cases[] = {
        { "[", "]", LIMIT_PDF_DEPTH, SIGN_OK }, { "[", "]", LIMIT_PDF_DEPTH + 1, SIGN_E_LIMIT },
        { "[", "", 1000000, SIGN_E_LIMIT },     { "<</A", "", 1000000, SIGN_E_LIMIT },
        { "((", "))", 100000, SIGN_OK },        { "[ 1", "", 1, SIGN_E_FORMAT },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build text = { 0 };
        for (size_t k = 0; k < cases[i].n; k++) {
            build_str(&text, cases[i].open);
        }
        for (size_t k = 0; k < cases[i].n; k++) {
            build_str(&text, cases[i].close);
        }
        CLEANUP(parsed_drop) struct parsed p = parse(build_view(&text));
        check_status(p.rc, cases[i].status, &p.err);
    }
    CLEANUP(build_free) struct build many = { 0 };
    build_byte(&many, '[');
    build_fill(&many, '1', 1);
    for (size_t i = 0; i < LIMIT_PDF_ELEMENTS; i++) {
        build_str(&many, " 1");
    }
    CLEANUP(parsed_drop) struct parsed p = parse(build_view(&many));
    check_status(p.rc, SIGN_E_LIMIT, &p.err);
    CLEANUP(build_free) struct build name = { 0 };
    build_byte(&name, '/');
    build_fill(&name, 'n', LIMIT_PDF_NAME + 1);
    CLEANUP(parsed_drop) struct parsed q = parse(build_view(&name));
    check_status(q.rc, SIGN_E_LIMIT, &q.err);
}

/* An arena that is full because of the document is a limit, not a want of memory. */
static void test_memory(void **state)
{
    CLEANUP(build_free) struct build text = { 0 };
    CLEANUP(parsed_drop) struct parsed p = { .err = SIGN_ERR_INIT };
    build_byte(&text, '[');
    for (int i = 0; i < 1000; i++) {
        build_str(&text, "[1 2]<4142>/A#42");
    }
    p.arena.max = 64 << 10;
    p.parser.max_depth = LIMIT_PDF_DEPTH;
    p.parser.lex = (struct pdf_lexer){ .in = cursor_over(build_view(&text), 0), .arena = &p.arena, .placed = true };
    check_status(pdf_parse(&p.parser, &p.obj, &p.err), SIGN_E_LIMIT, &p.err);
}

/* The lexer says when it saw the end: what looks like a token may go on in the next window. */
static void test_starved(void **state)
{
    static const struct {
        const char *text;
        bool starved;
    } cases[] = {
        { "12 ", true },  { "12", true },     { "[12]", false }, { "(ab)", false },
        { "/Nam", true }, { "null ", false }, { "<<>>", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(parsed_drop) struct parsed p = parse(bytes_str(cases[i].text));
        check_status(p.rc, SIGN_OK, &p.err);
        assert_int_equal(p.parser.lex.starved, cases[i].starved);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_strings_and_names), cmocka_unit_test(test_objects),
        cmocka_unit_test(test_places),  cmocka_unit_test(test_duplicates),        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_limits),  cmocka_unit_test(test_starved),           cmocka_unit_test(test_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
