#include "random.h"
#include <base/cleanup.h>

/* xorshift64*: a test needs no better. */
unsigned roll(struct dice *d, unsigned sides)
{
    d->state ^= d->state >> 12;
    d->state ^= d->state << 25;
    d->state ^= d->state >> 27;
    return (unsigned)((d->state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % sides;
}

static const char *const prefixes[] = { "", "a", "b", "ns", "đ" };
static const char *const uris[] = { "http://x/", "http://y/", "urn:z" };
static const char *const locals[] = { "a", "b", "Id", "HDon", "tên", "x-1", "_" };
static const char *const pieces[] = { "text", " ", "\n", "\r\n", "\t", "&amp;", "&lt;", "&gt;", "&quot;", "&#13;", "&#10;", "&#x9;", "ộ", "]]&gt;",
                                      "\xf0\x9f\x98\x80", "&#x1F600;", "'" };
#define PICK(d, list) list[roll(d, COUNT(list))]

/* Which namespace each prefix is bound to around the place that is being written; 0: none. */
struct bindings { unsigned uri[COUNT(prefixes)]; };

static void put_text(struct build *out, struct dice *d)
{
    for (unsigned n = roll(d, 4); n > 0; n--) build_str(out, PICK(d, pieces));
}

static void put_declarations(struct build *out, struct dice *d, struct bindings *b)
{
    for (size_t p = 0; p < COUNT(prefixes); p++) {
        if (roll(d, 5)) continue;
        bool taken_back = p == 0 && roll(d, 3) == 0;
        b->uri[p] = taken_back ? 0 : 1 + roll(d, COUNT(uris));
        build_fmt(out, "%sxmlns%s%s=\"%s\"", roll(d, 2) ? " " : "\n  ", p ? ":" : "", prefixes[p], taken_back ? "" : uris[b->uri[p] - 1]);
    }
}

static void put_attributes(struct build *out, struct dice *d, const struct bindings *b)
{
    static const char *const inherited[] = { " xml:lang=\"vi\"", " xml:lang=\"\"", " xml:space=\"preserve\"", " xml:id=\"i\"", " xml:other='o'" };
    /* One attribute for each name at most: equal names in two prefixes of one namespace are not well-formed. */
    for (size_t l = 0; l < COUNT(locals); l++) {
        if (roll(d, 3)) continue;
        size_t p = roll(d, COUNT(prefixes));
        p = p && b->uri[p] ? p : 0;
        build_fmt(out, " %s%s%s = \"", prefixes[p], p ? ":" : "", locals[l]);
        put_text(out, d);
        build_byte(out, '"');
    }
    if (roll(d, 4) == 0) build_str(out, PICK(d, inherited));
}

static void put_element(struct build *out, struct dice *d, struct bindings b, unsigned depth);

static void put_content(struct build *out, struct dice *d, const struct bindings *b, unsigned depth)
{
    for (unsigned n = roll(d, 5); n > 0; n--) {
        switch (roll(d, 8)) {
        case 0:
            build_str(out, "<!-- & < -->");
            break;
        case 1:
            build_str(out, "<?pi  some data?>");
            break;
        case 2:
            build_str(out, "<![CDATA[<&>\"\r\n]]>");
            break;
        case 3:
        case 4:
            put_text(out, d);
            break;
        default:
            if (depth < 6) put_element(out, d, *b, depth + 1);
            break;
        }
    }
}

static void put_element(struct build *out, struct dice *d, struct bindings b, unsigned depth)
{
    struct build tag = { 0 };
    put_declarations(&tag, d, &b);
    size_t p = roll(d, COUNT(prefixes));
    p = b.uri[p] ? p : 0;
    const char *local = PICK(d, locals);
    build_fmt(out, "<%s%s%s", prefixes[p], p ? ":" : "", local);
    build_bytes(out, build_view(&tag));
    put_attributes(out, d, &b);
    build_free(&tag);
    if (roll(d, 5) == 0) {
        build_str(out, roll(d, 2) ? "/>" : "\n/>");
        return;
    }
    build_byte(out, '>');
    put_content(out, d, &b, depth);
    build_fmt(out, "</%s%s%s>", prefixes[p], p ? ":" : "", local);
}

void random_document(struct build *out, struct dice *d)
{
    if (roll(d, 2)) build_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    if (roll(d, 3) == 0) build_str(out, "<!-- before --><?before it?>\n");
    put_element(out, d, (struct bindings){ 0 }, 1);
    if (roll(d, 3) == 0) build_str(out, "\n<?after?><!-- after -->\n");
}
