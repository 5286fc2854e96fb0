/* Exit codes are a contract: every pair of them, and every status of the library. */
#include "../../cli/exit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libsign/error.h>

/* docs: the first that applies of these. */
static const int order[] = { 70, 64, 7, 1, 5, 4, 6, 3, 2, 0 };
#define N(a) (sizeof(a) / sizeof *(a))

static void test_order(void **state)
{
    for (size_t i = 0; i < N(order); i++) {
        for (size_t j = i; j < N(order); j++) {
            assert_int_equal(exit_worst(order[i], order[j]), order[i]);
            assert_int_equal(exit_worst(order[j], order[i]), order[i]);
        }
    }
}

static void test_status(void **state)
{
    static const struct { int status, file, key; } rows[] = {
        { SIGN_OK, 0, 0 }, { SIGN_E_ARG, 64, 64 }, { SIGN_E_NOMEM, 70, 70 }, { SIGN_E_IO, 4, 5 }, { SIGN_E_LIMIT, 4, 5 },
        { SIGN_E_FORMAT, 4, 5 }, { SIGN_E_UNSUPPORTED, 4, 5 }, { SIGN_E_NOTFOUND, 4, 5 }, { SIGN_E_AMBIGUOUS, 4, 5 },
        { SIGN_E_ALGO, 4, 5 }, { SIGN_E_FORBIDDEN, 4, 5 }, { SIGN_E_CERT, 5, 5 }, { SIGN_E_EXISTS, 4, 5 },
        { SIGN_E_PASSWORD, 4, 5 }, { SIGN_E_TOKEN, 5, 5 }, { SIGN_E_PIN_WRONG, 5, 5 }, { SIGN_E_PIN_LAST_TRY, 5, 5 },
        { SIGN_E_PIN_LOCKED, 5, 5 }, { SIGN_E_CANCELLED, 7, 7 }, { SIGN_E_TIMEOUT, 4, 5 }, { SIGN_E_NET, 6, 6 },
        { SIGN_E_NOT_VALID, 70, 70 },   /* comes with a report, which decides */
        { SIGN_E_INTERNAL, 70, 70 }, { 12345, 70, 70 },
    };
    for (size_t i = 0; i < N(rows); i++) {
        assert_int_equal(exit_of_status(rows[i].status), rows[i].file);
        assert_int_equal(exit_of_key_status(rows[i].status), rows[i].key);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_order), cmocka_unit_test(test_status) };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
