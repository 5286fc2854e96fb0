/*
 * Writing SignedData: one SignerInfo over detached content, with the attributes that CAdES and PAdES baseline B want
 * and no others (EN 319 122-1 6.3, EN 319 142-1 6.3: no signing-time; the PDF's /M has it).
 */
#include <cms/cms.h>

#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <cms/asn1.h>
#include <cms/asn1_put.h>
#include <cms/oids.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <stdlib.h>

struct cms_draft {
    struct build content_type;      /* OID element                                      */
    struct build certs;             /* [0] IMPLICIT CertificateSet                      */
    struct build sid;               /* IssuerAndSerialNumber                            */
    struct build digest, signature; /* AlgorithmIdentifiers                             */
    struct build attrs;             /* SET OF: what is signed                           */
    bool plain_data;                /* the content is id-data                           */
    int32_t scheme;
    size_t value_size;              /* of what the key answers, exactly                 */
    size_t value_max;               /* of what goes into the SignerInfo, at most        */
};

static void put_oid(struct build *out, sign_bytes oid)
{
    asn1_put(out, TAG_OID, oid);
}

static bool put_nid(struct build *out, int nid)
{
    const ASN1_OBJECT *object = nid == NID_undef ? NULL : OBJ_nid2obj(nid);
    if (!object || OBJ_length(object) == 0) return false;
    put_oid(out, bytes_of(OBJ_get0_data(object), OBJ_length(object)));
    return true;
}

/* Without parameters: RFC 5754 2, RFC 8702 3.1; RFC 4055 2.1 lets both forms be. */
static void put_digest(struct build *out, const struct digest_alg *alg)
{
    size_t mark = asn1_open(out, TAG_SEQUENCE);
    put_nid(out, alg->nid);
    asn1_close(out, mark);
}

/* RFC 4055 3.1. SHA-1, the default of the first two, is never signed with; 1, the default of the last, is left out. */
static void put_pss(struct build *out, const struct digest_alg *digest, const struct digest_alg *mgf, uint32_t salt_len)
{
    size_t params = asn1_open(out, TAG_SEQUENCE);
    size_t field = asn1_open(out, TAG_INSIDE(0));
    put_digest(out, digest);
    asn1_close(out, field);
    field = asn1_open(out, TAG_INSIDE(1));
    size_t generator = asn1_open(out, TAG_SEQUENCE);
    put_oid(out, OID_MGF1);
    put_digest(out, mgf);
    asn1_close(out, generator);
    asn1_close(out, field);
    if (salt_len != 20) {
        field = asn1_open(out, TAG_INSIDE(2));
        asn1_put_small(out, salt_len);
        asn1_close(out, field);
    }
    asn1_close(out, params);
}

static int refuse(sign_err *err, const char *what)
{
    return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, "RFC 5652 5.3", "writing a CMS signature: %s", what);
}

static int put_signature_algorithm(struct build *out, EVP_PKEY *key, const struct sig_params *params, sign_err *err)
{
    int nid = params->scheme == SIGN_SCHEME_EDDSA ? EVP_PKEY_get_base_id(key) : sig_nid(params);
    size_t mark = asn1_open(out, TAG_SEQUENCE);
    if (!put_nid(out, nid)) return refuse(err, "CMS has no name for this scheme with this digest");
    if (params->scheme == SIGN_SCHEME_RSA_PKCS1) asn1_put(out, TAG_NULL, (sign_bytes){ 0 });   /* RFC 3370 3.2 */
    if (params->scheme == SIGN_SCHEME_RSA_PSS) {
        const struct digest_alg *mgf = digest_by_id(params->mgf);
        if (!mgf || mgf->weak) return refuse(err, "the digest of MGF1 is weak or not in the list");
        put_pss(out, digest_by_id(params->digest), mgf, params->salt_len);
    }
    asn1_close(out, mark);
    return build_check(out, err, "signatureAlgorithm");
}

/* The key makes signatures of this scheme: an RSA key both of its two. */
static bool key_fits(EVP_PKEY *key, int32_t scheme)
{
    int32_t by_default = key_scheme(key);
    return scheme == by_default || (scheme == SIGN_SCHEME_RSA_PSS && by_default == SIGN_SCHEME_RSA_PKCS1);
}

/* The digest of content and attributes; for EdDSA the curve decides (RFC 8419 3.1). NULL: none to sign with. */
static const struct digest_alg *signing_digest(EVP_PKEY *key, const struct sig_params *params)
{
    if (params->scheme == SIGN_SCHEME_EDDSA) {
        return digest_by_id(EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? SIGN_DIGEST_SHA512 : SIGN_DIGEST_SHAKE256);
    }
    const struct digest_alg *digest = digest_by_id(params->digest);
    return digest && !digest->weak ? digest : NULL;
}

static int plan_signature(struct cms_draft *draft, EVP_PKEY *key, const struct sig_params *params,
                          const struct digest_alg **digest, sign_err *err)
{
    if (!key || !key_fits(key, params->scheme) || params->scheme == SIGN_SCHEME_DSA) {
        return refuse(err, "the certificate's key is not one for this scheme");
    }
    *digest = signing_digest(key, params);
    if (!*digest) return refuse(err, "the digest is weak or not in the list");
    draft->scheme = params->scheme;
    draft->value_max = sig_max_size(key);
    draft->value_size = params->scheme == SIGN_SCHEME_ECDSA ? 2 * ecdsa_width(key) : draft->value_max;
    put_digest(&draft->digest, *digest);
    return put_signature_algorithm(&draft->signature, key, params, err);
}

/* Attribute with one value, which put_value's caller appends between the two. */
struct attr_marks { size_t attr, values; };

static struct attr_marks open_attr(struct build *out, sign_bytes oid)
{
    struct attr_marks marks = { .attr = asn1_open(out, TAG_SEQUENCE) };
    put_oid(out, oid);
    marks.values = asn1_open(out, TAG_SET);
    return marks;
}

static void close_attr(struct build *out, struct attr_marks marks)
{
    asn1_close(out, marks.values);
    asn1_close(out, marks.attr);
}

/*
 * RFC 5035 3: SigningCertificateV2 of the signer's certificate alone, with issuerSerial. hashAlgorithm is left out for
 * SHA-256, its default. In the digest of the signature, so that a strong one is not weakened here.
 */
static int put_signing_cert(struct build *out, const sign_cert *cert, const struct digest_alg *digest,
                            const struct crypto *crypto, sign_err *err)
{
    uint8_t hash[DIGEST_MAX];
    int rc = digest_bytes(crypto, digest, sign_cert_der(cert), hash, err);
    if (rc != SIGN_OK) return rc;
    struct attr_marks attr = open_attr(out, OID_SIGNING_CERT_V2);
    size_t value = asn1_open(out, TAG_SEQUENCE), ids = asn1_open(out, TAG_SEQUENCE), id = asn1_open(out, TAG_SEQUENCE);
    if (digest->id != SIGN_DIGEST_SHA256) put_digest(out, digest);
    asn1_put(out, TAG_OCTETS, bytes_of(hash, digest->size));
    size_t issuer_serial = asn1_open(out, TAG_SEQUENCE), names = asn1_open(out, TAG_SEQUENCE);
    asn1_put(out, TAG_INSIDE(4), cert_issuer_der(cert));    /* directoryName */
    asn1_close(out, names);
    asn1_put(out, TAG_INTEGER, cert_serial_der(cert));
    asn1_close(out, issuer_serial);
    asn1_close(out, id);
    asn1_close(out, ids);
    asn1_close(out, value);
    close_attr(out, attr);
    return build_check(out, err, "signing-certificate-v2");
}

static int put_attrs(struct cms_draft *draft, const struct cms_draft_opts *opts, const struct digest_alg *digest,
                     const struct crypto *crypto, sign_err *err)
{
    CLEANUP(build_free) struct build type = { 0 };
    CLEANUP(build_free) struct build message = { 0 };
    CLEANUP(build_free) struct build cert = { 0 };
    struct attr_marks attr = open_attr(&type, OID_CONTENT_TYPE);
    build_bytes(&type, build_view(&draft->content_type));
    close_attr(&type, attr);
    attr = open_attr(&message, OID_MESSAGE_DIGEST);
    asn1_put(&message, TAG_OCTETS, opts->message_digest);
    close_attr(&message, attr);
    int rc = put_signing_cert(&cert, opts->chain[0], digest, crypto, err);
    if (rc == SIGN_OK) rc = build_check(&type, err, "signed attributes");
    if (rc == SIGN_OK) rc = build_check(&message, err, "signed attributes");
    if (rc != SIGN_OK) return rc;
    sign_bytes attrs[] = { build_view(&type), build_view(&message), build_view(&cert) };
    asn1_put_set(&draft->attrs, TAG_SET, attrs, COUNT(attrs));
    return build_check(&draft->attrs, err, "signed attributes");
}

static int put_certs(struct cms_draft *draft, const struct cms_draft_opts *opts, sign_err *err)
{
    sign_bytes ders[LIMIT_CMS_CERTS];
    for (size_t i = 0; i < opts->n_chain; i++) ders[i] = sign_cert_der(opts->chain[i]);
    asn1_put_set(&draft->certs, TAG_INSIDE(0), ders, opts->n_chain);
    size_t mark = asn1_open(&draft->sid, TAG_SEQUENCE);
    build_bytes(&draft->sid, cert_issuer_der(opts->chain[0]));
    asn1_put(&draft->sid, TAG_INTEGER, cert_serial_der(opts->chain[0]));
    asn1_close(&draft->sid, mark);
    int rc = build_check(&draft->certs, err, "certificates");
    return rc != SIGN_OK ? rc : build_check(&draft->sid, err, "signer identifier");
}

static int put_content_type(struct cms_draft *draft, const char *dotted, sign_err *err)
{
    ERR_set_mark();
    ASN1_OBJECT *object = dotted ? OBJ_txt2obj(dotted, 1) : OBJ_nid2obj(NID_pkcs7_data);
    ERR_pop_to_mark();
    if (!object) return err_arg(err, "cms_draft_new: %s is no object identifier", dotted);
    sign_bytes oid = bytes_of(OBJ_get0_data(object), OBJ_length(object));
    draft->plain_data = bytes_equal(oid, OID_DATA);
    put_oid(&draft->content_type, oid);
    if (dotted) ASN1_OBJECT_free(object);
    return build_check(&draft->content_type, err, "contentType");
}

static int draft_new(struct cms_draft **out, const struct cms_draft_opts *opts, const struct crypto *crypto,
                     sign_err *err)
{
    if (opts->n_chain == 0 || opts->n_chain > LIMIT_CMS_CERTS) {
        return err_arg(err, "cms_draft_new: a chain of %zu certificates", opts->n_chain);
    }
    CLEANUP(cms_draft_free) struct cms_draft *draft = calloc(1, sizeof *draft);
    if (!draft) return err_nomem(err);
    const struct digest_alg *digest = NULL;
    int rc = plan_signature(draft, cert_key(opts->chain[0]), &opts->params, &digest, err);
    if (rc != SIGN_OK) return rc;
    uint8_t zeros[DIGEST_MAX] = { 0 };
    struct cms_draft_opts sized = *opts;
    if (sized.message_digest.len == 0) sized.message_digest = bytes_of(zeros, digest->size);    /* cms_size */
    if (sized.message_digest.len != digest->size) {
        return err_arg(err, "cms_draft_new: a message digest of %zu bytes for %s", opts->message_digest.len,
                       digest->name);
    }
    rc = put_content_type(draft, opts->content_oid, err);
    if (rc == SIGN_OK) rc = put_certs(draft, opts, err);
    if (rc == SIGN_OK) rc = put_attrs(draft, &sized, digest, crypto, err);
    if (rc != SIGN_OK) return rc;
    *out = draft;
    draft = NULL;
    return SIGN_OK;
}

int cms_draft_new(struct cms_draft **out, const struct cms_draft_opts *opts, const struct crypto *crypto, sign_err *err)
{
    if (opts->message_digest.len == 0) return err_arg(err, "cms_draft_new: no message digest");
    return draft_new(out, opts, crypto, err);
}

sign_bytes cms_draft_tbs(const struct cms_draft *draft)
{
    return build_view(&draft->attrs);
}

static void put_signer(struct build *out, const struct cms_draft *draft, sign_bytes value)
{
    size_t mark = asn1_open(out, TAG_SEQUENCE);
    asn1_put_small(out, 1);                                 /* RFC 5652 5.3: sid is IssuerAndSerialNumber */
    build_bytes(out, build_view(&draft->sid));
    build_bytes(out, build_view(&draft->digest));
    sign_bytes attrs = build_view(&draft->attrs);
    build_byte(out, TAG_INSIDE(0));                         /* [0] IMPLICIT in place of SET OF */
    build_bytes(out, bytes_slice(attrs, 1, attrs.len));
    build_bytes(out, build_view(&draft->signature));
    asn1_put(out, TAG_OCTETS, value);
    asn1_close(out, mark);
}

static void put_signed_data(struct build *out, const struct cms_draft *draft, sign_bytes value)
{
    size_t signed_data = asn1_open(out, TAG_SEQUENCE);
    asn1_put_small(out, draft->plain_data ? 1 : 3);         /* RFC 5652 5.1 */
    asn1_put(out, TAG_SET, build_view(&draft->digest));
    asn1_put(out, TAG_SEQUENCE, build_view(&draft->content_type));
    build_bytes(out, build_view(&draft->certs));
    size_t signers = asn1_open(out, TAG_SET);
    put_signer(out, draft, value);
    asn1_close(out, signers);
    asn1_close(out, signed_data);
}

/* value: as it stands in the SignerInfo. */
static int assemble(struct build *out, const struct cms_draft *draft, sign_bytes value, sign_err *err)
{
    CLEANUP(build_free) struct build whole = { 0 };
    size_t info = asn1_open(&whole, TAG_SEQUENCE);
    put_oid(&whole, OID_SIGNED_DATA);
    size_t content = asn1_open(&whole, TAG_INSIDE(0));
    put_signed_data(&whole, draft, value);
    asn1_close(&whole, content);
    asn1_close(&whole, info);
    int rc = build_check(&whole, err, "SignedData");
    if (rc != SIGN_OK) return rc;
    build_bytes(out, build_view(&whole));
    return build_check(out, err, "SignedData");
}

int cms_draft_finish(struct build *out, struct cms_draft *draft, sign_bytes signature, sign_err *err)
{
    CLEANUP(build_free) struct build der = { 0 };
    if (signature.len != draft->value_size) {
        return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, NULL,
                       "signature value of the key: expected %zu bytes, found %zu", draft->value_size, signature.len);
    }
    if (draft->scheme != SIGN_SCHEME_ECDSA) return assemble(out, draft, signature, err);
    int rc = ecdsa_to_der(&der, signature, err);
    return rc != SIGN_OK ? rc : assemble(out, draft, build_view(&der), err);
}

void cms_draft_free(struct cms_draft **draft)
{
    struct cms_draft *d = *draft;
    if (!d) return;
    struct build *parts[] = { &d->content_type, &d->certs, &d->sid, &d->digest, &d->signature, &d->attrs };
    for (size_t i = 0; i < COUNT(parts); i++) build_free(parts[i]);
    free(d);
    *draft = NULL;
}

int cms_size(size_t *out, const struct cms_draft_opts *opts, const struct crypto *crypto, sign_err *err)
{
    CLEANUP(cms_draft_free) struct cms_draft *draft = NULL;
    CLEANUP(build_free) struct build value = { 0 };
    CLEANUP(build_free) struct build whole = { 0 };
    struct cms_draft_opts sized = *opts;
    sized.message_digest = (sign_bytes){ 0 };
    int rc = draft_new(&draft, &sized, crypto, err);
    if (rc != SIGN_OK) return rc;
    build_fill(&value, 0, draft->value_max);
    rc = build_check(&value, err, "signature value");
    if (rc == SIGN_OK) rc = assemble(&whole, draft, build_view(&value), err);
    if (rc == SIGN_OK) *out = whole.len;
    return rc;
}
