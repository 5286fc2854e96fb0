/*
 * What stands in a Signature without being signed by it. The enveloped transform takes the Signature out of what it
 * signs, so that anything may be put into an Object or KeyInfo of it afterwards, and be found there by whoever looks
 * for an element by its name.
 */
#include <base/text.h>
#include <xml/loose.h>
#include <xml/xpath.h>

/* Each is looked for among all references: more than anybody makes, and few enough for any number of those. */
#define MOST_OBJECTS 64

/* White space (in UTF-16 too) from there up to `to`, or up to an end tag. */
static bool is_blank(const struct xml_doc *doc, uint64_t from, uint64_t to)
{
    uint8_t bytes[256];
    size_t len = to - from < sizeof bytes ? (size_t)(to - from) : sizeof bytes;
    if (to < from || source_read(doc->source, from, bytes, len, NULL) != SIGN_OK) {
        return false;
    }
    size_t at = 0;
    while (at < len && (is_xml_space(bytes[at]) || bytes[at] == 0)) {
        at++;
    }
    if (at == len) {
        return len == to - from;
    }
    bool tag = bytes[at++] == '<';
    while (at < len && bytes[at] == 0) {
        at++;
    }
    return tag && at < len && bytes[at] == '/';
}

/*
 * SignatureProperties/SignatureProperty/SigningTime and nothing else: a date, as the forms of social insurance have it in
 * an Object that they do not sign.
 */
static bool is_time_alone(const struct sig_state *state, const struct xml_node *properties)
{
    const struct xml_node *property = node_first(properties), *time = property ? node_first(property) : NULL;
    return time && time == state->time_node && !node_after(time) && !node_after(property) &&
           bytes_are(property->event.name.local, "SignatureProperty") &&
           node_is_structure(properties) && node_is_structure(property);
}

static const struct xml_node *behind(const struct xml_node *node, const struct xml_node *root)
{
    const struct xml_node *next = NULL;
    for (; !next && node != root; node = node->parent) next = node_after(node);
    return next;
}

static const struct xml_node *following(const struct xml_node *node, const struct xml_node *root)
{
    const struct xml_node *first = node_first(node);
    return first ? first : behind(node, root);
}

/* The elements of XMLDSig: what is put into a Signature without a prefix is in its namespace, too. */
static const char *const dsig_names[] = {
    "Signature", "SignedInfo", "CanonicalizationMethod", "SignatureMethod", "HMACOutputLength", "Reference",
    "Transforms", "Transform", "XPath", "DigestMethod", "DigestValue", "SignatureValue", "KeyInfo", "KeyName",
    "KeyValue", "RSAKeyValue", "Modulus", "Exponent", "DSAKeyValue", "P", "Q", "G", "Y", "J", "Seed",
    "PgenCounter", "RetrievalMethod", "X509Data", "X509IssuerSerial", "X509IssuerName", "X509SerialNumber",
    "X509SKI", "X509SubjectName", "X509Certificate", "X509CRL", "PGPData", "PGPKeyID", "PGPKeyPacket",
    "SPKIData", "SPKISexp", "MgmtData", "Object", "Manifest", "SignatureProperties", "SignatureProperty",
};

static bool is_dsig(const struct xml_name *name)
{
    if (bytes_are(name->uri, NS_DSIG11)) return true;
    for (size_t i = 0; bytes_are(name->uri, NS_DSIG) && i < COUNT(dsig_names); i++) {
        if (bytes_are(name->local, dsig_names[i])) return true;
    }
    return false;
}

/* What there are elements for, where the schemas let anything stand (EN 319 132-1 4.3.5, 5.1). */
static bool is_of_signatures(const struct xml_name *name)
{
    return is_dsig(name) || bytes_start(name->uri, BYTES_LIT("http://uri.etsi.org/01903/"));
}

/* Something else than evidence in QualifyingProperties, outside of what is signed there. */
static bool are_foreign(const struct sig_state *state, const struct xml_node *properties)
{
    const struct xml_node *at = node_first(properties);
    while (at) {
        bool is_signed = at == state->signed_props && state->sig.signed_props_bound;
        if (!is_signed && !is_of_signatures(&at->event.name)) return true;
        at = is_signed ? behind(at, properties) : following(at, properties);
    }
    return false;
}

/* The one thing in it that is accounted for: what a reference covers, or XAdES's properties, which have rules of their own. */
static void find_content(const struct sig_state *state, const struct xml_node *object, uint64_t *from, uint64_t *to)
{
    const struct xml_node *properties = node_child(object, NS_XADES, "QualifyingProperties");
    if (properties && are_foreign(state, properties)) {
        return;
    }
    if (!properties && node_first(object) && is_time_alone(state, node_first(object))) {
        properties = node_first(object);
    }
    if (properties) {
        *from = properties->event.start;
        *to = properties->end;
        return;
    }
    for (size_t i = 0; i < state->sig.n_refs; i++) {
        const struct xml_ref *ref = &state->sig.refs[i];
        bool inside = ref->offset >= object->event.start && ref->offset < object->end;
        if (ref->status == XML_REF_MATCH && !ref->in_manifest && !ref->covers_root && inside) {
            *from = ref->offset;
            *to = ref->offset + ref->length;
            return;
        }
    }
}

static bool is_loose_object(const struct xml_doc *doc, const struct sig_state *state, const struct xml_node *object)
{
    uint64_t from = object->event.end, to = from;
    find_content(state, object, &from, &to);
    if (from == object->event.start || object->end == object->event.end) {
        return false;
    }
    return !is_blank(doc, object->event.end, from) || !is_blank(doc, to, object->end);
}

/* Text beside elements: none of those of XMLDSig has both. */
static bool is_mixed(const struct xml_node *node)
{
    return node_first(node) && !node_is_structure(node);
}

static bool is_loose_key_info(const struct xml_node *key_info)
{
    for (const struct xml_node *at = node_first(key_info); at; at = following(at, key_info)) {
        if (!is_dsig(&at->event.name) || is_mixed(at)) {
            return true;
        }
    }
    return is_mixed(key_info);
}

/* What stands there is signed by whoever signed this; where others leave this Signature out, by nobody they know. */
static bool is_loose_signed_info(const struct xml_node *info)
{
    for (const struct xml_node *at = node_first(info); at; at = following(at, info)) {
        sign_bytes uri = at->event.name.uri;
        if (!is_dsig(&at->event.name) && !bytes_are(uri, NS_EXC_C14N) && !bytes_are(uri, NS_PSS) &&
            !bytes_are(uri, NS_FILTER2)) {
            return true;
        }
    }
    return false;
}

bool sig_is_loose(const struct xml_doc *doc, const struct sig_state *state)
{
    /* A draft's document has states without a tree: of the signatures that were there before. */
    const struct xml_node *first = state->node ? node_first(state->node) : NULL;
    size_t n_objects = 0;
    for (const struct xml_node *at = first; at; at = node_after(at)) {
        bool is_object = name_is_dsig(&at->event.name, "Object");
        if (is_object && (++n_objects > MOST_OBJECTS || is_loose_object(doc, state, at))) {
            return true;
        }
        if (name_is_dsig(&at->event.name, "KeyInfo") && is_loose_key_info(at)) {
            return true;
        }
        if (name_is_dsig(&at->event.name, "SignedInfo") && is_loose_signed_info(at)) {
            return true;
        }
    }
    return false;
}

static bool is_suspect(const struct xml_sig *sig)
{
    return sig->loose || sig->malformed;
}

void sigs_spread_loose(struct xml_doc *doc)
{
    bool any = false;
    for (size_t first = 0, next; first < doc->n; first = next) {
        uint64_t end = doc->states[first].sig.offset + doc->states[first].sig.length;
        bool here = is_suspect(&doc->states[first].sig);
        for (next = first + 1; next < doc->n && doc->states[next].sig.offset < end; next++) {
            here = here || is_suspect(&doc->states[next].sig);
        }
        for (size_t i = first; i < next; i++) doc->states[i].sig.loose = here;
        any = any || here;
    }
    for (size_t i = 0; any && i < doc->n; i++) {
        struct sig_state *state = &doc->states[i];
        for (size_t r = 0; r < state->sig.n_refs; r++) {
            state->sig.loose = state->sig.loose || state->plans[r].all_signatures;
        }
    }
}
