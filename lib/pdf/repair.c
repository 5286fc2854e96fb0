/*
 * A file whose cross-references are missing or wrong (ISO 32000-2 7.5.4 leaves it to the reader): one scan for `N G
 * obj` and trailers, as every viewer does it; the last definition of a number counts. What was found this way is read,
 * never signed.
 */
#include <base/array.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/impl.h>
#include <stdlib.h>

#define WINDOW   KIB(256)
#define OVERLAP  64 /* longer than any mark with the numbers before it */
#define LOOKBACK 32
#define TRAILERS 64 /* the last ones, of which one should name a /Root */

struct found {
    uint64_t offset;
    uint32_t num, gen;
    bool objstm, xref, catalog;
};

struct scan {
    struct pdf_file *file;
    struct found *list;
    size_t n, cap;
    uint64_t trailers[TRAILERS];
    size_t n_trailers;
};

/* Digits that end at *at, at least one; *at moves to the first. */
static bool number_before(sign_bytes bytes, size_t *at, uint32_t *out)
{
    size_t end = *at;
    while (*at > 0 && bytes.ptr[*at - 1] >= '0' && bytes.ptr[*at - 1] <= '9' && end - *at < 11) {
        --*at;
    }
    return parse_u32(bytes_slice(bytes, *at, end - *at), out);
}

static bool space_before(sign_bytes bytes, size_t *at)
{
    size_t end = *at;
    while (*at > 0 && pdf_is_space(bytes.ptr[*at - 1]) && end - *at < 8) {
        --*at;
    }
    return *at < end;
}

static int found_object(struct scan *s, sign_bytes bytes, size_t at, uint64_t base, sign_err *err)
{
    struct found found = { 0 };
    size_t start = at;
    bool whole = at + 3 >= bytes.len || !pdf_is_regular(bytes.ptr[at + 3]);
    if (!whole || !space_before(bytes, &start) || !number_before(bytes, &start, &found.gen) ||
        !space_before(bytes, &start) || !number_before(bytes, &start, &found.num) || found.num == 0 ||
        found.num > LIMIT_PDF_OBJECTS || found.gen > 65535) {
        return SIGN_OK;
    }
    found.offset = base + start;
    if (s->n > 0 && s->list[s->n - 1].offset >= found.offset) {
        return SIGN_OK; /* seen at the end of the window before */
    }
    int rc = array_grow((void **)&s->list, &s->cap, s->n + 1, sizeof found, LIMIT_PDF_OBJECTS, "objects found", err);
    if (rc == SIGN_OK) {
        s->list[s->n++] = found;
    }
    return rc;
}

static int found_trailer(struct scan *s, sign_bytes bytes, size_t at, uint64_t base, sign_err *err)
{
    uint64_t offset = base + at + strlen("trailer");
    if (s->n_trailers == 0 || s->trailers[(s->n_trailers - 1) % TRAILERS] < offset) {
        s->trailers[s->n_trailers++ % TRAILERS] = offset;
    }
    return SIGN_OK;
}

/* A mark belongs to the last object that begins before it. */
static struct found *owner(struct scan *s, uint64_t offset)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->list[middle].offset <= offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? &s->list[low - 1] : NULL;
}

static int found_name(struct scan *s, sign_bytes bytes, size_t at, uint64_t base, sign_err *err)
{
    struct found *of = owner(s, base + at);
    sign_bytes name = bytes_slice(bytes, at, OVERLAP);
    if (of != NULL) {
        of->objstm |= bytes_start(name, BYTES_LIT("/ObjStm"));
        of->xref |= bytes_start(name, BYTES_LIT("/XRef"));
        of->catalog |= bytes_start(name, BYTES_LIT("/Catalog"));
    }
    return SIGN_OK;
}

static const struct {
    const char *text;
    int (*note)(struct scan *s, sign_bytes bytes, size_t at, uint64_t base, sign_err *err);
} marks[] = { { "obj", found_object },
              { "trailer", found_trailer },
              { "/ObjStm", found_name },
              { "/XRef", found_name },
              { "/Catalog", found_name } };

static int scan_window(struct scan *s, sign_bytes bytes, uint64_t base, sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t m = 0; m < sizeof marks / sizeof marks[0] && rc == SIGN_OK; m++) {
        sign_bytes mark = bytes_str(marks[m].text);
        size_t at = bytes_find(bytes, mark, base == 0 ? 0 : LOOKBACK);
        for (; at != SIZE_MAX && rc == SIGN_OK; at = bytes_find(bytes, mark, at + 1)) {
            rc = marks[m].note(s, bytes, at, base, err);
        }
    }
    return rc;
}

static int scan(struct scan *s, sign_err *err)
{
    for (uint64_t at = 0; at < s->file->size;) {
        sign_bytes bytes;
        int rc = pdf_window(s->file, at, WINDOW, &bytes, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        bytes = bytes_slice(bytes, 0, WINDOW);
        if ((rc = scan_window(s, bytes, at, err)) != SIGN_OK || (rc = pdf_spend(s->file, bytes.len, err)) != SIGN_OK) {
            return rc;
        }
        if (at + bytes.len == s->file->size) {
            break;
        }
        at += bytes.len - OVERLAP;
    }
    return SIGN_OK;
}

static int by_num_last_first(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    int order = (x->num > y->num) - (x->num < y->num);
    return order != 0 ? order : (x->offset < y->offset) - (x->offset > y->offset);
}

static int by_offset(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* Leaves the last definition of each number, in the order of the file, and makes entries of them. */
static int place_all(struct scan *s, struct pdf_section *section, sign_err *err)
{
    size_t n = 0;
    int rc = SIGN_OK;
    if (s->n > 1) {
        qsort(s->list, s->n, sizeof *s->list, by_num_last_first);
    }
    for (size_t i = 0; i < s->n && rc == SIGN_OK; i++) {
        if (i > 0 && s->list[i].num == s->list[n - 1].num) {
            continue;
        }
        s->list[n++] = s->list[i];
        struct pdf_place place = { .kind = PDF_PLACE_FILE, .num = s->list[i].num, .at = s->list[i].offset };
        place.more = s->list[i].gen;
        rc = pdf_places_add(&section->places, place, err);
    }
    s->n = n;
    if (n > 1) {
        qsort(s->list, n, sizeof *s->list, by_offset);
    }
    return rc;
}

static bool stops(int rc)
{
    return rc != SIGN_OK && rc != SIGN_E_FORMAT && rc != SIGN_E_UNSUPPORTED;
}

/* Objects in object streams are found by the streams' own tables. What stands in the file itself goes first. */
static int place_hidden(struct scan *s, struct pdf_section *section, sign_err *err)
{
    struct pdf_places hidden = { 0 };
    struct pdf_places known = section->places;
    int rc = SIGN_OK;
    for (size_t i = s->n; i > 0 && !stops(rc); i--) { /* the last one first: settling keeps the first */
        if (s->list[i - 1].objstm) {
            struct pdf_ref ref = { s->list[i - 1].num, s->list[i - 1].gen };
            rc = pdf_objstm_list(&hidden, &s->file->newest, ref, err);
        }
    }
    rc = stops(rc) ? rc : SIGN_OK;
    struct pdf_map seen = { 0 };
    for (size_t i = 0; i < hidden.n && rc == SIGN_OK; i++) {
        uint32_t num = hidden.list[i].num;
        if (pdf_places_find(&known, num) == NULL && pdf_map_get(&seen, num) == NULL &&
            (rc = pdf_map_put(&seen, num, section, err)) == SIGN_OK) {
            rc = pdf_places_add(&section->places, hidden.list[i], err);
            known.list = section->places.list;
        }
    }
    pdf_map_free(&seen);
    free(hidden.list);
    pdf_places_settle(&section->places);
    return rc;
}

/* The last dictionary with a /Root: a trailer, or a cross-reference stream's. */
static int choose_trailer(struct scan *s, struct pdf_section *section, sign_err *err)
{
    uint64_t best = 0, end;
    for (size_t i = s->n_trailers; i > 0 && i + TRAILERS > s->n_trailers && best == 0; i--) {
        struct pdf_obj dict;
        uint64_t at = s->trailers[(i - 1) % TRAILERS];
        int rc = pdf_direct_read(&dict, &end, s->file, at, err);
        if (stops(rc)) {
            return rc;
        }
        if (rc == SIGN_OK && dict.kind == PDF_DICT && pdf_dict_get(&dict, "Root") != NULL) {
            section->trailer = dict;
            best = at;
        }
    }
    for (size_t i = s->n, tried = 0; i > 0 && s->list[i - 1].offset > best && tried < TRAILERS; i--) {
        if (s->list[i - 1].xref) {
            struct pdf_indirect stream;
            int rc = pdf_indirect_read(&stream, s->file, NULL, s->list[i - 1].offset, err);
            if (stops(rc)) {
                return rc;
            }
            tried++;
            if (rc == SIGN_OK && pdf_dict_get(&stream.obj, "Root") != NULL) {
                section->trailer = stream.obj;
                return SIGN_OK;
            }
        }
    }
    return SIGN_OK;
}

/* No trailer at all: the last object that looks like a catalog is the root. */
static int invent_trailer(struct scan *s, struct pdf_section *section, sign_err *err)
{
    size_t i = s->n;
    while (i > 0 && !s->list[i - 1].catalog) {
        i--;
    }
    struct pdf_entry *entry = ARENA_NEW(&s->file->arena, struct pdf_entry);
    if (entry == NULL) {
        return err_nomem(err);
    }
    section->trailer = pdf_null;
    section->trailer.kind = PDF_DICT;
    if (i > 0) {
        entry->key = BYTES_LIT("Root");
        entry->value = pdf_null;
        entry->value.kind = PDF_REF;
        entry->value.u.ref = (struct pdf_ref){ s->list[i - 1].num, s->list[i - 1].gen };
        section->trailer.u.dict.entries = entry;
        section->trailer.u.dict.n = 1;
    }
    return SIGN_OK;
}

static int rebuild(struct scan *s, struct pdf_section *section, sign_err *err)
{
    struct pdf_view *view = &s->file->newest;
    *view = (struct pdf_view){ .file = s->file, .section = section, .limit = s->file->size };
    int rc = scan(s, err);
    if (rc != SIGN_OK || (rc = place_all(s, section, err)) != SIGN_OK ||
        (rc = choose_trailer(s, section, err)) != SIGN_OK) {
        return rc;
    }
    if (section->trailer.kind == PDF_NULL && (rc = invent_trailer(s, section, err)) != SIGN_OK) {
        return rc;
    }
    pdf_section_link(section, NULL);
    if ((rc = pdf_lineage_of(&view->lineage, s->file, section, err)) != SIGN_OK ||
        (rc = pdf_check_encryption(view, err)) != SIGN_OK || (rc = place_hidden(s, section, err)) != SIGN_OK) {
        return rc;
    }
    pdf_section_link(section, NULL); /* the highest number may have grown */
    return SIGN_OK;
}

int pdf_repair(struct pdf_file *file, sign_err *err)
{
    struct scan s = { .file = file };
    pdf_forget(file);
    struct pdf_section *section = ARENA_NEW(&file->arena, struct pdf_section);
    if (section == NULL) {
        return err_nomem(err);
    }
    section->offset = SIGN_NO_OFFSET;
    int rc = pdf_map_put(&file->sections, SIGN_NO_OFFSET, section, err); /* which frees it */
    if (rc == SIGN_OK) {
        rc = rebuild(&s, section, err);
    }
    free(s.list);
    return rc;
}
