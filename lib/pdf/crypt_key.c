/*
 * The file's key from a password (ISO 32000-2 7.6.4.3 and 7.6.4.4). Revisions 2 to 4 stretch MD5, and are read because
 * their files are there; 5 and 6 unwrap a random key.
 */
#include <base/cleanup.h>
#include <base/secret.h>
#include <base/text.h>
#include <crypto/cipher.h>
#include <pdf/crypt.h>
#include <pdf/text.h>

#define PASSWORD_OLD 32  /* bytes that count, revisions 2 to 4 */
#define PASSWORD_NEW 127 /* and of UTF-8, revisions 5 and 6    */

/* 7.6.4.3.2, step a. */
static const uint8_t padding[PASSWORD_OLD] = { 0x28, 0xBF, 0x4E, 0x5E, 0x4E, 0x75, 0x8A, 0x41, 0x64, 0x00, 0x4E,
                                               0x56, 0xFF, 0xFA, 0x01, 0x08, 0x2E, 0x2E, 0x00, 0xB6, 0xD0, 0x68,
                                               0x3E, 0x80, 0x2F, 0x0C, 0xA9, 0xFE, 0x64, 0x53, 0x69, 0x7A };

static void pad(uint8_t out[PASSWORD_OLD], sign_bytes password)
{
    sign_bytes used = bytes_slice(password, 0, PASSWORD_OLD);
    if (used.len > 0) {
        memcpy(out, used.ptr, used.len);
    }
    memcpy(out + used.len, padding, PASSWORD_OLD - used.len);
}

static int md5(uint8_t out[DIGEST_MAX], const sign_bytes *parts, size_t n, const struct crypto *crypto, sign_err *err)
{
    CLEANUP(digest_drop) struct digest_run run = { 0 };
    int rc = digest_start(&run, crypto, digest_by_id(SIGN_DIGEST_MD5), err);
    for (size_t i = 0; i < n && rc == SIGN_OK; i++) {
        rc = digest_add(&run, parts[i], err);
    }
    return rc == SIGN_OK ? digest_end(&run, out, err) : rc;
}

/* MD5 fifty times over its own first n bytes: what revisions 3 and 4 add to make guessing slower. */
static int stretch(uint8_t hash[DIGEST_MAX], size_t n, const struct pdf_locks *locks, const struct crypto *crypto,
                   sign_err *err)
{
    int rc = SIGN_OK;
    for (int i = 0; i < 50 && locks->r >= 3 && rc == SIGN_OK; i++) {
        sign_bytes in = bytes_of(hash, n);
        rc = md5(hash, &in, 1, crypto, err);
    }
    return rc;
}

/* RC4 with the key, and from revision 3 on with 19 keys more that are the key with a counter mixed in (7.6.4.3.4). */
static int rc4_rounds(uint8_t *data, size_t len, const struct pdf_locks *locks, const uint8_t *key, bool backwards,
                      const struct crypto *crypto, sign_err *err)
{
    int n = locks->r >= 3 ? 20 : 1, rc = SIGN_OK;
    uint8_t mixed[PDF_KEY_MAX];
    for (int i = 0; i < n && rc == SIGN_OK; i++) {
        uint8_t counter = (uint8_t)(backwards ? n - 1 - i : i);
        for (size_t k = 0; k < locks->key_len; k++) {
            mixed[k] = key[k] ^ counter;
        }
        rc = cipher_rc4(crypto, bytes_of(mixed, locks->key_len), data, len, err);
    }
    wipe(mixed, sizeof mixed);
    return rc;
}

/* Algorithm 2: the key that this user password would give. */
static int key_of_user(uint8_t key[PDF_KEY_MAX], const struct pdf_locks *locks, const uint8_t padded[PASSWORD_OLD],
                       const struct crypto *crypto, sign_err *err)
{
    uint8_t hash[DIGEST_MAX];
    uint8_t p[4] = { (uint8_t)locks->p, (uint8_t)(locks->p >> 8), (uint8_t)(locks->p >> 16),
                     (uint8_t)(locks->p >> 24) };
    bool plain_metadata = locks->r >= 4 && !locks->encrypt_metadata;
    const sign_bytes parts[] = { bytes_of(padded, PASSWORD_OLD), bytes_slice(locks->o, 0, 32), bytes_of(p, sizeof p),
                                 locks->id, BYTES_LIT("\xFF\xFF\xFF\xFF") };
    int rc = md5(hash, parts, plain_metadata ? 5 : 4, crypto, err);
    rc = rc == SIGN_OK ? stretch(hash, locks->key_len, locks, crypto, err) : rc;
    memcpy(key, hash, rc == SIGN_OK ? locks->key_len : 0);
    wipe(hash, sizeof hash);
    return rc;
}

/* Algorithms 4 to 6: is the key the one that /U was made with? */
static int check_user(bool *good, const struct pdf_locks *locks, const uint8_t *key, const struct crypto *crypto,
                      sign_err *err)
{
    uint8_t u[DIGEST_MAX];
    const sign_bytes parts[] = { bytes_of(padding, sizeof padding), locks->id };
    size_t len = locks->r >= 3 ? 16 : 32;
    int rc = SIGN_OK;
    if (locks->r >= 3) {
        rc = md5(u, parts, 2, crypto, err);
    } else {
        memcpy(u, padding, sizeof padding);
    }
    rc = rc == SIGN_OK ? rc4_rounds(u, len, locks, key, false, crypto, err) : rc;
    *good = rc == SIGN_OK && memcmp(u, locks->u.ptr, len) == 0;
    return rc;
}

static int try_padded(uint8_t key[PDF_KEY_MAX], bool *found, const struct pdf_locks *locks,
                      const uint8_t padded[PASSWORD_OLD], const struct crypto *crypto, sign_err *err)
{
    int rc = key_of_user(key, locks, padded, crypto, err);
    return rc == SIGN_OK ? check_user(found, locks, key, crypto, err) : rc;
}

/* Algorithm 7: the owner's password opens /O, which holds the user's. */
static int user_of_owner(uint8_t padded[PASSWORD_OLD], const struct pdf_locks *locks, const struct crypto *crypto,
                         sign_err *err)
{
    uint8_t hash[DIGEST_MAX];
    sign_bytes in = bytes_of(padded, PASSWORD_OLD);
    int rc = md5(hash, &in, 1, crypto, err);
    rc = rc == SIGN_OK ? stretch(hash, locks->key_len, locks, crypto, err)
                       : rc; /* 16 bytes, says the text; no reader does */
    if (rc == SIGN_OK) {
        memcpy(padded, locks->o.ptr, PASSWORD_OLD);
        rc = rc4_rounds(padded, PASSWORD_OLD, locks, hash, true, crypto, err);
    }
    wipe(hash, sizeof hash);
    return rc;
}

static int find_old(uint8_t key[PDF_KEY_MAX], bool *found, bool *owner, const struct pdf_locks *locks,
                    sign_bytes password, const struct crypto *crypto, sign_err *err)
{
    uint8_t padded[PASSWORD_OLD];
    pad(padded, password);
    int rc = user_of_owner(padded, locks, crypto, err);
    rc = rc == SIGN_OK ? try_padded(key, found, locks, padded, crypto, err) : rc;
    *owner = *found;
    if (rc == SIGN_OK && !*found) {
        pad(padded, password);
        rc = try_padded(key, found, locks, padded, crypto, err);
    }
    wipe(padded, sizeof padded);
    return rc;
}

/* Algorithm 2.A for one of the two passwords: check is /O or /U (hash, validation salt, key salt), wrapped /OE or /UE. */
static int unwrap(uint8_t key[PDF_KEY_MAX], bool *found, const struct pdf_locks *locks, sign_bytes password,
                  sign_bytes check, sign_bytes wrapped, sign_bytes u, const struct crypto *crypto, sign_err *err)
{
    uint8_t hash[32];
    int rc = pdf_hash_6(hash, locks->r, password, bytes_slice(check, 32, 8), u, crypto, err);
    *found = rc == SIGN_OK && memcmp(hash, check.ptr, 32) == 0;
    if (!*found) {
        return rc;
    }
    rc = pdf_hash_6(hash, locks->r, password, bytes_slice(check, 40, 8), u, crypto, err);
    if (rc == SIGN_OK) {
        rc = cipher_aes_decrypt(crypto, bytes_of(hash, 32), NULL, bytes_slice(wrapped, 0, 32), key, err);
    }
    wipe(hash, sizeof hash);
    return rc;
}

static int find_new(uint8_t key[PDF_KEY_MAX], bool *found, bool *owner, const struct pdf_locks *locks,
                    sign_bytes password, const struct crypto *crypto, sign_err *err)
{
    password = bytes_slice(password, 0, PASSWORD_NEW);
    int rc = unwrap(key, found, locks, password, locks->o, locks->oe, bytes_slice(locks->u, 0, 48), crypto, err);
    *owner = *found;
    if (rc == SIGN_OK && !*found) {
        rc = unwrap(key, found, locks, password, locks->u, locks->ue, (sign_bytes){ 0 }, crypto, err);
    }
    return rc;
}

/* Revisions 2 to 4 know passwords in PDFDocEncoding alone; one that has other characters stays UTF-8, as some take it. */
static bool to_doc_encoding(struct build *out, sign_bytes password)
{
    uint32_t c;
    size_t at = 0;
    while (at < password.len && utf8_next(password, &at, &c)) {
        uint8_t byte;
        if (!pdf_doc_byte(c, &byte)) {
            return false;
        }
        build_byte(out, byte);
    }
    return at == password.len && out->failed == SIGN_OK;
}

int pdf_key_find(uint8_t key[PDF_KEY_MAX], bool *found, bool *owner, const struct pdf_locks *locks, sign_bytes password,
                 const struct crypto *crypto, sign_err *err)
{
    *found = *owner = false;
    if (locks->r >= 5) {
        return find_new(key, found, owner, locks, password, crypto, err);
    }
    CLEANUP(build_free) struct build encoded = { .secret = true };
    if (to_doc_encoding(&encoded, password)) {
        int rc = find_old(key, found, owner, locks, build_view(&encoded), crypto, err);
        if (rc != SIGN_OK || *found || bytes_equal(build_view(&encoded), password)) {
            return rc;
        }
    }
    return find_old(key, found, owner, locks, password, crypto, err);
}

int pdf_perms_agree(bool *agree, const struct pdf_locks *locks, const uint8_t key[PDF_KEY_MAX],
                    const struct crypto *crypto, sign_err *err)
{
    uint8_t plain[AES_BLOCK];
    int rc = cipher_aes_block(crypto, bytes_of(key, 32), locks->perms.ptr, plain, err);
    uint32_t p = plain[0] | (uint32_t)plain[1] << 8 | (uint32_t)plain[2] << 16 | (uint32_t)plain[3] << 24;
    *agree = rc == SIGN_OK && memcmp(plain + 9, "adb", 3) == 0 && p == locks->p &&
             plain[8] == (locks->encrypt_metadata ? 'T' : 'F');
    return rc;
}
