/* AlgorithmIdentifiers: which digest, which signature scheme, and whether the two agree. */
#include <cms/parts.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <cms/oids.h>
#include <openssl/objects.h>

int algorithm_read(struct asn1 *in, int tag, struct algorithm *out, const char *what, sign_err *err)
{
    struct asn1 inside;
    struct asn1_item params = { 0 };
    out->offset = cursor_offset(&in->at);
    int rc = asn1_enter(in, tag, &inside, what, err);
    if (rc == SIGN_OK) rc = asn1_oid(&inside, &out->oid, what, err);
    if (rc == SIGN_OK && asn1_more(&inside)) rc = asn1_next(&inside, &params, what, err);
    if (rc == SIGN_OK) rc = asn1_end(&inside, what, err);
    out->params = params.whole;
    return rc;
}

static bool params_absent_or_null(sign_bytes params)
{
    return params.len == 0 || bytes_equal(params, BYTES_LIT("\x05\x00"));
}

const struct digest_alg *algorithm_digest(const struct algorithm *algorithm)
{
    /* RFC 8419 2.3: SHAKE256 whose length is a parameter, 512 bits and no other; the name for Ed448 in CMS. */
    if (bytes_equal(algorithm->oid, OID_SHAKE256_LEN)) {
        bool as_defined = bytes_equal(algorithm->params, BYTES_LIT("\x02\x02\x02\x00"));
        return as_defined ? digest_by_id(SIGN_DIGEST_SHAKE256) : NULL;
    }
    return params_absent_or_null(algorithm->params) ? digest_by_oid(algorithm->oid) : NULL;
}

bool algorithm_equal(const struct algorithm *a, const struct algorithm *b)
{
    if (!bytes_equal(a->oid, b->oid)) return false;
    return bytes_equal(a->params, b->params) || (params_absent_or_null(a->params) && params_absent_or_null(b->params));
}

/* [n] EXPLICIT OPTIONAL. *present says whether it is there; then *inside is its content. */
static int optional(struct asn1 *in, int n, bool *present, struct asn1 *inside, sign_err *err)
{
    *present = asn1_is(in, TAG_INSIDE(n));
    return *present ? asn1_enter(in, TAG_INSIDE(n), inside, "RSASSA-PSS parameters", err) : SIGN_OK;
}

/* MaskGenAlgorithm: id-mgf1 with the digest's AlgorithmIdentifier for parameters; *digest NULL for any other. */
static int read_mgf(struct asn1 *in, const struct digest_alg **digest, sign_err *err)
{
    struct algorithm mgf, hash;
    *digest = NULL;
    int rc = algorithm_read(in, TAG_SEQUENCE, &mgf, "mask generation function", err);
    if (rc != SIGN_OK || !bytes_equal(mgf.oid, OID_MGF1)) return rc;
    struct asn1 params = asn1_over(mgf.params, mgf.offset, in->ber);
    rc = algorithm_read(&params, TAG_SEQUENCE, &hash, "MGF1 parameters", err);
    if (rc == SIGN_OK) *digest = algorithm_digest(&hash);
    return rc;
}

struct pss { const struct digest_alg *digest, *mgf; uint32_t salt_len, trailer; };

static int read_pss_fields(struct asn1 in, struct pss *out, sign_err *err)
{
    const char *what = "RSASSA-PSS parameters";
    struct asn1 inside;
    bool present;
    int rc = optional(&in, 0, &present, &inside, err);
    if (rc == SIGN_OK && present) {
        struct algorithm hash;
        rc = algorithm_read(&inside, TAG_SEQUENCE, &hash, what, err);
        if (rc == SIGN_OK) out->digest = algorithm_digest(&hash);
        if (rc == SIGN_OK) rc = asn1_end(&inside, what, err);
    }
    if (rc == SIGN_OK) rc = optional(&in, 1, &present, &inside, err);
    if (rc == SIGN_OK && present) {
        rc = read_mgf(&inside, &out->mgf, err);
        if (rc == SIGN_OK) rc = asn1_end(&inside, what, err);
    }
    uint32_t *numbers[] = { &out->salt_len, &out->trailer };
    for (int i = 0; i < 2 && rc == SIGN_OK; i++) {
        rc = optional(&in, 2 + i, &present, &inside, err);
        if (rc == SIGN_OK && present) {
            rc = asn1_small(&inside, numbers[i], what, err);
            if (rc == SIGN_OK) rc = asn1_end(&inside, what, err);
        }
    }
    return rc != SIGN_OK ? rc : asn1_end(&in, what, err);
}

/* RFC 4055 3.1: each field has a default, SHA-1 and 20 among them; the trailer is 1 or unknown. */
static int read_pss(struct cms_signer *signer, const struct algorithm *algorithm, sign_err *err)
{
    const struct digest_alg *sha1 = digest_by_id(SIGN_DIGEST_SHA1);
    struct pss pss = { sha1, sha1, 20, 1 };
    struct asn1 in = asn1_over(algorithm->params, algorithm->offset, NULL), fields;
    if (algorithm->params.len == 0) return SIGN_OK;     /* in a signature they must be there (RFC 4055 3.1): unknown */
    int rc = asn1_enter(&in, TAG_SEQUENCE, &fields, "RSASSA-PSS parameters", err);
    if (rc == SIGN_OK) rc = read_pss_fields(fields, &pss, err);
    if (rc != SIGN_OK) return rc;
    /* RFC 4056 3: the digest is the one of digestAlgorithm. */
    if (pss.digest != signer->digest || !pss.mgf || pss.trailer != 1) return SIGN_OK;
    signer->params = (struct sig_params){ SIGN_SCHEME_RSA_PSS, pss.digest->id, pss.mgf->id, pss.salt_len };
    signer->signature_known = true;
    return SIGN_OK;
}

/* RFC 8419 3.1: each curve has its message digest; with another the mathematics is as good. 2: no parameters. */
static void eddsa(struct cms_signer *signer, const struct algorithm *algorithm)
{
    const ASN1_OBJECT *ed25519 = OBJ_nid2obj(NID_ED25519);
    bool small = bytes_equal(algorithm->oid, bytes_of(OBJ_get0_data(ed25519), OBJ_length(ed25519)));
    signer->params = (struct sig_params){ .scheme = SIGN_SCHEME_EDDSA };
    signer->signature_known = algorithm->params.len == 0;
    signer->digest_unfit = signer->digest->id != (small ? SIGN_DIGEST_SHA512 : SIGN_DIGEST_SHAKE256);
}

int signature_algorithm(struct cms_signer *signer, const struct algorithm *algorithm, sign_err *err)
{
    struct sig_params params;
    signer->signature_known = false;
    if (!signer->digest || !sig_by_oid(algorithm->oid, &params)) return SIGN_OK;
    if (params.scheme == SIGN_SCHEME_RSA_PSS) return read_pss(signer, algorithm, err);
    if (params.scheme == SIGN_SCHEME_EDDSA) {
        eddsa(signer, algorithm);
        return SIGN_OK;
    }
    /* rsaEncryption (RFC 3370 3.2), id-ecPublicKey and id-dsa name the key alone. The latter two bring the key's own
     * parameters along at times; those of the certificate count, so they are not looked at. */
    bool key_alone = params.digest == 0;
    if (!key_alone && params.digest != signer->digest->id) return SIGN_OK;
    bool key_params = key_alone && params.scheme != SIGN_SCHEME_RSA_PKCS1;
    if (!key_params && !params_absent_or_null(algorithm->params)) return SIGN_OK;
    params.digest = signer->digest->id;
    signer->params = params;
    signer->signature_known = true;
    return SIGN_OK;
}
