/* The canonicalizer's state, for c14n.c and c14n_tag.c alone. */
#ifndef XML_C14N_IMPL_H
#define XML_C14N_IMPL_H

#include <base/arena.h>
#include <string.h>
#include <xml/c14n.h>
#include <xml/scope.h>

#define C14N_OUT 8192               /* bytes gathered before they are handed on */
#define C14N_INHERITED 8            /* xml: attributes an apex can inherit; xml has lang, space, base, id */

struct c14n {
    struct c14n_spec spec;
    c14n_write_fn write;
    void *payload;
    sign_err *err;                  /* of the call at work */
    int rc;                         /* sticky */
    struct arena arena;
    sign_bytes *inclusive; size_t n_inclusive;

    struct scope scope;             /* what the input declares      */
    struct scope rendered;          /* exclusive: what was written  */
    size_t apex;                    /* depth of the outermost element written now; 0: none is open */
    bool seen_root;

    struct xml_ns *ns; size_t n_ns, cap_ns;                     /* of the tag being written */
    const struct xml_attr **attrs; size_t n_attrs, cap_attrs;
    struct xml_attr inherited[C14N_INHERITED]; size_t n_inherited;
    struct build base;              /* the fixed-up xml:base */

    uint8_t out[C14N_OUT]; size_t n_out;
};

void c14n_put_more(struct c14n *c, sign_bytes bytes);
static inline void c14n_put(struct c14n *c, sign_bytes bytes)
{
    if (bytes.len <= sizeof c->out - c->n_out) {
        if (bytes.len) memcpy(c->out + c->n_out, bytes.ptr, bytes.len);
        c->n_out += bytes.len;
    } else {
        c14n_put_more(c, bytes);
    }
}
void c14n_put_value(struct c14n *c, sign_bytes value);          /* ="…", escaped */
void c14n_put_name(struct c14n *c, const struct xml_name *name);
void c14n_start_tag(struct c14n *c, const struct xml_event *event, bool emit);

/* C14N 1.1 2.4: a reference seen from a base, both of them possibly relative. Appends. */
void uri_join(struct build *out, sign_bytes base, sign_bytes reference);

#endif
