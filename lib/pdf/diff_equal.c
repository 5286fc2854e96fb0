/* Comparing values of two views: references by number, everything else by content. */
#include <base/err.h>
#include <base/limits.h>
#include <pdf/diff_impl.h>
#include <stdlib.h>

static const struct pdf_place *place_of(const struct pdf_view *view, uint32_t num)
{
    const struct pdf_place *place = pdf_place_in(view, num);
    return place == NULL || place->kind == PDF_PLACE_FREE ? NULL : place;
}

bool diff_is_new(struct pdf_log *log, uint32_t num)
{
    return place_of(&log->before, num) == NULL && place_of(&log->after, num) != NULL;
}

static int by_key(const void *a, const void *b)
{
    sign_bytes x = ((const struct pair *)a)->key, y = ((const struct pair *)b)->key;
    size_t n = x.len < y.len ? x.len : y.len;
    int order = n == 0 ? 0 : memcmp(x.ptr, y.ptr, n);
    return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

static void add_entries(struct pair *list, size_t *n, const struct pdf_obj *dict, bool after)
{
    for (size_t i = 0; i < pdf_keys(dict); i++) {
        const struct pdf_entry *entry = &dict->u.dict.entries[i];
        list[*n] = (struct pair){ .key = entry->key };
        *(after ? &list[*n].after : &list[*n].before) = &entry->value;
        ++*n;
    }
}

int diff_pairs(struct pair **out, size_t *n, struct pdf_log *log, const struct pdf_obj *before,
               const struct pdf_obj *after, sign_err *err)
{
    size_t total = pdf_keys(before) + pdf_keys(after), raw = 0;
    int rc = pdf_spend(log->file, 32 * total, err);
    struct pair *list = rc == SIGN_OK ? calloc(total + 1, sizeof *list) : NULL;
    if (list == NULL) {
        return rc != SIGN_OK ? rc : err_nomem(err);
    }
    add_entries(list, &raw, before, false);
    add_entries(list, &raw, after, true);
    qsort(list, raw, sizeof *list, by_key);
    *n = 0;
    /* Which one of a key that stands twice comes out does not matter: duplicates are noted elsewhere. */
    for (size_t i = 0; i < raw; i++) {
        if (*n > 0 && bytes_equal(list[*n - 1].key, list[i].key)) {
            struct pair *same = &list[*n - 1];
            same->before = list[i].before != NULL ? list[i].before : same->before;
            same->after = list[i].after != NULL ? list[i].after : same->after;
        } else {
            list[(*n)++] = list[i];
        }
    }
    *out = list;
    return SIGN_OK;
}

bool diff_has_duplicates(const struct pdf_obj *obj)
{
    bool found = pdf_keys(obj) > 0 && obj->duplicate_keys;
    for (size_t i = 0; i < pdf_keys(obj) && !found; i++) {
        found = diff_has_duplicates(&obj->u.dict.entries[i].value);
    }
    for (size_t i = 0; obj->kind == PDF_ARRAY && i < obj->u.array.n && !found; i++) {
        found = diff_has_duplicates(&obj->u.array.items[i]);
    }
    return found;
}

static int equal_dicts(bool *equal, struct pdf_log *log, const struct pdf_obj *a, const struct pdf_obj *b,
                       sign_err *err)
{
    struct pair *pairs;
    size_t n;
    int rc = diff_pairs(&pairs, &n, log, a, b, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < n && rc == SIGN_OK && *equal; i++) {
        const struct pdf_obj *before = pairs[i].before, *after = pairs[i].after;
        rc = diff_equal(equal, log, before == NULL ? &pdf_null : before, after == NULL ? &pdf_null : after, err);
    }
    free(pairs);
    return rc;
}

static int equal_data(bool *equal, struct pdf_file *file, const struct pdf_obj *a, const struct pdf_obj *b,
                      sign_err *err)
{
    uint64_t len = a->u.dict.data_len;
    uint8_t part[512];
    *equal = len == b->u.dict.data_len;
    int rc = pdf_spend(file, 2 * len, err);
    for (uint64_t at = 0; at < len && *equal && rc == SIGN_OK; at += sizeof part) {
        size_t n = len - at < sizeof part ? (size_t)(len - at) : sizeof part;
        sign_bytes bytes;
        rc = pdf_window(file, a->u.dict.data + at, n, &bytes, err);
        if (rc == SIGN_OK && bytes.len >= n) {
            memcpy(part, bytes.ptr, n);
            rc = pdf_window(file, b->u.dict.data + at, n, &bytes, err);
        }
        *equal = rc == SIGN_OK && bytes.len >= n && memcmp(part, bytes.ptr, n) == 0;
    }
    return rc;
}

static int equal_arrays(bool *equal, struct pdf_log *log, const struct pdf_obj *a, const struct pdf_obj *b,
                        sign_err *err)
{
    int rc = pdf_spend(log->file, 8 * a->u.array.n, err);
    *equal = a->u.array.n == b->u.array.n;
    for (size_t i = 0; i < a->u.array.n && *equal && rc == SIGN_OK; i++) {
        rc = diff_equal(equal, log, &a->u.array.items[i], &b->u.array.items[i], err);
    }
    return rc;
}

static double number(const struct pdf_obj *obj)
{
    return obj->kind == PDF_INT ? (double)obj->u.integer : obj->u.real;
}

static bool is_number(const struct pdf_obj *obj)
{
    return obj->kind == PDF_INT || obj->kind == PDF_REAL;
}

static bool equal_leaves(struct pdf_log *log, const struct pdf_obj *a, const struct pdf_obj *b)
{
    switch (a->kind) {
    case PDF_NULL:
        return true;
    case PDF_BOOL:
        return a->u.boolean == b->u.boolean;
    case PDF_INT:
        return a->u.integer == b->u.integer;
    case PDF_NAME:
    case PDF_STRING:
        return bytes_equal(a->u.bytes, b->u.bytes);
    case PDF_REF:
        return a->u.ref.num == b->u.ref.num && a->u.ref.gen == b->u.ref.gen && !diff_is_new(log, a->u.ref.num);
    case PDF_REAL:
        return a->u.real >= b->u.real && a->u.real <= b->u.real;
    case PDF_ARRAY:
    case PDF_DICT:
    case PDF_STREAM:
        break;
    }
    return false;
}

int diff_equal(bool *equal, struct pdf_log *log, const struct pdf_obj *before, const struct pdf_obj *after,
               sign_err *err)
{
    *equal = true;
    if (before == after && before->kind == PDF_NULL) {
        return SIGN_OK;
    }
    if (is_number(before) && is_number(after) && (before->kind == PDF_REAL || after->kind == PDF_REAL)) {
        *equal = number(before) >= number(after) && number(before) <= number(after);
        return SIGN_OK;
    }
    *equal = before->kind == after->kind;
    if (!*equal) {
        return SIGN_OK;
    }
    if (before->kind == PDF_ARRAY) {
        return equal_arrays(equal, log, before, after, err);
    }
    if (before->kind == PDF_DICT || before->kind == PDF_STREAM) {
        int rc = equal_dicts(equal, log, before, after, err);
        if (rc == SIGN_OK && *equal && before->kind == PDF_STREAM) {
            rc = equal_data(equal, log->file, before, after, err);
        }
        return rc;
    }
    *equal = equal_leaves(log, before, after);
    return SIGN_OK;
}
