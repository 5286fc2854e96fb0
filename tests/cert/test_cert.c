/* Decoding: what the accessors say, what is refused, and what memory failures leave behind. */
#include "fault.h"
#include "pki.h"
#include <base/limits.h>
#include <stdlib.h>

static void says(void **state)
{
    struct room room;
    room_open(&room);
    struct cert_spec spec = { .subject = "Nguyễn Văn A, \"Sở\" + <x>",
                              .issuer = "CA phục vụ các cơ quan Nhà nước",
                              .exts = LEAF_EXTS "\nsubjectKeyIdentifier=0102FF",
                              .serial = 0xABCDEF };
    sign_bytes der = cert_make(&spec);
    sign_cert *cert = room_cert(&room, der);
    assert_true(bytes_equal(sign_cert_der(cert), der));
    assert_string_equal(sign_cert_subject(cert), "CN=Nguyễn Văn A\\, \\\"Sở\\\" \\+ \\<x\\>,C=VN");
    assert_string_equal(sign_cert_issuer(cert), "CN=CA phục vụ các cơ quan Nhà nước,C=VN");
    assert_string_equal(sign_cert_common_name(cert), spec.subject);
    assert_string_equal(sign_cert_organization(cert), "");
    assert_string_equal(sign_cert_serial(cert), "abcdef");
    assert_int_equal(strlen(sign_cert_sha256(cert)), 64);
    assert_int_equal(sign_cert_not_before(cert), NOW - 365 * DAY);
    assert_int_equal(sign_cert_not_after(cert), NOW + 365 * DAY);
    assert_true(bytes_equal(cert_serial_der(cert), BYTES_LIT("\x00\xAB\xCD\xEF")));
    assert_true(bytes_equal(cert_key_id(cert), BYTES_LIT("\x01\x02\xFF")));
    assert_true(cert_may_sign(cert) && !cert_is_ca(cert) && !cert_self_signed(cert));
    assert_true(EVP_PKEY_eq(cert_key(cert), pki_key(spec.subject)) == 1);
    X509_NAME *name = X509_get_subject_name(cert_x509(cert));
    const uint8_t *encoded = NULL;
    size_t len = 0;
    X509_NAME_get0_der(name, &encoded, &len);
    assert_true(bytes_equal(cert_subject_der(cert), bytes_of(encoded, len)));
    sign_cert *again = room_cert(&room, der);
    assert_ptr_equal(cert, again); /* from the cache */
    cert_free(&again);
    assert_null(again);
    room_close(&room);
    assert_string_equal(sign_cert_serial(cert), "abcdef"); /* a reference outlives the cache */
    cert_free(&cert);
    cert_free(&cert);
}

/* Every string type that certificates hold, as UTF-8; broken text repaired and never cut at a NUL. */
static void strings(void **state)
{
    static const struct {
        unsigned long kind;
        const char *text, *common_name;
    } rows[] = {
        { B_ASN1_UTF8STRING, "Bộ Y tế", "Bộ Y tế" },  { B_ASN1_BMPSTRING, "Bộ Y tế", "Bộ Y tế" },
        { B_ASN1_UNIVERSALSTRING, "Bộ 🇻", "Bộ 🇻" },   { B_ASN1_T61STRING, "Caf\xC3\xA9", "Café" },
        { B_ASN1_PRINTABLESTRING, "Plain", "Plain" }, { B_ASN1_IA5STRING, "a@b", "a@b" },
    };
    struct room room;
    room_open(&room);
    for (size_t i = 0; i < COUNT(rows); i++) {
        sign_cert *cert = room_cert(
            &room,
            cert_make(&(struct cert_spec){ .subject = rows[i].text, .key = "strings", .string_kind = rows[i].kind }));
        assert_string_equal(sign_cert_common_name(cert), rows[i].common_name);
        cert_free(&cert);
    }
    sign_bytes der = cert_make(&(struct cert_spec){ .subject = "good.evil", .key = "strings" });
    uint8_t *copy = malloc(der.len);
    memcpy(copy, der.ptr, der.len);
    for (int byte = 0; byte <= 0xFF; byte += 0xFF) {
        for (size_t at = 0; (at = bytes_find(bytes_of(copy, der.len), BYTES_LIT("evil"), at)) != SIZE_MAX; at++) {
            copy[at - 1] = (uint8_t)byte;
        }
        sign_cert *cert = NULL;
        int rc = cert_get(room.cache, bytes_of(copy, der.len), &cert, NULL);
        assert_int_equal(rc, byte == 0 ? SIGN_OK : SIGN_E_FORMAT); /* 0xFF is no UTF-8: RFC 3629 */
        if (rc == SIGN_OK) {
            assert_string_equal(sign_cert_common_name(cert), "good\uFFFDevil");
            assert_string_equal(sign_cert_subject(cert), "CN=good\\00evil,C=VN");
        }
        cert_free(&cert);
    }
    free(copy);
    room_close(&room);
}

static int get(struct room *room, sign_bytes der, sign_err *err)
{
    sign_cert *cert = NULL;
    int rc = cert_get(room->cache, der, &cert, err);
    cert_free(&cert);
    return rc;
}

/* Cut off anywhere, or with something behind: FORMAT. A byte changed: never a crash, and never the same certificate. */
static void refuses(void **state)
{
    struct room room;
    room_open(&room);
    sign_bytes der = cert_make(&(struct cert_spec){ .subject = "Leaf", .exts = LEAF_EXTS });
    uint8_t *copy = malloc(der.len + 1);
    memcpy(copy, der.ptr, der.len);
    copy[der.len] = 0;
    for (size_t len = 0; len < der.len; len++) {
        sign_err err = SIGN_ERR_INIT;
        assert_int_equal(get(&room, bytes_of(copy, len), &err), SIGN_E_FORMAT);
        assert_int_equal(err.status, SIGN_E_FORMAT);
    }
    assert_int_equal(get(&room, bytes_of(copy, der.len + 1), NULL), SIGN_E_FORMAT);
    size_t accepted = 0;
    for (size_t at = 0; at < der.len; at++) {
        copy[at] ^= 0x80;
        int rc = get(&room, bytes_of(copy, der.len), NULL);
        assert_true(rc == SIGN_OK || rc == SIGN_E_FORMAT);
        accepted += rc == SIGN_OK;
        copy[at] ^= 0x80;
    }
    assert_in_range(accepted, 1, der.len - 30);
    static uint8_t huge[LIMIT_CERT_DER + 1];
    assert_int_equal(get(&room, bytes_of(huge, sizeof huge), NULL), SIGN_E_LIMIT);
    free(copy);
    room_close(&room);
}

static void usage(void **state)
{
    static const struct {
        const char *exts;
        bool may_sign, ca;
    } rows[] = {
        { LEAF_EXTS, true, false },
        { CA_EXTS, false, true },
        { NULL, true, false },
        { "keyUsage=nonRepudiation", true, false },
        { "keyUsage=keyEncipherment", false, false },
        { "basicConstraints=CA:TRUE", true, true },
    };
    struct room room;
    room_open(&room);
    for (size_t i = 0; i < COUNT(rows); i++) {
        sign_cert *cert = room_cert(&room, cert_make(&(struct cert_spec){ .subject = "U", .exts = rows[i].exts }));
        assert_int_equal(cert_may_sign(cert), rows[i].may_sign);
        assert_int_equal(cert_is_ca(cert), rows[i].ca);
        assert_true(cert_self_signed(cert));
        cert_free(&cert);
    }
    sign_cert *fake = room_cert(&room, cert_make(&(struct cert_spec){ .subject = "U", .signer = "other" }));
    assert_false(cert_self_signed(fake));
    cert_free(&fake);
    sign_cert *odd = room_cert(&room, cert_make(&(struct cert_spec){ .subject = "U", .key = "explicit" }));
    assert_null(cert_key(odd));
    cert_free(&odd);
    room_close(&room);
}

/* Keys that would cost too much to verify with, or under which anybody can sign, are not used at all. */
static void keys(void **state)
{
    static const struct {
        const char *name;
        bool usable;
    } rows[] = {
        { "n2048 e17", true },  { "n16384 e17", true },  { "n16392 e17", false },
        { "n3072 e256", true }, { "n3072 e257", false }, { "explicit", false },
        { "ed", true },         { "pss", true },         { "p192", true },
        { "n2048 e1", false },  { "n2048 e2", true },    { "infinity", false },
    };
    struct room room;
    room_open(&room);
    for (size_t i = 0; i < COUNT(rows); i++) {
        sign_cert *cert =
            room_cert(&room, cert_make(&(struct cert_spec){ .subject = "K", .key = rows[i].name, .signer = "K" }));
        if ((cert_key(cert) != NULL) != rows[i].usable) {
            fail_msg("%s: %s", rows[i].name, rows[i].usable ? "refused" : "used");
        }
        cert_free(&cert);
    }
    room_close(&room);
}

/* As many extensions as LIMIT_CERT_EXTS, and one more; and a name as long as a certificate can hold. */
static void heavy(void **state)
{
    static char exts[101 * 32], name[50000];
    struct room room;
    room_open(&room);
    size_t at = 0;
    for (int i = 0; i < 101; i++) {
        if (i == 100) {
            sign_bytes der = cert_make(&(struct cert_spec){ .subject = "X", .exts = exts });
            assert_int_equal(get(&room, der, NULL), SIGN_OK);
        }
        at += (size_t)snprintf(exts + at, sizeof exts - at, "%s1.2.3.%d=DER:0500", i > 0 ? "\n" : "", i);
    }
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(get(&room, cert_make(&(struct cert_spec){ .subject = "X", .exts = exts }), &err), SIGN_E_LIMIT);
    memset(name, 'x', sizeof name - 1);
    sign_bytes der = cert_make(&(struct cert_spec){ .subject = name, .issuer = "X", .key = "X" });
    sign_cert *one = room_cert(&room, der), *two = room_cert(&room, der);
    assert_string_equal(sign_cert_common_name(one), name);
    assert_ptr_not_equal(one, two); /* too large to be kept, and equal all the same */
    assert_true(cert_equal(one, two));
    cert_free(&one);
    cert_free(&two);
    room_close(&room);
}

/* More certificates than the cache keeps: all are served, memory stays bounded, the newest is still there. */
static void bounded(void **state)
{
    struct room room;
    room_open(&room);
    sign_bytes der = cert_make(&(struct cert_spec){ .subject = "Many", .exts = LEAF_EXTS });
    uint8_t *copy = malloc(der.len);
    memcpy(copy, der.ptr, der.len);
    for (uint32_t i = 0; i < 3 * LIMIT_CERT_CACHE; i++) {
        copy[der.len - 1] = (uint8_t)i; /* the tail of the signature */
        copy[der.len - 2] = (uint8_t)(i >> 8);
        sign_cert *one = room_cert(&room, bytes_of(copy, der.len)), *two = room_cert(&room, bytes_of(copy, der.len));
        assert_ptr_equal(one, two);
        cert_free(&one);
        cert_free(&two);
    }
    free(copy);
    room_close(&room);
}

static int whole(struct room *room, sign_bytes root, sign_bytes leaf, sign_bytes crl)
{
    CLEANUP(cert_free) sign_cert *cert = NULL;
    CLEANUP(path_drop) struct path path = { 0 };
    CLEANUP(cert_cache_free) struct cert_cache *cache = NULL;
    CLEANUP(sign_trust_free) sign_trust *trust = NULL;
    int rc = cert_cache_new(&cache, room->crypto, NULL);
    rc = rc != SIGN_OK ? rc : trust_new(&trust, cache, room->crypto, NULL);
    rc = rc != SIGN_OK ? rc : sign_trust_add_anchor(trust, root, NULL);
    rc = rc != SIGN_OK ? rc : sign_trust_add_evidence(trust, crl, NULL);
    rc = rc != SIGN_OK ? rc : cert_get(cache, leaf, &cert, NULL);
    if (rc == SIGN_OK) {
        struct path_request request = { cert, NULL, 0, trust, NOW, SIGN_REVOCATION_REQUIRE, true };
        rc = path_build(&path, &request, room->crypto, NULL, NULL);
        assert_true(rc != SIGN_OK || (path.status == PATH_OK && path.revocation == REVOCATION_GOOD));
    }
    sign_trust_free(&trust);
    return rc;
}

/* Every allocation of ours made to fail in turn: NOMEM, and nothing leaks or is freed twice (with ASan). */
static void no_memory(void **state)
{
    struct room room;
    room_open(&room);
    sign_bytes root = cert_make(&(struct cert_spec){ .subject = "R", .exts = CA_EXTS });
    sign_bytes leaf = cert_make(&(struct cert_spec){ .subject = "L", .issuer = "R", .exts = LEAF_EXTS });
    sign_bytes crl = crl_make(&(struct crl_spec){ .issuer = "R", .entries = { { "Other", -3, 1 } } });
    unsigned long nth = 1;
    for (;; nth++) {
        fault_at(nth);
        int rc = whole(&room, root, leaf, crl);
        if (!fault_hit()) {
            assert_int_equal(rc, SIGN_OK);
            break;
        }
        assert_int_equal(rc, SIGN_E_NOMEM);
    }
    assert_true(nth > 15);
    print_message("# %lu allocations failed in turn\n", nth - 1);
    room_close(&room);
}

static int done(void **state)
{
    pki_done();
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says), cmocka_unit_test(strings), cmocka_unit_test(refuses), cmocka_unit_test(usage),
        cmocka_unit_test(keys), cmocka_unit_test(heavy),   cmocka_unit_test(bounded), cmocka_unit_test(no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
