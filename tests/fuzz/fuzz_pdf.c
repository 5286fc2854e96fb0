/*
 * The PDF reader: open (encrypted files too), fields, signatures, coverage of each, and the data of some streams, in the
 * newest view and in a prefix; then the writer. Caps on decoding are tight where the file does not begin with its header.
 */
#include "pdf.h"
#include <pdf/update.h>

#define OBJECTS 40

static void list(struct pdf_file *file)
{
    const struct pdf_field_info *fields;
    const struct pdf_revision_info *revisions;
    const char *version;
    size_t n;
    if (pdf_fields_list(&fields, &n, file, NULL) == SIGN_OK) {
        (void)pdf_version(&version, file, NULL);
    }
    (void)pdf_revisions_list(&revisions, &n, file, NULL);
}

/* An update of a file that could be read is as long as its ByteRange says. */
static void update(struct pdf_file *file, const char *field)
{
    struct pdf_sign_spec spec = { .field = field, .name = "n", .subfilter = "ETSI.CAdES.detached", .contents = 8, .digest = "SHA-256" };
    struct pdf_update update = { 0 };
    if (pdf_update_make(&update, file, &spec, NULL) == SIGN_OK &&
        update.range[2] + update.range[3] != source_size(pdf_source(file)) + update.bytes.len) {
        __builtin_trap();
    }
    pdf_update_drop(&update);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct crypto *crypto;
    struct pdf_opts opts = { .max_inflated = size > 0 && data[0] == '%' ? 1 << 16 : 1 << 10, .max_objects = 2000 };
    const struct pdf_signature *sigs;
    struct pdf_coverage cover;
    struct opened o = { 0 };
    struct pdf_view *prefix;
    size_t n = 0;
    if (crypto == NULL && crypto_new(&crypto, NULL) != SIGN_OK) {
        return 0;
    }
    if (opened_open(&o, bytes_of(data, size), crypto, &opts) == SIGN_OK) {
        read_objects(pdf_newest(o.file), OBJECTS);
        if (pdf_signatures(&sigs, &n, o.file, NULL) == SIGN_OK) {
            for (size_t i = 0; i < n; i++) {
                int rc = pdf_cover(&cover, o.file, &sigs[i], NULL);
                if (rc == SIGN_OK && (cover.fault == PDF_FAULT_NONE) != (cover.detail == NULL)) {
                    __builtin_trap();
                }
            }
        }
        if (pdf_prefix(&prefix, o.file, size / 2, NULL) == SIGN_OK) {
            read_objects(prefix, OBJECTS);
        }
        list(o.file);
        update(o.file, NULL);
        update(o.file, "Signature1");
    }
    opened_close(&o);
    return 0;
}
