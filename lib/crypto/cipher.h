/*
 * The ciphers that PDF encryption uses (ISO 32000-2 7.6): AES in CBC mode, one AES block in ECB mode, and RC4, which comes
 * from OpenSSL's legacy provider, loaded into a context of our own when the first document asks for it. Thread-safe.
 * Errors: ARG (a key or a length that the cipher has not), ALGO (OpenSSL offers no such cipher), NOMEM.
 */
#ifndef CRYPTO_CIPHER_H
#define CRYPTO_CIPHER_H

#include <crypto/crypto.h>

#define AES_BLOCK 16

/* RC4 with a key of 1 to 32 bytes, in place; the same call undoes it. */
int cipher_rc4(const struct crypto *crypto, sign_bytes key, uint8_t *data, size_t len, sign_err *err);

/*
 * AES-CBC with a key of 16 or 32 bytes; whole blocks, no padding, in place or from in to out (as long as in). NULL as iv:
 * zeros (ISO 32000-2 7.6.4.3.3).
 */
int cipher_aes_encrypt(const struct crypto *crypto, sign_bytes key, const uint8_t *iv, sign_bytes in, uint8_t *out,
                       sign_err *err);
int cipher_aes_decrypt(const struct crypto *crypto, sign_bytes key, const uint8_t *iv, sign_bytes in, uint8_t *out,
                       sign_err *err);
/* One block in ECB mode, key of 32 bytes: /Perms (ISO 32000-2 7.6.4.4.9). */
int cipher_aes_block(const struct crypto *crypto, sign_bytes key, const uint8_t in[AES_BLOCK], uint8_t out[AES_BLOCK],
                     sign_err *err);

/* Bytes nobody can guess: initialization vectors. */
int crypto_random(uint8_t *out, size_t len, sign_err *err);

#endif
