/* What sig_verify costs beyond OpenSSL's bare RSA verification. */
#include <crypto/crypto.h>

#include <openssl/rsa.h>
#include <stdio.h>
#include <time.h>

#define ROUNDS 5000

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* One context kept, nothing fetched or set up per signature: the bare public-key operation. */
static double bare(EVP_PKEY *key, const struct sig_check *check)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    if (EVP_PKEY_verify_init(ctx) != 1 || EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) != 1) return -1;
    double start = now();
    for (int i = 0; i < ROUNDS; i++) {
        if (EVP_PKEY_verify(ctx, check->signature.ptr, check->signature.len, check->digest.ptr, check->digest.len) !=
            1) {
            return -1;
        }
    }
    double end = now();
    EVP_PKEY_CTX_free(ctx);
    return (end - start) / ROUNDS;
}

static double ours(const struct crypto *crypto, EVP_PKEY *key, const struct sig_check *check)
{
    double start = now();
    for (int i = 0; i < ROUNDS; i++) {
        bool good = false;
        if (sig_verify(crypto, key, check, &good, NULL) != SIGN_OK || !good) return -1;
    }
    return (now() - start) / ROUNDS;
}

int main(void)
{
    struct crypto *crypto = NULL;
    double start = now();
    if (crypto_new(&crypto, NULL) != SIGN_OK) return 1;
    printf("crypto_new: %.0f us\n", now() - start);
    for (size_t bits = 2048; bits <= 4096; bits += 1024) {
        uint8_t digest[32] = { 1 }, value[512];
        size_t len = sizeof value;
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits);
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
        if (EVP_PKEY_sign_init(ctx) != 1 || EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) != 1 ||
            EVP_PKEY_sign(ctx, value, &len, digest, sizeof digest) != 1) {
            return 1;
        }
        struct sig_check check = { .params = { SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256, 0, 0 },
                                   .digest = { digest, sizeof digest }, .signature = { value, len } };
        double a = bare(key, &check), b = ours(crypto, key, &check);
        printf("RSA-%zu verify: bare %.1f us, sig_verify %.1f us, ratio %.2f\n", bits, a, b, b / a);
        EVP_PKEY_CTX_free(ctx);
        EVP_PKEY_free(key);
        if (a < 0 || b < 0) return 1;
    }
    crypto_free(&crypto);
    return 0;
}
