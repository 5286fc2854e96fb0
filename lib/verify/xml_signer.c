#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <verify/xml_signer.h>

/* Of the certificates that the caller gave: each costs a public-key operation a signature. */
#define MOST_TRIES 64

struct search {
    const struct gather *g;
    const struct xml_sig *sig;
    struct signed_value value;      /* tbs empty where SignedInfo could not be had */
    EVP_PKEY *key_value;            /* owned; NULL where there is none             */
    EVP_PKEY *proven;               /* borrowed: of a certificate that has_signed     */
    bool key_value_bad;             /* there is one, and it cannot be read         */
};

static void search_drop(struct search *s)
{
    EVP_PKEY_free(s->key_value);
}

static bool has_the_key(const void *payload, const sign_cert *cert)
{
    const struct search *s = payload;
    EVP_PKEY *key = cert_key(cert);
    return key && EVP_PKEY_eq(key, s->key_value) == 1;
}

struct named { const struct crypto *crypto; const struct xml_cert_ref *ref; };

static bool has_the_digest(const void *payload, const sign_cert *cert)
{
    const struct named *named = payload;
    const struct xml_cert_ref *ref = named->ref;
    uint8_t computed[DIGEST_MAX];
    const uint8_t *digest = computed;
    if (!ref->alg) {
        return false;
    }
    if (ref->alg->id == SIGN_DIGEST_SHA256) {
        digest = cert_sha256(cert);
    } else if (digest_bytes(named->crypto, ref->alg, sign_cert_der(cert), computed, NULL) != SIGN_OK) {
        return false;
    }
    return bytes_equal(ref->digest, bytes_of(digest, ref->alg->size));
}

/* Whether the decimal digits are this big-endian number: long division, digit by digit from the last. */
static bool is_decimal_of(sign_bytes digits, sign_bytes number)
{
    uint8_t left[32];
    if (digits.len == 0 || number.len > sizeof left) {
        return false;
    }
    memcpy(left, number.ptr, number.len);
    for (size_t i = digits.len; i-- > 0;) {
        unsigned rest = 0;
        for (size_t k = 0; k < number.len; k++) {
            rest = rest << 8 | left[k];
            left[k] = (uint8_t)(rest / 10);
            rest %= 10;
        }
        if (digits.ptr[i] != '0' + rest) {
            return false;
        }
    }
    for (size_t k = 0; k < number.len; k++) {
        if (left[k] != 0) {
            return false;
        }
    }
    return true;
}

/* X509SerialNumber is decimal (XMLDSig 4.5.4.1) and at most 20 octets wide (RFC 5280 4.1.2.2): 49 digits. */
static bool is_serial(sign_bytes text, const sign_cert *cert)
{
    return text.len <= 64 && is_decimal_of(text, cert_serial_der(cert));
}

static bool has_the_serial(const void *payload, const sign_cert *cert)
{
    const struct search *s = payload;
    for (size_t i = 0; i < s->sig->n_issuer_serials; i++) {
        if (is_serial(s->sig->issuer_serials[i].serial_text, cert)) {
            return true;
        }
    }
    return false;
}

/* Its key makes the signature value right. */
static bool has_signed(const void *payload, const sign_cert *cert)
{
    const struct search *s = payload;
    bool good = false;
    EVP_PKEY *key = cert_key(cert);
    return key && s->value.tbs.len > 0 && value_try(s->g, key, &s->value, &good, NULL) == SIGN_OK && good;
}

static bool is_issuer_of_another(const struct facts *f, const sign_cert *cert)
{
    for (size_t i = 0; i < f->n_sent; i++) {
        if (!cert_equal(f->sent[i], cert) && bytes_equal(cert_issuer_der(f->sent[i]), cert_subject_der(cert))) {
            return true;
        }
    }
    return false;
}

static const sign_cert *find_leaf(const struct facts *f)
{
    for (size_t i = 0; i < f->n_sent; i++) {
        if (!is_issuer_of_another(f, f->sent[i])) {
            return f->sent[i];
        }
    }
    return f->n_sent > 0 ? f->sent[0] : NULL;
}

static bool ref_is_usable(const struct xml_sig *sig)
{
    return sig->xades && sig->signed_props_bound && sig->n_cert_refs > 0;
}

/* Each try may cost a public-key operation: no honest KeyInfo holds more than a chain. */
static const sign_cert *find_sent(const struct facts *f, signer_fits_fn fits, const struct search *s)
{
    for (size_t i = 0; i < f->n_sent && i < 2 * LIMIT_CHAIN; i++) {
        if (fits(s, f->sent[i])) {
            return f->sent[i];
        }
    }
    return NULL;
}

static bool has_the_serial_and_signed(const void *payload, const sign_cert *cert)
{
    return has_the_serial(payload, cert) && has_signed(payload, cert);
}

/* A serial number that was drawn at random names one certificate without its issuer: RFC 5280 4.1.2.2, CA/B BR 7.1. */
#define RANDOM_SERIAL 8

static bool has_the_random_serial(const void *payload, const sign_cert *cert)
{
    return cert_serial_der(cert).len >= RANDOM_SERIAL && has_the_serial(payload, cert);
}

/*
 * Some producers list the serial numbers of the whole chain, and short ones are given out by every authority: a
 * certificate found by such a number, whose key did not sign, is another one, and says nothing of the value.
 */
static const sign_cert *find_by_serial(const struct facts *f, const struct search *s)
{
    const sign_cert *cert = signer_find(f, s->g, has_the_serial_and_signed, s);
    return cert || s->sig->n_issuer_serials > 1 ? cert : signer_find(f, s->g, has_the_random_serial, s);
}

/* KeyInfo may be absent (XMLDSig 4.5), or name a key by words of its own: KeyName, X509SKI, X509SubjectName. */
static const sign_cert *find_given(const struct search *s)
{
    const sign_cert *cert;
    for (size_t i = 0; i < MOST_TRIES && (cert = trust_cert_at(s->g->trust, i)) != NULL; i++) {
        if (has_signed(s, cert)) {
            return cert;
        }
    }
    return NULL;
}

/* SigningCertificate may name the whole path, in any order (TS 101 903 G.2.2.5, EN 319 102-1 5.2.3.4). */
static const sign_cert *find_named(const struct facts *f, const struct search *s)
{
    const sign_cert *first = NULL;
    for (size_t i = 0; i < s->sig->n_cert_refs; i++) {
        const struct named named = { s->g->crypto, &s->sig->cert_refs[i] };
        const sign_cert *cert = signer_find(f, s->g, has_the_digest, &named);
        if (cert && (s->sig->n_cert_refs == 1 || has_signed(s, cert))) {
            return cert;
        }
        first = first ? first : cert;
    }
    return first;
}

/* KeyInfo may hold a whole chain in any order, or one whose end is not in it (XMLDSig 4.5.4). */
static const sign_cert *find_in_chain(const struct facts *f, const struct search *s)
{
    const sign_cert *cert = find_sent(f, has_signed, s);
    cert = cert ? cert : find_given(s);
    return cert ? cert : find_leaf(f);
}

/*
 * In this order: the certificate that the signed reference names; among those sent, then among those the caller gave,
 * the one whose key signed, else the end of the chain that was sent; where none was, among those the caller gave, by
 * key, by serial, or the one whose key signed.
 */
static const sign_cert *find_signer(const struct facts *f, const struct search *s)
{
    const sign_cert *cert = NULL;
    if (ref_is_usable(s->sig)) {
        cert = find_named(f, s);
    }
    if (!cert && f->n_sent > 0) {
        return find_in_chain(f, s);
    }
    if (!cert && s->key_value) {
        cert = signer_find(f, s->g, has_the_key, s);
    }
    if (!cert && s->sig->n_issuer_serials > 0) {
        cert = find_by_serial(f, s);
    }
    return cert || s->key_value ? cert : find_given(s);
}

/* One of the property's references must be of the signer's certificate; an unknown digest may have been that one. */
static int check_refs(struct facts *f, const struct search *s, bool v2, sign_err *err)
{
    const struct xml_cert_ref *best = NULL;
    for (size_t i = 0; f->cert && i < s->sig->n_cert_refs; i++) {
        const struct xml_cert_ref *ref = &s->sig->cert_refs[i];
        const struct named named = { s->g->crypto, ref };
        if (ref->v2 != v2) {
            continue;
        }
        if (has_the_digest(&named, f->cert)) {
            best = ref;
            break;
        }
        best = best && ref->alg ? best : ref;
    }
    const struct cert_ref ref = { .alg = best ? best->alg : NULL, .digest = best ? best->digest : (sign_bytes){ 0 } };
    return best ? signer_check_ref(f, s->g, &ref, err) : SIGN_OK;
}

static int check_ref(struct facts *f, const struct search *s, sign_err *err)
{
    if (!ref_is_usable(s->sig)) {
        fact_true(&f->bound);           /* nothing signed names a certificate */
        return SIGN_OK;
    }
    int rc = check_refs(f, s, true, err);
    return rc == SIGN_OK ? check_refs(f, s, false, err) : rc;
}

/* XMLDSig 4.5: all that KeyInfo holds is about one key. Hints that fit nothing were tampered with. */
static void check_keyinfo(struct facts *f, const struct search *s)
{
    if (!f->cert) {
        return;
    }
    bool key_differs = s->key_value_bad || (s->key_value && !has_the_key(s, f->cert));
    bool serial_differs =
        s->sig->n_issuer_serials > 0 && !has_the_serial(s, f->cert) && !find_sent(f, has_the_serial, s);
    if (key_differs || serial_differs) {
        deny(f, s->g, &f->consistent, MSG_KEYINFO_CONTRADICTS, NULL, NULL);
    }
}

static int check_value(struct facts *f, const struct search *s, sign_err *err)
{
    if (s->value.tbs.len == 0 || s->sig->hmac || !s->sig->method_known) {
        return SIGN_OK;
    }
    if (f->cert) {
        return value_check(f, s->g, cert_key(f->cert), &s->value, err);
    }
    if (s->key_value) {                 /* mathematics without a person */
        return value_check(f, s->g, s->key_value, &s->value, err);
    }
    if (s->key_value_bad) {
        deny(f, s->g, &f->supported, MSG_UNSUPPORTED, "XMLDSig 4.5.2", "the key in KeyValue");
    }
    return SIGN_OK;
}

static int prepare(struct facts *f, struct search *s, struct build *info, const struct xml_doc *doc, size_t i,
                   sign_err *err)
{
    s->value = (struct signed_value){
        .params = s->sig->params, .value = s->sig->value, .ecdsa_raw = true, .proven = &s->proven,
    };
    int rc = xml_key_value(&s->key_value, s->sig, NULL);
    if (rc == SIGN_E_NOMEM) {
        return err_nomem(err);
    }
    s->key_value_bad = rc != SIGN_OK && rc != SIGN_E_NOTFOUND;
    if (s->sig->malformed || s->sig->c14n.method == C14N_NONE) {
        return SIGN_OK;
    }
    sign_err why = SIGN_ERR_INIT;
    rc = xml_signed_info(info, doc, i, &why);
    if (ends_work(rc)) {
        return err_set(err, rc, why.offset, why.clause, "%s", why.msg);
    }
    if (rc == SIGN_OK) {
        s->value.tbs = build_view(info);
    } else {
        deny(f, s->g, &f->supported, MSG_UNSUPPORTED, why.clause, why.msg);
    }
    return SIGN_OK;
}

int xml_signer_check(struct facts *f, const struct gather *g, const struct xml_doc *doc, size_t i, sign_err *err)
{
    CLEANUP(search_drop) struct search s = { .g = g, .sig = xml_sig(doc, i) };
    CLEANUP(build_free) struct build info = { 0 };
    int rc = prepare(f, &s, &info, doc, i, err);
    if (rc == SIGN_OK) {
        rc = signer_decode(f, g, s.sig->certs, s.sig->n_certs, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    signer_set(f, find_signer(f, &s));
    if (!f->cert && s.sig->elsewhere) {     /* said, and no more: a certificate that is given settles it */
        facts_note(f, MSG_UNSUPPORTED, s.sig->elsewhere, NULL, "XMLDSig 4.5.3");
    }
    check_keyinfo(f, &s);
    rc = check_ref(f, &s, err);
    return rc == SIGN_OK ? check_value(f, &s, err) : rc;
}
