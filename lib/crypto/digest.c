/* Digests: fetched once, run over streams. */
#include <crypto/impl.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <openssl/err.h>
#include <stdlib.h>

OSSL_LIB_CTX *crypto_legacy(struct crypto *crypto)
{
    if (!crypto->legacy) {
        crypto->legacy = OSSL_LIB_CTX_new();
        if (!crypto->legacy) return NULL;
        crypto->legacy_provider = OSSL_PROVIDER_load(crypto->legacy, "legacy");
    }
    return crypto->legacy_provider ? crypto->legacy : NULL;
}

/* MD5 and RIPEMD160 are missing from the default provider of some builds. */
static EVP_MD *fetch_legacy(struct crypto *crypto, const char *name)
{
    OSSL_LIB_CTX *legacy = crypto_legacy(crypto);
    return legacy ? EVP_MD_fetch(legacy, name, NULL) : NULL;
}

static EVP_MD *fetch_digest(struct crypto *crypto, int32_t id)
{
    const struct digest_alg *alg = digest_by_id(id);
    EVP_MD *md = EVP_MD_fetch(NULL, alg->openssl, NULL);
    return md || id <= SIGN_DIGEST_SHA512 ? md : fetch_legacy(crypto, alg->openssl);
}

const EVP_MD *find_digest(const struct crypto *crypto, int32_t id)
{
    const EVP_MD *known = crypto->digests[id];
    if (known) return known;
    struct crypto *c = (struct crypto *)(uintptr_t)crypto;
    pthread_mutex_lock(&c->lock);
    if (!c->sought[id]) {
        c->sought[id] = true;
        ERR_set_mark();
        c->digests[id] = fetch_digest(c, id);
        ERR_pop_to_mark();
    }
    known = c->digests[id];
    pthread_mutex_unlock(&c->lock);
    return known;
}

/* Those without which there is nothing to do. */
static int fetch_digests(struct crypto *crypto, sign_err *err)
{
    for (int32_t id = 1; id <= SIGN_DIGEST_SHA512; id++) {
        if (!find_digest(crypto, id)) {
            return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "starting OpenSSL: it offers no %s",
                           digest_by_id(id)->name);
        }
    }
    return SIGN_OK;
}

int crypto_new(struct crypto **out, sign_err *err)
{
    CLEANUP(crypto_free) struct crypto *crypto = calloc(1, sizeof *crypto);
    if (!crypto) return err_nomem(err);
    pthread_mutex_init(&crypto->lock, NULL);
    crypto->ready = ready_new();
    if (!crypto->ready) return err_nomem(err);
    ERR_set_mark();
    int rc = fetch_digests(crypto, err);
    ERR_pop_to_mark();
    if (rc != SIGN_OK) return rc;
    *out = crypto;
    crypto = NULL;
    return SIGN_OK;
}

void crypto_free(struct crypto **crypto)
{
    struct crypto *c = *crypto;
    if (!c) return;
    ready_free(&c->ready);      /* first: its digests may be of the private context */
    for (int32_t id = 1; id < DIGEST_IDS; id++) EVP_MD_free(c->digests[id]);
    for (size_t id = 0; id < CIPHER_IDS; id++) EVP_CIPHER_free(c->ciphers[id]);
    if (c->legacy_provider) OSSL_PROVIDER_unload(c->legacy_provider);
    OSSL_LIB_CTX_free(c->legacy);
    pthread_mutex_destroy(&c->lock);
    free(c);
    *crypto = NULL;
}

static int digest_failed(const struct digest_run *run, sign_err *err)
{
    return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "digesting: OpenSSL refused %s",
                   run->alg ? run->alg->name : "a digest that was not started");
}

static bool take_md(struct digest_run *run, const struct crypto *crypto, int32_t id)
{
    if (!run->md) run->md = ready_digest(crypto, id);
    if (!run->md) run->md = EVP_MD_CTX_new();
    run->crypto = crypto;
    run->id = id;
    return run->md != NULL;
}

int digest_start(struct digest_run *run, const struct crypto *crypto, const struct digest_alg *alg, sign_err *err)
{
    run->alg = NULL;
    if (!alg) return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "digesting: the algorithm is not in the list");
    const EVP_MD *md = find_digest(crypto, alg->id);
    if (!md) return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "digesting: OpenSSL offers no %s here", alg->name);
    if (!take_md(run, crypto, alg->id)) return err_nomem(err);
    ERR_set_mark();
    bool ok = EVP_DigestInit_ex2(run->md, md, NULL) == 1;
    ERR_pop_to_mark();
    if (!ok) return err_nomem(err);
    run->alg = alg;
    return SIGN_OK;
}

int digest_add(struct digest_run *run, sign_bytes bytes, sign_err *err)
{
    if (!run->alg) return digest_failed(run, err);
    if (bytes.len == 0) return SIGN_OK;
    return EVP_DigestUpdate(run->md, bytes.ptr, bytes.len) == 1 ? SIGN_OK : digest_failed(run, err);
}

/* RFC 8702 3.1: SHAKE128 gives 32 bytes, SHAKE256 64; OpenSSL's own defaults are half of that. */
int digest_end(struct digest_run *run, uint8_t out[DIGEST_MAX], sign_err *err)
{
    if (!run->alg) return digest_failed(run, err);
    bool is_xof = run->alg->id == SIGN_DIGEST_SHAKE128 || run->alg->id == SIGN_DIGEST_SHAKE256;
    bool ok = is_xof ? EVP_DigestFinalXOF(run->md, out, run->alg->size) == 1
                     : EVP_DigestFinal_ex(run->md, out, NULL) == 1;
    if (!ok) return digest_failed(run, err);
    run->alg = NULL;
    return SIGN_OK;
}

int digest_fork(struct digest_run *out, const struct digest_run *run, sign_err *err)
{
    out->alg = NULL;
    if (!run->alg) return err_set(err, SIGN_E_ARG, SIGN_NO_OFFSET, NULL, "digesting: the run was not started");
    if (!take_md(out, run->crypto, run->id)) return err_nomem(err);
    ERR_set_mark();
    bool ok = EVP_MD_CTX_copy_ex(out->md, run->md) == 1;
    ERR_pop_to_mark();
    if (!ok) return err_nomem(err);
    out->alg = run->alg;
    return SIGN_OK;
}

void digest_drop(struct digest_run *run)
{
    if (run->md) {
        ERR_set_mark();
        bool wiped = EVP_DigestInit_ex2(run->md, find_digest(run->crypto, run->id), NULL) == 1;
        ERR_pop_to_mark();
        if (wiped) {
            ready_digest_back(run->crypto, run->id, run->md);
        } else {
            EVP_MD_CTX_free(run->md);
        }
    }
    *run = (struct digest_run){ 0 };
}

int digest_bytes(const struct crypto *crypto, const struct digest_alg *alg, sign_bytes bytes, uint8_t out[DIGEST_MAX],
                 sign_err *err)
{
    CLEANUP(digest_drop) struct digest_run run = { 0 };
    int rc = digest_start(&run, crypto, alg, err);
    if (rc == SIGN_OK) rc = digest_add(&run, bytes, err);
    if (rc == SIGN_OK) rc = digest_end(&run, out, err);
    return rc;
}
