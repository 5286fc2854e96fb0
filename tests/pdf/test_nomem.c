/* Every allocation of a whole reading refused in turn: NOMEM each time, nothing lost, no other answer. */
#include "fault.h"
#include "make.h"
#include <pdf/flaw.h>
#include <pdf/rewrite.h>

static int read_all(const struct make *m, size_t *sound, sign_err *err)
{
    CLEANUP(opened_drop) struct opened o = { 0 };
    const struct pdf_signature *sigs;
    size_t n;
    *sound = 0;
    int rc = source_over(&o.source, build_view(&m->out), err);
    rc = rc == SIGN_OK ? pdf_open(&o.file, o.source, NULL, NULL, NULL, err) : rc;
    rc = rc == SIGN_OK ? pdf_signatures(&sigs, &n, o.file, err) : rc;
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        struct pdf_coverage out;
        rc = pdf_cover(&out, o.file, &sigs[i], err);
        *sound += rc == SIGN_OK && out.fault == PDF_FAULT_NONE;
    }
    return rc;
}

static void refuse_each(const struct make *m, size_t want)
{
    FAULT_EACH(n)
    {
        sign_err err = SIGN_ERR_INIT;
        size_t sound;
        int rc = read_all(m, &sound, &err);
        bool hit = fault_hit();
        check_status(rc, hit ? SIGN_E_NOMEM : SIGN_OK, &err);
        assert_true(hit || sound == want);
    }
}

/* Two revisions, a direct and an indirect value, an object stream, filters. */
static void test_sound(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    make_start(&m, "4 0 R 7 0 R");
    make_obj(&m, 4, "<</FT/Sig/T(Sig)/V 5 0 R>>");
    make_signature(&m, 5, "/Name(A)/Reason(B\\))");
    make_stream(&m, 6, "/Type/ObjStm/N 1/First 4/Filter/ASCIIHexDecode",
                BYTES_LIT("37203020"
                          "3C3C2F46542F53696720"
                          "3E3E>"));
    make_xref_stream(&m, 9, "", (struct make_hidden[]){ { 7, 6, 0 } }, 1);
    make_seal(&m);
    make_obj(&m, 3, "<</Fields[4 0 R 7 0 R 10 0 R]>>");
    make_obj(&m, 10, "<</FT/Sig/T(Sig)/V 11 0 R>>");
    make_signature(&m, 11, "");
    make_table(&m, "");
    make_seal(&m);
    refuse_each(&m, 2);
}

static void test_repaired(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    make_signed(&m);
    make_stream(&m, 6, "/Type/ObjStm/N 1/First 4", BYTES_LIT("7 0 <<>>"));
    make_text(&m, "trailer<</Root 1 0 R>>");
    refuse_each(&m, 1);
}

static int count(void *payload, sign_bytes bytes)
{
    *(size_t *)payload += bytes.len;
    return SIGN_OK;
}

static int write_anew(const struct make *m, size_t *written, sign_err *err)
{
    CLEANUP(opened_drop) struct opened o = { 0 };
    struct pdf_flaws flaws;
    sign_sink to = { .struct_size = sizeof to, .payload = written, .write = count };
    struct sink sink = sink_over(&to);
    *written = 0;
    int rc = source_over(&o.source, build_view(&m->out), err);
    rc = rc == SIGN_OK ? pdf_open(&o.file, o.source, NULL, NULL, NULL, err) : rc;
    rc = rc == SIGN_OK ? pdf_flaws(&flaws, pdf_newest(o.file), err) : rc;
    return rc == SIGN_OK ? pdf_rewrite(&sink, o.file, err) : rc;
}

static void test_anew(void **state)
{
    CLEANUP(make_drop) struct make m = { 0 };
    make_start(&m, "");
    make_stream(&m, 6, "/Type/ObjStm/N 1/First 4", BYTES_LIT("7 0 <<>>"));
    make_text(&m, "trailer<</Root 1 0 R/Info 7 0 R>>");
    FAULT_EACH(n)
    {
        sign_err err = SIGN_ERR_INIT;
        size_t written;
        int rc = write_anew(&m, &written, &err);
        bool hit = fault_hit();
        check_status(rc, hit ? SIGN_E_NOMEM : SIGN_OK, &err);
        assert_true(hit || written > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_sound), cmocka_unit_test(test_repaired),
                                        cmocka_unit_test(test_anew) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
