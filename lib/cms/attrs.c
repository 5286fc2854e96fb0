/* Attributes of a SignerInfo: the signed ones are read from the very bytes that are hashed. */
#include <cms/parts.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <cms/asn1_put.h>
#include <cms/oids.h>

/* Attribute ::= SEQUENCE { attrType OID, attrValues SET OF } (RFC 5652 5.3). */
static int read_attr(struct asn1 *in, struct cms_attr *out, uint64_t *values_offset, sign_err *err)
{
    struct asn1 inside;
    struct asn1_item values;
    int rc = asn1_enter(in, TAG_SEQUENCE, &inside, "attribute", err);
    if (rc == SIGN_OK) rc = asn1_oid(&inside, &out->oid, "attribute type", err);
    if (rc == SIGN_OK) rc = asn1_take(&inside, TAG_SET, &values, "attribute values", err);
    if (rc == SIGN_OK) rc = asn1_end(&inside, "attribute", err);
    if (rc != SIGN_OK) return rc;
    out->values = values.body;
    *values_offset = values.body_offset;
    return SIGN_OK;
}

static int read_content_type(struct cms_signer *signer, struct asn1 *in, sign_err *err)
{
    return asn1_oid(in, &signer->content_type, "contentType attribute", err);
}

static int read_message_digest(struct cms_signer *signer, struct asn1 *in, sign_err *err)
{
    struct asn1_item item;
    int rc = asn1_take(in, TAG_OCTETS, &item, "messageDigest attribute", err);
    if (rc == SIGN_OK) signer->message_digest = item.body;
    return rc;
}

/* A time that is none is a claim that cannot be read, no reason to refuse the rest. */
static int read_signing_time(struct cms_signer *signer, struct asn1 *in, sign_err *err)
{
    struct asn1_item item;
    int rc = asn1_next(in, &item, "signingTime attribute", err);
    if (rc != SIGN_OK) return rc;
    int64_t seconds = 0;
    bool is_time = item.tag == TAG_UTC_TIME || item.tag == TAG_TIME;
    signer->has_signing_time = is_time && when_parse_asn1(item.tag, item.body, &seconds);
    if (signer->has_signing_time) signer->signing_time = (struct when){ .seconds = seconds, .has_zone = true };
    return SIGN_OK;
}

/*
 * IssuerSerial ::= SEQUENCE { GeneralNames, INTEGER }, where RFC 5035 5.4.1.1 wants one directoryName. Other names are
 * seen; the hash is what binds, so these are passed over.
 */
static int read_issuer_serial(struct cms_cert_ref *ref, struct asn1 *in, sign_err *err)
{
    const char *what = "issuerSerial of signing-certificate";
    struct asn1 inside, names, name;
    struct asn1_item item;
    int rc = asn1_enter(in, TAG_SEQUENCE, &inside, what, err);
    if (rc == SIGN_OK) rc = asn1_enter(&inside, TAG_SEQUENCE, &names, what, err);
    if (rc == SIGN_OK) rc = asn1_integer(&inside, &ref->serial, what, err);
    if (rc == SIGN_OK) rc = asn1_end(&inside, what, err);
    if (rc == SIGN_OK) rc = asn1_next(&names, &item, what, err);
    if (rc != SIGN_OK || item.tag != TAG_INSIDE(4) || asn1_more(&names)) return rc;
    name = asn1_inside(&names, &item);
    if (!asn1_is(&name, TAG_SEQUENCE)) return SIGN_OK;
    rc = asn1_next(&name, &item, what, err);
    if (rc == SIGN_OK && !asn1_more(&name)) ref->issuer = item.whole;
    return rc;
}

/* ESSCertID ::= SEQUENCE { certHash, issuerSerial OPTIONAL }; v2 has hashAlgorithm DEFAULT SHA-256 before them. */
static int read_cert_id(struct cms_cert_ref *ref, struct asn1 in, bool v2, sign_err *err)
{
    const char *what = "ESSCertID of signing-certificate";
    const struct digest_alg *alg = digest_by_id(v2 ? SIGN_DIGEST_SHA256 : SIGN_DIGEST_SHA1);
    struct asn1_item hash;
    int rc = SIGN_OK;
    if (v2 && asn1_is(&in, TAG_SEQUENCE)) {
        struct algorithm algorithm;
        rc = algorithm_read(&in, TAG_SEQUENCE, &algorithm, what, err);
        if (rc == SIGN_OK) alg = algorithm_digest(&algorithm);
    }
    if (rc == SIGN_OK) rc = asn1_take(&in, TAG_OCTETS, &hash, what, err);
    if (rc != SIGN_OK) return rc;
    *ref = (struct cms_cert_ref){ .there = true, .alg = alg, .hash = hash.body };
    if (asn1_more(&in)) rc = read_issuer_serial(ref, &in, err);
    return rc != SIGN_OK ? rc : asn1_end(&in, what, err);
}

/* SigningCertificate(V2) ::= SEQUENCE { certs SEQUENCE OF ESSCertID(v2), policies OPTIONAL }. */
static int read_signing_cert(struct cms_signer *signer, struct asn1 *in, bool v2, sign_err *err)
{
    const char *what = "signing-certificate attribute";
    struct asn1 inside, ids, first;
    struct asn1_item policies;
    int rc = asn1_enter(in, TAG_SEQUENCE, &inside, what, err);
    if (rc == SIGN_OK) rc = asn1_enter(&inside, TAG_SEQUENCE, &ids, what, err);
    if (rc == SIGN_OK && asn1_more(&inside)) rc = asn1_take(&inside, TAG_SEQUENCE, &policies, what, err);
    if (rc == SIGN_OK) rc = asn1_end(&inside, what, err);
    if (rc == SIGN_OK) rc = asn1_enter(&ids, TAG_SEQUENCE, &first, what, err);
    return rc != SIGN_OK ? rc : read_cert_id(v2 ? &signer->cert_v2 : &signer->cert_v1, first, v2, err);
}

static int read_signing_cert_v1(struct cms_signer *signer, struct asn1 *in, sign_err *err)
{
    return read_signing_cert(signer, in, false, err);
}

static int read_signing_cert_v2(struct cms_signer *signer, struct asn1 *in, sign_err *err)
{
    return read_signing_cert(signer, in, true, err);
}

typedef int attr_fn(struct cms_signer *signer, struct asn1 *value, sign_err *err);

static attr_fn *reader_of(sign_bytes oid)
{
    const struct { sign_bytes oid; attr_fn *read; } known[] = {
        { OID_CONTENT_TYPE, read_content_type },      { OID_MESSAGE_DIGEST, read_message_digest },
        { OID_SIGNING_TIME, read_signing_time },      { OID_SIGNING_CERT, read_signing_cert_v1 },
        { OID_SIGNING_CERT_V2, read_signing_cert_v2 },
    };
    for (size_t i = 0; i < COUNT(known); i++) {
        if (bytes_equal(known[i].oid, oid)) return known[i].read;
    }
    return NULL;
}

static bool seen_before(const struct cms_attr *attrs, size_t n, sign_bytes oid)
{
    for (size_t i = 0; i < n; i++) {
        if (bytes_equal(attrs[i].oid, oid)) return true;
    }
    return false;
}

/* RFC 5652 11.1-11.3, RFC 5035 5.4: all of these have exactly one value, and the first of a type counts. */
static int read_known(struct cms_signer *signer, const struct cms_attr *attr, uint64_t values_offset, sign_err *err)
{
    attr_fn *read = reader_of(attr->oid);
    struct asn1 values = asn1_over(attr->values, values_offset, NULL);
    if (!read) return SIGN_OK;
    int rc = read(signer, &values, err);
    return rc != SIGN_OK ? rc : asn1_end(&values, "attribute with a single value", err);
}

/* raw: the SET OF that is hashed. */
static int read_signed(struct cms_signer *signer, sign_bytes raw, uint64_t offset, struct arena *arena, sign_err *err)
{
    struct asn1 outer = asn1_over(raw, offset, NULL), in;
    int rc = asn1_enter(&outer, TAG_SET, &in, "signed attributes", err);
    if (rc == SIGN_OK) rc = asn1_count(&in, LIMIT_CMS_ATTRS, &signer->n_attrs, "signed attributes", err);
    if (rc != SIGN_OK) return rc;
    if (signer->n_attrs == 0) {
        return err_set(err, SIGN_E_FORMAT, offset, "RFC 5652 5.3", "signed attributes: expected at least one");
    }
    signer->attrs = arena_array(arena, signer->n_attrs, sizeof *signer->attrs);
    if (!signer->attrs) return err_nomem(err);
    sign_bytes last = { 0 };
    for (size_t i = 0; i < signer->n_attrs; i++) {
        uint64_t values_offset = 0;
        size_t from = in.at.pos;
        rc = read_attr(&in, &signer->attrs[i], &values_offset, err);
        if (rc != SIGN_OK) return rc;
        sign_bytes whole = bytes_of(in.at.ptr + from, in.at.pos - from);
        if (i > 0 && asn1_order(last, whole) > 0) signer->attrs_unordered = true;
        last = whole;
        if (seen_before(signer->attrs, i, signer->attrs[i].oid)) {
            signer->attrs_duplicate = true;
            continue;
        }
        rc = read_known(signer, &signer->attrs[i], values_offset, err);
        if (rc != SIGN_OK) return rc;
    }
    return SIGN_OK;
}

/*
 * RFC 5652 5.4: what is hashed is the DER encoding with the tag of SET OF. Sent in DER these are the bytes that came,
 * but for the tag. Sent in BER (5.3 forbids it, OpenSSL takes it) they are encoded anew. The order stays the sender's
 * in both cases: signers that do not sort hash what they send, and sorting it for them would break them.
 */
int signed_attrs_read(struct cms_signer *signer, const struct asn1_item *item, bool *ber, struct arena *arena,
                      sign_err *err)
{
    CLEANUP(build_free) struct build der = { 0 };
    sign_bytes source = item->whole;
    signer->has_attrs = true;
    if (!asn1_is_der(item->whole)) {
        *ber = true;
        if (item->whole.len > LIMIT_BER_ATTRS) {
            return err_set(err, SIGN_E_LIMIT, item->offset, NULL,
                           "signed attributes: %zu bytes that are not DER, over %zu", item->whole.len, LIMIT_BER_ATTRS);
        }
        int rc = asn1_to_der(&der, item->whole, item->offset, err);
        if (rc != SIGN_OK) return rc;
        source = build_view(&der);
    }
    uint8_t *raw = arena_dup(arena, source.ptr, source.len);
    if (!raw) return err_nomem(err);
    raw[0] = TAG_SET;
    signer->attrs_raw = bytes_of(raw, source.len);
    return read_signed(signer, signer->attrs_raw, item->offset, arena, err);
}

/*
 * CMSAlgorithmProtection ::= SEQUENCE { digestAlgorithm, signatureAlgorithm [1] IMPLICIT, macAlgorithm [2] IMPLICIT }
 * (RFC 6211 2): for SignedData the first two must be there and equal to those of the SignerInfo.
 */
int algorithm_protection(struct cms_signer *signer, const struct algorithm *digest, const struct algorithm *signature,
                         sign_err *err)
{
    const char *what = "CMSAlgorithmProtection attribute";
    const struct cms_attr *attr = NULL;
    for (size_t i = 0; i < signer->n_attrs && !attr; i++) {
        if (bytes_equal(signer->attrs[i].oid, OID_ALGORITHM_PROTECTION)) attr = &signer->attrs[i];
    }
    if (!attr) return SIGN_OK;
    struct asn1 values = asn1_over(attr->values, digest->offset, NULL), in;
    struct algorithm own_digest, own_signature = { 0 };
    int rc = asn1_enter(&values, TAG_SEQUENCE, &in, what, err);
    if (rc == SIGN_OK) rc = algorithm_read(&in, TAG_SEQUENCE, &own_digest, what, err);
    if (rc == SIGN_OK && asn1_is(&in, TAG_INSIDE(1)))
        rc = algorithm_read(&in, TAG_INSIDE(1), &own_signature, what, err);
    if (rc == SIGN_OK) rc = asn1_end(&in, what, err);
    if (rc == SIGN_OK) rc = asn1_end(&values, what, err);
    if (rc != SIGN_OK) return rc;
    signer->has_algorithm_protection = true;
    signer->algorithm_mismatch = !algorithm_equal(&own_digest, digest) || !algorithm_equal(&own_signature, signature);
    return SIGN_OK;
}

int unsigned_attrs_read(struct cms_signer *signer, struct asn1 in, struct arena *arena, sign_err *err)
{
    int rc = asn1_count(&in, LIMIT_CMS_ATTRS, &signer->n_unsigned, "unsigned attributes", err);
    if (rc != SIGN_OK) return rc;
    signer->unsigned_attrs = arena_array(arena, signer->n_unsigned, sizeof *signer->unsigned_attrs);
    if (!signer->unsigned_attrs && signer->n_unsigned > 0) return err_nomem(err);
    for (size_t i = 0; i < signer->n_unsigned; i++) {
        uint64_t values_offset = 0;
        rc = read_attr(&in, &signer->unsigned_attrs[i], &values_offset, err);
        if (rc != SIGN_OK) return rc;
        if (signer->timestamp.len > 0 || !bytes_equal(signer->unsigned_attrs[i].oid, OID_TIMESTAMP)) continue;
        struct asn1 values = asn1_over(signer->unsigned_attrs[i].values, values_offset, in.ber);
        struct asn1_item token;
        rc = asn1_take(&values, TAG_SEQUENCE, &token, "signature-time-stamp attribute", err);
        if (rc != SIGN_OK) return rc;
        signer->timestamp = token.whole;
    }
    return SIGN_OK;
}
