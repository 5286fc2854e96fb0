/*
 * The canonicalizer against libxml2's. Bytes 0 and 1 choose method, comments, prefix list, the element and the one left out; the
 * rest is the document. Where both read it, the bytes must be the same, once what libxml2 is known to do wrong is done to ours.
 */
#include "../xml/form.h"
#include <base/cleanup.h>
#include <base/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const sign_bytes list[] = { { (const uint8_t *)"p", 1 }, { NULL, 0 }, { (const uint8_t *)"q", 1 } };

static struct form form_of(uint8_t how, uint8_t which)
{
    struct form form = { .spec.method = (enum c14n_method)(C14N_10 + how % 3), .spec.comments = how >> 7, .element = which & 15 };
    /* The root left out: test_c14n.c says why that is not compared. */
    form.omit = which >> 4 > 1 ? which >> 4 : 0;
    if (form.spec.method == C14N_EXCLUSIVE && (how >> 5 & 3)) {
        form.spec.inclusive = list;
        form.spec.n_inclusive = how >> 5 & 3;
    }
    return form;
}

/* --- what libxml2 2.9.14 is known to do wrong ----------------------------------------------------------------------- */

static sign_bytes between(sign_bytes text, size_t from, size_t to)
{
    return bytes_slice(text, from, to - from);
}

static uint8_t unescape(sign_bytes *text)
{
    static const struct { const char *reference; uint8_t byte; } rows[] = {
        { "&amp;", '&' }, { "&lt;", '<' }, { "&quot;", '"' }, { "&#x9;", '\t' }, { "&#xA;", '\n' }, { "&#xD;", '\r' },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (!bytes_start(*text, bytes_str(rows[i].reference))) continue;
        *text = bytes_slice(*text, strlen(rows[i].reference), text->len);
        return rows[i].byte;
    }
    uint8_t byte = text->ptr[0];
    *text = bytes_slice(*text, 1, text->len);
    return byte;
}

/* The URI of a namespace is written as xmlBufWriteQuotedString does, and not escaped as C14N 1.0 2.3 says. */
static void put_uri(struct build *out, sign_bytes value)
{
    CLEANUP(build_free) struct build plain = { 0 };
    while (value.len) build_byte(&plain, unescape(&value));
    sign_bytes text = build_view(&plain);
    bool has_quote = bytes_find(text, BYTES_LIT("\""), 0) != SIZE_MAX, has_both = has_quote && bytes_find(text, BYTES_LIT("'"), 0) != SIZE_MAX;
    const char *quote = has_quote && !has_both ? "'" : "\"";
    build_str(out, quote);
    for (size_t i = 0; i < text.len; i++) {
        if (has_both && text.ptr[i] == '"') {
            build_str(out, "&quot;");
        } else {
            build_byte(out, text.ptr[i]);
        }
    }
    build_str(out, quote);
}

static size_t end_of(sign_bytes text, const char *mark, size_t from)
{
    size_t at = bytes_find(text, bytes_str(mark), from);
    return at == SIZE_MAX ? text.len : at + strlen(mark);
}

/* A start tag in canonical form; returns where it ends. With C14N 1.1 libxml2 drops every empty xml:base, inherited or not (2.4). */
static size_t put_tag(struct build *out, sign_bytes text, size_t at, enum c14n_method method)
{
    size_t name_end = at;
    while (name_end < text.len && text.ptr[name_end] != ' ' && text.ptr[name_end] != '>') name_end++;
    build_bytes(out, between(text, at, name_end));
    at = name_end;
    while (at < text.len && text.ptr[at] != '>') {
        size_t quote = at;
        while (quote < text.len && text.ptr[quote] != '"' && text.ptr[quote] != '>') quote++;
        sign_bytes name = between(text, at, quote);
        bool is_base = method == C14N_11 && bytes_equal(name, BYTES_LIT(" xml:base="));
        if (is_base && bytes_start(bytes_slice(text, quote, text.len), BYTES_LIT("\"\""))) {
            at = quote + 2;
            continue;
        }
        build_bytes(out, name);
        at = quote;
        if (at == text.len || text.ptr[at] == '>') break;
        size_t end = end_of(text, "\"", at + 1);
        if (bytes_start(name, BYTES_LIT(" xmlns=")) || bytes_start(name, BYTES_LIT(" xmlns:"))) {
            put_uri(out, between(text, at + 1, end - 1));
        } else {
            build_bytes(out, between(text, at, end));
        }
        at = end;
    }
    return at;
}

/* Our canonical form, with its tags as libxml2 writes them. */
static void as_libxml2(struct build *out, sign_bytes text, enum c14n_method method)
{
    size_t at = 0;
    while (at < text.len) {
        sign_bytes rest = bytes_slice(text, at, text.len);
        size_t end;
        if (bytes_start(rest, BYTES_LIT("<!--"))) {
            end = end_of(text, "-->", at);
        } else if (bytes_start(rest, BYTES_LIT("<?"))) {
            end = end_of(text, "?>", at);
        } else if (rest.ptr[0] == '<') {
            at = put_tag(out, text, at, method);
            continue;
        } else {
            end = bytes_find(text, BYTES_LIT("<"), at);
            end = end == SIZE_MAX ? text.len : end;
        }
        build_bytes(out, between(text, at, end));
        at = end;
    }
}

/* C14N 1.1 2.4: libxml2 joins xml:base by rules of its own. That attribute, of the outermost element, is not compared. */
static void without_base(struct build *text)
{
    sign_bytes all = build_view(text);
    size_t open = 0, from = SIZE_MAX;
    while (open < all.len && all.ptr[open] != '<') open++;
    size_t end = open;
    for (bool quoted = false; end < all.len && (quoted || all.ptr[end] != '>'); end++) {
        if (all.ptr[end] == '"') quoted = !quoted;
        bool here = !quoted && bytes_start(bytes_slice(all, end, all.len), BYTES_LIT(" xml:base=\""));
        from = here ? end : from;
    }
    if (from == SIZE_MAX) return;
    size_t to = end_of(all, "\"", from + strlen(" xml:base=\""));
    memmove(text->ptr + from, text->ptr + to, text->len - to);
    text->len -= to - from;
}

static bool is_same(const struct build *ours, struct build *theirs, const struct form *form)
{
    CLEANUP(build_free) struct build as_theirs = { 0 };
    if (bytes_equal(build_view(ours), build_view(theirs))) return true;
    as_libxml2(&as_theirs, build_view(ours), form->spec.method);
    if (form->spec.method == C14N_11 && form->element > 1) {
        without_base(&as_theirs);
        without_base(theirs);
    }
    return bytes_equal(build_view(&as_theirs), build_view(theirs));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    sign_bytes document = bytes_of(data + 2, size - 2);
    struct form form = form_of(data[0], data[1]);
    CLEANUP(build_free) struct build ours = { 0 }, theirs = { 0 };
    sign_err err = SIGN_ERR_INIT;
    if (form_ours(&ours, document, &form, &err) != SIGN_OK || !form_theirs(&theirs, document, &form)) return 0;
    if (is_same(&ours, &theirs, &form)) return 0;
    fprintf(stderr, "method %d, comments %d, list %zu, element %zu without %zu\nours   %.*s\ntheirs %.*s\n", form.spec.method, form.spec.comments,
            form.spec.n_inclusive, form.element, form.omit, (int)ours.len, (const char *)ours.ptr, (int)theirs.len, (const char *)theirs.ptr);
    abort();
}
