/* Which namespaces and attributes a start tag shows, and in which order. */
#include <base/array.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <stdlib.h>
#include <xml/c14n_impl.h>
#include <xml/names.h>

/* --- namespaces --------------------------------------------------------------------------------------------------- */

static void take_ns(struct c14n *c, sign_bytes prefix, sign_bytes uri)
{
    if (c->rc != SIGN_OK) return;
    c->rc = array_grow((void **)&c->ns, &c->cap_ns, c->n_ns + 1, sizeof *c->ns, LIMIT_XML_NS, "namespaces of a tag",
                       c->err);
    if (c->rc == SIGN_OK) c->ns[c->n_ns++] = (struct xml_ns){ prefix, uri };
}

/* C14N 1.0 2.3: what this element changes. An undeclared default is the same as one that was never declared. */
static void changed_namespaces(struct c14n *c, const struct xml_event *e, size_t n_before)
{
    for (size_t i = 0; i < e->n_ns; i++) {
        size_t before = scope_find(&c->scope, n_before, e->ns[i].prefix, false);
        sign_bytes old = before == SIZE_MAX ? (sign_bytes){ 0 } : scope_value(&c->scope, before);
        if (!bytes_equal(old, e->ns[i].uri)) take_ns(c, e->ns[i].prefix, e->ns[i].uri);
    }
}

static int compare_bytes(sign_bytes a, sign_bytes b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len ? memcmp(a.ptr, b.ptr, len) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* Equal prefixes stand in the scope's text in the order they were declared in. */
static int by_prefix(const void *a, const void *b)
{
    const struct xml_ns *x = a, *y = b;
    int order = compare_bytes(x->prefix, y->prefix);
    return order ? order : (x->prefix.ptr > y->prefix.ptr) - (x->prefix.ptr < y->prefix.ptr);
}

/* The outermost element shows all that is in scope: of each prefix the last declaration, unless it takes the default back. */
static void all_namespaces(struct c14n *c)
{
    for (size_t i = 0; i < c->scope.n; i++) {
        if (!c->scope.entries[i].is_attr) take_ns(c, scope_key(&c->scope, i), scope_value(&c->scope, i));
    }
    if (c->rc != SIGN_OK || c->n_ns == 0) return;
    qsort(c->ns, c->n_ns, sizeof *c->ns, by_prefix);
    size_t kept = 0;
    for (size_t i = 0; i < c->n_ns; i++) {
        bool hidden = i + 1 < c->n_ns && bytes_equal(c->ns[i].prefix, c->ns[i + 1].prefix);
        if (!hidden && c->ns[i].uri.len) c->ns[kept++] = c->ns[i];
    }
    c->n_ns = kept;
}

static void use_prefix(struct c14n *c, size_t depth, sign_bytes prefix, sign_bytes uri)
{
    if (bytes_equal(prefix, BYTES_LIT("xml")) || bytes_equal(scope_uri(&c->rendered, prefix), uri)) return;
    take_ns(c, prefix, uri);
    if (c->rc == SIGN_OK) c->rc = scope_add_ns(&c->rendered, depth, &(struct xml_ns){ prefix, uri }, c->err);
}

/* Exclusive C14N 3: what the tag visibly uses, and the prefixes of the list, unless an output ancestor says the same. */
static void used_namespaces(struct c14n *c, const struct xml_event *e)
{
    use_prefix(c, e->depth, e->name.prefix, e->name.uri);
    for (size_t i = 0; i < e->n_attrs; i++) {
        const struct xml_name *name = &e->attrs[i].name;
        if (name->prefix.len) use_prefix(c, e->depth, name->prefix, name->uri);
    }
    for (size_t i = 0; i < c->n_inclusive; i++) {
        use_prefix(c, e->depth, c->inclusive[i], scope_uri(&c->scope, c->inclusive[i]));
    }
}

static void put_namespaces(struct c14n *c)
{
    if (c->n_ns > 1) qsort(c->ns, c->n_ns, sizeof *c->ns, by_prefix);
    for (size_t i = 0; i < c->n_ns; i++) {
        c14n_put(c, BYTES_LIT(" xmlns"));
        if (c->ns[i].prefix.len) {
            c14n_put(c, BYTES_LIT(":"));
            c14n_put(c, c->ns[i].prefix);
        }
        c14n_put_value(c, c->ns[i].uri);
    }
}

/* --- attributes --------------------------------------------------------------------------------------------------- */

static const struct xml_attr *own_xml(const struct xml_event *e, sign_bytes local)
{
    for (size_t i = 0; i < e->n_attrs; i++) {
        if (name_in_xml(&e->attrs[i].name) && bytes_equal(e->attrs[i].name.local, local)) return &e->attrs[i];
    }
    return NULL;
}

static void inherit(struct c14n *c, sign_bytes local, sign_bytes value)
{
    if (c->n_inherited == C14N_INHERITED) {
        if (c->rc == SIGN_OK) {
            c->rc = err_set(c->err, SIGN_E_LIMIT, SIGN_NO_OFFSET, "C14N 1.0 2.4",
                            "canonicalizing: more than %d inherited xml: attributes", C14N_INHERITED);
        }
        return;
    }
    c->inherited[c->n_inherited++] = (struct xml_attr){ { BYTES_LIT(NS_XML), local, BYTES_LIT("xml") }, value };
}

/* C14N 1.1 2.4: the bases of all ancestors that are not written, joined. An empty result is not shown. */
static void fix_base(struct c14n *c, const struct xml_event *e, size_t n_before)
{
    const struct xml_attr *own = own_xml(e, BYTES_LIT("base"));
    CLEANUP(build_free) struct build joined = { .max = LIMIT_XML_SCOPE };
    build_truncate(&c->base, 0);
    build_bytes(&c->base, own ? own->value : (sign_bytes){ 0 });
    for (size_t i = n_before; i-- > 0;) {
        if (!c->scope.entries[i].is_attr || !bytes_are(scope_key(&c->scope, i), "base")) continue;
        build_truncate(&joined, 0);
        uri_join(&joined, scope_value(&c->scope, i), build_view(&c->base));
        build_truncate(&c->base, 0);
        build_bytes(&c->base, build_view(&joined));
    }
    if (c->rc == SIGN_OK) c->rc = build_check(&c->base, c->err, "xml:base");
    if (c->rc == SIGN_OK) c->rc = build_check(&joined, c->err, "xml:base");
    if (c->base.len) inherit(c, BYTES_LIT("base"), build_view(&c->base));
}

/* C14N 1.0 2.4: all of the xml namespace; 1.1 2.4: lang and space alone, base by joining; exclusive: none. */
static bool is_inherited(enum c14n_method method, sign_bytes local)
{
    return method == C14N_10 || bytes_are(local, "lang") || bytes_are(local, "space");
}

/* Fills c->inherited; true where xml:base was fixed up, and the element's own is not to be shown. */
static bool inherit_all(struct c14n *c, const struct xml_event *e, size_t n_before)
{
    bool has_base = false;
    c->n_inherited = 0;
    if (c->spec.method == C14N_EXCLUSIVE) return false;
    for (size_t i = n_before; i-- > 0;) {
        if (!c->scope.entries[i].is_attr) continue;
        sign_bytes local = scope_key(&c->scope, i);
        has_base = has_base || (c->spec.method == C14N_11 && bytes_are(local, "base"));
        if (is_inherited(c->spec.method, local) && scope_find(&c->scope, n_before, local, true) == i &&
            !own_xml(e, local)) {
            inherit(c, local, scope_value(&c->scope, i));
        }
    }
    if (has_base) fix_base(c, e, n_before);
    return has_base;
}

/* C14N 1.0 2.2: by namespace URI, those in none first, then by local name. Bytes of UTF-8 sort as code points do. */
static int by_name(const void *a, const void *b)
{
    const struct xml_attr *x = *(const struct xml_attr *const *)a, *y = *(const struct xml_attr *const *)b;
    int order = compare_bytes(x->name.uri, y->name.uri);
    return order ? order : compare_bytes(x->name.local, y->name.local);
}

static void put_attributes(struct c14n *c, const struct xml_event *e, size_t n_inherited, bool hide_base)
{
    size_t most = e->n_attrs + n_inherited;
    if (most == 0 || c->rc != SIGN_OK) return;
    c->rc = array_grow((void **)&c->attrs, &c->cap_attrs, most, sizeof(struct xml_attr *),
                       LIMIT_XML_ATTRS + C14N_INHERITED, "attributes", c->err);
    if (c->rc != SIGN_OK) return;
    const struct xml_attr *own_base = hide_base ? own_xml(e, BYTES_LIT("base")) : NULL;
    size_t n = 0;
    for (size_t i = 0; i < e->n_attrs; i++) {
        if (&e->attrs[i] != own_base) c->attrs[n++] = &e->attrs[i];
    }
    for (size_t i = 0; i < n_inherited; i++) c->attrs[n++] = &c->inherited[i];
    if (n > 1) qsort(c->attrs, n, sizeof(struct xml_attr *), by_name);
    for (size_t i = 0; i < n; i++) {
        c14n_put(c, BYTES_LIT(" "));
        c14n_put_name(c, &c->attrs[i]->name);
        c14n_put_value(c, c->attrs[i]->value);
    }
}

/* --- the tag ------------------------------------------------------------------------------------------------------ */

void c14n_start_tag(struct c14n *c, const struct xml_event *e, bool emit)
{
    bool exclusive = c->spec.method == C14N_EXCLUSIVE, is_apex = c->apex == 0;
    if (emit && !is_apex && !exclusive && !e->n_ns && !e->n_attrs && c->rc == SIGN_OK) { /* most tags */
        c14n_put(c, BYTES_LIT("<"));
        c14n_put_name(c, &e->name);
        c14n_put(c, BYTES_LIT(">"));
        return;
    }
    size_t n_before = c->scope.n;
    if (c->rc == SIGN_OK && (!exclusive || c->n_inclusive) && (e->n_ns || e->n_attrs)) {
        c->rc = scope_push(&c->scope, e, c->err);
    }
    if (!emit || c->rc != SIGN_OK) return;
    c14n_put(c, BYTES_LIT("<"));
    c14n_put_name(c, &e->name);
    c->n_ns = 0;
    if (exclusive) {
        used_namespaces(c, e);
    } else if (is_apex) {
        all_namespaces(c);
    } else {
        changed_namespaces(c, e, n_before);
    }
    put_namespaces(c);
    bool hide_base = is_apex && inherit_all(c, e, n_before);
    put_attributes(c, e, is_apex ? c->n_inherited : 0, hide_base);
    c14n_put(c, BYTES_LIT(">"));
    if (is_apex) c->apex = e->depth;
}
