/* adbe.x509.rsa_sha1 (ISO 32000-2 12.8.3.2): an OCTET STRING with the RSA value, and the certificates beside it. */
#include <base/err.h>
#include <cms/asn1.h>
#include <verify/signed_data.h>

/* The value, and nothing behind it but the zeros of its placeholder. */
static int read_value(sign_bytes *value, struct facts *f, const struct gather *g, sign_bytes contents, sign_err *why)
{
    bool ber = false;
    struct asn1 in = asn1_over(contents, SIGN_NO_OFFSET, &ber);
    int rc = asn1_octets(&in, TAG_OCTETS, value, g->arena, "/Contents", why);
    sign_bytes rest = rc == SIGN_OK ? cursor_rest(&in.at) : (sign_bytes){ 0 };
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.ptr[i] != 0) {
            deny(f, g, &f->structure, MSG_TRAILING_DATA, NULL, NULL);
            break;
        }
    }
    return rc;
}

size_t bare_value_certs(sign_bytes *list, size_t n, size_t max, sign_bytes text)
{
    struct asn1 in = asn1_over(text, SIGN_NO_OFFSET, NULL);
    struct asn1_item item;
    while (n < max && asn1_more(&in)) {
        sign_bytes rest = cursor_rest(&in.at);
        bool whole = asn1_next(&in, &item, "/Cert", NULL) == SIGN_OK;
        list[n++] = whole ? item.whole : rest;
        if (!whole) {
            break;
        }
    }
    return n;
}

int bare_value_check(struct facts *f, const struct gather *g, const struct bare_value *bare, sign_err *err)
{
    const struct digest_alg *sha1 = digest_by_id(SIGN_DIGEST_SHA1);
    uint8_t digest[DIGEST_MAX];
    sign_err why = SIGN_ERR_INIT;
    struct signed_value v = { .params = { .scheme = SIGN_SCHEME_RSA_PKCS1, .digest = sha1->id } };
    int rc = read_value(&v.value, f, g, bare->contents, &why);
    if (rc == SIGN_OK) {
        rc = bare->digest(bare->payload, sha1, digest, &why);
    }
    if (ends_work(rc)) {
        return err_set(err, rc, why.offset, why.clause, "%s", why.msg);
    }
    if (rc != SIGN_OK) {
        bool broken = rc == SIGN_E_FORMAT;
        deny(f, g, broken ? &f->structure : &f->supported, broken ? MSG_CMS_MALFORMED : MSG_UNSUPPORTED, why.clause,
             why.msg);
        return SIGN_OK;
    }
    f->digest_alg = sha1;
    f->scheme = v.params.scheme;
    v.digest = bytes_of(digest, sha1->size);
    value_judge_digest(f, g, sha1);
    if ((rc = signer_decode(f, g, bare->certs, bare->n_certs, err)) != SIGN_OK) {
        return rc;
    }
    signer_set(f, f->n_sent > 0 ? f->sent[0] : NULL); /* the first is the signer's (table 255, /Cert) */
    fact_true(&f->bound);                             /* /Cert stands in the signed bytes             */
    rc = f->cert ? value_check(f, g, cert_key(f->cert), &v, err) : SIGN_OK;
    if (rc == SIGN_OK && f->value == FACT_TRUE) {
        fact_true(&f->digest);
    }
    return rc;
}
