/*
 * Certificates by their DER: sets of four, the oldest of a set makes room. A document full of certificates can push
 * others out, and then they cost a decoding again; it can never make the cache grow or search longer. Which set: by the
 * end of the DER, the signature value; found: where all bytes are equal, which is sooner known than their digest.
 */
#include <base/err.h>
#include <base/limits.h>
#include <cert/cert_impl.h>
#include <stdlib.h>

enum { WAYS = 4, SETS = LIMIT_CERT_CACHE / WAYS };
_Static_assert((SETS & (SETS - 1)) == 0, "the set is picked by bits of the hash");

struct cert_set {
    sign_cert *ways[WAYS];
    unsigned next;
};

struct cert_cache {
    const struct crypto *crypto;
    pthread_mutex_t lock; /* held for a handful of compares, never while something is decoded */
    struct cert_set sets[SETS];
};

int cert_cache_new(struct cert_cache **out, const struct crypto *crypto, sign_err *err)
{
    struct cert_cache *cache = calloc(1, sizeof *cache);
    if (cache == NULL || pthread_mutex_init(&cache->lock, NULL) != 0) {
        free(cache);
        return err_nomem(err);
    }
    cache->crypto = crypto;
    *out = cache;
    return SIGN_OK;
}

void cert_cache_free(struct cert_cache **cache)
{
    struct cert_cache *mine = *cache;
    *cache = NULL;
    if (mine == NULL) {
        return;
    }
    for (size_t i = 0; i < SETS; i++) {
        for (size_t way = 0; way < WAYS; way++) {
            cert_free(&mine->sets[i].ways[way]);
        }
    }
    pthread_mutex_destroy(&mine->lock);
    free(mine);
}

static struct cert_set *set_of(struct cert_cache *cache, sign_bytes der)
{
    uint64_t end = 0;
    size_t n = der.len < sizeof end ? der.len : sizeof end;
    if (n > 0) {
        memcpy(&end, der.ptr + der.len - n, n);
    }
    return &cache->sets[(end * UINT64_C(0x9E3779B97F4A7C15) >> 32) % SETS];     /* Knuth's multiplicative hash */
}

/* Called with the lock held. */
static sign_cert *find(const struct cert_set *set, sign_bytes der)
{
    for (size_t way = 0; way < WAYS; way++) {
        if (set->ways[way] != NULL && bytes_equal(sign_cert_der(set->ways[way]), der)) {
            return cert_ref(set->ways[way]);
        }
    }
    return NULL;
}

/* Keeps cert, or gives back the one that another thread has put there meanwhile. */
static sign_cert *keep(struct cert_cache *cache, sign_cert *cert)
{
    sign_cert *out = NULL;
    pthread_mutex_lock(&cache->lock);
    struct cert_set *set = set_of(cache, sign_cert_der(cert));
    sign_cert *found = find(set, sign_cert_der(cert));
    if (found == NULL) {
        sign_cert **way = &set->ways[set->next++ % WAYS];
        out = *way;
        *way = cert_ref(cert);
    }
    pthread_mutex_unlock(&cache->lock);
    cert_free(&out); /* outside the lock: the last reference frees an X509 */
    if (found == NULL) {
        return cert;
    }
    cert_free(&cert);
    return found;
}

int cert_get(struct cert_cache *cache, sign_bytes der, sign_cert **out, sign_err *err)
{
    if (der.len > LIMIT_CERT_DER) {
        return err_set(err, SIGN_E_LIMIT, 0, NULL, "certificate of %zu bytes; at most %zu", der.len, LIMIT_CERT_DER);
    }
    pthread_mutex_lock(&cache->lock);
    sign_cert *cert = find(set_of(cache, der), der);
    pthread_mutex_unlock(&cache->lock);
    if (cert == NULL) {
        uint8_t sha256[DIGEST_MAX];
        int rc = digest_bytes(cache->crypto, digest_by_id(SIGN_DIGEST_SHA256), der, sha256, err);
        if (rc == SIGN_OK) {
            rc = cert_decode(&cert, der, sha256, err);
        }
        if (rc != SIGN_OK) {
            return rc;
        }
        if (der.len <= LIMIT_CERT_KEPT) {
            cert = keep(cache, cert);
        }
    }
    *out = cert;
    return SIGN_OK;
}
