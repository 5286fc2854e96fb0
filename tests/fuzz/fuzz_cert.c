/* One certificate or CRL: decoding, every accessor, a path of the certificate with the CRL as evidence. */
#include <base/cleanup.h>
#include <cert/crl.h>
#include <cert/path.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const int64_t AT = INT64_C(1790000000);

static void use_crl(sign_bytes der, const sign_cert *cert)
{
    CLEANUP(crl_free) struct crl *crl = NULL;
    if (crl_decode(&crl, der, NULL) != SIGN_OK) {
        return;
    }
    for (size_t i = 0; i < crl->n; i++) {
        sign_bytes serial = bytes_of(crl->der + crl->entries[i].serial_at, crl->entries[i].serial_len);
        const struct crl_entry *found = crl_find(crl, serial);
        if (found == NULL || found->date > crl->entries[i].date) {
            abort(); /* every entry is found, the earliest first */
        }
    }
    if (cert != NULL) {
        (void)crl_covers(crl, cert);
        (void)crl_signed_by(crl, cert);
    }
}

static void use_cert(const struct crypto *crypto, struct cert_cache *cache, sign_bytes der, const sign_cert *cert)
{
    CLEANUP(sign_trust_free) sign_trust *trust = NULL;
    CLEANUP(path_drop) struct path path = { 0 };
    const sign_cert *found[2];
    const char *texts[] = { sign_cert_subject(cert),      sign_cert_issuer(cert), sign_cert_common_name(cert),
                            sign_cert_organization(cert), sign_cert_serial(cert), sign_cert_sha256(cert) };
    for (size_t i = 0; i < COUNT(texts); i++) {
        (void)strlen(texts[i]);
    }
    (void)(cert_may_sign(cert) + cert_self_signed(cert));
    if (trust_new(&trust, cache, crypto, NULL) != SIGN_OK || sign_trust_add_anchor(trust, der, NULL) != SIGN_OK ||
        trust_find(trust, cert_subject_der(cert), found, COUNT(found)) != 1 || found[0] != cert) {
        abort(); /* what was decoded once is the same certificate ever after */
    }
    struct path_request request = { cert, NULL, 0, trust, AT, SIGN_REVOCATION_REQUIRE, true };
    if (path_build(&path, &request, crypto, NULL, NULL) != SIGN_OK || path.n != 1) {
        abort();
    }
}

/* Two bytes say where the first of two parts ends; each is a certificate or a CRL. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct crypto *crypto;
    if (size < 2 || (crypto == NULL && crypto_new(&crypto, NULL) != SIGN_OK)) {
        return 0;
    }
    CLEANUP(cert_cache_free) struct cert_cache *cache = NULL;
    CLEANUP(cert_free) sign_cert *cert = NULL;
    sign_bytes all = bytes_of(data + 2, size - 2);
    size_t cut = (size_t)data[0] << 8 | data[1];
    sign_bytes first = bytes_slice(all, 0, cut), second = bytes_slice(all, cut, all.len);
    if (cert_cache_new(&cache, crypto, NULL) != SIGN_OK) {
        return 0;
    }
    if (cert_get(cache, first, &cert, NULL) == SIGN_OK) {
        use_cert(crypto, cache, first, cert);
    }
    use_crl(second, cert);
    return 0;
}
