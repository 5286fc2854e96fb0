/* PAdES-B-B (EN 319 142-1): one incremental update with a CMS signature of a size that is known beforehand. */
#include <base/cleanup.h>
#include <base/err.h>
#include <cms/cms.h>
#include <pdf/flaw.h>
#include <pdf/rewrite.h>
#include <pdf/update.h>
#include <sign/job.h>
#include <sign/seed.h>
#include <unistd.h>

static int open_pdf(struct pdf_file **out, struct source *source, const struct sign_job *job, sign_err *err)
{
    const sign_ctx_opts *limits = ctx_opts(doc_ctx(job->doc));
    struct pdf_opts opts = {
        .max_depth = limits->max_depth, .max_objects = limits->max_objects, .max_inflated = limits->max_inflated,
        .password = doc_password, .payload = (void *)(uintptr_t)job->doc,
    };
    return pdf_open(out, source, ctx_crypto(doc_ctx(job->doc)), &opts, &job->watch->watch, err);
}

static void fd_close(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
}

/* A damaged file is written anew, into an unlinked temporary one, and signed as that; a sound file stays as it is. */
static int repair(struct pdf_file **file, const struct sign_job *job, sign_err *err)
{
    CLEANUP(fd_close) int fd = -1;
    CLEANUP(source_free) struct source *anew = NULL;
    CLEANUP(pdf_free) struct pdf_file *mended = NULL;
    struct pdf_flaws flaws;
    int rc = pdf_flaws(&flaws, pdf_newest(*file), err);
    if (rc != SIGN_OK || flaws.n == 0) {
        return rc;
    }
    fd = source_temp(err);
    if (fd < 0) {
        return SIGN_E_IO;
    }
    struct sink sink = { .fd = fd };
    if ((rc = pdf_rewrite(&sink, *file, err)) != SIGN_OK ||
        (rc = source_unchanged(doc_source(job->doc), err)) != SIGN_OK ||
        (rc = source_open_fd(&anew, fd, &job->watch->watch, err)) != SIGN_OK || (rc = open_pdf(&mended, anew, job, err)) != SIGN_OK) {
        return rc;
    }
    ctx_log(doc_ctx(job->doc), SIGN_LOG_WARNING, "%s: written anew before it was signed: %s", doc_name(job->doc),
            flaws.list[0].text);
    pdf_free(file);
    *file = mended;
    mended = NULL;
    return SIGN_OK;
}

static struct cms_draft_opts draft_opts(const struct sign_job *job, sign_bytes digest)
{
    return (struct cms_draft_opts){
        .chain = job->chain, .n_chain = job->n_chain, .params = job->params, .message_digest = digest,
    };
}

/*
 * The way up that a field's seed values are held against: what is embedded and the root above it, which a verifier has
 * (table 238: "directly or indirectly").
 */
static size_t whole_chain(sign_bytes out[LIMIT_CHAIN + 1], const struct sign_job *job)
{
    size_t n = 0, n_key = 0;
    const sign_cert *const *own = key_chain(job->key, &n_key), *root = NULL;
    for (size_t i = 0; i < job->n_chain; i++) {
        out[n++] = sign_cert_der(job->chain[i]);
    }
    if (job->path.status == PATH_OK && job->path.n > 1) {
        root = job->path.chain[job->path.n - 1];
    } else if (n_key > 1 && cert_self_signed(own[n_key - 1])) {
        root = own[n_key - 1];
    }
    if (root != NULL) {
        out[n++] = sign_cert_der(root);
    }
    return n;
}

/* The update with a /Contents of exactly the size that this chain and this key will fill. */
static int make_update(struct pdf_update *out, struct pdf_file *file, const struct sign_job *job, sign_err *err)
{
    static const uint8_t zeros[DIGEST_MAX];
    const struct digest_alg *alg = digest_by_id(job->params.digest);
    struct cms_draft_opts opts = draft_opts(job, bytes_of(zeros, alg->size));
    sign_bytes chain[LIMIT_CHAIN + 1];
    struct pdf_sign_spec spec = {
        .field = job->opts.pdf_field,
        .name = sign_cert_common_name(job->chain[0]),
        .reason = job->opts.reason,
        .location = job->opts.location,
        .contact = job->opts.contact,
        .when = job->when,
        .zone = job->opts.zone,
        .subfilter = "ETSI.CAdES.detached",
        .certify = job->opts.certify,
        .digest = alg->name,
        .chain = chain,
        .n_chain = whole_chain(chain, job),
        .fits = seed_fits,
        .fits_payload = (void *)(uintptr_t)job->chain[0],
    };
    int rc = cms_size(&spec.contents, &opts, ctx_crypto(doc_ctx(job->doc)), err);
    return rc == SIGN_OK ? pdf_update_make(out, file, &spec, err) : rc;
}

static int digest_update(uint8_t out[DIGEST_MAX], const struct pdf_update *update, const struct pdf_file *file,
                         const struct sign_job *job, sign_err *err)
{
    CLEANUP(digest_drop) struct digest_run run = { 0 };
    int rc = digest_start(&run, ctx_crypto(doc_ctx(job->doc)), digest_by_id(job->params.digest), err);
    if (rc == SIGN_OK) {
        rc = pdf_update_digest(update, file, &run, &job->watch->watch, err);
    }
    return rc == SIGN_OK ? digest_end(&run, out, err) : rc;
}

static int fill_contents(struct pdf_update *update, sign_bytes digest, const struct sign_job *job, sign_err *err)
{
    CLEANUP(cms_draft_free) struct cms_draft *draft = NULL;
    CLEANUP(build_free) struct build value = { 0 };
    CLEANUP(build_free) struct build cms = { 0 };
    struct cms_draft_opts opts = draft_opts(job, digest);
    int rc = cms_draft_new(&draft, &opts, ctx_crypto(doc_ctx(job->doc)), err);
    if (rc == SIGN_OK) {
        rc = sign_value(&value, job, cms_draft_tbs(draft), err);
    }
    if (rc == SIGN_OK) {
        rc = cms_draft_finish(&cms, draft, build_view(&value), err);
    }
    return rc == SIGN_OK ? pdf_update_contents(update, build_view(&cms), err) : rc;
}

static int write_out(struct sink *to, const struct pdf_update *update, const struct pdf_file *file,
                     const struct sign_job *job, sign_err *err)
{
    const struct source *source = pdf_source(file);
    int rc = sink_copy(to, source, 0, source_size(source), &job->watch->watch, err);
    if (rc == SIGN_OK) {
        rc = sink_put(to, build_view(&update->bytes), err);
    }
    /* Copied and hashed in two readings: a file that changed between them would carry a signature over other bytes. */
    return rc == SIGN_OK ? source_unchanged(doc_source(job->doc), err) : rc;
}

int sign_pdf(struct sink *to, const struct sign_job *job, sign_err *err)
{
    CLEANUP(pdf_free) struct pdf_file *file = NULL;
    CLEANUP(pdf_update_drop) struct pdf_update update = { 0 };
    uint8_t digest[DIGEST_MAX];
    int rc = open_pdf(&file, doc_source(job->doc), job, err);
    if (rc == SIGN_OK && job->opts.repair) {
        rc = repair(&file, job, err);
    }
    if (rc == SIGN_OK) {
        rc = make_update(&update, file, job, err);
    }
    if (rc != SIGN_OK || job->dry) {
        return rc;
    }
    rc = digest_update(digest, &update, file, job, err);
    if (rc == SIGN_OK) {
        rc = fill_contents(&update, bytes_of(digest, digest_by_id(job->params.digest)->size), job, err);
    }
    return rc == SIGN_OK ? write_out(to, &update, file, job, err) : rc;
}
