/* Facts about the signatures of an XML document (XMLDSig 1.1, EN 319 132-1). */
#include <base/cleanup.h>
#include <base/err.h>
#include <verify/gather.h>
#include <verify/xml_signer.h>

#define TYPE_SIGNED_PROPERTIES "http://uri.etsi.org/01903#SignedProperties"

static const char *uri_text(const struct gather *g, const struct xml_ref *ref)
{
    const char *text = ref->has_uri ? arena_str(g->arena, ref->uri) : NULL;
    return text ? text : "";
}

static int list_cover(struct facts *f, const struct gather *g, const struct xml_ref *ref, sign_err *err)
{
    bool resolved = ref->status == XML_REF_MATCH || ref->status == XML_REF_DIFFERS;
    struct cover *cover = &f->covers[f->n_covers++];
    *cover = (struct cover){
        .uri = ref->has_uri ? arena_str(g->arena, ref->uri) : NULL,
        .path = ref->path ? arena_str(g->arena, bytes_str(ref->path)) : NULL,
        .id = ref->element_id ? arena_str(g->arena, bytes_str(ref->element_id)) : NULL,
        .offset = ref->offset, .length = ref->length, .located = resolved, .resolved = resolved,
        .in_manifest = ref->in_manifest,
    };
    bool copied = (!ref->has_uri || cover->uri) && (!ref->path || cover->path) && (!ref->element_id || cover->id);
    return copied ? SIGN_OK : err_nomem(err);
}

/* What a status says, for the rows that are not MATCH. */
static void deny_reference(struct facts *f, const struct gather *g, const struct xml_ref *ref)
{
    const char *uri = uri_text(g, ref), *why = at_offset(g, ref->why ? ref->why : "", SIGN_NO_OFFSET);
    switch (ref->status) {
    case XML_REF_DIFFERS:
        f->digest = FACT_FALSE;
        facts_note(f, MSG_REFERENCE_DIFFERS, uri, NULL, ref->clause);
        break;
    case XML_REF_NOT_FOUND:
        f->found = FACT_FALSE;
        facts_note(f, MSG_REFERENCE_NOT_FOUND, uri, NULL, ref->clause);
        break;
    case XML_REF_AMBIGUOUS:
        f->structure = FACT_FALSE;
        facts_note(f, MSG_REFERENCE_AMBIGUOUS, uri, NULL, ref->clause);
        break;
    case XML_REF_UNSUPPORTED:
        f->supported = FACT_FALSE;
        facts_note(f, MSG_UNSUPPORTED, why, NULL, ref->clause);
        break;
    case XML_REF_MALFORMED:
        f->structure = FACT_FALSE;
        facts_note(f, MSG_REFERENCE_MALFORMED, uri, why, ref->clause);
        break;
    case XML_REF_PENDING:
    case XML_REF_MATCH:
        break;
    }
}

static bool is_root_path(const char *path)
{
    return path && path[0] == '/' && path[1] != '\0' && !strchr(path + 1, '/');
}

static bool covers_document(const struct xml_ref *ref)
{
    return ref->status == XML_REF_MATCH && (ref->covers_root || is_root_path(ref->path));
}

static bool is_properties(const struct xml_ref *ref)
{
    return ref->type.len > 0 && bytes_are(ref->type, TYPE_SIGNED_PROPERTIES);
}

/* Something beside the Signature itself: an enveloping Signature that is the whole document has nothing beside it. */
static bool covers_content(const struct xml_ref *ref, const struct xml_sig *sig)
{
    if (is_properties(ref)) {
        return false;
    }
    bool inside = !ref->covers_root && ref->offset >= sig->offset && ref->offset - sig->offset < sig->length;
    return !inside || is_root_path(sig->path);
}

static void check_reference(struct facts *f, const struct gather *g, const struct xml_ref *ref)
{
    if (ref->in_manifest) {
        if (ref->digest && ref->status == XML_REF_MATCH) {
            value_judge_digest(f, g, ref->digest);
        }
        if (ref->status != XML_REF_MATCH) {
            f->manifests = FACT_FALSE;
            facts_note(f, MSG_MANIFEST_UNCHECKED, uri_text(g, ref), NULL, NULL);
        }
        return;
    }
    deny_reference(f, g, ref);
    if (ref->digest) {
        value_judge_digest(f, g, ref->digest);
    }
    if (!f->digest_alg) {
        f->digest_alg = ref->digest;
    }
}

static int check_references(struct facts *f, const struct gather *g, const struct xml_sig *sig, sign_err *err)
{
    size_t core = 0, matched = 0;
    bool content = false;
    f->covers = arena_array(g->arena, sig->n_refs, sizeof *f->covers);
    if (sig->n_refs > 0 && !f->covers) {
        return err_nomem(err);
    }
    for (size_t i = 0; i < sig->n_refs; i++) {
        const struct xml_ref *ref = &sig->refs[i];
        if (!xml_ref_counts(ref)) {
            continue;
        }
        int rc = list_cover(f, g, ref, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        check_reference(f, g, ref);
        bool match = !ref->in_manifest && ref->status == XML_REF_MATCH;
        core += !ref->in_manifest;
        matched += match;
        if (is_properties(ref) && !sig->signed_props_typed) {
            deny(f, g, &f->consistent, MSG_PROPERTIES_FOREIGN, NULL, NULL);
        }
        /* What a signed Manifest lists is signed by its digest, and all of it is asked to match (facts.manifests). */
        content = content || ((match || ref->manifest_signed) && covers_content(ref, sig));
        f->whole_file = f->whole_file || (!ref->in_manifest && !sig->loose && covers_document(ref));
    }
    if (core == 0 && !sig->malformed) {
        deny(f, g, &f->structure, MSG_STRUCTURE_WRONG, "XMLDSig 4.4", "SignedInfo has no Reference");
    } else if (core > 0 && matched == core) {
        fact_true(&f->digest);
        if (content) {
            fact_true(&f->found);
        } else {
            deny(f, g, &f->found, MSG_NOTHING_SIGNED, NULL, NULL);
        }
    }
    fact_true(&f->manifests);
    fact_true(&f->unambiguous);         /* what readers could differ on is refused on the way in */
    return SIGN_OK;
}

static void check_form(struct facts *f, const struct gather *g, const struct xml_sig *sig)
{
    const char *why = sig->why ? sig->why : "";
    if (sig->malformed) {
        deny(f, g, &f->structure, MSG_STRUCTURE_WRONG, sig->clause, at_offset(g, why, sig->at));
    }
    if (sig->unsupported) {
        deny(f, g, &f->supported, MSG_UNSUPPORTED, sig->clause, why);
    }
    if (sig->hmac) {        /* whoever can verify can sign: no proof of origin */
        deny(f, g, &f->supported, MSG_UNSUPPORTED, "XMLDSig 6.3", "HMAC is no signature of a person");
    } else if (!sig->method_known && !sig->malformed) {
        const char *uri = arena_str(g->arena, sig->method_uri);
        const char *detail = uri ? arena_fmt(g->arena, "the SignatureMethod %s", uri) : NULL;
        deny(f, g, &f->supported, MSG_UNSUPPORTED, "XMLDSig 6.1", detail ? detail : "the SignatureMethod");
    }
    if (sig->method_known) {
        f->scheme = sig->params.scheme;
        const struct digest_alg *alg = digest_by_id(sig->params.digest);
        if (alg) {          /* EdDSA has none */
            value_judge_digest(f, g, alg);
        }
    }
}

static void read_time(struct facts *f, const struct gather *g, const struct xml_sig *sig)
{
    if (!sig->has_signing_time) {
        return;
    }
    if (sig->signing_time_signed && sig->property_foreign) {
        deny(f, g, &f->consistent, MSG_PROPERTIES_FOREIGN, "XMLDSig 5.2", NULL);
    } else if (sig->signing_time_signed) {
        claim_time(f, &sig->signing_time);
    } else {
        facts_note(f, MSG_TIME_UNSIGNED, NULL, NULL, NULL);
    }
}

/* EN 319 132-1 6.3; levels above B are named once their evidence is verified. */
static enum format format_of(const struct facts *f, const struct xml_sig *sig)
{
    if (!sig->xades) {
        return FORMAT_XMLDSIG;
    }
    bool baseline = sig->signed_props_typed && sig->has_signing_time && sig->signing_time_signed &&
                    sig->n_cert_refs > 0 && sig->cert_refs[0].v2 && f->bound == FACT_TRUE && signer_is_sent(f);
    return baseline ? FORMAT_XADES_B : FORMAT_XADES;
}

/* One that was moved to another signature vouches for nothing there. */
static int check_countersigned(struct facts *f, const struct gather *g, const struct xml_sig *sig, sign_err *err)
{
    if (sig->is_countersignature && !sig->countersigns) {
        deny(f, g, &f->consistent, MSG_COUNTERSIGNATURE_FOREIGN, NULL, NULL);
    }
    f->countersigns = sig->countersigns ? arena_str(g->arena, bytes_str(sig->countersigns)) : NULL;
    return f->countersigns || !sig->countersigns ? SIGN_OK : err_nomem(err);
}

static int gather_one(struct facts *f, const struct gather *g, const struct xml_doc *doc, size_t i, sign_err *err)
{
    const struct xml_sig *sig = xml_sig(doc, i);
    f->id = arena_str(g->arena, bytes_str(sig->id));
    if (!f->id) {
        return err_nomem(err);
    }
    f->changes = CHANGES_NOT_APPLICABLE;
    check_form(f, g, sig);
    read_time(f, g, sig);
    int rc = check_references(f, g, sig, err);
    if (rc == SIGN_OK) {
        rc = xml_signer_check(f, g, doc, i, err);
    }
    if (rc == SIGN_OK) {
        rc = signer_check_path(f, g, err);
    }
    if (sig->xades && !sig->signed_props_bound) {
        facts_note(f, MSG_PROPERTIES_UNSIGNED, NULL, NULL, NULL);
    }
    if (rc == SIGN_OK) {
        rc = xml_policy_check(f, g, sig, err);
    }
    if (rc == SIGN_OK) {
        rc = check_countersigned(f, g, sig, err);
    }
    if (sig->has_timestamp) {
        f->n_timestamps = 1;
        facts_note(f, MSG_TIMESTAMP_UNCHECKED, NULL, NULL, NULL);
    }
    if (!f->whole_file && f->digest == FACT_TRUE) {
        facts_note(f, MSG_PARTIAL_SCOPE, NULL, NULL, NULL);
    }
    f->format = format_of(f, sig);
    fact_true(&f->structure);
    fact_true(&f->supported);
    return rc;
}

int gather_xml(sign_report *report, const struct gather *g, struct source *source, bool allow_doctype, sign_err *err)
{
    struct xml_opts opts = { .allow_doctype = allow_doctype };
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    int rc = xml_read(&doc, source, g->crypto, &opts, g->watch, err);
    size_t n = rc == SIGN_OK ? xml_count(doc) : 0;
    if (rc != SIGN_OK || n == 0) {
        return rc;
    }
    rc = xml_digest(doc, g->watch, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    report->sigs = arena_array(g->arena, n, sizeof *report->sigs);
    if (!report->sigs) {
        return err_nomem(err);
    }
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        rc = watch_poll(g->watch, SIGNATURE_WORK, err);
        if (rc == SIGN_OK) {
            rc = gather_one(&report->sigs[report->n++].facts, g, doc, i, err);
        }
    }
    return rc;
}
