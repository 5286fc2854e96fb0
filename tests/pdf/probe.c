/* Opens PDF files and prints what the reader makes of each: a line a file, and a line a signature with its coverage. */
#include <inttypes.h>
#include <pdf/signature.h>
#include <stdio.h>

static void print_signature(struct pdf_file *file, const struct pdf_signature *sig)
{
    struct pdf_coverage cover;
    sign_err err = SIGN_ERR_INIT;
    int rc = pdf_cover(&cover, file, sig, &err);
    if (rc != SIGN_OK) {
        printf("  %s: %s %s\n", sig->name, sign_status_name(rc), err.msg);
        return;
    }
    printf("  %s: %s fault %d%s%s, revision %zu of %zu%s\n", sig->name, sig->doc_timestamp ? "dts" : "sig",
           (int)cover.fault, cover.detail != NULL ? " " : "", cover.detail != NULL ? cover.detail : "", cover.revision,
           cover.revisions, cover.whole_file ? ", whole file" : "");
}

static int probe(struct pdf_file *file, sign_err *err)
{
    const struct pdf_signature *sigs;
    size_t n;
    int rc = pdf_signatures(&sigs, &n, file, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    printf("ok %zu ", n);
    for (size_t i = 0; i < n; i++) {
        printf("%s%s", i == 0 ? "" : "|", sigs[i].name);
    }
    printf("%s\n", pdf_needed_repair(file) ? " (repaired)" : "");
    for (size_t i = 0; i < n; i++) {
        print_signature(file, &sigs[i]);
    }
    return SIGN_OK;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct source *source = NULL;
        struct pdf_file *file = NULL;
        sign_err err = SIGN_ERR_INIT;
        int rc = source_open(&source, argv[i], &err);
        if (rc == SIGN_OK && (rc = pdf_open(&file, source, NULL, NULL, NULL, &err)) == SIGN_OK) {
            rc = probe(file, &err);
        }
        if (rc != SIGN_OK) {
            printf("%s %s (%s, byte %" PRId64 ")\n", sign_status_name(rc), err.msg,
                   err.clause != NULL ? err.clause : "-", (int64_t)err.offset);
        }
        pdf_free(&file);
        source_free(&source);
    }
    return 0;
}
