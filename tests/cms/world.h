/* What the tests of this room share: the files that inputs.sh made, certificates decoded, a signature checked whole. */
#ifndef TESTS_CMS_WORLD_H
#define TESTS_CMS_WORLD_H

#include <base/arena.h>
#include <base/build.h>
#include <base/cleanup.h>
#include <cms/cms.h>
#include <crypto/crypto.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#define MAX_CERTS 8

struct world {
    const char *dir;                /* inputs.sh wrote here */
    struct crypto *crypto;
    struct cert_cache *cache;
};

int world_setup(void **state);      /* from argv's folder, which main gives to world_dir */
int world_teardown(void **state);
void world_dir(const char *dir);

/* The file's bytes; malloc'ed by a builder of the caller's. */
sign_bytes world_file(const struct world *world, struct build *out, const char *name, const char *suffix);
sign_cert *world_cert(const struct world *world, const char *name);
EVP_PKEY *world_key(const struct world *world, const char *name);

/*
 * Everything mathematical that a verifier does: message digest over content, signed attributes, signature value. False
 * where anything is wrong or missing. cert: the signer's, or NULL to find it among those in the CMS.
 */
bool world_verifies(const struct world *world, const struct cms *cms, size_t signer, sign_bytes content,
                    const sign_cert *cert);

#endif
