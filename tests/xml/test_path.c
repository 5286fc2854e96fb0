/* Paths: what is printed while a document goes by, and which text names the element that is open. */
#include "check.h"
#include <stdio.h>
#include <xml/path.h>

static const struct xml_name *name(const char *text)
{
    static struct xml_name out;
    const char *colon = strchr(text, ':');
    out = (struct xml_name){ .local = bytes_str(colon ? colon + 1 : text), .prefix = bytes_of(text, colon ? (size_t)(colon - text) : 0) };
    return &out;
}

/* "<a <b > <b" walks: names enter, ">" leaves. */
static void walk(struct path *p, const char *steps)
{
    CLEANUP(build_free) struct build copy = { 0 };
    sign_err err = SIGN_ERR_INIT;
    build_str(&copy, steps);
    build_byte(&copy, 0);
    char *rest;
    for (char *step = strtok_r((char *)copy.ptr, " ", &rest); step; step = strtok_r(NULL, " ", &rest)) {
        if (*step == '>') {
            path_leave(p);
        } else {
            check_status(path_enter(p, name(step), &err), SIGN_OK, &err);
        }
    }
}

static void printed(void **state)
{
    static const struct { const char *steps, *want; } rows[] = {
        { "a", "/a" },
        { "a b", "/a/b" },
        { "a b > b", "/a/b[2]" },
        { "a b > c > b > b x", "/a/b[3]/x" },
        { "a b x > > b x", "/a/b[2]/x" },
        { "a p:b > b", "/a/b" },
        { "a p:b > p:b", "/a/p:b[2]" },
        { "HDon DSCKS ds:Signature > ds:SignatureX > ds:Signature", "/HDon/DSCKS/ds:Signature[2]" },
        { "a ChữKýSố1 > ChữKýSố2 > ChữKýSố1", "/a/ChữKýSố1[2]" },
        { "a pb:c > p:bc > pb:c", "/a/pb:c[2]" },
        { "", "" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(path_free) struct path p = { 0 };
        CLEANUP(build_free) struct build got = { 0 };
        walk(&p, rows[i].steps);
        path_print(&got, &p);
        check_bytes(build_view(&got), bytes_str(rows[i].want));
        assert_int_equal(path_is(&p, build_view(&got)), rows[i].steps[0] != '\0');
    }
}

static void named(void **state)
{
    static const struct { const char *text; bool is; } rows[] = {
        { "/a/p:b[2]", true },    { "/a/*[3]", true },     { "/*/*[3]", true },      { "/a[1]/p:b[2]", true }, { "/a/p:b", false },
        { "/a/b[2]", false },     { "/a/p:b[1]", false },  { "/a/p:b[3]", false },   { "/a/*[2]", false },     { "a/p:b[2]", false },
        { "/a", false },          { "/", false },          { "", false },            { "/a/p:b[2]/c", false }, { "/x/a/p:b[2]", false },
        { "/a/p:b[ 2]", false },  { "/a/p:b[2", false },   { "/a/p:b2]", false },    { "/a/p:b[]", false },    { "//p:b[2]", false },
    };
    CLEANUP(path_free) struct path p = { 0 };
    walk(&p, "a p:b > c > p:b");
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (path_is(&p, bytes_str(rows[i].text)) != rows[i].is) print_message("# %s\n", rows[i].text);
        assert_int_equal(path_is(&p, bytes_str(rows[i].text)), rows[i].is);
    }
}

/* More different names than are kept: the rest goes by position, and is exact. */
static void many_names(void **state)
{
    CLEANUP(path_free) struct path p = { 0 };
    CLEANUP(build_free) struct build got = { 0 };
    sign_err err = SIGN_ERR_INIT;
    walk(&p, "a");
    for (int i = 0; i < 100000; i++) {
        char text[32];
        snprintf(text, sizeof text, "name-%d", i);
        check_status(path_enter(&p, name(text), &err), SIGN_OK, &err);
        if (i < 99999) path_leave(&p);
    }
    path_print(&got, &p);
    check_bytes(build_view(&got), BYTES_LIT("/a/*[100000]"));
    assert_true(path_is(&p, build_view(&got)));
    assert_true(p.cap_names <= 2 * PATH_NAMES);
    path_leave(&p);
    build_truncate(&got, 0);
    walk(&p, "name-3");
    path_print(&got, &p);
    check_bytes(build_view(&got), BYTES_LIT("/a/name-3[2]"));
}

static void depth(void **state)
{
    CLEANUP(path_free) struct path p = { 0 };
    sign_err err = SIGN_ERR_INIT;
    for (int i = 0; i < LIMIT_XML_DEPTH; i++) check_status(path_enter(&p, name("a"), &err), SIGN_OK, &err);
    check_status(path_enter(&p, name("a"), &err), SIGN_E_LIMIT, &err);
    for (int i = 0; i < LIMIT_XML_DEPTH + 5; i++) path_leave(&p);
    assert_int_equal(p.depth, 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed), cmocka_unit_test(named), cmocka_unit_test(many_names), cmocka_unit_test(depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
