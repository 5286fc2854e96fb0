#include <base/text.h>
#include <xml/node.h>
#include <xml/xpath.h>

/*
 * Expressions by their tokens, between which white space may stand (XPath 1.0 3.7). "$" is the name of ds:Signature
 * with whatever prefix is bound to its namespace.
 *
 * The first is in XMLDSig 6.6.4 as what the enveloped transform means; filters subtract the subtrees that are selected
 * (XPath Filter 2.0 3.4), so they name the element itself. A filter's "here()" is its XPath element, and the nearest
 * Signature around that is the one that holds the Reference.
 */
static const struct idiom {
    bool filter2;
    enum xpath_idiom what;
    const char *tokens[24];
} idioms[] = {
    { false, XPATH_THIS_SIGNATURE,
      { "count", "(", "ancestor-or-self", "::", "$", "|", "here", "(", ")", "/", "ancestor", "::", "$", "[", "1", "]",
        ")", ">", "count", "(", "ancestor-or-self", "::", "$", ")" } },
    { false, XPATH_ALL_SIGNATURES, { "not", "(", "ancestor-or-self", "::", "$", ")" } },
    { true, XPATH_THIS_SIGNATURE, { "here", "(", ")", "/", "ancestor", "::", "$", "[", "1", "]" } },
    { true, XPATH_ALL_SIGNATURES, { "/", "descendant", "::", "$" } },
    { true, XPATH_ALL_SIGNATURES, { "//", "$" } },
};

/* What a prefix is bound to at an element of the tree; empty: to nothing. */
static sign_bytes declared(const struct xml_event *event, sign_bytes prefix)
{
    for (size_t i = 0; i < event->n_ns; i++) {
        if (bytes_equal(event->ns[i].prefix, prefix)) return event->ns[i].uri;
    }
    return (sign_bytes){ 0 };
}

static sign_bytes bound_to(const struct xml_node *node, sign_bytes prefix)
{
    const struct tree_context *context = NULL;
    sign_bytes uri = { 0 };
    for (; node && !uri.len; node = node->parent) {
        uri = declared(&node->event, prefix);
        context = node->context;
    }
    for (; context && !uri.len; context = context->outer) uri = declared(&context->event, prefix);
    return uri;
}

static bool is_name_byte(int c)
{
    int lower = ascii_lower(c);
    return c >= 0x80 || c == '_' || c == '-' || c == '.' || (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

/* prefix:Signature, of the right namespace: no default namespace applies to names in XPath 1.0 (2.3). */
static bool take_signature(const struct xml_node *at, sign_bytes *text)
{
    sign_bytes rest = BYTES_LIT(":Signature");
    size_t n = 0;
    while (n < text->len && is_name_byte(text->ptr[n])) n++;
    sign_bytes prefix = bytes_slice(*text, 0, n);
    *text = bytes_slice(*text, n, text->len);
    if (n == 0 || !bytes_start(*text, rest)) return false;
    *text = bytes_slice(*text, rest.len, text->len);
    return !(text->len && is_name_byte(text->ptr[0])) && bytes_are(bound_to(at, prefix), NS_DSIG);
}

static void skip_space(sign_bytes *text)
{
    size_t n = 0;
    while (n < text->len && is_xml_space(text->ptr[n])) n++;
    *text = bytes_slice(*text, n, text->len);
}

static bool is_idiom(const struct idiom *idiom, const struct xml_node *at, sign_bytes text)
{
    for (size_t i = 0; i < COUNT(idiom->tokens) && idiom->tokens[i]; i++) {
        sign_bytes token = bytes_str(idiom->tokens[i]);
        skip_space(&text);
        if (token.ptr[0] == '$') {
            if (!take_signature(at, &text)) return false;
        } else if (bytes_start(text, token)) {
            text = bytes_slice(text, token.len, text.len);
        } else {
            return false;
        }
    }
    skip_space(&text);
    return text.len == 0;
}

enum xpath_idiom xpath_read(const struct xml_node *transform, bool filter2)
{
    const struct xml_node *xpath = node_first(transform);
    sign_bytes text, filter;
    if (!xpath || node_after(xpath) || !node_is_structure(transform) || !node_text(xpath, &text) ||
        !name_is(&xpath->event.name, bytes_str(filter2 ? NS_FILTER2 : NS_DSIG), BYTES_LIT("XPath"))) {
        return XPATH_OTHER;
    }
    if (filter2 && (!node_attr(xpath, "Filter", &filter) || !bytes_are(filter, "subtract"))) return XPATH_OTHER;
    for (size_t i = 0; i < COUNT(idioms); i++) {
        if (idioms[i].filter2 == filter2 && is_idiom(&idioms[i], xpath, text)) return idioms[i].what;
    }
    return XPATH_OTHER;
}
