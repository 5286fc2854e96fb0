#include "form.h"
#include <base/cleanup.h>
#include <libxml/c14n.h>
#include <libxml/parser.h>
#include <stdlib.h>

/* --- ours --------------------------------------------------------------------------------------------------------- */

struct ours {
    const struct form *form;
    struct c14n *c14n;
    size_t elements, inside, outside;   /* depth of the element chosen, of the one left out */
};

static int write_build(void *payload, sign_bytes bytes, sign_err *err)
{
    build_bytes(payload, bytes);
    return build_check(payload, err, "canonical form");
}

static int on_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct ours *o = payload;
    if (event->kind == XML_START) {
        o->elements++;
        if (o->elements == o->form->element) o->inside = event->depth;
        if (o->elements == o->form->omit) o->outside = event->depth;
    }
    int rc = c14n_event(o->c14n, event, (o->form->element == 0 || o->inside) && !o->outside, err);
    if (event->kind == XML_END) {
        if (event->depth == o->inside) o->inside = 0;
        if (event->depth == o->outside) o->outside = 0;
    }
    return rc;
}

int form_ours(struct build *out, sign_bytes document, const struct form *form, sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(c14n_free) struct c14n *c14n = NULL;
    struct xml_opts opts = { .allow_doctype = true };
    int rc = source_over(&source, document, err);
    if (rc == SIGN_OK) rc = c14n_new(&c14n, &form->spec, write_build, out, err);
    struct ours o = { .form = form, .c14n = c14n };
    if (rc == SIGN_OK) rc = xml_parse(source, &opts, on_event, &o, NULL, err);
    return rc == SIGN_OK ? c14n_end(c14n, err) : rc;
}

/* --- libxml2's ---------------------------------------------------------------------------------------------------- */

struct theirs { const xmlNode *element, *omit; };

static int is_visible(void *payload, xmlNodePtr node, xmlNodePtr parent)
{
    const struct theirs *t = payload;
    bool inside = t->element == NULL;
    const xmlNode *at = node->type == XML_NAMESPACE_DECL || node->type == XML_ATTRIBUTE_NODE ? parent : node;
    for (; at; at = at->parent) {
        if (at == t->omit) return 0;
        inside = inside || at == t->element;
    }
    return inside;
}

static const xmlNode *nth_element(const xmlNode *root, size_t n)
{
    const xmlNode *at = root;
    while (at && n > 0) {
        if (at->type == XML_ELEMENT_NODE && --n == 0) return at;
        if (at->type == XML_ELEMENT_NODE && at->children) {
            at = at->children;
            continue;
        }
        while (at && !at->next) at = at->parent;
        at = at ? at->next : NULL;
    }
    return NULL;
}

static void free_doc(xmlDoc **doc) { xmlFreeDoc(*doc); }
static void silent(void *payload, const char *format, ...) { (void)payload; (void)format; }

static xmlChar **prefix_list(const struct c14n_spec *spec, xmlChar *room[], char text[][64])
{
    if (spec->n_inclusive == 0) return NULL;
    for (size_t i = 0; i < spec->n_inclusive; i++) {
        sign_bytes prefix = spec->inclusive[i].len ? spec->inclusive[i] : BYTES_LIT("#default");
        memcpy(text[i], prefix.ptr, prefix.len);
        text[i][prefix.len] = '\0';
        room[i] = (xmlChar *)text[i];
    }
    room[spec->n_inclusive] = NULL;
    return room;
}

bool form_theirs(struct build *out, sign_bytes document, const struct form *form)
{
    static const int modes[] = { [C14N_10] = XML_C14N_1_0, [C14N_11] = XML_C14N_1_1, [C14N_EXCLUSIVE] = XML_C14N_EXCLUSIVE_1_0 };
    xmlSetGenericErrorFunc(NULL, silent);
    xmlSetStructuredErrorFunc(NULL, NULL);
    CLEANUP(free_doc) xmlDoc *doc = xmlReadMemory((const char *)document.ptr, (int)document.len, "d.xml", NULL,
        XML_PARSE_NOENT | XML_PARSE_DTDATTR | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    xmlChar *prefixes[9];
    char room[8][64];
    if (!doc || form->spec.n_inclusive > 8) return false;
    const xmlNode *root = xmlDocGetRootElement(doc);
    struct theirs t = { nth_element(root, form->element), nth_element(root, form->omit) };
    if ((form->element && !t.element) || (form->omit && !t.omit)) return false;
    xmlOutputBuffer *buffer = xmlAllocOutputBuffer(NULL);
    bool whole = !t.element && !t.omit;
    int len = xmlC14NExecute(doc, whole ? NULL : is_visible, whole ? NULL : &t, modes[form->spec.method], prefix_list(&form->spec, prefixes, room),
                             form->spec.comments, buffer);
    if (len >= 0) build_put(out, xmlOutputBufferGetContent(buffer), xmlOutputBufferGetSize(buffer));
    xmlOutputBufferClose(buffer);
    return len >= 0;
}
