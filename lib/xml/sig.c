/*
 * A ds:Signature read strictly: the elements of the XMLDSig schema, in its order, each as often as it says. Comments
 * and instructions between elements are no part of what is signed and do no harm; inside of a value they would split
 * it, and are refused.
 */
#include <base/err.h>
#include <base/limits.h>
#include <xml/node.h>

/* --- references --------------------------------------------------------------------------------------------------- */

static size_t count_elements(const struct xml_node *from)
{
    size_t n = 0;
    for (; from; from = node_after(from)) n++;
    return n;
}

static int alloc_refs(struct xml_doc *doc, struct sig_state *state, const struct xml_node *first_ref,
                      const struct xml_node *objects, sign_err *err)
{
    size_t n = count_elements(first_ref);
    for (const struct xml_node *object = objects; object; object = node_after(object)) {
        for (const struct xml_node *m = node_first(object); m; m = node_after(m)) {
            if (name_is_dsig(&m->event.name, "Manifest")) n += count_elements(node_first(m));
        }
    }
    if (n > LIMIT_XML_REFS) {
        return err_set(err, SIGN_E_LIMIT, state->sig.offset, NULL, "a Signature with %zu references", n);
    }
    state->sig.refs = arena_array(&doc->arena, n ? n : 1, sizeof *state->sig.refs);
    state->plans = arena_array(&doc->arena, n ? n : 1, sizeof *state->plans);
    return state->sig.refs && state->plans ? SIGN_OK : err_nomem(err);
}

static bool read_references(struct xml_doc *doc, struct sig_state *state, const struct xml_node *first,
                            const struct xml_node *manifest, sign_err *err)
{
    if (!first) return sig_malformed(doc, state, state->node, "XMLDSig 4.4", "no Reference where one must be");
    for (const struct xml_node *at = first; at; at = node_after(at)) {
        size_t i = state->sig.n_refs;
        if (!name_is_dsig(&at->event.name, "Reference")) {
            return sig_malformed(doc, state, at, "XMLDSig 4.4", "expected a Reference");
        }
        state->sig.refs[i].in_manifest = manifest != NULL;
        state->plans[i].manifest = manifest;
        if (!reference_read(doc, state, at, &state->sig.refs[i], &state->plans[i], err)) return false;
        state->sig.n_refs++;
    }
    return true;
}

/* --- SignedInfo --------------------------------------------------------------------------------------------------- */

static bool read_c14n_method(struct xml_doc *doc, struct sig_state *state, const struct xml_node *method)
{
    sign_bytes uri;
    if (!node_attr(method, "Algorithm", &uri)) {
        return sig_malformed(doc, state, method, "XMLDSig 4.4.1", "CanonicalizationMethod without an Algorithm");
    }
    if (!c14n_by_uri(uri, &state->sig.c14n) || !inclusive_read(doc, method, &state->sig.c14n)) {
        state->sig.c14n.method = C14N_NONE;
        sig_unsupported(doc, state, method, "XMLDSig 6.5", "unknown canonicalization or parameters: %.*s",
                        uri.len < 100 ? (int)uri.len : 100, (const char *)uri.ptr);
    }
    return true;
}

static bool read_signed_info(struct xml_doc *doc, struct sig_state *state, const struct xml_node *info,
                             const struct xml_node *objects, int *rc, sign_err *err)
{
    const struct xml_node *c14n = node_first(info), *method = c14n ? node_after(c14n) : NULL;
    if (!method || !name_is_dsig(&c14n->event.name, "CanonicalizationMethod") ||
        !name_is_dsig(&method->event.name, "SignatureMethod") || !node_is_structure(info)) {
        return sig_malformed(doc, state, info, "XMLDSig 4.4",
                             "SignedInfo is CanonicalizationMethod, SignatureMethod, Reference+");
    }
    state->signed_info = info;
    *rc = alloc_refs(doc, state, node_after(method), objects, err);
    return *rc == SIGN_OK && read_c14n_method(doc, state, c14n) && method_read(doc, state, method) &&
           read_references(doc, state, node_after(method), NULL, err);
}

/* --- Object ------------------------------------------------------------------------------------------------------- */

static bool has_id(const struct xml_node *node, sign_bytes id)
{
    sign_bytes value;
    return node_attr(node, "Id", &value) && bytes_equal(value, id);
}

/*
 * XMLDSig 5.2: Target names the Signature that the property is about. In the field it also names the property itself, or is
 * no reference at all; but a reference that names nothing here means that the property, or an Id, has been moved.
 */
static bool is_foreign(const struct sig_state *state, const struct xml_node *properties, const struct xml_node *property)
{
    sign_bytes target;
    if (!node_attr(property, "Target", &target) || target.len < 2 || target.ptr[0] != '#') return false;
    sign_bytes id = bytes_slice(target, 1, target.len - 1);
    return !has_id(state->node, id) && !has_id(properties, id) && !has_id(property, id);
}

/* SignatureProperties/SignatureProperty/SigningTime, in whatever namespace, as Vietnamese e-invoices have it. */
static void read_properties(struct sig_state *state, const struct xml_node *properties)
{
    for (const struct xml_node *p = node_first(properties); p; p = node_after(p)) {
        for (const struct xml_node *t = node_first(p); t; t = node_after(t)) {
            sign_bytes text;
            if (!state->time_node && bytes_are(t->event.name.local, "SigningTime") && node_trimmed(t, &text) &&
                when_parse_rfc3339(text, &state->sig.signing_time)) {
                state->sig.has_signing_time = true;
                state->sig.property_foreign = is_foreign(state, properties, p);
                state->time_node = t;
            }
        }
    }
}

static bool read_object(struct xml_doc *doc, struct sig_state *state, const struct xml_node *object, sign_err *err)
{
    for (const struct xml_node *at = node_first(object); at; at = node_after(at)) {
        if (name_is_dsig(&at->event.name, "Manifest")) {
            if (!read_references(doc, state, node_first(at), at, err)) return false;
        } else if (bytes_are(at->event.name.local, "SignatureProperties")) {
            read_properties(state, at);
        } else if (name_is(&at->event.name, BYTES_LIT(NS_XADES), BYTES_LIT("QualifyingProperties")) &&
                   !xades_read(doc, state, at)) {
            return false;
        }
    }
    return true;
}

/* --- Signature ---------------------------------------------------------------------------------------------------- */

static bool read_signature(struct xml_doc *doc, struct sig_state *state, int *rc, sign_err *err)
{
    const struct xml_node *info = node_first(state->node), *value = info ? node_after(info) : NULL;
    if (!value || !name_is_dsig(&info->event.name, "SignedInfo") ||
        !name_is_dsig(&value->event.name, "SignatureValue") || !node_is_structure(state->node)) {
        return sig_malformed(doc, state, state->node, "XMLDSig 4.2",
                             "a Signature is SignedInfo, SignatureValue, KeyInfo?, Object*");
    }
    const struct xml_node *keyinfo = node_after(value), *objects = keyinfo;
    if (keyinfo && name_is_dsig(&keyinfo->event.name, "KeyInfo")) {
        objects = node_after(keyinfo);
    } else {
        keyinfo = NULL;
    }
    for (const struct xml_node *at = objects; at; at = node_after(at)) {
        if (!name_is_dsig(&at->event.name, "Object")) {
            return sig_malformed(doc, state, at, "XMLDSig 4.2", "expected an Object, found %.*s",
                                 at->event.name.local.len < 60 ? (int)at->event.name.local.len : 60,
                                 (const char *)at->event.name.local.ptr);
        }
    }
    if (!read_signed_info(doc, state, info, objects, rc, err)) return false;
    if (!node_base64(doc, value, &state->sig.value)) {
        return sig_malformed(doc, state, value, "XMLDSig 4.3", "SignatureValue is not base64 in one piece of text");
    }
    if (keyinfo && !keyinfo_read(doc, state, keyinfo)) return false;
    for (const struct xml_node *at = objects; at; at = node_after(at)) {
        if (!read_object(doc, state, at, err)) return false;
    }
    return true;
}

int sig_read(struct xml_doc *doc, struct sig_state *state, sign_err *err)
{
    int rc = SIGN_OK;
    bool ok = read_signature(doc, state, &rc, err);
    /* All other ways to fail have left a remark; a remark that memory ran out for is none. */
    if (rc == SIGN_OK && (doc->no_memory || (!ok && !state->sig.malformed))) return err_nomem(err);
    return rc;
}
