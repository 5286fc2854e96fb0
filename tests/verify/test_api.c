/* sign_verify as a caller meets it: wrong arguments, nothing to decide, deadlines, cancellation, a file that changes. */
#include <base/bytes.h>
#include <base/cleanup.h>
#include <jansson.h>
#include <libsign/verify.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static sign_ctx *ctx;

static int setup(void **state)
{
    return sign_ctx_new(&ctx, NULL, NULL);
}

static int teardown(void **state)
{
    sign_ctx_free(&ctx);
    return 0;
}

static sign_doc *open_bytes(sign_bytes bytes)
{
    sign_doc *doc = NULL;
    assert_int_equal(sign_doc_open_bytes(&doc, ctx, bytes, NULL, NULL), SIGN_OK);
    return doc;
}

/* 16 MiB of text in one element: more than one look at the watch. */
static sign_bytes large_xml(void)
{
    const size_t size = 16u << 20;
    uint8_t *text = malloc(size);
    assert_non_null(text);
    memset(text, 'a', size);
    memcpy(text, "<a>", 3);
    memcpy(text + size - 4, "</a>", 4);
    return bytes_of(text, size);
}

static void test_arguments(void **state)
{
    CLEANUP(sign_doc_free) sign_doc *doc = open_bytes(BYTES_LIT("<a/>"));
    sign_report *report = NULL;
    sign_buf *buf = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(sign_verify(NULL, doc, NULL, NULL, NULL), SIGN_E_ARG);
    assert_int_equal(sign_verify(&report, NULL, NULL, NULL, &err), SIGN_E_ARG);
    assert_int_equal(err.status, SIGN_E_ARG);
    assert_int_equal(sign_report_json(NULL, NULL, "a", NULL), SIGN_E_ARG);
    assert_int_equal(sign_report_json(&buf, NULL, "a", NULL), SIGN_E_ARG);
    assert_int_equal(sign_report_text(&buf, NULL, "a", "en", true, NULL), SIGN_E_ARG);
    assert_int_equal(sign_error_json(&buf, "a", SIGN_DOC_PDF, NULL, NULL), SIGN_E_ARG);
    sign_report_free(NULL);
    sign_report_free(&report);
}

static int take_nothing(void *payload, sign_bytes bytes)
{
    return SIGN_E_INTERNAL;
}

static void test_covered_arguments(void **state)
{
    CLEANUP(sign_doc_free) sign_doc *doc = open_bytes(BYTES_LIT("<a/>"));
    CLEANUP(sign_doc_free) sign_doc *unknown = open_bytes(BYTES_LIT("hello"));
    const sign_sink out = { .struct_size = sizeof out, .write = take_nothing }, no_write = { .struct_size = sizeof out };
    assert_int_equal(sign_covered_bytes(NULL, doc, "x", 0, NULL), SIGN_E_ARG);
    assert_int_equal(sign_covered_bytes(&no_write, doc, "x", 0, NULL), SIGN_E_ARG);
    assert_int_equal(sign_covered_bytes(&out, NULL, "x", 0, NULL), SIGN_E_ARG);
    assert_int_equal(sign_covered_bytes(&out, doc, NULL, 0, NULL), SIGN_E_ARG);
    assert_int_equal(sign_covered_bytes(&out, doc, "x", 0, NULL), SIGN_E_NOTFOUND);
    assert_int_equal(sign_covered_bytes(&out, unknown, "x", 0, NULL), SIGN_E_FORMAT);
}

/* No signature: a report, and not SIGN_OK. */
static void test_unsigned(void **state)
{
    CLEANUP(sign_doc_free) sign_doc *doc = open_bytes(BYTES_LIT("<a/>"));
    CLEANUP(sign_report_free) sign_report *report = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(sign_verify(&report, doc, NULL, NULL, &err), SIGN_E_NOT_VALID);
    assert_non_null(report);
    assert_int_equal(err.status, SIGN_E_NOT_VALID);
    assert_int_equal(sign_report_count(report), 0);
    assert_string_equal(sign_report_overall(report), "NO-SIGNATURE");
}

static void test_undecided(void **state)
{
    static const struct { const char *content; int status; } rows[] = {
        { "", SIGN_E_FORMAT }, { "hello", SIGN_E_FORMAT }, { "<a>", SIGN_E_FORMAT }, { "%PDF-1.7\n", SIGN_E_FORMAT },
        { "<!DOCTYPE a><a/>", SIGN_E_FORMAT },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(sign_doc_free) sign_doc *doc = open_bytes(bytes_str(rows[i].content));
        sign_report *report = (sign_report *)ctx;       /* must be cleared */
        sign_err err = SIGN_ERR_INIT;
        assert_int_equal(sign_verify(&report, doc, NULL, NULL, &err), rows[i].status);
        assert_null(report);
        assert_true(err.msg[0] != '\0');
    }
}

static void test_watch(void **state)
{
    sign_bytes content = large_xml();
    CLEANUP(sign_doc_free) sign_doc *doc = open_bytes(content);
    sign_report *report = NULL;
    volatile int32_t cancel = 1;
    sign_verify_opts opts = SIGN_VERIFY_OPTS_INIT;
    opts.cancel = &cancel;
    assert_int_equal(sign_verify(&report, doc, NULL, &opts, NULL), SIGN_E_CANCELLED);
    assert_null(report);
    cancel = 0;
    assert_int_equal(sign_verify(&report, doc, NULL, &opts, NULL), SIGN_E_NOT_VALID);
    sign_report_free(&report);
    opts.timeout_ms = 1;
    assert_int_equal(sign_verify(&report, doc, NULL, &opts, NULL), SIGN_E_TIMEOUT);
    assert_null(report);
    sign_doc_free(&doc);
    free((void *)(uintptr_t)content.ptr);
}

/* A caller built against an older, shorter struct: what it lacks is the default. */
static void test_older_caller(void **state)
{
    CLEANUP(sign_doc_free) sign_doc *doc = open_bytes(BYTES_LIT("<a/>"));
    CLEANUP(sign_report_free) sign_report *report = NULL;
    volatile int32_t cancel = 1;
    sign_verify_opts opts = SIGN_VERIFY_OPTS_INIT;
    opts.struct_size = offsetof(sign_verify_opts, revocation);
    opts.cancel = &cancel;
    opts.revocation = 99;
    assert_int_equal(sign_verify(&report, doc, NULL, &opts, NULL), SIGN_E_NOT_VALID);
}

static void write_file(const char *path, const char *content)
{
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_true(fputs(content, out) >= 0);
    assert_int_equal(fclose(out), 0);
}

/* Decision 3: a file that changed since it was opened is an I/O error, never a verdict. */
static void test_changed_file(void **state)
{
    char path[] = "libsign-test-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    write_file(path, "<a/>");
    CLEANUP(sign_doc_free) sign_doc *doc = NULL;
    sign_report *report = NULL;
    assert_int_equal(sign_doc_open(&doc, ctx, path, NULL, NULL), SIGN_OK);
    assert_int_equal(sign_verify(&report, doc, NULL, NULL, NULL), SIGN_E_NOT_VALID);
    sign_report_free(&report);
    write_file(path, "<b></b>");
    assert_int_equal(sign_verify(&report, doc, NULL, NULL, NULL), SIGN_E_IO);
    assert_null(report);
    assert_int_equal(unlink(path), 0);
}

static long allocations_left;

static void *scarce(size_t size)
{
    return allocations_left-- == 0 ? NULL : malloc(size);
}

/* Whichever allocation of jansson's fails, and wherever its buffer ends: NOMEM or the whole line, never another one. */
static void test_json_without_memory(void **state)
{
    sign_err why = SIGN_ERR_INIT;
    why.status = SIGN_E_FORMAT;
    for (size_t len = 1; len < 256; len++) {
        char name[256] = "";
        memset(name, 'x', len);
        CLEANUP(sign_buf_free) sign_buf *whole = NULL;
        assert_int_equal(sign_error_json(&whole, name, SIGN_DOC_PDF, &why, NULL), SIGN_OK);
        int rc = SIGN_E_NOMEM;
        for (long n = 0; rc == SIGN_E_NOMEM || allocations_left < 0; n++) {
            CLEANUP(sign_buf_free) sign_buf *line = NULL;
            allocations_left = n;
            json_set_alloc_funcs(scarce, free);
            rc = sign_error_json(&line, name, SIGN_DOC_PDF, &why, NULL);
            json_set_alloc_funcs(malloc, free);
            assert_true(rc == SIGN_E_NOMEM || rc == SIGN_OK);
            assert_true(rc == SIGN_E_NOMEM || bytes_equal(sign_buf_bytes(line), sign_buf_bytes(whole)));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arguments), cmocka_unit_test(test_covered_arguments), cmocka_unit_test(test_unsigned),
        cmocka_unit_test(test_undecided),
        cmocka_unit_test(test_watch), cmocka_unit_test(test_older_caller), cmocka_unit_test(test_changed_file),
        cmocka_unit_test(test_json_without_memory),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
