#include "update_parts.h"

#include <base/cleanup.h>
#include <base/err.h>
#include <stdlib.h>

/* Entries that belong to one section alone and are not carried into the next (7.5.6, table 17). */
static const char *const section_keys[] = { "Type",   "W",      "Index",  "Length", "Filter", "DecodeParms",
                                            "DL",     "XRefStm", "Prev",   "Size",   "ID" };

static int by_number(const void *a, const void *b)
{
    const struct update_place *one = a, *two = b;
    return (one->ref.num > two->ref.num) - (one->ref.num < two->ref.num);
}

/* How many places from i on are numbered one after the other: one subsection. */
static size_t run_length(const struct update_parts *u, size_t i)
{
    size_t n = 1;
    while (i + n < u->n_places && u->places[i + n].ref.num == u->places[i].ref.num + n) {
        n++;
    }
    return n;
}

/*
 * ID (14.4): the first string stays the file's, the second tells revisions apart. It needs no hash: the size and startxref of
 * the revision before, mixed into the first string, are different for every update of one file.
 */
static int put_id(struct build *out, struct update_parts *u, sign_err *err)
{
    const struct pdf_obj *id, *first;
    int rc = pdf_get(&id, u->view, pdf_trailer(u->view), "ID", err);
    if (rc != SIGN_OK || id->kind != PDF_ARRAY || id->u.array.n != 2) {
        return rc;
    }
    rc = pdf_resolve(&first, u->view, &id->u.array.items[0], err);
    if (rc != SIGN_OK || first->kind != PDF_STRING) {
        return rc;
    }
    uint8_t second[16] = { 0 };
    for (size_t i = 0; i < sizeof second; i++) {
        uint64_t mixed = i < 8 ? u->base : pdf_startxref(u->view);
        second[i] = (uint8_t)((i < first->u.bytes.len ? first->u.bytes.ptr[i] : 0) ^ (mixed >> (8 * (i % 8))));
    }
    build_str(out, "/ID[<");
    build_hex(out, first->u.bytes, true);
    build_str(out, "><");
    build_hex(out, bytes_of(second, sizeof second), true);
    build_str(out, ">]");
    return SIGN_OK;
}

/* All entries of the previous trailer but the section's own (7.5.6), then ours. */
static int put_trailer_entries(struct build *out, struct update_parts *u, sign_err *err)
{
    const struct pdf_obj *trailer = pdf_trailer(u->view);
    struct pdf_override gone[COUNT(section_keys)];
    CLEANUP(build_free) struct build kept = { 0 };
    for (size_t i = 0; i < COUNT(section_keys); i++) {
        gone[i] = (struct pdf_override){ section_keys[i], NULL };
    }
    struct pdf_obj plain = *trailer;
    plain.kind = PDF_DICT;
    pdf_put_dict(&kept, &plain, gone, COUNT(gone), NULL);   /* the trailer's strings are never encrypted */
    int rc = build_check(&kept, err, "the trailer");
    if (rc != SIGN_OK) {
        return rc;
    }
    build_bytes(out, bytes_slice(build_view(&kept), 2, kept.len - 4));
    build_fmt(out, "/Size %u/Prev %llu", u->next, (unsigned long long)pdf_startxref(u->view));
    return put_id(out, u, err);
}

/* Offsets in cross-references count from the header (annex H.3, note 13), the ByteRange from the first byte. */
static uint64_t xref_offset(const struct update_parts *u, uint64_t offset)
{
    return offset - pdf_header_offset(u->file);
}

static int put_table(struct update_parts *u, sign_err *err)
{
    struct build *out = &u->out->bytes;
    uint64_t at = u->base + out->len;
    build_str(out, "xref\n");
    for (size_t i = 0; i < u->n_places;) {
        size_t n = run_length(u, i);
        build_fmt(out, "%u %zu\n", u->places[i].ref.num, n);
        for (; n > 0; n--, i++) {
            uint64_t offset = xref_offset(u, u->places[i].offset);
            if (offset > UINT64_C(9999999999)) {
                return err_set(err, SIGN_E_UNSUPPORTED, SIGN_NO_OFFSET, "ISO 32000-2 7.5.4",
                               "the file is larger than the ten digits of its cross-reference table can say");
            }
            build_fmt(out, "%010llu %05u n\r\n", (unsigned long long)offset, u->places[i].ref.gen);
        }
    }
    build_str(out, "trailer\n<<");
    int rc = put_trailer_entries(out, u, err);
    build_fmt(out, ">>\nstartxref\n%llu\n%%%%EOF\n", (unsigned long long)xref_offset(u, at));
    return rc;
}

static void put_be(struct build *out, uint64_t value, unsigned width)
{
    for (unsigned i = width; i-- > 0;) {
        build_byte(out, (uint8_t)(value >> (8 * i)));
    }
}

static unsigned bytes_for(uint64_t value)
{
    unsigned n = 1;
    while (n < 8 && value >> (8 * n)) {
        n++;
    }
    return n;
}

/* A cross-reference stream (7.5.8): itself an object of the update, unfiltered, for it is some sixty bytes. */
static int put_stream(struct update_parts *u, sign_err *err)
{
    struct build *out = &u->out->bytes;
    struct pdf_ref self = update_new_ref(u);
    uint64_t at = u->base + out->len;
    update_open(u, self);
    qsort(u->places, u->n_places, sizeof *u->places, by_number);
    unsigned width = bytes_for(xref_offset(u, at));
    build_fmt(out, "<</Type/XRef/W[1 %u 2]/Index[", width);
    for (size_t i = 0; i < u->n_places; i += run_length(u, i)) {
        build_fmt(out, "%s%u %zu", i ? " " : "", u->places[i].ref.num, run_length(u, i));
    }
    build_fmt(out, "]/Length %zu", u->n_places * (3 + (size_t)width));
    int rc = put_trailer_entries(out, u, err);
    build_str(out, ">>\nstream\n");
    for (size_t i = 0; i < u->n_places; i++) {
        put_be(out, 1, 1);
        put_be(out, xref_offset(u, u->places[i].offset), width);
        put_be(out, u->places[i].ref.gen, 2);
    }
    build_str(out, "\nendstream");
    update_close(u);
    build_fmt(out, "startxref\n%llu\n%%%%EOF\n", (unsigned long long)xref_offset(u, at));
    return rc;
}

int update_xref(struct update_parts *u, sign_err *err)
{
    qsort(u->places, u->n_places, sizeof *u->places, by_number);
    /* Hybrid files get a table too: what both kinds of readers see is the same, for nothing of ours hides in a stream. */
    return pdf_xref_form(u->view) == PDF_XREF_STREAM ? put_stream(u, err) : put_table(u, err);
}
