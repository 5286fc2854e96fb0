/* One cache and one store, four threads: to be run under ThreadSanitizer; the outcomes are checked in any case. */
#include "pki.h"
#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 4, ROUNDS = 400, LEAVES = 16 };

static struct room room;
static sign_bytes root, sub, leaves[LEAVES];
static char names[LEAVES][16];

static void *work(void *payload)
{
    size_t *bad = payload;
    for (size_t i = 0; i < ROUNDS; i++) {
        sign_cert *leaf = NULL, *issuer = NULL;
        if (cert_get(room.cache, leaves[i % LEAVES], &leaf, NULL) != SIGN_OK ||
            cert_get(room.cache, sub, &issuer, NULL) != SIGN_OK) {
            ++*bad;
            continue;
        }
        const sign_cert *extra[] = { issuer };
        struct path_request request = { leaf, extra, 1, room.trust, NOW, SIGN_REVOCATION_REQUIRE, true };
        struct path path;
        *bad += path_build(&path, &request, room.crypto, NULL, NULL) != SIGN_OK || path.status != PATH_OK ||
                path.revocation != (i % LEAVES == 3 ? REVOCATION_REVOKED : REVOCATION_GOOD);
        path_drop(&path);
        cert_free(&leaf);
        cert_free(&issuer);
    }
    return NULL;
}

/* Certificates that push each other out of the cache all along. */
static void *churn(void *payload)
{
    size_t *bad = payload;
    sign_bytes der = leaves[0];
    uint8_t *copy = malloc(der.len);
    memcpy(copy, der.ptr, der.len);
    for (size_t i = 0; i < 3 * ROUNDS; i++) {
        sign_cert *cert = NULL;
        copy[der.len - 1] = (uint8_t)i;
        copy[der.len - 2] = (uint8_t)(i >> 8);
        *bad += cert_get(room.cache, bytes_of(copy, der.len), &cert, NULL) != SIGN_OK;
        cert_free(&cert);
    }
    free(copy);
    return NULL;
}

static void shared(void **state)
{
    room_open(&room);
    root = cert_make(&(struct cert_spec){ .subject = "Root", .exts = CA_EXTS });
    sub = cert_make(&(struct cert_spec){ .subject = "Sub", .issuer = "Root", .exts = CA_EXTS });
    for (size_t i = 0; i < LEAVES; i++) {
        snprintf(names[i], sizeof names[i], "Leaf %zu", i);
        leaves[i] =
            cert_make(&(struct cert_spec){ .subject = names[i], .issuer = "Sub", .key = "leaf", .exts = LEAF_EXTS });
    }
    room_anchor(&room, root);
    room_evidence(&room, crl_make(&(struct crl_spec){ .issuer = "Root" }));
    room_evidence(&room, crl_make(&(struct crl_spec){ .issuer = "Sub", .entries = { { names[3], -1, 1 } } }));
    pthread_t threads[THREADS];
    size_t bad[THREADS] = { 0 };
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, i == THREADS - 1 ? churn : work, &bad[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(bad[i], 0);
    }
    room_close(&room);
    pki_done();
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = { cmocka_unit_test(shared) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
