/*
 * Public keys from the parts that documents carry (XMLDSig 4.5.2). The caller frees the key. ALGO: OpenSSL refuses it
 * (a number that is too large, a curve without a name, a point that is not on it).
 */
#ifndef CRYPTO_PARTS_H
#define CRYPTO_PARTS_H

#include <base/bytes.h>
#include <libsign/error.h>
#include <openssl/evp.h>

int key_from_rsa(EVP_PKEY **out, sign_bytes n, sign_bytes e, sign_err *err);                 /* big-endian numbers */
int key_from_dsa(EVP_PKEY **out, const sign_bytes pqgy[4], sign_err *err);
int key_from_ec(EVP_PKEY **out, sign_bytes curve_oid, sign_bytes point, sign_err *err);      /* "1.2.840…", an EC point */
int key_from_spki(EVP_PKEY **out, sign_bytes der, sign_err *err);                            /* SubjectPublicKeyInfo, whole */

#endif
