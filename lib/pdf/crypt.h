/*
 * Encryption of a file by the standard security handler (ISO 32000-2 7.6), for the files of this room alone. What is read
 * is decrypted on its way in: strings when they are parsed, streams before their filters. One struct pdf_crypt stands for
 * all revisions of a file; it is immutable once made.
 */
#ifndef PDF_CRYPT_H
#define PDF_CRYPT_H

#include <base/arena.h>
#include <base/build.h>
#include <crypto/crypto.h>
#include <pdf/object.h>

#define PDF_KEY_MAX 32

enum pdf_cipher { PDF_CIPHER_NONE, PDF_CIPHER_RC4, PDF_CIPHER_AES128, PDF_CIPHER_AES256 };

/* What the encryption dictionary says about its key (7.6.4.2); the strings are the document's. */
struct pdf_locks {
    int64_t v, r;
    size_t key_len;                 /* bytes */
    uint32_t p;
    bool encrypt_metadata;
    sign_bytes o, u, oe, ue, perms; /* of the lengths that r asks for */
    sign_bytes id;                  /* the trailer's first /ID string; empty where there is none */
};

/*
 * Does the password (UTF-8, as it was entered) open the file, as its user or its owner? Then *found, and key has
 * locks->key_len bytes. 7.6.4.3, 7.6.4.4. ALGO, NOMEM.
 */
int pdf_key_find(uint8_t key[PDF_KEY_MAX], bool *found, bool *owner, const struct pdf_locks *locks, sign_bytes password,
                 const struct crypto *crypto, sign_err *err);
/* Algorithm 13: does /Perms say what /P and /EncryptMetadata say? R 5 and 6 alone. */
int pdf_perms_agree(bool *agree, const struct pdf_locks *locks, const uint8_t key[PDF_KEY_MAX],
                    const struct crypto *crypto, sign_err *err);

/* crypt_key6.c: algorithm 2.B, the hash of revision 6; with r 5 the plain SHA-256 of Adobe's extension level 3. */
int pdf_hash_6(uint8_t out[32], int64_t r, sign_bytes password, sign_bytes salt, sign_bytes u, const struct crypto *crypto,
               sign_err *err);

struct pdf_crypt {
    const struct crypto *crypto;
    struct pdf_ref self;            /* the encryption dictionary, num 0: direct in the trailer; its strings are plain */
    const struct pdf_obj *dict;
    struct pdf_locks locks;
    bool owner;                     /* opened with the owner's rights                                                  */
    bool perms_agree;               /* /Perms is what it should be; true before R 5                                    */
    uint8_t key[PDF_KEY_MAX];
    enum pdf_cipher streams, strings, files;    /* /StmF, /StrF, /EFF                                                  */
};

struct pdf_view;
/* crypt_dict.c: what the dictionary says of the key; and, once dict and locks are set, of streams, strings and files. */
int pdf_locks_read(struct pdf_locks *locks, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err);
int pdf_crypt_filters(struct pdf_crypt *crypt, struct pdf_view *view, sign_err *err);

/* Streams and strings of the object ref. Damaged AES data come out as far as they go, as every reader has it. */
int pdf_decrypt_string(sign_bytes *string, const struct pdf_crypt *crypt, struct pdf_ref ref, struct arena *arena,
                       sign_err *err);
int pdf_decrypt_stream(struct build *data, const struct pdf_crypt *crypt, enum pdf_cipher cipher, struct pdf_ref ref,
                       sign_err *err);
/* Appends the encrypted form of a stream's data or a string of the object ref: with AES, its vector first. */
int pdf_encrypt(struct build *out, const struct pdf_crypt *crypt, enum pdf_cipher cipher, struct pdf_ref ref,
                sign_bytes plain, sign_err *err);
int pdf_encrypt_string(struct build *out, const struct pdf_crypt *crypt, struct pdf_ref ref, sign_bytes plain,
                       sign_err *err);
/*
 * Is it a signature dictionary? Its /Contents is never encrypted (7.6.2), for nobody could fill it in then. /Type is
 * optional there: a /ByteRange tells as well.
 */
bool pdf_is_signature_dict(const struct pdf_entry *entries, size_t n);

/* What encrypts this stream's data: a /Crypt filter of its own, or the file's rule. *skip: filters that are done with. */
int pdf_cipher_of(enum pdf_cipher *out, size_t *skip, struct pdf_view *view, const struct pdf_obj *stream, sign_err *err);
void pdf_crypt_free(struct pdf_crypt **crypt);

#endif
