/* What is too weak to prove anything (Circular 15/2025/TT-BKHCN: RSA 2048, ECDSA 256, SHA-2 or SHA-3). */
#ifndef CERT_STRENGTH_H
#define CERT_STRENGTH_H

#include <openssl/x509.h>
#include <stdbool.h>

/* By its digest; true for an algorithm that is not in lib/crypto's table too. */
bool signature_weak(const X509_ALGOR *algorithm);
bool key_weak(const EVP_PKEY *key);

#endif
