/* Whose a CRL is, and of which certificates it speaks. */
#include <base/cleanup.h>
#include <base/limits.h>
#include <cert/crl.h>
#include <cert/der.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

/*
 * tbsCertList goes to OpenSSL as an ANY, which is written as it was read: ASN1_item_verify then does all algorithms,
 * RSASSA-PSS parameters included, over exactly these bytes. 1 good, 0 bad, -1 it cannot be told.
 */
static int verify(const struct crl *crl, EVP_PKEY *key)
{
    const uint8_t *a = crl->algorithm.ptr, *s = crl->signature.ptr, *t = crl->tbs.ptr;
    ERR_set_mark();
    X509_ALGOR *algorithm = d2i_X509_ALGOR(NULL, &a, (long)crl->algorithm.len);
    ASN1_BIT_STRING *signature = d2i_ASN1_BIT_STRING(NULL, &s, (long)crl->signature.len);
    ASN1_TYPE *tbs = d2i_ASN1_TYPE(NULL, &t, (long)crl->tbs.len);
    int outcome = algorithm != NULL && signature != NULL && tbs != NULL
                      ? ASN1_item_verify(ASN1_ITEM_rptr(ASN1_ANY), algorithm, signature, tbs, key)
                      : -1;
    ASN1_TYPE_free(tbs);
    ASN1_BIT_STRING_free(signature);
    X509_ALGOR_free(algorithm);
    ERR_pop_to_mark();
    return outcome;
}

bool crl_signed_by(const struct crl *crl, const sign_cert *cert)
{
    struct crl *mine = (struct crl *)(uintptr_t)crl; /* what is remembered is not part of what is immutable */
    /* RFC 5280 6.3.3 (f): cRLSign, where the issuer's certificate has a keyUsage. */
    if (cert->key == NULL || (X509_get_key_usage(cert->x509) & KU_CRL_SIGN) == 0) {
        return false;
    }
    pthread_mutex_lock(&mine->lock);
    for (unsigned i = 0; i < CERT_LINKS; i++) {
        if (mine->links[i].known && memcmp(mine->links[i].issuer, cert->sha256, CERT_SHA256) == 0) {
            bool good = mine->links[i].good;
            pthread_mutex_unlock(&mine->lock);
            return good;
        }
    }
    pthread_mutex_unlock(&mine->lock);
    int outcome = verify(crl, cert->key);
    if (outcome < 0) { /* could not tell: not remembered */
        return false;
    }
    struct cert_link link = { .known = true, .good = outcome == 1 };
    memcpy(link.issuer, cert->sha256, CERT_SHA256);
    pthread_mutex_lock(&mine->lock);
    mine->links[mine->next_link++ % CERT_LINKS] = link;
    pthread_mutex_unlock(&mine->lock);
    return link.good;
}

static bool scope_has(const struct crl *crl, sign_bytes name)
{
    struct cursor c = cursor_over(crl->scope, 0);
    struct der mine;
    for (size_t i = 0; i < LIMIT_CRL_NAMES && der_next(&c, &mine); i++) {
        if (bytes_equal(mine.whole, name)) {
            return true;
        }
    }
    return false;
}

/* The fullName of this DistributionPoint (4.2.1.13) holds one of the CRL's names, byte for byte: no URI is normalised. */
static bool is_point_of(const struct crl *crl, sign_bytes named)
{
    struct cursor p = cursor_over(named, 0);
    struct der full, name;
    if (!der_expect(&p, DER_CONSTRUCTED(0), &full)) {
        return false;
    }
    p = cursor_over(full.content, 0);
    for (size_t n = LIMIT_CRL_NAMES; n > 0 && der_next(&p, &name); n--) {
        if (scope_has(crl, name.whole)) {
            return true;
        }
    }
    return false;
}

/* Some of the certificate's cRLDistributionPoints is the CRL's. 6.3.3 (d)(3): one with reasons is there for those alone. */
static enum crl_cover shared_point(const struct crl *crl, sign_bytes points)
{
    struct cursor c = cursor_over(points, 0);
    struct der list, point, named, reasons;
    enum crl_cover cover = CRL_COVERS_NOT;
    if (!der_expect(&c, DER_SEQUENCE, &list) || !cursor_end(&c)) {
        return cover;
    }
    c = cursor_over(list.content, 0);
    for (size_t left = LIMIT_CRL_NAMES; left > 0 && der_expect(&c, DER_SEQUENCE, &point); left--) {
        struct cursor p = cursor_over(point.content, 0);
        if (!der_expect(&p, DER_CONSTRUCTED(0), &named) || !der_optional(&p, DER_CONTEXT(1), &reasons) ||
            !is_point_of(crl, named.content)) {
            continue;
        }
        if (reasons.tag == 0) {
            return CRL_COVERS;
        }
        cover = CRL_COVERS_SOME_REASONS;
    }
    return cover;
}

enum crl_cover crl_covers(const struct crl *crl, const sign_cert *cert)
{
    bool ca = cert_is_ca(cert);
    if ((crl->user_only && ca) || (crl->ca_only && !ca)) {
        return CRL_COVERS_NOT;
    }
    if (crl->scope.len == 0) {
        return crl->some_reasons ? CRL_COVERS_SOME_REASONS : CRL_COVERS;
    }
    /* 6.3.3 (b)(2)(i). A certificate without distribution points is covered by CRLs of the whole issuer alone. */
    int at = X509_get_ext_by_NID(cert->x509, NID_crl_distribution_points, -1);
    if (at < 0) {
        return CRL_COVERS_NOT;
    }
    const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(X509_get_ext(cert->x509, at));
    sign_bytes points = bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
    enum crl_cover cover = shared_point(crl, points);
    return cover == CRL_COVERS && crl->some_reasons ? CRL_COVERS_SOME_REASONS : cover;
}
