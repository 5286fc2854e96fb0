/* A KeyValue as a key. */
#include <base/err.h>
#include <base/cleanup.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>
#include <xml/signature.h>

/* RSA of more than 16384 bits costs more than it says; larger numbers are refused before they are looked at. */
#define MOST_NUMBER 2048
#define MOST_PARTS 4

struct numbers { BIGNUM *n[MOST_PARTS]; };

static void free_numbers(struct numbers *numbers)
{
    for (size_t i = 0; i < MOST_PARTS; i++) BN_free(numbers->n[i]);
}

static void free_builder(OSSL_PARAM_BLD **builder) { OSSL_PARAM_BLD_free(*builder); }
static void free_params(OSSL_PARAM **params) { OSSL_PARAM_free(*params); }
static void free_context(EVP_PKEY_CTX **context) { EVP_PKEY_CTX_free(*context); }

static const char *const part_names[][MOST_PARTS] = {
    [XML_KEY_RSA] = { OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E },
    [XML_KEY_DSA] = { OSSL_PKEY_PARAM_FFC_P, OSSL_PKEY_PARAM_FFC_Q, OSSL_PKEY_PARAM_FFC_G, OSSL_PKEY_PARAM_PUB_KEY },
};

static bool push_numbers(OSSL_PARAM_BLD *builder, const struct xml_sig *sig, struct numbers *numbers)
{
    const char *const *names = part_names[sig->key_kind];
    for (size_t i = 0; i < MOST_PARTS && names[i]; i++) {
        if (sig->key_part[i].len > MOST_NUMBER) return false;
        numbers->n[i] = BN_bin2bn(sig->key_part[i].ptr, (int)sig->key_part[i].len, NULL);
        if (!numbers->n[i] || !OSSL_PARAM_BLD_push_BN(builder, names[i], numbers->n[i])) return false;
    }
    return true;
}

static bool push_curve(OSSL_PARAM_BLD *builder, const struct xml_sig *sig)
{
    char oid[64];
    if (sig->key_part[0].len >= sizeof oid || sig->key_part[1].len > MOST_NUMBER) return false;
    memcpy(oid, sig->key_part[0].ptr, sig->key_part[0].len);
    oid[sig->key_part[0].len] = '\0';
    int nid = OBJ_txt2nid(oid);
    return nid != NID_undef && OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, OBJ_nid2sn(nid), 0) &&
           OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, sig->key_part[1].ptr, sig->key_part[1].len);
}

static EVP_PKEY *from_parts(const struct xml_sig *sig)
{
    static const char *const types[] = { [XML_KEY_RSA] = "RSA", [XML_KEY_EC] = "EC", [XML_KEY_DSA] = "DSA" };
    CLEANUP(free_numbers) struct numbers numbers = { 0 };
    CLEANUP(free_builder) OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (!builder || !(sig->key_kind == XML_KEY_EC ? push_curve(builder, sig) : push_numbers(builder, sig, &numbers))) return NULL;
    CLEANUP(free_params) OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    CLEANUP(free_context) EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, types[sig->key_kind], NULL);
    bool ok = params && context && EVP_PKEY_fromdata_init(context) == 1 &&
              EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) == 1;
    return ok ? key : NULL;
}

static EVP_PKEY *from_der(sign_bytes der)
{
    const unsigned char *at = der.ptr;
    EVP_PKEY *key = der.len <= 4 * MOST_NUMBER ? d2i_PUBKEY(NULL, &at, (long)der.len) : NULL;
    if (key && at != der.ptr + der.len) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

int xml_key_value(EVP_PKEY **out, const struct xml_sig *sig, sign_err *err)
{
    if (sig->key_kind == XML_KEY_NONE) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, "XMLDSig 4.5.2", "the signature holds no KeyValue");
    }
    ERR_set_mark();
    EVP_PKEY *key = sig->key_kind == XML_KEY_DER ? from_der(sig->key_part[0]) : from_parts(sig);
    ERR_pop_to_mark();
    if (!key) return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, "XMLDSig 4.5.2", "KeyValue: OpenSSL refuses the key");
    *out = key;
    return SIGN_OK;
}
