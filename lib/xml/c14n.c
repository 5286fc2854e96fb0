/*
 * Canonical XML 1.0, 1.1 and Exclusive XML Canonicalization 1.0 in one pass over events. What the methods differ in is
 * which namespaces and inherited xml: attributes a start tag shows: c14n_tag.c. The bytes are the same for all, and
 * are made here.
 */
#include <base/cleanup.h>
#include <base/err.h>
#include <stdlib.h>
#include <xml/c14n_impl.h>
#include <xml/names.h>

#define C14N_10_URI "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define C14N_11_URI "http://www.w3.org/2006/12/xml-c14n11"
#define COMMENTS "WithComments"

static const struct { enum c14n_method method; bool comments; const char *uri; } methods[] = {
    { C14N_10, false, C14N_10_URI },           { C14N_10, true, C14N_10_URI "#" COMMENTS },
    { C14N_11, false, C14N_11_URI },           { C14N_11, true, C14N_11_URI "#" COMMENTS },
    { C14N_EXCLUSIVE, false, NS_EXC_C14N },    { C14N_EXCLUSIVE, true, NS_EXC_C14N COMMENTS },
};

bool c14n_by_uri(sign_bytes uri, struct c14n_spec *out)
{
    for (size_t i = 0; i < COUNT(methods); i++) {
        if (bytes_are(uri, methods[i].uri)) {
            *out = (struct c14n_spec){ .method = methods[i].method, .comments = methods[i].comments };
            return true;
        }
    }
    return false;
}

const char *c14n_uri(enum c14n_method method, bool comments)
{
    for (size_t i = 0; i < COUNT(methods); i++) {
        if (methods[i].method == method && methods[i].comments == comments) return methods[i].uri;
    }
    return NULL;
}

/* --- bytes out ---------------------------------------------------------------------------------------------------- */

static void hand_on(struct c14n *c, sign_bytes bytes)
{
    if (c->rc == SIGN_OK && bytes.len) c->rc = c->write(c->payload, bytes, c->err);
}

static void flush(struct c14n *c)
{
    hand_on(c, bytes_of(c->out, c->n_out));
    c->n_out = 0;
}

void c14n_put_more(struct c14n *c, sign_bytes bytes)
{
    flush(c);
    if (bytes.len > sizeof c->out) {
        hand_on(c, bytes);
    } else {
        c14n_put(c, bytes);
    }
}

/* C14N 1.0 2.3: what is written as a reference, in text (1) and in attribute values (2). */
enum { IN_TEXT = 1, IN_VALUE = 2 };
static const uint8_t escaped[256] = {
    ['&'] = IN_TEXT | IN_VALUE, ['<'] = IN_TEXT | IN_VALUE, ['>'] = IN_TEXT,   ['"'] = IN_VALUE,
    ['\t'] = IN_VALUE,          ['\n'] = IN_VALUE,          ['\r'] = IN_TEXT | IN_VALUE,
};

static sign_bytes reference(uint8_t byte)
{
    switch (byte) {
    case '&': return BYTES_LIT("&amp;");
    case '<': return BYTES_LIT("&lt;");
    case '>': return BYTES_LIT("&gt;");
    case '"': return BYTES_LIT("&quot;");
    case '\t': return BYTES_LIT("&#x9;");
    case '\n': return BYTES_LIT("&#xA;");
    default: return BYTES_LIT("&#xD;");
    }
}

static void put_escaped(struct c14n *c, sign_bytes text, uint8_t where)
{
    size_t from = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (escaped[text.ptr[i]] & where) {
            c14n_put(c, bytes_of(text.ptr + from, i - from));
            c14n_put(c, reference(text.ptr[i]));
            from = i + 1;
        }
    }
    if (from < text.len) c14n_put(c, bytes_of(text.ptr + from, text.len - from));
}

void c14n_put_value(struct c14n *c, sign_bytes value)
{
    c14n_put(c, BYTES_LIT("=\""));
    put_escaped(c, value, IN_VALUE);
    c14n_put(c, BYTES_LIT("\""));
}

void c14n_put_name(struct c14n *c, const struct xml_name *name)
{
    if (name->prefix.len) {
        c14n_put(c, name->prefix);
        c14n_put(c, BYTES_LIT(":"));
    }
    c14n_put(c, name->local);
}

/* --- events in ---------------------------------------------------------------------------------------------------- */

/* C14N 1.0 2.3: outside the root, a line feed between a comment or instruction and the root. */
static void put_outside(struct c14n *c, const struct xml_event *e, sign_bytes open, sign_bytes close)
{
    if (e->depth == 0 && c->seen_root) c14n_put(c, BYTES_LIT("\n"));
    c14n_put(c, open);
    if (e->kind == XML_PI) {
        c14n_put(c, e->name.local);
        if (e->text.len) c14n_put(c, BYTES_LIT(" "));
    }
    c14n_put(c, e->text);
    c14n_put(c, close);
    if (e->depth == 0 && !c->seen_root) c14n_put(c, BYTES_LIT("\n"));
}

static void end_tag(struct c14n *c, const struct xml_event *e)
{
    c14n_put(c, BYTES_LIT("</"));
    c14n_put_name(c, &e->name);
    c14n_put(c, BYTES_LIT(">"));
    if (e->depth == c->apex) c->apex = 0;
}

int c14n_event(struct c14n *c, const struct xml_event *event, bool emit, sign_err *err)
{
    c->err = err;
    switch (event->kind) {
    case XML_START:
        c14n_start_tag(c, event, emit);
        c->seen_root = true;
        break;
    case XML_END:
        if (emit) end_tag(c, event);
        scope_pop(&c->scope, event->depth);
        scope_pop(&c->rendered, event->depth);
        break;
    case XML_TEXT:
        if (emit) put_escaped(c, event->text, IN_TEXT);
        break;
    case XML_COMMENT:
        if (emit && c->spec.comments) put_outside(c, event, BYTES_LIT("<!--"), BYTES_LIT("-->"));
        break;
    case XML_PI:
        if (emit) put_outside(c, event, BYTES_LIT("<?"), BYTES_LIT("?>"));
        break;
    }
    return c->rc;
}

int c14n_flush(struct c14n *c, sign_err *err)
{
    c->err = err;
    flush(c);
    return c->rc;
}

int c14n_end(struct c14n *c, sign_err *err)
{
    return c14n_flush(c, err);
}

int c14n_new(struct c14n **out, const struct c14n_spec *spec, c14n_write_fn write, void *payload, sign_err *err)
{
    if (spec->method == C14N_NONE) return err_arg(err, "canonicalizing: no method");
    CLEANUP(c14n_free) struct c14n *c = calloc(1, sizeof *c);
    if (!c) return err_nomem(err);
    c->spec = *spec;
    c->write = write;
    c->payload = payload;
    bool lists = spec->method == C14N_EXCLUSIVE && spec->n_inclusive;
    c->inclusive = lists ? arena_array(&c->arena, spec->n_inclusive, sizeof *c->inclusive) : NULL;
    if (lists && !c->inclusive) return err_nomem(err);
    for (size_t i = 0; lists && i < spec->n_inclusive; i++) {
        c->inclusive[i] = arena_bytes(&c->arena, spec->inclusive[i]);
        if (!c->inclusive[i].ptr) return err_nomem(err);
    }
    c->n_inclusive = lists ? spec->n_inclusive : 0;
    *out = c;
    c = NULL;
    return SIGN_OK;
}

void c14n_free(struct c14n **c)
{
    struct c14n *old = *c;
    *c = NULL;
    if (!old) return;
    scope_free(&old->scope);
    scope_free(&old->rendered);
    build_free(&old->base);
    arena_free(&old->arena);
    free(old->ns);
    free(old->attrs);
    free(old);
}
