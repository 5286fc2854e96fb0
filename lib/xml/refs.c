/* What became of each Reference, and what the signature covers by it. */
#include <base/err.h>
#include <stdlib.h>
#include <xml/loose.h>
#include <xml/refs.h>

static void decide(struct xml_ref *ref, enum xml_ref_status status, const char *clause, const char *why)
{
    ref->status = status;
    ref->clause = clause;
    ref->why = why;
}

static void say_what(struct xml_ref *ref, const struct ref_plan *plan, const struct xml_doc *doc)
{
    const struct wanted *w = plan->wanted;
    if (plan->target == TARGET_DOCUMENT) {
        ref->covers_root = true;
        ref->path = "/";
        ref->length = source_size(doc->source);
    } else if (w->count > 0) {
        ref->path = w->path;
        ref->offset = w->offset;
        ref->length = w->length;
        ref->element_id = w->id_text;
    }
}

static void compare(struct xml_ref *ref, const struct tap *tap)
{
    memcpy(ref->computed, tap->value, ref->digest->size);
    ref->has_computed = true;
    bool same = bytes_equal(ref->expected, bytes_of(tap->value, ref->digest->size));
    ref->status = same ? XML_REF_MATCH : XML_REF_DIFFERS;
    if (!same) {
        ref->clause = "XMLDSig 3.2.1";
        ref->why = ref->expected.len == ref->digest->size ? "the digest differs"
                                                          : "the digest is not as long as its algorithm says";
    }
}

static void judge(struct xml_ref *ref, const struct ref_plan *plan, const struct xml_doc *doc)
{
    say_what(ref, plan, doc);
    if (plan->target == TARGET_ID && plan->wanted->count == 0) {
        decide(ref, XML_REF_NOT_FOUND, "XMLDSig 4.4.3.2", "no element carries this Id");
    } else if (plan->target == TARGET_ID && plan->wanted->count > 1) {
        decide(ref, XML_REF_AMBIGUOUS, "XML 1.0 3.3.1", "more than one element carries this Id");
    } else if (plan->tap->state == TAP_NO_DIGEST) {
        decide(ref, XML_REF_UNSUPPORTED, "XMLDSig 6.2", "OpenSSL does not offer this digest algorithm here");
    } else if (plan->tap->not_base64) {
        decide(ref, XML_REF_MALFORMED, "XMLDSig 6.6.2", "the text to be decoded is not base64");
    } else if (plan->tap->is_empty) {
        decide(ref, XML_REF_UNSUPPORTED, "XMLDSig 6.6.4",
               "the enveloped-signature transform leaves nothing of what is referenced");
    } else {
        compare(ref, plan->tap);
    }
}

static void refs_free(struct refs **r)
{
    if (!*r) return;
    free(*r);
}

static bool is_needed(const struct refs *r)
{
    return r->n > 0 || r->whole.streams;
}

int xml_digest(struct xml_doc *doc, struct watch *watch, sign_err *err)
{
    if (doc->digested) return SIGN_OK;
    CLEANUP(refs_free) struct refs *r = calloc(1, sizeof *r);
    if (!r) return err_nomem(err);
    r->doc = doc;
    r->watch = watch;
    int rc = refs_plan(r, err);
    if (rc == SIGN_OK && is_needed(r)) rc = refs_pass(r, err);
    if (rc != SIGN_OK) return rc;
    for (size_t s = 0; s < doc->n; s++) {
        struct sig_state *state = &doc->states[s];
        for (size_t i = 0; i < state->sig.n_refs; i++) {
            if (state->plans[i].tap) judge(&state->sig.refs[i], &state->plans[i], doc);
        }
        sig_bind(doc, state);
        state->sig.loose = sig_is_loose(doc, state);
        for (size_t i = 0; i < state->sig.n_refs; i++) state->plans[i].wanted = NULL;
    }
    sigs_spread_loose(doc);
    doc->digested = true;
    return SIGN_OK;
}
