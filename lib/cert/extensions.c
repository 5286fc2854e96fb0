/* What is wrong with a certificate's extensions on whatever path it stands (RFC 5280 4.2). Found once, when it is decoded. */
#include <base/cleanup.h>
#include <cert/cert_impl.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

/* Those that are processed here or restrict nothing that is done here (4.2: others, when critical, refuse). */
static bool is_known(int nid)
{
    static const int nids[] = {
        NID_basic_constraints,        NID_key_usage,          NID_ext_key_usage,           NID_subject_alt_name,
        NID_issuer_alt_name,          NID_name_constraints,   NID_certificate_policies,    NID_policy_constraints,
        NID_policy_mappings,          NID_inhibit_any_policy, NID_crl_distribution_points, NID_subject_key_identifier,
        NID_authority_key_identifier,
    };
    for (size_t i = 0; i < COUNT(nids); i++) {
        if (nids[i] == nid) {
            return true;
        }
    }
    return false;
}

/* 6.1.4 (a) */
static bool maps_any(const POLICY_MAPPINGS *mappings)
{
    for (int i = 0; i < sk_POLICY_MAPPING_num(mappings); i++) {
        const POLICY_MAPPING *mapping = sk_POLICY_MAPPING_value(mappings, i);
        if (OBJ_obj2nid(mapping->issuerDomainPolicy) == NID_any_policy ||
            OBJ_obj2nid(mapping->subjectDomainPolicy) == NID_any_policy) {
            return true;
        }
    }
    return false;
}

/* extnValue is exactly one value of its type (4.2). OpenSSL's own decoding looks at nothing behind it. */
static bool is_sound(X509_EXTENSION *extension, int nid)
{
    const X509V3_EXT_METHOD *method = X509V3_EXT_get_nid(nid);
    const ASN1_OCTET_STRING *octets = X509_EXTENSION_get_data(extension);
    const uint8_t *at = ASN1_STRING_get0_data(octets), *end = at + ASN1_STRING_length(octets);
    if (method == NULL || method->it == NULL) {
        return false;
    }
    ASN1_VALUE *value = ASN1_item_d2i(NULL, &at, (long)(end - at), ASN1_ITEM_ptr(method->it));
    bool sound = value != NULL && at == end;
    if (sound && nid == NID_policy_mappings) {
        sound = !maps_any((const POLICY_MAPPINGS *)value);
    }
    ASN1_item_free(value, ASN1_ITEM_ptr(method->it));
    return sound;
}

static bool stands_before(X509 *x509, int n, const ASN1_OBJECT *oid)
{
    for (int i = 0; i < n; i++) {
        if (OBJ_cmp(X509_EXTENSION_get_object(X509_get_ext(x509, i)), oid) == 0) {
            return true;
        }
    }
    return false;
}

static struct cert_flaw find(X509 *x509)
{
    uint32_t flags = X509_get_extension_flags(x509);
    int n = X509_get_ext_count(x509);
    if ((flags & EXFLAG_INVALID) != 0) {
        return (struct cert_flaw){ "RFC 5280 4.2", "an extension is malformed or there twice" };
    }
    if ((flags & EXFLAG_PROXY) != 0) {
        return (struct cert_flaw){ "RFC 3820 3.8", "proxy certificates are not accepted" };
    }
    if (n > 0 && X509_get_version(x509) != X509_VERSION_3) {
        return (struct cert_flaw){ "RFC 5280 4.1.2.9", "extensions in a certificate that is not of version 3" };
    }
    for (int i = 0; i < n; i++) {
        X509_EXTENSION *extension = X509_get_ext(x509, i);
        const ASN1_OBJECT *oid = X509_EXTENSION_get_object(extension);
        int nid = OBJ_obj2nid(oid);
        if (stands_before(x509, i, oid) || (is_known(nid) && !is_sound(extension, nid))) {
            return (struct cert_flaw){ "RFC 5280 4.2", "an extension is malformed or there twice" };
        }
        if (X509_EXTENSION_get_critical(extension) && !is_known(nid)) {
            return (struct cert_flaw){ "RFC 5280 4.2", "a critical extension is not known here" };
        }
    }
    return (struct cert_flaw){ 0 };
}

struct cert_flaw extensions_flaw(X509 *x509)
{
    ERR_set_mark();
    struct cert_flaw flaw = find(x509);
    ERR_pop_to_mark();
    return flaw;
}
