/* Digests of byte ranges, in any order of calls, are what digesting the bytes at once gives. */
#include <base/cleanup.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <verify/ranges.h>

static uint8_t content[5000];

static void assert_digest(struct ranges *r, const uint64_t range[4], int32_t id)
{
    static uint8_t joined[2 * sizeof content];
    uint8_t got[DIGEST_MAX], wanted[DIGEST_MAX];
    const struct digest_alg *alg = digest_by_id(id);
    memcpy(joined, content + range[0], range[1]);
    memcpy(joined + range[1], content + range[2], range[3]);
    assert_int_equal(digest_bytes(r->crypto, alg, bytes_of(joined, range[1] + range[3]), wanted, NULL), SIGN_OK);
    assert_int_equal(ranges_digest(r, range, alg, got, NULL), SIGN_OK);
    assert_memory_equal(got, wanted, alg->size);
}

static void test_any_order(void **state)
{
    static const uint64_t rows[][4] = {
        { 0, 100, 200, 300 }, { 0, 600, 700, 300 }, { 0, 600, 600, 0 }, { 0, 50, 60, 4940 }, { 0, 0, 10, 20 },
        { 0, 5000, 0, 0 }, { 7, 100, 50, 80 }, { 0, 1000, 500, 700 }, { 0, 2000, 3000, 2000 }, { 5000, 0, 5000, 0 },
    };
    static const int32_t algs[] = {     /* more than are kept */
        SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA1, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA512, SIGN_DIGEST_SHA384,
        SIGN_DIGEST_SHA3_256, SIGN_DIGEST_SHAKE256, SIGN_DIGEST_SHA256,
    };
    struct crypto *crypto = NULL;
    struct source *source = NULL;
    for (size_t i = 0; i < sizeof content; i++) {
        content[i] = (uint8_t)(i * 31 + i / 256);
    }
    assert_int_equal(crypto_new(&crypto, NULL), SIGN_OK);
    assert_int_equal(source_over(&source, bytes_of(content, sizeof content), NULL), SIGN_OK);
    struct ranges r = { .source = source, .crypto = crypto };
    for (size_t k = 0; k < COUNT(algs); k++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            assert_digest(&r, rows[i], algs[k]);
            r.last = i % 3 == 2;    /* and where more follow after all */
            assert_digest(&r, rows[COUNT(rows) - 1 - i], algs[(k + i) % COUNT(algs)]);
            r.last = false;
        }
    }
    ranges_drop(&r);
    source_free(&source);
    crypto_free(&crypto);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_any_order) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
