/* Opening an encrypted file (ISO 32000-2 7.6.2): one encryption for all its revisions, and the password that fits. */
#include <pdf/crypt.h>

#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/secret.h>
#include <pdf/impl.h>
#include <pdf/serialize.h>
#include <stdlib.h>

#define CLAUSE "ISO 32000-2 7.6.2"

bool pdf_is_signature_dict(const struct pdf_entry *entries, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool type = bytes_are(entries[i].key, "Type") &&
                    (pdf_is_name(&entries[i].value, "Sig") || pdf_is_name(&entries[i].value, "DocTimeStamp"));
        if (type || bytes_are(entries[i].key, "ByteRange")) {
            return true;
        }
    }
    return false;
}

void pdf_crypt_free(struct pdf_crypt **crypt)
{
    if (*crypt != NULL) {
        wipe((*crypt)->key, sizeof(*crypt)->key);
        free(*crypt);
        *crypt = NULL;
    }
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int check_handler(struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    const struct pdf_obj *name;
    char shown[PDF_SHOWN];
    int rc = pdf_get(&name, view, dict, "Filter", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (dict->kind != PDF_DICT || name->kind != PDF_NAME) {
        return err_set(err, SIGN_E_FORMAT, dict->start, CLAUSE, "/Encrypt: expected a dictionary, found %s%s",
                       pdf_kind_name(dict->kind), dict->kind == PDF_DICT ? " without a /Filter" : "");
    }
    if (dict->duplicate_keys) {
        return err_set(err, SIGN_E_FORMAT, dict->start, "ISO 32000-2 7.3.7",
                       "the encryption dictionary has a key twice: readers differ on what it says");
    }
    return pdf_is_name(name, "Standard")
               ? SIGN_OK
               : err_set(err, SIGN_E_UNSUPPORTED, name->start, CLAUSE,
                         "encrypted with the security handler %s: passwords alone are known here",
                         pdf_show(shown, name->u.bytes));
}

static int try_password(struct pdf_crypt *crypt, bool *found, sign_bytes password, sign_err *err)
{
    return pdf_key_find(crypt->key, found, &crypt->owner, &crypt->locks, password, crypt->crypto, err);
}

/* The empty user password first (7.6.4.1), then the caller's. */
static int unlock(struct pdf_crypt *crypt, struct pdf_file *file, sign_err *err)
{
    const struct secret *secret = NULL;
    bool found = false;
    int rc = try_password(crypt, &found, (sign_bytes){ 0 }, err);
    if (rc == SIGN_OK && !found && file->opts.password == NULL) {
        return err_set(err, SIGN_E_PASSWORD, crypt->dict->start, CLAUSE,
                       "the document is encrypted: a password is needed");
    }
    if (rc == SIGN_OK && !found && (rc = file->opts.password(file->opts.payload, &secret, err)) == SIGN_OK) {
        rc = try_password(crypt, &found, bytes_of(secret->ptr, secret->len), err);
        if (rc == SIGN_OK && !found) {
            return err_set(err, SIGN_E_PASSWORD, crypt->dict->start, CLAUSE,
                           "the document is encrypted, and the password is neither its user's nor its owner's");
        }
    }
    crypt->perms_agree = true;
    return rc == SIGN_OK && crypt->locks.r >= 5
               ? pdf_perms_agree(&crypt->perms_agree, &crypt->locks, crypt->key, crypt->crypto, err)
               : rc;
}

static int open_crypt(struct pdf_view *view, const struct pdf_obj *dict, struct pdf_ref self, sign_err *err)
{
    struct pdf_file *file = view->file;
    CLEANUP(pdf_crypt_free) struct pdf_crypt *crypt = calloc(1, sizeof *crypt);
    if (crypt == NULL) {
        return err_nomem(err);
    }
    int rc = check_handler(view, dict, err);
    if (rc == SIGN_OK && file->crypto == NULL) {
        rc = err_set(err, SIGN_E_UNSUPPORTED, dict->start, CLAUSE, "encrypted, and nothing here decrypts");
    }
    crypt->crypto = file->crypto;
    crypt->self = self;
    crypt->dict = dict;
    if (rc != SIGN_OK || (rc = pdf_locks_read(&crypt->locks, view, dict, err)) != SIGN_OK ||
        (rc = pdf_crypt_filters(crypt, view, err)) != SIGN_OK || (rc = unlock(crypt, file, err)) != SIGN_OK) {
        return rc;
    }
    file->crypt = crypt;
    crypt = NULL;
    return SIGN_OK;
}

/* --- views -------------------------------------------------------------------------------------------------------- */

/* The encryption dictionary of a view, NULL where there is none; *self: its number. */
static int find_dict(const struct pdf_obj **out, struct pdf_ref *self, struct pdf_view *view, sign_err *err)
{
    const struct pdf_obj *value = pdf_dict_get(pdf_trailer(view), "Encrypt");
    struct pdf_where where;
    *out = NULL;
    *self = (struct pdf_ref){ 0, 0 };
    int rc = SIGN_OK;
    if (value != NULL && value->kind == PDF_REF) {
        *self = value->u.ref;
        if ((rc = pdf_locate(&where, view, self->num, err)) != SIGN_OK) {
            return rc;
        }
        if (where.kind == PDF_IN_STREAM) {
            return err_set(err, SIGN_E_FORMAT, value->start, "ISO 32000-2 7.5.7",
                           "the encryption dictionary stands in an object stream");
        }
        rc = pdf_load(&value, view, *self, err);
    }
    *out = rc != SIGN_OK || value == NULL || value->kind == PDF_NULL ? NULL : value;
    return rc;
}

/* The entries that make the key and say what it opens. */
static const char *const decisive[] = { "Filter", "V", "R",  "Length", "O",    "U",   "OE",
                                        "UE",     "P", "CF", "StmF",   "StrF", "EFF", "EncryptMetadata" };

static int same_dict(bool *same, const struct pdf_obj *one, const struct pdf_obj *two, sign_err *err)
{
    *same = one == two;
    if (*same || pdf_keys(one) > 64 || pdf_keys(two) > 64) {
        return SIGN_OK;
    }
    CLEANUP(build_free) struct build left = { 0 };
    CLEANUP(build_free) struct build right = { 0 };
    for (size_t i = 0; i < COUNT(decisive); i++) {
        const struct pdf_obj *a = pdf_dict_get(one, decisive[i]), *b = pdf_dict_get(two, decisive[i]);
        pdf_put_object(&left, a == NULL ? &pdf_null : a, NULL);
        pdf_put_object(&right, b == NULL ? &pdf_null : b, NULL);
        build_byte(&left, ' ');
        build_byte(&right, ' ');
    }
    *same = bytes_equal(build_view(&left), build_view(&right));
    int rc = build_check(&left, err, "the encryption dictionary");
    return rc != SIGN_OK ? rc : build_check(&right, err, "the encryption dictionary");
}

int pdf_check_encryption(struct pdf_view *view, sign_err *err)
{
    struct pdf_file *file = view->file;
    const struct pdf_obj *dict;
    struct pdf_ref self;
    bool same = false;
    int rc = find_dict(&dict, &self, view, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (!file->crypt_known) {
        rc = dict == NULL ? SIGN_OK : open_crypt(view, dict, self, err);
        file->crypt_known = rc == SIGN_OK;
        return rc;
    }
    if (dict == NULL || file->crypt == NULL) {
        same = (dict == NULL) == (file->crypt == NULL);
    } else if (self.num == file->crypt->self.num) {
        rc = same_dict(&same, dict, file->crypt->dict, err);
    }
    if (rc == SIGN_OK && !same) {
        rc = err_set(err, SIGN_E_FORMAT, pdf_trailer(view)->start, CLAUSE,
                     "the revisions of the file are not encrypted alike: an update can not change that");
    }
    return rc;
}

void pdf_forget(struct pdf_file *file)
{
    pdf_crypt_free(&file->crypt);
    file->crypt_known = false;
    for (size_t i = 0; i < PDF_OBJSTM_KEPT; i++) {
        pdf_objstm_free(&file->kept[i]);
    }
    pdf_map_free(&file->objects);
    file->objects = (struct pdf_map){ 0 };
}

/* --- for others --------------------------------------------------------------------------------------------------- */

int pdf_become_owner(struct pdf_file *file, sign_err *err)
{
    struct pdf_crypt *crypt = file->crypt, trial;
    const struct secret *secret = NULL;
    bool found = false;
    if (crypt == NULL || crypt->owner || file->opts.password == NULL ||
        file->opts.password(file->opts.payload, &secret, NULL) != SIGN_OK) {
        return SIGN_OK; /* nobody to ask: the user's rights stay as they are */
    }
    trial = *crypt;
    int rc = try_password(&trial, &found, bytes_of(secret->ptr, secret->len), err);
    crypt->owner = rc == SIGN_OK && found && trial.owner;
    wipe(trial.key, sizeof trial.key);
    return rc;
}

struct pdf_rights pdf_rights(const struct pdf_file *file)
{
    static const char *const names[] = { "none", "RC4", "AES-128", "AES-256" };
    const struct pdf_crypt *crypt = file->crypt;
    if (crypt == NULL) {
        return (struct pdf_rights){ .owner = true, .perms_agree = true, .cipher = "none" };
    }
    return (struct pdf_rights){
        .encrypted = true,
        .owner = crypt->owner,
        .perms_agree = crypt->perms_agree,
        .version = crypt->locks.v,
        .revision = crypt->locks.r,
        .permissions = crypt->locks.p,
        .cipher = names[crypt->strings],
        .key_bits = (unsigned)crypt->locks.key_len * 8,
    };
}
