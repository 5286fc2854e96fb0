/*
 * The qualifying properties of EN 319 132-1 that verification asks about. They count only where they stand in an
 * Object of this very Signature and point at it; whether a Reference really covers them is decided in refs.c by the
 * element it resolved to.
 */
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

/* SigningCertificate (V1) and SigningCertificateV2: the first Cert is the signer's (EN 319 132-1 5.2.2). */
static bool read_cert_ref(struct xml_doc *doc, struct sig_state *state, const struct xml_node *ref, bool v2)
{
    struct xml_sig *sig = &state->sig;
    const struct xml_node *cert = child(ref, "Cert"), *digest = cert ? child(cert, "CertDigest") : NULL;
    const struct xml_node *method = digest ? node_child(digest, NS_DSIG, "DigestMethod") : NULL;
    const struct xml_node *value = digest ? node_child(digest, NS_DSIG, "DigestValue") : NULL;
    if (!method || !value || !node_attr(method, "Algorithm", &sig->cert_digest_uri) ||
        !node_base64(doc, value, &sig->cert_digest)) {
        return sig_malformed(doc, state, ref, "EN 319 132-1 5.2.2", "a certificate reference without its digest");
    }
    const struct xml_node *serial = v2 ? child(cert, "IssuerSerialV2") : NULL;
    if (serial && !node_base64(doc, serial, &sig->cert_issuer_serial)) {
        return sig_malformed(doc, state, serial, "EN 319 132-1 5.2.2", "IssuerSerialV2 is not base64");
    }
    sig->cert_digest_alg = digest_by_uri(sig->cert_digest_uri);
    sig->has_cert_ref = true;
    sig->cert_ref_v2 = v2;
    return true;
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
    const struct xml_node *props = child(signed_props, "SignedSignatureProperties");
    if (!props) return true;
    const struct xml_node *time = child(props, "SigningTime");
    sign_bytes text;
    if (time) {
        if (!node_trimmed(time, &text) || !when_parse_rfc3339(text, &state->sig.signing_time)) {
            return sig_malformed(doc, state, time, "EN 319 132-1 5.2.1", "SigningTime is not a date and time");
        }
        state->sig.has_signing_time = true;
        state->time_node = time; /* goes before a SignatureProperty */
    }
    const struct xml_node *policy = child(props, "SignaturePolicyIdentifier");
    if (policy) read_policy(doc, &state->sig.policy, policy);
    const struct xml_node *v2 = child(props, "SigningCertificateV2"), *v1 = child(props, "SigningCertificate");
    return !(v2 || v1) || read_cert_ref(doc, state, v2 ? v2 : v1, v2 != NULL);
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
