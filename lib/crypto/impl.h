/* The inside of a struct crypto, for the files of this room alone. */
#ifndef CRYPTO_IMPL_H
#define CRYPTO_IMPL_H

#include <crypto/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>

#define DIGEST_IDS (SIGN_DIGEST_RIPEMD160 + 1)
enum cipher_id { CIPHER_AES_128_CBC, CIPHER_AES_256_CBC, CIPHER_AES_256_ECB, CIPHER_RC4, CIPHER_IDS };

struct ready;

/* Immutable for those who use it: what changes is behind the lock, atomic, or in ready. */
struct crypto {
    struct ready *ready;                    /* ready.c */
    /* Fetched when they are first asked for: a fetch costs 0.1 ms, and few documents are encrypted or use SHA-3. */
    _Atomic(EVP_MD *) digests[DIGEST_IDS];  /* by SIGN_DIGEST_*; NULL: not yet asked for, or not to be had */
    bool sought[DIGEST_IDS];
    EVP_CIPHER *ciphers[CIPHER_IDS];
    bool cipher_sought[CIPHER_IDS];
    OSSL_LIB_CTX *legacy;                   /* private: the caller's default context never gets a weak algorithm from us */
    OSSL_PROVIDER *legacy_provider;
    pthread_mutex_t lock;                   /* over what is fetched late, from ciphers and sought to legacy_provider */
};

/* The private context with OpenSSL's legacy provider in it; NULL where the system has none. Under the lock, or alone. */
OSSL_LIB_CTX *crypto_legacy(struct crypto *crypto);

/* The algorithm of this id; NULL: OpenSSL offers none. */
const EVP_MD *find_digest(const struct crypto *crypto, int32_t id);

/* ready.c: places for what is kept between signatures; NULL without memory. */
struct ready *ready_new(void);
void ready_free(struct ready **ready);
/* A context that verifies with key as it is by default, and is then the caller's to give back; NULL: none is kept. */
EVP_PKEY_CTX *ready_key(const struct crypto *crypto, EVP_PKEY *key);
void ready_key_back(const struct crypto *crypto, EVP_PKEY_CTX **ctx);
/* The same for a run of the digest id. It is given back wiped: started anew. */
EVP_MD_CTX *ready_digest(const struct crypto *crypto, int32_t id);
void ready_digest_back(const struct crypto *crypto, int32_t id, EVP_MD_CTX *md);

#endif
