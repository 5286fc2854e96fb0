/* The password hash of revisions 5 and 6 (ISO 32000-2 7.6.4.3.4, algorithm 2.B). */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/secret.h>
#include <crypto/cipher.h>
#include <pdf/crypt.h>

#define REPEATS 64
#define LONGEST (127 + 64 + 48) /* password, hash, /U */

static int hash_parts(uint8_t out[DIGEST_MAX], const struct digest_alg *alg, const sign_bytes parts[3],
                      const struct crypto *crypto, sign_err *err)
{
    CLEANUP(digest_drop) struct digest_run run = { 0 };
    int rc = digest_start(&run, crypto, alg, err);
    for (size_t i = 0; i < 3 && rc == SIGN_OK; i++) {
        rc = digest_add(&run, parts[i], err);
    }
    return rc == SIGN_OK ? digest_end(&run, out, err) : rc;
}

/* The 16 bytes as a number modulo 3: 256 is 1 modulo 3, so the sum of the bytes will do. */
static unsigned modulo_3(const uint8_t bytes[AES_BLOCK])
{
    unsigned sum = 0;
    for (size_t i = 0; i < AES_BLOCK; i++) {
        sum += bytes[i];
    }
    return sum % 3;
}

struct rounds {
    uint8_t k[DIGEST_MAX];
    size_t len;
    uint8_t text[REPEATS * LONGEST];
    uint8_t last;
};

/* Steps a to d: K becomes the hash of AES over 64 times password, K, /U. */
static int one_round(struct rounds *s, sign_bytes password, sign_bytes u, const struct crypto *crypto, sign_err *err)
{
    static const int32_t next[] = { SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA384, SIGN_DIGEST_SHA512 };
    const sign_bytes parts[] = { password, bytes_of(s->k, s->len), u };
    size_t n = 0;
    for (size_t i = 0; i < REPEATS * COUNT(parts); i++) {
        sign_bytes part = parts[i % COUNT(parts)];
        if (part.len > 0) {
            memcpy(s->text + n, part.ptr, part.len);
            n += part.len;
        }
    }
    int rc = cipher_aes_encrypt(crypto, bytes_of(s->k, 16), s->k + 16, bytes_of(s->text, n), s->text, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    const struct digest_alg *alg = digest_by_id(next[modulo_3(s->text)]);
    s->last = s->text[n - 1];
    s->len = alg->size;
    return digest_bytes(crypto, alg, bytes_of(s->text, n), s->k, err);
}

int pdf_hash_6(uint8_t out[32], int64_t r, sign_bytes password, sign_bytes salt, sign_bytes u,
               const struct crypto *crypto, sign_err *err)
{
    const sign_bytes parts[] = { password, salt, u };
    struct rounds s = { .len = 32 };
    int rc = hash_parts(s.k, digest_by_id(SIGN_DIGEST_SHA256), parts, crypto, err);
    /* At the latest round 287 ends it: a byte is at most 255. */
    for (int round = 1; rc == SIGN_OK && r >= 6 && (round <= 64 || s.last > round - 33); round++) {
        rc = one_round(&s, password, u, crypto, err);
    }
    memcpy(out, s.k, rc == SIGN_OK ? 32 : 0);
    wipe(&s, sizeof s);
    return rc;
}
