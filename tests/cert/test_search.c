/* Finding the way: loops, meshes, look-alikes, long chains, several ways, and stopping. */
#include "pki.h"

#define ROOT "Test root"
#define SUB  "Test issuing CA"
#define LEAF "Signer"

static struct path build(struct room *room, const sign_cert *leaf, const sign_cert *const *extra, size_t n)
{
    struct path path;
    struct path_request request = { leaf, extra, n, room->trust, NOW, SIGN_REVOCATION_OFF, true };
    assert_int_equal(path_build(&path, &request, room->crypto, NULL, NULL), SIGN_OK);
    return path;
}

/* A and B certify each other, and B is certified by an anchor after a detour: found, and no endless loop without it. */
static void cross_certified(void **state)
{
    const struct cert_spec specs[] = {
        { .subject = "Leaf", .issuer = "A", .exts = LEAF_EXTS },
        { .subject = "A", .issuer = "B", .exts = CA_EXTS },
        { .subject = "B", .issuer = "A", .exts = CA_EXTS },
        { .subject = "A", .issuer = "C", .exts = CA_EXTS, .from = -10, .to = -5 }, /* a way that has expired */
        { .subject = "B", .issuer = "C", .exts = CA_EXTS },
        { .subject = "C", .exts = CA_EXTS },
    };
    for (int with_anchor = 0; with_anchor < 2; with_anchor++) {
        struct room room;
        room_open(&room);
        sign_cert *certs[COUNT(specs)];
        for (size_t i = 0; i < COUNT(specs); i++) {
            certs[i] = room_cert(&room, cert_make(&specs[i]));
        }
        if (with_anchor) {
            room_anchor(&room, sign_cert_der(certs[5]));
        }
        CLEANUP(path_drop) struct path path = build(&room, certs[0], (const sign_cert *const *)certs, COUNT(certs));
        assert_int_equal(path.status, with_anchor ? PATH_OK : PATH_NO_CHAIN);
        if (with_anchor) {
            assert_int_equal(path.n, 4); /* Leaf, A by B, B by C, C */
            assert_true(cert_equal(path.chain[1], certs[1]) && cert_equal(path.chain[2], certs[4]));
        }
        for (size_t i = 0; i < COUNT(specs); i++) {
            cert_free(&certs[i]);
        }
        room_close(&room);
    }
}

/* A clique of CAs, each certified by every other: factorially many ways, none to an anchor. */
static void mesh(void **state)
{
    enum { CAS = 8 };
    struct room room;
    room_open(&room);
    sign_cert *certs[CAS * CAS + 1];
    size_t n = 0;
    char names[CAS][8];
    for (int i = 0; i < CAS; i++) {
        snprintf(names[i], sizeof names[i], "Mesh %d", i);
    }
    for (int i = 0; i < CAS; i++) {
        for (int j = 0; j < CAS; j++) {
            certs[n++] = room_cert(
                &room, cert_make(&(struct cert_spec){ .subject = names[i], .issuer = names[j], .exts = CA_EXTS }));
        }
    }
    certs[n] =
        room_cert(&room, cert_make(&(struct cert_spec){ .subject = "Leaf", .issuer = names[0], .exts = LEAF_EXTS }));
    room_anchor(&room, cert_make(&(struct cert_spec){ .subject = ROOT, .exts = CA_EXTS }));
    CLEANUP(path_drop) struct path path = build(&room, certs[n], (const sign_cert *const *)certs, n);
    assert_int_equal(path.status, PATH_NO_CHAIN);
    assert_non_null(strstr(path.detail, "gave up"));
    for (size_t i = 0; i <= n; i++) {
        cert_free(&certs[i]);
    }
    room_close(&room);
}

/* 500 certificates of the issuer's name, by other keys, around the right one. */
static void look_alikes(void **state)
{
    enum { FAKES = 500 };
    struct room room;
    room_open(&room);
    room_anchor(&room, cert_make(&(struct cert_spec){ .subject = ROOT, .exts = CA_EXTS }));
    static const sign_cert *extra[FAKES + 1];
    for (int i = 0; i < FAKES; i++) {
        extra[i] = room_cert(
            &room, cert_make(&(struct cert_spec){ .subject = SUB, .key = "fake", .exts = CA_EXTS, .serial = i + 1 }));
    }
    extra[FAKES] = room_cert(&room, cert_make(&(struct cert_spec){ .subject = SUB, .issuer = ROOT, .exts = CA_EXTS }));
    sign_cert *leaf =
        room_cert(&room, cert_make(&(struct cert_spec){ .subject = LEAF, .issuer = SUB, .exts = LEAF_EXTS }));
    for (size_t n = FAKES; n <= FAKES + 1; n++) {
        CLEANUP(path_drop) struct path path = build(&room, leaf, extra, n);
        assert_int_equal(path.status, n > FAKES ? PATH_OK : PATH_INVALID);
    }
    static const sign_cert *many[1001];
    for (size_t i = 0; i < COUNT(many); i++) {
        many[i] = extra[0];
    }
    struct path path;
    struct path_request request = { leaf, many, COUNT(many), room.trust, NOW, SIGN_REVOCATION_OFF, true };
    assert_int_equal(path_build(&path, &request, room.crypto, NULL, NULL), SIGN_E_LIMIT);
    for (size_t i = 0; i <= FAKES; i++) {
        sign_cert *mine = cert_ref(extra[i]);
        cert_free(&mine);
        mine = (sign_cert *)(uintptr_t)extra[i];
        cert_free(&mine);
    }
    cert_free(&leaf);
    room_close(&room);
}

static void long_chains(void **state)
{
    for (size_t length = 9; length <= 11; length++) { /* certificates, anchor included; LIMIT_CHAIN is 10 */
        struct room room;
        room_open(&room);
        sign_cert *certs[11];
        char names[11][16];
        for (size_t i = 0; i < length; i++) {
            snprintf(names[i], sizeof names[i], "Level %zu", i);
            certs[i] = room_cert(&room, cert_make(&(struct cert_spec){ .subject = names[i],
                                                                       .issuer = i > 0 ? names[i - 1] : NULL,
                                                                       .exts = i + 1 < length ? CA_EXTS : LEAF_EXTS }));
        }
        room_anchor(&room, sign_cert_der(certs[0]));
        CLEANUP(path_drop) struct path path = build(&room, certs[length - 1], (const sign_cert *const *)certs, length);
        assert_int_equal(path.status, length <= 10 ? PATH_OK : PATH_NO_CHAIN);
        assert_int_equal(path.n, length <= 10 ? length : 10);
        for (size_t i = 0; i < length; i++) {
            cert_free(&certs[i]);
        }
        room_close(&room);
    }
}

/* An expired way and a good one: the good one, wherever it stands. A leaf that is an anchor needs no issuer. */
static void best_path(void **state)
{
    struct room room;
    room_open(&room);
    room_anchor(&room, cert_make(&(struct cert_spec){ .subject = ROOT, .exts = CA_EXTS }));
    sign_cert *old = room_cert(
        &room, cert_make(&(struct cert_spec){ .subject = SUB, .issuer = ROOT, .exts = CA_EXTS, .from = -9, .to = -3 }));
    sign_cert *new =
        room_cert(&room, cert_make(&(struct cert_spec){ .subject = SUB, .issuer = ROOT, .exts = CA_EXTS }));
    sign_cert *leaf =
        room_cert(&room, cert_make(&(struct cert_spec){ .subject = LEAF, .issuer = SUB, .exts = LEAF_EXTS }));
    const sign_cert *orders[][2] = { { old, new }, { new, old } };
    for (size_t i = 0; i < 2; i++) {
        CLEANUP(path_drop) struct path path = build(&room, leaf, orders[i], 2);
        assert_int_equal(path.status, PATH_OK);
        assert_true(cert_equal(path.chain[1], new));
    }
    CLEANUP(path_drop) struct path none = { 0 };
    struct path_request request = { leaf, orders[0], 2, NULL, NOW, SIGN_REVOCATION_REQUIRE, true };
    assert_int_equal(path_build(&none, &request, room.crypto, NULL, NULL), SIGN_OK);
    assert_int_equal(none.status, PATH_NO_CHAIN);
    assert_int_equal(none.n, 2);
    assert_int_equal(none.revocation, REVOCATION_NOT_CHECKED);
    room_anchor(&room, sign_cert_der(leaf));
    CLEANUP(path_drop) struct path one = { 0 };
    request.trust = room.trust;
    assert_int_equal(path_build(&one, &request, room.crypto, NULL, NULL), SIGN_OK);
    assert_int_equal(one.status, PATH_OK);
    assert_int_equal(one.n, 1);
    assert_int_equal(one.revocation, REVOCATION_GOOD);
    assert_string_equal(one.revocation_source, "none");
    cert_free(&old);
    cert_free(&new);
    cert_free(&leaf);
    room_close(&room);
}

static int look(void *payload)
{
    return *(int *)payload;
}

static void stops(void **state)
{
    struct room room;
    room_open(&room);
    room_anchor(&room, cert_make(&(struct cert_spec){ .subject = ROOT, .exts = CA_EXTS }));
    sign_cert *leaf =
        room_cert(&room, cert_make(&(struct cert_spec){ .subject = LEAF, .issuer = ROOT, .exts = LEAF_EXTS }));
    int statuses[] = { SIGN_E_CANCELLED, SIGN_E_TIMEOUT };
    for (size_t i = 0; i < COUNT(statuses); i++) {
        struct watch watch = { look, &statuses[i], SIZE_MAX / 2 };
        struct path path;
        struct path_request request = { leaf, NULL, 0, room.trust, NOW, SIGN_REVOCATION_OFF, true };
        assert_int_equal(path_build(&path, &request, room.crypto, &watch, NULL), statuses[i]);
        assert_int_equal(path.n, 0);
    }
    cert_free(&leaf);
    room_close(&room);
}

static int count_look(void *payload)
{
    ++*(size_t *)payload;
    return SIGN_OK;
}

/* Look-alikes whose keys are slow to verify with: deadline and cancel flag are looked at between all of them, and few are tried. */
static void slow_keys(void **state)
{
    enum { FAKES_SLOW = 60 };
    static const sign_cert *fakes[FAKES_SLOW];
    struct room room;
    room_open(&room);
    room_anchor(&room, cert_make(&(struct cert_spec){ .subject = ROOT, .exts = CA_EXTS }));
    sign_cert *leaf =
        room_cert(&room, cert_make(&(struct cert_spec){ .subject = LEAF, .issuer = SUB, .exts = LEAF_EXTS }));
    for (size_t i = 0; i < FAKES_SLOW; i++) {
        char key[16];
        snprintf(key, sizeof key, "b571 %zu", i % 4);
        fakes[i] = room_cert(&room, cert_make(&(struct cert_spec){ .subject = SUB, .issuer = ROOT, .key = key, .signer = "other",
                                                                   .serial = (long)i + 1, .exts = CA_EXTS }));
    }
    size_t looks = 0;
    struct watch watch = { count_look, &looks, 0 };
    struct path_request request = { leaf, fakes, FAKES_SLOW, room.trust, NOW, SIGN_REVOCATION_OFF, true };
    CLEANUP(path_drop) struct path path = { 0 };
    assert_int_equal(path_build(&path, &request, room.crypto, &watch, NULL), SIGN_OK);
    assert_int_equal(path.status, PATH_NO_CHAIN); /* gave up */
    assert_in_range(looks, 20, FAKES_SLOW);       /* 3 ms a try */
    for (size_t i = 0; i < FAKES_SLOW; i++) {
        sign_cert *mine = (sign_cert *)(uintptr_t)fakes[i];
        cert_free(&mine);
    }
    cert_free(&leaf);
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
        cmocka_unit_test(cross_certified), cmocka_unit_test(mesh),      cmocka_unit_test(look_alikes),
        cmocka_unit_test(long_chains),     cmocka_unit_test(best_path), cmocka_unit_test(stops),
        cmocka_unit_test(slow_keys),
    };
    return cmocka_run_group_tests(tests, NULL, done);
}
