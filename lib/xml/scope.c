#include <base/array.h>
#include <base/err.h>
#include <base/limits.h>
#include <stdlib.h>
#include <xml/names.h>
#include <xml/scope.h>

static int add(struct scope *s, size_t depth, bool is_attr, sign_bytes key, sign_bytes value, sign_err *err)
{
    int rc = array_grow((void **)&s->entries, &s->cap, s->n + 1, sizeof *s->entries, LIMIT_XML_NS,
                        "namespaces in scope", err);
    if (rc != SIGN_OK) return rc;
    struct scope_entry entry = { .depth = depth, .at = s->text.len, .key_len = (uint32_t)key.len, .is_attr = is_attr,
                                 .value_len = value.len, .serial = ++s->serial };
    s->text.max = LIMIT_XML_SCOPE;
    build_bytes(&s->text, key);
    build_bytes(&s->text, value);
    build_byte(&s->text, 0); /* so that there is memory to point to even where both are empty */
    rc = build_check(&s->text, err, "namespaces in scope");
    if (rc == SIGN_OK) s->entries[s->n++] = entry;
    return rc;
}

int scope_add_ns(struct scope *s, size_t depth, const struct xml_ns *ns, sign_err *err)
{
    return add(s, depth, false, ns->prefix, ns->uri, err);
}

int scope_push(struct scope *s, const struct xml_event *start, sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < start->n_ns; i++) {
        rc = add(s, start->depth, false, start->ns[i].prefix, start->ns[i].uri, err);
    }
    for (size_t i = 0; rc == SIGN_OK && i < start->n_attrs; i++) {
        if (name_in_xml(&start->attrs[i].name)) {
            rc = add(s, start->depth, true, start->attrs[i].name.local, start->attrs[i].value, err);
        }
    }
    return rc;
}

void scope_pop_(struct scope *s, size_t depth)
{
    while (scope_has(s, depth)) {
        s->n--;
        build_truncate(&s->text, s->entries[s->n].at);
    }
}

size_t scope_find(const struct scope *s, size_t n, sign_bytes key, bool is_attr)
{
    for (size_t i = n; i-- > 0;) {
        const struct scope_entry *e = &s->entries[i];
        if (e->key_len == key.len && e->is_attr == is_attr && bytes_equal(scope_key(s, i), key)) return i;
    }
    return SIZE_MAX;
}

sign_bytes scope_uri(const struct scope *s, sign_bytes prefix)
{
    size_t i = scope_find(s, s->n, prefix, false);
    return i == SIZE_MAX ? (sign_bytes){ 0 } : scope_value(s, i);
}

size_t scope_level(const struct scope *s, size_t from)
{
    size_t to = from + 1;
    while (to < s->n && s->entries[to].depth == s->entries[from].depth) to++;
    return to;
}

int scope_tell(const struct scope *s, size_t from, xml_event_fn handler, void *payload, sign_err *err)
{
    size_t to = scope_level(s, from);
    struct xml_ns *ns = calloc(to - from, sizeof *ns);
    struct xml_attr *attrs = calloc(to - from, sizeof *attrs);
    struct xml_event event = { .kind = XML_START, .depth = s->entries[from].depth, .ns = ns, .attrs = attrs };
    for (size_t i = from; ns && attrs && i < to; i++) {
        if (s->entries[i].is_attr) {
            attrs[event.n_attrs].name = (struct xml_name){ BYTES_LIT(NS_XML), scope_key(s, i), BYTES_LIT("xml") };
            attrs[event.n_attrs++].value = scope_value(s, i);
        } else {
            ns[event.n_ns++] = (struct xml_ns){ scope_key(s, i), scope_value(s, i) };
        }
    }
    int rc = ns && attrs ? handler(payload, &event, err) : err_nomem(err);
    free(ns);
    free(attrs);
    return rc;
}

int scope_replay(const struct scope *s, xml_event_fn handler, void *payload, sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t from = 0; rc == SIGN_OK && from < s->n; from = scope_level(s, from)) {
        rc = scope_tell(s, from, handler, payload, err);
    }
    return rc;
}

void scope_free(struct scope *s)
{
    free(s->entries);
    build_free(&s->text);
    *s = (struct scope){ 0 };
}
