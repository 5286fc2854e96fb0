/*
 * Transforms as a closed list (XMLDSig 6.6): enveloped-signature and its idioms in XPath, one canonicalization,
 * base64. They are read as a
 * small automaton over what flows between them: a node set until a canonicalization or base64 makes octets of it,
 * after which nothing may follow, since octets would have to be parsed again.
 */
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <xml/node.h>
#include <xml/xpath.h>

enum transform { T_ENVELOPED, T_C14N, T_BASE64, T_XPATH, T_FILTER2, T_REFUSED };
static const struct { const char *uri; enum transform what; const char *name; } table[] = {
    { NS_DSIG "enveloped-signature", T_ENVELOPED, NULL },
    { NS_DSIG "base64", T_BASE64, NULL },
    { XPATH_URI, T_XPATH, "XPath, but for the expressions that leave Signatures out" },
    { NS_FILTER2, T_FILTER2, "XPath Filter 2.0, but for those that subtract Signatures" },
    /* Known, and refused under their names. */
    { "http://www.w3.org/TR/1999/REC-xslt-19991116", T_REFUSED, "XSLT" },
    { "http://www.w3.org/2002/07/decrypt#XML", T_REFUSED, "decryption" },
    { "http://www.w3.org/TR/2001/WD-xptr-20010108", T_REFUSED, "XPointer" },
};

bool transform_is_enveloped(sign_bytes uri)
{
    return bytes_are(uri, NS_DSIG "enveloped-signature");
}

struct reading {
    struct xml_doc *doc;
    struct xml_ref *ref;
    struct ref_plan *plan;
    bool octets;            /* the last transform gave octets */
};

static bool reject(struct reading *r, enum xml_ref_status status, const char *clause, const char *why)
{
    if (r->ref->status != XML_REF_PENDING) return false;
    r->ref->status = status;
    r->ref->clause = clause;
    r->ref->why = why;
    return false;
}

static bool reject_named(struct reading *r, const char *what, sign_bytes name)
{
    CLEANUP(build_free) struct build text = { .max = 4096 };
    build_fmt(&text, "%s: ", what);
    text_escape(&text, bytes_slice(name, 0, 120));
    r->doc->no_memory = r->doc->no_memory || text.failed;
    return reject(r, XML_REF_UNSUPPORTED, "XMLDSig 6.6", doc_text(r->doc, build_view(&text)));
}

/* Exclusive C14N 4: prefixes between white space; #default stands for the default namespace. */
static bool read_prefixes(struct xml_doc *doc, sign_bytes list, struct c14n_spec *spec)
{
    sign_bytes *prefixes = arena_array(&doc->arena, list.len / 2 + 1, sizeof *prefixes);
    if (!prefixes) {
        doc->no_memory = true;
        return false;
    }
    for (size_t at = 0; at < list.len;) {
        size_t end = at;
        while (end < list.len && !is_xml_space(list.ptr[end])) end++;
        sign_bytes prefix = bytes_slice(list, at, end - at);
        if (prefix.len) prefixes[spec->n_inclusive++] = bytes_are(prefix, "#default") ? (sign_bytes){ 0 } : prefix;
        at = end + 1;
    }
    spec->inclusive = prefixes;
    return spec->n_inclusive <= LIMIT_XML_NS;
}

bool inclusive_read(struct xml_doc *doc, const struct xml_node *method, struct c14n_spec *spec)
{
    const struct xml_node *child = node_first(method);
    if (!node_is_structure(method)) return false;
    if (!child) return true;
    sign_bytes list = { 0 };
    return spec->method == C14N_EXCLUSIVE &&
           name_is(&child->event.name, BYTES_LIT(NS_EXC_C14N), BYTES_LIT("InclusiveNamespaces")) &&
           !node_after(child) && node_attr(child, "PrefixList", &list) && read_prefixes(doc, list, spec);
}

static bool read_enveloped(struct reading *r)
{
    r->ref->enveloped = true;
    return true;
}

static bool read_xpath(struct reading *r, const struct xml_node *node, bool filter2, const char *name)
{
    enum xpath_idiom idiom = xpath_read(node, filter2);
    if (idiom == XPATH_OTHER) return reject_named(r, "refused transform", bytes_str(name));
    r->plan->all_signatures = r->plan->all_signatures || idiom == XPATH_ALL_SIGNATURES;
    return read_enveloped(r);
}

static bool read_c14n(struct reading *r, const struct xml_node *node, const struct c14n_spec *spec)
{
    r->plan->c14n = *spec;
    r->octets = true;
    if (!inclusive_read(r->doc, node, &r->plan->c14n)) {
        return reject(r, XML_REF_UNSUPPORTED, "XMLDSig 6.5",
                      "a canonicalization with parameters that are not on the list");
    }
    return true;
}

static bool read_one(struct reading *r, const struct xml_node *node)
{
    sign_bytes uri;
    struct c14n_spec spec;
    if (!name_is_dsig(&node->event.name, "Transform") || !node_attr(node, "Algorithm", &uri)) {
        return reject(r, XML_REF_MALFORMED, "XMLDSig 4.4.3.4", "expected a Transform with its Algorithm");
    }
    if (r->octets) return reject_named(r, "a transform after octets were made", uri);
    if (c14n_by_uri(uri, &spec)) return read_c14n(r, node, &spec);
    for (size_t i = 0; i < COUNT(table); i++) {
        if (!bytes_are(uri, table[i].uri)) continue;
        switch (table[i].what) {
        case T_ENVELOPED:
            return read_enveloped(r);
        case T_BASE64:
            r->plan->base64 = r->octets = true;
            return !r->ref->enveloped ||
                   reject(r, XML_REF_UNSUPPORTED, "XMLDSig 6.6.2", "base64 after enveloped-signature is refused");
        case T_XPATH:
        case T_FILTER2:
            return read_xpath(r, node, table[i].what == T_FILTER2, table[i].name);
        case T_C14N:
        case T_REFUSED:
            return reject_named(r, "refused transform", bytes_str(table[i].name));
        }
    }
    return reject_named(r, "unknown transform", uri);
}

int transforms_read(struct xml_doc *doc, const struct xml_node *transforms, struct xml_ref *ref, struct ref_plan *plan,
                    sign_err *err)
{
    struct reading r = { .doc = doc, .ref = ref, .plan = plan };
    (void)err;
    size_t n = 0;
    for (const struct xml_node *at = transforms ? node_first(transforms) : NULL; at; at = node_after(at)) {
        if (++n > LIMIT_XML_XFORMS) {
            reject(&r, XML_REF_UNSUPPORTED, "XMLDSig 4.4.3.4", "more transforms than are followed");
            break;
        }
        if (!read_one(&r, at)) break;
    }
    if (transforms && (n == 0 || !node_is_structure(transforms))) {
        reject(&r, XML_REF_MALFORMED, "XMLDSig 4.4.3.4", "Transforms holds something else than Transform elements");
    }
    /* XMLDSig 4.4.3.2: a node set that is left at the end is canonicalized by C14N 1.0 without comments. */
    if (!plan->base64 && plan->c14n.method == C14N_NONE) plan->c14n = (struct c14n_spec){ .method = C14N_10 };
    plan->c14n.comments = plan->c14n.comments && plan->comments;
    return SIGN_OK;
}
