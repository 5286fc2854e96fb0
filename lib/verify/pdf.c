/* Facts about the signatures of a PDF (ISO 32000-2 12.8, EN 319 142-1). */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/diff.h>
#include <pdf/flaw.h>
#include <pdf/signature.h>
#include <stdio.h>
#include <verify/ranges.h>
#include <verify/signed_data.h>

struct pdf_job {
    struct pdf_file *file;
    const struct pdf_signature *sig;
    const struct gather *g;
    struct ranges *ranges;      /* shared by all signatures of the file, as are the flaws */
    const struct pdf_flaws *flaws;
};

/* What each SubFilter asks for; one without a row is not supported. */
static const struct subfilter {
    enum pdf_subfilter id;
    enum format format;
    bool sha1_inside, cades;
} SUBFILTERS[] = {
    { PDF_CADES_DETACHED, FORMAT_PADES, false, true },
    { PDF_PKCS7_DETACHED, FORMAT_PKCS7, false, false },
    { PDF_PKCS7_SHA1, FORMAT_PKCS7, true, false },
};

static const struct subfilter *subfilter_find(enum pdf_subfilter id)
{
    for (size_t i = 0; i < COUNT(SUBFILTERS); i++) {
        if (SUBFILTERS[i].id == id) {
            return &SUBFILTERS[i];
        }
    }
    return NULL;
}

/* The four numbers stand within the file, whatever else may be wrong with them. */
static bool range_is_readable(const struct pdf_job *job)
{
    uint64_t size = source_size(pdf_source(job->file));
    const uint64_t *r = job->sig->range;
    return job->sig->range_ok && r[0] <= size && r[1] <= size - r[0] && r[2] <= size && r[3] <= size - r[2];
}

static int digest_ranges(void *payload, const struct digest_alg *alg, uint8_t out[DIGEST_MAX], sign_err *err)
{
    const struct pdf_job *job = payload;
    return ranges_digest(job->ranges, job->sig->range, alg, out, err);
}

/* "object 12, /Root/Pages/Kids/Contents: the content of a page was replaced (DocMDP 2: …)" */
static const char *describe_change(const struct gather *g, const struct pdf_change_item *item, const char *rule)
{
    const char *object = item->num > 0 ? arena_fmt(g->arena, "object %u, ", (unsigned)item->num) : "";
    const char *text = arena_fmt(g->arena, "%s%s%s%s%s%s%s%s%s", object ? object : "", item->path,
                                 item->path[0] ? ": " : "", item->text, item->field ? " [" : "",
                                 item->field ? item->field : "", item->field ? "]" : "", rule ? "; " : "",
                                 rule ? rule : "");
    return text ? text : item->text;
}

/* The file that holds what was read ends before the report does: strings are copied. */
static int list_changes(struct facts *f, const struct gather *g, const struct pdf_diff *diff, sign_err *err)
{
    size_t n = diff->n < CHANGES_LISTED ? diff->n : CHANGES_LISTED;
    f->n_changes = diff->n;
    f->later = arena_array(g->arena, n + 1, sizeof *f->later);
    bool all = f->later != NULL;
    for (size_t i = 0; i < n && all; i++) {
        const struct pdf_change_item *item = &diff->items[i];
        f->later[f->n_later++] = (struct later_change){
            .kind = pdf_change_name(item->kind), .what = item->text, .path = arena_str(g->arena, bytes_str(item->path)),
            .field = item->field ? arena_str(g->arena, bytes_str(item->field)) : NULL, .object = item->num,
            .revision = item->revision,
        };
        all = f->later[i].path != NULL && (item->field == NULL || f->later[i].field != NULL);
    }
    return all ? SIGN_OK : err_nomem(err);
}

/* The first change of each kind, so that the reader knows what the allowed ones are. */
static void note_allowed(struct facts *f, const struct gather *g, const struct pdf_diff *diff)
{
    unsigned told = 0;
    for (size_t i = 0; i < diff->n && i < CHANGES_LISTED; i++) {
        const struct pdf_change_item *item = &diff->items[i];
        if ((told & 1u << item->kind) == 0) {
            told |= 1u << item->kind;
            facts_note(f, MSG_CHANGED_LATER, describe_change(g, item, NULL), NULL, NULL);
        }
    }
}

static int check_changes(struct facts *f, const struct pdf_job *job, sign_err *err)
{
    static const enum changes verdicts[] = {
        [PDF_CHANGES_UNKNOWN] = CHANGES_UNKNOWN, [PDF_CHANGES_NONE] = CHANGES_NONE,
        [PDF_CHANGES_ALLOWED] = CHANGES_ALLOWED, [PDF_CHANGES_FORBIDDEN] = CHANGES_FORBIDDEN,
    };
    struct pdf_diff diff;
    sign_err why = SIGN_ERR_INIT;
    const char *all = arena_fmt(job->g->arena, "%zu of %zu", f->revision, f->revisions);
    int rc = pdf_compare(&diff, job->file, job->sig, &why);
    bool nothing = rc == SIGN_OK && diff.n == 0 && f->revision == f->revisions;     /* a comment behind %%EOF */
    f->changes = rc != SIGN_OK ? CHANGES_UNKNOWN
                 : nothing && diff.verdict == PDF_CHANGES_ALLOWED ? CHANGES_NONE : verdicts[diff.verdict];
    if (rc != SIGN_OK && !ends_work(rc)) {
        facts_note(f, MSG_CHANGES_UNKNOWN, arena_str(job->g->arena, bytes_str(why.msg)), all, why.clause);
        return SIGN_OK;
    }
    if (rc != SIGN_OK || (rc = list_changes(f, job->g, &diff, &why)) != SIGN_OK) {
        return err_set(err, rc, why.offset, why.clause, "%s", why.msg);
    }
    if (diff.reason == NULL) {
        note_allowed(f, job->g, &diff);
    } else if (f->changes == CHANGES_FORBIDDEN) {
        facts_note(f, MSG_MODIFIED_AFTER_SIGNING, describe_change(job->g, diff.reason, diff.rule), NULL, NULL);
    } else {
        facts_note(f, MSG_CHANGES_UNKNOWN, describe_change(job->g, diff.reason, diff.rule), all, NULL);
    }
    return SIGN_OK;
}

static int list_ranges(struct facts *f, const struct pdf_job *job, bool sound, sign_err *err)
{
    if (!job->sig->range_ok) {
        return SIGN_OK;
    }
    f->covers = arena_array(job->g->arena, 2, sizeof *f->covers);
    if (!f->covers) {
        return err_nomem(err);
    }
    for (size_t i = 0; i < 2; i++) {
        f->covers[f->n_covers++] = (struct cover){
            .offset = job->sig->range[2 * i], .length = job->sig->range[2 * i + 1], .located = true, .resolved = sound,
        };
    }
    return SIGN_OK;
}

static int check_coverage(struct facts *f, const struct pdf_job *job, sign_err *err)
{
    struct pdf_coverage cover = { .fault = PDF_FAULT_RANGE_FORM, .offset = SIGN_NO_OFFSET };
    sign_err why = SIGN_ERR_INIT;
    int rc = pdf_cover(&cover, job->file, job->sig, &why);
    if (ends_work(rc)) {
        return err_set(err, rc, why.offset, why.clause, "%s", why.msg);
    }
    if (rc != SIGN_OK) {
        deny(f, job->g, &f->structure, MSG_BYTERANGE_WRONG, why.clause, at_offset(job->g, why.msg, why.offset));
        return list_ranges(f, job, false, err);
    }
    bool sound = cover.fault == PDF_FAULT_NONE;
    if (!sound) {
        const char *detail = cover.detail ? cover.detail : "";
        deny(f, job->g, &f->structure, MSG_BYTERANGE_WRONG, cover.clause, at_offset(job->g, detail, cover.offset));
    } else {
        fact_true(&f->found);
    }
    if (cover.damage) {             /* every reader mends it its own way: nobody knows what the signer saw */
        deny(f, job->g, &f->unambiguous, MSG_READERS_DIFFER, "ISO 32000-2 7.5.4",
             arena_fmt(job->g->arena, "it was damaged when it was signed: %s", cover.damage));
    }
    f->revision = cover.revision;
    f->revisions = cover.revisions;
    f->whole_file = sound && cover.whole_file;
    f->changes = f->whole_file ? CHANGES_NONE : CHANGES_UNKNOWN;
    if (sound && !f->whole_file && (rc = check_changes(f, job, err)) != SIGN_OK) {
        return rc;
    }
    return list_ranges(f, job, sound, err);
}

static bool is_zero(sign_bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.ptr[i] != 0) {
            return false;
        }
    }
    return true;
}

/* ISO 32000-2 12.8.1: /M counts where the signature itself has no time. PAdES wants /M alone (EN 319 142-1 6.3). */
static void read_time(struct facts *f, const struct pdf_job *job, const struct cms_signer *s)
{
    struct when when;
    bool pades = job->sig->subfilter == PDF_CADES_DETACHED;
    if (s && s->has_signing_time && (!pades || job->sig->claimed.len == 0)) {
        claim_time(f, &s->signing_time);
    } else if (job->sig->claimed.len > 0 && when_parse_pdf(job->sig->claimed, &when)) {
        claim_time(f, &when);
    } else if (job->sig->claimed.len > 0) {
        const char *text = arena_str(job->g->arena, bytes_slice(job->sig->claimed, 0, 64));
        facts_note(f, MSG_TIME_UNREADABLE, text, NULL, NULL);
    }
}

/* EN 319 142-1 6.3. Levels above B are named once their evidence is verified, which this version does not do. */
static bool is_pades_b(const struct facts *f, const struct pdf_job *job, const struct cms_signer *s)
{
    bool named = s->cert_v1.there || s->cert_v2.there;
    return named && f->bound == FACT_TRUE && !s->has_signing_time && job->sig->claimed.len > 0 && signer_is_sent(f);
}

/*
 * The room behind the CMS holds zeros. PDFBox encrypts the placeholder of a signature in an encrypted file, and what the CMS
 * does not overwrite stays cipher text: no harm to what is signed, but nothing anybody can tell from other data.
 */
static void check_padding(struct facts *f, const struct pdf_job *job, sign_bytes padding)
{
    bool encrypted = pdf_rights(job->file).encrypted;
    if (!is_zero(padding)) {
        deny(f, job->g, encrypted ? &f->consistent : &f->structure, encrypted ? MSG_PADDING_ENCRYPTED : MSG_TRAILING_DATA,
             NULL, NULL);
    }
}

static int check_cms(struct facts *f, const struct pdf_job *job, const struct subfilter *kind, sign_err *err)
{
    const struct gather *g = job->g;
    struct cms cms = { 0 };
    sign_err why = SIGN_ERR_INIT;
    int rc = cms_read(&cms, job->sig->contents, SIGN_NO_OFFSET, pdf_arena(job->file), &why);
    if (ends_work(rc)) {
        return err_set(err, rc, why.offset, why.clause, "%s", why.msg);
    }
    if (rc != SIGN_OK) {
        bool foreign = rc == SIGN_E_UNSUPPORTED;
        deny(f, g, foreign ? &f->supported : &f->structure, foreign ? MSG_UNSUPPORTED : MSG_CMS_MALFORMED, why.clause,
             why.msg);
        read_time(f, job, NULL);
        return SIGN_OK;
    }
    check_padding(f, job, bytes_slice(job->sig->contents, cms.length, SIZE_MAX));
    read_time(f, job, cms.n_signers == 1 ? &cms.signers[0] : NULL);
    if (!range_is_readable(job)) {
        return SIGN_OK;         /* denied already; there is nothing to digest */
    }
    struct signed_data sd = {
        .cms = &cms, .sha1_inside = kind->sha1_inside, .attrs_needed = kind->cades, .digest = digest_ranges,
        .payload = (void *)(uintptr_t)job,
    };
    rc = signed_data_check(f, g, &sd, err);
    if (rc == SIGN_OK && kind->cades && cms.n_signers == 1 && is_pades_b(f, job, &cms.signers[0])) {
        f->format = FORMAT_PADES_B;
    }
    return rc;
}

/* /Cert (table 255): a string, or an array of them, the signer's first. */
static int check_bare(struct facts *f, const struct pdf_job *job, sign_err *err)
{
    sign_bytes certs[LIMIT_CHAIN];
    struct bare_value bare = {
        .contents = job->sig->contents, .certs = certs, .digest = digest_ranges, .payload = (void *)(uintptr_t)job,
    };
    struct pdf_view *view = pdf_newest(job->file);
    const struct pdf_obj *cert, *item;
    f->format = FORMAT_X509_SHA1;
    read_time(f, job, NULL);
    int rc = pdf_get(&cert, view, job->sig->dict, "Cert", err);
    size_t n = rc != SIGN_OK ? 0 : cert->kind == PDF_ARRAY ? cert->u.array.n : 1;
    for (size_t i = 0; i < n && i < LIMIT_CHAIN && rc == SIGN_OK; i++) {
        rc = pdf_resolve(&item, view, cert->kind == PDF_ARRAY ? &cert->u.array.items[i] : cert, err);
        if (rc == SIGN_OK && item->kind == PDF_STRING) {
            bare.n_certs = bare_value_certs(certs, bare.n_certs, LIMIT_CHAIN, item->u.bytes);
        }
    }
    return rc == SIGN_OK && range_is_readable(job) ? bare_value_check(f, job->g, &bare, err) : rc;
}

static int check_contents(struct facts *f, const struct pdf_job *job, sign_err *err)
{
    const struct gather *g = job->g;
    const struct subfilter *kind = subfilter_find(job->sig->subfilter);
    if (job->sig->subfilter == PDF_X509_RSA_SHA1) {
        return check_bare(f, job, err);
    }
    if (!kind) {
        f->format = FORMAT_UNKNOWN;
        const char *detail = arena_fmt(g->arena, "/SubFilter /%s", job->sig->subfilter_name);
        deny(f, g, &f->supported, MSG_UNSUPPORTED, "ISO 32000-2 12.8.3.1", detail ? detail : "/SubFilter");
        read_time(f, job, NULL);
        return SIGN_OK;
    }
    f->format = kind->format;
    if (job->sig->contents.len == 0) {
        deny(f, g, &f->structure, MSG_CMS_MALFORMED, "ISO 32000-2 12.8.1", "there is no /Contents");
        return SIGN_OK;
    }
    return check_cms(f, job, kind, err);
}

/*
 * What is damaged says nothing against the signature: it covers the bytes as they are. What readers see differently does, in
 * whichever revision, for nobody knows what the signer saw.
 */
static void note_flaws(struct facts *f, const struct gather *g, const struct pdf_flaws *flaws)
{
    for (size_t i = 0; i < flaws->n; i++) {
        const struct pdf_flaw *flaw = &flaws->list[i];
        const char *detail = at_offset(g, flaw->text, flaw->offset);
        if (flaw->kind != PDF_FLAW_JUNK && flaw->kind != PDF_FLAW_XREF) {
            deny(f, g, &f->unambiguous, MSG_READERS_DIFFER, flaw->clause, detail);
        } else {
            facts_note(f, MSG_FILE_REPAIRED, detail, NULL, flaw->clause);
        }
    }
    fact_true(&f->unambiguous);
}

/* A file that is rebuilt by a scan has lost its revisions: what is signed is looked at by itself. */
static int note_prefix(struct facts *f, const struct pdf_job *job, sign_err *err)
{
    struct pdf_view *view;
    struct pdf_flaws flaws;
    sign_err why = SIGN_ERR_INIT;
    const uint64_t *r = job->sig->range;
    if (!pdf_needed_repair(job->file) || !range_is_readable(job)) {
        return SIGN_OK;
    }
    int rc = pdf_prefix(&view, job->file, r[2] + r[3], &why);
    rc = rc == SIGN_OK ? pdf_flaws(&flaws, view, &why) : rc;
    if (rc == SIGN_OK && flaws.ambiguous) {
        note_flaws(f, job->g, &flaws);
    }
    return ends_work(rc) ? err_set(err, rc, why.offset, why.clause, "%s", why.msg) : SIGN_OK;
}

static int gather_one(struct facts *f, const struct pdf_job *job, sign_err *err)
{
    const struct gather *g = job->g;
    f->id = arena_str(g->arena, bytes_str(job->sig->name));
    if (!f->id) {
        return err_nomem(err);
    }
    fact_true(&f->manifests);           /* PDF has none */
    note_flaws(f, g, job->flaws);
    if (job->sig->dict->duplicate_keys) {   /* readers differ in which one they take */
        deny(f, g, &f->structure, MSG_STRUCTURE_WRONG, "ISO 32000-2 7.3.7",
             "a key stands twice in the signature dictionary");
    }
    int rc = note_prefix(f, job, err);
    rc = rc == SIGN_OK ? check_coverage(f, job, err) : rc;
    if (rc == SIGN_OK) {
        rc = check_contents(f, job, err);
    }
    if (rc == SIGN_OK) {
        rc = signer_check_path(f, g, err);
    }
    fact_true(&f->structure);
    fact_true(&f->supported);
    return rc;
}

static int list_stamp(sign_report *report, const struct gather *g, const struct pdf_signature *sig, sign_err *err)
{
    struct stamp *stamp = &report->stamps[report->n_stamps++];
    stamp->id = arena_str(g->arena, bytes_str(sig->name));
    if (sig->range_ok && sig->range[3] <= UINT64_MAX - sig->range[2]) {
        stamp->length = sig->range[2] + sig->range[3];
    }
    return stamp->id ? SIGN_OK : err_nomem(err);
}

static int gather_all(sign_report *report, const struct gather *g, struct pdf_file *file, sign_err *err)
{
    const struct pdf_signature *sigs = NULL;
    size_t n = 0;
    struct pdf_flaws flaws;
    int rc = pdf_signatures(&sigs, &n, file, err);
    if (rc != SIGN_OK || n == 0 || (rc = pdf_flaws(&flaws, pdf_newest(file), err)) != SIGN_OK) {
        return rc;
    }
    report->sigs = arena_array(g->arena, n, sizeof *report->sigs);
    report->stamps = arena_array(g->arena, n, sizeof *report->stamps);
    if (!report->sigs || !report->stamps) {
        return err_nomem(err);
    }
    CLEANUP(ranges_drop) struct ranges ranges = { .source = pdf_source(file), .crypto = g->crypto, .watch = g->watch };
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        if (sigs[i].doc_timestamp) {
            rc = list_stamp(report, g, &sigs[i], err);
            continue;
        }
        struct pdf_job job = { file, &sigs[i], g, &ranges, &flaws };
        ranges.last = i + 1 == n;
        rc = watch_poll(g->watch, SIGNATURE_WORK, err);
        if (rc == SIGN_OK) {
            rc = gather_one(&report->sigs[report->n++].facts, &job, err);
        }
    }
    return rc;
}

int gather_pdf(sign_report *report, const struct gather *g, struct source *source, const sign_ctx_opts *limits,
               sign_err *err)
{
    struct pdf_opts opts = {
        .max_depth = limits->max_depth, .max_objects = limits->max_objects, .max_inflated = limits->max_inflated,
        .password = g->doc ? doc_password : NULL, .payload = (void *)(uintptr_t)g->doc,
    };
    CLEANUP(pdf_free) struct pdf_file *file = NULL;
    int rc = pdf_open(&file, source, g->crypto, &opts, g->watch, err);
    return rc == SIGN_OK ? gather_all(report, g, file, err) : rc;
}
