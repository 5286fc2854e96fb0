/*
 * What OpenSSL takes longer to set up than to use, kept for the next signature: a context that verifies with a key (its
 * key management, signature algorithm and their names are looked up each time it is made), and running digests. Nothing of
 * a result is kept: every value is computed.
 *
 * A place holds one or none; who takes it has it alone, so there is no lock. Places are picked by thread, too, and two
 * threads that meet in one only make a context more. All is bounded by LIMIT_READY.
 */
#include <crypto/impl.h>

#include <base/err.h>
#include <base/limits.h>
#include <stdatomic.h>
#include <stdlib.h>

_Static_assert((LIMIT_READY & (LIMIT_READY - 1)) == 0, "a place is picked by the top bits of a product");

struct ready {
    _Atomic(EVP_PKEY_CTX *) keys[LIMIT_READY];
    _Atomic(EVP_MD_CTX *) digests[LIMIT_READY];
};

struct ready *ready_new(void)
{
    return calloc(1, sizeof(struct ready));     /* null pointers, of which atomic ones are no different here */
}

void ready_free(struct ready **ready)
{
    struct ready *r = *ready;
    for (size_t i = 0; r && i < LIMIT_READY; i++) {
        EVP_PKEY_CTX_free(r->keys[i]);
        EVP_MD_CTX_free(r->digests[i]);
    }
    free(r);
    *ready = NULL;
}

static size_t place_of(uint64_t what)
{
    static _Thread_local char here;
    uint64_t mixed = (what ^ (uintptr_t)&here) * UINT64_C(0x9E3779B97F4A7C15);      /* Knuth's multiplicative hash */
    return (size_t)(mixed >> 32) % LIMIT_READY;
}

EVP_PKEY_CTX *ready_key(const struct crypto *crypto, EVP_PKEY *key)
{
    EVP_PKEY_CTX *ctx = atomic_exchange(&crypto->ready->keys[place_of((uintptr_t)key)], NULL);
    if (ctx && EVP_PKEY_CTX_get0_pkey(ctx) == key) return ctx;  /* it holds a reference: no other key can be there */
    EVP_PKEY_CTX_free(ctx);
    return NULL;
}

void ready_key_back(const struct crypto *crypto, EVP_PKEY_CTX **ctx)
{
    if (!*ctx) return;
    uintptr_t key = (uintptr_t)EVP_PKEY_CTX_get0_pkey(*ctx);
    EVP_PKEY_CTX_free(atomic_exchange(&crypto->ready->keys[place_of(key)], *ctx));
    *ctx = NULL;
}

EVP_MD_CTX *ready_digest(const struct crypto *crypto, int32_t id)
{
    return atomic_exchange(&crypto->ready->digests[place_of((uint64_t)id)], NULL);
}

void ready_digest_back(const struct crypto *crypto, int32_t id, EVP_MD_CTX *md)
{
    EVP_MD_CTX_free(atomic_exchange(&crypto->ready->digests[place_of((uint64_t)id)], md));
}
