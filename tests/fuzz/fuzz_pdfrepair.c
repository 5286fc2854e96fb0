/*
 * The rebuilding of cross-references: the input is followed by a startxref that leads nowhere, so that every input goes
 * through the scan; then objects, signatures and fields of what was found.
 */
#include <base/build.h>
#include <pdf/fields.h>
#include <pdf/flaw.h>
#include <pdf/rewrite.h>

#define OBJECTS 40

static void read_found(struct pdf_file *file)
{
    const struct pdf_field_info *fields;
    const struct pdf_revision_info *revisions;
    const struct pdf_signature *sigs;
    struct pdf_view *view = pdf_newest(file);
    size_t n = 0;
    for (uint32_t num = 1; num < OBJECTS; num++) {
        const struct pdf_obj *obj;
        sign_bytes data;
        if (pdf_load(&obj, view, (struct pdf_ref){ num, 0 }, NULL) == SIGN_OK && obj->kind == PDF_STREAM) {
            (void)pdf_stream(&data, view, obj, NULL);
        }
    }
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
    struct source *source = NULL;
    struct pdf_file *mended = NULL;
    struct pdf_flaws flaws;
    sign_sink to = { .struct_size = sizeof to, .payload = &anew, .write = keep };
    struct sink sink = sink_over(&to);
    int rc = pdf_rewrite(&sink, file, NULL);
    rc = rc == SIGN_OK ? source_over(&source, build_view(&anew), NULL) : SIGN_E_LIMIT;
    rc = rc == SIGN_OK ? pdf_open(&mended, source, NULL, opts, NULL, NULL) : rc;
    rc = rc == SIGN_OK ? pdf_flaws(&flaws, pdf_newest(mended), NULL) : rc;
    if (rc != SIGN_E_LIMIT && (rc != SIGN_OK || flaws.n > 0)) { /* LIMIT: a name grows when its bytes are escaped */
        __builtin_trap();
    }
    pdf_free(&mended);
    source_free(&source);
    build_free(&anew);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdf_opts opts = { .max_inflated = 1 << 12, .max_objects = 2000 };
    struct build whole = { 0 };
    struct source *source = NULL;
    struct pdf_file *file = NULL;
    build_put(&whole, data, size);
    build_str(&whole, "\nstartxref\n999999999\n%%EOF\n");
    if (source_over(&source, build_view(&whole), NULL) == SIGN_OK &&
        pdf_open(&file, source, NULL, &opts, NULL, NULL) == SIGN_OK) {
        if (!pdf_needed_repair(file)) {
            __builtin_trap();
        }
        read_found(file);
        rewrite(file, &opts);
    }
    pdf_free(&file);
    source_free(&source);
    build_free(&whole);
    return 0;
}
