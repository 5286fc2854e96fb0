#include <sign/seed.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <cert/cert.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#define TEXT 256 /* of an OID or the name of an attribute: longer ones fit nothing */

static ASN1_OBJECT *object_of(sign_bytes text, bool short_names)
{
    char name[TEXT];
    if (text.len == 0 || text.len >= sizeof name || memchr(text.ptr, 0, text.len) != NULL) {
        return NULL;
    }
    memcpy(name, text.ptr, text.len);
    name[text.len] = '\0';
    return OBJ_txt2obj(name, !short_names);
}

/* certificatePolicies (RFC 5280 4.2.1.4) holds it. */
static bool has_policy(const X509 *x509, const ASN1_OBJECT *wanted)
{
    CERTIFICATEPOLICIES *list = X509_get_ext_d2i(x509, NID_certificate_policies, NULL, NULL);
    bool found = false;
    for (int i = 0; list != NULL && i < sk_POLICYINFO_num(list) && !found; i++) {
        found = OBJ_cmp(sk_POLICYINFO_value(list, i)->policyid, wanted) == 0;
    }
    CERTIFICATEPOLICIES_free(list);
    return found;
}

/* Bits in the order of RFC 5280 4.2.1.3. A certificate without the extension is restricted to nothing, and sets no bit. */
static bool has_usage(X509 *x509, sign_bytes mask)
{
    static const uint32_t bits[] = {
        KU_DIGITAL_SIGNATURE, KU_NON_REPUDIATION, KU_KEY_ENCIPHERMENT, KU_DATA_ENCIPHERMENT, KU_KEY_AGREEMENT,
        KU_KEY_CERT_SIGN,     KU_CRL_SIGN,        KU_ENCIPHER_ONLY,    KU_DECIPHER_ONLY,
    };
    uint32_t usage = (X509_get_extension_flags(x509) & EXFLAG_KUSAGE) != 0 ? X509_get_key_usage(x509) : 0;
    for (size_t i = 0; i < COUNT(bits) && i < mask.len; i++) {
        bool set = (usage & bits[i]) != 0;
        if ((mask.ptr[i] == '1' && !set) || (mask.ptr[i] == '0' && set) ||
            (mask.ptr[i] != '0' && mask.ptr[i] != '1' && mask.ptr[i] != 'X')) {
            return false;
        }
    }
    return true;
}

static bool has_name(const X509 *x509, const ASN1_OBJECT *type, sign_bytes value)
{
    const X509_NAME *name = X509_get_subject_name(x509);
    bool found = false;
    for (int at = X509_NAME_get_index_by_OBJ(name, type, -1); at >= 0 && !found;
         at = X509_NAME_get_index_by_OBJ(name, type, at)) {
        unsigned char *text = NULL;
        int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        found = len >= 0 && bytes_equal(bytes_of(text, (size_t)len), value);
        OPENSSL_free(text);
    }
    return found;
}

int seed_fits(void *payload, bool *fits, enum pdf_seed_ask what, sign_bytes key, sign_bytes value, sign_err *err)
{
    X509 *x509 = cert_x509(payload);
    (void)err;
    *fits = what == PDF_ASK_KEY_USAGE && has_usage(x509, value);
    if (what != PDF_ASK_KEY_USAGE) {
        ASN1_OBJECT *object = what == PDF_ASK_POLICY ? object_of(value, false) : object_of(key, true);
        *fits = object != NULL && (what == PDF_ASK_POLICY ? has_policy(x509, object) : has_name(x509, object, value));
        ASN1_OBJECT_free(object);
    }
    return SIGN_OK;
}
