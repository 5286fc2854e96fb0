/* Reading a PKCS#12 file (RFC 7292), apart from what is done with the key in it. */
#ifndef SIGN_P12_H
#define SIGN_P12_H

#include <base/build.h>
#include <base/secret.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

/*
 * A library context of its own: files from old Windows are encrypted with RC2 and RC4, which only the legacy provider
 * has, and that must not be loaded into the context that everything else in the process uses. The key lives in it.
 */
struct p12_key {
    OSSL_LIB_CTX *lib;
    OSSL_PROVIDER *standard, *legacy;
    EVP_PKEY *key;
};
int p12_key_new(struct p12_key **out, sign_err *err);
void p12_key_free(struct p12_key **key);

/*
 * The one private key in the file goes into key, its certificates onto certs. phrase is NUL-terminated, with no NUL in
 * it; path is for messages. FORMAT, PASSWORD, ALGO, NOTFOUND (no key), AMBIGUOUS (several), NOMEM.
 */
int p12_read(struct p12_key *key, STACK_OF(X509) *certs, sign_bytes bytes, const char *path,
             const struct secret *phrase, sign_err *err);

#endif
