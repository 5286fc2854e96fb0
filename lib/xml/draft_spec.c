/* What may be asked of a draft. */
#include <base/err.h>
#include <base/text.h>
#include <xml/draft_text.h>

static int check_algorithms(const struct xml_sign_spec *spec, sign_err *err)
{
    const struct digest_alg *digest = digest_by_id(spec->params.digest);
    const char *uri = sig_uri(&spec->params);
    if (!digest || !digest->xml_uri || digest->weak) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, "RFC 6931 2.1", "XML has no name for the digest %s",
                       digest ? digest->name : "asked for");
    }
    if (!uri || strcmp(uri, SIG_URI_RSA_PSS) == 0) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, "RFC 6931 2.3", "XML has no name for %s with %s",
                       scheme_name(spec->params.scheme), digest->name);
    }
    return SIGN_OK;
}

/*
 * An Id that a URI fragment holds as it is (RFC 3986 3.5): nothing to be escaped, nothing that reads like an XPointer.
 */
bool draft_is_plain_id(sign_bytes id)
{
    for (size_t i = 0; i < id.len; i++) {
        int c = ascii_lower(id.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == ':' || c == '-' ||
              c >= 0x80)) {
            return false;
        }
    }
    return id.len > 0 && utf8_valid(id);
}

static int check_refs(const struct xml_sign_spec *spec, sign_err *err)
{
    for (size_t i = 0; i < spec->n_refs; i++) {
        const struct xml_ref_spec *ref = &spec->refs[i];
        bool named = ref->target == XML_TARGET_ID || ref->target == XML_TARGET_PATH;
        if (named && !ref->value) {
            return err_arg(err, "XML signature: reference %zu without a value", i);
        }
        if (ref->target == XML_TARGET_ID && !draft_is_plain_id(bytes_str(ref->value))) {
            return err_arg(err, "XML signature: Id '%.80s' cannot stand in a URI: letters, digits and ._:- can",
                           ref->value);
        }
        if (ref->target == XML_TARGET_OBJECT && !spec->signing_time_object) {
            return err_arg(err, "XML signature: a reference to an Object that is not made");
        }
    }
    return SIGN_OK;
}

static bool is_ncname(const char *id)
{
    return draft_is_plain_id(bytes_str(id)) && !strchr(id, ':') && !strchr("0123456789.-", id[0]);
}

/* What envelops or counter-signs has one place and one target, which follow from that. */
static int check_packaging(const struct xml_sign_spec *spec, sign_err *err)
{
    bool envelops = spec->packaging != XML_INSERTED;
    bool placed = spec->place || spec->n_bases || spec->after_place || spec->create_place;
    enum xml_target only = envelops ? XML_TARGET_CONTENT : XML_TARGET_VALUE;
    for (size_t i = 0; i < spec->n_refs; i++) {
        bool special = spec->refs[i].target == XML_TARGET_CONTENT || spec->refs[i].target == XML_TARGET_VALUE;
        if (envelops || spec->countersigns ? spec->n_refs != 1 || spec->refs[i].target != only : special) {
            return err_arg(err, "XML signature: a reference that does not fit what is made");
        }
    }
    if ((envelops && spec->countersigns) ||
        ((envelops || spec->countersigns) && (placed || spec->manifest || spec->parallel || spec->signing_time_object))) {
        return err_arg(err, "XML signature: enveloping and counter-signing take no place, manifest, filter or time object");
    }
    if (spec->packaging == XML_ENVELOPING && !*spec->prefix) {      /* xmlns="…" would reach into what is enveloped */
        return err_arg(err, "XML signature: enveloping needs a prefix");
    }
    if (spec->base && spec->n_bases == 0) {
        return err_arg(err, "XML signature: a choice among elements that are not named");
    }
    return SIGN_OK;
}

static int check_properties(const struct xml_sign_spec *spec, sign_err *err)
{
    const struct xml_policy *policy = &spec->policy;
    bool any = policy->implied || policy->id || spec->n_roles || spec->n_commitments;
    if (!spec->xades && (any || spec->countersigns || spec->countersignable)) {
        return err_arg(err, "XML signature: policy, roles, commitments and counter-signing are of XAdES alone");
    }
    if (policy->implied && policy->id) {
        return err_arg(err, "XML signature: a policy is implied or named, not both");
    }
    if (policy->id && (!policy->digest || policy->hash.len != policy->digest->size || !policy->digest->xml_uri)) {
        return err_set(err, SIGN_E_ARG, SIGN_NO_OFFSET, "EN 319 132-1 5.2.9",
                       "XML signature: a policy is named with the digest of its document");
    }
    if (spec->n_commitments > XML_SIGN_COMMITMENTS || spec->n_roles > XML_SIGN_ROLES) {
        return err_arg(err, "XML signature: more commitments or roles than %d", XML_SIGN_ROLES);
    }
    return SIGN_OK;
}

int draft_check_spec(const struct xml_sign_spec *spec, sign_err *err)
{
    if (spec->n_refs == 0 || spec->n_refs > XML_SIGN_REFS || spec->n_bases > XML_SIGN_BASES || spec->n_chain == 0 ||
        spec->value_len == 0 || spec->c14n == C14N_NONE || !spec->prefix || strlen(spec->prefix) > 32 ||
        (*spec->prefix && (!is_ncname(spec->prefix) || strcmp(spec->prefix, "xades") == 0))) {
        return err_arg(err, "XML signature: references, chain, canonicalization, value length or prefix are not given");
    }
    if (spec->id && (!is_ncname(spec->id) || strlen(spec->id) > 200)) {
        return err_arg(err, "XML signature: '%.80s' is no Id (XML 1.0 3.3.1)", spec->id);
    }
    if (spec->after_place && (spec->create_place || !spec->place)) {
        return err_arg(err, "XML signature: behind an element that is there, not one to be created");
    }
    if (spec->properties_id && (!is_ncname(spec->properties_id) || strlen(spec->properties_id) > 200 ||
                                (spec->id && strcmp(spec->id, spec->properties_id) == 0))) {
        return err_arg(err, "XML signature: '%.80s' is no Id for properties", spec->properties_id);
    }
    int rc = check_refs(spec, err);
    if (rc == SIGN_OK) {
        rc = check_packaging(spec, err);
    }
    if (rc == SIGN_OK) {
        rc = check_properties(spec, err);
    }
    return rc == SIGN_OK ? check_algorithms(spec, err) : rc;
}
