/* What the tests of keys share. */
#ifndef TESTS_SIGN_KEYS_H
#define TESTS_SIGN_KEYS_H

#include "../token/asked.h"

#include <base/cleanup.h>
#include <sign/key.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline sign_ctx *new_ctx(void)
{
    sign_ctx *ctx = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_ok(sign_ctx_new(&ctx, NULL, &err), err);
    return ctx;
}

/* One text, signed as params say, by OpenSSL alone found good. */
static inline int sign_text(const sign_key *key, int32_t scheme, int32_t digest, struct build *out, sign_err *err)
{
    static const sign_bytes text = { (const uint8_t *)"Cộng hòa xã hội chủ nghĩa Việt Nam", 46 };
    const struct digest_alg *alg = digest_by_id(digest);
    uint8_t hash[DIGEST_MAX];
    assert_int_equal(digest_bytes(ctx_crypto(key->ctx), alg, text, hash, NULL), SIGN_OK);
    sign_request request = {
        .struct_size = sizeof request,
        .scheme = scheme,
        .digest_alg = digest,
        .tbs = text,
        .digest = { hash, alg->size },
        .mgf_alg = scheme == SIGN_SCHEME_RSA_PSS ? digest : 0,
        .salt_len = scheme == SIGN_SCHEME_RSA_PSS ? alg->size : 0,
    };
    int rc = key_sign(key, &request, NULL, out, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    struct build der = { 0 };
    EVP_PKEY *public = cert_key(sign_key_cert(key));
    sign_bytes value = build_view(out);
    EVP_PKEY_CTX *settings = NULL;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (scheme == SIGN_SCHEME_ECDSA) {
        assert_int_equal(ecdsa_to_der(&der, value, NULL), SIGN_OK);
        value = build_view(&der);
    }
    assert_int_equal(EVP_DigestVerifyInit_ex(md, &settings, alg->openssl, NULL, NULL, public, NULL), 1);
    if (scheme == SIGN_SCHEME_RSA_PSS) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(settings, 6), 1);             /* RSA_PKCS1_PSS_PADDING */
        assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, alg->size), 1);
    }
    assert_int_equal(EVP_DigestVerify(md, value.ptr, value.len, text.ptr, text.len), 1);
    EVP_MD_CTX_free(md);
    build_free(&der);
    return SIGN_OK;
}

/* All schemes in a table on one key. */
static inline void sign_schemes(const sign_key *key, bool rsa)
{
    static const struct { bool rsa; int32_t scheme, digest; } rows[] = {
        { true, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA256 }, { true, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA384 },
        { true, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA512 }, { true, SIGN_SCHEME_RSA_PKCS1, SIGN_DIGEST_SHA3_256 },
        { true, SIGN_SCHEME_RSA_PSS, SIGN_DIGEST_SHA256 }, { true, SIGN_SCHEME_RSA_PSS, SIGN_DIGEST_SHA512 },
        { false, SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA256 }, { false, SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA384 },
        { false, SIGN_SCHEME_ECDSA, SIGN_DIGEST_SHA512 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct build value = { 0 };
        sign_err err = SIGN_ERR_INIT;
        if (rows[i].rsa == rsa) {
            assert_ok(sign_text(key, rows[i].scheme, rows[i].digest, &value, &err), err);
        } else {
            assert_int_equal(sign_text(key, rows[i].scheme, rows[i].digest, &value, &err), SIGN_E_ALGO);
        }
        build_free(&value);
    }
}

#endif
