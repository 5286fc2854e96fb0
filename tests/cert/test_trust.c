/* Filling a trust store: DER, PEM, files, folders, and everything odd in them. */
#include "pki.h"
#include <base/limits.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static sign_bytes root_der, other_der, crl_der;
static char folder[64];

/* The PEM of these, one behind the other; the caller frees. */
static sign_bytes pem(const char *label, sign_bytes a, const char *label2, sign_bytes b)
{
    BIO *bio = BIO_new(BIO_s_mem());
    BIO_puts(bio, "subject=/CN=text before\n");
    PEM_write_bio(bio, label, "", a.ptr, (long)a.len);
    if (label2 != NULL) {
        BIO_puts(bio, "text between\r\n");
        PEM_write_bio(bio, label2, "", b.ptr, (long)b.len);
    }
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);
    uint8_t *copy = malloc((size_t)len);
    memcpy(copy, text, (size_t)len);
    BIO_free(bio);
    return bytes_of(copy, (size_t)len);
}

static size_t find(const struct room *room, const char *label, sign_bytes der)
{
    const sign_cert *found[4];
    sign_cert *cert = NULL;
    assert_int_equal(cert_get(room->cache, der, &cert, NULL), SIGN_OK);
    size_t n = trust_find(room->trust, cert_subject_der(cert), found, COUNT(found));
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(sign_cert_common_name(found[i]), label);
    }
    cert_free(&cert);
    return n;
}

static void bytes(void **state)
{
    sign_bytes two = pem("CERTIFICATE", root_der, "X509 CRL", crl_der);
    sign_bytes old = pem("X509 CERTIFICATE", other_der, "PRIVATE KEY", BYTES_LIT("secret"));
    sign_bytes none = pem("PRIVATE KEY", BYTES_LIT("secret"), NULL, crl_der);
    sign_bytes bad = pem("CERTIFICATE", BYTES_LIT("0\x03xyz"), NULL, crl_der);
    sign_bytes later_bad = pem("CERTIFICATE", root_der, "X509 CRL", root_der);
    const struct {
        const char *label;
        sign_bytes bytes;
        int status;
    } rows[] = {
        { "DER certificate", root_der, SIGN_OK },
        { "DER CRL", crl_der, SIGN_OK },
        { "PEM of a certificate and a CRL", two, SIGN_OK },
        { "PEM of a certificate and a key", old, SIGN_OK },
        { "nothing", { 0 }, SIGN_E_FORMAT },
        { "text", BYTES_LIT("hello"), SIGN_E_FORMAT },
        { "PEM of a key alone", none, SIGN_E_FORMAT },
        { "PEM of no certificate", bad, SIGN_E_FORMAT },
        { "PEM, a certificate called CRL", later_bad, SIGN_E_FORMAT },
        { "PEM cut off", { two.ptr, two.len - 30 }, SIGN_E_FORMAT },
        { "DER cut off", { root_der.ptr, root_der.len - 1 }, SIGN_E_FORMAT },
        { "DER CRL cut off", { crl_der.ptr, crl_der.len - 1 }, SIGN_E_FORMAT },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (int anchor = 0; anchor < 2; anchor++) {
            struct room room;
            sign_err err = SIGN_ERR_INIT;
            room_open(&room);
            int rc = anchor ? sign_trust_add_anchor(room.trust, rows[i].bytes, &err)
                            : sign_trust_add_evidence(room.trust, rows[i].bytes, &err);
            if (rc != rows[i].status) {
                fail_msg("%s: %d, %s", rows[i].label, rc, err.msg);
            }
            assert_true(rc == SIGN_OK || (err.status == rc && err.msg[0] != '\0'));
            if (rc == SIGN_OK && i != 1) {
                assert_int_equal(trust_has_anchors(room.trust), anchor);
            }
            room_close(&room);
        }
    }
    free((void *)(uintptr_t)two.ptr);
    free((void *)(uintptr_t)old.ptr);
    free((void *)(uintptr_t)none.ptr);
    free((void *)(uintptr_t)bad.ptr);
    free((void *)(uintptr_t)later_bad.ptr);
}

static void finds(void **state)
{
    struct room room;
    room_open(&room);
    sign_cert *root = room_cert(&room, root_der);
    assert_false(trust_has_anchors(NULL) || trust_is_anchor(NULL, root) || trust_is_anchor(room.trust, root));
    room_evidence(&room, root_der);
    room_evidence(&room, root_der);
    assert_int_equal(find(&room, "Root", root_der), 1);
    assert_false(trust_has_anchors(room.trust));
    room_anchor(&room, root_der);   /* becomes one */
    room_evidence(&room, root_der); /* and stays one */
    assert_true(trust_is_anchor(room.trust, root));
    assert_int_equal(find(&room, "Root", root_der), 1);
    assert_int_equal(find(&room, "Other", other_der), 0);
    sign_bytes same_name = cert_make(&(struct cert_spec){ .subject = "Root", .key = "again", .exts = CA_EXTS });
    sign_bytes as_bmp =
        cert_make(&(struct cert_spec){ .subject = "Root", .key = "bmp", .string_kind = B_ASN1_BMPSTRING });
    room_evidence(&room, same_name);
    room_evidence(&room, as_bmp);
    const sign_cert *found[2];
    assert_int_equal(trust_find(room.trust, cert_subject_der(root), found, 2), 2);
    assert_ptr_equal(found[0], root); /* anchors first, though it came first into the chain */
    assert_int_equal(find(&room, "Root", as_bmp), 3);
    assert_int_equal(trust_find(room.trust, BYTES_LIT("0\x01"), found, 2), 0);
    cert_free(&root);
    room_close(&room);
}

static void put(const char *name, sign_bytes bytes)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
    fclose(file);
}

static int add(const char *name, int what, sign_err *err, bool *anchors)
{
    struct room room;
    char path[128];
    room_open(&room);
    snprintf(path, sizeof path, "%s%s", folder, name);
    int rc = sign_trust_add_path(room.trust, what, path, err);
    *anchors = trust_has_anchors(room.trust);
    room_close(&room);
    return rc;
}

static void paths(void **state)
{
    bool anchors = false;
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(add("", SIGN_TRUST_ANCHORS, &err, &anchors), SIGN_OK); /* empty */
    assert_false(anchors);
    put("root.CRT", root_der);
    put("list.crl", crl_der);
    put("README.txt", BYTES_LIT("not ours"));
    put(".hidden.pem", BYTES_LIT("not ours"));
    assert_int_equal(add("", SIGN_TRUST_ANCHORS, &err, &anchors), SIGN_OK);
    assert_true(anchors);
    assert_int_equal(add("/root.CRT", SIGN_TRUST_EVIDENCE, &err, &anchors), SIGN_OK);
    assert_false(anchors);
    assert_int_equal(add("/root.CRT", 7, &err, &anchors), SIGN_E_ARG);
    assert_int_equal(add("/nowhere", SIGN_TRUST_ANCHORS, &err, &anchors), SIGN_E_IO);
    assert_non_null(strstr(err.msg, "nowhere"));
    put("odd.pem", BYTES_LIT("odd"));
    assert_int_equal(add("", SIGN_TRUST_ANCHORS, &err, &anchors), SIGN_E_FORMAT);
    assert_non_null(strstr(err.msg, "odd.pem"));
    char path[128];
    snprintf(path, sizeof path, "%s/odd.pem", folder);
    assert_int_equal(truncate(path, (off_t)LIMIT_CONFIG_FILE + 1), 0);
    assert_int_equal(add("", SIGN_TRUST_ANCHORS, &err, &anchors), SIGN_E_LIMIT);
    assert_non_null(strstr(err.msg, "odd.pem"));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_not_equal(add("", SIGN_TRUST_ANCHORS, &err, &anchors), SIGN_OK);
    assert_non_null(strstr(err.msg, "odd.pem"));
    assert_int_equal(rmdir(path), 0);
}

static int start(void **state)
{
    root_der = cert_make(&(struct cert_spec){ .subject = "Root", .exts = CA_EXTS });
    other_der = cert_make(&(struct cert_spec){ .subject = "Other", .exts = CA_EXTS });
    crl_der = crl_make(&(struct crl_spec){ .issuer = "Root", .entries = { { "Leaf", -3, 1 } } });
    snprintf(folder, sizeof folder, "/tmp/test-trust-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int done(void **state)
{
    static const char *const names[] = { "root.CRT", "list.crl", "README.txt", ".hidden.pem", "odd.pem" };
    for (size_t i = 0; i < COUNT(names); i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    pki_done();
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = { cmocka_unit_test(bytes), cmocka_unit_test(finds), cmocka_unit_test(paths) };
    return cmocka_run_group_tests(tests, start, done);
}
