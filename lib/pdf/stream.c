/* The data of streams, its filters undone (ISO 32000-2 7.3.8, 7.4). */
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <io/flate.h>
#include <pdf/crypt.h>
#include <pdf/filter.h>
#include <pdf/impl.h>

struct step { /* one filter at work */
    struct build *out;
    sign_bytes in;
    struct pdf_parms parms;
    struct pdf_file *file;
};

static size_t most(const struct step *s)
{
    return (size_t)s->file->opts.max_inflated;
}

static int undo_hex(struct step *s, sign_err *err)
{
    return pdf_undo_hex(s->out, s->in, most(s), s->file->watch, err);
}

static int undo_85(struct step *s, sign_err *err)
{
    return pdf_undo_ascii85(s->out, s->in, most(s), s->file->watch, err);
}

static int undo_run(struct step *s, sign_err *err)
{
    return pdf_undo_run_length(s->out, s->in, most(s), s->file->watch, err);
}

static int predicted(struct step *s, struct build *plain, sign_err *err)
{
    if (s->parms.predictor != 1) {
        return pdf_undo_predictor(s->out, build_view(plain), &s->parms, s->file->watch, err);
    }
    *s->out = *plain;
    *plain = (struct build){ 0 };
    return SIGN_OK;
}

/* Data cut off, or with a wrong checksum, is used as far as it goes: writers are careless there, and all readers do. */
static int undo_flate(struct step *s, sign_err *err)
{
    CLEANUP(build_free) struct build plain = { .max = most(s) };
    int rc = flate_decode(&plain, s->in, most(s), s->file->watch, err);
    if (rc == SIGN_E_FORMAT && plain.len > 0) {
        rc = SIGN_OK;
    }
    return rc != SIGN_OK ? rc : predicted(s, &plain, err);
}

static int undo_lzw(struct step *s, sign_err *err)
{
    CLEANUP(build_free) struct build plain = { .max = most(s) + 4096 };
    int rc = pdf_undo_lzw(&plain, s->in, s->parms.early_change != 0, most(s), s->file->watch, err);
    return rc != SIGN_OK ? rc : predicted(s, &plain, err);
}

/* The closed list. */
static const struct {
    const char *name;
    int (*undo)(struct step *s, sign_err *err);
} filters[] = {
    { "FlateDecode", undo_flate }, { "ASCIIHexDecode", undo_hex },  { "ASCII85Decode", undo_85 },
    { "LZWDecode", undo_lzw },     { "RunLengthDecode", undo_run },
};

static int undo(struct step *s, const struct pdf_obj *name, sign_err *err)
{
    for (size_t i = 0; i < COUNT(filters); i++) {
        if (pdf_is_name(name, filters[i].name)) {
            return filters[i].undo(s, err);
        }
    }
    if (name->kind != PDF_NAME) {
        return err_set(err, SIGN_E_FORMAT, name->start, "ISO 32000-2 7.3.8.2", "/Filter: expected a name, found %s",
                       pdf_kind_name(name->kind));
    }
    char shown[PDF_SHOWN];
    return err_set(err, SIGN_E_UNSUPPORTED, name->start, "ISO 32000-2 7.4", "filter %s",
                   pdf_show(shown, name->u.bytes));
}

/*
 * A view where references may be followed; without one (cross-reference streams) everything must be direct (7.5.8.2).
 */
static int follow(const struct pdf_obj **out, struct pdf_view *view, const struct pdf_obj *obj, sign_err *err)
{
    if (view != NULL || obj == NULL || obj->kind != PDF_REF) {
        return pdf_resolve(out, view, obj, err);
    }
    return err_set(err, SIGN_E_FORMAT, obj->start, "ISO 32000-2 7.5.8.2",
                   "cross-reference stream: expected a direct object");
}

static int parameters(struct pdf_parms *out, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    *out = (struct pdf_parms){ 1, 1, 8, 1, 1 };
    struct {
        const char *key;
        int64_t *value;
    } all[] = { { "Predictor", &out->predictor },
                { "Colors", &out->colors },
                { "BitsPerComponent", &out->bits },
                { "Columns", &out->columns },
                { "EarlyChange", &out->early_change } };
    for (size_t i = 0; i < COUNT(all); i++) {
        const struct pdf_obj *value;
        int rc = follow(&value, view, pdf_dict_get(dict, all[i].key), err);
        if (rc != SIGN_OK) {
            return rc;
        }
        if (value->kind == PDF_INT) {
            *all[i].value = value->u.integer;
        }
    }
    return SIGN_OK;
}

/* Entry i of a value that is one thing or an array of them. */
static const struct pdf_obj *nth(const struct pdf_obj *obj, size_t i)
{
    if (obj->kind != PDF_ARRAY) {
        return i == 0 ? obj : NULL;
    }
    return i < obj->u.array.n ? &obj->u.array.items[i] : NULL;
}

static int raw(struct build *out, struct pdf_file *file, const struct pdf_obj *stream, sign_err *err)
{
    uint64_t len = stream->u.dict.data_len;
    if (len > LIMIT_BUILD) {
        return err_set(err, SIGN_E_LIMIT, stream->start, NULL, "stream of %llu bytes", (unsigned long long)len);
    }
    int rc = pdf_spend(file, len, err);
    uint8_t *room = rc != SIGN_OK || len == 0 ? NULL : build_room(out, (size_t)len);
    if (rc != SIGN_OK || len == 0) {
        return rc;
    }
    return room == NULL ? build_check(out, err, "stream")
                        : source_read(file->source, stream->u.dict.data, room, (size_t)len, err);
}

/* One filter: what is in `data` goes through it and is in `data` again. */
static int through(struct build *data, struct pdf_file *file, struct pdf_view *view, const struct pdf_obj *filter,
                   const struct pdf_obj *parms, sign_err *err)
{
    CLEANUP(build_free) struct build next = { 0 };
    struct step s = { .out = &next, .in = build_view(data), .file = file };
    const struct pdf_obj *name, *dict;
    int rc = follow(&name, view, filter, err);
    if (rc != SIGN_OK || (rc = follow(&dict, view, parms, err)) != SIGN_OK ||
        (rc = parameters(&s.parms, view, dict, err)) != SIGN_OK || (rc = undo(&s, name, err)) != SIGN_OK ||
        (rc = pdf_spend(file, next.len, err)) != SIGN_OK) {
        return rc;
    }
    build_free(data);
    *data = next;
    next = (struct build){ 0 };
    return SIGN_OK;
}

int pdf_decode(struct build *out, struct pdf_file *file, struct pdf_view *view, const struct pdf_obj *stream,
               sign_err *err)
{
    CLEANUP(build_free) struct build data = { 0 };
    const struct pdf_obj *filter, *parms, *external = pdf_dict_get(stream, "F");
    enum pdf_cipher cipher = PDF_CIPHER_NONE;
    size_t first = 0;
    if (stream->kind != PDF_STREAM || external != NULL) {
        return err_set(err, external != NULL ? SIGN_E_UNSUPPORTED : SIGN_E_ARG, stream->start, "ISO 32000-2 7.3.8.2",
                       external != NULL ? "a stream whose data is in another file" : "not a stream");
    }
    int rc = follow(&filter, view, pdf_dict_get(stream, "Filter"), err);
    if (rc != SIGN_OK || (rc = follow(&parms, view, pdf_dict_get(stream, "DecodeParms"), err)) != SIGN_OK ||
        (rc = view == NULL ? SIGN_OK : pdf_cipher_of(&cipher, &first, view, stream, err)) != SIGN_OK ||
        (rc = raw(&data, file, stream, err)) != SIGN_OK ||
        (rc = pdf_decrypt_stream(&data, file->crypt, cipher, stream->u.dict.self, err)) != SIGN_OK) {
        return rc;
    }
    size_t n = filter->kind == PDF_NULL ? 0 : filter->kind == PDF_ARRAY ? filter->u.array.n : 1;
    if (n > LIMIT_PDF_FILTERS) {
        return err_set(err, SIGN_E_LIMIT, stream->start, NULL, "more than %d filters on one stream", LIMIT_PDF_FILTERS);
    }
    for (size_t i = first; i < n && rc == SIGN_OK; i++) {
        rc = through(&data, file, view, nth(filter, i), nth(parms, i), err);
    }
    if (rc == SIGN_OK) {
        build_bytes(out, build_view(&data));
        rc = build_check(out, err, "decoded stream");
    }
    return rc;
}

int pdf_stream(sign_bytes *out, struct pdf_view *view, const struct pdf_obj *stream, sign_err *err)
{
    CLEANUP(build_free) struct build data = { 0 };
    int rc = pdf_decode(&data, view->file, view, stream, err);
    if (rc == SIGN_OK) {
        *out = arena_bytes(&view->file->arena, build_view(&data));
        rc = out->ptr == NULL && data.len > 0 ? err_nomem(err) : SIGN_OK;
    }
    return rc;
}
