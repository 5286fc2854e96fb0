/* Strings and streams under the file's key (ISO 32000-2 7.6.3). */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/secret.h>
#include <crypto/cipher.h>
#include <pdf/crypt.h>
#include <pdf/lex.h>

/* Algorithm 1: each object has a key of its own; 1.A: with AES-256, the file's key serves for all. */
static int object_key(uint8_t key[PDF_KEY_MAX], size_t *len, const struct pdf_crypt *crypt, enum pdf_cipher cipher,
                      struct pdf_ref ref, sign_err *err)
{
    size_t n = crypt->locks.key_len;
    if (cipher == PDF_CIPHER_AES256) {
        memcpy(key, crypt->key, PDF_KEY_MAX);
        *len = PDF_KEY_MAX;
        return SIGN_OK;
    }
    uint8_t in[PDF_KEY_MAX + 9], hash[DIGEST_MAX];
    const uint8_t tail[] = { (uint8_t)ref.num,
                             (uint8_t)(ref.num >> 8),
                             (uint8_t)(ref.num >> 16),
                             (uint8_t)ref.gen,
                             (uint8_t)(ref.gen >> 8),
                             's',
                             'A',
                             'l',
                             'T' };
    size_t n_tail = cipher == PDF_CIPHER_AES128 ? 9 : 5;
    memcpy(in, crypt->key, n);
    memcpy(in + n, tail, n_tail);
    int rc = digest_bytes(crypt->crypto, digest_by_id(SIGN_DIGEST_MD5), bytes_of(in, n + n_tail), hash, err);
    *len = n + 5 < 16 ? n + 5 : 16;
    memcpy(key, hash, *len);
    wipe(in, sizeof in);
    wipe(hash, sizeof hash);
    return rc;
}

/* RFC 8018 6.1.1: 1 to 16 bytes, each of them their number. What is not padded so is taken whole. */
static size_t unpadded(const uint8_t *data, size_t len)
{
    size_t n = len > 0 ? data[len - 1] : 0;
    bool good = n >= 1 && n <= AES_BLOCK && n <= len;
    for (size_t i = 0; good && i < n; i++) {
        good = data[len - 1 - i] == n;
    }
    return good ? len - n : len;
}

/* In place: the vector goes, what is behind it moves to the front. A block that was cut is not there. */
static int undo_aes(uint8_t *data, size_t *len, const struct pdf_crypt *crypt, sign_bytes key, sign_err *err)
{
    size_t n = *len < 2 * AES_BLOCK ? 0 : (*len - AES_BLOCK) / AES_BLOCK * AES_BLOCK;
    uint8_t vector[AES_BLOCK];
    *len = 0;
    if (n == 0) {
        return SIGN_OK;
    }
    memcpy(vector, data, AES_BLOCK);
    memmove(data, data + AES_BLOCK, n);
    int rc = cipher_aes_decrypt(crypt->crypto, key, vector, bytes_of(data, n), data, err);
    *len = rc == SIGN_OK ? unpadded(data, n) : 0;
    return rc;
}

static int undo(uint8_t *data, size_t *len, const struct pdf_crypt *crypt, enum pdf_cipher cipher, struct pdf_ref ref,
                sign_err *err)
{
    uint8_t key[PDF_KEY_MAX];
    size_t n = 0;
    int rc = object_key(key, &n, crypt, cipher, ref, err);
    if (rc == SIGN_OK) {
        rc = cipher == PDF_CIPHER_RC4 ? cipher_rc4(crypt->crypto, bytes_of(key, n), data, *len, err)
                                      : undo_aes(data, len, crypt, bytes_of(key, n), err);
    }
    wipe(key, sizeof key);
    return rc;
}

int pdf_decrypt_string(sign_bytes *string, const struct pdf_crypt *crypt, struct pdf_ref ref, struct arena *arena,
                       sign_err *err)
{
    if (crypt->strings == PDF_CIPHER_NONE || string->len == 0) {
        return SIGN_OK;
    }
    uint8_t *copy = arena_dup(arena, string->ptr, string->len);
    if (copy == NULL) {
        return pdf_no_room(arena, err);
    }
    size_t len = string->len;
    int rc = undo(copy, &len, crypt, crypt->strings, ref, err);
    *string = bytes_of(copy, len);
    return rc;
}

int pdf_decrypt_stream(struct build *data, const struct pdf_crypt *crypt, enum pdf_cipher cipher, struct pdf_ref ref,
                       sign_err *err)
{
    if (cipher == PDF_CIPHER_NONE || data->len == 0) {
        return SIGN_OK;
    }
    return undo(data->ptr, &data->len, crypt, cipher, ref, err);
}

static int put_aes(struct build *out, const struct pdf_crypt *crypt, sign_bytes key, sign_bytes plain, sign_err *err)
{
    size_t n_pad = AES_BLOCK - plain.len % AES_BLOCK;
    uint8_t vector[AES_BLOCK];
    int rc = crypto_random(vector, sizeof vector, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    build_put(out, vector, sizeof vector);
    size_t at = out->len;
    build_bytes(out, plain);
    build_fill(out, (uint8_t)n_pad, n_pad);
    rc = build_check(out, err, "an encrypted string");
    return rc != SIGN_OK ? rc
                         : cipher_aes_encrypt(crypt->crypto, key, vector, bytes_of(out->ptr + at, out->len - at),
                                              out->ptr + at, err);
}

int pdf_encrypt(struct build *out, const struct pdf_crypt *crypt, enum pdf_cipher cipher, struct pdf_ref ref,
                sign_bytes plain, sign_err *err)
{
    uint8_t key[PDF_KEY_MAX];
    size_t n = 0, at = out->len;
    if (cipher == PDF_CIPHER_NONE) {
        build_bytes(out, plain);
        return build_check(out, err, "a string");
    }
    int rc = object_key(key, &n, crypt, cipher, ref, err);
    if (rc == SIGN_OK && cipher != PDF_CIPHER_RC4) {
        rc = put_aes(out, crypt, bytes_of(key, n), plain, err);
    } else if (rc == SIGN_OK) {
        build_bytes(out, plain);
        rc = build_check(out, err, "an encrypted string");
        if (rc == SIGN_OK && plain.len > 0) {
            rc = cipher_rc4(crypt->crypto, bytes_of(key, n), out->ptr + at, plain.len, err);
        }
    }
    wipe(key, sizeof key);
    return rc;
}

int pdf_encrypt_string(struct build *out, const struct pdf_crypt *crypt, struct pdf_ref ref, sign_bytes plain,
                       sign_err *err)
{
    return pdf_encrypt(out, crypt, crypt->strings, ref, plain, err);
}
