/* The signature policy that an XAdES signature names, and whether its document is at hand. */
#include <base/cleanup.h>
#include <base/err.h>
#include <verify/xml_signer.h>

static const char *text(const struct gather *g, sign_bytes bytes)
{
    return bytes.len ? arena_str(g->arena, bytes) : NULL;
}

static int compare(enum fact *out, const struct gather *g, const struct xml_policy_ref *policy, sign_err *err)
{
    uint8_t digest[DIGEST_MAX];
    for (size_t i = 0; i < g->n_policies; i++) {
        int rc = digest_bytes(g->crypto, policy->digest, g->policies[i], digest, err);
        if (rc == SIGN_E_ALGO) {
            return SIGN_OK;         /* OpenSSL does not offer it here: it cannot be told */
        }
        if (rc != SIGN_OK) {
            return rc;
        }
        *out = bytes_equal(policy->hash, bytes_of(digest, policy->digest->size)) ? FACT_TRUE : FACT_FALSE;
        if (*out == FACT_TRUE) {
            return SIGN_OK;
        }
    }
    return SIGN_OK;
}

int xml_policy_check(struct facts *f, const struct gather *g, const struct xml_sig *sig, sign_err *err)
{
    const struct xml_policy_ref *policy = &sig->policy;
    if (!policy->there || !sig->signed_props_bound) {
        return SIGN_OK;
    }
    f->policy = (struct policy_fact){
        .there = true, .implied = policy->implied, .id = text(g, policy->id), .description = text(g, policy->description),
        .uri = text(g, policy->uri), .digest = policy->digest,
    };
    bool copied = (!policy->id.len || f->policy.id) && (!policy->description.len || f->policy.description) &&
                  (!policy->uri.len || f->policy.uri);
    int rc = copied ? SIGN_OK : err_nomem(err);
    /* A digest that is broken can be met by any document. */
    if (rc == SIGN_OK && policy->digest && !policy->digest->weak && !policy->transformed) {
        rc = compare(&f->policy.document, g, policy, err);
    }
    if (rc == SIGN_OK && f->policy.document != FACT_TRUE && !policy->implied) {
        facts_note(f, f->policy.document == FACT_FALSE ? MSG_POLICY_DIFFERS : MSG_POLICY_UNCHECKED,
                   f->policy.id ? f->policy.id : "", NULL, NULL);
    }
    return rc;
}
