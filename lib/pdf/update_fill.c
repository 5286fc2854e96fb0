#include <base/cleanup.h>
#include <base/err.h>
#include <pdf/update.h>

int pdf_update_contents(struct pdf_update *update, sign_bytes cms, sign_err *err)
{
    if (cms.len > update->contents_len) {
        return err_set(err, SIGN_E_INTERNAL, SIGN_NO_OFFSET, "ISO 32000-2 12.8.3.3",
                       "the CMS takes %zu bytes, /Contents holds %zu", cms.len, update->contents_len);
    }
    CLEANUP(build_free) struct build hex = { 0 };
    build_hex(&hex, cms, false);
    build_fill(&hex, '0', (update->contents_len - cms.len) * 2);
    int rc = build_check(&hex, err, "/Contents");
    if (rc == SIGN_OK) {
        memcpy(update->bytes.ptr + update->contents_at, hex.ptr, hex.len);
    }
    return rc;
}

static int add(void *payload, sign_bytes window, sign_err *err)
{
    return digest_add(payload, window, err);
}

int pdf_update_digest(const struct pdf_update *update, const struct pdf_file *file, struct digest_run *run, struct watch *watch,
                      sign_err *err)
{
    struct source *source = pdf_source(file);
    sign_bytes bytes = build_view(&update->bytes);
    size_t gap_end = update->contents_at + update->contents_len * 2 + 1;
    int rc = source_each(source, 0, source_size(source), add, run, watch, err);
    if (rc == SIGN_OK) {
        rc = digest_add(run, bytes_slice(bytes, 0, update->contents_at - 1), err);
    }
    return rc == SIGN_OK ? digest_add(run, bytes_slice(bytes, gap_end, bytes.len - gap_end), err) : rc;
}
