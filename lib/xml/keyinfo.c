/*
 * KeyInfo (XMLDSig 4.5): certificates and keys that the signer offers. Nothing here decides trust; what is not read
 * (KeyName, PGPData, …) is not looked at, and what points elsewhere is not followed.
 */
#include <base/text.h>
#include <xml/node.h>

struct counts { size_t certs, serials; };

static void count(const struct xml_node *keyinfo, struct counts *n)
{
    for (const struct xml_node *data = node_first(keyinfo); data; data = node_after(data)) {
        for (const struct xml_node *at = node_first(data); at; at = node_after(at)) {
            n->certs += name_is_dsig(&at->event.name, "X509Certificate");
            n->serials += name_is_dsig(&at->event.name, "X509IssuerSerial");
        }
    }
}

static bool read_x509(struct xml_doc *doc, struct sig_state *state, const struct xml_node *data, sign_bytes *certs)
{
    struct xml_sig *sig = &state->sig;
    for (const struct xml_node *at = node_first(data); at; at = node_after(at)) {
        if (name_is_dsig(&at->event.name, "X509Certificate")) {
            if (!node_base64(doc, at, &certs[sig->n_certs])) {
                return sig_malformed(doc, state, at, "XMLDSig 4.5.4",
                                     "X509Certificate is not base64 in one piece of text");
            }
            sig->n_certs++;
        } else if (name_is_dsig(&at->event.name, "X509IssuerSerial") && node_first(at)) { /* empty, it names nothing */
            const struct xml_node *issuer = node_child(at, NS_DSIG, "X509IssuerName");
            const struct xml_node *serial = node_child(at, NS_DSIG, "X509SerialNumber");
            struct xml_issuer_serial *to = &sig->issuer_serials[sig->n_issuer_serials];
            if (!issuer || !serial || !node_trimmed(issuer, &to->issuer_text) ||
                !node_trimmed(serial, &to->serial_text)) {
                return sig_malformed(doc, state, at, "XMLDSig 4.5.4.1", "X509IssuerSerial is a name and a number");
            }
            sig->n_issuer_serials++;
        }
    }
    return true;
}

/* --- KeyValue ----------------------------------------------------------------------------------------------------- */

static bool read_parts(struct xml_doc *doc, struct xml_sig *sig, const struct xml_node *key, enum xml_key_kind kind,
                       const char *const names[4])
{
    for (size_t i = 0; i < 4 && names[i]; i++) {
        const struct xml_node *part = node_child(key, NS_DSIG, names[i]);
        if (!part || !node_base64(doc, part, &sig->key_part[i])) return false;
    }
    sig->key_kind = kind;
    return true;
}

static bool read_ec(struct xml_doc *doc, struct xml_sig *sig, const struct xml_node *key)
{
    const struct xml_node *curve = node_child(key, NS_DSIG11, "NamedCurve"),
                          *point = node_child(key, NS_DSIG11, "PublicKey");
    sign_bytes uri, urn = BYTES_LIT("urn:oid:");
    if (!curve) return true; /* ECParameters: explicit curves are not read (RFC 5480 2.1.1) */
    if (!point || !node_attr(curve, "URI", &uri) || !bytes_start(uri, urn) ||
        !node_base64(doc, point, &sig->key_part[1])) {
        return false;
    }
    sig->key_part[0] = bytes_slice(uri, urn.len, uri.len);
    sig->key_kind = XML_KEY_EC;
    return true;
}

static bool read_key(struct xml_doc *doc, struct xml_sig *sig, const struct xml_node *value)
{
    static const char *const rsa[4] = { "Modulus", "Exponent" }, *const dsa[4] = { "P", "Q", "G", "Y" };
    const struct xml_node *key = node_first(value);
    if (!key) return false;
    if (name_is_dsig(&key->event.name, "RSAKeyValue")) return read_parts(doc, sig, key, XML_KEY_RSA, rsa);
    if (name_is_dsig(&key->event.name, "DSAKeyValue")) return read_parts(doc, sig, key, XML_KEY_DSA, dsa);
    if (name_is(&key->event.name, BYTES_LIT(NS_DSIG11), BYTES_LIT("ECKeyValue"))) return read_ec(doc, sig, key);
    return true;
}

/* The first key; XMLDSig 4.5: all of KeyInfo's children speak of the same one. */
static bool read_key_value(struct xml_doc *doc, struct sig_state *state, const struct xml_node *at)
{
    struct xml_sig *sig = &state->sig;
    bool ok = true;
    if (sig->key_kind != XML_KEY_NONE) return true;
    if (name_is_dsig(&at->event.name, "KeyValue")) {
        ok = read_key(doc, sig, at);
    } else if (name_is(&at->event.name, BYTES_LIT(NS_DSIG11), BYTES_LIT("DEREncodedKeyValue"))) {
        ok = node_base64(doc, at, &sig->key_part[0]);
        sig->key_kind = ok ? XML_KEY_DER : XML_KEY_NONE;
    }
    return ok || sig_malformed(doc, state, at, "XMLDSig 4.5.2", "KeyValue is not what the schema says");
}

bool keyinfo_read(struct xml_doc *doc, struct sig_state *state, const struct xml_node *keyinfo)
{
    struct counts n = { 0 };
    count(keyinfo, &n);
    sign_bytes *certs = arena_array(&doc->arena, n.certs + 1, sizeof *certs);
    state->sig.issuer_serials = arena_array(&doc->arena, n.serials + 1, sizeof *state->sig.issuer_serials);
    if (!certs || !state->sig.issuer_serials) return false;
    state->sig.certs = certs;
    for (const struct xml_node *at = node_first(keyinfo); at; at = node_after(at)) {
        if (name_is_dsig(&at->event.name, "RetrievalMethod")) state->sig.elsewhere = "RetrievalMethod";
        if (name_is(&at->event.name, BYTES_LIT(NS_DSIG11), BYTES_LIT("KeyInfoReference"))) {
            state->sig.elsewhere = "KeyInfoReference";
        }
        bool is_x509 = name_is_dsig(&at->event.name, "X509Data");
        if (!(is_x509 ? read_x509(doc, state, at, certs) : read_key_value(doc, state, at))) return false;
    }
    return true;
}
