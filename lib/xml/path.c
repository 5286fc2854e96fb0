#include <base/array.h>
#include <base/err.h>
#include <base/text.h>
#include <stdlib.h>
#include <xml/path.h>

struct path_name {
    uint64_t head;                  /* the local name's first bytes, zeros behind: most names are known by these alone */
    uint32_t prefix_len, local_len;
    size_t at;                      /* in text: the prefix, then the local name; nothing where head is the whole name */
    uint64_t count;
};

static uint64_t head_of(sign_bytes local)
{
    uint8_t head[8] = { 0 };
    uint64_t value;
    /* Two moves of a constant length each, rather than a call. */
    if (local.len >= 8) {
        memcpy(head, local.ptr, 8);
    } else if (local.len >= 4) {
        memcpy(head, local.ptr, 4);
        memcpy(head + local.len - 4, local.ptr + local.len - 4, 4);
    } else if (local.len) {
        head[0] = local.ptr[0];
        head[local.len / 2] = local.ptr[local.len / 2];
        head[local.len - 1] = local.ptr[local.len - 1];
    }
    memcpy(&value, head, sizeof value);
    return value;
}

static bool is_whole(size_t prefix_len, size_t local_len)
{
    return prefix_len == 0 && local_len <= sizeof(uint64_t);
}

static bool same(const struct path *p, const struct path_name *n, const struct xml_name *name, uint64_t head)
{
    if (n->head != head || n->local_len != name->local.len || n->prefix_len != name->prefix.len) return false;
    if (is_whole(n->prefix_len, n->local_len)) return true;
    const uint8_t *text = p->text.ptr + n->at;
    return (name->prefix.len == 0 || memcmp(text, name->prefix.ptr, name->prefix.len) == 0) &&
           (name->local.len <= sizeof head || memcmp(text + n->prefix_len, name->local.ptr, name->local.len) == 0);
}

/* Documents repeat: the name most likely to come is the one that came after this one before. */
static size_t find(struct path *p, struct path_frame *parent, const struct xml_name *name, uint64_t head)
{
    size_t n = p->n_names - parent->names;
    size_t i = parent->hint;
    for (size_t tried = 0; tried < n; tried++, i++) {
        if (i >= n) i = 0;
        if (same(p, &p->names[parent->names + i], name, head)) {
            parent->hint = i;
            return parent->names + i;
        }
    }
    return SIZE_MAX;
}

static int add(struct path *p, struct path_frame *parent, const struct xml_name *name, uint64_t head, size_t *out,
               sign_err *err)
{
    *out = SIZE_MAX;
    if (p->n_names - parent->names >= PATH_NAMES || name->local.len > LIMIT_PATH || name->prefix.len > LIMIT_PATH) {
        return SIGN_OK;
    }
    int rc = SIGN_OK;
    if (p->n_names == p->cap_names) {
        rc = array_grow((void **)&p->names, &p->cap_names, p->n_names + 1, sizeof *p->names,
                        (size_t)PATH_NAMES * (LIMIT_XML_DEPTH + 1), "names on a path", err);
    }
    if (rc != SIGN_OK) return rc;
    struct path_name entry = { head, (uint32_t)name->prefix.len, (uint32_t)name->local.len, p->text.len, 0 };
    if (!is_whole(name->prefix.len, name->local.len)) {
        build_bytes(&p->text, name->prefix);
        build_bytes(&p->text, name->local);
        rc = build_check(&p->text, err, "names on a path");
        if (rc != SIGN_OK) return rc;
    }
    parent->hint = p->n_names - parent->names;
    *out = p->n_names;
    p->names[p->n_names++] = entry;
    return SIGN_OK;
}

int path_enter(struct path *p, const struct xml_name *name, sign_err *err)
{
    if (p->depth >= LIMIT_XML_DEPTH) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "elements nested too deep");
    }
    struct path_frame *parent = &p->frames[p->depth];
    uint64_t head = head_of(name->local);
    size_t own = find(p, parent, name, head);
    if (own == SIZE_MAX) {
        int rc = add(p, parent, name, head, &own, err);
        if (rc != SIGN_OK) return rc;
    }
    if (own != SIZE_MAX) p->names[own].count++;
    parent->children++;
    p->frames[++p->depth] = (struct path_frame){ .names = p->n_names, .text = p->text.len, .own = own };
    return SIGN_OK;
}

void path_leave(struct path *p)
{
    if (p->depth == 0) return;
    struct path_frame *frame = &p->frames[p->depth--];
    p->n_names = frame->names;
    if (p->text.len > frame->text) build_truncate(&p->text, frame->text);
}

/* The n of [n], and the name's bytes; `*` for a name that was not kept. */
static uint64_t step(const struct path *p, size_t depth, sign_bytes *prefix, sign_bytes *local)
{
    const struct path_frame *frame = &p->frames[depth];
    *prefix = (sign_bytes){ 0 };
    *local = BYTES_LIT("*");
    if (frame->own == SIZE_MAX) return p->frames[depth - 1].children;
    const struct path_name *name = &p->names[frame->own];
    if (is_whole(name->prefix_len, name->local_len)) {
        *local = bytes_of(&name->head, name->local_len);
        return name->count;
    }
    *prefix = bytes_of(p->text.ptr + name->at, name->prefix_len);
    *local = bytes_of(p->text.ptr + name->at + name->prefix_len, name->local_len);
    return name->count;
}

void path_print(struct build *out, const struct path *p)
{
    for (size_t depth = 1; depth <= p->depth; depth++) {
        sign_bytes prefix, local;
        uint64_t n = step(p, depth, &prefix, &local);
        build_byte(out, '/');
        build_bytes(out, prefix);
        if (prefix.len) build_byte(out, ':');
        build_bytes(out, local);
        if (n != 1 || p->frames[depth].own == SIZE_MAX) {
            build_byte(out, '[');
            build_u64(out, n);
            build_byte(out, ']');
        }
    }
}

/* Takes "[n]" off the end of a step; 1 where there is none, 0 where it is none. */
static uint64_t take_index(sign_bytes *text)
{
    if (text->len == 0 || text->ptr[text->len - 1] != ']') return 1;
    size_t open = bytes_rfind(*text, BYTES_LIT("["));
    uint64_t n = 0;
    if (open == SIZE_MAX || !parse_u64(bytes_slice(*text, open + 1, text->len - open - 2), &n)) return 0;
    text->len = open;
    return n;
}

static bool step_is(const struct path *p, size_t depth, sign_bytes text)
{
    sign_bytes prefix, local;
    uint64_t wanted = take_index(&text), n = step(p, depth, &prefix, &local);
    if (bytes_are(text, "*")) return wanted == p->frames[depth - 1].children;
    if (wanted != n || p->frames[depth].own == SIZE_MAX) return false;
    if (prefix.len == 0) return bytes_equal(text, local);
    return text.len == prefix.len + 1 + local.len && bytes_start(text, prefix) && text.ptr[prefix.len] == ':' &&
           bytes_equal(bytes_slice(text, prefix.len + 1, local.len), local);
}

bool path_is(const struct path *p, sign_bytes text)
{
    size_t depth = p->depth;
    while (depth > 0 && text.len > 0) {
        size_t slash = bytes_rfind(text, BYTES_LIT("/"));
        if (slash == SIZE_MAX || !step_is(p, depth, bytes_slice(text, slash + 1, text.len))) return false;
        text.len = slash;
        depth--;
    }
    return depth == 0 && text.len == 0 && p->depth > 0;
}

void path_free(struct path *p)
{
    free(p->names);
    build_free(&p->text);
    *p = (struct path){ 0 };
}
