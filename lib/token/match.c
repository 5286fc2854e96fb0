/* Private keys, and which certificate each belongs to. */
#include <token/session.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>

#define POINT_MAX 256   /* uncompressed, of the largest curve: 145 bytes */

/*
 * The public point: some tokens show it with the private key, the others with a public key of the same CKA_ID. It is
 * left empty where neither does; RSA private keys have their modulus (PKCS#11 v2.40 2.1.3).
 */
static int read_point(struct private_key *key, struct token *token, struct arena *arena, sign_err *err)
{
    int rc = object_attr(token, key->handle, CKA_EC_POINT, arena, &key->point, err);
    if (rc != SIGN_OK || key->point.len > 0 || key->id.len == 0) {
        return rc;
    }
    CK_OBJECT_HANDLE public[2];
    size_t n = 0;
    rc = objects_find(token, CKO_PUBLIC_KEY, key->id, public, COUNT(public), &n, err);
    if (rc == SIGN_E_LIMIT || (rc == SIGN_OK && n != 1)) {
        return SIGN_OK;     /* several: they say nothing */
    }
    return rc != SIGN_OK ? rc : object_attr(token, public[0], CKA_EC_POINT, arena, &key->point, err);
}

static int read_key(struct private_key *key, struct token *token, struct arena *arena, sign_err *err)
{
    int rc = object_number(token, key->handle, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION, &key->type, err);
    if (rc == SIGN_OK) {
        rc = object_attr(token, key->handle, CKA_ID, arena, &key->id, err);
    }
    if (rc == SIGN_OK) {
        rc = object_attr(token, key->handle, CKA_LABEL, arena, &key->label, err);
    }
    if (rc == SIGN_OK) {
        rc = object_flag(token, key->handle, CKA_ALWAYS_AUTHENTICATE, false, &key->ask_always, err);
    }
    if (rc == SIGN_OK && key->type == CKK_RSA) {
        rc = object_attr(token, key->handle, CKA_MODULUS, arena, &key->modulus, err);
    }
    if (rc == SIGN_OK && key->type == CKK_EC) {
        rc = read_point(key, token, arena, err);
    }
    return rc;
}

int private_keys_read(struct private_key **out, size_t *n, struct token *token, struct arena *arena, sign_err *err)
{
    CK_OBJECT_HANDLE *handles = arena_array(arena, LIMIT_TOKEN_OBJECTS, sizeof *handles);
    size_t found = 0;
    *n = 0;
    if (!handles) {
        return err_nomem(err);
    }
    int rc = objects_find(token, CKO_PRIVATE_KEY, (sign_bytes){ 0 }, handles, LIMIT_TOKEN_OBJECTS, &found, err);
    *out = arena_array(arena, found + 1, sizeof **out);
    if (rc == SIGN_OK && !*out) {
        return err_nomem(err);
    }
    for (size_t i = 0; rc == SIGN_OK && i < found; i++) {
        struct private_key *key = &(*out)[*n];
        bool signs = true;
        rc = object_flag(token, handles[i], CKA_SIGN, true, &signs, err);
        if (rc == SIGN_OK && signs) {
            *key = (struct private_key){ .handle = handles[i] };
            rc = read_key(key, token, arena, err);
            ++*n;
        }
    }
    return rc;
}

enum likeness { OTHER, UNKNOWN, SAME };

static void bn_drop(BIGNUM **bn)
{
    BN_free(*bn);
}

static enum likeness compare_modulus(sign_bytes modulus, EVP_PKEY *pkey)
{
    CLEANUP(bn_drop) BIGNUM *n = NULL;
    if (modulus.len == 0 || EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) != 1) {
        return UNKNOWN;
    }
    CLEANUP(bn_drop) BIGNUM *m = BN_bin2bn(modulus.ptr, (int)modulus.len, NULL);
    return !m ? UNKNOWN : BN_cmp(m, n) == 0 ? SAME : OTHER;
}

/* CKA_EC_POINT is the point in an OCTET STRING (two or three bytes before it); some tokens forget that (quirk). */
static enum likeness compare_point(sign_bytes point, EVP_PKEY *pkey)
{
    uint8_t own[POINT_MAX];
    size_t len = 0;
    if (EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, own, sizeof own, &len) != 1 || point.len < len ||
        point.len > len + 3) {
        return UNKNOWN;     /* also a compressed one */
    }
    return bytes_equal(bytes_slice(point, point.len - len, len), bytes_of(own, len)) ? SAME : OTHER;
}

static enum likeness compare(const struct private_key *key, EVP_PKEY *pkey)
{
    switch (pkey ? EVP_PKEY_get_base_id(pkey) : 0) {
    case EVP_PKEY_RSA:
    case EVP_PKEY_RSA_PSS:
        return key->type == CKK_RSA ? compare_modulus(key->modulus, pkey) : OTHER;
    case EVP_PKEY_EC:
        return key->type == CKK_EC ? compare_point(key->point, pkey) : OTHER;
    default:
        return OTHER;       /* no key that signs documents */
    }
}

/*
 * CKA_ID ties the two together (PKCS#11 v2.40 4.8), but renewed certificates share it with their predecessor's key on
 * some tokens, and others leave it empty: the public value decides wherever it can be read.
 */
const struct private_key *private_key_of(const struct private_key *keys, size_t n, const sign_cert *cert, sign_bytes id)
{
    const struct private_key *likely = NULL;
    ERR_set_mark();
    for (size_t i = 0; i < n; i++) {
        enum likeness likeness = compare(&keys[i], cert_key(cert));
        if (likeness == SAME) {
            likely = &keys[i];
            break;
        }
        if (likeness == UNKNOWN && !likely && id.len > 0 && bytes_equal(keys[i].id, id)) {
            likely = &keys[i];
        }
    }
    ERR_pop_to_mark();
    return likely;
}
