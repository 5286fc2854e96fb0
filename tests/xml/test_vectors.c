/*
 * Canonical forms that others made: testdata/vectors, where each set's ORIGIN.md says whose they are. Those of XPath node sets
 * that are no subtree (C14N 1.0 3.7, C14N 1.1 3.8, two apexes at once) are left out: no such set is ever canonicalized here.
 */
#include "check.h"
#include "form.h"
#include <base/cleanup.h>
#include <stdio.h>
#include <xml/c14n_impl.h>

static const sign_bytes bar_default[] = { { (const uint8_t *)"bar", 3 }, { NULL, 0 } };

#define C10 { .method = C14N_10 }
#define C11 { .method = C14N_11 }
#define EXC { .method = C14N_EXCLUSIVE }
#define EXCC { .method = C14N_EXCLUSIVE, .comments = true }
#define LISTED { .method = C14N_EXCLUSIVE, .inclusive = bar_default, .n_inclusive = 2 }
#define LISTEDC { .method = C14N_EXCLUSIVE, .comments = true, .inclusive = bar_default, .n_inclusive = 2 }
#define IN "c14n-examples/in/"
#define EX "c14n-examples/inExcl/example2_"
#define C11_SET "c14n11-interop-2007/"
#define MERLIN "merlin-exc-c14n-one/"

/* document, which element of it without which (from 1, in document order), canonical form */
static const struct vector { const char *document; struct form form; const char *want; } vectors[] = {
    { IN "32_input.xml", { C10, 0, 0 }, IN "32_c14n.xml" },
    { IN "33_input.xml", { C10, 0, 0 }, IN "33_c14n.xml" },
    { IN "34_input.xml", { C10, 0, 0 }, IN "34_c14n.xml" },
    { IN "36_input.xml", { C10, 0, 0 }, IN "36_c14n.xml" },
    { IN "default_ns_redefinition_input.xml", { C10, 2, 0 }, IN "default_ns_redefinition_c14n.xml" },
    { EX "2_1.xml", { C10, 2, 0 }, EX "2_1_c14nized.xml" },
    { EX "2_2.xml", { C10, 2, 0 }, EX "2_2_c14nized.xml" },
    { EX "2_1.xml", { EXC, 2, 0 }, EX "2_c14nized_exclusive.xml" },
    { EX "2_2.xml", { EXC, 2, 0 }, EX "2_c14nized_exclusive.xml" },
    { EX "2_3.xml", { EXC, 3, 0 }, EX "2_3_c14nized_exclusive.xml" },
    { EX "4.xml", { EXC, 3, 0 }, EX "4_c14nized.xml" },
    { MERLIN "exc-signature.xml", { EXC, 36, 0 }, MERLIN "c14n-0.txt" },
    { MERLIN "exc-signature.xml", { LISTED, 36, 0 }, MERLIN "c14n-1.txt" },
    { MERLIN "exc-signature.xml", { EXCC, 36, 0 }, MERLIN "c14n-2.txt" },
    { MERLIN "exc-signature.xml", { LISTEDC, 36, 0 }, MERLIN "c14n-3.txt" },
    { MERLIN "exc-signature.xml", { EXC, 3, 0 }, MERLIN "c14n-4.txt" },
    { C11_SET "xmlbase-prop-input.xml", { C11, 1, 7 }, C11_SET "xmlbase-prop-1.output" },
    { C11_SET "xmlbase-prop-input.xml", { C11, 2, 0 }, C11_SET "xmlbase-prop-2.output" },
    { C11_SET "xmlbase-prop-input.xml", { C11, 3, 0 }, C11_SET "xmlbase-prop-3.output" },
    { C11_SET "xmlbase-prop-input.xml", { C11, 4, 0 }, C11_SET "xmlbase-prop-4.output" },
    { C11_SET "xmlbase-prop-input.xml", { C11, 8, 0 }, C11_SET "xmlbase-prop-5.output" },
    { C11_SET "xmlbase-prop-input.xml", { C11, 9, 0 }, C11_SET "xmlbase-prop-6.output" },
    { C11_SET "xmlid-input.xml", { C11, 2, 0 }, C11_SET "xmlid-1.output" },
    { C11_SET "xmllang-input.xml", { C11, 2, 0 }, C11_SET "xmllang-1.output" },
    { C11_SET "xmllang-input.xml", { C11, 7, 0 }, C11_SET "xmllang-2.output" },
    { C11_SET "xmllang-input.xml", { C11, 3, 0 }, C11_SET "xmllang-3.output" },
    { C11_SET "xmlspace-input.xml", { C11, 2, 0 }, C11_SET "xmlspace-1.output" },
    { C11_SET "xmlspace-input.xml", { C11, 7, 0 }, C11_SET "xmlspace-2.output" },
    { C11_SET "xmlspace-input.xml", { C11, 3, 0 }, C11_SET "xmlspace-3.output" },
};

static void load(struct build *out, const char *name)
{
    char path[512];
    uint8_t piece[4096];
    snprintf(path, sizeof path, VECTORS "/%s", name);
    FILE *file = fopen(path, "rb");
    if (!file) print_message("# %s cannot be read\n", path);
    assert_non_null(file);
    for (size_t n; (n = fread(piece, 1, sizeof piece, file)) > 0;) build_bytes(out, bytes_of(piece, n));
    fclose(file);
    assert_false(out->failed);
}

static void forms(void **state)
{
    bool all = true;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const struct vector *v = &vectors[i];
        CLEANUP(build_free) struct build document = { 0 }, want = { 0 }, got = { 0 };
        sign_err err = SIGN_ERR_INIT;
        load(&document, v->document);
        load(&want, v->want);
        int rc = form_ours(&got, build_view(&document), &v->form, &err);
        bool same = rc == SIGN_OK && bytes_equal(build_view(&got), build_view(&want));
        if (!same) {
            print_message("# %s, element %zu: %s\n# got  %.*s\n# want %.*s\n", v->want, v->form.element, err.msg, (int)got.len,
                          (const char *)got.ptr, (int)want.len, (const char *)want.ptr);
        }
        all = all && same;
    }
    assert_true(all);
}

/* C14N 1.0 3.1 and 3.5 name files outside, which are not opened; test_c14n.c has both without them. */
static void outside(void **state)
{
    static const struct { const char *document, *clause; } rows[] = {
        { IN "31_input.xml", "XML 1.0 2.8" }, { IN "35_input.xml", "XML 1.0 4.2.2" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(build_free) struct build document = { 0 }, got = { 0 };
        sign_err err = SIGN_ERR_INIT;
        load(&document, rows[i].document);
        check_status(form_ours(&got, build_view(&document), &(struct form){ C10, 0, 0 }, &err), SIGN_E_FORMAT, &err);
        assert_string_equal(err.clause, rows[i].clause);
    }
}

static sign_bytes next_line(sign_bytes *text)
{
    size_t end = bytes_find(*text, BYTES_LIT("\n"), 0);
    end = end == SIZE_MAX ? text->len : end;
    sign_bytes line = bytes_slice(*text, 0, end);
    *text = bytes_slice(*text, end + 1, text->len);
    if (line.len && line.ptr[line.len - 1] == '\r') line.len--;
    return line;
}

/*
 * The working group's examples of what becomes of "." and ".." in an xml:base that is joined (C14N 1.1 appendix A). They are
 * paths; what begins with "//" is none in a URI (RFC 3986 3.2).
 */
static void bases(void **state)
{
    CLEANUP(build_free) struct build in = { 0 }, out = { 0 };
    load(&in, C11_SET "appendixa/inputs.txt");
    load(&out, C11_SET "appendixa/outputs.txt");
    sign_bytes inputs = build_view(&in), outputs = build_view(&out);
    bool all = true;
    size_t n = 0;
    for (; inputs.len; n++) {
        CLEANUP(build_free) struct build got = { 0 };
        sign_bytes input = next_line(&inputs), want = next_line(&outputs);
        if (bytes_start(input, BYTES_LIT("//"))) continue;
        uri_join(&got, (sign_bytes){ 0 }, input);
        bool same = bytes_equal(build_view(&got), want);
        if (!same) {
            print_message("# %.*s: got '%.*s', want '%.*s'\n", (int)input.len, (const char *)input.ptr, (int)got.len,
                          (const char *)got.ptr, (int)want.len, (const char *)want.ptr);
        }
        all = all && same;
    }
    assert_true(all && n > 50);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = { cmocka_unit_test(forms), cmocka_unit_test(outside), cmocka_unit_test(bases) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
