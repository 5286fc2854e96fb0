#include <base/text.h>
#include <stdarg.h>
#include <stdio.h>
#include <xml/node.h>

bool node_attr(const struct xml_node *node, const char *local, sign_bytes *value)
{
    for (size_t i = 0; i < node->event.n_attrs; i++) {
        const struct xml_attr *attr = &node->event.attrs[i];
        if (attr->name.uri.len == 0 && bytes_are(attr->name.local, local)) {
            *value = attr->value;
            return true;
        }
    }
    return false;
}

const struct xml_node *node_element(const struct xml_node *node)
{
    while (node && node->event.kind != XML_START) node = node->next;
    return node;
}

const struct xml_node *node_child(const struct xml_node *node, const char *uri, const char *local)
{
    for (const struct xml_node *at = node_first(node); at; at = node_after(at)) {
        if (name_is(&at->event.name, bytes_str(uri), bytes_str(local))) return at;
    }
    return NULL;
}

static sign_bytes trim(sign_bytes text)
{
    while (text.len && is_xml_space(text.ptr[0])) text = bytes_of(text.ptr + 1, text.len - 1);
    while (text.len && is_xml_space(text.ptr[text.len - 1])) text.len--;
    return text;
}

bool node_is_structure(const struct xml_node *node)
{
    for (const struct xml_node *at = node->first; at; at = at->next) {
        if (at->event.kind == XML_TEXT && trim(at->event.text).len) return false;
    }
    return true;
}

bool node_text(const struct xml_node *node, sign_bytes *text)
{
    *text = (sign_bytes){ 0 };
    if (!node->first) return true;
    if (node->first->next || node->first->event.kind != XML_TEXT) return false;
    *text = node->first->event.text;
    return true;
}

bool node_trimmed(const struct xml_node *node, sign_bytes *text)
{
    bool ok = node_text(node, text);
    *text = trim(*text);
    return ok;
}

char *doc_text(struct xml_doc *doc, sign_bytes text)
{
    char *copy = arena_str(&doc->arena, text);
    doc->no_memory = doc->no_memory || !copy;
    return copy;
}

/*
 * A CDATA section splits the text for whoever reads its nodes, and shows in no canonical form. No other '<' can stand
 * before that of the end tag; most values have the length of their text, and need no second look.
 */
static bool has_sections(const struct xml_doc *doc, const struct xml_node *node, size_t text)
{
    const struct xml_name *name = &node->event.name;
    size_t tag = 3 + name->local.len + (name->prefix.len ? name->prefix.len + 1 : 0), seen = 0;
    if (node->end < node->event.end || node->end - node->event.end == text + tag) return false;
    uint8_t bytes[1024];
    for (uint64_t at = node->event.end; at < node->end; at += sizeof bytes) {
        size_t len = node->end - at < sizeof bytes ? (size_t)(node->end - at) : sizeof bytes;
        if (source_read(doc->source, at, bytes, len, NULL) != SIGN_OK) return true;
        for (size_t i = 0; i < len; i++) seen += bytes[i] == '<';
    }
    return seen > 1;
}

bool node_base64(struct xml_doc *doc, const struct xml_node *node, sign_bytes *out)
{
    sign_bytes text;
    CLEANUP(build_free) struct build bytes = { 0 };
    if (!node_text(node, &text) || !base64_decode(&bytes, text) || (bytes.len == 0 && !bytes.failed)) return false;
    if (has_sections(doc, node, text.len)) return false;
    *out = bytes.failed ? (sign_bytes){ 0 } : arena_bytes(&doc->arena, build_view(&bytes));
    doc->no_memory = doc->no_memory || !out->ptr;
    return out->ptr != NULL;
}

__attribute__((format(printf, 5, 0))) static void remark(struct xml_doc *doc, struct sig_state *state,
                                                         const struct xml_node *at, const char *clause, const char *fmt,
                                                         va_list args)
{
    char text[256];
    vsnprintf(text, sizeof text, fmt, args);
    state->sig.why = doc_text(doc, bytes_str(text));
    state->sig.clause = clause;
    state->sig.at = at->event.start;
}

bool sig_malformed(struct xml_doc *doc, struct sig_state *state, const struct xml_node *at, const char *clause,
                   const char *fmt, ...)
{
    if (state->sig.malformed) return false;
    va_list args;
    va_start(args, fmt);
    remark(doc, state, at, clause, fmt, args);
    va_end(args);
    state->sig.malformed = true;
    return false;
}

bool sig_unsupported(struct xml_doc *doc, struct sig_state *state, const struct xml_node *at, const char *clause,
                     const char *fmt, ...)
{
    if (state->sig.malformed || state->sig.unsupported) return false;
    va_list args;
    va_start(args, fmt);
    remark(doc, state, at, clause, fmt, args);
    va_end(args);
    state->sig.unsupported = true;
    return false;
}
