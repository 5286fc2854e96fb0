/* Filling a trust store from bytes, files and folders. */
#include <base/arena.h>
#include <base/array.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <cert/der.h>
#include <cert/trust_impl.h>
#include <dirent.h>
#include <errno.h>
#include <io/source.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <sys/stat.h>

static int add_cert(sign_trust *trust, sign_bytes der, bool anchor, sign_err *err)
{
    sign_cert *cert = NULL;
    int rc = cert_get(trust->cache, der, &cert, err);
    return rc == SIGN_OK ? trust_add_cert(trust, cert, anchor, err) : rc;
}

static int add_crl(sign_trust *trust, sign_bytes der, sign_err *err)
{
    struct crl *crl = NULL;
    int rc = crl_decode(&crl, der, err);
    return rc == SIGN_OK ? trust_add_crl(trust, crl, err) : rc;
}

struct pem_block {
    char *name, *header;
    uint8_t *data;
    long len;
};

static void pem_drop(struct pem_block *block)
{
    OPENSSL_free(block->name);
    OPENSSL_free(block->header);
    OPENSSL_free(block->data);
    *block = (struct pem_block){ 0 };
}

static void bio_drop(BIO **bio)
{
    BIO_free(*bio);
}

/* RFC 7468 5 and 6, with the older name of a certificate. Other blocks (a key, parameters) are none of ours. */
static int add_block(sign_trust *trust, const struct pem_block *block, bool anchor, size_t *used, sign_err *err)
{
    sign_bytes der = bytes_of(block->data, (size_t)block->len);
    if (strcmp(block->name, PEM_STRING_X509) == 0 || strcmp(block->name, PEM_STRING_X509_OLD) == 0) {
        ++*used;
        return add_cert(trust, der, anchor, err);
    }
    if (strcmp(block->name, PEM_STRING_X509_CRL) == 0) {
        ++*used;
        return add_crl(trust, der, err);
    }
    return SIGN_OK;
}

static int next_block(BIO *bio, struct pem_block *block, bool *end, sign_err *err)
{
    ERR_set_mark();
    int got = PEM_read_bio(bio, &block->name, &block->header, &block->data, &block->len);
    *end = got != 1 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_pop_to_mark();
    return got == 1 || *end ? SIGN_OK
                            : err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, "RFC 7468 2", "PEM: a broken block");
}

static int found_none(sign_err *err)
{
    return err_set(err, SIGN_E_FORMAT, 0, NULL, "expected certificates or CRLs, DER or PEM; found none");
}

static int add_pem(sign_trust *trust, sign_bytes text, bool anchor, sign_err *err)
{
    CLEANUP(bio_drop) BIO *bio = BIO_new_mem_buf(text.ptr, (int)text.len);
    if (bio == NULL) {
        return err_nomem(err);
    }
    size_t used = 0;
    for (;;) {
        CLEANUP(pem_drop) struct pem_block block = { 0 };
        bool end = false;
        int rc = next_block(bio, &block, &end, err);
        if (rc == SIGN_OK && end) {
            break;
        }
        if (rc == SIGN_OK) {
            rc = add_block(trust, &block, anchor, &used, err);
        }
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return used > 0 ? SIGN_OK : found_none(err);
}

static int add_bytes(sign_trust *trust, sign_bytes bytes, bool anchor, sign_err *err)
{
    if (!trust || (!bytes.ptr && bytes.len)) {
        return err_arg(err, "sign_trust_add: trust or bytes.ptr is NULL");
    }
    if (bytes.len > LIMIT_CONFIG_FILE) {
        return err_set(err, SIGN_E_LIMIT, 0, NULL, "%zu bytes of certificates or CRLs; at most %zu", bytes.len,
                       LIMIT_CONFIG_FILE);
    }
    if (bytes.len == 0) {
        return found_none(err);
    }
    if (bytes.ptr[0] != DER_SEQUENCE) {
        return add_pem(trust, bytes, anchor, err);
    }
    return crl_looks_like(bytes) ? add_crl(trust, bytes, err) : add_cert(trust, bytes, anchor, err);
}

int sign_trust_add_anchor(sign_trust *trust, sign_bytes der_or_pem, sign_err *err)
{
    return add_bytes(trust, der_or_pem, true, err);
}

int sign_trust_add_evidence(sign_trust *trust, sign_bytes der_or_pem, sign_err *err)
{
    return add_bytes(trust, der_or_pem, false, err);
}

static int add_file(sign_trust *trust, bool anchor, const char *path, sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(arena_free) struct arena arena = { 0 };
    sign_bytes bytes = { 0 };
    int rc = source_open(&source, path, NULL, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (source_size(source) > LIMIT_CONFIG_FILE) {
        return err_set(err, SIGN_E_LIMIT, 0, NULL, "%s: larger than %zu bytes", path, LIMIT_CONFIG_FILE);
    }
    rc = source_bytes(source, 0, (size_t)source_size(source), &arena, &bytes, err);
    if (rc == SIGN_OK) {
        rc = add_bytes(trust, bytes, anchor, err);
        rc = rc == SIGN_OK ? rc : err_in(err, rc, "%s", path);
    }
    return rc;
}

struct names {
    char **list;
    size_t n, cap;
};

static void names_drop(struct names *names)
{
    for (size_t i = 0; i < names->n; i++) {
        free(names->list[i]);
    }
    free(names->list);
    *names = (struct names){ 0 };
}

static void dir_drop(DIR **dir)
{
    if (*dir != NULL) {
        closedir(*dir);
    }
}

static bool is_ours(const char *name)
{
    static const char *const endings[] = { ".pem", ".crt", ".cer", ".der", ".crl" };
    sign_bytes all = bytes_str(name);
    if (all.len < 4 || name[0] == '.') {
        return false;
    }
    for (size_t i = 0; i < COUNT(endings); i++) {
        if (ascii_equal_nocase(bytes_slice(all, all.len - 4, 4), bytes_str(endings[i]))) {
            return true;
        }
    }
    return false;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_folder(struct names *out, const char *path, sign_err *err)
{
    CLEANUP(dir_drop) DIR *dir = opendir(path);
    if (dir == NULL) {
        return err_errno(err, "open folder %s", path);
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (entry == NULL) {
            break;
        }
        if (!is_ours(entry->d_name)) {
            continue;
        }
        int rc = array_grow((void **)&out->list, &out->cap, out->n + 1, sizeof *out->list, LIMIT_TRUST_FILES,
                            "files of a trust folder", err);
        if (rc != SIGN_OK) {
            return rc;
        }
        if (asprintf(&out->list[out->n], "%s/%s", path, entry->d_name) < 0) {
            return err_nomem(err);
        }
        out->n++;
    }
    if (errno != 0) {
        return err_errno(err, "read folder %s", path);
    }
    if (out->n > 1) {
        qsort(out->list, out->n, sizeof *out->list, by_name);
    }
    return SIGN_OK;
}

int sign_trust_add_path(sign_trust *trust, int what, const char *path, sign_err *err)
{
    if (!trust || !path) {
        return err_arg(err, "sign_trust_add_path: trust or path is NULL");
    }
    if (what != SIGN_TRUST_ANCHORS && what != SIGN_TRUST_EVIDENCE) {
        return err_arg(err, "sign_trust_add_path: what is %d", what);
    }
    struct stat info;
    if (stat(path, &info) != 0) {
        return err_errno(err, "open %s", path);
    }
    bool anchor = what == SIGN_TRUST_ANCHORS;
    if (!S_ISDIR(info.st_mode)) {
        return add_file(trust, anchor, path, err);
    }
    CLEANUP(names_drop) struct names names = { 0 };
    int rc = list_folder(&names, path, err);
    for (size_t i = 0; i < names.n && rc == SIGN_OK; i++) {
        rc = add_file(trust, anchor, names.list[i], err);
    }
    return rc;
}
