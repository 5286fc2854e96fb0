#include "update_parts.h"

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/when.h>
#include <pdf/flaw.h>
#include <pdf/impl.h>
#include <stdlib.h>

/* Room for four numbers of 19 digits: the update is laid out before its own length is known. */
#define RANGE_WIDTH 80

struct pdf_ref update_new_ref(struct update_parts *u)
{
    return (struct pdf_ref){ u->next++, 0 };
}

struct pdf_seal update_seal(const struct update_parts *u, struct pdf_ref ref)
{
    return (struct pdf_seal){ u->file->crypt, ref };
}

void update_open(struct update_parts *u, struct pdf_ref ref)
{
    struct build *out = &u->out->bytes;
    if (u->n_places == UPDATE_OBJECTS) {
        out->failed = SIGN_E_LIMIT;
        return;
    }
    u->seal = update_seal(u, ref);
    u->places[u->n_places++] = (struct update_place){ ref, u->base + out->len };
    build_u64(out, ref.num);
    build_byte(out, ' ');
    build_u64(out, ref.gen);
    build_str(out, " obj\n");
}

void update_close(struct update_parts *u)
{
    build_str(&u->out->bytes, "\nendobj\n");
}

void update_dict(struct update_parts *u, struct pdf_ref ref, const struct pdf_obj *dict, const struct pdf_override *overrides,
                 size_t n)
{
    update_open(u, ref);
    pdf_put_dict(&u->out->bytes, dict, overrides, n, &u->seal);
    update_close(u);
}

struct pdf_ref update_ref_of(const struct pdf_obj *dict, const char *key)
{
    const struct pdf_obj *value = pdf_dict_get(dict, key);
    return value && value->kind == PDF_REF ? value->u.ref : (struct pdf_ref){ 0, 0 };
}

int update_clear(const struct pdf_obj *dict, const char *what, sign_err *err)
{
    return !dict->duplicate_keys ? SIGN_OK
                                 : err_set(err, SIGN_E_FORMAT, dict->start, "ISO 32000-2 7.3.7",
                                           "%s has a key twice: readers differ on what it says", what);
}

void update_put_array(struct build *out, const struct pdf_obj *array, struct pdf_ref ref, const struct pdf_seal *seal)
{
    build_byte(out, '[');
    for (size_t i = 0; array && i < array->u.array.n; i++) {
        pdf_put_object(out, &array->u.array.items[i], seal);
        build_byte(out, ' ');
    }
    pdf_put_ref(out, ref);
    build_byte(out, ']');
}

static int start(struct update_parts *u, struct pdf_file *file, const struct pdf_sign_spec *spec, struct pdf_update *out,
                 sign_err *err)
{
    struct pdf_flaws flaws;
    int rc = pdf_flaws(&flaws, pdf_newest(file), err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (flaws.n > 0) {
        return err_set(err, SIGN_E_FORBIDDEN, flaws.list[0].offset, flaws.list[0].clause,
                       "the file is damaged, and a signature would not mean the same in every reader (--repair writes it anew): %s",
                       flaws.list[0].text);
    }
    *u = (struct update_parts){
        .file = file, .view = pdf_newest(file), .out = out, .spec = spec, .lock = &pdf_null, .subfilter = spec->subfilter,
        .certify = spec->certify,
    };
    u->base = source_size(pdf_source(file));
    u->next = pdf_next_object(u->view);
    if (u->next > LIMIT_PDF_OBJECTS - UPDATE_OBJECTS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, "ISO 32000-1 annex C.2",
                       "object numbers reach %u: no room for a signature", u->next);
    }
    const struct pdf_obj *trailer = pdf_trailer(u->view);
    rc = pdf_get(&u->catalog, u->view, trailer, "Root", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    u->catalog_ref = update_ref_of(trailer, "Root");
    if (u->catalog->kind != PDF_DICT || !u->catalog_ref.num) {
        return err_set(err, SIGN_E_FORMAT, trailer->start, "ISO 32000-2 7.5.5",
                       "trailer /Root: expected a reference to a dictionary, found %s", pdf_kind_name(u->catalog->kind));
    }
    return update_clear(u->catalog, "the catalog", err);
}

static void put_text(struct update_parts *u, const char *key, const char *text)
{
    if (text && *text) {
        build_str(&u->out->bytes, key);
        pdf_put_text(&u->out->bytes, text, &u->seal);
    }
}

/* EN 319 142-1 6.3: /M and no /Cert; ByteRange and Contents are placeholders of their final size. */
static int put_signature(struct update_parts *u, sign_err *err)
{
    struct build *out = &u->out->bytes;
    const struct pdf_sign_spec *spec = u->spec;
    char when[WHEN_TEXT];
    when_print_pdf(when, spec->when, spec->zone);
    update_open(u, u->signature);
    build_fmt(out, "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/%s", u->subfilter);
    put_text(u, "/M", when);
    put_text(u, "/Name", spec->name);
    put_text(u, "/Reason", spec->reason);
    put_text(u, "/Location", spec->location);
    put_text(u, "/ContactInfo", spec->contact);
    int rc = update_reference(u, err);
    build_str(out, "/ByteRange[");
    u->range_at = out->len;
    build_fill(out, ' ', RANGE_WIDTH);
    build_str(out, "]/Contents<");
    u->out->contents_at = out->len;
    u->out->contents_len = spec->contents;
    build_fill(out, '0', spec->contents * 2);
    build_str(out, ">>>");
    update_close(u);
    return rc;
}

static int set_range(struct update_parts *u, sign_err *err)
{
    struct pdf_update *out = u->out;
    uint64_t gap_start = u->base + out->contents_at - 1;
    uint64_t gap_end = u->base + out->contents_at + out->contents_len * 2 + 1;
    uint64_t end = u->base + out->bytes.len;
    uint64_t range[4] = { 0, gap_start, gap_end, end - gap_end };
    char text[RANGE_WIDTH + 1];
    int n = snprintf(text, sizeof text, "%llu %llu %llu %llu", 0ULL, (unsigned long long)range[1],
                     (unsigned long long)range[2], (unsigned long long)range[3]);
    if (n < 0 || n > RANGE_WIDTH || range[3] > INT64_MAX || u->range_at + RANGE_WIDTH > out->bytes.len) {
        return err_set(err, SIGN_E_INTERNAL, SIGN_NO_OFFSET, NULL, "the ByteRange does not fit its place");
    }
    memcpy(out->range, range, sizeof range);
    memcpy(out->bytes.ptr + u->range_at, text, (size_t)n);
    return SIGN_OK;
}

static int last_byte(const struct pdf_file *file, uint8_t *out, sign_err *err)
{
    uint64_t size = source_size(pdf_source(file));
    return source_read(pdf_source(file), size - 1, out, 1, err);
}

/* A new field's widget needs a page; an empty field has its own. */
static int put_field(struct update_parts *u, sign_err *err)
{
    struct pdf_ref page = { 0 };
    int rc = u->target ? SIGN_OK : update_page(u, &page, err);
    return rc == SIGN_OK ? update_field(u, page, err) : rc;
}

static int (*const steps[])(struct update_parts *u, sign_err *err) = {
    put_signature, put_field, update_form, update_catalog, update_xref,
};

static int assemble(struct update_parts *u, sign_err *err)
{
    uint8_t last = 0;
    int rc = last_byte(u->file, &last, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (last != '\n' && last != '\r') {
        build_byte(&u->out->bytes, '\n');
    }
    u->signature = update_new_ref(u);
    if (!u->target) {
        u->field = update_new_ref(u);
    }
    for (size_t i = 0; i < COUNT(steps) && rc == SIGN_OK; i++) {
        rc = steps[i](u, err);
    }
    if (rc == SIGN_OK) {
        rc = build_check(&u->out->bytes, err, "the incremental update");
    }
    return rc == SIGN_OK ? set_range(u, err) : rc;
}

int pdf_update_make(struct pdf_update *out, struct pdf_file *file, const struct pdf_sign_spec *spec, sign_err *err)
{
    CLEANUP(pdf_update_drop) struct pdf_update made = { 0 };
    struct update_parts u;
    if (spec->contents == 0 || spec->contents > LIMIT_CMS || spec->certify < 0 || spec->certify > 3) {
        return err_arg(err, "a /Contents of %zu bytes, or DocMDP P=%d, was asked for", spec->contents, spec->certify);
    }
    int rc = start(&u, file, spec, &made, err);
    if (rc != SIGN_OK || (rc = update_find_field(&u, spec->field, err)) != SIGN_OK ||
        (rc = update_seed(&u, err)) != SIGN_OK || (rc = update_rules(&u, err)) != SIGN_OK ||
        (rc = assemble(&u, err)) != SIGN_OK) {
        return rc;
    }
    *out = made;
    made = (struct pdf_update){ 0 };
    return SIGN_OK;
}

void pdf_update_drop(struct pdf_update *update)
{
    build_free(&update->bytes);
    free(update->field);
    *update = (struct pdf_update){ 0 };
}
