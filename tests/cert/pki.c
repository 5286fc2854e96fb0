#include "pki.h"
#include <openssl/core_names.h>
#include <openssl/param_build.h>
#include <stdlib.h>

enum { KEYS = 64, BLOBS = 8192 };
static struct {
    char name[32];
    EVP_PKEY *key;
} keys[KEYS];
static size_t n_keys, n_blobs;
static void *blobs[BLOBS];

static EVP_PKEY *generate(const char *algorithm, const char *group, size_t bits)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, algorithm, NULL);
    char name[16] = "";
    snprintf(name, sizeof name, "%s", group);
    OSSL_PARAM params[3] = { OSSL_PARAM_END, OSSL_PARAM_END, OSSL_PARAM_END };
    if (bits != 0) {
        params[0] = OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &bits);
    } else if (group[0] != '\0') {
        params[0] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0);
    }
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_params(ctx, params), 1);
    assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *generate_explicit(void)
{
    EVP_PKEY *key = generate("EC", "P-256", 0);
    assert_int_equal(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT),
                     1);
    return key;
}

/* A public key of odd numbers of these lengths: nobody has the private one. */
static EVP_PKEY *public_rsa(int modulus_bits, int exponent_bits)
{
    BIGNUM *n = BN_new(), *e = BN_new();
    BN_set_bit(n, modulus_bits - 1);
    BN_set_bit(n, 0);
    BN_set_bit(e, exponent_bits - 1);
    BN_set_bit(e, 0);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n);
    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    EVP_PKEY *key = NULL;
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    BN_free(e);
    return key;
}

/* RFC 5480 2.2 has no such point; OpenSSL takes it, and under it r = x(G), s = digest is a signature of anything. */
static EVP_PKEY *point_at_infinity(void)
{
    OSSL_PARAM params[] = { OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char[]){ "P-256" }, 0),
                            OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (char[]){ 0 }, 1),
                            OSSL_PARAM_construct_end() };
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *generate_named(const char *name)
{
    int modulus = 0, exponent = 0;
    if (sscanf(name, "n%d e%d", &modulus, &exponent) == 2) {
        return public_rsa(modulus, exponent);
    }
    static const struct {
        const char *prefix, *algorithm, *group;
        size_t bits;
    } kinds[] = {
        { "rsa1024", "RSA", "", 1024 }, { "rsa2048", "RSA", "", 2048 }, { "rsa3072", "RSA", "", 3072 },
        { "pss", "RSA-PSS", "", 2048 }, { "p192", "EC", "P-192", 0 },   { "ed", "ED25519", "", 0 },
        { "b571", "EC", "B-571", 0 },
    };
    if (strncmp(name, "explicit", 8) == 0) {
        return generate_explicit();
    }
    if (strcmp(name, "infinity") == 0) {
        return point_at_infinity();
    }
    for (size_t i = 0; i < COUNT(kinds); i++) {
        if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) == 0) {
            return generate(kinds[i].algorithm, kinds[i].group, kinds[i].bits);
        }
    }
    return generate("EC", "P-256", 0);
}

EVP_PKEY *pki_key(const char *name)
{
    for (size_t i = 0; i < n_keys; i++) {
        if (strcmp(keys[i].name, name) == 0) {
            return keys[i].key;
        }
    }
    assert_true(n_keys < KEYS);
    snprintf(keys[n_keys].name, sizeof keys[n_keys].name, "%s", name);
    keys[n_keys].key = generate_named(name);
    return keys[n_keys++].key;
}

static sign_bytes keep(uint8_t *ptr, int len)
{
    assert_true(len > 0 && n_blobs < BLOBS);
    blobs[n_blobs++] = ptr;
    return bytes_of(ptr, (size_t)len);
}

void pki_done(void)
{
    while (n_keys > 0) {
        EVP_PKEY_free(keys[--n_keys].key);
    }
    while (n_blobs > 0) {
        OPENSSL_free(blobs[--n_blobs]);
    }
}

static X509_NAME *name_of(const char *common_name, unsigned long kind)
{
    X509_NAME *name = X509_NAME_new();
    if (common_name[0] != '\0') {
        ASN1_STRING *text = NULL;
        int type = ASN1_mbstring_copy(&text, (const uint8_t *)common_name, -1, MBSTRING_UTF8,
                                      kind != 0 ? kind : B_ASN1_UTF8STRING);
        assert_true(type > 0);
        assert_int_equal(X509_NAME_add_entry_by_txt(name, "C", MBSTRING_ASC, (const uint8_t *)"VN", -1, -1, 0), 1);
        assert_int_equal(X509_NAME_add_entry_by_NID(name, NID_commonName, type, ASN1_STRING_get0_data(text),
                                                    ASN1_STRING_length(text), -1, 0),
                         1);
        ASN1_STRING_free(text);
    }
    return name;
}

long pki_serial(const char *subject)
{
    unsigned long hash = 5381;
    for (const char *c = subject; *c != '\0'; c++) {
        hash = hash * 33 + (unsigned char)*c;
    }
    return (long)(hash & 0x7FFFFFFF) + 1;
}

static void each_extension(const char *exts, X509 *cert, X509_CRL *crl, X509 *issuer)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, crl, 0);
    char *all = strdup(exts), *rest = NULL;
    for (char *line = strtok_r(all, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        char *value = strchr(line, '=');
        assert_non_null(value);
        *value++ = '\0';
        X509_EXTENSION *extension = X509V3_EXT_nconf(NULL, &ctx, line, value);
        if (extension == NULL) {
            fail_msg("extension %s=%s", line, value);
        }
        assert_int_equal(cert != NULL ? X509_add_ext(cert, extension, -1) : X509_CRL_add_ext(crl, extension, -1), 1);
        X509_EXTENSION_free(extension);
    }
    free(all);
}

static const EVP_MD *digest_of(const EVP_PKEY *key, const char *md)
{
    return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : EVP_get_digestbyname(md != NULL ? md : "sha256");
}

static void set_time(ASN1_TIME *time, int day)
{
    assert_non_null(X509_time_adj_ex(time, day, 0, &(time_t){ NOW }));
}

sign_bytes cert_make(const struct cert_spec *spec)
{
    const char *issuer_name = spec->issuer != NULL ? spec->issuer : spec->subject;
    EVP_PKEY *key = pki_key(spec->key != NULL ? spec->key : spec->subject);
    EVP_PKEY *signer = pki_key(spec->signer != NULL   ? spec->signer
                               : spec->issuer != NULL ? spec->issuer
                               : spec->key != NULL    ? spec->key
                                                      : spec->subject);
    bool usual = spec->from == 0 && spec->to == 0;
    X509 *cert = X509_new();
    X509_NAME *subject = name_of(spec->subject, spec->string_kind), *issuer = name_of(issuer_name, 0);
    X509_set_version(cert, spec->v1 ? X509_VERSION_1 : X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), spec->serial != 0 ? spec->serial : pki_serial(spec->subject));
    X509_set_subject_name(cert, subject);
    X509_set_issuer_name(cert, issuer);
    set_time(X509_getm_notBefore(cert), usual ? -365 : spec->from);
    set_time(X509_getm_notAfter(cert), usual ? 365 : spec->to);
    X509_set_pubkey(cert, key);
    X509 *issuer_cert = X509_new(); /* for authorityKeyIdentifier */
    X509_set_pubkey(issuer_cert, signer);
    X509_set_issuer_name(issuer_cert, issuer);
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer_cert, issuer_cert, NULL, NULL, 0);
    X509_EXTENSION *id = X509V3_EXT_nconf(NULL, &ctx, "subjectKeyIdentifier", "hash");
    X509_add_ext(issuer_cert, id, -1);
    X509_EXTENSION_free(id);
    if (spec->exts != NULL) {
        each_extension(spec->exts, cert, NULL, issuer_cert);
    }
    assert_true(X509_sign(cert, signer, digest_of(signer, spec->md)) > 0);
    uint8_t *der = NULL;
    int len = i2d_X509(cert, &der);
    der[len - 1] ^= spec->corrupt;
    X509_free(issuer_cert);
    X509_NAME_free(subject);
    X509_NAME_free(issuer);
    X509_free(cert);
    return keep(der, len);
}

static void add_revoked(X509_CRL *crl, long serial, int day, int reason)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_TIME *date = ASN1_TIME_new();
    ASN1_INTEGER_set(number, serial);
    set_time(date, day);
    X509_REVOKED_set_serialNumber(entry, number);
    X509_REVOKED_set_revocationDate(entry, date);
    if (reason > 0 && reason < 100) {
        ASN1_ENUMERATED *value = ASN1_ENUMERATED_new();
        ASN1_ENUMERATED_set(value, reason);
        X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value, 0, 0);
        ASN1_ENUMERATED_free(value);
    } else if (reason >= 100) {
        X509_EXTENSION *odd = X509V3_EXT_nconf(NULL, NULL, "1.2.3.4", "critical,DER:0500");
        X509_REVOKED_add_ext(entry, odd, -1);
        X509_EXTENSION_free(odd);
    }
    X509_CRL_add0_revoked(crl, entry);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(date);
}

sign_bytes crl_make(const struct crl_spec *spec)
{
    EVP_PKEY *signer = pki_key(spec->signer != NULL ? spec->signer : spec->issuer);
    bool usual = spec->from == 0 && spec->to == 0;
    X509_CRL *crl = X509_CRL_new();
    X509_NAME *issuer = name_of(spec->issuer, 0);
    ASN1_TIME *time = ASN1_TIME_new();
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, issuer);
    set_time(time, usual ? -1 : spec->from);
    X509_CRL_set1_lastUpdate(crl, time);
    if (spec->to != NO_NEXT) {
        set_time(time, usual ? 7 : spec->to);
        X509_CRL_set1_nextUpdate(crl, time);
    }
    for (size_t i = 0; i < COUNT(spec->entries) && spec->entries[i].subject != NULL; i++) {
        add_revoked(crl, pki_serial(spec->entries[i].subject), spec->entries[i].day, spec->entries[i].reason);
    }
    for (size_t i = 0; i < spec->filler; i++) {
        add_revoked(crl, (long)(INT64_C(0x4000000000) + (int64_t)(i * 2654435761u)), -10, 1);
    }
    if (spec->exts != NULL) {
        each_extension(spec->exts, NULL, crl, NULL);
    }
    assert_true(X509_CRL_sign(crl, signer, digest_of(signer, spec->md)) > 0);
    uint8_t *der = NULL;
    int len = i2d_X509_CRL(crl, &der);
    der[len - 1] ^= spec->corrupt;
    ASN1_TIME_free(time);
    X509_NAME_free(issuer);
    X509_CRL_free(crl);
    return keep(der, len);
}

void room_open(struct room *room)
{
    *room = (struct room){ 0 };
    assert_int_equal(crypto_new(&room->crypto, NULL), SIGN_OK);
    assert_int_equal(cert_cache_new(&room->cache, room->crypto, NULL), SIGN_OK);
    assert_int_equal(trust_new(&room->trust, room->cache, room->crypto, NULL), SIGN_OK);
}

void room_close(struct room *room)
{
    sign_trust_free(&room->trust);
    cert_cache_free(&room->cache);
    crypto_free(&room->crypto);
}

sign_cert *room_cert(struct room *room, sign_bytes der)
{
    sign_cert *cert = NULL;
    sign_err err = SIGN_ERR_INIT;
    if (cert_get(room->cache, der, &cert, &err) != SIGN_OK) {
        fail_msg("cert_get: %s", err.msg);
    }
    return cert;
}

void room_anchor(struct room *room, sign_bytes der)
{
    assert_int_equal(sign_trust_add_anchor(room->trust, der, NULL), SIGN_OK);
}

void room_evidence(struct room *room, sign_bytes der)
{
    assert_int_equal(sign_trust_add_evidence(room->trust, der, NULL), SIGN_OK);
}
