/* One ds:Reference (XMLDSig 4.4.3), of a SignedInfo or a Manifest. */
#include <base/text.h>
#include <xml/node.h>

static const char clause[] = "XMLDSig 4.4.3";

static void cannot(struct xml_ref *ref, enum xml_ref_status status, const char *rule, const char *why)
{
    if (ref->status != XML_REF_PENDING) return;
    ref->status = status;
    ref->clause = rule;
    ref->why = why;
}

static const char *naming(struct xml_doc *doc, const char *why, sign_bytes name)
{
    CLEANUP(build_free) struct build text = { .max = 4096 };
    build_fmt(&text, "%s: ", why);
    text_escape(&text, bytes_slice(name, 0, 120));
    doc->no_memory = doc->no_memory || text.failed;
    return doc_text(doc, build_view(&text));
}

static bool read_digest(struct xml_doc *doc, struct sig_state *state, const struct xml_node *method,
                        const struct xml_node *value, struct xml_ref *ref)
{
    if (!node_attr(method, "Algorithm", &ref->digest_uri)) {
        return sig_malformed(doc, state, method, "XMLDSig 4.4.3.5", "DigestMethod without an Algorithm");
    }
    if (!node_base64(doc, value, &ref->expected)) {
        return sig_malformed(doc, state, value, "XMLDSig 4.4.3.6", "DigestValue is not base64 in one piece of text");
    }
    ref->digest = digest_by_uri(ref->digest_uri);
    if (!ref->digest) {
        cannot(ref, XML_REF_UNSUPPORTED, "XMLDSig 6.2", naming(doc, "unknown digest algorithm", ref->digest_uri));
    }
    return true;
}

static void read_target(struct xml_doc *doc, struct xml_ref *ref, struct ref_plan *plan)
{
    const char *why = NULL;
    if (!ref->has_uri) {
        cannot(ref, XML_REF_UNSUPPORTED, clause, "a Reference without URI: what it means is not in the document");
        return;
    }
    enum xml_ref_status status = uri_read(ref->uri, plan, &why);
    if (status != XML_REF_PENDING) cannot(ref, status, "XMLDSig 4.4.3.1", naming(doc, why, ref->uri));
}

bool reference_read(struct xml_doc *doc, struct sig_state *state, const struct xml_node *node, struct xml_ref *ref,
                    struct ref_plan *plan, sign_err *err)
{
    const struct xml_node *transforms = NULL, *method = node_first(node);
    if (method && name_is_dsig(&method->event.name, "Transforms")) {
        transforms = method;
        method = node_after(method);
    }
    const struct xml_node *value = method ? node_after(method) : NULL;
    if (!value || !name_is_dsig(&method->event.name, "DigestMethod") ||
        !name_is_dsig(&value->event.name, "DigestValue") || node_after(value) || !node_is_structure(node)) {
        return sig_malformed(doc, state, node, clause, "a Reference is Transforms?, DigestMethod, DigestValue");
    }
    ref->has_uri = node_attr(node, "URI", &ref->uri);
    (void)node_attr(node, "Type", &ref->type);
    (void)node_attr(node, "Id", &ref->id);
    read_target(doc, ref, plan);
    return read_digest(doc, state, method, value, ref) && transforms_read(doc, transforms, ref, plan, err) == SIGN_OK;
}
