/* verdict.c by tables: every row of the contract, every pair of faults in their order; a property over random facts. */
#include <base/cleanup.h>
#include <libsign/verify.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <verify/facts.h>

static struct facts all_good(void)
{
    return (struct facts){
        .structure = FACT_TRUE, .found = FACT_TRUE, .supported = FACT_TRUE, .digest = FACT_TRUE, .value = FACT_TRUE,
        .strong = FACT_TRUE, .signer = FACT_TRUE, .bound = FACT_TRUE, .consistent = FACT_TRUE, .key_usage = FACT_TRUE,
        .manifests = FACT_TRUE, .unambiguous = FACT_TRUE, .changes = CHANGES_NONE, .revocation_mode = SIGN_REVOCATION_REQUIRE,
        .path = { .status = PATH_OK, .revocation = REVOCATION_GOOD },
    };
}

#define FAULT(name, change) static void name(struct facts *f) { change; }
FAULT(digest, f->digest = FACT_FALSE)
FAULT(value, f->value = FACT_FALSE)
FAULT(structure, f->structure = FACT_FALSE)
FAULT(forbidden, f->changes = CHANGES_FORBIDDEN)
FAULT(missing, (f->found = FACT_FALSE, f->digest = FACT_UNKNOWN))
FAULT(unsupported, (f->supported = FACT_FALSE, f->value = f->value == FACT_FALSE ? FACT_FALSE : FACT_UNKNOWN))
FAULT(unclassified, f->changes = f->changes == CHANGES_FORBIDDEN ? CHANGES_FORBIDDEN : CHANGES_UNKNOWN)
FAULT(ambiguous, f->unambiguous = FACT_FALSE)
FAULT(weak, f->strong = FACT_FALSE)
FAULT(manifest, f->manifests = FACT_FALSE)
FAULT(no_signer, (f->signer = FACT_FALSE, f->path.status = PATH_NONE, f->path.revocation = REVOCATION_NOT_CHECKED))
FAULT(other_signer, f->bound = FACT_FALSE)
FAULT(contradiction, f->consistent = FACT_FALSE)
FAULT(revoked, f->path.revocation = REVOCATION_REVOKED)
FAULT(ca_revoked, f->path.revocation = REVOCATION_CA_REVOKED)
FAULT(no_chain, (f->path.status = PATH_NO_CHAIN, f->path.revocation = REVOCATION_NOT_CHECKED))
FAULT(bad_chain, f->path.status = PATH_INVALID)
FAULT(weak_chain, f->path.status = PATH_WEAK)
FAULT(usage, f->key_usage = FACT_FALSE)
FAULT(expired, f->path.status = PATH_EXPIRED)
FAULT(not_yet, f->path.status = PATH_NOT_YET)
FAULT(ca_expired, f->path.status = PATH_CA_EXPIRED)
FAULT(unchecked, f->path.revocation = REVOCATION_UNKNOWN)

enum { UNKNOWN = SIGN_INTEGRITY_UNKNOWN, INTACT = SIGN_INTEGRITY_INTACT, BROKEN = SIGN_INTEGRITY_BROKEN };

/* In the order of precedence: each row wins over every row below it that can stand together with it. */
static const struct row {
    const char *name;
    void (*fault)(struct facts *f);
    sign_verdict verdict;
    const char *sub;
    int integrity;
    enum message_code note;
} ROWS[] = {
    { "digest differs", digest, SIGN_FAILED, "HASH_FAILURE", BROKEN, MSG_DIGEST_DIFFERS },
    { "value wrong", value, SIGN_FAILED, "SIG_CRYPTO_FAILURE", BROKEN, MSG_VALUE_WRONG },
    { "structure wrong", structure, SIGN_FAILED, "FORMAT_FAILURE", UNKNOWN, MSG_STRUCTURE_WRONG },
    { "change forbidden", forbidden, SIGN_FAILED, "FORMAT_FAILURE", INTACT, MSG_MODIFIED_AFTER_SIGNING },
    { "data missing", missing, SIGN_INDETERMINATE, "SIGNED_DATA_NOT_FOUND", UNKNOWN, MSG_REFERENCE_NOT_FOUND },
    { "unsupported", unsupported, SIGN_INDETERMINATE, "CUSTOM", UNKNOWN, MSG_UNSUPPORTED },
    { "change unclassified", unclassified, SIGN_INDETERMINATE, "CUSTOM", INTACT, MSG_CHANGES_UNKNOWN },
    { "ambiguous", ambiguous, SIGN_INDETERMINATE, "CUSTOM", INTACT, MSG_READERS_DIFFER },
    { "weak", weak, SIGN_INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE", INTACT, MSG_WEAK_ALGORITHM },
    { "manifest", manifest, SIGN_INDETERMINATE, "CUSTOM", INTACT, MSG_MANIFEST_UNCHECKED },
    { "no signer", no_signer, SIGN_INDETERMINATE, "NO_SIGNING_CERTIFICATE_FOUND", INTACT, MSG_NO_SIGNING_CERTIFICATE },
    { "other signer", other_signer, SIGN_INDETERMINATE, "NO_SIGNING_CERTIFICATE_FOUND", INTACT, MSG_CERT_REF_MISMATCH },
    { "contradiction", contradiction, SIGN_INDETERMINATE, "SIG_CONSTRAINTS_FAILURE", INTACT, MSG_KEYINFO_CONTRADICTS },
    { "revoked", revoked, SIGN_INDETERMINATE, "REVOKED_NO_POE", INTACT, MSG_CERT_REVOKED },
    { "issuer revoked", ca_revoked, SIGN_INDETERMINATE, "REVOKED_CA_NO_POE", INTACT, MSG_CA_CERT_REVOKED },
    { "no chain", no_chain, SIGN_INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND", INTACT, MSG_NO_CHAIN },
    { "bad chain", bad_chain, SIGN_INDETERMINATE, "CERTIFICATE_CHAIN_GENERAL_FAILURE", INTACT, MSG_CHAIN_INVALID },
    { "weak chain", weak_chain, SIGN_INDETERMINATE, "CRYPTO_CONSTRAINTS_FAILURE", INTACT, MSG_CHAIN_WEAK },
    { "key usage", usage, SIGN_INDETERMINATE, "CHAIN_CONSTRAINTS_FAILURE", INTACT, MSG_KEY_USAGE },
    { "expired", expired, SIGN_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", INTACT, MSG_CERT_EXPIRED },
    { "not yet valid", not_yet, SIGN_INDETERMINATE, "NOT_YET_VALID", INTACT, MSG_CERT_NOT_YET_VALID },
    { "issuer expired", ca_expired, SIGN_INDETERMINATE, "OUT_OF_BOUNDS_NO_POE", INTACT, MSG_CA_CERT_EXPIRED },
    { "revocation unchecked", unchecked, SIGN_INDETERMINATE, "TRY_LATER", INTACT, MSG_REVOCATION_UNCHECKED },
};

static void assert_outcome(const struct row *row, const struct outcome *o, const struct facts *f)
{
    if (o->verdict != row->verdict || strcmp(o->sub ? o->sub : "", row->sub) != 0) {
        fail_msg("%s: %d %s", row->name, o->verdict, o->sub ? o->sub : "-");
    }
    if (!facts_has_note(f, row->note)) {
        fail_msg("%s: without its message", row->name);
    }
}

static void test_rows(void **state)
{
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct facts f = all_good();
        struct outcome o;
        ROWS[i].fault(&f);
        verdict_decide(&o, &f);
        assert_outcome(&ROWS[i], &o, &f);
        if (o.integrity != ROWS[i].integrity) {
            fail_msg("%s: integrity %d", ROWS[i].name, o.integrity);
        }
    }
}

/* Faults that write the same field cannot stand together. */
static bool share_a_field(size_t i, size_t k)
{
    struct facts a = all_good(), both = all_good();
    ROWS[i].fault(&a);
    ROWS[i].fault(&both);
    ROWS[k].fault(&both);
    struct facts back = both;
    ROWS[i].fault(&back);
    return memcmp(&back, &both, sizeof both) != 0;
}

static void test_precedence(void **state)
{
    size_t pairs = 0;
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        for (size_t k = i + 1; k < COUNT(ROWS); k++) {
            bool math_needed = ROWS[i].fault == unclassified || ROWS[i].fault == weak;
            if (share_a_field(i, k) || (math_needed && k < 6)) {
                continue;
            }
            struct facts f = all_good();
            struct outcome o;
            ROWS[k].fault(&f);
            ROWS[i].fault(&f);
            verdict_decide(&o, &f);
            assert_outcome(&ROWS[i], &o, &f);
            pairs++;
        }
    }
    assert_true(pairs > 150);
}

static void test_broken_wins_integrity(void **state)
{
    for (size_t i = 0; i < COUNT(ROWS); i++) {
        struct facts f = all_good();
        struct outcome o;
        ROWS[i].fault(&f);
        f.value = FACT_FALSE;
        verdict_decide(&o, &f);
        assert_int_equal(o.integrity, BROKEN);
        assert_int_equal(o.verdict, SIGN_FAILED);
    }
}

static void test_passes(void **state)
{
    static const struct {
        int32_t mode;
        enum revocation_status revocation;
        bool passes, warns;
    } rows[] = {
        { SIGN_REVOCATION_REQUIRE, REVOCATION_GOOD, true, false },
        { SIGN_REVOCATION_REQUIRE, REVOCATION_UNKNOWN, false, true },
        { SIGN_REVOCATION_REQUIRE, REVOCATION_NOT_CHECKED, false, true },
        { SIGN_REVOCATION_TRY, REVOCATION_GOOD, true, false },
        { SIGN_REVOCATION_TRY, REVOCATION_UNKNOWN, true, true },
        { SIGN_REVOCATION_TRY, REVOCATION_REVOKED, false, false },
        { SIGN_REVOCATION_TRY, REVOCATION_CA_REVOKED, false, false },
        { SIGN_REVOCATION_OFF, REVOCATION_NOT_CHECKED, true, true },
        { 77, REVOCATION_UNKNOWN, false, true },        /* a mode nobody knows is the strict one */
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct facts f = all_good();
        struct outcome o;
        f.revocation_mode = rows[i].mode;
        f.path.revocation = rows[i].revocation;
        verdict_decide(&o, &f);
        assert_int_equal(o.verdict == SIGN_PASSED, rows[i].passes);
        assert_int_equal(o.sub == NULL, rows[i].passes);
        assert_int_equal(facts_has_note(&f, MSG_REVOCATION_UNCHECKED), rows[i].warns);
    }
}

static void test_silence_never_passes(void **state)
{
    struct facts nothing = { 0 };
    struct outcome o = { SIGN_PASSED, NULL, SIGN_INTEGRITY_INTACT };
    verdict_decide(&o, &nothing);
    assert_int_equal(o.verdict, SIGN_INDETERMINATE);
    assert_non_null(o.sub);
    assert_int_equal(o.integrity, UNKNOWN);
    assert_true(nothing.n_notes > 0);
}

static enum fact *const_fact(struct facts *f, size_t i)
{
    enum fact *all[] = { &f->structure, &f->found, &f->supported,  &f->digest,    &f->value,    &f->strong,
                         &f->signer,    &f->bound, &f->consistent, &f->key_usage, &f->manifests,
                         &f->unambiguous };
    return i < COUNT(all) ? all[i] : NULL;
}

static uint32_t next(uint32_t *seed)    /* xorshift: the same facts in every run */
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static struct facts random_facts(uint32_t *seed)
{
    struct facts f = all_good();
    enum fact *one;
    for (size_t i = 0; (one = const_fact(&f, i)) != NULL; i++) {
        if (next(seed) % 8 == 0) {
            *one = next(seed) % 3;
        }
    }
    f.changes = next(seed) % 4 == 0 ? next(seed) % 5 : CHANGES_NONE;
    f.revocation_mode = (int32_t)(next(seed) % 3);
    f.path.status = next(seed) % 4 == 0 ? next(seed) % 8 : PATH_OK;
    f.path.revocation = next(seed) % 3 == 0 ? next(seed) % 5 : REVOCATION_GOOD;
    return f;
}

/* PASSED asserts every fact; FAILED rests on something shown wrong; all else has a sub-indication and a reason. */
static void test_property(void **state)
{
    uint32_t seed = 2463534242u;
    size_t passed = 0, failed = 0;
    for (int round = 0; round < 200000; round++) {
        struct facts f = random_facts(&seed);
        struct outcome o;
        verdict_decide(&o, &f);
        enum fact *one;
        bool broken = f.digest == FACT_FALSE || f.value == FACT_FALSE;
        assert_int_equal(o.integrity == BROKEN, broken);
        if (o.verdict == SIGN_PASSED) {
            passed++;
            for (size_t i = 0; (one = const_fact(&f, i)) != NULL; i++) {
                assert_int_equal(*one, FACT_TRUE);
            }
            assert_int_equal(f.path.status, PATH_OK);
            assert_true(f.path.revocation != REVOCATION_REVOKED && f.path.revocation != REVOCATION_CA_REVOKED);
            assert_true(f.path.revocation == REVOCATION_GOOD || f.revocation_mode != SIGN_REVOCATION_REQUIRE);
            assert_true(f.changes != CHANGES_UNKNOWN && f.changes != CHANGES_FORBIDDEN);
            assert_null(o.sub);
            continue;
        }
        assert_non_null(o.sub);
        assert_true(f.n_notes > 0);
        if (o.verdict == SIGN_FAILED) {
            failed++;
            assert_true(broken || f.structure == FACT_FALSE || f.changes == CHANGES_FORBIDDEN);
        }
    }
    assert_true(passed > 1000 && failed > 1000);
}

static void test_facts_stay_denied(void **state)
{
    enum fact fact = FACT_UNKNOWN;
    fact_true(&fact);
    assert_int_equal(fact, FACT_TRUE);
    fact = FACT_FALSE;
    fact_true(&fact);
    assert_int_equal(fact, FACT_FALSE);
}

/* A thousand faults of a hostile document leave room for the reason of the verdict, and nothing is said twice. */
static void test_notes_are_bounded(void **state)
{
    static char uris[1000][8];
    struct facts f = all_good();
    struct outcome o;
    for (size_t i = 0; i < COUNT(uris); i++) {
        (void)snprintf(uris[i], sizeof uris[i], "#%zu", i);
        facts_note(&f, MSG_TIME_UNREADABLE, uris[i], NULL, NULL);
        facts_note(&f, MSG_TIME_UNREADABLE, uris[0], NULL, NULL);
    }
    assert_int_equal(f.n_notes, NOTES_OF_CODE);
    f.path.status = PATH_EXPIRED;
    verdict_decide(&o, &f);
    assert_true(facts_has_note(&f, MSG_CERT_EXPIRED));
    for (size_t i = 0; i < COUNT(uris); i++) {      /* a thousand of every kind, and still each kind is heard */
        for (enum message_code code = MSG_NONE + 1; code < MSG_COUNT; code++) {
            facts_note(&f, code, uris[i], NULL, NULL);
        }
    }
    assert_true(f.n_notes <= NOTES_MAX);
    for (enum message_code code = MSG_NONE + 1; code < MSG_COUNT; code++) {
        assert_true(facts_has_note(&f, code));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_precedence), cmocka_unit_test(test_broken_wins_integrity),
        cmocka_unit_test(test_passes), cmocka_unit_test(test_silence_never_passes), cmocka_unit_test(test_property),
        cmocka_unit_test(test_facts_stay_denied), cmocka_unit_test(test_notes_are_bounded),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
