/* The store: certificates by subject, CRLs by issuer. */
#include <base/array.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <cert/trust_impl.h>
#include <openssl/err.h>
#include <stdlib.h>

int trust_new(sign_trust **out, struct cert_cache *cache, const struct crypto *crypto, sign_err *err)
{
    sign_trust *trust = calloc(1, sizeof *trust);
    if (trust == NULL) {
        return err_nomem(err);
    }
    trust->cache = cache;
    *out = trust;
    return SIGN_OK;
}

void sign_trust_free(sign_trust **trust)
{
    if (!trust || !*trust) {
        return;
    }
    sign_trust *mine = *trust;
    *trust = NULL;
    for (size_t i = 0; i < mine->n_certs; i++) {
        cert_free(&mine->certs[i].cert);
    }
    for (size_t i = 0; i < mine->n_crls; i++) {
        crl_free(&mine->crls[i].crl);
    }
    free(mine->certs);
    free(mine->crls);
    free(mine);
}

const struct trust_cert *trust_certs(const sign_trust *trust, uint32_t subject_hash)
{
    uint32_t head = trust->by_subject[subject_hash % TRUST_HEADS];
    return head != 0 ? &trust->certs[head - 1] : NULL;
}

const struct trust_cert *trust_next_cert(const sign_trust *trust, const struct trust_cert *entry)
{
    return entry->next != 0 ? &trust->certs[entry->next - 1] : NULL;
}

const struct trust_crl *trust_crls(const sign_trust *trust, uint32_t issuer_hash)
{
    uint32_t head = trust->by_issuer[issuer_hash % TRUST_HEADS];
    return head != 0 ? &trust->crls[head - 1] : NULL;
}

const struct trust_crl *trust_next_crl(const sign_trust *trust, const struct trust_crl *entry)
{
    return entry->next != 0 ? &trust->crls[entry->next - 1] : NULL;
}

static const struct trust_cert *find_cert(const sign_trust *trust, const sign_cert *cert)
{
    const struct trust_cert *e = trust_certs(trust, cert->subject_hash);
    while (e != NULL && !cert_equal(e->cert, cert)) {
        e = trust_next_cert(trust, e);
    }
    return e;
}

int trust_add_cert(sign_trust *trust, sign_cert *cert, bool anchor, sign_err *err)
{
    CLEANUP(cert_free) sign_cert *mine = cert;
    const struct trust_cert *found = find_cert(trust, mine);
    if (found != NULL) { /* evidence may become an anchor, never the other way round */
        struct trust_cert *entry = &trust->certs[found - trust->certs];
        trust->n_anchors += anchor && !entry->anchor;
        entry->anchor = entry->anchor || anchor;
        return SIGN_OK;
    }
    int rc = array_grow((void **)&trust->certs, &trust->cap_certs, trust->n_certs + 1, sizeof *trust->certs,
                        LIMIT_TRUST_CERTS, "certificates of a trust store", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    uint32_t *head = &trust->by_subject[mine->subject_hash % TRUST_HEADS];
    trust->certs[trust->n_certs] = (struct trust_cert){ mine, anchor, *head };
    *head = (uint32_t)++trust->n_certs;
    trust->n_anchors += anchor;
    mine = NULL;
    return SIGN_OK;
}

int trust_add_crl(sign_trust *trust, struct crl *crl, sign_err *err)
{
    CLEANUP(crl_free) struct crl *mine = crl;
    for (const struct trust_crl *e = trust_crls(trust, mine->issuer_hash); e != NULL; e = trust_next_crl(trust, e)) {
        if (bytes_equal(bytes_of(e->crl->der, e->crl->der_len), bytes_of(mine->der, mine->der_len))) {
            return SIGN_OK;
        }
    }
    int rc = array_grow((void **)&trust->crls, &trust->cap_crls, trust->n_crls + 1, sizeof *trust->crls,
                        LIMIT_TRUST_CRLS, "CRLs of a trust store", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    uint32_t *head = &trust->by_issuer[mine->issuer_hash % TRUST_HEADS];
    trust->crls[trust->n_crls] = (struct trust_crl){ mine, *head };
    *head = (uint32_t)++trust->n_crls;
    mine = NULL;
    return SIGN_OK;
}

bool trust_has_anchors(const sign_trust *trust)
{
    return trust != NULL && trust->n_anchors > 0;
}

bool trust_is_anchor(const sign_trust *trust, const sign_cert *cert)
{
    const struct trust_cert *found = trust != NULL ? find_cert(trust, cert) : NULL;
    return found != NULL && found->anchor;
}

size_t trust_find(const sign_trust *trust, sign_bytes subject_der, const sign_cert **out, size_t cap)
{
    const uint8_t *at = subject_der.ptr;
    ERR_set_mark();
    X509_NAME *name = trust != NULL ? d2i_X509_NAME(NULL, &at, (long)subject_der.len) : NULL;
    ERR_pop_to_mark();
    if (name == NULL) {
        return 0;
    }
    size_t n = 0;
    for (int anchors = 1; anchors >= 0; anchors--) {
        const struct trust_cert *e = trust_certs(trust, name_hash(name));
        for (; e != NULL && n < cap; e = trust_next_cert(trust, e)) {
            if (e->anchor == (anchors == 1) && X509_NAME_cmp(X509_get_subject_name(e->cert->x509), name) == 0) {
                out[n++] = e->cert;
            }
        }
    }
    X509_NAME_free(name);
    return n;
}

const sign_cert *trust_cert_at(const sign_trust *trust, size_t i)
{
    return trust != NULL && i < trust->n_certs ? trust->certs[i].cert : NULL;
}
