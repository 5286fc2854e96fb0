/*
 * The rebuilding of cross-references: the input is followed by a startxref that leads nowhere, so that every input goes
 * through the scan; then objects, signatures and fields of what was found.
 */
#include "pdf.h"
#include <pdf/flaw.h>
#include <pdf/rewrite.h>

#define OBJECTS 40

static void read_found(struct pdf_file *file)
{
    const struct pdf_field_info *fields;
    const struct pdf_revision_info *revisions;
    const struct pdf_signature *sigs;
    size_t n = 0;
    read_objects(pdf_newest(file), OBJECTS);
    (void)pdf_fields_list(&fields, &n, file, NULL);
    (void)pdf_revisions_list(&revisions, &n, file, NULL);
    if (pdf_signatures(&sigs, &n, file, NULL) == SIGN_OK) {
        for (size_t i = 0; i < n; i++) {
            struct pdf_coverage cover;
            (void)pdf_cover(&cover, file, &sigs[i], NULL);
        }
    }
}

static int keep(void *payload, sign_bytes bytes)
{
    build_bytes(payload, bytes);
    return build_check(payload, NULL, NULL);
}

static void rewrite(struct pdf_file *file, const struct pdf_opts *opts)
{
    struct build anew = { .max = 1 << 24 };
    struct opened mended = { 0 };
    struct pdf_flaws flaws;
    sign_sink to = { .struct_size = sizeof to, .payload = &anew, .write = keep };
    struct sink sink = sink_over(&to);
    int rc = pdf_rewrite(&sink, file, NULL);
    rc = rc == SIGN_OK ? opened_open(&mended, build_view(&anew), NULL, opts) : SIGN_E_LIMIT;
    rc = rc == SIGN_OK ? pdf_flaws(&flaws, pdf_newest(mended.file), NULL) : rc;
    if (rc != SIGN_E_LIMIT && (rc != SIGN_OK || flaws.n > 0)) { /* LIMIT: a name grows when its bytes are escaped */
        __builtin_trap();
    }
    opened_close(&mended);
    build_free(&anew);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdf_opts opts = { .max_inflated = 1 << 12, .max_objects = 2000 };
    struct build whole = { 0 };
    struct opened o = { 0 };
    build_put(&whole, data, size);
    build_str(&whole, "\nstartxref\n999999999\n%%EOF\n");
    if (opened_open(&o, build_view(&whole), NULL, &opts) == SIGN_OK) {
        if (!pdf_needed_repair(o.file)) {
            __builtin_trap();
        }
        read_found(o.file);
        rewrite(o.file, &opts);
    }
    opened_close(&o);
    build_free(&whole);
    return 0;
}
