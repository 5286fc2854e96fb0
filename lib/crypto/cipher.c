/* Ciphers of PDF encryption: AES-CBC, one AES block, RC4. */
#include <crypto/cipher.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <crypto/impl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/rand.h>

static const char *const names[CIPHER_IDS] = {
    [CIPHER_AES_128_CBC] = "AES-128-CBC", [CIPHER_AES_256_CBC] = "AES-256-CBC", [CIPHER_AES_256_ECB] = "AES-256-ECB",
    [CIPHER_RC4] = "RC4",
};

struct run {
    const char *name;
    const EVP_CIPHER *cipher;   /* NULL: OpenSSL has none */
    sign_bytes key;
    const uint8_t *iv;
    bool encrypt;
    sign_bytes in;
    uint8_t *out;
};

static int refused(const char *name, sign_err *err)
{
    return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "OpenSSL offers no %s here", name);
}

static bool start(EVP_CIPHER_CTX *ctx, const struct run *r)
{
    return EVP_CipherInit_ex2(ctx, r->cipher, NULL, NULL, r->encrypt, NULL) == 1 &&
           EVP_CIPHER_CTX_set_key_length(ctx, (int)r->key.len) == 1 &&
           EVP_CipherInit_ex2(ctx, NULL, r->key.ptr, r->iv, r->encrypt, NULL) == 1 &&
           EVP_CIPHER_CTX_set_padding(ctx, 0) == 1;
}

static bool feed(EVP_CIPHER_CTX *ctx, const struct run *r)
{
    int done = 0, rest = 0;
    return EVP_CipherUpdate(ctx, r->out, &done, r->in.ptr, (int)r->in.len) == 1 &&
           EVP_CipherFinal_ex(ctx, r->out + done, &rest) == 1 && (size_t)done + (size_t)rest == r->in.len;
}

static int run(const struct run *r, sign_err *err)
{
    if (!r->cipher) return refused(r->name, err);
    if (r->in.len > INT_MAX) return err_arg(err, "%s over %zu bytes", r->name, r->in.len);
    if (r->in.len == 0) return SIGN_OK;
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (!ctx) return err_nomem(err);
    ERR_set_mark();
    bool ok = start(ctx, r) && feed(ctx, r);
    ERR_pop_to_mark();
    EVP_CIPHER_CTX_free(ctx);
    return ok ? SIGN_OK : err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "OpenSSL refused %s", r->name);
}

/* RC4 is in the legacy provider alone, which is slow to load. */
static EVP_CIPHER *fetch(struct crypto *crypto, enum cipher_id id)
{
    if (id == CIPHER_RC4) {
        OSSL_LIB_CTX *legacy = crypto_legacy(crypto);
        return legacy ? EVP_CIPHER_fetch(legacy, names[id], NULL) : NULL;
    }
    return EVP_CIPHER_fetch(NULL, names[id], NULL);
}

static const EVP_CIPHER *find(const struct crypto *crypto, enum cipher_id id)
{
    struct crypto *c = (struct crypto *)(uintptr_t)crypto;
    pthread_mutex_lock(&c->lock);
    if (!c->cipher_sought[id]) {
        c->cipher_sought[id] = true;
        ERR_set_mark();
        c->ciphers[id] = fetch(c, id);
        ERR_pop_to_mark();
    }
    const EVP_CIPHER *found = c->ciphers[id];
    pthread_mutex_unlock(&c->lock);
    return found;
}

int cipher_rc4(const struct crypto *crypto, sign_bytes key, uint8_t *data, size_t len, sign_err *err)
{
    if (key.len == 0 || key.len > 32) return err_arg(err, "RC4 with a key of %zu bytes", key.len);
    struct run r = { "RC4", find(crypto, CIPHER_RC4), key, NULL, true, bytes_of(data, len), data };
    return run(&r, err);
}

static int aes_cbc(const struct crypto *crypto, bool encrypt, sign_bytes key, const uint8_t *iv, sign_bytes in,
                   uint8_t *out, sign_err *err)
{
    static const uint8_t zeros[AES_BLOCK];
    if ((key.len != 16 && key.len != 32) || in.len % AES_BLOCK != 0) {
        return err_arg(err, "AES with a key of %zu bytes over %zu bytes", key.len, in.len);
    }
    const EVP_CIPHER *cipher = find(crypto, key.len == 16 ? CIPHER_AES_128_CBC : CIPHER_AES_256_CBC);
    struct run r = { key.len == 16 ? "AES-128-CBC" : "AES-256-CBC", cipher, key, iv ? iv : zeros, encrypt, in, out };
    return run(&r, err);
}

int cipher_aes_encrypt(const struct crypto *crypto, sign_bytes key, const uint8_t *iv, sign_bytes in, uint8_t *out,
                       sign_err *err)
{
    return aes_cbc(crypto, true, key, iv, in, out, err);
}

int cipher_aes_decrypt(const struct crypto *crypto, sign_bytes key, const uint8_t *iv, sign_bytes in, uint8_t *out,
                       sign_err *err)
{
    return aes_cbc(crypto, false, key, iv, in, out, err);
}

int cipher_aes_block(const struct crypto *crypto, sign_bytes key, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK],
                     sign_err *err)
{
    if (key.len != 32) return err_arg(err, "AES-256 with a key of %zu bytes", key.len);
    struct run r = { "AES-256-ECB", find(crypto, CIPHER_AES_256_ECB), key, NULL, false, bytes_of(in, AES_BLOCK), out };
    return run(&r, err);
}

int crypto_random(uint8_t *out, size_t len, sign_err *err)
{
    if (len > INT_MAX || RAND_bytes(out, (int)len) != 1) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "OpenSSL gave no random bytes");
    }
    return SIGN_OK;
}
