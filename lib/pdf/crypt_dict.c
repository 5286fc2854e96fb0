/* What the encryption dictionary says (ISO 32000-2 7.6.4.2): versions, the strings that hold the key, crypt filters. */
#include <pdf/crypt.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <pdf/impl.h>
#include <stdio.h>

#define STANDARD "ISO 32000-2 7.6.4.2"
#define FILTERS  "ISO 32000-2 7.6.6"

static int broken(const struct pdf_obj *dict, const char *key, const char *expected, sign_err *err)
{
    return err_set(err, SIGN_E_FORMAT, dict->start, STANDARD, "encryption dictionary: /%s: expected %s", key, expected);
}

static int get_integer(int64_t *out, struct pdf_view *view, const struct pdf_obj *dict, const char *key, sign_err *err)
{
    const struct pdf_obj *value;
    int rc = pdf_get(&value, view, dict, key, err);
    if (rc == SIGN_OK && value->kind != PDF_INT && value->kind != PDF_NULL) {
        rc = broken(dict, key, "an integer", err);
    }
    if (rc == SIGN_OK && value->kind == PDF_INT) {
        *out = value->u.integer;
    }
    return rc;
}

/* Longer ones are met, filled up with zeros: the first bytes count. */
static int get_string(sign_bytes *out, struct pdf_view *view, const struct pdf_obj *dict, const char *key, size_t len,
                      sign_err *err)
{
    const struct pdf_obj *value;
    char expected[40];
    int rc = pdf_get(&value, view, dict, key, err);
    if (rc == SIGN_OK && (value->kind != PDF_STRING || value->u.bytes.len < len)) {
        snprintf(expected, sizeof expected, "a string of %zu bytes", len);
        return broken(dict, key, expected, err);
    }
    *out = rc == SIGN_OK ? bytes_slice(value->u.bytes, 0, len) : (sign_bytes){ 0 };
    return rc;
}

/* Which /V and /R go together, and the bytes of the key: 0 for those that /Length counts. */
static const struct {
    int64_t v, r_from, r_to;
    size_t key_len;
} versions[] = { { 1, 2, 3, 5 }, { 2, 2, 3, 0 }, { 4, 4, 4, 16 }, { 5, 5, 6, 32 } };

static int read_version(struct pdf_locks *locks, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    int64_t bits = 40;
    int rc = get_integer(&locks->v, view, dict, "V", err);
    if (rc != SIGN_OK || (rc = get_integer(&locks->r, view, dict, "R", err)) != SIGN_OK ||
        (rc = get_integer(&bits, view, dict, "Length", err)) != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < COUNT(versions); i++) {
        if (locks->v == versions[i].v && locks->r >= versions[i].r_from && locks->r <= versions[i].r_to) {
            locks->key_len = versions[i].key_len != 0 ? versions[i].key_len : (size_t)(bits / 8);
            bool good = versions[i].key_len != 0 || (bits >= 40 && bits <= 128 && bits % 8 == 0);
            return good ? SIGN_OK : broken(dict, "Length", "40 to 128 bits, a multiple of 8", err);
        }
    }
    return err_set(err, SIGN_E_UNSUPPORTED, dict->start, STANDARD,
                   "encryption of /V %lld with /R %lld: expected /V 1, 2, 4 or 5 with the /R 2 to 6 that belongs to it",
                   (long long)locks->v, (long long)locks->r);
}

static int read_strings(struct pdf_locks *locks, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    struct {
        const char *key;
        sign_bytes *to;
        size_t old, fresh; /* bytes up to revision 4, and from 5 on */
    } all[] = { { "O", &locks->o, 32, 48 },
                { "U", &locks->u, 32, 48 },
                { "OE", &locks->oe, 0, 32 },
                { "UE", &locks->ue, 0, 32 },
                { "Perms", &locks->perms, 0, 16 } };
    int rc = SIGN_OK;
    for (size_t i = 0; i < COUNT(all) && rc == SIGN_OK; i++) {
        size_t len = locks->r >= 5 ? all[i].fresh : all[i].old;
        rc = len == 0 ? SIGN_OK : get_string(all[i].to, view, dict, all[i].key, len, err);
    }
    return rc;
}

/* The file's identifier is part of the key up to revision 4; the trailer's own strings are never encrypted. */
static int read_id(struct pdf_locks *locks, struct pdf_view *view, sign_err *err)
{
    const struct pdf_obj *id, *first = &pdf_null;
    int rc = pdf_get(&id, view, pdf_trailer(view), "ID", err);
    if (rc == SIGN_OK && id->kind == PDF_ARRAY && id->u.array.n > 0) {
        rc = pdf_resolve(&first, view, &id->u.array.items[0], err);
    }
    locks->id = rc == SIGN_OK && first->kind == PDF_STRING ? first->u.bytes : (sign_bytes){ 0 };
    return rc;
}

int pdf_locks_read(struct pdf_locks *locks, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    const struct pdf_obj *metadata;
    int64_t p = INT64_MIN;
    int rc = read_version(locks, view, dict, err);
    if (rc != SIGN_OK || (rc = read_strings(locks, view, dict, err)) != SIGN_OK ||
        (rc = get_integer(&p, view, dict, "P", err)) != SIGN_OK || (rc = read_id(locks, view, err)) != SIGN_OK ||
        (rc = pdf_get(&metadata, view, dict, "EncryptMetadata", err)) != SIGN_OK) {
        return rc;
    }
    if (p < INT32_MIN || p > UINT32_MAX) { /* unsigned ones are met */
        return broken(dict, "P", "an integer of 32 bits", err);
    }
    locks->p = (uint32_t)p;
    locks->encrypt_metadata = metadata->kind != PDF_BOOL || metadata->u.boolean;
    return SIGN_OK;
}

/* --- crypt filters ------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    enum pdf_cipher cipher;
    int64_t v; /* where it may stand */
} methods[] = {
    { "None", PDF_CIPHER_NONE, 0 },
    { "V2", PDF_CIPHER_RC4, 4 },
    { "AESV2", PDF_CIPHER_AES128, 4 },
    { "AESV3", PDF_CIPHER_AES256, 5 },
};

/* What the crypt filter of that name does: Identity, or an entry of /CF. */
static int filter_cipher(enum pdf_cipher *out, struct pdf_view *view, const struct pdf_obj *dict, int64_t v,
                         sign_bytes name, sign_err *err)
{
    const struct pdf_obj *filters, *filter = &pdf_null, *method;
    char shown[PDF_SHOWN];
    *out = PDF_CIPHER_NONE;
    if (bytes_are(name, "Identity")) {
        return SIGN_OK;
    }
    int rc = pdf_get(&filters, view, dict, "CF", err);
    for (size_t i = 0; rc == SIGN_OK && i < pdf_keys(filters); i++) {
        if (bytes_equal(filters->u.dict.entries[i].key, name)) {
            rc = pdf_resolve(&filter, view, &filters->u.dict.entries[i].value, err);
        }
    }
    if (rc != SIGN_OK || (rc = pdf_get(&method, view, filter, "CFM", err)) != SIGN_OK) {
        return rc;
    }
    if (filter->kind != PDF_DICT) {
        return err_set(err, SIGN_E_FORMAT, dict->start, FILTERS, "crypt filter %s: /CF has none of this name",
                       pdf_show(shown, name));
    }
    for (size_t i = 0; i < COUNT(methods); i++) {
        if (pdf_is_name(method, methods[i].name) && (methods[i].v == 0 || methods[i].v == v)) {
            *out = methods[i].cipher;
            return SIGN_OK;
        }
    }
    return err_set(err, SIGN_E_UNSUPPORTED, filter->start, FILTERS, "crypt filter method %s with /V %lld",
                   method->kind == PDF_NAME ? pdf_show(shown, method->u.bytes) : pdf_kind_name(method->kind),
                   (long long)v);
}

int pdf_crypt_filters(struct pdf_crypt *crypt, struct pdf_view *view, sign_err *err)
{
    struct {
        const char *key;
        enum pdf_cipher *to;
    } all[] = { { "StmF", &crypt->streams }, { "StrF", &crypt->strings }, { "EFF", &crypt->files } };
    int rc = SIGN_OK;
    if (crypt->locks.v < 4) {
        crypt->streams = crypt->strings = crypt->files = PDF_CIPHER_RC4;
        return SIGN_OK;
    }
    for (size_t i = 0; i < COUNT(all) && rc == SIGN_OK; i++) {
        const struct pdf_obj *name;
        rc = pdf_get(&name, view, crypt->dict, all[i].key, err);
        bool embedded = all[i].to == &crypt->files;
        *all[i].to = embedded ? crypt->streams : PDF_CIPHER_NONE;
        if (rc == SIGN_OK && name->kind == PDF_NAME) {
            rc = filter_cipher(all[i].to, view, crypt->dict, crypt->locks.v, name->u.bytes, err);
        }
    }
    return rc;
}

/* 7.4.10: a /Crypt filter stands first, and its /Name overrides what the file says. */
static int own_filter(enum pdf_cipher *out, bool *has, struct pdf_view *view, const struct pdf_obj *stream,
                      sign_err *err)
{
    const struct pdf_crypt *crypt = view->file->crypt;
    const struct pdf_obj *filter, *parms, *name;
    int rc = pdf_get(&filter, view, stream, "Filter", err);
    if (rc != SIGN_OK || (rc = pdf_get(&parms, view, stream, "DecodeParms", err)) != SIGN_OK) {
        return rc;
    }
    if (filter->kind == PDF_ARRAY) {
        rc = pdf_resolve(&filter, view, filter->u.array.n > 0 ? filter->u.array.items : NULL, err);
    }
    if (rc == SIGN_OK && parms->kind == PDF_ARRAY) {
        rc = pdf_resolve(&parms, view, parms->u.array.n > 0 ? parms->u.array.items : NULL, err);
    }
    *has = rc == SIGN_OK && pdf_is_name(filter, "Crypt");
    if (!*has || (rc = pdf_get(&name, view, parms, "Name", err)) != SIGN_OK) {
        return rc;
    }
    *out = PDF_CIPHER_NONE;
    sign_bytes wanted = name->kind == PDF_NAME ? name->u.bytes : BYTES_LIT("Identity");
    if (crypt == NULL || crypt->locks.v < 4) {
        char shown[PDF_SHOWN];
        return bytes_are(wanted, "Identity")
                   ? SIGN_OK
                   : err_set(err, SIGN_E_FORMAT, stream->start, FILTERS,
                             "crypt filter %s in a file that has no crypt filters", pdf_show(shown, wanted));
    }
    return filter_cipher(out, view, crypt->dict, crypt->locks.v, wanted, err);
}

int pdf_cipher_of(enum pdf_cipher *out, size_t *skip, struct pdf_view *view, const struct pdf_obj *stream,
                  sign_err *err)
{
    const struct pdf_crypt *crypt = view->file->crypt;
    const struct pdf_obj *type = pdf_dict_get(stream, "Type");
    bool has = false;
    int rc = own_filter(out, &has, view, stream, err);
    *skip = has;
    if (rc != SIGN_OK || has) {
        return rc;
    }
    *out = crypt == NULL ? PDF_CIPHER_NONE : crypt->streams;
    if (crypt == NULL || pdf_is_name(type, "XRef")) { /* 7.5.8.2 */
        *out = PDF_CIPHER_NONE;
    } else if (pdf_is_name(type, "EmbeddedFile")) {
        *out = crypt->files;
    } else if (pdf_is_name(type, "Metadata") && crypt->locks.v >= 4 && !crypt->locks.encrypt_metadata) {
        *out = PDF_CIPHER_NONE;
    }
    return SIGN_OK;
}
