/* cmocka, and what the tests of lib/base and lib/io say in one word. */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

/* cmocka.h needs these four before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <base/bytes.h>
#include <base/cleanup.h>
#include <base/err.h>

static inline void check_bytes(sign_bytes got, sign_bytes want)
{
    assert_int_equal(got.len, want.len);
    if (want.len) {
        assert_memory_equal(got.ptr, want.ptr, want.len);
    }
}

/* A status that is not the wanted one is shown with its message. */
static inline void check_status(int got, int want, const sign_err *err)
{
    if (got != want) {
        print_message("# %s, not %s: %s\n", sign_status_name(got), sign_status_name(want), got ? err->msg : "");
    }
    assert_int_equal(got, want);
    if (want != SIGN_OK) {
        assert_int_equal(err->status, want);
        assert_true(err->msg[0] != '\0');
    }
}

#endif
