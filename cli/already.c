#include "already.h"

#include <string.h>
#include <sys/stat.h>

bool already_signed(const sign_doc *doc, const sign_cert *cert)
{
    sign_err ignored = SIGN_ERR_INIT;
    sign_verify_opts opts = SIGN_VERIFY_OPTS_INIT;
    sign_report *report = NULL;
    bool found = false;
    opts.revocation = SIGN_REVOCATION_OFF;
    int rc = sign_verify(&report, doc, NULL, &opts, &ignored);
    for (size_t i = 0; (rc == SIGN_OK || rc == SIGN_E_NOT_VALID) && i < sign_report_count(report); i++) {
        const sign_cert *signer = sign_report_signer(report, i);
        found |= signer && sign_report_integrity(report, i) == SIGN_INTEGRITY_INTACT &&
                 strcmp(sign_cert_sha256(signer), sign_cert_sha256(cert)) == 0;
    }
    sign_report_free(&report);
    return found;
}

bool already_signed_file(sign_ctx *ctx, const char *path, const sign_doc_opts *opts, const sign_cert *cert)
{
    sign_err ignored = SIGN_ERR_INIT;
    sign_doc *doc = NULL;
    struct stat st;
    bool found = lstat(path, &st) == 0 && S_ISREG(st.st_mode) && sign_doc_open(&doc, ctx, path, opts, &ignored) == SIGN_OK &&
                 already_signed(doc, cert);
    sign_doc_free(&doc);
    return found;
}
