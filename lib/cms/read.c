/* ContentInfo, SignedData and SignerInfo (RFC 5652 3, 5.1, 5.3), field by field, with nothing left over in any. */
#include <cms/parts.h>

#include <base/err.h>
#include <base/limits.h>
#include <cms/oids.h>
#include <openssl/err.h>
#include <openssl/x509.h>

struct reader { struct cms *out; struct arena *arena; sign_err *err; };

/* CMSVersion: those that some edition of the standard gives to this type. */
static int read_version(struct asn1 *in, uint32_t *out, unsigned allowed, const char *what, sign_err *err)
{
    uint64_t offset = cursor_offset(&in->at);
    int rc = asn1_small(in, out, what, err);
    if (rc != SIGN_OK) return rc;
    if (*out < 8 && (allowed >> *out & 1)) return SIGN_OK;
    return err_set(err, SIGN_E_UNSUPPORTED, offset, "RFC 5652 10.2.5", "%s: version %u is in no standard", what, *out);
}

/* Room for all elements that are left in `in`. */
static int make_list(struct reader *r, const struct asn1 *in, size_t max, sign_bytes **list, const char *what)
{
    size_t n;
    int rc = asn1_count(in, max, &n, what, r->err);
    if (rc != SIGN_OK || n == 0) return rc;
    *list = arena_array(r->arena, n, sizeof **list);
    return *list ? SIGN_OK : err_nomem(r->err);
}

/* CertificateChoices (RFC 5652 10.2.2): certificates are kept, attribute certificates and other formats passed over. */
static int read_certs(struct reader *r, struct asn1 in)
{
    int rc = make_list(r, &in, LIMIT_CMS_CERTS, &r->out->certs, "certificates");
    while (rc == SIGN_OK && asn1_more(&in)) {
        struct asn1_item item;
        rc = asn1_next(&in, &item, "certificates", r->err);
        if (rc != SIGN_OK) break;
        if (item.tag == TAG_SEQUENCE) {
            r->out->certs[r->out->n_certs++] = item.whole;
        } else if (item.tag < TAG_INSIDE(0) || item.tag > TAG_INSIDE(3)) {
            return err_set(r->err, SIGN_E_FORMAT, item.offset, "RFC 5652 10.2.2",
                           "certificates: expected a certificate, found tag 0x%02x", (unsigned)item.tag);
        }
    }
    return rc;
}

/* OtherRevocationInfoFormat ::= SEQUENCE { OID, ANY } (RFC 5652 10.2.1). */
static int read_other_revocation(struct reader *r, struct asn1 in)
{
    const char *what = "other revocation information";
    sign_bytes oid;
    struct asn1_item info;
    int rc = asn1_oid(&in, &oid, what, r->err);
    if (rc == SIGN_OK) rc = asn1_next(&in, &info, what, r->err);
    if (rc == SIGN_OK) rc = asn1_end(&in, what, r->err);
    if (rc == SIGN_OK && bytes_equal(oid, OID_OCSP_RESPONSE)) r->out->ocsps[r->out->n_ocsps++] = info.whole;
    return rc;
}

static int read_revocation(struct reader *r, struct asn1 in)
{
    const char *what = "revocation information";
    int rc = make_list(r, &in, LIMIT_CMS_CERTS, &r->out->crls, what);
    if (rc == SIGN_OK) rc = make_list(r, &in, LIMIT_CMS_CERTS, &r->out->ocsps, what);
    while (rc == SIGN_OK && asn1_more(&in)) {
        struct asn1_item item;
        rc = asn1_next(&in, &item, what, r->err);
        if (rc != SIGN_OK) break;
        if (item.tag == TAG_SEQUENCE) {
            r->out->crls[r->out->n_crls++] = item.whole;
        } else if (item.tag == TAG_INSIDE(1)) {
            rc = read_other_revocation(r, asn1_inside(&in, &item));
        } else {
            return err_set(r->err, SIGN_E_FORMAT, item.offset, "RFC 5652 10.2.1",
                           "revocation information: expected a CRL, found tag 0x%02x", (unsigned)item.tag);
        }
    }
    return rc;
}

/* EncapsulatedContentInfo ::= SEQUENCE { eContentType, eContent [0] EXPLICIT OCTET STRING OPTIONAL } (RFC 5652 5.2). */
static int read_content(struct reader *r, struct asn1 *in)
{
    struct asn1 inside, content;
    int rc = asn1_enter(in, TAG_SEQUENCE, &inside, "encapContentInfo", r->err);
    if (rc == SIGN_OK) rc = asn1_oid(&inside, &r->out->content_type, "eContentType", r->err);
    if (rc == SIGN_OK && asn1_more(&inside)) {
        rc = asn1_enter(&inside, TAG_INSIDE(0), &content, "eContent", r->err);
        if (rc == SIGN_OK) rc = asn1_octets(&content, TAG_OCTETS, &r->out->content, r->arena, "eContent", r->err);
        if (rc == SIGN_OK) rc = asn1_end(&content, "eContent", r->err);
        if (rc == SIGN_OK) r->out->has_content = true;
    }
    return rc != SIGN_OK ? rc : asn1_end(&inside, "encapContentInfo", r->err);
}

static int read_sid(struct reader *r, struct cms_signer *signer, struct asn1 *in)
{
    if (!asn1_is(in, TAG_SEQUENCE)) {
        return asn1_octets(in, TAG_CONTEXT(0), &signer->key_id, r->arena, "signer identifier", r->err);
    }
    struct asn1 inside;
    struct asn1_item issuer;
    int rc = asn1_enter(in, TAG_SEQUENCE, &inside, "issuerAndSerialNumber", r->err);
    if (rc == SIGN_OK) rc = asn1_take(&inside, TAG_SEQUENCE, &issuer, "issuer of the signer", r->err);
    if (rc == SIGN_OK) rc = asn1_integer(&inside, &signer->serial, "serial number of the signer", r->err);
    if (rc == SIGN_OK) rc = asn1_end(&inside, "issuerAndSerialNumber", r->err);
    if (rc == SIGN_OK) signer->issuer = issuer.whole;
    return rc;
}

/* [n] IMPLICIT, of a SET OF: the item, when it is there. */
static int optional_set(struct asn1 *in, int n, bool *present, struct asn1_item *out, const char *what, sign_err *err)
{
    *present = asn1_is(in, TAG_INSIDE(n));
    return *present ? asn1_next(in, out, what, err) : SIGN_OK;
}

static int read_signer(struct reader *r, struct cms_signer *signer, struct asn1 in)
{
    struct algorithm digest, signature;
    struct asn1_item attrs;
    bool present;
    int rc = read_version(&in, &signer->version, 1U << 1 | 1U << 3, "SignerInfo", r->err);
    if (rc == SIGN_OK) rc = read_sid(r, signer, &in);
    if (rc == SIGN_OK) rc = algorithm_read(&in, TAG_SEQUENCE, &digest, "digestAlgorithm", r->err);
    if (rc != SIGN_OK) return rc;
    signer->digest_oid = digest.oid;
    signer->digest = algorithm_digest(&digest);
    rc = optional_set(&in, 0, &present, &attrs, "signed attributes", r->err);
    if (rc == SIGN_OK && present) rc = signed_attrs_read(signer, &attrs, &r->out->ber, r->arena, r->err);
    if (rc == SIGN_OK) rc = algorithm_read(&in, TAG_SEQUENCE, &signature, "signatureAlgorithm", r->err);
    if (rc != SIGN_OK) return rc;
    signer->signature_oid = signature.oid;
    rc = signature_algorithm(signer, &signature, r->err);
    if (rc == SIGN_OK) rc = algorithm_protection(signer, &digest, &signature, r->err);
    if (rc == SIGN_OK) rc = asn1_octets(&in, TAG_OCTETS, &signer->signature, r->arena, "signature value", r->err);
    if (rc == SIGN_OK) rc = optional_set(&in, 1, &present, &attrs, "unsigned attributes", r->err);
    if (rc == SIGN_OK && present) rc = unsigned_attrs_read(signer, asn1_inside(&in, &attrs), r->arena, r->err);
    return rc != SIGN_OK ? rc : asn1_end(&in, "SignerInfo", r->err);
}

static int read_signers(struct reader *r, struct asn1 in)
{
    struct cms *out = r->out;
    int rc = asn1_count(&in, LIMIT_CMS_SIGNERS, &out->n_signers, "signerInfos", r->err);
    if (rc != SIGN_OK || out->n_signers == 0) return rc;
    out->signers = arena_array(r->arena, out->n_signers, sizeof *out->signers);
    if (!out->signers) return err_nomem(r->err);
    for (size_t i = 0; i < out->n_signers && rc == SIGN_OK; i++) {
        struct asn1 inside;
        rc = asn1_enter(&in, TAG_SEQUENCE, &inside, "SignerInfo", r->err);
        if (rc == SIGN_OK) rc = read_signer(r, &out->signers[i], inside);
    }
    return rc;
}

/*
 * digestAlgorithms is a hint for one-pass readers (RFC 5652 5.1) that nothing signs. A signer whose digest is not in it may be
 * refused (5.3): that is for the caller to decide, who is told.
 */
static int read_digest_algorithms(struct reader *r, struct asn1 set)
{
    size_t n;
    int rc = asn1_count(&set, LIMIT_CMS_SIGNERS, &n, "digestAlgorithms", r->err);   /* one a signer is all that it is for */
    while (rc == SIGN_OK && asn1_more(&set)) {
        struct algorithm algorithm;
        rc = algorithm_read(&set, TAG_SEQUENCE, &algorithm, "digestAlgorithms", r->err);
        for (size_t i = 0; rc == SIGN_OK && i < r->out->n_signers; i++) {
            struct cms_signer *signer = &r->out->signers[i];
            signer->digest_listed |= bytes_equal(signer->digest_oid, algorithm.oid);
        }
    }
    return rc;
}

static int read_signed_data(struct reader *r, struct asn1 in)
{
    struct asn1_item set;
    struct asn1 digests, signers;
    bool present;
    int rc = read_version(&in, &r->out->version, 1U << 1 | 1U << 3 | 1U << 4 | 1U << 5, "SignedData", r->err);
    if (rc == SIGN_OK) rc = asn1_enter(&in, TAG_SET, &digests, "digestAlgorithms", r->err);
    if (rc == SIGN_OK) rc = read_content(r, &in);
    if (rc == SIGN_OK) rc = optional_set(&in, 0, &present, &set, "certificates", r->err);
    if (rc == SIGN_OK && present) rc = read_certs(r, asn1_inside(&in, &set));
    if (rc == SIGN_OK) rc = optional_set(&in, 1, &present, &set, "revocation information", r->err);
    if (rc == SIGN_OK && present) rc = read_revocation(r, asn1_inside(&in, &set));
    if (rc == SIGN_OK) rc = asn1_enter(&in, TAG_SET, &signers, "signerInfos", r->err);
    if (rc == SIGN_OK) rc = asn1_end(&in, "SignedData", r->err);
    if (rc == SIGN_OK) rc = read_signers(r, signers);
    return rc != SIGN_OK ? rc : read_digest_algorithms(r, digests);
}

int cms_read(struct cms *out, sign_bytes in, uint64_t offset, struct arena *arena, sign_err *err)
{
    *out = (struct cms){ 0 };
    struct reader r = { out, arena, err };
    struct asn1 top = asn1_over(in, offset, &out->ber), info, explicit_content, signed_data;
    struct asn1_item item;
    sign_bytes type;
    int rc = asn1_take(&top, TAG_SEQUENCE, &item, "ContentInfo", err);
    if (rc != SIGN_OK) return rc;
    if (item.whole.len > LIMIT_CMS) {
        return err_set(err, SIGN_E_LIMIT, offset, NULL, "ContentInfo: %zu bytes, over %zu", item.whole.len, LIMIT_CMS);
    }
    out->length = item.whole.len;
    info = asn1_inside(&top, &item);
    rc = asn1_oid(&info, &type, "contentType", err);
    if (rc != SIGN_OK) return rc;
    if (!bytes_equal(type, OID_SIGNED_DATA)) {
        return err_set(err, SIGN_E_UNSUPPORTED, offset, "RFC 5652 5.1",
                       "ContentInfo: expected SignedData, found another type");
    }
    rc = asn1_enter(&info, TAG_INSIDE(0), &explicit_content, "content", err);
    if (rc == SIGN_OK) rc = asn1_end(&info, "ContentInfo", err);
    if (rc == SIGN_OK) rc = asn1_enter(&explicit_content, TAG_SEQUENCE, &signed_data, "SignedData", err);
    if (rc == SIGN_OK) rc = asn1_end(&explicit_content, "content", err);
    return rc != SIGN_OK ? rc : read_signed_data(&r, signed_data);
}

#define NAME_MAX_ANEW 4096      /* real ones have 50 to 300 bytes; decoding costs, and many certificates may be tried */

/* Names that differ in string type or case alone are one name (RFC 5280 7.1), and some signers encode them anew. */
static bool same_name(sign_bytes a, sign_bytes b)
{
    if (bytes_equal(a, b)) return true;
    if (a.len > NAME_MAX_ANEW || b.len > NAME_MAX_ANEW) return false;
    const uint8_t *at_a = a.ptr, *at_b = b.ptr;
    ERR_set_mark();
    X509_NAME *name_a = d2i_X509_NAME(NULL, &at_a, (long)a.len), *name_b = d2i_X509_NAME(NULL, &at_b, (long)b.len);
    bool same =
        name_a && name_b && at_a == a.ptr + a.len && at_b == b.ptr + b.len && X509_NAME_cmp(name_a, name_b) == 0;
    ERR_pop_to_mark();
    X509_NAME_free(name_a);
    X509_NAME_free(name_b);
    return same;
}

size_t cms_find_signer(const struct cms_signer *signer, const sign_cert *const *certs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool is_it = signer->issuer.len > 0
                         ? bytes_equal(signer->serial, cert_serial_der(certs[i])) &&
                               same_name(signer->issuer, cert_issuer_der(certs[i]))
                         : signer->key_id.len > 0 && bytes_equal(signer->key_id, cert_key_id(certs[i]));
        if (is_it) return i;
    }
    return SIZE_MAX;
}
