/* XML: what to sign and where, from a profile or the options; the Signature inserted, all else copied as it is. */
#include <base/cleanup.h>
#include <base/err.h>
#include <cms/asn1_put.h>
#include <ctx/profile.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <sign/xml_job.h>

_Static_assert(PROFILE_REFS <= XML_SIGN_REFS && PROFILE_ROOTS == XML_SIGN_BASES && PROFILE_ROLES == XML_SIGN_ROLES,
               "a profile fits a specification");
_Static_assert(SIGN_XML_MAX_ELEMENTS == XML_SIGN_REFS && SIGN_XML_MAX_TOLD == XML_SIGN_ROLES && SIGN_XML_MAX_TOLD == XML_SIGN_COMMITMENTS,
               "what the header promises fits a specification");

static void xml_job_drop(struct xml_job *x)
{
    profile_free(&x->profile);
    build_free(&x->issuer_serial);
    build_free(&x->modulus);
    build_free(&x->exponent);
}

/* --- from a profile ----------------------------------------------------------------------------------------------- */

static enum c14n_method c14n_of(enum profile_c14n c14n)
{
    static const enum c14n_method methods[] = {
        [PROFILE_C14N_NONE] = C14N_NONE,
        [PROFILE_C14N_10] = C14N_10,
        [PROFILE_C14N_11] = C14N_11,
        [PROFILE_C14N_EXCLUSIVE] = C14N_EXCLUSIVE,
    };
    return methods[c14n];
}

static struct xml_ref_spec ref_of(const struct profile_ref *ref)
{
    static const enum xml_target targets[] = {
        [PROFILE_DOCUMENT] = XML_TARGET_DOCUMENT,
        [PROFILE_ID] = XML_TARGET_ID,
        [PROFILE_PATH] = XML_TARGET_PATH,
        [PROFILE_SIGNING_TIME] = XML_TARGET_OBJECT,
    };
    return (struct xml_ref_spec){ targets[ref->target], ref->value, ref->id_attr ? ref->id_attr : "Id", ref->enveloped,
                                  c14n_of(ref->c14n) };
}

static void spec_of_profile(struct xml_sign_spec *spec, const struct profile *p)
{
    spec->xades = p->xades;
    const struct profile_production_place *at = &p->production_place;
    spec->production_place = (struct xml_production_place){ at->city, at->street, at->state, at->postal_code, at->country };
    spec->n_roles = p->n_roles;
    for (size_t i = 0; i < p->n_roles; i++) {
        spec->roles[i] = p->roles[i];
    }
    spec->n_bases = p->n_roots;
    for (size_t i = 0; i < p->n_roots; i++) {
        spec->bases[i] = p->roots[i];
    }
    spec->place = p->place;
    spec->after_place = p->after_place;
    spec->create_place = p->create_place;
    spec->n_refs = p->n_refs;
    for (size_t i = 0; i < p->n_refs; i++) {
        spec->refs[i] = ref_of(&p->refs[i]);
    }
    spec->c14n = c14n_of(p->c14n);
    spec->signing_time_object = p->signing_time;
    spec->properties_namespace = p->properties_namespace;
    spec->properties_id = p->properties_id;
    spec->time_namespace = p->time_namespace;
    spec->time_target = p->time_target;
    spec->whole_chain = p->whole_chain;
    spec->prefix = p->prefix;
    spec->id = p->signature_id;
}

static int choose_spec(struct xml_job *x, const struct sign_job *job, sign_err *err)
{
    int rc = xml_opts_copy(&x->opts, job->opts.xml, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (!job->opts.profile) {
        return xml_opts_form(x, job, err);
    }
    rc = xml_opts_fit_profile(&x->opts, &job->opts, err);
    if (rc == SIGN_OK) {
        rc = profile_load(&x->profile, job->opts.profile, err);
    }
    if (rc == SIGN_OK) {
        spec_of_profile(&x->spec, x->profile);
        rc = xml_opts_properties(x, job, err);
    }
    return rc;
}

/* --- from the key ------------------------------------------------------------------------------------------------- */

/* IssuerSerial (RFC 5035 5): SEQUENCE { GeneralNames { [4] directoryName }, INTEGER }. */
static void put_issuer_serial(struct build *out, const sign_cert *cert)
{
    size_t whole = asn1_open(out, 0x30), names = asn1_open(out, 0x30), name = asn1_open(out, 0xA4);
    build_bytes(out, cert_issuer_der(cert));
    asn1_close(out, name);
    asn1_close(out, names);
    asn1_put(out, 0x02, cert_serial_der(cert));
    asn1_close(out, whole);
}

static void put_number(struct build *out, EVP_PKEY *key, const char *name)
{
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(key, name, &number) != 1) {
        return;
    }
    uint8_t *room = build_room(out, (size_t)BN_num_bytes(number));
    if (room) {
        BN_bn2bin(number, room);
    }
    BN_free(number);
}

static int add_key(struct xml_job *x, const struct sign_job *job, sign_err *err)
{
    const sign_cert *cert = job->chain[0];
    EVP_PKEY *key = cert_key(cert);
    bool ecdsa = job->params.scheme == SIGN_SCHEME_ECDSA;
    put_issuer_serial(&x->issuer_serial, cert);
    if (x->profile && x->profile->key_value && !ecdsa) {
        put_number(&x->modulus, key, OSSL_PKEY_PARAM_RSA_N);
        put_number(&x->exponent, key, OSSL_PKEY_PARAM_RSA_E);
    }
    for (size_t i = 0; i < job->n_chain; i++) {
        x->chain[i] = sign_cert_der(job->chain[i]);
    }
    x->spec.chain = x->chain;
    x->spec.n_chain = job->n_chain;
    x->spec.value_len = ecdsa ? 2 * ecdsa_width(key) : (size_t)EVP_PKEY_get_size(key);
    x->spec.issuer_serial = build_view(&x->issuer_serial);
    x->spec.modulus = build_view(&x->modulus);
    x->spec.exponent = build_view(&x->exponent);
    x->spec.subject_name = x->profile && x->profile->subject_name ? sign_cert_subject(cert) : NULL;
    int rc = build_check(&x->issuer_serial, err, "IssuerSerial");
    return rc == SIGN_OK ? build_check(&x->modulus, err, "RSAKeyValue") : rc;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static void tell_added(const struct xml_job *x, const struct sign_job *job, const struct xml_draft *draft)
{
    const char *element, *id;
    for (size_t i = 0; xml_draft_added(draft, i, &element, &id); i++) {
        ctx_log(doc_ctx(job->doc), SIGN_LOG_INFO, "%s: %s got the Id %s", doc_name(job->doc), element, id);
        if (x->opts.added) {
            x->opts.added(x->opts.payload, job->doc, element, id);
        }
    }
}

static int write_out(struct sink *to, const struct xml_draft *draft, const struct sign_job *job, sign_err *err)
{
    const struct source *result = xml_draft_result(draft);
    int rc = sink_copy(to, result, 0, source_size(result), &job->watch->watch, err);
    /* Read to be digested and read to be copied: a file that changed between would carry a signature over other bytes. */
    return rc == SIGN_OK ? source_unchanged(doc_source(job->doc), err) : rc;
}

int sign_xml(struct sink *to, const struct sign_job *job, sign_err *err)
{
    CLEANUP(xml_job_drop)
    struct xml_job x = { .spec = { .params = job->params, .when = job->when, .zone = job->opts.zone } };
    CLEANUP(xml_draft_free) struct xml_draft *draft = NULL;
    CLEANUP(build_free) struct build value = { 0 };
    const sign_ctx *ctx = doc_ctx(job->doc);
    struct xml_opts opts = { .allow_doctype = doc_allow_doctype(job->doc) };
    int rc = choose_spec(&x, job, err);
    if (rc == SIGN_OK) {
        rc = add_key(&x, job, err);
    }
    if (rc == SIGN_OK) {
        rc = xml_draft_new(&draft, doc_source(job->doc), &x.spec, ctx_crypto(ctx), &opts, &job->watch->watch, err);
    }
    if (rc != SIGN_OK || job->dry) {
        return rc;
    }
    rc = sign_value(&value, job, xml_draft_tbs(draft), err);
    if (rc == SIGN_OK) {
        rc = xml_draft_finish(draft, build_view(&value), err);
    }
    if (rc == SIGN_OK && xml_draft_opened_tag(draft)) {
        ctx_log(ctx, SIGN_LOG_INFO, "%s: the empty-element tag at the place was opened to hold the signature",
                doc_name(job->doc));
    }
    if (rc == SIGN_OK) {
        rc = write_out(to, draft, job, err);
    }
    if (rc == SIGN_OK) {
        tell_added(&x, job, draft);
    }
    return rc;
}
