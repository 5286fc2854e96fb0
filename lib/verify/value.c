/* The signature value, the strength of what it rests on, and small things that both gatherers need. */
#include <base/err.h>
#include <verify/gather.h>
#include <verify/policy.h>

bool ends_work(int status)
{
    return status != SIGN_OK && status != SIGN_E_FORMAT && status != SIGN_E_UNSUPPORTED && status != SIGN_E_ALGO;
}

const char *at_offset(const struct gather *g, const char *detail, uint64_t offset)
{
    const char *text = offset == SIGN_NO_OFFSET
                           ? arena_str(g->arena, bytes_str(detail))
                           : arena_fmt(g->arena, "%s (byte %llu)", detail, (unsigned long long)offset);
    return text ? text : "";
}

const char *time_text(const struct gather *g, int64_t seconds)
{
    char text[WHEN_TEXT];
    when_print_utc(text, seconds);
    return at_offset(g, text, SIGN_NO_OFFSET);
}

void deny(struct facts *f, const struct gather *g, enum fact *fact, enum message_code code, const char *clause,
          const char *detail)
{
    *fact = FACT_FALSE;
    facts_note(f, code, detail ? at_offset(g, detail, SIGN_NO_OFFSET) : NULL, NULL, clause);
}

void claim_time(struct facts *f, const struct when *when)
{
    f->has_claimed = true;
    f->claimed = *when;
    facts_note(f, MSG_TIME_CLAIMED, NULL, NULL, NULL);
    if (!when->has_zone) {
        facts_note(f, MSG_TIME_WITHOUT_ZONE, NULL, NULL, NULL);
    }
}

int value_try(const struct gather *g, EVP_PKEY *key, const struct signed_value *v, bool *good, sign_err *why)
{
    uint8_t computed[DIGEST_MAX];
    struct sig_check check = {
        .params = v->params, .tbs = v->tbs, .digest = v->digest, .signature = v->value, .ecdsa_raw = v->ecdsa_raw,
    };
    const struct digest_alg *alg = digest_by_id(v->params.digest);
    if (v->params.scheme != SIGN_SCHEME_EDDSA && v->digest.len == 0) {
        if (!alg) {
            return err_set(why, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "the digest of the signature algorithm is unknown");
        }
        int rc = digest_bytes(g->crypto, alg, v->tbs, computed, why);
        if (rc != SIGN_OK) {
            return rc;
        }
        check.digest = bytes_of(computed, alg->size);
    }
    int rc = sig_verify(g->crypto, key, &check, good, why);
    if (rc == SIGN_OK && *good && v->proven) {
        *v->proven = key;
    }
    return rc;
}

static int check(struct facts *f, const struct gather *g, EVP_PKEY *key, const struct signed_value *v, sign_err *why)
{
    bool good = v->proven && *v->proven == key;
    int rc = good ? SIGN_OK : value_try(g, key, v, &good, why);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (good) {
        fact_true(&f->value);
    } else {
        deny(f, g, &f->value, MSG_VALUE_WRONG, NULL, NULL);
    }
    return SIGN_OK;
}

int value_check(struct facts *f, const struct gather *g, EVP_PKEY *key, const struct signed_value *v, sign_err *err)
{
    sign_err why = SIGN_ERR_INIT;
    int rc = SIGN_E_ALGO;
    if (key) {
        f->key_bits = key_bits(key);
        rc = check(f, g, key, v, &why);
        value_judge_key(f, g, v->params.scheme, f->key_bits);
    } else {
        (void)err_set(&why, rc, SIGN_NO_OFFSET, NULL, "the public key of the signer's certificate");
    }
    if (rc == SIGN_E_ALGO || rc == SIGN_E_UNSUPPORTED) {
        deny(f, g, &f->supported, MSG_UNSUPPORTED, why.clause, why.msg);
        return SIGN_OK;
    }
    return rc == SIGN_OK ? SIGN_OK : err_set(err, rc, why.offset, why.clause, "%s", why.msg);
}

static void weigh(struct facts *f, const struct gather *g, bool ok, const struct weakness *weak)
{
    if (ok) {
        fact_true(&f->strong);
        return;
    }
    f->strong = FACT_FALSE;
    facts_note(f, MSG_WEAK_ALGORITHM, at_offset(g, weak->what, SIGN_NO_OFFSET), weak->reason, NULL);
}

void value_judge_digest(struct facts *f, const struct gather *g, const struct digest_alg *alg)
{
    struct weakness weak;
    weigh(f, g, policy_digest_ok(&weak, alg), &weak);
}

void value_judge_key(struct facts *f, const struct gather *g, int32_t scheme, int bits)
{
    struct weakness weak;
    weigh(f, g, policy_key_ok(&weak, scheme, bits), &weak);
}
