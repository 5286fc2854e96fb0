#include <base/cleanup.h>
#include <base/err.h>
#include <cms/asn1.h>
#include <cms/oids.h>
#include <stdio.h>
#include <verify/signed_data.h>

/* Content octets as dotted numbers (X.690 8.19), as far as they can be read: a name for people. */
static const char *oid_text(const struct gather *g, const char *what, sign_bytes oid)
{
    CLEANUP(build_free) struct build text = { 0 };
    uint64_t arc = 0;
    for (size_t i = 0; i < oid.len && i < 64 && arc <= UINT32_MAX; i++) {
        arc = arc << 7 | (oid.ptr[i] & 0x7f);
        if (oid.ptr[i] & 0x80) {
            continue;
        }
        if (text.len == 0) {
            uint64_t first = arc < 80 ? arc / 40 : 2;
            build_fmt(&text, "%llu.%llu", (unsigned long long)first, (unsigned long long)(arc - 40 * first));
        } else {
            build_fmt(&text, ".%llu", (unsigned long long)arc);
        }
        arc = 0;
    }
    sign_bytes view = build_view(&text);
    const char *all = arena_fmt(g->arena, "%s%.*s", what, (int)view.len, (const char *)view.ptr);
    return all ? all : what;
}

struct attr_rule {
    bool broken;
    const char *clause, *detail;
};

static void check_structure(struct facts *f, const struct gather *g, const struct signed_data *sd)
{
    const struct cms *cms = sd->cms;
    const struct cms_signer *s = &cms->signers[0];
    bool is_data = bytes_equal(cms->content_type, OID_DATA);
    const struct attr_rule rules[] = {
        { !is_data, "EN 319 142-1 6.3", "the encapsulated content type is not id-data" },
        { !sd->sha1_inside && cms->has_content, "ISO 32000-2 12.8.3.3.1",
          "a detached signature holds content of its own" },
        { sd->sha1_inside && !cms->has_content, "ISO 32000-1 12.8.3.3.1", "adbe.pkcs7.sha1 without the digest inside" },
        { sd->attrs_needed && !s->has_attrs, "EN 319 122-1 5", "there are no signed attributes" },
        { s->attrs_duplicate, "RFC 5652 11", "a signed attribute stands there twice" },
        { s->has_attrs && s->content_type.len == 0, "RFC 5652 11.1", "the content-type attribute is missing" },
        { s->has_attrs && s->content_type.len > 0 && !bytes_equal(s->content_type, cms->content_type), "RFC 5652 11.1",
          "the content-type attribute is not the type of the content" },
        { s->has_attrs && s->message_digest.len == 0, "RFC 5652 11.2", "the message-digest attribute is missing" },
        { s->algorithm_mismatch, "RFC 6211 2", "the algorithms are not those that the signed attributes name" },
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        if (rules[i].broken) {
            deny(f, g, &f->structure, MSG_STRUCTURE_WRONG, rules[i].clause, rules[i].detail);
        }
    }
    if (!s->digest_listed) {
        deny(f, g, &f->consistent, MSG_DIGEST_UNLISTED, NULL, NULL);
    }
    if (s->attrs_unordered) {
        facts_note(f, MSG_ATTRIBUTES_NOT_DER, NULL, NULL, NULL);
    }
}

static void check_algorithms(struct facts *f, const struct gather *g, const struct cms_signer *s)
{
    f->digest_alg = s->digest;
    f->scheme = s->signature_known ? s->params.scheme : 0;
    if (!s->digest) {
        deny(f, g, &f->supported, MSG_UNSUPPORTED, "RFC 5652 5.3", oid_text(g, "the digest algorithm ", s->digest_oid));
        return;
    }
    value_judge_digest(f, g, s->digest);
    if (s->signature_known && s->digest_unfit) {
        f->strong = FACT_FALSE;
        facts_note(f, MSG_WEAK_ALGORITHM, s->digest->name, "RFC 8419 3.1: SHA-512 with Ed25519, SHAKE256 with Ed448", NULL);
    }
    if (!s->signature_known) {
        deny(f, g, &f->supported, MSG_UNSUPPORTED, "RFC 5652 5.3",
             oid_text(g, "the signature algorithm ", s->signature_oid));
    }
}

/*
 * SignaturePolicy ::= CHOICE { SEQUENCE { OID, … }, NULL } (EN 319 122-1 5.2.9.1): reported, not interpreted. Its hash is of the
 * document in a form that the policy's own specification chooses, so it is not compared.
 */
static void note_policy(struct facts *f, const struct gather *g, const struct cms_signer *s)
{
    const struct cms_attr *attr = NULL;
    for (size_t i = 0; i < s->n_attrs && !attr; i++) {
        attr = bytes_equal(s->attrs[i].oid, OID_SIG_POLICY) ? &s->attrs[i] : NULL;
    }
    if (!attr) {
        return;
    }
    struct asn1 value = asn1_over(attr->values, SIGN_NO_OFFSET, NULL), fields;
    sign_bytes oid;
    f->policy.there = true;
    f->policy.implied = asn1_is(&value, TAG_NULL);
    if (asn1_enter(&value, TAG_SEQUENCE, &fields, "signature policy", NULL) == SIGN_OK &&
        asn1_oid(&fields, &oid, "signature policy", NULL) == SIGN_OK) {
        f->policy.id = oid_text(g, "urn:oid:", oid);
    }
    if (!f->policy.implied) {
        facts_note(f, MSG_POLICY_UNCHECKED, f->policy.id ? f->policy.id : "", NULL, "EN 319 122-1 5.2.9");
    }
}

static void settle_digest(struct facts *f, const struct gather *g, bool equal)
{
    if (equal) {
        fact_true(&f->digest);
    } else {
        deny(f, g, &f->digest, MSG_DIGEST_DIFFERS, NULL, NULL);
    }
}

static int digest_failed(struct facts *f, const struct gather *g, int rc, const sign_err *why, sign_err *err)
{
    if (rc == SIGN_E_ALGO) {
        deny(f, g, &f->supported, MSG_UNSUPPORTED, why->clause, why->msg);
        return SIGN_OK;
    }
    return err_set(err, rc, why->offset, why->clause, "%s", why->msg);
}

/* adbe.pkcs7.sha1: the ranges' SHA-1 is the content, whose digest is signed as usual. */
static int check_inner_sha1(struct facts *f, const struct gather *g, const struct signed_data *sd, bool *equal,
                            sign_err *why)
{
    const struct digest_alg *sha1 = digest_by_id(SIGN_DIGEST_SHA1);
    uint8_t computed[DIGEST_MAX];
    value_judge_digest(f, g, sha1);
    int rc = sd->digest(sd->payload, sha1, computed, why);
    *equal = rc == SIGN_OK && bytes_equal(sd->cms->content, bytes_of(computed, sha1->size));
    return rc;
}

/*
 * The digest of what is signed, into out. With signed attributes it is compared with the message-digest; without them
 * the signature value alone can tell, and check_value settles it.
 */
static int check_digest(struct facts *f, const struct gather *g, const struct signed_data *sd, uint8_t out[DIGEST_MAX],
                        bool *have, sign_err *err)
{
    const struct cms_signer *s = &sd->cms->signers[0];
    sign_err why = SIGN_ERR_INIT;
    bool equal = true;
    int rc = SIGN_OK;
    if (sd->sha1_inside) {
        rc = check_inner_sha1(f, g, sd, &equal, &why);
        if (rc == SIGN_OK) {
            rc = digest_bytes(g->crypto, s->digest, sd->cms->content, out, &why);
        }
    } else {
        rc = sd->digest(sd->payload, s->digest, out, &why);
    }
    if (rc != SIGN_OK) {
        return digest_failed(f, g, rc, &why, err);
    }
    *have = true;
    if (s->has_attrs && s->message_digest.len > 0) {
        settle_digest(f, g, equal && bytes_equal(s->message_digest, bytes_of(out, s->digest->size)));
    } else if (!equal) {
        settle_digest(f, g, false);
    }
    return SIGN_OK;
}

static int check_value(struct facts *f, const struct gather *g, const struct signed_data *sd, sign_bytes digest,
                       sign_err *err)
{
    const struct cms_signer *s = &sd->cms->signers[0];
    struct signed_value v = { .params = s->params, .value = s->signature };
    if (s->has_attrs) {
        v.tbs = s->attrs_raw;
    } else if (s->params.scheme == SIGN_SCHEME_EDDSA) {     /* RFC 8419 3: needs the content itself, not its digest */
        deny(f, g, &f->supported, MSG_UNSUPPORTED, "RFC 8419 3", "EdDSA without signed attributes");
        return SIGN_OK;
    } else {
        v.digest = digest;
    }
    int rc = value_check(f, g, cert_key(f->cert), &v, err);
    if (rc == SIGN_OK && !s->has_attrs && f->value == FACT_TRUE) {
        fact_true(&f->digest);
    }
    return rc;
}

static bool fits_sid(const void *payload, const sign_cert *cert)
{
    const struct cms_signer *s = payload;
    return cms_find_signer(s, &cert, 1) == 0;
}

static int check_named(struct facts *f, const struct gather *g, const struct cms_cert_ref *named, sign_err *err)
{
    struct cert_ref ref = { named->alg, named->hash, named->serial };
    return named->there ? signer_check_ref(f, g, &ref, err) : SIGN_OK;
}

static int find_signer(struct facts *f, const struct gather *g, const struct cms *cms, sign_err *err)
{
    const struct cms_signer *s = &cms->signers[0];
    int rc = signer_decode(f, g, cms->certs, cms->n_certs, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    signer_set(f, signer_find(f, g, fits_sid, s));
    if (!s->cert_v1.there && !s->cert_v2.there) {
        facts_note(f, MSG_CERT_REF_ABSENT, NULL, NULL, NULL);
        fact_true(&f->bound);
        return SIGN_OK;
    }
    /* RFC 5035 5: where both attributes are there, each is evaluated by itself. */
    rc = check_named(f, g, &s->cert_v1, err);
    return rc == SIGN_OK ? check_named(f, g, &s->cert_v2, err) : rc;
}

int signed_data_check(struct facts *f, const struct gather *g, const struct signed_data *sd, sign_err *err)
{
    if (sd->cms->n_signers != 1) {      /* EN 319 142-1 6.3; several would leave open whose signature this is */
        char count[24];
        (void)snprintf(count, sizeof count, "%zu", sd->cms->n_signers);
        deny(f, g, &f->structure, MSG_SIGNER_COUNT, NULL, count);
        return SIGN_OK;
    }
    const struct cms_signer *s = &sd->cms->signers[0];
    check_structure(f, g, sd);
    check_algorithms(f, g, s);
    note_policy(f, g, s);
    if (s->timestamp.len > 0) {
        f->n_timestamps = 1;
        facts_note(f, MSG_TIMESTAMP_UNCHECKED, NULL, NULL, NULL);
    }
    uint8_t digest[DIGEST_MAX];
    bool have = false;
    int rc = s->digest ? check_digest(f, g, sd, digest, &have, err) : SIGN_OK;
    if (rc == SIGN_OK) {
        rc = find_signer(f, g, sd->cms, err);
    }
    if (rc == SIGN_OK && have && s->signature_known && f->cert) {
        rc = check_value(f, g, sd, bytes_of(digest, s->digest->size), err);
    }
    return rc;
}
