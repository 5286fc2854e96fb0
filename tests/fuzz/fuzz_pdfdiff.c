/*
 * What changed after signing: the comparison for every signature whose coverage is sound. A file that does not begin
 * with '%' is taken for an update of a small signed one, so that the fuzzer writes revisions rather than signatures.
 */
#include "pdf.h"
#include <pdf/diff.h>
#include <stdio.h>

static const char SIGNED[] =
    "%PDF-1.7\n"
    "1 0 obj<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R/DSS 7 0 R/Metadata 7 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[6 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Fields[4 0 R 8 0 R]/SigFlags 3/DR<<>>>>endobj\n"
    "4 0 obj<</FT/Sig/T(a)/V 5 0 R/Lock<</Action/Include/Fields[(b)]>>>>endobj\n"
    "5 0 obj<</Type/Sig/SubFilter/ETSI.CAdES.detached/Reference[<</TransformMethod/DocMDP/TransformParams<</P 3>>>>]"
    "/ByteRange[0 463 467 490]/Contents<30>>>endobj\n"
    "6 0 obj<</Type/Page/Parent 2 0 R/Annots[4 0 R 8 0 R]/Contents 9 0 R>>endobj\n"
    "7 0 obj<</Certs[]>>endobj\n"
    "8 0 obj<</Subtype/Widget/FT/Tx/T(b)/V(c)/AP<</N 9 0 R>>>>endobj\n";

/* Offsets are found, not counted: the text above may change. */
static void put_signed(struct build *out)
{
    build_str(out, SIGNED);
    char table[512];
    size_t at = out->len;
    int len = snprintf(table, sizeof table, "xref\n1 8\n");
    for (unsigned num = 1; num <= 8; num++) {
        char head[16];
        (void)snprintf(head, sizeof head, "%u 0 obj<<", num);
        len += snprintf(table + len, sizeof table - (size_t)len, "%010u 00000 n \n",
                        (unsigned)(strstr(SIGNED, head) - SIGNED));
    }
    (void)snprintf(table + len, sizeof table - (size_t)len, "trailer<</Size 99/Root 1 0 R>>\nstartxref\n%zu\n%%%%EOF\n", at);
    build_str(out, table);
    size_t gap = (size_t)(strstr(SIGNED, "<30>") - SIGNED);
    char range[32];
    int n = snprintf(range, sizeof range, "[0 %zu %zu %zu]", gap, gap + 4, out->len - gap - 4);
    memcpy(out->ptr + (strstr(SIGNED, "[0 463") - SIGNED), range, (size_t)n);
}

static void compare(struct pdf_file *file)
{
    const struct pdf_signature *sigs;
    size_t n = 0;
    if (pdf_signatures(&sigs, &n, file, NULL) != SIGN_OK) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct pdf_coverage cover;
        struct pdf_diff diff;
        if (pdf_cover(&cover, file, &sigs[i], NULL) != SIGN_OK || cover.fault != PDF_FAULT_NONE ||
            pdf_compare(&diff, file, &sigs[i], NULL) != SIGN_OK) {
            continue;
        }
        bool refused = diff.verdict == PDF_CHANGES_FORBIDDEN || diff.verdict == PDF_CHANGES_UNKNOWN;
        if (refused != (diff.reason != NULL)) {
            __builtin_trap();
        }
        for (size_t k = 0; k < diff.n; k++) {
            bool worst = diff.items[k].kind == PDF_CHANGE_FORBIDDEN || diff.items[k].kind == PDF_CHANGE_UNKNOWN;
            if ((worst && !refused) || diff.items[k].path == NULL || pdf_change_name(diff.items[k].kind) == NULL) {
                __builtin_trap();
            }
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdf_opts opts = { .max_inflated = 1 << 14, .max_objects = 2000 };
    struct build whole = { 0 };
    struct opened o = { 0 };
    if (size == 0 || data[0] != '%') {
        put_signed(&whole);
    }
    build_put(&whole, data, size);
    if (opened_open(&o, build_view(&whole), NULL, &opts) == SIGN_OK) {
        compare(o.file);
    }
    opened_close(&o);
    build_free(&whole);
    return 0;
}
