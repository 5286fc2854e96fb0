/* Sections along /Prev, each read once, and lineages of them. */
#include <base/array.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/impl.h>
#include <stdlib.h>

void pdf_section_free(struct pdf_section *section)
{
    free(section->places.list);
    section->places = (struct pdf_places){ 0 };
}

/* A table where `xref` stands (white space before it allowed), else a stream. */
static int read_section(struct pdf_section *section, struct pdf_file *file, uint64_t offset, sign_err *err)
{
    struct cursor in;
    int rc = pdf_word_at(&in, file, offset, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    int first = cursor_peek(&in, 0);
    if (cursor_match(&in, BYTES_LIT("xref")) && cursor_peek(&in, 0) != 0 && pdf_is_space(cursor_peek(&in, 0))) {
        return pdf_xref_table(section, file, cursor_offset(&in), err);
    }
    if (first == '%') { /* some readers skip a comment, others mend the file by a scan */
        return err_set(err, SIGN_E_FORMAT, offset, "ISO 32000-2 7.5.8",
                       "expected a cross-reference table or stream, found a comment");
    }
    return pdf_xref_stream(section, file, offset, err);
}

/* 7.5.5: required. Without a number there that they can use, readers mend the file by a scan, which finds other objects. */
static int check_size(const struct pdf_section *section, sign_err *err)
{
    const struct pdf_obj *size = pdf_dict_get(&section->trailer, "Size");
    if (size != NULL && size->kind == PDF_INT && size->u.integer > 0 && size->u.integer <= LIMIT_PDF_OBJECTS + 1) {
        return SIGN_OK;
    }
    return err_set(err, SIGN_E_FORMAT, size == NULL ? section->trailer.start : size->start, "ISO 32000-2 7.5.5",
                   "/Size: expected a direct integer from 1 to %d", LIMIT_PDF_OBJECTS + 1);
}

static int new_section(struct pdf_section **out, struct pdf_file *file, uint64_t offset, sign_err *err)
{
    if (++file->n_sections > LIMIT_PDF_SECTIONS) {
        return err_set(err, SIGN_E_LIMIT, offset, NULL, "more than %d cross-reference sections", LIMIT_PDF_SECTIONS);
    }
    struct pdf_section *section = ARENA_NEW(&file->arena, struct pdf_section);
    if (section == NULL) {
        return err_nomem(err);
    }
    section->offset = offset;
    int rc = read_section(section, file, offset, err);
    rc = rc == SIGN_OK ? check_size(section, err) : rc;
    if (rc != SIGN_OK) {
        pdf_section_free(section);
        return rc;
    }
    *out = section;
    return SIGN_OK;
}

/* The value of /Prev as an offset in the file; 0 where there is none. Some writers say "/Prev 0" for none. */
static int previous(const struct pdf_section *section, const struct pdf_file *file, uint64_t *offset, sign_err *err)
{
    const struct pdf_obj *prev = pdf_dict_get(&section->trailer, "Prev");
    *offset = 0;
    if (prev == NULL || prev->kind == PDF_NULL || (prev->kind == PDF_INT && prev->u.integer == 0)) {
        return SIGN_OK;
    }
    if (prev->kind != PDF_INT || prev->u.integer < 0 || (uint64_t)prev->u.integer >= file->size - file->header) {
        return err_set(err, SIGN_E_FORMAT, prev->start, "ISO 32000-2 7.5.5",
                       "/Prev: expected an offset within the file");
    }
    *offset = (uint64_t)prev->u.integer + file->header;
    return SIGN_OK;
}

/* What a section knows of those before it. Two sections of which the older stands later in the file are the halves of a
 * linearized file (annex F): one revision. */
void pdf_section_link(struct pdf_section *section, struct pdf_section *prev)
{
    uint32_t top = section->places.n > 0 ? section->places.list[section->places.n - 1].num : 0;
    section->prev = prev;
    section->depth = prev == NULL ? 1 : prev->depth + 1;
    section->revision = prev == NULL ? 1 : prev->revision + (section->offset > prev->offset);
    section->top = prev != NULL && prev->top > top ? prev->top : top;
    section->reach = prev != NULL && prev->reach > section->reach ? prev->reach : section->reach;
}

struct path {
    struct pdf_section **list;
    size_t n, cap;
};

/* Reads backwards until there is no /Prev, or one that is known with all before it. *end: that one. */
static int collect(struct path *path, struct pdf_section **end, struct pdf_file *file, uint64_t offset,
                   struct pdf_map *seen, sign_err *err)
{
    int rc = SIGN_OK;
    for (*end = NULL; offset != 0 && rc == SIGN_OK;) {
        *end = pdf_map_get(&file->sections, offset);
        if (*end != NULL) {
            return SIGN_OK;
        }
        if (pdf_map_get(seen, offset) != NULL) {
            return err_set(err, SIGN_E_FORMAT, offset, "ISO 32000-2 7.5.5",
                           "/Prev: the cross-reference sections form a loop");
        }
        if ((rc = array_grow((void **)&path->list, &path->cap, path->n + 1, sizeof(struct pdf_section *),
                             LIMIT_PDF_SECTIONS, "cross-reference sections", err)) != SIGN_OK ||
            (rc = new_section(&path->list[path->n], file, offset, err)) != SIGN_OK) {
            return rc;
        }
        path->n++;
        rc = pdf_map_put(seen, offset, path->list[path->n - 1], err);
        if (rc == SIGN_OK) {
            rc = previous(path->list[path->n - 1], file, &offset, err);
        }
    }
    return rc;
}

int pdf_section_at(struct pdf_section **out, struct pdf_file *file, uint64_t value, sign_err *err)
{
    if (value == 0 || value >= file->size - file->header) {
        return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, "ISO 32000-2 7.5.5",
                       "startxref: %llu is no offset within the file", (unsigned long long)value);
    }
    struct path path = { 0 };
    struct pdf_map seen = { 0 };
    struct pdf_section *end;
    int rc = collect(&path, &end, file, value + file->header, &seen, err);
    size_t linked = path.n;
    for (; rc == SIGN_OK && linked > 0; linked--) {
        struct pdf_section *section = path.list[linked - 1];
        rc = pdf_map_put(&file->sections, section->offset, section, err);
        if (rc != SIGN_OK) {
            break;
        }
        pdf_section_link(section, end);
        end = section;
    }
    for (size_t i = 0; i < linked; i++) { /* those that no map will free */
        pdf_section_free(path.list[i]);
    }
    free(path.list);
    pdf_map_free(&seen);
    *out = end;
    return rc;
}

static int by_num_then_depth(const void *a, const void *b)
{
    const struct pdf_history *x = a, *y = b;
    int order = (x->num > y->num) - (x->num < y->num);
    return order != 0 ? order : (x->depth > y->depth) - (x->depth < y->depth);
}

static int fill(struct pdf_lineage *lineage, struct pdf_file *file, sign_err *err)
{
    size_t total = 0, n = 0;
    for (size_t d = 1; d < lineage->depth; d++) {
        total += lineage->chain[d]->places.n;
    }
    int rc = pdf_spend(file, 16 * (total + lineage->depth), err);
    if (rc != SIGN_OK || total == 0) {
        return rc;
    }
    lineage->index = malloc(total * sizeof *lineage->index);
    if (lineage->index == NULL) {
        return err_nomem(err);
    }
    for (size_t d = 1; d < lineage->depth; d++) {
        const struct pdf_places *places = &lineage->chain[d]->places;
        for (size_t i = 0; i < places->n; i++) {
            lineage->index[n++] = (struct pdf_history){ places->list[i].num, (uint32_t)i, d + 1 };
        }
    }
    lineage->n_index = n;
    qsort(lineage->index, n, sizeof *lineage->index, by_num_then_depth);
    return SIGN_OK;
}

void pdf_lineage_free(struct pdf_lineage *lineage)
{
    if (lineage != NULL) {
        free(lineage->chain);
        free(lineage->index);
        free(lineage);
    }
}

static int make_lineage(struct pdf_lineage **out, struct pdf_file *file, struct pdf_section *tip, sign_err *err)
{
    struct pdf_lineage *lineage = calloc(1, sizeof *lineage);
    int rc = SIGN_OK;
    if (lineage != NULL) {
        lineage->depth = tip->depth;
        lineage->chain = malloc(tip->depth * sizeof(struct pdf_section *));
    }
    if (lineage == NULL || lineage->chain == NULL) {
        rc = err_nomem(err);
    } else {
        for (struct pdf_section *s = tip; s != NULL; s = s->prev) {
            lineage->chain[s->depth - 1] = s;
        }
        rc = fill(lineage, file, err);
    }
    if (rc == SIGN_OK) {
        rc = array_grow((void **)&file->lineages, &file->cap_lineages, file->n_lineages + 1,
                        sizeof(struct pdf_lineage *), LIMIT_PDF_SIGS, "cross-reference histories", err);
    }
    if (rc != SIGN_OK) {
        pdf_lineage_free(lineage);
        return rc;
    }
    file->lineages[file->n_lineages++] = lineage;
    *out = lineage;
    return SIGN_OK;
}

int pdf_lineage_of(struct pdf_lineage **out, struct pdf_file *file, struct pdf_section *tip, sign_err *err)
{
    for (size_t i = 0; i < file->n_lineages; i++) {
        struct pdf_lineage *lineage = file->lineages[i];
        if (tip->depth <= lineage->depth && lineage->chain[tip->depth - 1] == tip) {
            *out = lineage;
            return SIGN_OK;
        }
    }
    return make_lineage(out, file, tip, err);
}

const struct pdf_place *pdf_place_before(const struct pdf_lineage *lineage, uint32_t num, size_t depth, size_t *at)
{
    size_t low = 0, high = lineage->n_index;
    while (low < high) { /* the first entry that is not before (num, depth) */
        size_t middle = low + (high - low) / 2;
        const struct pdf_history *h = &lineage->index[middle];
        if (h->num < num || (h->num == num && h->depth < depth)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low > 0 && lineage->index[low - 1].num == num) {
        const struct pdf_history *h = &lineage->index[low - 1];
        *at = h->depth;
        return &lineage->chain[h->depth - 1]->places.list[h->at];
    }
    *at = 1;
    return pdf_places_find(&lineage->chain[0]->places, num);
}

const struct pdf_place *pdf_place_in(const struct pdf_view *view, uint32_t num)
{
    size_t at;
    return pdf_place_before(view->lineage, num, view->section->depth + 1, &at);
}
