#include "outcome.h"
#include <base/build.h>
#include <base/cleanup.h>
#include <stdio.h>
#include <xml/doc.h>

static void tell_ref(struct build *out, const struct xml_ref *ref)
{
    build_fmt(out, "  %d %d%d%d %llu+%llu %s %s ", ref->status, ref->enveloped, ref->covers_root, ref->in_manifest,
              (unsigned long long)ref->offset, (unsigned long long)ref->length, ref->path ? ref->path : "-", ref->element_id ? ref->element_id : "-");
    if (ref->has_computed) build_hex(out, bytes_of(ref->computed, ref->digest->size), false);
    build_fmt(out, " %s\n", ref->why ? ref->why : "-");
}

static void tell_sig(struct build *out, const struct xml_doc *doc, size_t i)
{
    const struct xml_sig *sig = xml_sig(doc, i);
    build_fmt(out, "%s %s %llu+%llu %d%d %d%d%d%d\n", sig->id, sig->path, (unsigned long long)sig->offset, (unsigned long long)sig->length,
              sig->malformed, sig->unsupported, sig->xades, sig->signed_props_bound, sig->has_signing_time, sig->signing_time_signed);
    for (size_t r = 0; r < sig->n_refs; r++) tell_ref(out, &sig->refs[r]);
    build_str(out, "  ");
    if (xml_signed_info(out, doc, i, NULL) != SIGN_OK) build_str(out, "no SignedInfo");
    build_byte(out, '\n');
}

static int outcome(struct build *out, sign_bytes document, const struct crypto *crypto, const struct xml_opts *opts, unsigned *readings)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    sign_err err = SIGN_ERR_INIT;
    int rc = source_over(&source, document, &err);
    if (rc == SIGN_OK) rc = xml_read(&doc, source, crypto, opts, NULL, &err);
    if (rc == SIGN_OK) rc = xml_digest(doc, NULL, &err);
    for (size_t i = 0; rc == SIGN_OK && i < xml_count(doc); i++) tell_sig(out, doc, i);
    if (rc != SIGN_OK) build_fmt(out, "%s %lld %s\n", sign_status_name(rc), (long long)err.offset, err.msg);
    if (rc == SIGN_OK && readings) *readings = doc->readings;
    return rc;
}

bool outcome_is_same(sign_bytes document, const struct crypto *crypto, bool allow_doctype, unsigned *readings)
{
    CLEANUP(build_free) struct build fast = { 0 }, full = { 0 };
    int fast_rc = outcome(&fast, document, crypto, &(struct xml_opts){ .allow_doctype = allow_doctype }, readings);
    int full_rc = outcome(&full, document, crypto, &(struct xml_opts){ .allow_doctype = allow_doctype, .no_shortcuts = true }, NULL);
    bool excused = full_rc == SIGN_E_LIMIT || fast_rc == SIGN_E_NOMEM || full_rc == SIGN_E_NOMEM;
    if (excused || bytes_equal(build_view(&fast), build_view(&full))) return true;
    fprintf(stderr, "with the shortcuts\n%.*s\nwithout\n%.*s\n", (int)fast.len, (const char *)fast.ptr, (int)full.len, (const char *)full.ptr);
    return false;
}
