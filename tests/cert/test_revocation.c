/* One chain, many CRLs: what each lets us conclude, held against OpenSSL with CRL_CHECK_ALL where it means the same. */
#include "pki.h"
#include <malloc.h>
#include <time.h>

#define ROOT  "Test root"
#define SUB   "Test issuing CA"
#define LEAF  "Signer"
#define POINT "URI:http://crl.test/1.crl"
/* crlDistributionPoints of that point, for keyCompromise alone. */
#define POINT_FOR_SOME "2.5.29.31=DER:3021301FA019A0178615687474703A2F2F63726C2E746573742F312E63726C81020640"

/* root and sub: the CRLs of each; all zero (issuer NULL): a good one. issuer "-": none. */
struct crl_case {
    const char *label;
    struct crl_spec root, sub, sub2;
    const char *leaf_exts, *sub_exts;
    enum revocation_status status;
    const char *culprit;
    int32_t reason;     /* where revoked; 0: none said */
    int day;            /* revoked_at */
    int differs;        /* OpenSSL's opinion is not ours: 1 it accepts, -1 it refuses; the row says why */
    const char *detail; /* part of it */
};
#define NO_CRL                                                                                                         \
    {                                                                                                                  \
        .issuer = "-"                                                                                                  \
    }

static const struct crl_case cases[] = {
    { .label = "good", .status = REVOCATION_GOOD },
    { .label = "none",
      .root = NO_CRL,
      .sub = NO_CRL,
      .status = REVOCATION_UNKNOWN,
      .culprit = LEAF,
      .detail = "no CRL" },
    { .label = "none of the root", .root = NO_CRL, .status = REVOCATION_UNKNOWN, .culprit = SUB },
    { .label = "none of the issuer", .sub = NO_CRL, .status = REVOCATION_UNKNOWN, .culprit = LEAF },
    { .label = "another certificate revoked",
      .sub = { .issuer = SUB, .entries = { { "Other", -5, 1 } } },
      .status = REVOCATION_GOOD },
    { .label = "revoked",
      .sub = { .issuer = SUB, .entries = { { LEAF, -5, 1 } } },
      .status = REVOCATION_REVOKED,
      .culprit = LEAF,
      .reason = 1,
      .day = -5,
      .detail = "revoked on 2026-09-16T" },
    { .label = "revoked, no reason said",
      .sub = { .issuer = SUB, .entries = { { LEAF, -5, 0 } } },
      .status = REVOCATION_REVOKED,
      .reason = -1,
      .day = -5 },
    { .label = "revoked at that very second",
      .sub = { .issuer = SUB, .entries = { { LEAF, 0, 4 } } },
      .status = REVOCATION_REVOKED,
      .reason = 4 },
    { .label = "revoked later",
      .sub = { .issuer = SUB, .entries = { { LEAF, 1, 1 } } },
      .status = REVOCATION_GOOD,
      .differs = -1 /* it looks at no revocation date */ },
    { .label = "listed twice, the earlier counts",
      .sub = { .issuer = SUB, .entries = { { LEAF, 1, 1 }, { LEAF, -3, 3 } } },
      .status = REVOCATION_REVOKED,
      .reason = 3,
      .day = -3 },
    { .label = "on hold",
      .sub = { .issuer = SUB, .entries = { { LEAF, -5, 6 } } },
      .status = REVOCATION_REVOKED,
      .reason = 6,
      .day = -5,
      .detail = "on hold" },
    { .label = "hold lifted in a newer CRL",
      .sub = { .issuer = SUB, .from = -4, .to = 7, .entries = { { LEAF, -5, 6 } } },
      .sub2 = { .issuer = SUB },
      .status = REVOCATION_GOOD },
    { .label = "revocation dropped from a newer CRL",
      .sub = { .issuer = SUB, .from = -4, .to = 7, .entries = { { LEAF, -5, 1 } } },
      .sub2 = { .issuer = SUB },
      .status = REVOCATION_REVOKED,
      .reason = 1,
      .day = -5,
      .differs = 1 /* the newest alone */ },
    { .label = "the issuer revoked",
      .root = { .issuer = ROOT, .entries = { { SUB, -5, 2 } } },
      .status = REVOCATION_CA_REVOKED,
      .culprit = SUB,
      .reason = 2,
      .day = -5 },
    { .label = "both revoked",
      .root = { .issuer = ROOT, .entries = { { SUB, -5, 2 } } },
      .sub = { .issuer = SUB, .entries = { { LEAF, -6, 1 } } },
      .status = REVOCATION_CA_REVOKED,
      .culprit = SUB,
      .reason = 2,
      .day = -5 },
    { .label = "revoked, the issuer unknown",
      .root = NO_CRL,
      .sub = { .issuer = SUB, .entries = { { LEAF, -5, 1 } } },
      .status = REVOCATION_REVOKED,
      .culprit = LEAF,
      .reason = 1,
      .day = -5 },
    { .label = "stale",
      .sub = { .issuer = SUB, .from = -9, .to = -1 },
      .status = REVOCATION_UNKNOWN,
      .culprit = LEAF,
      .detail = "out of date" },
    { .label = "stale, but revoked",
      .sub = { .issuer = SUB, .from = -9, .to = -1, .entries = { { LEAF, -10, 1 } } },
      .status = REVOCATION_REVOKED,
      .reason = 1,
      .day = -10 },
    { .label = "issued later",
      .sub = { .issuer = SUB, .from = 1, .to = 9 },
      .status = REVOCATION_UNKNOWN,
      .detail = "after the time" },
    { .label = "issued later, revoked before",
      .sub = { .issuer = SUB, .from = 1, .to = 9, .entries = { { LEAF, -1, 1 } } },
      .status = REVOCATION_REVOKED,
      .reason = 1,
      .day = -1 },
    { .label = "without nextUpdate",
      .sub = { .issuer = SUB, .from = -1, .to = NO_NEXT },
      .status = REVOCATION_UNKNOWN,
      .detail = "nextUpdate",
      .differs = 1 /* it takes that for never out of date */ },
    { .label = "signed by another key",
      .sub = { .issuer = SUB, .signer = "other" },
      .status = REVOCATION_UNKNOWN,
      .detail = "not signed by the issuer" },
    { .label = "signed by another key, accusing",
      .sub = { .issuer = SUB, .signer = "other", .entries = { { LEAF, -5, 1 } } },
      .status = REVOCATION_UNKNOWN },
    { .label = "signature broken", .sub = { .issuer = SUB, .corrupt = true }, .status = REVOCATION_UNKNOWN },
    { .label = "of another issuer", .sub = { .issuer = "Stranger" }, .status = REVOCATION_UNKNOWN, .detail = "no CRL" },
    { .label = "the root's for the leaf", .sub = { .issuer = ROOT }, .status = REVOCATION_UNKNOWN },
    { .label = "issuer without cRLSign",
      .sub_exts = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash",
      .status = REVOCATION_UNKNOWN,
      .culprit = LEAF,
      .detail = "may not sign" },
    { .label = "issuer without keyUsage", .sub_exts = "basicConstraints=critical,CA:TRUE", .status = REVOCATION_GOOD },
    { .label = "SHA-1",
      .sub = { .issuer = SUB, .md = "sha1" },
      .status = REVOCATION_UNKNOWN,
      .detail = "weak",
      .differs = 1 /* security level 0 */ },
    { .label = "SHA-1, accusing",
      .sub = { .issuer = SUB, .md = "sha1", .entries = { { LEAF, -5, 1 } } },
      .status = REVOCATION_REVOKED,
      .reason = 1,
      .day = -5 },
    { .label = "delta",
      .sub = { .issuer = SUB, .exts = "2.5.29.27=critical,DER:020101\n2.5.29.20=DER:020102" },
      .status = REVOCATION_UNKNOWN,
      .detail = "delta" },
    { .label = "revoked in a delta beside a complete CRL",
      .sub2 = { .issuer = SUB, .exts = "2.5.29.27=critical,DER:020101\n2.5.29.20=DER:020102", .entries = { { LEAF, -1, 1 } } },
      .status = REVOCATION_REVOKED,
      .reason = 1,
      .day = -1,
      .differs = 1 /* it was not told to use deltas */ },
    { .label = "removed in a delta beside a complete CRL",
      .sub2 = { .issuer = SUB, .exts = "2.5.29.27=critical,DER:020101\n2.5.29.20=DER:020102", .entries = { { LEAF, -1, 8 } } },
      .status = REVOCATION_GOOD },
    { .label = "unknown critical extension",
      .sub = { .issuer = SUB, .exts = "1.2.3.4=critical,DER:0500" },
      .status = REVOCATION_UNKNOWN,
      .detail = "critical" },
    { .label = "unknown extension",
      .sub = { .issuer = SUB, .exts = "1.2.3.4=DER:0500\n2.5.29.20=DER:020107" },
      .status = REVOCATION_GOOD },
    { .label = "unknown critical entry extension",
      .sub = { .issuer = SUB, .entries = { { "Other", -5, 100 } } },
      .status = REVOCATION_UNKNOWN,
      .detail = "entry" },
    { .label = "removeFromCRL",
      .sub = { .issuer = SUB, .entries = { { LEAF, -5, 8 } } },
      .status = REVOCATION_UNKNOWN,
      .detail = "removeFromCRL",
      .differs = 1 /* taken for not revoked */ },
    { .label = "user certificates alone",
      .sub = { .issuer = SUB, .exts = "issuingDistributionPoint=critical,onlyuser:TRUE" },
      .status = REVOCATION_GOOD },
    { .label = "CA certificates alone, for the leaf",
      .sub = { .issuer = SUB, .exts = "issuingDistributionPoint=critical,onlyCA:TRUE" },
      .status = REVOCATION_UNKNOWN,
      .culprit = LEAF,
      .detail = "other certificates" },
    { .label = "CA certificates alone, for the issuer",
      .root = { .issuer = ROOT, .exts = "issuingDistributionPoint=critical,onlyCA:TRUE" },
      .status = REVOCATION_GOOD },
    { .label = "user certificates alone, for the issuer",
      .root = { .issuer = ROOT, .exts = "issuingDistributionPoint=critical,onlyuser:TRUE" },
      .status = REVOCATION_UNKNOWN,
      .culprit = SUB },
    { .label = "attribute certificates alone",
      .sub = { .issuer = SUB, .exts = "issuingDistributionPoint=critical,onlyAA:TRUE" },
      .status = REVOCATION_UNKNOWN },
    { .label = "indirect",
      .sub = { .issuer = SUB, .exts = "issuingDistributionPoint=critical,indirectCRL:TRUE" },
      .status = REVOCATION_UNKNOWN,
      .detail = "indirect",
      .differs = 1 /* it reads entries' issuers */ },
    { .label = "some reasons",
      .sub = { .issuer = SUB, .exts = "issuingDistributionPoint=critical,onlysomereasons:keyCompromise" },
      .status = REVOCATION_UNKNOWN,
      .detail = "some reasons" },
    { .label = "some reasons, revoked",
      .sub = { .issuer = SUB,
               .exts = "issuingDistributionPoint=critical,onlysomereasons:keyCompromise",
               .entries = { { LEAF, -5, 1 } } },
      .status = REVOCATION_REVOKED,
      .reason = 1,
      .day = -5 },
    { .label = "of the certificate's distribution point",
      .leaf_exts = LEAF_EXTS "\ncrlDistributionPoints=" POINT,
      .sub = { .issuer = SUB, .exts = "issuingDistributionPoint=critical,fullname:" POINT },
      .status = REVOCATION_GOOD },
    { .label = "of the certificate's distribution point for some reasons",
      .leaf_exts = LEAF_EXTS "\n" POINT_FOR_SOME,
      .sub = { .issuer = SUB, .exts = "issuingDistributionPoint=critical,fullname:" POINT },
      .status = REVOCATION_UNKNOWN,
      .culprit = LEAF,
      .detail = "some reasons" },
    { .label = "of the certificate's distribution point for some reasons, revoked",
      .leaf_exts = LEAF_EXTS "\n" POINT_FOR_SOME,
      .sub = { .issuer = SUB,
               .exts = "issuingDistributionPoint=critical,fullname:" POINT,
               .entries = { { LEAF, -5, 1 } } },
      .status = REVOCATION_REVOKED,
      .reason = 1,
      .day = -5 },
    { .label = "of the whole issuer, the certificate of a point for some reasons",
      .leaf_exts = LEAF_EXTS "\n" POINT_FOR_SOME,
      .status = REVOCATION_GOOD,
      .differs = -1 /* RFC 5280 6.3.3, its last paragraph: a CRL of no point is taken for one of all reasons */ },
    { .label = "of another distribution point",
      .leaf_exts = LEAF_EXTS "\ncrlDistributionPoints=URI:http://crl.test/2.crl",
      .sub = { .issuer = SUB, .exts = "issuingDistributionPoint=critical,fullname:" POINT },
      .status = REVOCATION_UNKNOWN },
    { .label = "of a distribution point, the certificate of none",
      .sub = { .issuer = SUB, .exts = "issuingDistributionPoint=critical,fullname:" POINT },
      .status = REVOCATION_UNKNOWN },
    { .label = "of the whole issuer, the certificate of a point",
      .leaf_exts = LEAF_EXTS "\ncrlDistributionPoints=" POINT,
      .status = REVOCATION_GOOD },
    { .label = "stale and good",
      .sub = { .issuer = SUB, .from = -9, .to = -1 },
      .sub2 = { .issuer = SUB },
      .status = REVOCATION_GOOD },
};

static void *decode(void *(*d2i)(void **, const uint8_t **, long), sign_bytes der)
{
    const uint8_t *at = der.ptr;
    return d2i(NULL, &at, (long)der.len);
}

static void *d2i_cert(void **out, const uint8_t **at, long len)
{
    return d2i_X509(NULL, at, len);
}

static void *d2i_crl(void **out, const uint8_t **at, long len)
{
    return d2i_X509_CRL(NULL, at, len);
}

static bool openssl_accepts(const sign_bytes certs[3], const sign_bytes *crls, size_t n_crls)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *extra = sk_X509_new_null();
    X509 *x[3];
    for (size_t i = 0; i < 3; i++) {
        x[i] = decode(d2i_cert, certs[i]);
    }
    X509_STORE_add_cert(store, x[0]);
    sk_X509_push(extra, x[1]);
    for (size_t i = 0; i < n_crls; i++) {
        X509_CRL *crl = decode(d2i_crl, crls[i]);
        X509_STORE_add_crl(store, crl);
        X509_CRL_free(crl);
    }
    X509_STORE_CTX_init(ctx, store, x[2], extra);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)NOW);
    X509_VERIFY_PARAM_set_flags(param,
                                X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_EXTENDED_CRL_SUPPORT);
    bool ok = X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    sk_X509_free(extra);
    for (size_t i = 0; i < 3; i++) {
        X509_free(x[i]);
    }
    X509_STORE_free(store);
    return ok;
}

static struct path build(struct room *room, sign_bytes leaf, sign_bytes sub, int32_t revocation)
{
    sign_cert *leaf_cert = room_cert(room, leaf), *sub_cert = room_cert(room, sub);
    const sign_cert *extra[] = { sub_cert };
    struct path path;
    struct path_request request = { leaf_cert, extra, 1, room->trust, NOW, revocation, true };
    assert_int_equal(path_build(&path, &request, room->crypto, NULL, NULL), SIGN_OK);
    cert_free(&leaf_cert);
    cert_free(&sub_cert);
    return path;
}

static void check_outcome(const struct crl_case *row, const struct path *path)
{
    const char *culprit = path->culprit != NULL ? sign_cert_common_name(path->culprit) : NULL;
    if (path->status != PATH_OK || path->revocation != row->status ||
        (row->culprit != NULL && (culprit == NULL || strcmp(culprit, row->culprit) != 0)) ||
        (row->detail != NULL && strstr(path->detail, row->detail) == NULL)) {
        fail_msg("%s: path %d, revocation %d, culprit %s: %s", row->label, path->status, path->revocation, culprit,
                 path->detail);
    }
    if (row->status == REVOCATION_REVOKED || row->status == REVOCATION_CA_REVOKED) {
        assert_int_equal(path->revoked_reason, row->reason);
        assert_int_equal(path->revoked_at, NOW + row->day * DAY);
    }
    if (row->status == REVOCATION_GOOD) {
        assert_string_equal(path->revocation_source, "crl");
        assert_int_equal(path->revocation_time, NOW - DAY);
    }
}

static void check_case(const struct crl_case *row)
{
    const struct crl_spec usual[] = { { .issuer = ROOT }, { .issuer = SUB } };
    const struct crl_spec *specs[] = { row->root.issuer != NULL ? &row->root : &usual[0],
                                       row->sub.issuer != NULL ? &row->sub : &usual[1], &row->sub2 };
    const sign_bytes certs[] = {
        cert_make(&(struct cert_spec){ .subject = ROOT, .exts = CA_EXTS }),
        cert_make(&(struct cert_spec){
            .subject = SUB, .issuer = ROOT, .exts = row->sub_exts != NULL ? row->sub_exts : CA_EXTS }),
        cert_make(&(struct cert_spec){
            .subject = LEAF, .issuer = SUB, .exts = row->leaf_exts != NULL ? row->leaf_exts : LEAF_EXTS }),
    };
    struct room room;
    room_open(&room);
    room_anchor(&room, certs[0]);
    sign_bytes crls[3];
    size_t n = 0;
    for (size_t i = 0; i < COUNT(specs); i++) {
        if (specs[i]->issuer != NULL && strcmp(specs[i]->issuer, "-") != 0) {
            crls[n] = crl_make(specs[i]);
            room_evidence(&room, crls[n++]);
        }
    }
    for (int round = 0; round < 2; round++) {
        CLEANUP(path_drop)
        struct path path = build(&room, certs[2], certs[1], round ? SIGN_REVOCATION_TRY : SIGN_REVOCATION_REQUIRE);
        check_outcome(row, &path);
    }
    CLEANUP(path_drop) struct path off = build(&room, certs[2], certs[1], SIGN_REVOCATION_OFF);
    assert_int_equal(off.revocation, REVOCATION_NOT_CHECKED);
    bool ours = row->status == REVOCATION_GOOD, theirs = openssl_accepts(certs, crls, n);
    if (theirs != (row->differs != 0 ? row->differs > 0 : ours)) {
        fail_msg("%s: OpenSSL says %s", row->label, theirs ? "good" : "bad");
    }
    room_close(&room);
}

static void table(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_case(&cases[i]);
    }
    print_message("# %zu sets of CRLs\n", COUNT(cases));
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* 100,000 entries: an index, and what is remembered of the signature, make each document's question cheap. */
static void large(void **state)
{
    struct room room;
    room_open(&room);
    sign_bytes sub = cert_make(&(struct cert_spec){ .subject = SUB, .issuer = ROOT, .exts = CA_EXTS });
    sign_bytes leaf = cert_make(&(struct cert_spec){ .subject = LEAF, .issuer = SUB, .exts = LEAF_EXTS });
    sign_bytes big = crl_make(&(struct crl_spec){ .issuer = SUB, .filler = 100000 });
    room_anchor(&room, cert_make(&(struct cert_spec){ .subject = ROOT, .exts = CA_EXTS }));
    room_evidence(&room, crl_make(&(struct crl_spec){ .issuer = ROOT }));
    double start = seconds();
    struct mallinfo2 before = mallinfo2();
    room_evidence(&room, big);
    struct mallinfo2 after = mallinfo2();
    assert_true(after.uordblks - before.uordblks < 2 * big.len);       /* both zero under a sanitizer */
    double loaded = seconds();
    enum { DOCUMENTS = 2000 };
    for (int i = 0; i < DOCUMENTS; i++) {
        CLEANUP(path_drop) struct path path = build(&room, leaf, sub, SIGN_REVOCATION_REQUIRE);
        assert_int_equal(path.status, PATH_OK);
        assert_int_equal(path.revocation, REVOCATION_GOOD);
    }
    double end = seconds();
    print_message("# CRL of %zu bytes read in %.0f ms; %d paths in %.0f ms\n", big.len, (loaded - start) * 1e3,
                  DOCUMENTS, (end - loaded) * 1e3);
    /* A walk through 100,000 entries for each path, or a signature for each, would take ten times that and more. */
    assert_true(end - loaded < 2.0);
    room_evidence(&room,
                  crl_make(&(struct crl_spec){ .issuer = SUB, .filler = 100000, .entries = { { LEAF, -2, 1 } } }));
    CLEANUP(path_drop) struct path path = build(&room, leaf, sub, SIGN_REVOCATION_REQUIRE);
    assert_int_equal(path.revocation, REVOCATION_REVOKED);
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
    const struct CMUnitTest tests[] = { cmocka_unit_test(table), cmocka_unit_test(large) };
    return cmocka_run_group_tests(tests, NULL, done);
}
