/* SignatureMethod (XMLDSig 4.4.2), and the parameters of RSASSA-PSS (RFC 6931 2.3.9). */
#include <base/text.h>
#include <xml/node.h>

#define MGF1_URI NS_PSS "MGF1"

static const char *const hmac_prefixes[] = { NS_DSIG "hmac-", "http://www.w3.org/2001/04/xmldsig-more#hmac-",
                                             "http://www.w3.org/2007/05/xmldsig-more#hmac-" };

static bool is_hmac(sign_bytes uri)
{
    for (size_t i = 0; i < COUNT(hmac_prefixes); i++) {
        if (bytes_start(uri, bytes_str(hmac_prefixes[i]))) return true;
    }
    return false;
}

static bool read_digest(const struct xml_node *parent, int32_t *digest)
{
    const struct xml_node *method = node_child(parent, NS_DSIG, "DigestMethod");
    sign_bytes uri;
    if (!method) return true;
    if (!node_attr(method, "Algorithm", &uri)) return false;
    const struct digest_alg *alg = digest_by_uri(uri);
    if (!alg) return false;
    *digest = alg->id;
    return true;
}

/* What is left out has the default that sig_by_uri gave: SHA-256 for both, and a salt as long as the digest. */
static bool read_pss(const struct xml_node *params, struct sig_params *out)
{
    sign_bytes text;
    if (!read_digest(params, &out->digest)) return false;
    out->mgf = out->digest;
    out->salt_len = digest_by_id(out->digest)->size;
    const struct xml_node *mgf = node_child(params, NS_PSS, "MaskGenerationFunction");
    if (mgf && (!node_attr(mgf, "Algorithm", &text) || !bytes_are(text, MGF1_URI) || !read_digest(mgf, &out->mgf))) {
        return false;
    }
    const struct xml_node *salt = node_child(params, NS_PSS, "SaltLength");
    if (salt && (!node_trimmed(salt, &text) || !parse_u32(text, &out->salt_len))) return false;
    const struct xml_node *trailer = node_child(params, NS_PSS, "TrailerField");
    return !trailer || (node_trimmed(trailer, &text) && bytes_are(text, "1"));
}

bool method_read(struct xml_doc *doc, struct sig_state *state, const struct xml_node *method)
{
    struct xml_sig *sig = &state->sig;
    static const char clause[] = "XMLDSig 6.4";
    if (!node_attr(method, "Algorithm", &sig->method_uri) || !node_is_structure(method)) {
        return sig_malformed(doc, state, method, "XMLDSig 4.4.2", "SignatureMethod without an Algorithm, or with text");
    }
    sig->hmac = is_hmac(sig->method_uri);
    sig->method_known = sig_by_uri(sig->method_uri, &sig->params);
    if (!sig->method_known) {
        CLEANUP(build_free) struct build name = { .max = 4096 };
        text_escape(&name, bytes_slice(sig->method_uri, 0, 120));
        doc->no_memory = doc->no_memory || name.failed;
        sign_bytes text = build_view(&name);
        sig_unsupported(doc, state, method, clause, "%s: %.*s",
                        sig->hmac ? "HMAC proves nothing to others, refused" : "unknown signature algorithm",
                        (int)text.len, (const char *)text.ptr);
        return true;
    }
    const struct xml_node *params = node_first(method);
    if (!params) return true;
    bool is_pss = bytes_are(sig->method_uri, SIG_URI_RSA_PSS) &&
                  name_is(&params->event.name, BYTES_LIT(NS_PSS), BYTES_LIT("RSAPSSParams"));
    if (!is_pss || node_after(params) || !read_pss(params, &sig->params)) {
        sig->method_known = false;
        sig_unsupported(doc, state, params, "RFC 6931 2.3.9",
                        "parameters of the signature algorithm that are not on the list");
    }
    return true;
}
