/* Reading a PKCS#12 file. */
#include <sign/p12.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <stdlib.h>

void p12_key_free(struct p12_key **key)
{
    struct p12_key *k = *key;
    *key = NULL;
    if (!k) {
        return;
    }
    EVP_PKEY_free(k->key);
    if (k->legacy) {
        OSSL_PROVIDER_unload(k->legacy);
    }
    if (k->standard) {
        OSSL_PROVIDER_unload(k->standard);
    }
    OSSL_LIB_CTX_free(k->lib);
    free(k);
}

int p12_key_new(struct p12_key **out, sign_err *err)
{
    CLEANUP(p12_key_free) struct p12_key *key = calloc(1, sizeof *key);
    if (!key || !(key->lib = OSSL_LIB_CTX_new())) {
        return err_nomem(err);
    }
    key->standard = OSSL_PROVIDER_load(key->lib, "default");
    key->legacy = OSSL_PROVIDER_load(key->lib, "legacy");   /* not installed everywhere; newer files do without */
    if (!key->standard) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "OpenSSL's default provider cannot be loaded");
    }
    *out = key;
    key = NULL;
    return SIGN_OK;
}

static void p12_drop(PKCS12 **p12)
{
    PKCS12_free(*p12);
}

static int decode(PKCS12 **out, OSSL_LIB_CTX *lib, sign_bytes bytes, const char *path, sign_err *err)
{
    const unsigned char *at = bytes.ptr;
    /* What is decoded into it keeps the context. */
    CLEANUP(p12_drop) PKCS12 *p12 = PKCS12_init_ex(NID_pkcs7_data, lib, NULL);
    if (!p12) {
        return err_nomem(err);
    }
    if (!d2i_PKCS12(&p12, &at, (long)bytes.len) || at != bytes.ptr + bytes.len) {
        return err_set(err, SIGN_E_FORMAT, (uint64_t)(at - bytes.ptr), "RFC 7292 4",
                       "%s: expected exactly one PKCS#12 file", path);
    }
    *out = p12;
    p12 = NULL;
    return SIGN_OK;
}

/*
 * PKCS12_parse of OpenSSL 3.0 decrypts the key in the default library context, whatever the file was decoded in: so the
 * bags are opened here.
 */
struct reading {
    struct p12_key *key;
    STACK_OF(X509) *certs;
    const char *path, *phrase;      /* phrase NULL: no characters at all, not even the BMPString's end (RFC 7292 B.1) */
    int phrase_len;
    bool has_mac;
};

static int refuse(const struct reading *r, sign_err *err)
{
    unsigned long code = ERR_peek_last_error();
    const char *why = ERR_reason_error_string(code);
    if (ERR_GET_REASON(code) == ERR_R_UNSUPPORTED) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL,
                       "%s: encrypted with an algorithm that OpenSSL does not have", r->path);
    }
    if (!r->has_mac) {
        return err_set(err, SIGN_E_PASSWORD, SIGN_NO_OFFSET, NULL, "%s: the pass phrase does not open it", r->path);
    }
    return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, "RFC 7292 4", "%s: %s", r->path, why ? why : "cannot be read");
}

/* The empty pass phrase is two: an empty BMPString and none; programs differ. */
static int check_mac(struct reading *r, PKCS12 *p12, sign_err *err)
{
    unsigned long before = ERR_peek_last_error();
    r->has_mac = PKCS12_mac_present(p12);
    if (!r->has_mac || PKCS12_verify_mac(p12, r->phrase, r->phrase_len) == 1) {
        return SIGN_OK;
    }
    if (r->phrase_len == 0 && PKCS12_verify_mac(p12, NULL, 0) == 1) {
        r->phrase = NULL;
        return SIGN_OK;
    }
    if (ERR_peek_last_error() != before) {      /* a MAC that merely differs leaves no error */
        return refuse(r, err);
    }
    return err_set(err, SIGN_E_PASSWORD, SIGN_NO_OFFSET, NULL, "%s: the pass phrase is wrong", r->path);
}

static void p8_drop(PKCS8_PRIV_KEY_INFO **p8)
{
    PKCS8_PRIV_KEY_INFO_free(*p8);
}

static int take_key(const struct reading *r, const PKCS8_PRIV_KEY_INFO *p8, sign_err *err)
{
    if (r->key->key) {
        return err_set(err, SIGN_E_AMBIGUOUS, SIGN_NO_OFFSET, NULL, "%s: several private keys in it", r->path);
    }
    r->key->key = p8 ? EVP_PKCS82PKEY_ex(p8, r->key->lib, NULL) : NULL;
    return r->key->key ? SIGN_OK : refuse(r, err);
}

static int take_cert(const struct reading *r, const PKCS12_SAFEBAG *bag, sign_err *err)
{
    X509 *cert = PKCS12_SAFEBAG_get1_cert(bag); /* NULL for SDSI, and for what is no certificate: not the key's then */
    if (cert && sk_X509_push(r->certs, cert) <= 0) {
        X509_free(cert);
        return err_nomem(err);
    }
    return SIGN_OK;
}

static int take_bag(const struct reading *r, const PKCS12_SAFEBAG *bag, sign_err *err)
{
    switch (PKCS12_SAFEBAG_get_nid(bag)) {
    case NID_keyBag:
        return take_key(r, PKCS12_SAFEBAG_get0_p8inf(bag), err);
    case NID_pkcs8ShroudedKeyBag: {
        CLEANUP(p8_drop) PKCS8_PRIV_KEY_INFO *p8 =
            PKCS12_decrypt_skey_ex(bag, r->phrase, r->phrase_len, r->key->lib, NULL);
        return take_key(r, p8, err);
    }
    case NID_certBag:
        return take_cert(r, bag, err);
    default:
        return SIGN_OK;     /* CRLs, secrets, nested contents: nothing that signs */
    }
}

static void bags_drop(STACK_OF(PKCS12_SAFEBAG) **bags)
{
    sk_PKCS12_SAFEBAG_pop_free(*bags, PKCS12_SAFEBAG_free);
}

static int take_safe(const struct reading *r, PKCS7 *safe, sign_err *err)
{
    CLEANUP(bags_drop) STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
    switch (OBJ_obj2nid(safe->type)) {
    case NID_pkcs7_data:
        bags = PKCS12_unpack_p7data(safe);
        break;
    case NID_pkcs7_encrypted:
        bags = PKCS12_unpack_p7encdata(safe, r->phrase, r->phrase_len);
        break;
    default:
        return SIGN_OK;
    }
    int rc = bags ? SIGN_OK : refuse(r, err);
    for (int i = 0; rc == SIGN_OK && i < sk_PKCS12_SAFEBAG_num(bags); i++) {
        rc = take_bag(r, sk_PKCS12_SAFEBAG_value(bags, i), err);
    }
    return rc;
}

static void safes_drop(STACK_OF(PKCS7) **safes)
{
    sk_PKCS7_pop_free(*safes, PKCS7_free);
}

int p12_read(struct p12_key *key, STACK_OF(X509) *certs, sign_bytes bytes, const char *path,
             const struct secret *phrase, sign_err *err)
{
    CLEANUP(p12_drop) PKCS12 *p12 = NULL;
    CLEANUP(safes_drop) STACK_OF(PKCS7) *safes = NULL;
    struct reading r = { key, certs, path, phrase->ptr, (int)phrase->len, false };
    int rc = decode(&p12, key->lib, bytes, path, err);
    if (rc == SIGN_OK) {
        rc = check_mac(&r, p12, err);
    }
    if (rc == SIGN_OK && !(safes = PKCS12_unpack_authsafes(p12))) {
        rc = refuse(&r, err);
    }
    for (int i = 0; rc == SIGN_OK && i < sk_PKCS7_num(safes); i++) {
        rc = take_safe(&r, sk_PKCS7_value(safes, i), err);
    }
    if (rc == SIGN_OK && !key->key) {
        rc = err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL, "%s: there is no private key in it", path);
    }
    return rc;
}
