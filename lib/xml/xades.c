/*
 * The qualifying properties of EN 319 132-1 that verification asks about. They count only where they stand in an
 * Object of this very Signature and point at it; whether a Reference really covers them is decided in refs.c by the
 * element it resolved to.
 */
#include <base/limits.h>
#include <base/text.h>
#include <xml/node.h>

static const char clause[] = "EN 319 132-1 4.3";

static const struct xml_node *child(const struct xml_node *node, const char *local)
{
    return node_child(node, NS_XADES, local);
}

static bool is_target(const struct sig_state *state, const struct xml_node *properties)
{
    sign_bytes target, id;
    return node_attr(properties, "Target", &target) && node_attr(state->node, "Id", &id) && target.len == id.len + 1 &&
           target.ptr[0] == '#' && bytes_equal(bytes_slice(target, 1, id.len), id);
}

/* What the schema allows once: of two, one reader takes the first and another the last. */
static bool read_once(struct xml_doc *doc, struct sig_state *state, const struct xml_node *parent, const char *local,
                      const struct xml_node **out)
{
    *out = child(parent, local);
    for (const struct xml_node *at = *out ? node_after(*out) : NULL; at; at = node_after(at)) {
        if (name_is(&at->event.name, BYTES_LIT(NS_XADES), bytes_str(local))) {
            return sig_malformed(doc, state, at, "EN 319 132-1 5.2", "a second %s", local);
        }
    }
    return true;
}

static bool read_cert(struct xml_doc *doc, struct sig_state *state, const struct xml_node *cert, bool v2)
{
    struct xml_cert_ref *ref = &state->sig.cert_refs[state->sig.n_cert_refs++];
    const struct xml_node *digest = child(cert, "CertDigest");
    const struct xml_node *method = digest ? node_child(digest, NS_DSIG, "DigestMethod") : NULL;
    const struct xml_node *value = digest ? node_child(digest, NS_DSIG, "DigestValue") : NULL;
    const struct xml_node *serial = v2 ? child(cert, "IssuerSerialV2") : NULL;
    sign_bytes uri, issuer_serial;
    if (!method || !value || !node_attr(method, "Algorithm", &uri) || !node_base64(doc, value, &ref->digest)) {
        return sig_malformed(doc, state, cert, "EN 319 132-1 5.2.2", "a certificate reference without its digest");
    }
    if (serial && !node_base64(doc, serial, &issuer_serial)) {  /* a hint and no more: the digest binds */
        return sig_malformed(doc, state, serial, "EN 319 132-1 5.2.2", "IssuerSerialV2 is not base64");
    }
    ref->alg = digest_by_uri(uri);
    ref->v2 = v2;
    return true;
}

/* SigningCertificate (V1) or V2: the signer's certificate, and others of its path if the signer likes. */
static bool read_certs(struct xml_doc *doc, struct sig_state *state, const struct xml_node *property, bool v2)
{
    const struct xml_node *at = property ? node_first(property) : NULL;
    if (property && !at) {
        return sig_malformed(doc, state, property, "EN 319 132-1 5.2.2", "no reference to a certificate");
    }
    for (size_t n = 0; at && n < LIMIT_CHAIN; at = node_after(at), n++) {
        if (!name_is(&at->event.name, BYTES_LIT(NS_XADES), BYTES_LIT("Cert"))) {
            return sig_malformed(doc, state, at, "EN 319 132-1 5.2.2", "expected a Cert");
        }
        if (!read_cert(doc, state, at, v2)) return false;
    }
    return true;
}

static bool read_signing_certificates(struct xml_doc *doc, struct sig_state *state, const struct xml_node *props)
{
    const struct xml_node *v2, *v1;
    if (!read_once(doc, state, props, "SigningCertificateV2", &v2) ||
        !read_once(doc, state, props, "SigningCertificate", &v1)) {
        return false;
    }
    if (!v2 && !v1) return true;
    state->sig.cert_refs = arena_array(&doc->arena, 2 * LIMIT_CHAIN, sizeof *state->sig.cert_refs);
    doc->no_memory = doc->no_memory || !state->sig.cert_refs;
    return state->sig.cert_refs && read_certs(doc, state, v2, true) && read_certs(doc, state, v1, false);
}

static sign_bytes text_of(const struct xml_node *node, const char *local)
{
    const struct xml_node *at = node ? child(node, local) : NULL;
    sign_bytes text = { 0 };
    return at && node_trimmed(at, &text) ? text : (sign_bytes){ 0 };
}

/* 5.2.9: what it says is reported; what cannot be read of it cannot be compared with a document. */
static void read_policy(struct xml_doc *doc, struct xml_policy_ref *policy, const struct xml_node *identifier)
{
    const struct xml_node *id = child(identifier, "SignaturePolicyId");
    policy->there = true;
    policy->implied = !id && child(identifier, "SignaturePolicyImplied");
    const struct xml_node *hash = id ? child(id, "SigPolicyHash") : NULL, *name = id ? child(id, "SigPolicyId") : NULL;
    const struct xml_node *method = hash ? node_child(hash, NS_DSIG, "DigestMethod") : NULL;
    const struct xml_node *value = hash ? node_child(hash, NS_DSIG, "DigestValue") : NULL;
    const struct xml_node *qualifiers = id ? child(id, "SigPolicyQualifiers") : NULL;
    sign_bytes uri;
    policy->id = text_of(name, "Identifier");
    policy->description = text_of(name, "Description");
    if (method && value && node_attr(method, "Algorithm", &uri) && node_base64(doc, value, &policy->hash)) {
        policy->digest = digest_by_uri(uri);
    }
    policy->transformed = id && node_child(id, NS_DSIG, "Transforms");
    for (const struct xml_node *at = qualifiers ? node_first(qualifiers) : NULL; at; at = node_after(at)) {
        /* xades141:SPDocSpecification (5.2.9.2.3): the document is hashed by rules of its own. */
        const struct xml_node *what = node_first(at);
        policy->transformed = policy->transformed || (what && bytes_are(what->event.name.local, "SPDocSpecification"));
        policy->uri = policy->uri.len ? policy->uri : text_of(at, "SPURI");
    }
}

static bool read_signed(struct xml_doc *doc, struct sig_state *state, const struct xml_node *signed_props)
{
    const struct xml_node *props, *time, *policy;
    if (!read_once(doc, state, signed_props, "SignedSignatureProperties", &props)) return false;
    if (!props) return true;
    if (!read_once(doc, state, props, "SigningTime", &time) ||
        !read_once(doc, state, props, "SignaturePolicyIdentifier", &policy)) {
        return false;
    }
    sign_bytes text;
    if (time) {
        if (!node_trimmed(time, &text) || !when_parse_rfc3339(text, &state->sig.signing_time)) {
            return sig_malformed(doc, state, time, "EN 319 132-1 5.2.1", "SigningTime is not a date and time");
        }
        state->sig.has_signing_time = true;
        state->time_node = time; /* goes before a SignatureProperty */
    }
    if (policy) read_policy(doc, &state->sig.policy, policy);
    return read_signing_certificates(doc, state, props);
}

bool xades_read(struct xml_doc *doc, struct sig_state *state, const struct xml_node *properties)
{
    if (!is_target(state, properties)) return true;
    if (state->sig.xades) {
        return sig_malformed(doc, state, properties, clause, "a second QualifyingProperties for this Signature");
    }
    state->sig.xades = true;
    const struct xml_node *signed_props = NULL;
    for (const struct xml_node *at = node_first(properties); at; at = node_after(at)) {
        if (!name_is(&at->event.name, BYTES_LIT(NS_XADES), BYTES_LIT("SignedProperties"))) continue;
        if (signed_props) return sig_malformed(doc, state, at, clause, "a second SignedProperties");
        signed_props = at;
    }
    state->signed_props = signed_props;
    const struct xml_node *unsigned_props = child(properties, "UnsignedProperties");
    const struct xml_node *of_sig = unsigned_props ? child(unsigned_props, "UnsignedSignatureProperties") : NULL;
    state->sig.has_timestamp = of_sig && child(of_sig, "SignatureTimeStamp");
    return !signed_props || read_signed(doc, state, signed_props);
}
