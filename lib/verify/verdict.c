/*
 * The only file that decides PASSED. Rules are asked in order; the first that applies gives the verdict. When none
 * does, PASSED still needs every positive fact to have been asserted by somebody: silence is INDETERMINATE.
 *
 * The order: what is mathematically broken, then what is formed wrongly (both fail for good), then what the document
 * itself leaves open, then the certificate, last what the surroundings can still supply. EN 319 102-1 5.3 asks in a
 * different order but knows the same outcomes; ours names the reason that no later evidence can mend.
 */
#include <base/cleanup.h>
#include <libsign/verify.h>
#include <verify/facts.h>

static bool is_mathematically_right(const struct facts *f)
{
    return f->digest == FACT_TRUE && f->value == FACT_TRUE;
}

static bool digest_differs(const struct facts *f)
{
    return f->digest == FACT_FALSE;
}

static bool value_is_wrong(const struct facts *f)
{
    return f->value == FACT_FALSE;
}

static bool structure_is_wrong(const struct facts *f)
{
    return f->structure == FACT_FALSE;
}

static bool changes_are_forbidden(const struct facts *f)
{
    return f->changes == CHANGES_FORBIDDEN;
}

static bool data_is_missing(const struct facts *f)
{
    return f->found == FACT_FALSE;
}

static bool is_unsupported(const struct facts *f)
{
    return f->supported == FACT_FALSE;
}

/* Only over right mathematics do the two next say anything: otherwise there is a better reason below. */
static bool changes_are_unknown(const struct facts *f)
{
    return is_mathematically_right(f) && f->changes == CHANGES_UNKNOWN;
}

static bool is_weak(const struct facts *f)
{
    return is_mathematically_right(f) && f->strong == FACT_FALSE;
}

static bool readers_differ(const struct facts *f)
{
    return f->unambiguous == FACT_FALSE;
}

static bool manifest_is_unchecked(const struct facts *f)
{
    return f->manifests == FACT_FALSE;
}

static bool signer_is_missing(const struct facts *f)
{
    return f->signer == FACT_FALSE;
}

static bool signer_is_another(const struct facts *f)
{
    return f->bound == FACT_FALSE;
}

static bool is_contradictory(const struct facts *f)
{
    return f->consistent == FACT_FALSE;
}

static bool policy_is_another(const struct facts *f)
{
    return f->policy.document == FACT_FALSE;
}

static bool may_not_sign(const struct facts *f)
{
    return f->key_usage == FACT_FALSE;
}

static bool needs_revocation(const struct facts *f)
{
    return f->revocation_mode != SIGN_REVOCATION_TRY && f->revocation_mode != SIGN_REVOCATION_OFF;
}

static bool signer_is_revoked(const struct facts *f)
{
    return f->path.revocation == REVOCATION_REVOKED;
}

static bool ca_is_revoked(const struct facts *f)
{
    return f->path.revocation == REVOCATION_CA_REVOKED;
}

static bool revocation_is_open(const struct facts *f)
{
    return needs_revocation(f) && f->path.status == PATH_OK && f->path.revocation != REVOCATION_GOOD;
}

#define PATH_RULE(name, what) \
    static bool name(const struct facts *f) { return f->path.status == (what); }
PATH_RULE(path_is_absent, PATH_NO_CHAIN)
PATH_RULE(path_is_invalid, PATH_INVALID)
PATH_RULE(path_is_weak, PATH_WEAK)
PATH_RULE(signer_is_expired, PATH_EXPIRED)
PATH_RULE(signer_is_not_yet_valid, PATH_NOT_YET)
PATH_RULE(ca_is_expired, PATH_CA_EXPIRED)

/* Every verdict but PASSED comes with its reason: the first message is added where none of them has been said. */
static const struct rule {
    bool (*applies)(const struct facts *f);
    sign_verdict verdict;
    const char *sub;
    enum message_code notes[8];
} RULES[] = {
    { digest_differs, SIGN_FAILED, "HASH_FAILURE", { MSG_DIGEST_DIFFERS, MSG_REFERENCE_DIFFERS } },
    { value_is_wrong, SIGN_FAILED, "SIG_CRYPTO_FAILURE", { MSG_VALUE_WRONG } },
    { structure_is_wrong, SIGN_FAILED, "FORMAT_FAILURE", { MSG_STRUCTURE_WRONG } },
    { changes_are_forbidden, SIGN_FAILED, "FORMAT_FAILURE", { MSG_MODIFIED_AFTER_SIGNING } },
    { data_is_missing, SIGN_INDETERMINATE, "SIGNED_DATA_NOT_FOUND", { MSG_REFERENCE_NOT_FOUND, MSG_NOTHING_SIGNED } },
    { is_unsupported, SIGN_INDETERMINATE, "CUSTOM", { MSG_UNSUPPORTED } },
    { changes_are_unknown, SIGN_INDETERMINATE, "CUSTOM", { MSG_CHANGES_UNKNOWN } },
    { readers_differ, SIGN_INDETERMINATE, "CUSTOM", { MSG_READERS_DIFFER } },
    { is_weak, SIGN_INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE", { MSG_WEAK_ALGORITHM } },
    { manifest_is_unchecked, SIGN_INDETERMINATE, "CUSTOM", { MSG_MANIFEST_UNCHECKED } },
    /* EN 319 102-1 5.2.3.4: a reference that no certificate at hand answers to is a signer's certificate not found. */
    { signer_is_missing, SIGN_INDETERMINATE, "NO_SIGNING_CERTIFICATE_FOUND", { MSG_NO_SIGNING_CERTIFICATE } },
    { signer_is_another, SIGN_INDETERMINATE, "NO_SIGNING_CERTIFICATE_FOUND", { MSG_CERT_REF_MISMATCH } },
    { is_contradictory, SIGN_INDETERMINATE, "SIG_CONSTRAINTS_FAILURE",
      { MSG_KEYINFO_CONTRADICTS, MSG_CERT_CORRUPTED, MSG_CERT_UNREADABLE, MSG_DIGEST_UNLISTED, MSG_PROPERTIES_FOREIGN,
        MSG_PADDING_ENCRYPTED, MSG_COUNTERSIGNATURE_FOREIGN } },
    /* 5.2.4.4: the document at hand is not the one that was signed by. */
    { policy_is_another, SIGN_INDETERMINATE, "POLICY_PROCESSING_ERROR", { MSG_POLICY_DIFFERS } },
    /* 5.2.6.4; without a proof of existence a revocation or an end of validity leaves the question open (5.3). */
    { signer_is_revoked, SIGN_INDETERMINATE, "REVOKED_NO_POE", { MSG_CERT_REVOKED } },
    { ca_is_revoked, SIGN_INDETERMINATE, "REVOKED_CA_NO_POE", { MSG_CA_CERT_REVOKED } },
    { path_is_absent, SIGN_INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND", { MSG_NO_CHAIN, MSG_NO_ANCHOR } },
    { path_is_invalid, SIGN_INDETERMINATE, "CERTIFICATE_CHAIN_GENERAL_FAILURE", { MSG_CHAIN_INVALID } },
    { path_is_weak, SIGN_INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE", { MSG_CHAIN_WEAK } },
    { may_not_sign, SIGN_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", { MSG_KEY_USAGE } },
    { signer_is_expired, SIGN_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", { MSG_CERT_EXPIRED } },
    { signer_is_not_yet_valid, SIGN_INDETERMINATE, "NOT_YET_VALID", { MSG_CERT_NOT_YET_VALID } },
    { ca_is_expired, SIGN_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", { MSG_CA_CERT_EXPIRED } },
    { revocation_is_open, SIGN_INDETERMINATE, "TRY_LATER", { MSG_REVOCATION_UNCHECKED } },
};

/*
 * Mathematics alone; a structure that is wrong leaves open what was signed, but does not mend what is broken. Digests that
 * match were found somewhere: where that is inside of the Signature alone, they are no less right (MSG_NOTHING_SIGNED).
 */
static int integrity_of(const struct facts *f)
{
    if (digest_differs(f) || value_is_wrong(f)) {
        return SIGN_INTEGRITY_BROKEN;
    }
    bool told = is_mathematically_right(f) && f->structure == FACT_TRUE && f->supported == FACT_TRUE;
    return told ? SIGN_INTEGRITY_INTACT : SIGN_INTEGRITY_UNKNOWN;
}

static bool all_is_asserted(const struct facts *f)
{
    const enum fact needed[] = {
        f->structure, f->found, f->supported,  f->digest,    f->value,     f->strong,
        f->signer,    f->bound, f->consistent, f->key_usage, f->manifests,
        f->unambiguous,
    };
    for (size_t i = 0; i < COUNT(needed); i++) {
        if (needed[i] != FACT_TRUE) {
            return false;
        }
    }
    bool unchanged =
        f->changes == CHANGES_NONE || f->changes == CHANGES_ALLOWED || f->changes == CHANGES_NOT_APPLICABLE;
    bool revocation = f->path.revocation == REVOCATION_GOOD ||
                      (!needs_revocation(f) && (f->path.revocation == REVOCATION_UNKNOWN ||
                                                f->path.revocation == REVOCATION_NOT_CHECKED));
    return unchanged && revocation && f->path.status == PATH_OK;
}

static bool is_an_error(enum message_code code)
{
    return message_by_code(code)->level == LEVEL_ERROR;
}

static void note_reason(struct facts *f, const struct rule *rule)
{
    for (size_t i = 0; i < f->n_notes; i++) {
        enum message_code code = f->notes[i].code;
        bool named = false;
        for (size_t k = 0; k < COUNT(rule->notes); k++) {
            named |= code == rule->notes[k];
        }
        if (named || (rule->notes[0] == MSG_STRUCTURE_WRONG && is_an_error(code))) {
            return;
        }
    }
    facts_note(f, rule->notes[0], NULL, NULL, NULL);
}

/* The duty to warn (Circular 15/2025) holds whatever the verdict and whatever the caller waived. */
static void warn_revocation(struct facts *f)
{
    if (f->path.status == PATH_OK && f->path.revocation != REVOCATION_GOOD && !signer_is_revoked(f) &&
        !ca_is_revoked(f) && !facts_has_note(f, MSG_REVOCATION_UNCHECKED)) {
        facts_note(f, MSG_REVOCATION_UNCHECKED, NULL, NULL, NULL);
    }
}

void verdict_decide(struct outcome *out, struct facts *f)
{
    *out = (struct outcome){ SIGN_INDETERMINATE, "CUSTOM", integrity_of(f) };
    warn_revocation(f);
    for (size_t i = 0; i < COUNT(RULES); i++) {
        const struct rule *rule = &RULES[i];
        if (rule->applies(f)) {
            out->verdict = rule->verdict;
            out->sub = rule->sub;
            note_reason(f, rule);
            return;
        }
    }
    if (all_is_asserted(f)) {
        out->verdict = SIGN_PASSED;
        out->sub = NULL;
        return;
    }
    facts_note(f, MSG_NOT_EXAMINED, NULL, NULL, NULL);
}
