#include <xml/parser.h>

/*
 * More declarations than this in scope, and prefixes are left to Expat, which looks them up in a table of its own:
 * no document can make the search below slow.
 */
#define PLAIN_SCOPE 32

/*
 * Bytes by what they may begin or continue. Characters that need a second look (C0 controls, lead bytes of the
 * surrogates and of U+FFFE, four-byte sequences) are not here, nor is what ends plain text: "<", "&", "]" (it might be
 * "]]>") and the carriage return. Expat knows them all.
 */
enum { NAME_START = 1, NAME = 2, TEXT = 4, LEAD2 = 8, LEAD3 = 16 };
#define T TEXT
#define N (NAME | TEXT)
#define L (NAME_START | NAME | TEXT)
#define D LEAD2
#define E LEAD3
static const uint8_t classes[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, T, T, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    T, T, T, T, T, T, 0, T, T, T, T, T, T, N, N, T,
    N, N, N, N, N, N, N, N, N, N, T, T, 0, T, T, T,
    T, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, T, T, 0, T, L,
    T, L, L, L, L, L, L, L, L, L, L, L, L, L, L, L,
    L, L, L, L, L, L, L, L, L, L, L, T, T, T, T, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, D, D, D, D, D, D, D, D, D, D, D, D, D, D,
    D, D, D, D, D, D, D, D, D, D, D, D, D, D, D, D,
    0, E, E, E, E, E, E, E, E, E, E, E, E, 0, E, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
};
#undef T
#undef N
#undef L
#undef D
#undef E

static inline bool is_continuation(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Where plain text that begins at `at` ends. */
static size_t text_end(const uint8_t *bytes, size_t at, size_t len)
{
    for (;;) {
        while (at < len && classes[bytes[at]] & TEXT) at++;
        if (at == len) return at;
        if (classes[bytes[at]] == LEAD3 && len - at > 2 && is_continuation(bytes[at + 1]) &&
            is_continuation(bytes[at + 2])) {
            at += 3;
        } else if (classes[bytes[at]] == LEAD2 && len - at > 1 && is_continuation(bytes[at + 1])) {
            at += 2;
        } else {
            return at;
        }
    }
}

static size_t ncname_end(const uint8_t *bytes, size_t at, size_t len)
{
    if (at == len || !(classes[bytes[at]] & NAME_START)) return at;
    while (at < len && classes[bytes[at]] & NAME) at++;
    return at;
}

/* The name that begins at `at`, and where it ends; 0: not plain, or of a prefix that Expat is to judge. */
static size_t take_name(const struct parser *p, sign_bytes bytes, size_t at, struct xml_name *name)
{
    const struct scope *scope = &p->plain.scope;
    size_t end = ncname_end(bytes.ptr, at, bytes.len);
    *name = (struct xml_name){ .local = { bytes.ptr + at, end - at } };
    if (end == at || end == bytes.len) return 0;
    if (bytes.ptr[end] == ':') {
        size_t local = end + 1;
        name->prefix = name->local;
        end = ncname_end(bytes.ptr, local, bytes.len);
        if (end == local || end == bytes.len) return 0;
        name->local = bytes_of(bytes.ptr + local, end - local);
    }
    if (scope->n) name->uri = scope_uri(scope, name->prefix);
    return name->prefix.len && name->uri.len == 0 ? 0 : end;
}

static void tell(struct parser *p, struct xml_event *event, uint64_t start, uint64_t end)
{
    event->start = start;
    event->end = end;
    p->seen = end;
    p->rc = p->handler(p->payload, event, p->err);
}

static size_t text(struct parser *p, sign_bytes bytes, size_t at)
{
    size_t end = text_end(bytes.ptr, at, bytes.len);
    if (end == at) return 0;
    struct xml_event event = { .kind = XML_TEXT, .text = { bytes.ptr + at, end - at }, .depth = p->depth };
    tell(p, &event, p->fed + at, p->fed + end);
    return end;
}

static void tell_end(struct parser *p, const struct xml_name *name, uint64_t start, uint64_t end)
{
    struct xml_event event = { .kind = XML_END, .name = *name, .depth = p->depth };
    p->depth--;
    tell(p, &event, start, end);
}

static size_t start_tag(struct parser *p, sign_bytes bytes, size_t at)
{
    struct xml_event event = { .kind = XML_START, .depth = p->depth + 1 };
    size_t end = take_name(p, bytes, at + 1, &event.name);
    if (end == 0 || p->depth >= LIMIT_XML_DEPTH) return 0;
    bool empty = bytes.ptr[end] == '/';
    end += empty;
    if (end == bytes.len || bytes.ptr[end] != '>') return 0;
    end++;
    p->depth++;
    tell(p, &event, p->fed + at, p->fed + end);
    if (p->rc != SIGN_OK) return end;
    if (empty) {
        tell_end(p, &event.name, p->fed + end, p->fed + end);
    } else {
        p->plain.open[p->plain.n_open++] = event.name;
    }
    return end;
}

/* Only of an element that was begun here: the others are Expat's to end. */
static size_t end_tag(struct parser *p, sign_bytes bytes, size_t at)
{
    struct plain *plain = &p->plain;
    if (plain->n_open == 0) return 0;
    const struct xml_name *name = &plain->open[plain->n_open - 1];
    size_t len = name->local.len + (name->prefix.len ? name->prefix.len + 1 : 0), end = at + 2 + len;
    const uint8_t *raw = name->prefix.len ? name->prefix.ptr : name->local.ptr;
    if (end >= bytes.len || bytes.ptr[end] != '>' || memcmp(bytes.ptr + at + 2, raw, len) != 0) return 0;
    plain->n_open--;
    tell_end(p, name, p->fed + at, p->fed + end + 1);
    return end + 1;
}

size_t plain_run(struct parser *p, sign_bytes bytes)
{
    size_t at = 0;
    if (p->plain.scope.n > PLAIN_SCOPE) return 0;
    while (at < bytes.len && p->rc == SIGN_OK) {
        size_t end = 0;
        if (bytes.ptr[at] != '<') {
            end = text(p, bytes, at);
        } else if (bytes.len - at > 1) {
            end = bytes.ptr[at + 1] == '/' ? end_tag(p, bytes, at) : start_tag(p, bytes, at);
        }
        if (end == 0) break;
        at = end;
    }
    return at;
}

bool plain_ready(const struct parser *p)
{
    return p->plain.on && p->plain.at_tag && p->depth > 0 && p->seen == p->fed;
}

void plain_scope(struct plain *plain, const struct xml_event *start)
{
    struct xml_event declarations = { .kind = XML_START, .depth = start->depth, .ns = start->ns, .n_ns = start->n_ns };
    if (scope_push(&plain->scope, &declarations, NULL) != SIGN_OK) plain->on = false;
}
