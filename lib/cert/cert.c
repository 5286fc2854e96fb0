/* Decoding a certificate, once. */
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <cert/cert_impl.h>
#include <cert/der.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

static const char CLAUSE[] = "RFC 5280 4.1";

/* What follows the public key: unique identifiers that nobody uses, and extensions (4.1.2.8, 4.1.2.9). */
static int walk_rest(const sign_cert *cert, struct cursor *c, sign_err *err)
{
    struct der skipped, extensions, list;
    if (!der_optional(c, DER_CONTEXT(1), &skipped) || !der_optional(c, DER_CONTEXT(2), &skipped) ||
        !der_optional(c, DER_CONSTRUCTED(3), &extensions) || !cursor_end(c)) {
        return err_set(err, SIGN_E_FORMAT, cursor_offset(c), CLAUSE,
                       "certificate: something unknown in tbsCertificate");
    }
    if (extensions.tag == 0) {
        return SIGN_OK;
    }
    uint64_t at = (uint64_t)(extensions.content.ptr - cert->der);
    struct cursor in = cursor_over(extensions.content, at);
    if (!der_expect(&in, DER_SEQUENCE, &list) || !cursor_end(&in)) {
        return err_set(err, SIGN_E_FORMAT, at, CLAUSE, "certificate: extensions are no SEQUENCE");
    }
    in = cursor_over(list.content, at);
    for (size_t n = 0; der_next(&in, &skipped); n++) {
        if (n >= LIMIT_CERT_EXTS) {
            return err_set(err, SIGN_E_LIMIT, at, NULL, "certificate: more than %d extensions", LIMIT_CERT_EXTS);
        }
    }
    return SIGN_OK;
}

/* Certificate and TBSCertificate. OpenSSL reads the same bytes; this is stricter (DER alone). */
static int walk_fields(sign_cert *cert, sign_err *err)
{
    struct cursor all = cursor_over(bytes_of(cert->der, cert->der_len), 0);
    struct der certificate, tbs, skipped, serial, issuer, validity, subject, spki;
    if (!der_expect(&all, DER_SEQUENCE, &certificate) || !cursor_end(&all)) {
        return err_set(err, SIGN_E_FORMAT, 0, CLAUSE, "certificate: expected one DER SEQUENCE and nothing after it");
    }
    struct cursor outer = cursor_over(certificate.content, (uint64_t)(certificate.content.ptr - cert->der));
    if (!der_expect(&outer, DER_SEQUENCE, &tbs) || !der_expect(&outer, DER_SEQUENCE, &skipped) ||
        !der_expect(&outer, DER_BIT_STRING, &skipped) || !cursor_end(&outer)) {
        return err_set(err, SIGN_E_FORMAT, cursor_offset(&outer), CLAUSE,
                       "certificate: expected tbsCertificate, signatureAlgorithm and signatureValue in DER");
    }
    struct cursor c = cursor_over(tbs.content, (uint64_t)(tbs.content.ptr - cert->der));
    if (!der_optional(&c, DER_CONSTRUCTED(0), &skipped) || !der_expect(&c, DER_INTEGER, &serial) ||
        !der_expect(&c, DER_SEQUENCE, &skipped) || !der_expect(&c, DER_SEQUENCE, &issuer) ||
        !der_expect(&c, DER_SEQUENCE, &validity) || !der_expect(&c, DER_SEQUENCE, &subject) ||
        !der_expect(&c, DER_SEQUENCE, &spki)) {
        return err_set(err, SIGN_E_FORMAT, cursor_offset(&c), CLAUSE,
                       "certificate: a field of tbsCertificate is missing");
    }
    if (!der_minimal_integer(serial.content) || serial.content.len > LIMIT_SERIAL) {
        return err_set(err, SIGN_E_FORMAT, (uint64_t)(serial.content.ptr - cert->der), "RFC 5280 4.1.2.2",
                       "certificate: expected a serial number of 1 to %d octets", LIMIT_SERIAL);
    }
    struct cursor times = cursor_over(validity.content, 0);
    if (!der_time(&times, &cert->not_before) || !der_time(&times, &cert->not_after) || !cursor_end(&times)) {
        return err_set(err, SIGN_E_FORMAT, (uint64_t)(validity.content.ptr - cert->der), "RFC 5280 4.1.2.5",
                       "certificate: validity is not two times in UTC");
    }
    cert->serial = serial.content;
    cert->issuer = issuer.whole;
    cert->subject = subject.whole;
    cert->spki = spki.whole;
    return walk_rest(cert, &c, err);
}

static int decode_x509(sign_cert *cert, sign_err *err)
{
    const uint8_t *at = cert->der;
    ERR_set_mark();
    cert->x509 = d2i_X509(NULL, &at, (long)cert->der_len);
    ERR_pop_to_mark();
    if (cert->x509 == NULL || at != cert->der + cert->der_len) {
        return err_set(err, SIGN_E_FORMAT, 0, CLAUSE, "certificate: OpenSSL does not read it as X.509");
    }
    ERR_set_mark();
    X509_get_extension_flags(cert->x509); /* fills OpenSSL's own cache of extensions, now and not in some thread */
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(cert->x509);
    const ASN1_OCTET_STRING *issuers = X509_get0_authority_key_id(cert->x509);
    ERR_pop_to_mark();
    if (own != NULL) {
        cert->key_id = bytes_of(ASN1_STRING_get0_data(own), (size_t)ASN1_STRING_length(own));
    }
    if (issuers != NULL) {
        cert->issuer_key_id = bytes_of(ASN1_STRING_get0_data(issuers), (size_t)ASN1_STRING_length(issuers));
    }
    cert->key = key_of(cert->x509);
    cert->key_cost = key_cost(cert->key);
    cert->for_documents = cert_judge_usage(cert);
    cert->flaw = extensions_flaw(cert->x509);
    return SIGN_OK;
}

static char *hex_text(sign_bytes bytes)
{
    struct build out = { 0 };
    build_hex(&out, bytes, false);
    return build_to_string(&out);
}

static int describe(sign_cert *cert, sign_err *err)
{
    const X509_NAME *subject = X509_get_subject_name(cert->x509), *issuer = X509_get_issuer_name(cert->x509);
    cert->subject_hash = name_hash(subject);
    cert->issuer_hash = name_hash(issuer);
    cert->subject_text = name_text(subject);
    cert->issuer_text = name_text(issuer);
    cert->common_name = name_part(subject, NID_commonName);
    cert->organization = name_part(subject, NID_organizationName);
    /* The leading zero before a set high bit is encoding, not number: printed as openssl does, without it. */
    sign_bytes serial = cert->serial;
    cert->serial_hex = hex_text(serial.len > 1 && serial.ptr[0] == 0 ? bytes_slice(serial, 1, serial.len) : serial);
    cert->sha256_hex = hex_text(bytes_of(cert->sha256, CERT_SHA256));
    return cert->subject_text && cert->issuer_text && cert->common_name && cert->organization && cert->serial_hex &&
                   cert->sha256_hex
               ? SIGN_OK
               : err_nomem(err);
}

static sign_cert *cert_alloc(sign_bytes der, const uint8_t sha256[CERT_SHA256])
{
    sign_cert *cert = calloc(1, sizeof *cert);
    if (cert == NULL || (cert->der = malloc(der.len)) == NULL || pthread_mutex_init(&cert->lock, NULL) != 0) {
        if (cert != NULL) {
            free(cert->der);
        }
        free(cert);
        return NULL;
    }
    memcpy(cert->der, der.ptr, der.len);
    cert->der_len = der.len;
    memcpy(cert->sha256, sha256, CERT_SHA256);
    atomic_init(&cert->refs, 1);
    return cert;
}

int cert_decode(sign_cert **out, sign_bytes der, const uint8_t sha256[CERT_SHA256], sign_err *err)
{
    if (der.len == 0) {
        return err_set(err, SIGN_E_FORMAT, 0, CLAUSE, "certificate: expected DER, found nothing");
    }
    if (der.len > LIMIT_CERT_DER) {
        return err_set(err, SIGN_E_LIMIT, 0, NULL, "certificate of %zu bytes; at most %zu", der.len, LIMIT_CERT_DER);
    }
    CLEANUP(cert_free) sign_cert *cert = cert_alloc(der, sha256);
    if (cert == NULL) {
        return err_nomem(err);
    }
    int rc = walk_fields(cert, err);
    if (rc == SIGN_OK) {
        rc = decode_x509(cert, err);
    }
    if (rc == SIGN_OK) {
        rc = describe(cert, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    *out = cert;
    cert = NULL;
    return SIGN_OK;
}

sign_cert *cert_ref(const sign_cert *cert)
{
    sign_cert *mine = (sign_cert *)(uintptr_t)cert; /* the count is not part of what is immutable */
    if (mine != NULL) {
        atomic_fetch_add_explicit(&mine->refs, 1, memory_order_relaxed);
    }
    return mine;
}

void cert_free(sign_cert **cert)
{
    sign_cert *mine = *cert;
    *cert = NULL;
    if (mine == NULL || atomic_fetch_sub_explicit(&mine->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    X509_free(mine->x509);
    pthread_mutex_destroy(&mine->lock);
    char *texts[] = { mine->subject_text, mine->issuer_text, mine->common_name,
                      mine->organization, mine->serial_hex,  mine->sha256_hex };
    for (size_t i = 0; i < COUNT(texts); i++) {
        free(texts[i]);
    }
    free(mine->der);
    free(mine);
}
