#include "told.h"
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <stdio.h>

struct telling {
    struct build *out;
    bool in_text;
    size_t text_at, depth;
    uint64_t text_end;
};

static void put_name(struct build *out, const struct xml_name *name)
{
    build_str(out, " {");
    build_bytes(out, name->uri);
    build_byte(out, '}');
    build_bytes(out, name->prefix);
    build_byte(out, ':');
    build_bytes(out, name->local);
}

static void end_text(struct telling *t)
{
    if (t->in_text) build_fmt(t->out, " -%llu\n", (unsigned long long)t->text_end);
    t->in_text = false;
}

static int on_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct telling *t = payload;
    if (event->kind == XML_TEXT) {
        if (!t->in_text) t->text_at = t->out->len;
        if (!t->in_text) build_fmt(t->out, "text %zu %llu ", event->depth, (unsigned long long)event->start);
        t->in_text = true;
        t->text_end = event->end;
        build_hex(t->out, event->text, false);
        return build_check(t->out, err, "events");
    }
    end_text(t);
    t->depth += event->kind == XML_START ? 1 : 0;
    t->depth -= event->kind == XML_END ? 1 : 0;
    build_fmt(t->out, "%d %zu %llu-%llu", event->kind, event->depth, (unsigned long long)event->start, (unsigned long long)event->end);
    put_name(t->out, &event->name);
    for (size_t i = 0; i < event->n_ns; i++) {
        put_name(t->out, &(struct xml_name){ event->ns[i].uri, event->ns[i].prefix, { 0 } });
    }
    for (size_t i = 0; i < event->n_attrs; i++) {
        put_name(t->out, &event->attrs[i].name);
        build_byte(t->out, '=');
        build_hex(t->out, event->attrs[i].value, false);
    }
    build_byte(t->out, ' ');
    build_hex(t->out, event->text, false);
    build_byte(t->out, '\n');
    return build_check(t->out, err, "events");
}

void told(struct build *out, sign_bytes document, const size_t *cuts, size_t n_cuts, const struct xml_opts *opts)
{
    CLEANUP(source_free) struct source *source = NULL;
    struct source_part parts[LIMIT_SOURCE_PARTS];
    struct telling telling = { .out = out };
    sign_err err = SIGN_ERR_INIT;
    size_t from = 0, n = 0;
    for (size_t i = 0; i <= n_cuts && n < COUNT(parts); i++) {
        size_t to = i < n_cuts && i + 1 < COUNT(parts) ? cuts[i] : document.len;
        if (to > document.len) to = document.len;
        if (to < from || (to == from && to > 0)) continue;
        parts[n++] = (struct source_part){ .bytes = bytes_slice(document, from, to - from), .len = to - from };
        from = to;
    }
    int rc = source_join(&source, parts, n, &err);
    if (rc == SIGN_OK) rc = xml_parse(source, opts, on_event, &telling, NULL, &err);
    /* How much of the text comes before an error in it (a "]]>") is as the tokens fall: nobody uses what failed. */
    if (rc != SIGN_OK && telling.in_text) build_truncate(out, telling.text_at);
    telling.in_text = telling.in_text && rc == SIGN_OK;
    end_text(&telling);
    if (rc == SIGN_OK) return;
    build_fmt(out, "%s\n", sign_status_name(rc));
    /* Outside the root, what Expat calls an error depends on where its windows end. */
    if (telling.depth) build_fmt(out, "%lld %s\n", (long long)err.offset, err.msg);
}

bool told_the_same(sign_bytes document, const size_t *cuts, size_t n_cuts)
{
    CLEANUP(build_free) struct build plain = { 0 }, full = { 0 };
    told(&plain, document, cuts, n_cuts, &(struct xml_opts){ .allow_doctype = true });
    told(&full, document, cuts, n_cuts, &(struct xml_opts){ .allow_doctype = true, .no_shortcuts = true });
    if (bytes_equal(build_view(&plain), build_view(&full))) return true;
    fprintf(stderr, "document %.*s\nwith the shortcut\n%.*s\nwithout\n%.*s\n", (int)document.len, (const char *)document.ptr, (int)plain.len,
            (const char *)plain.ptr, (int)full.len, (const char *)full.ptr);
    return false;
}
