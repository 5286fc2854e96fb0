/* PINs that a token has refused. */
#include <token/pins.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>

#define HASH_SIZE 32
#define KEPT 32
#define ID_MAX 512      /* what Cryptoki allows of label, serial number and model is 64 bytes, 192 once repaired */

struct memory {
    uint8_t salt[HASH_SIZE], hash[KEPT][HASH_SIZE];
    size_t n;                       /* refused so far; the oldest is overwritten */
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct secret pages;         /* struct memory; emptied in a child of fork() */

static int memory_get(struct memory **out, sign_err *err)
{
    if (!pages.ptr) {
        int rc = secret_new(&pages, sizeof(struct memory), err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    void *at = pages.ptr;           /* page-aligned */
    *out = at;
    static const uint8_t none[HASH_SIZE];
    if (memcmp((*out)->salt, none, HASH_SIZE) == 0 && RAND_bytes((*out)->salt, HASH_SIZE) != 1) {
        return err_set(err, SIGN_E_INTERNAL, SIGN_NO_OFFSET, NULL, "no random numbers to be had");
    }
    return SIGN_OK;
}

static int hash_pin(const struct memory *memory, const struct crypto *crypto, const struct pin_id *id,
                    const struct secret *pin, uint8_t out[DIGEST_MAX], sign_err *err)
{
    CLEANUP(secret_free) struct secret text = { 0 };
    int rc = secret_new(&text, HASH_SIZE + ID_MAX + pin->len, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    memcpy(text.ptr, memory->salt, HASH_SIZE);
    /* A NUL ends every part, so that none can be shifted into the next. */
    int len = snprintf(text.ptr + HASH_SIZE, ID_MAX, "%d%c%s%c%s%c%s%c", id->kind, 0, id->label, 0, id->serial, 0,
                       id->model, 0);
    if (len < 0 || len >= ID_MAX) {
        return err_arg(err, "a token's label, serial number and model of %d bytes", len);
    }
    memcpy(text.ptr + HASH_SIZE + len, pin->ptr, pin->len);
    sign_bytes all = bytes_of(text.ptr, HASH_SIZE + (size_t)len + pin->len);
    return digest_bytes(crypto, digest_by_id(SIGN_DIGEST_SHA256), all, out, err);
}

int pin_is_bad(bool *bad, const struct crypto *crypto, const struct pin_id *id, const struct secret *pin, sign_err *err)
{
    *bad = false;
    uint8_t hash[DIGEST_MAX];
    struct memory *memory = NULL;
    pthread_mutex_lock(&lock);
    int rc = memory_get(&memory, err);
    if (rc == SIGN_OK) {
        rc = hash_pin(memory, crypto, id, pin, hash, err);
    }
    for (size_t i = 0; rc == SIGN_OK && i < KEPT && i < memory->n; i++) {
        *bad |= CRYPTO_memcmp(memory->hash[i], hash, HASH_SIZE) == 0;
    }
    pthread_mutex_unlock(&lock);
    wipe(hash, sizeof hash);
    return rc;
}

int pin_remember_bad(const struct crypto *crypto, const struct pin_id *id, const struct secret *pin, sign_err *err)
{
    uint8_t hash[DIGEST_MAX];
    struct memory *memory = NULL;
    pthread_mutex_lock(&lock);
    int rc = memory_get(&memory, err);
    if (rc == SIGN_OK) {
        rc = hash_pin(memory, crypto, id, pin, hash, err);
    }
    if (rc == SIGN_OK) {
        memcpy(memory->hash[memory->n++ % KEPT], hash, HASH_SIZE);
    }
    pthread_mutex_unlock(&lock);
    wipe(hash, sizeof hash);
    return rc;
}
