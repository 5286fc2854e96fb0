/* Decoding a CRL. Our own walk: OpenSSL's X509_CRL takes some 500 bytes an entry, this 16. */
#include <base/array.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <cert/crl.h>
#include <cert/der.h>
#include <cert/strength.h>
#include <openssl/err.h>
#include <stdlib.h>

_Static_assert(sizeof(struct crl_entry) == 16, "an entry of a CRL takes little");

static const char CLAUSE[] = "RFC 5280 5.1";

static int malformed(const struct crl *crl, const uint8_t *at, const char *what, sign_err *err)
{
    return err_set(err, SIGN_E_FORMAT, (uint64_t)(at - crl->der), CLAUSE, "CRL: %s is missing or not DER", what);
}

bool crl_looks_like(sign_bytes der)
{
    struct cursor all = cursor_over(der, 0);
    struct der outer, tbs, field;
    if (!der_expect(&all, DER_SEQUENCE, &outer)) {
        return false;
    }
    struct cursor c = cursor_over(outer.content, 0);
    if (!der_expect(&c, DER_SEQUENCE, &tbs)) {
        return false;
    }
    /* [version] signature issuer thisUpdate: a certificate has its validity, a SEQUENCE, where a CRL has a time. */
    c = cursor_over(tbs.content, 0);
    return der_optional(&c, DER_INTEGER, &field) && der_expect(&c, DER_SEQUENCE, &field) &&
           der_expect(&c, DER_SEQUENCE, &field) && der_next(&c, &field) &&
           (field.tag == DER_UTC_TIME || field.tag == DER_GENERALIZED_TIME);
}

static int read_issuer(struct crl *crl, sign_bytes whole, sign_err *err)
{
    const uint8_t *at = whole.ptr;
    ERR_set_mark();
    crl->issuer = d2i_X509_NAME(NULL, &at, (long)whole.len);
    ERR_pop_to_mark();
    if (crl->issuer == NULL || at != whole.ptr + whole.len) {
        return malformed(crl, whole.ptr, "issuer", err);
    }
    crl->issuer_der = whole;
    crl->issuer_hash = name_hash(crl->issuer);
    return SIGN_OK;
}

static bool read_entry(struct crl *crl, struct cursor *c, struct crl_entry *out)
{
    struct der whole, serial, extensions;
    if (!der_expect(c, DER_SEQUENCE, &whole)) {
        return false;
    }
    struct cursor in = cursor_over(whole.content, 0);
    if (!der_expect(&in, DER_INTEGER, &serial) || !der_minimal_integer(serial.content) ||
        serial.content.len > LIMIT_SERIAL || !der_time(&in, &out->date) ||
        !der_optional(&in, DER_SEQUENCE, &extensions) || !cursor_end(&in)) {
        return false;
    }
    out->serial_at = (uint32_t)(serial.content.ptr - crl->der);
    out->serial_len = (uint8_t)serial.content.len;
    out->reason = CRL_NO_REASON;
    return extensions.tag == 0 || crl_read_entry_extensions(crl, out, extensions.content);
}

static int read_entries(struct crl *crl, sign_bytes list, sign_err *err)
{
    struct cursor c = cursor_over(list, 0);
    size_t cap = 0;
    while (!cursor_end(&c)) {
        int rc = array_grow((void **)&crl->entries, &cap, crl->n + 1, sizeof *crl->entries, LIMIT_CRL_ENTRIES,
                            "entries of a CRL", err);
        if (rc != SIGN_OK) {
            return rc;
        }
        if (!read_entry(crl, &c, &crl->entries[crl->n])) {
            return malformed(crl, c.ptr + c.pos, "an entry of revokedCertificates", err);
        }
        crl->n++;
    }
    return SIGN_OK;
}

static int serial_order(const struct crl *crl, sign_bytes a, const struct crl_entry *b)
{
    if (a.len != b->serial_len) {
        return a.len < b->serial_len ? -1 : 1;
    }
    return memcmp(a.ptr, crl->der + b->serial_at, a.len);
}

static int entry_order(const void *left, const void *right, void *payload)
{
    const struct crl *crl = payload;
    const struct crl_entry *a = left, *b = right;
    int order = serial_order(crl, bytes_of(crl->der + a->serial_at, a->serial_len), b);
    return order != 0 ? order : (a->date > b->date) - (a->date < b->date);
}

const struct crl_entry *crl_find(const struct crl *crl, sign_bytes serial)
{
    size_t low = 0, high = crl->n;
    while (low < high) { /* the first of equal ones: the earliest */
        size_t middle = low + (high - low) / 2;
        if (serial_order(crl, serial, &crl->entries[middle]) <= 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low < crl->n && serial_order(crl, serial, &crl->entries[low]) == 0 ? &crl->entries[low] : NULL;
}

/* TBSCertList; algorithm is the outer one, which must be the same (5.1.1.2). */
static int read_tbs(struct crl *crl, sign_bytes tbs, sign_err *err)
{
    struct cursor c = cursor_over(tbs, 0);
    struct der version, algorithm, issuer, list, extensions, inner = { 0 };
    if (!der_optional(&c, DER_INTEGER, &version) || !der_expect(&c, DER_SEQUENCE, &algorithm) ||
        !der_expect(&c, DER_SEQUENCE, &issuer) || !der_time(&c, &crl->this_update)) {
        return malformed(crl, c.ptr + c.pos, "version, signature, issuer or thisUpdate", err);
    }
    if ((version.tag != 0 && !bytes_equal(version.content, BYTES_LIT("\x01"))) ||
        !bytes_equal(algorithm.whole, crl->algorithm)) {
        return err_set(err, SIGN_E_FORMAT, (uint64_t)(tbs.ptr - crl->der), CLAUSE,
                       "CRL: expected version 2 and the same algorithm inside and outside");
    }
    crl->next_update = INT64_MIN;
    int tag = cursor_peek(&c, 0);
    if ((tag == DER_UTC_TIME || tag == DER_GENERALIZED_TIME) && !der_time(&c, &crl->next_update)) {
        return malformed(crl, c.ptr + c.pos, "nextUpdate", err);
    }
    if (!der_optional(&c, DER_SEQUENCE, &list) || !der_optional(&c, DER_CONSTRUCTED(0), &extensions) ||
        !cursor_end(&c)) {
        return malformed(crl, c.ptr + c.pos, "revokedCertificates or crlExtensions", err);
    }
    if (extensions.tag != 0) {
        struct cursor e = cursor_over(extensions.content, 0);
        if (!der_expect(&e, DER_SEQUENCE, &inner) || !cursor_end(&e) || !crl_read_extensions(crl, inner.content)) {
            return malformed(crl, extensions.whole.ptr, "crlExtensions", err);
        }
    }
    if (crl->next_update == INT64_MIN && crl->unusable == NULL) {
        crl->unusable = "the CRL has no nextUpdate (RFC 5280 5.1.2.5)";
    }
    int rc = read_issuer(crl, issuer.whole, err);
    return rc == SIGN_OK ? read_entries(crl, list.content, err) : rc;
}

static int read_crl(struct crl *crl, sign_err *err)
{
    struct cursor all = cursor_over(bytes_of(crl->der, crl->der_len), 0);
    struct der outer, tbs, algorithm, signature;
    if (!der_expect(&all, DER_SEQUENCE, &outer) || !cursor_end(&all)) {
        return err_set(err, SIGN_E_FORMAT, 0, CLAUSE, "CRL: expected one DER SEQUENCE and nothing after it");
    }
    struct cursor c = cursor_over(outer.content, 0);
    if (!der_expect(&c, DER_SEQUENCE, &tbs) || !der_expect(&c, DER_SEQUENCE, &algorithm) ||
        !der_expect(&c, DER_BIT_STRING, &signature) || !cursor_end(&c)) {
        return malformed(crl, c.ptr + c.pos, "tbsCertList, signatureAlgorithm or signatureValue", err);
    }
    crl->tbs = tbs.whole;
    crl->algorithm = algorithm.whole;
    crl->signature = signature.whole;
    const uint8_t *at = crl->algorithm.ptr;
    ERR_set_mark();
    X509_ALGOR *decoded = d2i_X509_ALGOR(NULL, &at, (long)crl->algorithm.len);
    ERR_pop_to_mark();
    if (decoded == NULL) {
        return malformed(crl, crl->algorithm.ptr, "signatureAlgorithm", err);
    }
    crl->weak = signature_weak(decoded);
    X509_ALGOR_free(decoded);
    return read_tbs(crl, tbs.content, err);
}

int crl_decode(struct crl **out, sign_bytes der, sign_err *err)
{
    if (der.len > LIMIT_CONFIG_FILE || der.len == 0) {
        return err_set(err, SIGN_E_LIMIT, 0, NULL, "CRL of %zu bytes; at least 1, at most %zu", der.len,
                       LIMIT_CONFIG_FILE);
    }
    struct crl *made = calloc(1, sizeof *made);
    if (made == NULL || (made->der = malloc(der.len)) == NULL || pthread_mutex_init(&made->lock, NULL) != 0) {
        if (made != NULL) {
            free(made->der);
        }
        free(made);
        return err_nomem(err);
    }
    CLEANUP(crl_free) struct crl *crl = made;
    memcpy(crl->der, der.ptr, der.len);
    crl->der_len = der.len;
    int rc = read_crl(crl, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (crl->n > 1) {
        qsort_r(crl->entries, crl->n, sizeof *crl->entries, entry_order, crl);
    }
    *out = crl;
    crl = NULL;
    return SIGN_OK;
}

void crl_free(struct crl **crl)
{
    struct crl *mine = *crl;
    *crl = NULL;
    if (mine == NULL) {
        return;
    }
    X509_NAME_free(mine->issuer);
    pthread_mutex_destroy(&mine->lock);
    free(mine->entries);
    free(mine->der);
    free(mine);
}
