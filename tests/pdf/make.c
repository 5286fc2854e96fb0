#include "make.h"
#include <stdio.h>

static void vtext(struct make *m, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));
static void vtext(struct make *m, const char *fmt, va_list args)
{
    char text[4096];
    int len = vsnprintf(text, sizeof text, fmt, args);
    assert_in_range(len, 0, sizeof text - 1);
    build_str(&m->out, text);
}

void make_text(struct make *m, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vtext(m, fmt, args);
    va_end(args);
}

void make_obj(struct make *m, unsigned num, const char *fmt, ...)
{
    va_list args;
    assert_in_range(num, 1, MAKE_OBJECTS - 1);
    m->at[num] = m->out.len;
    make_text(m, "%u 0 obj\n", num);
    va_start(args, fmt);
    vtext(m, fmt, args);
    va_end(args);
    make_text(m, "\nendobj\n");
}

void make_stream(struct make *m, unsigned num, const char *dict, sign_bytes data)
{
    assert_in_range(num, 1, MAKE_OBJECTS - 1);
    m->at[num] = m->out.len;
    make_text(m, "%u 0 obj\n<<%s/Length %zu>>\nstream\n", num, dict, data.len);
    build_bytes(&m->out, data);
    make_text(m, "\nendstream\nendobj\n");
}

static void finish(struct make *m, uint64_t at)
{
    make_text(m, "startxref\n%llu\n%%%%EOF\n", (unsigned long long)at);
    m->prev = at;
    memset(m->at, 0, sizeof m->at);
}

void make_table(struct make *m, const char *trailer)
{
    uint64_t at = m->out.len;
    make_text(m, "xref\n0 1\n0000000000 65535 f \n");
    for (unsigned num = 1; num < MAKE_OBJECTS; num++) {
        if (m->at[num] != 0) {
            make_text(m, "%u 1\n%010llu 00000 n \n", num, (unsigned long long)m->at[num]);
        }
    }
    make_text(m, "trailer\n<</Size %u/Root 1 0 R%s", MAKE_OBJECTS, trailer);
    if (m->prev != 0) {
        make_text(m, "/Prev %llu", (unsigned long long)m->prev);
    }
    make_text(m, ">>\n");
    finish(m, at);
}

static void entry(struct build *to, unsigned type, uint64_t second, unsigned third)
{
    uint8_t bytes[] = { (uint8_t)type,          (uint8_t)(second >> 24), (uint8_t)(second >> 16),
                        (uint8_t)(second >> 8), (uint8_t)second,         (uint8_t)third };
    build_put(to, bytes, sizeof bytes);
}

void make_xref_stream(struct make *m, unsigned num, const char *dict, const struct make_hidden *hidden, size_t n_hidden)
{
    CLEANUP(build_free) struct build data = { 0 }, index = { 0 };
    uint64_t at = m->out.len;
    m->at[num] = at;
    for (unsigned i = 1; i < MAKE_OBJECTS; i++) {
        if (m->at[i] != 0) {
            build_fmt(&index, "%u 1 ", i);
            entry(&data, 1, m->at[i], 0);
        }
    }
    for (size_t i = 0; i < n_hidden; i++) {
        build_fmt(&index, "%u 1 ", hidden[i].num);
        entry(&data, 2, hidden[i].stream, hidden[i].index);
    }
    build_fmt(&index, "]");
    CLEANUP(build_free) struct build whole = { 0 };
    build_fmt(&whole, "/Type/XRef/W[1 4 1]/Root 1 0 R/Size %u%s/Index[%.*s", MAKE_OBJECTS, dict, (int)index.len,
              (const char *)index.ptr);
    if (m->prev != 0) {
        build_fmt(&whole, "/Prev %llu", (unsigned long long)m->prev);
    }
    build_byte(&whole, 0);
    make_stream(m, num, (const char *)whole.ptr, build_view(&data));
    finish(m, at);
}

void make_signature(struct make *m, unsigned num, const char *extra)
{
    assert_in_range(num, 1, MAKE_OBJECTS - 1);
    m->at[num] = m->out.len;
    make_text(m, "%u 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange", num);
    m->range_at = m->out.len;
    make_text(m, "[0 %010d %010d %010d]/Contents", 0, 0, 0);
    m->contents_at = m->out.len;
    make_text(m, "<3003020100000000>");
    m->contents_end = m->out.len;
    make_text(m, "%s>>\nendobj\n", extra);
}

void make_seal(struct make *m)
{
    char text[64];
    int len = snprintf(text, sizeof text, "[0 %010llu %010llu %010llu]", (unsigned long long)m->contents_at,
                       (unsigned long long)m->contents_end, (unsigned long long)(m->out.len - m->contents_end));
    memcpy(m->out.ptr + m->range_at, text, (size_t)len);
}

void make_start(struct make *m, const char *fields)
{
    make_text(m, "%%PDF-1.7\n");
    make_obj(m, 1, "<</Type/Catalog/Pages 2 0 R/AcroForm 3 0 R>>");
    make_obj(m, 2, "<</Type/Pages/Kids[]/Count 0>>");
    make_obj(m, 3, "<</Fields[%s]/SigFlags 3>>", fields);
}

void make_signed(struct make *m)
{
    make_start(m, "4 0 R");
    make_obj(m, 4, "<</FT/Sig/T(Sig)/V 5 0 R>>");
    make_signature(m, 5, "");
    make_table(m, "");
    make_seal(m);
}

struct opened make_open(const struct make *m, int want, sign_err *err)
{
    struct opened o = { 0 };
    check_status(source_over(&o.source, build_view(&m->out), err), SIGN_OK, err);
    check_status(pdf_open(&o.file, o.source, NULL, NULL, NULL, err), want, err);
    return o;
}

void opened_drop(struct opened *o)
{
    pdf_free(&o->file);
    source_free(&o->source);
}
