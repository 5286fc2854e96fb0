/*
 * What elements inherit: the namespace declarations and xml: attributes of the open elements, as one stack. An element
 * that has none of them costs nothing but a comparison.
 */
#ifndef XML_SCOPE_H
#define XML_SCOPE_H

#include <base/build.h>
#include <xml/event.h>

struct scope_entry {
    size_t depth;
    size_t at;                      /* in text: the prefix or local name, then the value */
    uint32_t key_len;
    bool is_attr;                   /* an xml: attribute; else a namespace declaration   */
    size_t value_len;
    uint64_t serial;                /* never given twice: names the whole stack below it */
};
struct scope {                      /* the zero value is empty */
    struct scope_entry *entries;
    size_t n, cap;
    struct build text;
    uint64_t serial;
};

int scope_push(struct scope *s, const struct xml_event *start, sign_err *err);
int scope_add_ns(struct scope *s, size_t depth, const struct xml_ns *ns, sign_err *err);
static inline bool scope_has(const struct scope *s, size_t depth)
{
    return s->n && s->entries[s->n - 1].depth >= depth;
}
/* Drops what elements at depth and deeper declared. */
void scope_pop_(struct scope *s, size_t depth);
static inline void scope_pop(struct scope *s, size_t depth)
{
    if (scope_has(s, depth)) scope_pop_(s, depth);
}
static inline sign_bytes scope_key(const struct scope *s, size_t i)
{
    return bytes_of(s->text.ptr + s->entries[i].at, s->entries[i].key_len);
}
static inline sign_bytes scope_value(const struct scope *s, size_t i)
{
    return bytes_of(s->text.ptr + s->entries[i].at + s->entries[i].key_len, s->entries[i].value_len);
}
/* The entry for a prefix (or xml: attribute) among the first n, or SIZE_MAX. The last one wins. */
size_t scope_find(const struct scope *s, size_t n, sign_bytes key, bool is_attr);
/* The namespace a prefix is bound to; empty: none. */
sign_bytes scope_uri(const struct scope *s, sign_bytes prefix);
/*
 * The scope as START events, one for each open element that has entries, so that a canonicalizer can be taken to where
 * an element stands. scope_level: where the share of one element, which begins at entry `from`, ends; scope_tell: it.
 */
size_t scope_level(const struct scope *s, size_t from);
int scope_tell(const struct scope *s, size_t from, xml_event_fn handler, void *payload, sign_err *err);
int scope_replay(const struct scope *s, xml_event_fn handler, void *payload, sign_err *err);
void scope_free(struct scope *s);

#endif
