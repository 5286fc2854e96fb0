/* The inside of a struct crypto, for the files of this room alone. */
#ifndef CRYPTO_IMPL_H
#define CRYPTO_IMPL_H

#include <crypto/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>

#define DIGEST_IDS (SIGN_DIGEST_RIPEMD160 + 1)

struct crypto {
    EVP_MD *digests[DIGEST_IDS];            /* by SIGN_DIGEST_*; NULL: not to be had */
    EVP_CIPHER *aes_128_cbc, *aes_256_cbc, *aes_256_ecb;
    OSSL_LIB_CTX *legacy;                   /* private: the caller's default context never gets a weak algorithm from us */
    OSSL_PROVIDER *legacy_provider;
    pthread_mutex_t lock;                   /* over rc4 alone: few files need it, and its provider is slow to load */
    EVP_CIPHER *rc4;
    bool rc4_sought;
};

/* The private context with OpenSSL's legacy provider in it; NULL where the system has none. Under the lock, or alone. */
OSSL_LIB_CTX *crypto_legacy(struct crypto *crypto);

#endif
