/*
 * What reading costs: as many objects for 10,000 pages as for one, whatever the work; and time and memory that are linear in
 * the cross-reference sections.
 */
#include "make.h"
#include <base/cleanup.h>
#include <base/limits.h>
#include <pdf/fields.h>
#include <pdf/flaw.h>
#include <pdf/update.h>
#include <stdlib.h>

enum tree { FLAT, NESTED };
#define BRANCH 100

struct places {
    uint64_t *at;                   /* by object number; malloc'ed */
    unsigned n;
};

static unsigned put(struct build *out, struct places *p, const char *text)
{
    p->at[++p->n] = out->len;
    build_fmt(out, "%u 0 obj\n%s\nendobj\n", p->n, text);
    return p->n;
}

/* Pages first to first + n - 1, as they will be numbered, in one /Kids. */
static void put_kids(struct build *out, struct places *p, unsigned self, unsigned first, unsigned n, unsigned count)
{
    p->at[self] = out->len;
    build_fmt(out, "%u 0 obj\n<</Type/Pages%s/Count %u/Kids[", self, self == 2 ? "" : "/Parent 2 0 R", count);
    for (unsigned i = 0; i < n; i++) {
        build_fmt(out, "%u 0 R ", first + i);
    }
    build_str(out, "]>>\nendobj\n");
}

/* Catalog 1, root of the pages 2, then the tree; a /Contents for each page. */
static void write_pages(struct build *out, unsigned pages, enum tree tree)
{
    struct places p = { calloc(2 * pages + pages / BRANCH + 8, sizeof *p.at), 0 };
    char text[96];
    assert_non_null(p.at);
    build_str(out, "%PDF-1.7\n");
    put(out, &p, "<</Type/Catalog/Pages 2 0 R>>");
    unsigned inner = tree == NESTED ? (pages + BRANCH - 1) / BRANCH : 0, first = 3 + inner;
    p.n = 2;
    put_kids(out, &p, 2, tree == NESTED ? 3 : first, tree == NESTED ? inner : pages, pages);
    for (unsigned i = 0; i < inner; i++) {
        unsigned rest = pages - i * BRANCH, n = rest < BRANCH ? rest : BRANCH;
        p.n++;
        put_kids(out, &p, 3 + i, first + i * BRANCH, n, n);
    }
    for (unsigned i = 0; i < pages; i++) {
        snprintf(text, sizeof text, "<</Type/Page/Parent %u 0 R/MediaBox[0 0 9 9]/Contents %u 0 R>>",
                 tree == NESTED ? 3 + i / BRANCH : 2, first + pages + i);
        put(out, &p, text);
    }
    for (unsigned i = 0; i < pages; i++) {
        put(out, &p, "<</Length 3>>\nstream\nq Q\nendstream");
    }
    uint64_t xref = out->len;
    build_fmt(out, "xref\n0 %u\n0000000000 65535 f\r\n", p.n + 1);
    for (unsigned i = 1; i <= p.n; i++) {
        build_fmt(out, "%010llu 00000 n\r\n", (unsigned long long)p.at[i]);
    }
    build_fmt(out, "trailer\n<</Size %u/Root 1 0 R>>\nstartxref\n%llu\n%%%%EOF\n", p.n + 1, (unsigned long long)xref);
    free(p.at);
}

struct counts {
    size_t sign, verify, inspect;   /* objects read */
};

static struct opened open_bytes(sign_bytes bytes)
{
    struct opened o = { 0 };
    sign_err err = SIGN_ERR_INIT;
    check_status(source_over(&o.source, bytes, &err), SIGN_OK, &err);
    check_status(pdf_open(&o.file, o.source, NULL, NULL, NULL, &err), SIGN_OK, &err);
    return o;
}

static size_t sign(struct build *out)
{
    sign_err err = SIGN_ERR_INIT;
    struct pdf_sign_spec spec = { .name = "n", .subfilter = "ETSI.CAdES.detached", .contents = 8, .digest = "SHA-256" };
    struct pdf_update update = { 0 };
    CLEANUP(opened_drop) struct opened o = open_bytes(build_view(out));
    check_status(pdf_update_make(&update, o.file, &spec, &err), SIGN_OK, &err);
    size_t n = o.file->n_objects;
    build_bytes(out, build_view(&update.bytes));
    pdf_update_drop(&update);
    return n;
}

static size_t verify(sign_bytes bytes)
{
    sign_err err = SIGN_ERR_INIT;
    const struct pdf_signature *sigs;
    struct pdf_coverage cover;
    size_t n;
    CLEANUP(opened_drop) struct opened o = open_bytes(bytes);
    check_status(pdf_signatures(&sigs, &n, o.file, &err), SIGN_OK, &err);
    assert_int_equal(n, 1);
    check_status(pdf_cover(&cover, o.file, &sigs[0], &err), SIGN_OK, &err);
    assert_true(cover.fault == PDF_FAULT_NONE && cover.whole_file);
    return o.file->n_objects;
}

static size_t inspect(sign_bytes bytes)
{
    sign_err err = SIGN_ERR_INIT;
    const struct pdf_field_info *fields;
    const struct pdf_revision_info *revisions;
    struct pdf_flaws flaws;
    const char *version;
    size_t n_fields, n_revisions;
    CLEANUP(opened_drop) struct opened o = open_bytes(bytes);
    check_status(pdf_fields_list(&fields, &n_fields, o.file, &err), SIGN_OK, &err);
    check_status(pdf_revisions_list(&revisions, &n_revisions, o.file, &err), SIGN_OK, &err);
    check_status(pdf_flaws(&flaws, pdf_newest(o.file), &err), SIGN_OK, &err);
    check_status(pdf_version(&version, o.file, &err), SIGN_OK, &err);
    assert_true(n_fields == 1 && n_revisions == 2 && flaws.n == 0);
    return o.file->n_objects;
}

static struct counts count(unsigned pages, enum tree tree)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct counts c;
    write_pages(&out, pages, tree);
    c.sign = sign(&out);
    c.verify = verify(build_view(&out));
    c.inspect = inspect(build_view(&out));
    print_message("# %u pages: %zu objects to sign, %zu to verify, %zu to inspect\n", pages, c.sign, c.verify, c.inspect);
    return c;
}

static void test_pages(void **state)
{
    for (enum tree tree = FLAT; tree <= NESTED; tree++) {
        struct counts one = count(1, tree), many = count(10000, tree);
        assert_int_equal(one.sign, many.sign);
        assert_int_equal(one.verify, many.verify);
        assert_int_equal(one.inspect, many.inspect);
    }
}

/* n sections that say nothing, each /Prev of the next. */
static void write_sections(struct build *out, unsigned n)
{
    build_str(out, "%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n");
    uint64_t prev = out->len;
    build_str(out, "xref\n0 2\n0000000000 65535 f\r\n0000000009 00000 n\r\ntrailer<</Size 2/Root 1 0 R>>\n");
    for (unsigned i = 1; i < n; i++) {
        uint64_t at = out->len;
        build_fmt(out, "xref\n0 0\ntrailer<</Size 2/Root 1 0 R/Prev %llu>>\n", (unsigned long long)prev);
        prev = at;
    }
    build_fmt(out, "startxref\n%llu\n%%%%EOF\n", (unsigned long long)prev);
}

/* Units of work a byte. */
static double chain(unsigned n, int want)
{
    CLEANUP(build_free) struct build out = { 0 };
    struct opened o = { 0 };
    sign_err err = SIGN_ERR_INIT;
    const struct pdf_revision_info *revisions;
    struct pdf_flaws flaws;
    size_t listed;
    double spent = 0;
    write_sections(&out, n);
    check_status(source_over(&o.source, build_view(&out), &err), SIGN_OK, &err);
    check_status(pdf_open(&o.file, o.source, NULL, NULL, NULL, &err), want, &err);
    if (want == SIGN_OK) {
        check_status(pdf_revisions_list(&revisions, &listed, o.file, &err), SIGN_OK, &err);
        assert_int_equal(listed, n);
        check_status(pdf_flaws(&flaws, pdf_newest(o.file), &err), SIGN_OK, &err);
        spent = (double)o.file->spent / (double)out.len;
        print_message("# %u sections: %.2f units a byte\n", n, spent);
    }
    opened_drop(&o);
    return spent;
}

static void test_sections(void **state)
{
    double few = chain(1000, SIGN_OK);
    assert_true(chain(50000, SIGN_OK) < 1.2 * few);
    chain(LIMIT_PDF_SECTIONS + 1, SIGN_E_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_pages), cmocka_unit_test(test_sections) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
