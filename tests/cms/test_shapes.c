/* SignedData put together by hand: every leniency, every refusal, each with the status (and flag) that it must give. */
#include "world.h"

#include <base/limits.h>
#include <base/text.h>
#include <cms/asn1.h>
#include <cms/asn1_put.h>

/* AlgorithmIdentifiers and attributes in hex, as they stand in the element. */
#define SHA256_ALG "300b0609608648016503040201"
#define SHA256_NULL "300d06096086480165030402010500"
#define SHA384_ALG "300b0609608648016503040202"
#define SHA512_ALG "300b0609608648016503040203"
#define SHAKE256_ALG "300b060960864801650304020c"
#define SHAKE256_LEN(length) "300f0609608648016503040212" length
#define MD4_ALG "300a06082a864886f70d0204"
#define RSA_ALG "300d06092a864886f70d0101010500"
#define RSA_SHA256_ALG "300d06092a864886f70d01010b0500"
#define RSA_SHA256_BARE "300b06092a864886f70d01010b"
#define RSA_SHA256_ODD "300e06092a864886f70d01010b020101"
#define ECDSA_SHA256_ALG "300a06082a8648ce3d040302"
#define EC_KEY_P256 "301306072a8648ce3d020106082a8648ce3d030107"
#define EC_KEY_BARE "300906072a8648ce3d0201"
#define ED25519_ALG "300506032b6570"
#define ED448_ALG "300506032b6571"
#define PSS_BARE "300b06092a864886f70d01010a"
#define PSS_DEFAULTS "300d06092a864886f70d01010a3000"
/* hash, MGF1 with the hash, salt 32 */
#define PSS_SHA256_FIELDS \
    "a00f" SHA256_NULL \
    "a11c301a06092a864886f70d010108" SHA256_NULL \
    "a203020120"
#define PSS_SHA256 "304106092a864886f70d01010a3034" PSS_SHA256_FIELDS
#define PSS_TRAILER_1 "304606092a864886f70d01010a3039" PSS_SHA256_FIELDS "a303020101"
#define PSS_TRAILER_2 "304606092a864886f70d01010a3039" PSS_SHA256_FIELDS "a303020102"
#define PSS_TRAILING "304306092a864886f70d01010a3036" PSS_SHA256_FIELDS "0500"
#define PSS_NO_SEQUENCE "300d06092a864886f70d01010a0500"

#define ATTR_TYPE "301806092a864886f70d010903310b06092a864886f70d010701"
#define ATTR_DIGEST "301106092a864886f70d0109043104" "04021234"
#define ATTR_DIGEST_TWO "301506092a864886f70d0109043108" "04021234" "04021235"
#define ATTR_DIGEST_NONE "300d06092a864886f70d0109043100"
#define ATTR_TIME "301c06092a864886f70d010905310f170d3236313132323032303030305a"
#define ATTR_TIME_ODD "301606092a864886f70d0109053109" "1707" "30303030303030"
#define ATTR_UNKNOWN "300a06032a030431030c0161"
#define PROTECTION(digest, rest) "302b06092a864886f70d010934311e301c" digest rest
#define ATTR_PROTECTION PROTECTION(SHA256_ALG, "a10d06092a864886f70d0101010500" "")

struct shape {
    const char *label, *digest, *attrs, *signature, *unsigned_attrs;
    size_t n_digests;       /* so many digestAlgorithms; 0: one */
};

static void put_hex(struct build *out, const char *hex)
{
    assert_true(hex_decode(out, bytes_str(hex)));
}

static void put_hex_in(struct build *out, int tag, const char *hex)
{
    size_t mark = asn1_open(out, tag);
    put_hex(out, hex);
    asn1_close(out, mark);
}

static void put_signer(struct build *out, const struct shape *shape)
{
    size_t mark = asn1_open(out, TAG_SEQUENCE);
    asn1_put_small(out, 1);
    put_hex(out, "30053000020105");             /* empty Name, serial number 5 */
    put_hex(out, shape->digest);
    if (shape->attrs) put_hex_in(out, TAG_INSIDE(0), shape->attrs);
    put_hex(out, shape->signature);
    put_hex(out, "0402abcd");
    if (shape->unsigned_attrs) put_hex_in(out, TAG_INSIDE(1), shape->unsigned_attrs);
    asn1_close(out, mark);
}

/* around: elements between encapContentInfo and signerInfos. */
static void put_cms(struct build *out, const struct shape *shape, size_t n_signers, sign_bytes around)
{
    size_t info = asn1_open(out, TAG_SEQUENCE);
    put_hex(out, "06092a864886f70d010702");
    size_t content = asn1_open(out, TAG_INSIDE(0)), signed_data = asn1_open(out, TAG_SEQUENCE);
    asn1_put_small(out, 1);
    size_t digests = asn1_open(out, TAG_SET);
    put_hex(out, shape->digest);
    for (size_t i = 1; i < shape->n_digests; i++) put_hex(out, MD4_ALG);
    asn1_close(out, digests);
    put_hex(out, "300b06092a864886f70d010701");
    build_bytes(out, around);
    size_t signers = asn1_open(out, TAG_SET);
    for (size_t i = 0; i < n_signers; i++) put_signer(out, shape);
    asn1_close(out, signers);
    asn1_close(out, signed_data);
    asn1_close(out, content);
    asn1_close(out, info);
    assert_int_equal(build_check(out, NULL, "test"), SIGN_OK);
}

static int read_shape(const struct shape *shape, struct build *der, struct arena *arena, struct cms *cms, sign_err *err)
{
    put_cms(der, shape, 1, (sign_bytes){ 0 });
    return cms_read(cms, build_view(der), 0, arena, err);
}

static void test_algorithms(void **state)
{
    enum { PKCS1 = SIGN_SCHEME_RSA_PKCS1, PSS = SIGN_SCHEME_RSA_PSS, EC = SIGN_SCHEME_ECDSA, ED = SIGN_SCHEME_EDDSA };
    static const struct { const char *digest, *signature; int rc; bool known; struct sig_params params; } cases[] = {
        { SHA256_ALG, RSA_ALG, SIGN_OK, true, { PKCS1, SIGN_DIGEST_SHA256, 0, 0 } },
        { SHA256_NULL, RSA_SHA256_ALG, SIGN_OK, true, { PKCS1, SIGN_DIGEST_SHA256, 0, 0 } },
        { SHA256_ALG, RSA_SHA256_BARE, SIGN_OK, true, { PKCS1, SIGN_DIGEST_SHA256, 0, 0 } },
        { SHA256_ALG, RSA_SHA256_ODD, SIGN_OK, false, { 0 } },
        { SHA384_ALG, RSA_SHA256_ALG, SIGN_OK, false, { 0 } },          /* contradiction */
        { MD4_ALG, RSA_ALG, SIGN_OK, false, { 0 } },
        { SHA256_ALG, MD4_ALG, SIGN_OK, false, { 0 } },
        { SHA256_ALG, ECDSA_SHA256_ALG, SIGN_OK, true, { EC, SIGN_DIGEST_SHA256, 0, 0 } },
        { SHA384_ALG, ECDSA_SHA256_ALG, SIGN_OK, false, { 0 } },
        { SHA384_ALG, EC_KEY_P256, SIGN_OK, true, { EC, SIGN_DIGEST_SHA384, 0, 0 } },
        { SHA384_ALG, EC_KEY_BARE, SIGN_OK, true, { EC, SIGN_DIGEST_SHA384, 0, 0 } },
        { SHA512_ALG, ED25519_ALG, SIGN_OK, true, { ED, 0, 0, 0 } },
        { SHA256_ALG, ED25519_ALG, SIGN_OK, true, { ED, 0, 0, 0 } },    /* unfit: RFC 8419 3.1 */
        { SHAKE256_ALG, ED448_ALG, SIGN_OK, true, { ED, 0, 0, 0 } },
        { SHAKE256_LEN("02020200"), ED448_ALG, SIGN_OK, true, { ED, 0, 0, 0 } },
        { SHAKE256_LEN("02020100"), ED448_ALG, SIGN_OK, false, { 0 } }, /* 256 bits: RFC 8419 2.3 */
        { SHA512_ALG, ED448_ALG, SIGN_OK, true, { ED, 0, 0, 0 } },      /* unfit */
        { SHA512_ALG, "300706032b65700500", SIGN_OK, false, { 0 } },    /* NULL is not absent: RFC 8419 2 */
        { SHA256_ALG, PSS_SHA256, SIGN_OK, true, { PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA256, 32 } },
        { SHA256_ALG, PSS_TRAILER_1, SIGN_OK, true, { PSS, SIGN_DIGEST_SHA256, SIGN_DIGEST_SHA256, 32 } },
        { SHA256_ALG, PSS_TRAILER_2, SIGN_OK, false, { 0 } },
        { SHA384_ALG, PSS_SHA256, SIGN_OK, false, { 0 } },              /* RFC 4056 3 */
        { SHA256_ALG, PSS_BARE, SIGN_OK, false, { 0 } },                /* RFC 4055 3.1 */
        { SHA256_ALG, PSS_DEFAULTS, SIGN_OK, false, { 0 } },            /* SHA-1 by default */
        { "300906052b0e03021a0500", PSS_DEFAULTS, SIGN_OK, true, { PSS, SIGN_DIGEST_SHA1, SIGN_DIGEST_SHA1, 20 } },
        { SHA256_ALG, PSS_TRAILING, SIGN_E_FORMAT, false, { 0 } },
        { SHA256_ALG, PSS_NO_SEQUENCE, SIGN_E_FORMAT, false, { 0 } },
        { SHA256_ALG, "3000", SIGN_E_FORMAT, false, { 0 } },
        { SHA256_ALG, "30020600", SIGN_E_FORMAT, false, { 0 } },
        { SHA256_ALG, "3009" "06032b6570" "0500" "0500", SIGN_E_FORMAT, false, { 0 } },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build der = { 0 };
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct cms cms;
        struct shape shape = { "", cases[i].digest, ATTR_TYPE ATTR_DIGEST, cases[i].signature, NULL, 0 };
        print_message("# %s with %s\n", cases[i].digest, cases[i].signature);
        assert_int_equal(read_shape(&shape, &der, &arena, &cms, NULL), cases[i].rc);
        if (cases[i].rc != SIGN_OK) continue;
        assert_int_equal(cms.signers[0].signature_known, cases[i].known);
        if (cases[i].known) assert_memory_equal(&cms.signers[0].params, &cases[i].params, sizeof cases[i].params);
        bool unfit = strcmp(cases[i].digest, SHA256_ALG) == 0 ? strcmp(cases[i].signature, ED25519_ALG) == 0
                                                              : strcmp(cases[i].digest, SHA512_ALG) == 0 &&
                                                                    strcmp(cases[i].signature, ED448_ALG) == 0;
        assert_int_equal(cms.signers[0].digest_unfit, unfit);
        assert_true(cms.signers[0].digest_oid.len > 0 && cms.signers[0].signature_oid.len > 0);
    }
}

static void test_attributes(void **state)
{
    enum { UNORDERED = 1, DUPLICATE = 2, PROTECTED = 4, MISMATCH = 8, TIME = 16 };
    static const struct { const char *label, *attrs; int rc; unsigned flags; size_t n;
    } cases[] = {
        { "two in order", ATTR_DIGEST ATTR_TYPE, SIGN_OK, 0, 2 },
        { "out of order", ATTR_TYPE ATTR_DIGEST, SIGN_OK, UNORDERED, 2 },
        { "unknown", ATTR_UNKNOWN ATTR_DIGEST ATTR_TYPE, SIGN_OK, 0, 3 },
        { "time", ATTR_DIGEST ATTR_TYPE ATTR_TIME, SIGN_OK, TIME, 3 },
        { "time that is none", ATTR_DIGEST ATTR_TIME_ODD ATTR_TYPE, SIGN_OK, 0, 3 },
        { "digest twice", ATTR_DIGEST ATTR_DIGEST ATTR_TYPE, SIGN_OK, DUPLICATE, 3 },
        { "protected", ATTR_DIGEST ATTR_TYPE ATTR_PROTECTION, SIGN_OK, PROTECTED, 3 },
        { "protected, other digest", ATTR_DIGEST ATTR_TYPE PROTECTION(SHA384_ALG, "a10d06092a864886f70d0101010500"),
          SIGN_OK, PROTECTED | MISMATCH, 3 },
        { "protected, other signature", ATTR_DIGEST ATTR_TYPE PROTECTION(SHA256_ALG, "a10d06092a864886f70d01010b0500"),
          SIGN_OK, PROTECTED | MISMATCH, 3 },
        { "protected, digest alone", ATTR_DIGEST ATTR_TYPE "301c06092a864886f70d010934310f300d" SHA256_ALG, SIGN_OK,
          PROTECTED | MISMATCH, 3 },
        { "no value", ATTR_DIGEST_NONE ATTR_TYPE, SIGN_E_FORMAT, 0, 0 },
        { "two values", ATTR_DIGEST_TWO ATTR_TYPE, SIGN_E_FORMAT, 0, 0 },
        { "none", "", SIGN_E_FORMAT, 0, 0 },
        { "no attribute", "0500", SIGN_E_FORMAT, 0, 0 },
        { "no set", "300706032a03040c0161", SIGN_E_FORMAT, 0, 0 },
        { "content type that is no OID", "301106092a864886f70d010903310404021234", SIGN_E_FORMAT, 0, 0 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build der = { 0 };
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct cms cms;
        struct shape shape = { "", SHA256_ALG, cases[i].attrs, RSA_ALG, NULL, 0 };
        print_message("# %s\n", cases[i].label);
        assert_int_equal(read_shape(&shape, &der, &arena, &cms, NULL), cases[i].rc);
        if (cases[i].rc != SIGN_OK) continue;
        const struct cms_signer *s = &cms.signers[0];
        unsigned flags = (s->attrs_unordered ? UNORDERED : 0U) | (s->attrs_duplicate ? DUPLICATE : 0U) |
                         (s->has_algorithm_protection ? PROTECTED : 0U) | (s->algorithm_mismatch ? MISMATCH : 0U) |
                         (s->has_signing_time ? TIME : 0U);
        assert_int_equal(flags, cases[i].flags);
        assert_int_equal(s->n_attrs, cases[i].n);
        assert_true(bytes_equal(s->message_digest, BYTES_LIT("\x12\x34")));
        if (s->has_signing_time) assert_int_equal(s->signing_time.seconds, 1795312800);
    }
}

/* What is hashed: DER as sent but for the tag; BER made DER, in the order sent (RFC 5652 5.4). */
static void test_attrs_raw(void **state)
{
    static const struct { const char *label, *attrs, *raw;
    } cases[] = {
        { "DER", ATTR_DIGEST ATTR_TYPE, "312d" ATTR_DIGEST ATTR_TYPE },
        { "indefinite",
          "3080"
          "06092a864886f70d010904"
          "3104"
          "04021234"
          "0000" ATTR_TYPE,
          "312d" ATTR_DIGEST ATTR_TYPE },
        { "in pieces",
          "3080"
          "06092a864886f70d010904"
          "3180"
          "2480"
          "040112"
          "2403"
          "040134"
          "0000"
          "0000"
          "0000" ATTR_TYPE,
          "312d" ATTR_DIGEST ATTR_TYPE },
        { "longer length",
          ATTR_TYPE "308116"
                    "06092a864886f70d010904"
                    "3183000006"
                    "048200021234",
          "312d" ATTR_TYPE ATTR_DIGEST },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build der = { 0 };
        CLEANUP(build_free) struct build raw = { 0 };
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct cms cms;
        struct shape shape = { "", SHA256_ALG, cases[i].attrs, RSA_ALG, NULL, 0 };
        print_message("# %s\n", cases[i].label);
        assert_int_equal(read_shape(&shape, &der, &arena, &cms, NULL), SIGN_OK);
        put_hex(&raw, cases[i].raw);
        assert_true(bytes_equal(cms.signers[0].attrs_raw, build_view(&raw)));
        assert_int_equal(cms.ber, i > 0);
        assert_true(bytes_equal(cms.signers[0].message_digest, BYTES_LIT("\x12\x34")));
    }
}

static void test_unsigned(void **state)
{
    CLEANUP(build_free) struct build der = { 0 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct cms cms;
    struct shape shape = { "", SHA256_ALG, ATTR_DIGEST ATTR_TYPE, RSA_ALG,
                           ATTR_UNKNOWN "301406" "0b2a864886f70d010910020e" "3105" "3003020107" ATTR_UNKNOWN, 0 };
    assert_int_equal(read_shape(&shape, &der, &arena, &cms, NULL), SIGN_OK);
    assert_int_equal(cms.signers[0].n_unsigned, 3);
    assert_true(bytes_equal(cms.signers[0].timestamp, BYTES_LIT("\x30\x03\x02\x01\x07")));
    assert_true(bytes_equal(cms.signers[0].signature, BYTES_LIT("\xab\xcd")));
}

static void test_limits(void **state)
{
    static const struct { const char *what; size_t signers, attrs, certs, crls; int rc; size_t digests; } cases[] = {
        { "signers", LIMIT_CMS_SIGNERS, 2, 0, 0, SIGN_OK, 1 },
        { "signers", LIMIT_CMS_SIGNERS + 1, 2, 0, 0, SIGN_E_LIMIT, 1 },
        { "attributes", 1, LIMIT_CMS_ATTRS, 0, 0, SIGN_OK, 1 },
        { "attributes", 1, LIMIT_CMS_ATTRS + 1, 0, 0, SIGN_E_LIMIT, 1 },
        { "certificates", 1, 2, LIMIT_CMS_CERTS, 0, SIGN_OK, 1 },
        { "certificates", 1, 2, LIMIT_CMS_CERTS + 1, 0, SIGN_E_LIMIT, 1 },
        { "CRLs", 1, 2, 1, LIMIT_CMS_CERTS, SIGN_OK, 1 },
        { "CRLs", 1, 2, 1, LIMIT_CMS_CERTS + 1, SIGN_E_LIMIT, 1 },
        { "digests", 1, 2, 0, 0, SIGN_OK, LIMIT_CMS_SIGNERS },
        { "digests", 1, 2, 0, 0, SIGN_E_LIMIT, LIMIT_CMS_SIGNERS + 1 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build der = { 0 };
        CLEANUP(build_free) struct build attrs = { 0 };
        CLEANUP(build_free) struct build around = { 0 };
        CLEANUP(arena_free) struct arena arena = { 0 };
        struct cms cms;
        for (size_t n = 0; n < cases[i].attrs; n++) build_str(&attrs, ATTR_UNKNOWN);
        build_byte(&attrs, 0);
        size_t mark = asn1_open(&around, TAG_INSIDE(0));
        for (size_t n = 0; n < cases[i].certs; n++) build_str(&around, n % 2 ? "\x30\x01x" : "\xa3\x01y");
        asn1_close(&around, mark);
        mark = asn1_open(&around, TAG_INSIDE(1));
        for (size_t n = 0; n < cases[i].crls; n++) build_str(&around, "\x30\x01z");
        asn1_close(&around, mark);
        struct shape shape = { "", SHA256_ALG, (const char *)attrs.ptr, RSA_ALG, NULL, cases[i].digests };
        put_cms(&der, &shape, cases[i].signers, build_view(&around));
        print_message("# %s: %d\n", cases[i].what, cases[i].rc);
        sign_err err = SIGN_ERR_INIT;
        assert_int_equal(cms_read(&cms, build_view(&der), 500, &arena, &err), cases[i].rc);
        if (cases[i].rc == SIGN_OK) {
            assert_int_equal(cms.n_certs, cases[i].certs / 2);
            assert_int_equal(cms.n_crls, cases[i].crls);
        } else {
            assert_true(err.offset > 500 && err.offset < 500 + der.len);
        }
    }
}

static void test_revocation(void **state)
{
    CLEANUP(build_free) struct build der = { 0 };
    CLEANUP(build_free) struct build around = { 0 };
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct cms cms;
    put_hex(&around, "a11a" "3001" "7a" "a10d06082b060105050710023001" "79" "a106" "06022a03" "0500");
    struct shape shape = { "", SHA256_ALG, ATTR_DIGEST ATTR_TYPE, RSA_ALG, NULL, 0 };
    put_cms(&der, &shape, 1, build_view(&around));
    assert_int_equal(cms_read(&cms, build_view(&der), 0, &arena, NULL), SIGN_OK);
    assert_int_equal(cms.n_crls, 1);
    assert_int_equal(cms.n_ocsps, 1);
    assert_true(bytes_equal(cms.ocsps[0], BYTES_LIT("\x30\x01y")));
}

/* The reader by itself. */
static void test_headers(void **state)
{
    static const struct { const char *hex; int der, ber; size_t body; uint64_t offset; } cases[] = {
        { "0401aa", SIGN_OK, SIGN_OK, 1, 0 },
        { "0400", SIGN_OK, SIGN_OK, 0, 0 },
        { "048101aa", SIGN_E_FORMAT, SIGN_OK, 1, 0 },
        { "04840000000" "1aa", SIGN_E_FORMAT, SIGN_OK, 1, 0 },
        { "24800401aa0000", SIGN_E_FORMAT, SIGN_OK, 3, 0 },
        { "308030800000" "0000", SIGN_E_FORMAT, SIGN_OK, 4, 0 },
        { "0480aa0000", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 0 },           /* primitive, indefinite */
        { "04ff", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 0 },
        { "0489000000000000000001aa", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 0 },
        { "0488ffffffffffffffffaa", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 0 },
        { "0402aa", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 0 },
        { "04", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 0 },
        { "", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 0 },
        { "1f8101" "00", SIGN_OK, SIGN_OK, 0, 0 },
        { "1f818181818100", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 0 },
        { "3080040100", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 5 },           /* never ended */
        { "30800405000000", SIGN_E_FORMAT, SIGN_E_FORMAT, 0, 2 },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build bytes = { 0 };
        put_hex(&bytes, cases[i].hex);
        bool ber = false;
        struct asn1_item item;
        sign_err err = SIGN_ERR_INIT;
        struct asn1 strict = asn1_over(build_view(&bytes), 0, NULL), lenient = asn1_over(build_view(&bytes), 0, &ber);
        print_message("# %s\n", cases[i].hex);
        assert_int_equal(asn1_next(&strict, &item, "test", NULL), cases[i].der);
        assert_int_equal(asn1_next(&lenient, &item, "test", &err), cases[i].ber);
        if (cases[i].ber == SIGN_OK) {
            assert_int_equal(item.body.len, cases[i].body);
            assert_int_equal(item.whole.len, bytes.len);
            assert_int_equal(ber, cases[i].der != SIGN_OK);
            assert_int_equal(asn1_is_der(build_view(&bytes)), cases[i].der == SIGN_OK);
        } else {
            assert_int_equal(err.offset, cases[i].offset);
            assert_int_equal(asn1_is_der(build_view(&bytes)), bytes.len == 0);
        }
    }
}

/* opening nested depth times, then its ends: as LIMIT says, and not one more. */
static void try_depth(const char *opening, size_t depth, size_t limit, size_t der_limit)
{
    CLEANUP(build_free) struct build bytes = { 0 };
    CLEANUP(build_free) struct build out = { 0 };
    for (size_t i = 0; i < depth; i++) build_str(&bytes, opening);
    build_fill(&bytes, 0, 2 * depth);
    bool ber = false;
    struct asn1_item item;
    struct asn1 in = asn1_over(build_view(&bytes), 0, &ber);
    assert_int_equal(asn1_next(&in, &item, "test", NULL), depth > limit ? SIGN_E_LIMIT : SIGN_OK);
    assert_int_equal(asn1_to_der(&out, build_view(&bytes), 0, NULL), depth > der_limit ? SIGN_E_LIMIT : SIGN_OK);
}

static void test_depth(void **state)
{
    for (size_t depth = 1; depth <= LIMIT_ASN1_DEPTH + 1; depth++) {
        try_depth("\x30\x80", depth, LIMIT_ASN1_DEPTH, LIMIT_ASN1_DEPTH);
        try_depth("\x24\x80", depth, LIMIT_ASN1_DEPTH, LIMIT_ASN1_PIECES);
    }
    /* A megabyte of openings: refused at once, not recursed into. */
    CLEANUP(build_free) struct build deep = { 0 };
    for (size_t i = 0; i < 500000; i++) build_str(&deep, "\x30\x80");
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct cms cms;
    assert_int_equal(cms_read(&cms, build_view(&deep), 0, &arena, NULL), SIGN_E_LIMIT);
}

static void test_pieces(void **state)
{
    static const struct { const char *hex, *expected; int rc; } cases[] = {
        { "0402abcd", "abcd", SIGN_OK },
        { "24800401ab0401cd0000", "abcd", SIGN_OK },
        { "24060401ab0401cd", "abcd", SIGN_OK },
        { "248024800401ab000004000401cd0000", "abcd", SIGN_OK },
        { "24800000", "", SIGN_OK },
        { "24800c01ab0000", "", SIGN_E_FORMAT },
        { "3003020101", "", SIGN_E_FORMAT },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(build_free) struct build bytes = { 0 };
        CLEANUP(build_free) struct build expected = { 0 };
        CLEANUP(arena_free) struct arena arena = { 0 };
        put_hex(&bytes, cases[i].hex);
        put_hex(&expected, cases[i].expected);
        bool ber = false;
        sign_bytes out;
        struct asn1 in = asn1_over(build_view(&bytes), 0, &ber);
        assert_int_equal(asn1_octets(&in, TAG_OCTETS, &out, &arena, "test", NULL), cases[i].rc);
        if (cases[i].rc == SIGN_OK) assert_true(bytes_equal(out, build_view(&expected)));
    }
}

static void test_numbers(void **state)
{
    static const struct { uint32_t value; const char *hex; } numbers[] = {
        { 0, "020100" },         { 1, "020101" },         { 127, "02017f" },         { 128, "02020080" },
        { 255, "020200ff" },     { 256, "02020100" },     { 32768, "0203008000" },   { 0x7fffffff, "02047fffffff" },
    };
    for (size_t i = 0; i < COUNT(numbers); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        CLEANUP(build_free) struct build expected = { 0 };
        uint32_t value = 77;
        put_hex(&expected, numbers[i].hex);
        asn1_put_small(&out, numbers[i].value);
        assert_true(bytes_equal(build_view(&out), build_view(&expected)));
        struct asn1 in = asn1_over(build_view(&out), 0, NULL);
        assert_int_equal(asn1_small(&in, &value, "test", NULL), SIGN_OK);
        assert_int_equal(value, numbers[i].value);
    }
    static const char *const bad[] = { "0200", "0201ff", "020500ffffffff", "040101" };
    for (size_t i = 0; i < COUNT(bad); i++) {
        CLEANUP(build_free) struct build bytes = { 0 };
        uint32_t value;
        put_hex(&bytes, bad[i]);
        struct asn1 in = asn1_over(build_view(&bytes), 0, NULL);
        assert_int_equal(asn1_small(&in, &value, "test", NULL), SIGN_E_FORMAT);
    }
}

/* Lengths around every change of form, and SET OF in X.690 11.6's order. */
static void test_writer(void **state)
{
    static const struct { size_t len; const char *header;
    } lengths[] = {
        { 0, "0400" },     { 127, "047f" },     { 128, "048180" },
        { 255, "0481ff" }, { 256, "04820100" }, { 65536, "0483010000" },
    };
    for (size_t i = 0; i < COUNT(lengths); i++) {
        CLEANUP(build_free) struct build out = { 0 };
        CLEANUP(build_free) struct build header = { 0 };
        put_hex(&header, lengths[i].header);
        size_t mark = asn1_open(&out, TAG_OCTETS);
        build_fill(&out, 'x', lengths[i].len);
        asn1_close(&out, mark);
        assert_int_equal(out.len, header.len + lengths[i].len);
        assert_memory_equal(out.ptr, header.ptr, header.len);
        if (lengths[i].len > 0) assert_true(out.ptr[header.len] == 'x' && out.ptr[out.len - 1] == 'x');
    }
    CLEANUP(build_free) struct build set = { 0 };
    sign_bytes items[] = { BYTES_LIT("\x04\x02zz"), BYTES_LIT("\x04\x01z"), BYTES_LIT("\x02\x01\x05") };
    asn1_put_set(&set, TAG_SET, items, COUNT(items));
    assert_true(bytes_equal(build_view(&set), BYTES_LIT("\x31\x0a\x02\x01\x05\x04\x01z\x04\x02zz")));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_algorithms), cmocka_unit_test(test_attributes), cmocka_unit_test(test_attrs_raw),
        cmocka_unit_test(test_unsigned),   cmocka_unit_test(test_limits),     cmocka_unit_test(test_revocation),
        cmocka_unit_test(test_headers),    cmocka_unit_test(test_depth),      cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_writer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
