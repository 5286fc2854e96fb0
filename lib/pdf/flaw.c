/* Where readers of one file do not see the same (ISO 32000-2 7.5.2, 7.5.4, 7.5.5, 7.5.8.4). */
#include <pdf/flaw.h>

#include <base/array.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/impl.h>
#include <stdlib.h>

struct finding {
    struct pdf_view *view;
    struct pdf_flaw *list;          /* malloc'ed */
    size_t n, cap, of_kind[PDF_FLAW_HYBRID + 1];
    size_t hidden;
};

static int add(struct finding *f, struct pdf_flaw flaw, const char *text, sign_err *err)
{
    if (f->of_kind[flaw.kind]++ >= PDF_FLAWS_LISTED) {
        return SIGN_OK;
    }
    flaw.text = arena_str(&f->view->file->arena, bytes_str(text));
    if (flaw.text == NULL) {
        return err_nomem(err);
    }
    int rc = array_grow((void **)&f->list, &f->cap, f->n + 1, sizeof flaw, 5 * PDF_FLAWS_LISTED, "flaws", err);
    if (rc == SIGN_OK) {
        f->list[f->n++] = flaw;
    }
    return rc;
}

static int of_file(struct finding *f, sign_err *err)
{
    const struct pdf_file *file = f->view->file;
    int rc = SIGN_OK;
    if (file->header > 0) {
        struct pdf_flaw flaw = { .kind = PDF_FLAW_JUNK, .offset = 0, .clause = "ISO 32000-2 7.5.2" };
        char text[64];
        snprintf(text, sizeof text, "%llu bytes stand before %%PDF-", (unsigned long long)file->header);
        rc = add(f, flaw, text, err);
    }
    if (rc == SIGN_OK && file->repaired && f->view == &file->newest) {
        const sign_err *why = &file->damage;
        struct pdf_flaw flaw = { .kind = PDF_FLAW_XREF, .offset = why->offset, .clause = "ISO 32000-2 7.5.4" };
        rc = add(f, flaw, why->msg, err);
    }
    return rc;
}

/* The entry counts in the view, and leads to an object: a cross-reference stream, which nobody refers to, aside. */
static bool counts(const struct pdf_view *view, const struct pdf_section *section, const struct pdf_place *place)
{
    return place->kind != PDF_PLACE_FREE && pdf_place_in(view, place->num) == place &&
           !(place->kind == PDF_PLACE_FILE && place->at == section->offset);
}

/* 7.5.5: an object whose number is not below /Size is missing. Hardly a reader knows that, so it is one thing here, another there. */
static int beyond_size(struct finding *f, const struct pdf_view *view, const struct pdf_section *section, uint64_t size,
                       sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t i = section->places.n; i > 0 && section->places.list[i - 1].num >= size && rc == SIGN_OK; i--) {
        const struct pdf_place *place = &section->places.list[i - 1];
        if (counts(view, section, place)) {
            uint64_t at = place->kind == PDF_PLACE_FILE ? place->at : SIGN_NO_OFFSET;
            char text[96];
            snprintf(text, sizeof text, "object %u, where the trailer says /Size %llu", (unsigned)place->num,
                     (unsigned long long)size);
            rc = add(f, (struct pdf_flaw){ PDF_FLAW_SIZE, place->num, at, "ISO 32000-2 7.5.5", NULL }, text, err);
        }
    }
    return rc;
}

/* What the tables alone give for num in the sections before `depth`; NULL for nothing. */
static const struct pdf_place *by_tables(const struct pdf_lineage *lineage, uint32_t num, size_t depth)
{
    const struct pdf_place *place = NULL;
    while (depth > 1) {
        place = pdf_place_before(lineage, num, depth, &depth);
        if (place == NULL || place->seen == PDF_SEEN_BOTH || place->seen == PDF_SEEN_AGAINST) {
            break;
        }
        if (place->seen == PDF_SEEN_FREED) {    /* the table calls it free: so it is to whom the stream says nothing */
            return NULL;
        }
        place = NULL;
    }
    return place == NULL || place->kind == PDF_PLACE_FREE ? NULL : place;
}

static bool same_place(const struct pdf_place *a, const struct pdf_place *b)
{
    return a->kind == b->kind && a->at == b->at && a->more == b->more;
}

static int hybrid_entry(struct finding *f, const struct pdf_section *section, const struct pdf_place *place, sign_err *err)
{
    const struct pdf_place *old = by_tables(f->view->lineage, place->num, section->depth);
    const char *what = NULL;
    if (place->seen == PDF_SEEN_AGAINST) {
        what = "used in the table, free in the stream that /XRefStm names";
    } else if (old != NULL && place->kind == PDF_PLACE_FREE) {
        what = "free in the stream that /XRefStm names, used in the tables";
    } else if (old != NULL && !same_place(old, place)) {
        what = "one thing by the tables, another by the stream that /XRefStm names";
    }
    if (what == NULL) {
        f->hidden += place->kind != PDF_PLACE_FREE && old == NULL;
        return SIGN_OK;
    }
    char text[128];
    snprintf(text, sizeof text, "object %u: %s", (unsigned)place->num, what);
    return add(f, (struct pdf_flaw){ PDF_FLAW_HYBRID, place->num, section->offset, "ISO 32000-2 7.5.8.4", NULL }, text, err);
}

/* Entries of any revision, replaced since or not: that revision may be the one which is signed. */
static int of_hybrid(struct finding *f, const struct pdf_section *section, sign_err *err)
{
    int rc = pdf_spend(f->view->file, section->places.n, err);
    for (size_t i = 0; i < section->places.n && rc == SIGN_OK; i++) {
        const struct pdf_place *place = &section->places.list[i];
        if (place->seen != PDF_SEEN_BOTH && (rc = pdf_spend(f->view->file, 16, err)) == SIGN_OK) {
            rc = hybrid_entry(f, section, place, err);
        }
    }
    return rc;
}

static int of_disputed(struct finding *f, const struct pdf_section *section, sign_err *err)
{
    int rc = pdf_spend(f->view->file, section->places.n, err);
    for (size_t i = 0; i < section->places.n && rc == SIGN_OK; i++) {
        uint32_t num = section->places.list[i].num;
        if (section->places.list[i].kind == PDF_PLACE_DISPUTED) {
            char text[96];
            snprintf(text, sizeof text, "object %u: a cross-reference section gives it several places, or one that is none", (unsigned)num);
            rc = add(f, (struct pdf_flaw){ PDF_FLAW_PLACES, num, section->offset, "ISO 32000-2 7.5.4", NULL }, text, err);
        }
    }
    return rc;
}

/* Of the revision that ends with a section: a later one that says a larger /Size would bring the object to light. */
static int of_size(struct finding *f, struct pdf_section *newest, uint64_t size, sign_err *err)
{
    struct pdf_view view = *f->view;
    int rc = SIGN_OK;
    if (size == 0 || size > newest->top) {
        return SIGN_OK;
    }
    view.section = newest;
    for (size_t d = newest->depth; d > 0 && rc == SIGN_OK; d--) {
        rc = pdf_spend(view.file, 16, err);
        rc = rc == SIGN_OK ? beyond_size(f, &view, view.lineage->chain[d - 1], size, err) : rc;
    }
    return rc;
}

/*
 * /Size counts the entries of a section and all before it, so it never shrinks. PDFBox says in an update what follows the
 * highest number of the update: whoever took that at its word would find hardly an object, and no reader does.
 */
static int of_sizes(struct finding *f, sign_err *err)
{
    const struct pdf_lineage *lineage = f->view->lineage;
    uint64_t largest = 0;
    int rc = SIGN_OK;
    for (size_t d = 1; d <= f->view->section->depth && rc == SIGN_OK && f->of_kind[PDF_FLAW_SIZE] == 0; d++) {
        struct pdf_section *section = lineage->chain[d - 1];
        const struct pdf_obj *size = pdf_dict_get(&section->trailer, "Size");
        bool known = size != NULL && size->kind == PDF_INT && size->u.integer > 0;
        largest = known && (uint64_t)size->u.integer > largest ? (uint64_t)size->u.integer : largest;
        if (known && section->offset != SIGN_NO_OFFSET) {
            rc = of_size(f, section, largest, err);
        }
    }
    return rc;
}

static int of_sections(struct finding *f, sign_err *err)
{
    const struct pdf_lineage *lineage = f->view->lineage;
    int rc = SIGN_OK;
    for (size_t d = f->view->section->depth; d > 0 && rc == SIGN_OK; d--) {
        struct pdf_section *section = lineage->chain[d - 1];
        if (section->form == PDF_XREF_HYBRID) {
            rc = of_hybrid(f, section, err);
        }
        if (rc == SIGN_OK && section->places.disputed) {
            rc = of_disputed(f, section, err);
        }
    }
    return rc == SIGN_OK ? of_sizes(f, err) : rc;
}

int pdf_flaws(struct pdf_flaws *out, struct pdf_view *view, sign_err *err)
{
    struct finding f = { .view = view };
    int rc = of_file(&f, err);
    if (rc == SIGN_OK) {
        rc = of_sections(&f, err);
    }
    *out = (struct pdf_flaws){ .n = f.n, .hidden = f.hidden };
    out->ambiguous = f.of_kind[PDF_FLAW_PLACES] > 0 || f.of_kind[PDF_FLAW_SIZE] > 0 || f.of_kind[PDF_FLAW_HYBRID] > 0;
    if (rc == SIGN_OK && f.n > 0) {
        out->list = arena_dup(&view->file->arena, f.list, f.n * sizeof *f.list);
        rc = out->list == NULL ? err_nomem(err) : SIGN_OK;
    }
    free(f.list);
    return rc;
}
