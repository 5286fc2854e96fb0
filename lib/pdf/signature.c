#include <base/array.h>
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/form.h>
#include <pdf/impl.h>
#include <pdf/signature.h>
#include <pdf/text.h>
#include <stdlib.h>

struct list {
    struct pdf_view *view;
    struct pdf_signature *items;
    size_t n, cap;
    struct pdf_map values;          /* signature dictionary -> its place in items, counted from 1 */
};

static int keep_text(const char **out, struct pdf_file *file, sign_bytes raw, bool name, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    if (name) {
        utf8_repair(&text, raw); /* names are UTF-8 (7.3.5) */
    } else {
        pdf_text(&text, raw);
    }
    int rc = build_check(&text, err, "text string");
    rc = rc == SIGN_OK ? pdf_spend(file, text.len, err) : rc;
    if (rc == SIGN_OK) {
        *out = arena_str(&file->arena, build_view(&text));
        rc = *out == NULL ? err_nomem(err) : SIGN_OK;
    }
    return rc;
}

/* 12.8.1: /ByteRange is an array of direct integers. Anything else, or other than four, is no range to us. */
static void read_range(struct pdf_signature *sig)
{
    const struct pdf_obj *range = pdf_dict_get(sig->dict, "ByteRange");
    sig->range_ok = range != NULL && range->kind == PDF_ARRAY && range->u.array.n == 4;
    for (size_t i = 0; i < 4 && sig->range_ok; i++) {
        const struct pdf_obj *item = &range->u.array.items[i];
        sig->range_ok = item->kind == PDF_INT && item->u.integer >= 0;
        sig->range[i] = sig->range_ok ? (uint64_t)item->u.integer : 0;
    }
}

static int read_contents(struct pdf_signature *sig, struct pdf_view *view, sign_err *err)
{
    const struct pdf_obj *direct = pdf_dict_get(sig->dict, "Contents"), *contents;
    int rc = pdf_resolve(&contents, view, direct, err);
    sig->contents_start = sig->contents_end = SIGN_NO_OFFSET;
    if (rc == SIGN_OK && contents->kind == PDF_STRING) {
        sig->contents = contents->u.bytes;
        if (contents == direct) {
            sig->contents_start = contents->start;
            sig->contents_end = contents->end;
        }
    }
    return rc;
}

static const struct {
    const char *name;
    enum pdf_subfilter value;
} subfilters[] = {
    { "adbe.pkcs7.detached", PDF_PKCS7_DETACHED },
    { "adbe.pkcs7.sha1", PDF_PKCS7_SHA1 },
    { "adbe.x509.rsa_sha1", PDF_X509_RSA_SHA1 },
    { "ETSI.CAdES.detached", PDF_CADES_DETACHED },
    { "ETSI.RFC3161", PDF_RFC3161 },
};

static int read_kind(struct pdf_signature *sig, struct pdf_view *view, sign_err *err)
{
    const struct pdf_obj *name, *type;
    int rc = pdf_get(&name, view, sig->dict, "SubFilter", err);
    if (rc != SIGN_OK || (rc = pdf_get(&type, view, sig->dict, "Type", err)) != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < COUNT(subfilters); i++) {
        if (pdf_is_name(name, subfilters[i].name)) {
            sig->subfilter = subfilters[i].value;
        }
    }
    sig->doc_timestamp = pdf_is_name(type, "DocTimeStamp") || sig->subfilter == PDF_RFC3161;
    sig->subfilter_name = "";
    return name->kind == PDF_NAME ? keep_text(&sig->subfilter_name, view->file, name->u.bytes, true, err) : SIGN_OK;
}

static int read_texts(struct pdf_signature *sig, struct pdf_view *view, sign_err *err)
{
    struct {
        const char *key, **to;
    } texts[] = {
        { "Name", &sig->signer_name },
        { "Reason", &sig->reason },
        { "Location", &sig->location },
    };
    const struct pdf_obj *value;
    int rc = pdf_get(&value, view, sig->dict, "M", err);
    if (rc == SIGN_OK && value->kind == PDF_STRING) {
        sig->claimed = value->u.bytes;
    }
    for (size_t i = 0; i < COUNT(texts) && rc == SIGN_OK; i++) {
        rc = pdf_get(&value, view, sig->dict, texts[i].key, err);
        if (rc == SIGN_OK && value->kind == PDF_STRING) {
            rc = keep_text(texts[i].to, view->file, value->u.bytes, false, err);
        }
    }
    return rc;
}

/* 12.7.4.1: widgets have no name of their own, and are one with the field above them. */
static const struct pdf_field *named_field(const struct pdf_field *field)
{
    while (!field->named && field->parent != NULL) {
        field = field->parent;
    }
    return field;
}

/*
 * A value belongs to one field: a second one that shows it would pass for a second signature. Widgets that repeat the
 * value of the field which they belong to are not listed again.
 */
static int note_shared(bool *listed, struct list *list, struct pdf_signature *sig, sign_err *err)
{
    uint64_t key = (uint64_t)(uintptr_t)sig->dict;  /* loaded objects are kept: one object, one address */
    size_t at = (size_t)(uintptr_t)pdf_map_get(&list->values, key);
    *listed = at > 0 && named_field(list->items[at - 1].place) == named_field(sig->place);
    if (at > 0 && !*listed) {
        sig->shared = list->items[at - 1].shared = true;
    }
    return at > 0 ? SIGN_OK : pdf_map_put(&list->values, key, (void *)(uintptr_t)(list->n + 1), err);
}

/*
 * A signature is listed where its value stands: a field that inherits /V shows the value of the parent, which is listed
 * already.
 */
static int look_at(void *payload, const struct pdf_field *field, sign_err *err)
{
    struct list *list = payload;
    const struct pdf_obj *value = pdf_dict_get(field->dict, "V");
    struct pdf_signature sig = { .field = field->ref, .place = field };
    int rc = field->signature ? pdf_resolve(&sig.dict, list->view, value, err) : SIGN_OK;
    if (rc != SIGN_OK || !field->signature || sig.dict->kind != PDF_DICT) {
        return rc;
    }
    if ((rc = pdf_spend(list->view->file, 16 * pdf_keys(sig.dict), err)) != SIGN_OK) {
        return rc; /* fields may share a dictionary of a million keys */
    }
    bool listed;
    rc = note_shared(&listed, list, &sig, err);
    if (rc != SIGN_OK || listed) {
        return rc;
    }
    sig.value = value->kind == PDF_REF ? value->u.ref : (struct pdf_ref){ 0 };
    read_range(&sig);
    if ((rc = read_contents(&sig, list->view, err)) != SIGN_OK || (rc = read_kind(&sig, list->view, err)) != SIGN_OK ||
        (rc = read_texts(&sig, list->view, err)) != SIGN_OK ||
        (rc = pdf_field_name(&sig.name, list->view->file, field, err)) != SIGN_OK ||
        (rc = array_grow((void **)&list->items, &list->cap, list->n + 1, sizeof sig, LIMIT_PDF_SIGS, "signatures",
                         err)) != SIGN_OK) {
        return rc;
    }
    list->items[list->n++] = sig;
    return SIGN_OK;
}

/* What has no range comes last. Both halves are below 2^63. */
static uint64_t range_end(const struct pdf_signature *sig)
{
    return sig->range_ok ? sig->range[2] + sig->range[3] : UINT64_MAX;
}

struct ranked {
    struct pdf_signature sig;
    size_t order;
};

static int by_end(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    uint64_t left = range_end(&x->sig), right = range_end(&y->sig);
    int order = (left > right) - (left < right);
    return order != 0 ? order : (x->order > y->order) - (x->order < y->order);
}

static int sort(struct list *list, sign_err *err)
{
    struct ranked *ranked = calloc(list->n + 1, sizeof *ranked);
    if (ranked == NULL) {
        return err_nomem(err);
    }
    for (size_t i = 0; i < list->n; i++) {
        ranked[i] = (struct ranked){ list->items[i], i };
    }
    qsort(ranked, list->n, sizeof *ranked, by_end);
    for (size_t i = 0; i < list->n; i++) {
        list->items[i] = ranked[i].sig;
    }
    free(ranked);
    return SIGN_OK;
}

/* FNV-1a. Two names of one hash are taken for equal: then one of them gets a suffix that it did not need. */
static uint64_t hash(const char *text)
{
    uint64_t h = UINT64_C(0xCBF29CE484222325);
    for (; *text != '\0'; text++) {
        h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001B3);
    }
    return h;
}

/* The second "A" becomes "A#2", the next "A#3", or whatever further is free. */
static int make_unique(struct list *list, struct arena *arena, sign_err *err)
{
    struct pdf_map used = { 0 }; /* hash of a name -> the last suffix given to it */
    int rc = SIGN_OK;
    for (size_t i = 0; i < list->n && rc == SIGN_OK; i++) {
        const char *name = list->items[i].name;
        size_t *last = pdf_map_get(&used, hash(name));
        while (last != NULL && pdf_map_get(&used, hash(name)) != NULL) {
            name = arena_fmt(arena, "%s#%zu", list->items[i].name, ++*last);
            if (name == NULL) {
                pdf_map_free(&used);
                return err_nomem(err);
            }
        }
        size_t *first = ARENA_NEW(arena, size_t);
        if (first == NULL) {
            rc = err_nomem(err);
            break;
        }
        *first = 1;
        list->items[i].name = name;
        rc = pdf_map_put(&used, hash(name), first, err);
    }
    pdf_map_free(&used);
    return rc;
}

static int collect(struct list *list, struct pdf_file *file, sign_err *err)
{
    int rc = pdf_fields(list->view, look_at, list, err);
    if (rc != SIGN_OK || list->n == 0) {
        return rc;
    }
    if ((rc = sort(list, err)) != SIGN_OK || (rc = make_unique(list, &file->arena, err)) != SIGN_OK) {
        return rc;
    }
    file->signatures = arena_dup(&file->arena, list->items, list->n * sizeof *list->items);
    return file->signatures == NULL ? err_nomem(err) : SIGN_OK;
}

int pdf_signatures(const struct pdf_signature **out, size_t *n, struct pdf_file *file, sign_err *err)
{
    if (!file->walked) {
        struct list list = { .view = &file->newest };
        int rc = collect(&list, file, err);
        free(list.items);
        pdf_map_free(&list.values);
        if (rc != SIGN_OK) {
            return rc;
        }
        file->n_signatures = list.n;
        file->walked = true;
    }
    *out = file->signatures;
    *n = file->n_signatures;
    return SIGN_OK;
}
