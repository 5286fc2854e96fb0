#include "world.h"

#include <openssl/x509.h>
#include <stdio.h>

static const char *inputs;

void world_dir(const char *dir)
{
    inputs = dir;
}

int world_setup(void **state)
{
    static struct world world;
    world = (struct world){ .dir = inputs };
    assert_non_null(inputs);
    assert_int_equal(crypto_new(&world.crypto, NULL), SIGN_OK);
    assert_int_equal(cert_cache_new(&world.cache, world.crypto, NULL), SIGN_OK);
    *state = &world;
    return 0;
}

int world_teardown(void **state)
{
    struct world *world = *state;
    cert_cache_free(&world->cache);
    crypto_free(&world->crypto);
    return 0;
}

sign_bytes world_file(const struct world *world, struct build *out, const char *name, const char *suffix)
{
    CLEANUP(build_free) struct build path = { 0 };
    build_fmt(&path, "%s/%s%s", world->dir, name, suffix);
    build_byte(&path, 0);
    FILE *file = fopen((const char *)path.ptr, "rb");
    assert_non_null(file);
    uint8_t chunk[4096];
    for (size_t n; (n = fread(chunk, 1, sizeof chunk, file)) > 0;) build_put(out, chunk, n);
    fclose(file);
    assert_int_equal(build_check(out, NULL, name), SIGN_OK);
    return build_view(out);
}

sign_cert *world_cert(const struct world *world, const char *name)
{
    CLEANUP(build_free) struct build der = { 0 };
    sign_cert *cert = NULL;
    assert_int_equal(cert_get(world->cache, world_file(world, &der, name, ".der"), &cert, NULL), SIGN_OK);
    return cert;
}

EVP_PKEY *world_key(const struct world *world, const char *name)
{
    CLEANUP(build_free) struct build der = { 0 };
    sign_bytes file = world_file(world, &der, name, ".key.der");
    const uint8_t *at = file.ptr;
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)file.len);
    assert_non_null(key);
    return key;
}

/* The signer's certificate among those that came along; NULL when it is not there or cannot be read. */
static sign_cert *find_cert(const struct world *world, const struct cms *cms, const struct cms_signer *signer)
{
    for (size_t i = 0; i < cms->n_certs && i < MAX_CERTS; i++) {
        sign_cert *cert = NULL;
        if (cert_get(world->cache, cms->certs[i], &cert, NULL) != SIGN_OK) continue;
        if (cms_find_signer(signer, (const sign_cert *const *)&cert, 1) == 0) return cert;
        cert_free(&cert);
    }
    return NULL;
}

static bool digest_over(const struct world *world, const struct cms_signer *signer, sign_bytes content, uint8_t *out)
{
    uint8_t message[DIGEST_MAX];
    if (digest_bytes(world->crypto, signer->digest, content, out, NULL) != SIGN_OK) return false;
    if (!signer->has_attrs) return true;
    memcpy(message, out, signer->digest->size);
    if (!bytes_equal(signer->message_digest, bytes_of(message, signer->digest->size))) return false;
    return digest_bytes(world->crypto, signer->digest, signer->attrs_raw, out, NULL) == SIGN_OK;
}

bool world_verifies(const struct world *world, const struct cms *cms, size_t signer_at, sign_bytes content,
                    const sign_cert *cert)
{
    const struct cms_signer *signer = &cms->signers[signer_at];
    CLEANUP(cert_free) sign_cert *own = cert ? cert_ref(cert) : find_cert(world, cms, signer);
    uint8_t digest[DIGEST_MAX];
    if (!own || !signer->signature_known || signer->algorithm_mismatch) return false;
    if (!digest_over(world, signer, content, digest)) return false;
    struct sig_check check = { .params = signer->params, .signature = signer->signature };
    if (signer->params.scheme == SIGN_SCHEME_EDDSA) {
        check.tbs = signer->has_attrs ? signer->attrs_raw : content;
    } else {
        check.digest = bytes_of(digest, signer->digest->size);
    }
    bool good = false;
    return sig_verify(world->crypto, cert_key(own), &check, &good, NULL) == SIGN_OK && good;
}
