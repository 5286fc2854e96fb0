/*
 * What a signature's references say of its own parts: its properties, its Manifests, and, where it is a counter-signature,
 * the signature around it. Places decide, by the element that a reference resolved to; types and names are claims.
 */
#include <xml/node.h>
#include <xml/refs.h>

#define TYPE_SIGNED_PROPERTIES "http://uri.etsi.org/01903#SignedProperties"

static bool covers(const struct sig_state *state, const struct xml_ref *ref, const struct ref_plan *plan,
                   const struct xml_node *node)
{
    if (ref->status != XML_REF_MATCH || ref->in_manifest || plan->base64) return false;
    if (plan->target == TARGET_DOCUMENT) return !ref->enveloped;
    for (; node; node = node->parent) {
        if (node->serial == plan->wanted->serial) return true;
        if (node == state->node && ref->enveloped)
            return false; /* what is further out is referenced without this Signature */
    }
    return ref->offset < state->sig.offset && ref->offset + ref->length >= state->sig.offset + state->sig.length;
}

static bool is_at(const struct xml_ref *ref, const struct ref_plan *plan, const struct xml_node *node)
{
    return node && plan->tap && !ref->in_manifest && ref->status == XML_REF_MATCH && plan->target == TARGET_ID &&
           !plan->base64 && plan->wanted->serial == node->serial;
}

static void bind_properties(struct sig_state *state)
{
    struct xml_sig *sig = &state->sig;
    for (size_t i = 0; i < sig->n_refs; i++) {
        const struct xml_ref *ref = &sig->refs[i];
        const struct ref_plan *plan = &state->plans[i];
        if (!plan->tap) continue;
        if (state->time_node && covers(state, ref, plan, state->time_node)) sig->signing_time_signed = true;
        bool bound = is_at(ref, plan, state->signed_props);
        sig->signed_props_bound = sig->signed_props_bound || bound;
        sig->signed_props_typed = sig->signed_props_typed || (bound && bytes_are(ref->type, TYPE_SIGNED_PROPERTIES));
    }
}

static bool is_signed(const struct sig_state *state, const struct xml_node *node)
{
    for (size_t i = 0; i < state->sig.n_refs && !state->sig.refs[i].in_manifest; i++) {
        if (state->plans[i].tap && covers(state, &state->sig.refs[i], &state->plans[i], node)) return true;
    }
    return false;
}

/* The references of one Manifest follow each other: each Manifest is looked for once. */
static void bind_manifests(struct sig_state *state)
{
    const struct xml_node *last = NULL;
    bool is = false;
    for (size_t i = 0; i < state->sig.n_refs; i++) {
        const struct xml_node *manifest = state->plans[i].manifest;
        if (manifest && manifest != last) is = is_signed(state, manifest);
        state->sig.refs[i].manifest_signed = manifest && is;
        last = manifest;
    }
}

/* --- counter-signatures ------------------------------------------------------------------------------------------- */

static const struct sig_state *state_of(const struct xml_doc *doc, const struct xml_node *node)
{
    size_t from = 0, to = doc->n;
    while (from < to) { /* states are in document order, as are serials */
        size_t middle = from + (to - from) / 2;
        const struct xml_node *at = doc->states[middle].node;
        if (at == node) return &doc->states[middle];
        if (!at) return NULL; /* a draft's document */
        if (at->serial < node->serial) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return NULL;
}

static const struct xml_node *parent_of(const struct xml_node *node, const char *local)
{
    const struct xml_node *parent = node ? node->parent : NULL;
    bool is = parent && name_is(&parent->event.name, BYTES_LIT(NS_XADES), bytes_str(local));
    return is ? parent : NULL;
}

/* The Signature in whose unsigned properties it stands; NULL: it does not stand there. */
static const struct xml_node *around(const struct xml_node *node)
{
    const struct xml_node *properties = parent_of(parent_of(parent_of(parent_of(node, "CounterSignature"),
                                                                      "UnsignedSignatureProperties"),
                                                            "UnsignedProperties"),
                                                  "QualifyingProperties");
    const struct xml_node *object = properties ? properties->parent : NULL;
    const struct xml_node *signature = object ? object->parent : NULL;
    return signature && name_is_signature(&signature->event.name) ? signature : NULL;
}

static void bind_countersigned(const struct xml_doc *doc, struct sig_state *state)
{
    const struct xml_node *signature = parent_of(state->node, "CounterSignature") ? around(state->node) : NULL;
    const struct sig_state *outer = signature ? state_of(doc, signature) : NULL;
    state->sig.is_countersignature = parent_of(state->node, "CounterSignature") != NULL;
    if (!outer || outer->sig.malformed) return;
    const struct xml_node *value = node_after(node_first(signature));
    for (size_t i = 0; i < state->sig.n_refs; i++) {
        if (is_at(&state->sig.refs[i], &state->plans[i], value)) state->sig.countersigns = outer->sig.id;
    }
}

void sig_bind(const struct xml_doc *doc, struct sig_state *state)
{
    bind_properties(state);
    bind_manifests(state);
    bind_countersigned(doc, state);
}
