/*
 * Prints, as text, what each reference of each signature covers: "ID REFERENCE PASSED|-|FAILED HEX-OF-OCTETS", or the name of
 * the error in place of the octets. Arguments: ROOT CRL CRL FILE...; a line "FILE" goes before each.
 */
#include <libsign/libsign.h>
#include <stdio.h>
#include <string.h>

static int print_hex(void *payload, sign_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        fprintf(payload, "%02x", bytes.ptr[i]);
    }
    return SIGN_OK;
}

#define REFERENCES 4    /* more than these documents' signatures have */

static void print_all(const sign_doc *doc, const char *id, const char *verdict)
{
    sign_sink out = { .struct_size = sizeof out, .payload = stdout, .write = print_hex };
    for (size_t i = 0; i < REFERENCES; i++) {
        sign_err err = SIGN_ERR_INIT;
        printf("%s %zu %s ", id, i, verdict);
        int rc = sign_covered_bytes(&out, doc, id, i, &err);
        printf("%s%s\n", rc == SIGN_OK ? "" : "!", rc == SIGN_OK ? "" : sign_status_name(rc));
    }
}

static int print_file(sign_ctx *ctx, const sign_trust *trust, const char *path)
{
    static const char *const verdicts[] = { [SIGN_INDETERMINATE] = "-", [SIGN_PASSED] = "PASSED", [SIGN_FAILED] = "FAILED" };
    sign_err err = SIGN_ERR_INIT;
    sign_doc *doc = NULL;
    sign_report *report = NULL;
    printf("FILE %s\n", path);
    int rc = sign_doc_open(&doc, ctx, path, NULL, &err);
    if (rc == SIGN_OK) {
        rc = sign_verify(&report, doc, trust, NULL, &err);
    }
    for (size_t i = 0; report && i < sign_report_count(report); i++) {
        print_all(doc, sign_report_id(report, i), verdicts[sign_report_verdict(report, i)]);
    }
    sign_report_free(&report);
    sign_doc_free(&doc);
    return rc == SIGN_E_INTERNAL || rc == SIGN_E_ARG;
}

int main(int argc, char **argv)
{
    sign_err err = SIGN_ERR_INIT;
    sign_ctx *ctx = NULL;
    sign_trust *trust = NULL;
    int bad = argc < 5 || sign_ctx_new(&ctx, NULL, &err) != SIGN_OK || sign_trust_new(&trust, ctx, &err) != SIGN_OK;
    for (int i = 1; !bad && i < 4; i++) {
        bad = sign_trust_add_path(trust, i == 1 ? SIGN_TRUST_ANCHORS : SIGN_TRUST_EVIDENCE, argv[i], &err) != SIGN_OK;
    }
    for (int i = 4; !bad && i < argc; i++) {
        bad = print_file(ctx, trust, argv[i]);
    }
    if (bad) {
        fprintf(stderr, "covered: %s\n", err.msg);
    }
    sign_trust_free(&trust);
    sign_ctx_free(&ctx);
    return bad;
}
