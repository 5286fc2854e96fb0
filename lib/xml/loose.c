/*
 * What stands in a Signature without being signed by it. The enveloped transform takes the Signature out of what it
 * signs, so that anything may be put into an Object or KeyInfo of it afterwards, and be found there by whoever looks
 * for an element by its name.
 */
#include <base/text.h>
#include <xml/loose.h>

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
           node_is_structure(properties) && node_is_structure(property);
}

/* The one thing in it that is accounted for: what a reference covers, or XAdES's properties, which have rules of their own. */
static void find_content(const struct sig_state *state, const struct xml_node *object, uint64_t *from, uint64_t *to)
{
    const struct xml_node *properties = node_child(object, NS_XADES, "QualifyingProperties");
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

static const struct xml_node *following(const struct xml_node *node, const struct xml_node *root)
{
    const struct xml_node *first = node_first(node);
    while (!first && node != root) {
        first = node_after(node);
        node = node->parent;
    }
    return first;
}

static bool is_loose_key_info(const struct xml_node *key_info)
{
    for (const struct xml_node *at = node_first(key_info); at; at = following(at, key_info)) {
        if (!bytes_are(at->event.name.uri, NS_DSIG) && !bytes_are(at->event.name.uri, NS_DSIG11)) {
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
    }
    return false;
}
