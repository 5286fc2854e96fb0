/*
 * Verifies a document once for each allocation of it, that one failing: the answer is NOMEM or what it is with all memory,
 * never another verdict. verify_fault EXPECTED-OVERALL ANCHOR EVIDENCE EVIDENCE FILE; prints how many failures were met.
 */
#include <fault.h>
#include <libsign/verify.h>
#include <stdio.h>
#include <string.h>

static int complain(const char *what, unsigned long n, int rc)
{
    (void)fprintf(stderr, "allocation %lu: %s (%s)\n", n, what, sign_status_name(rc));
    return 1;
}

static int judge(const sign_report *report, const char *expected, unsigned long n, int rc)
{
    if (rc == SIGN_E_NOMEM) {
        return report ? complain("a report beside an error", n, rc) : 0;
    }
    if (!report) {
        return complain("neither NOMEM nor a report", n, rc);
    }
    return strcmp(sign_report_overall(report), expected) == 0 ? 0 : complain(sign_report_overall(report), n, rc);
}

/* One run over fresh caches, so that every run meets the same allocations. */
static int verify(char **argv, unsigned long n)
{
    sign_ctx *ctx = NULL;
    sign_trust *trust = NULL;
    sign_doc *doc = NULL;
    sign_report *report = NULL;
    sign_buf *json = NULL;
    int rc = sign_ctx_new(&ctx, NULL, NULL);
    rc = rc ? rc : sign_trust_new(&trust, ctx, NULL);
    rc = rc ? rc : sign_trust_add_path(trust, SIGN_TRUST_ANCHORS, argv[2], NULL);
    rc = rc ? rc : sign_trust_add_path(trust, SIGN_TRUST_EVIDENCE, argv[3], NULL);
    rc = rc ? rc : sign_trust_add_path(trust, SIGN_TRUST_EVIDENCE, argv[4], NULL);
    rc = rc ? rc : sign_doc_open(&doc, ctx, argv[5], NULL, NULL);
    rc = rc ? rc : sign_verify(&report, doc, trust, NULL, NULL);
    int bad = judge(report, argv[1], n, rc);
    if (report) {
        int printed = sign_report_json(&json, report, argv[5], NULL);
        bad = printed == SIGN_OK || printed == SIGN_E_NOMEM ? bad : complain("JSON", n, printed);
        sign_buf_free(&json);
        printed = sign_report_text(&json, report, argv[5], "vi", true, NULL);
        bad = printed == SIGN_OK || printed == SIGN_E_NOMEM ? bad : complain("text", n, printed);
        sign_buf_free(&json);
    }
    sign_report_free(&report);
    sign_doc_free(&doc);
    sign_trust_free(&trust);
    sign_ctx_free(&ctx);
    return bad;
}

int main(int argc, char **argv)
{
    unsigned long met = 0;
    int bad = 0;
    if (argc != 6) {
        return 2;
    }
    FAULT_EACH(n) {
        bad |= verify(argv, n);
        met = n;
    }
    (void)printf("%lu\n", met);
    return bad;
}
