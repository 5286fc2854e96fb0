/* What a decoded certificate says: the public accessors and this room's own. */
#include <cert/cert_impl.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

sign_bytes sign_cert_der(const sign_cert *cert)
{
    return cert ? bytes_of(cert->der, cert->der_len) : (sign_bytes){ 0 };
}

const char *sign_cert_subject(const sign_cert *cert)
{
    return cert ? cert->subject_text : "";
}

const char *sign_cert_issuer(const sign_cert *cert)
{
    return cert ? cert->issuer_text : "";
}

const char *sign_cert_common_name(const sign_cert *cert)
{
    return cert ? cert->common_name : "";
}

const char *sign_cert_organization(const sign_cert *cert)
{
    return cert ? cert->organization : "";
}

const char *sign_cert_serial(const sign_cert *cert)
{
    return cert ? cert->serial_hex : "";
}

const char *sign_cert_sha256(const sign_cert *cert)
{
    return cert ? cert->sha256_hex : "";
}

int64_t sign_cert_not_before(const sign_cert *cert)
{
    return cert ? cert->not_before : 0;
}

int64_t sign_cert_not_after(const sign_cert *cert)
{
    return cert ? cert->not_after : 0;
}

const uint8_t *cert_sha256(const sign_cert *cert)
{
    return cert->sha256;
}

EVP_PKEY *cert_key(const sign_cert *cert)
{
    return cert->key;
}

X509 *cert_x509(const sign_cert *cert)
{
    return cert->x509;
}

sign_bytes cert_issuer_der(const sign_cert *cert)
{
    return cert->issuer;
}

sign_bytes cert_subject_der(const sign_cert *cert)
{
    return cert->subject;
}

sign_bytes cert_serial_der(const sign_cert *cert)
{
    return cert->serial;
}

sign_bytes cert_key_id(const sign_cert *cert)
{
    return cert->key_id;
}

bool cert_is_ca(const sign_cert *cert)
{
    return (X509_get_extension_flags(cert->x509) & EXFLAG_CA) != 0;
}

bool cert_equal(const sign_cert *a, const sign_cert *b)
{
    return a == b || memcmp(a->sha256, b->sha256, CERT_SHA256) == 0;
}

bool cert_may_sign(const sign_cert *cert)
{
    /* UINT32_MAX where there is no keyUsage: RFC 5280 4.2.1.3 then restricts nothing. */
    return (X509_get_key_usage(cert->x509) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

bool cert_for_documents(const sign_cert *cert)
{
    return cert->for_documents;
}

uint32_t name_hash(const X509_NAME *name)
{
    int ok = 0;
    ERR_set_mark();
    unsigned long hash = X509_NAME_hash_ex(name, NULL, NULL, &ok);
    ERR_pop_to_mark();
    return ok ? (uint32_t)hash : 0;
}

static bool names_equal(const X509_NAME *a, const X509_NAME *b)
{
    return X509_NAME_cmp(a, b) == 0;
}

bool cert_names_issuer(const sign_cert *cert, const sign_cert *issuer)
{
    return cert->issuer_hash == issuer->subject_hash &&
           names_equal(X509_get_issuer_name(cert->x509), X509_get_subject_name(issuer->x509));
}

bool cert_self_issued(const sign_cert *cert)
{
    return cert_names_issuer(cert, cert);
}

bool cert_self_signed(const sign_cert *cert)
{
    return cert_self_issued(cert) && cert_signed_by(cert, cert);
}

static bool link_recall(sign_cert *cert, const sign_cert *issuer, bool *good)
{
    bool known = false;
    pthread_mutex_lock(&cert->lock);
    for (unsigned i = 0; i < CERT_LINKS && !known; i++) {
        const struct cert_link *link = &cert->links[i];
        if (link->known && memcmp(link->issuer, issuer->sha256, CERT_SHA256) == 0) {
            known = true;
            *good = link->good;
        }
    }
    pthread_mutex_unlock(&cert->lock);
    return known;
}

static void link_remember(sign_cert *cert, const sign_cert *issuer, bool good)
{
    pthread_mutex_lock(&cert->lock);
    struct cert_link *link = &cert->links[cert->next_link++ % CERT_LINKS];
    memcpy(link->issuer, issuer->sha256, CERT_SHA256);
    link->good = good;
    link->known = true;
    pthread_mutex_unlock(&cert->lock);
}

bool cert_signed_by(const sign_cert *cert, const sign_cert *issuer)
{
    sign_cert *mine = (sign_cert *)(uintptr_t)cert; /* what is remembered is not part of what is immutable */
    bool good = false;
    if (issuer->key == NULL || link_recall(mine, issuer, &good)) {
        return good;
    }
    /* X509_verify also holds tbsCertificate.signature against signatureAlgorithm (RFC 5280 4.1.1.2). */
    ERR_set_mark();
    int outcome = X509_verify(mine->x509, issuer->key);
    ERR_pop_to_mark();
    if (outcome >= 0) { /* below: OpenSSL could not tell, perhaps for want of memory; it may next time */
        link_remember(mine, issuer, outcome == 1);
    }
    return outcome == 1;
}
