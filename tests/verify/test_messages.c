/* The message table is complete in both languages, and the policy says what it should. */
#include <base/cleanup.h>
#include <base/text.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <verify/messages.h>
#include <verify/policy.h>

static unsigned placeholders(const char *text)
{
    unsigned found = 0;
    for (; *text; text++) {
        found |= *text == '%' ? text[1] == '1' ? 1u : text[1] == '2' ? 2u : 4u : 0u;
    }
    return found;
}

/* Composed letters, none built of a base and a combining mark: the width of labels and searching rely on it. */
static bool is_composed(const char *text)
{
    size_t pos = 0;
    uint32_t c;
    sign_bytes bytes = bytes_str(text);
    while (pos < bytes.len) {
        if (!utf8_next(bytes, &pos, &c) || (c >= 0x300 && c <= 0x36f)) {
            return false;
        }
    }
    return true;
}

static bool is_ascii(const char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text >= 0x80) {
            return false;
        }
    }
    return true;
}

static void test_table(void **state)
{
    for (enum message_code code = MSG_NONE + 1; code < MSG_COUNT; code++) {
        const struct message *m = message_by_code(code);
        const char *en = m->text[LANG_EN], *vi = m->text[LANG_VI];
        if (!m->code || !m->clause || !en || !vi || !*en || !*vi) {
            fail_msg("row %d is not complete", (int)code);
        }
        if (!is_ascii(en) || is_ascii(vi) || !is_composed(vi) || placeholders(en) != placeholders(vi) ||
            placeholders(en) > 3) {
            fail_msg("%s: texts", m->code);
        }
        if (!m->advice[LANG_EN] != !m->advice[LANG_VI]) {
            fail_msg("%s: advice in one language alone", m->code);
        }
        for (enum message_code other = MSG_NONE; other < code; other++) {
            if (strcmp(message_by_code(other)->code, m->code) == 0) {
                fail_msg("%s stands twice", m->code);
            }
        }
    }
    assert_string_equal(message_by_code(MSG_COUNT)->code, "NONE");
}

static void test_print(void **state)
{
    static const struct {
        const char *template, *arg1, *arg2;
        bool safe;
        const char *expected;
    } rows[] = {
        { "a %1 b %2 c", "x", "y", false, "a x b y c" },
        { "a %1 b %2 c", NULL, "y", false, "a  b y c" },
        { "100 %", "x", NULL, false, "100 %" },
        { "%3%1", "%2", "y", false, "%3%2" },           /* arguments are not templates */
        { "%1", "\x1b[2J", NULL, true, "\\x1B[2J" },
        { "%1", "\x1b[2J", NULL, false, "\x1b[2J" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        message_print(&out, rows[i].template, (const char *const[]){ rows[i].arg1, rows[i].arg2 }, rows[i].safe);
        sign_bytes view = build_view(&out);
        if (!ascii_equal_nocase(view, bytes_str(rows[i].expected))) {
            fail_msg("row %zu: %.*s", i, (int)view.len, (const char *)view.ptr);
        }
    }
}

static void test_lang(void **state)
{
    static const struct { const char *name; enum lang lang;
    } rows[] = {
        { NULL, LANG_VI }, { "vi", LANG_VI },  { "vi_VN.UTF-8", LANG_VI }, { "VI-vn", LANG_VI }, { "en", LANG_EN },
        { "", LANG_EN },   { "vie", LANG_EN }, { "v", LANG_EN },           { "C", LANG_EN },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(lang_by_name(rows[i].name), rows[i].lang);
    }
}

static void test_digests(void **state)
{
    static const struct { int32_t id; bool ok;
    } rows[] = {
        { SIGN_DIGEST_SHA256, true },     { SIGN_DIGEST_SHA384, true },     { SIGN_DIGEST_SHA512, true },
        { SIGN_DIGEST_SHA512_224, true }, { SIGN_DIGEST_SHA512_256, true }, { SIGN_DIGEST_SHA3_224, true },
        { SIGN_DIGEST_SHA3_256, true },   { SIGN_DIGEST_SHA3_384, true },   { SIGN_DIGEST_SHA3_512, true },
        { SIGN_DIGEST_SHAKE128, true },   { SIGN_DIGEST_SHAKE256, true },   { SIGN_DIGEST_SHA224, true },
        { SIGN_DIGEST_SHA1, false },      { SIGN_DIGEST_MD5, false },       { SIGN_DIGEST_RIPEMD160, false },
    };
    struct weakness weak;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct digest_alg *alg = digest_by_id(rows[i].id);
        assert_non_null(alg);
        if (policy_digest_ok(&weak, alg) != rows[i].ok) {
            fail_msg("%s", alg->name);
        }
    }
    assert_false(policy_digest_ok(&weak, NULL));
    assert_non_null(weak.reason);
}

static void test_keys(void **state)
{
    static const struct { int32_t scheme; int bits; bool ok;
    } rows[] = {
        { SIGN_SCHEME_RSA_PKCS1, 2048, true },
        { SIGN_SCHEME_RSA_PKCS1, 2047, false },
        { SIGN_SCHEME_RSA_PSS, 1024, false },
        { SIGN_SCHEME_RSA_PSS, 3072, true },
        { SIGN_SCHEME_ECDSA, 256, true },
        { SIGN_SCHEME_ECDSA, 224, false },
        { SIGN_SCHEME_ECDSA, 521, true },
        { SIGN_SCHEME_EDDSA, 256, true },
        { SIGN_SCHEME_DSA, 3072, false },
        { 0, 4096, false },
        { 99, 4096, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct weakness weak = { 0 };
        if (policy_key_ok(&weak, rows[i].scheme, rows[i].bits) != rows[i].ok) {
            fail_msg("scheme %d, %d bits", (int)rows[i].scheme, rows[i].bits);
        }
        assert_true(rows[i].ok || (weak.what && weak.reason));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_print), cmocka_unit_test(test_lang),
        cmocka_unit_test(test_digests), cmocka_unit_test(test_keys),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
