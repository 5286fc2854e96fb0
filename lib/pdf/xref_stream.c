/* Cross-reference streams (ISO 32000-2 7.5.8). */
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/impl.h>

#define CLAUSE      "ISO 32000-2 7.5.8.2"
#define PLACE_INDEX ((1u << 28) - 1) /* what pdf_place.more holds */

struct layout {
    unsigned width[3], total;
};

static int widths(struct layout *out, const struct pdf_obj *dict, sign_err *err)
{
    const struct pdf_obj *w = pdf_dict_get(dict, "W");
    *out = (struct layout){ 0 };
    if (w == NULL || w->kind != PDF_ARRAY || w->u.array.n < 3) {
        return err_set(err, SIGN_E_FORMAT, dict->start, CLAUSE, "cross-reference stream: /W is not three integers");
    }
    for (size_t i = 0; i < 3; i++) {
        const struct pdf_obj *width = &w->u.array.items[i];
        if (width->kind != PDF_INT || width->u.integer < 0 || width->u.integer > (i == 1 ? 8 : 4)) {
            return err_set(err, SIGN_E_FORMAT, width->start, CLAUSE,
                           "cross-reference stream: a width in /W is not 0 to 4, nor 0 to 8 that of offsets");
        }
        out->width[i] = (unsigned)width->u.integer;
        out->total += out->width[i];
    }
    if (out->total == 0) {
        return err_set(err, SIGN_E_FORMAT, w->start, CLAUSE, "cross-reference stream: all widths in /W are 0");
    }
    return SIGN_OK;
}

static uint64_t field(struct cursor *in, unsigned width, uint64_t missing)
{
    uint64_t value = missing;
    if (width > 0) {
        cursor_be(in, width, &value);
    }
    return value;
}

/* One entry (table 18). Types that are not known are references to null: to the standard, but to no reader. */
static struct pdf_place entry(struct cursor *in, const struct layout *layout, uint32_t num, const struct pdf_file *file)
{
    uint64_t type = field(in, layout->width[0], 1);
    uint64_t second = field(in, layout->width[1], 0);
    uint64_t third = field(in, layout->width[2], 0);
    struct pdf_place place = { .num = num, .kind = PDF_PLACE_FREE };
    if (type == 1 && second != 0) {
        bool inside = second < file->size - file->header;
        place.kind = inside ? PDF_PLACE_FILE : PDF_PLACE_DISPUTED;
        place.at = inside ? second + file->header : second;
        place.more = third <= 65535 ? (uint32_t)third : 65536; /* a generation that nothing asks for */
    } else if (type == 2) {
        place.kind = second <= LIMIT_PDF_OBJECTS && third <= PLACE_INDEX ? PDF_PLACE_STREAM : PDF_PLACE_DISPUTED;
        place.at = second;
        place.more = third & PLACE_INDEX;
    } else if (type > 2) {
        place.kind = PDF_PLACE_DISPUTED;
    }
    return place;
}

static int range(struct pdf_section *section, struct pdf_file *file, struct cursor *in, const struct layout *layout,
                 int64_t first, int64_t count, sign_err *err)
{
    if (first < 0 || count < 0) {
        return err_set(err, SIGN_E_FORMAT, section->trailer.start, CLAUSE,
                       "cross-reference stream: /Size or /Index: expected non-negative integers");
    }
    if (first > LIMIT_PDF_OBJECTS + 1 || count > LIMIT_PDF_OBJECTS + 1 - first) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, "ISO 32000-1 annex C.2",
                       "cross-reference stream: object numbers above %d", LIMIT_PDF_OBJECTS);
    }
    for (int64_t i = 0; i < count; i++) {
        if (cursor_left(in) < layout->total) {
            return err_set(err, SIGN_E_FORMAT, section->trailer.start, CLAUSE,
                           "cross-reference stream: /Size or /Index promise more entries than there are");
        }
        int rc = pdf_spend(file, layout->total, err);
        if (rc == SIGN_OK) {
            rc = pdf_places_add(&section->places, entry(in, layout, (uint32_t)(first + i), file), err);
        }
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

static int64_t integer(const struct pdf_obj *obj)
{
    return obj != NULL && obj->kind == PDF_INT ? obj->u.integer : -1;
}

static int entries(struct pdf_section *section, struct pdf_file *file, sign_bytes data, sign_err *err)
{
    struct layout layout;
    struct cursor in = cursor_over(data, 0);
    const struct pdf_obj *index = pdf_dict_get(&section->trailer, "Index");
    int rc = widths(&layout, &section->trailer, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (index == NULL) {
        return range(section, file, &in, &layout, 0, integer(pdf_dict_get(&section->trailer, "Size")), err);
    }
    if (index->kind != PDF_ARRAY || index->u.array.n % 2 != 0) {
        return err_set(err, SIGN_E_FORMAT, index->start, CLAUSE,
                       "cross-reference stream: /Index is not pairs of integers");
    }
    for (size_t i = 0; i < index->u.array.n && rc == SIGN_OK; i += 2) {
        rc = range(section, file, &in, &layout, integer(&index->u.array.items[i]),
                   integer(&index->u.array.items[i + 1]), err);
    }
    return rc;
}

int pdf_xref_stream(struct pdf_section *section, struct pdf_file *file, uint64_t offset, sign_err *err)
{
    struct pdf_indirect stream;
    CLEANUP(build_free) struct build data = { .max = file->opts.max_inflated };
    int rc = pdf_indirect_read(&stream, file, NULL, offset, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (stream.obj.kind != PDF_STREAM || !pdf_is_name(pdf_dict_get(&stream.obj, "Type"), "XRef")) {
        return err_set(err, SIGN_E_FORMAT, offset, "ISO 32000-2 7.5.8", "expected a cross-reference table or stream");
    }
    if (!stream.length_known) {
        return err_set(err, SIGN_E_FORMAT, stream.obj.start, CLAUSE,
                       "cross-reference stream: /Length: expected a direct non-negative integer");
    }
    section->trailer = stream.obj;
    section->form = PDF_XREF_STREAM;
    section->reach = stream.end;
    rc = pdf_decode(&data, file, NULL, &stream.obj, err);
    if (rc == SIGN_OK) {
        rc = entries(section, file, build_view(&data), err);
    }
    if (rc == SIGN_OK) {
        pdf_places_settle(&section->places);
    }
    return rc;
}
