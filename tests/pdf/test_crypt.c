/*
 * Encryption (ISO 32000-2 7.6): keys of files that qpdf encrypted, data back and forth, and encryption dictionaries that
 * nobody sane wrote.
 */
#include "make.h"
#include <base/cleanup.h>
#include <base/secret.h>
#include <base/text.h>
#include <pdf/crypt.h>

static struct crypto *crypto;

/* --- keys --------------------------------------------------------------------------------------------------------- */

/* What `qpdf --encrypt` wrote, and `qpdf --show-encryption-key` says of it. */
static const struct {
    const char *name;
    int v, r, key_len, p;
    bool metadata;
    const char *user, *owner, *o, *u, *oe, *ue, *perms, *id, *key;
} known[] = {
    { "R 2", 1, 2, 5, -4, true, "user", "owner",
      "94e8094419662a774442fb072e3d9f19e9d130ec09a4d0061e78fe920f7ab62f",
      "0343e3ed76c976404fd283ab7f56fbfc1d95a87eba779a5beb52bb69ca33bf71",
      "",
      "",
      "", "c919d047200864fd2268789686ee3b87",
      "7a9d570c28" },
    { "R 3", 2, 3, 16, -4, true, "user", "owner",
      "0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671",
      "893d93d111d053c23bf0f3827b0d5dc10122456a91bae5134273a6db134c87c4",
      "",
      "",
      "", "c919d047200864fd2268789686ee3b87",
      "78cbef8f5472dee87738c2c4ecb69c32" },
    { "R 3", 2, 3, 16, -4, true, "é", "ü",
      "2652298cd7fb75286ab9d4b5c65304004f574aa19d7f802b46c414728ca30c71",
      "6606c115891ee39a36f82553b986b3e30122456a91bae5134273a6db134c87c4",
      "",
      "",
      "", "c919d047200864fd2268789686ee3b87",
      "e9cfce37d9442249099991cb673a8697" },
    { "R 4", 4, 4, 16, -4, true, "user", "owner",
      "0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671",
      "893d93d111d053c23bf0f3827b0d5dc10122456a91bae5134273a6db134c87c4",
      "",
      "",
      "", "c919d047200864fd2268789686ee3b87",
      "78cbef8f5472dee87738c2c4ecb69c32" },
    { "R 4 clear metadata", 4, 4, 16, -4, false, "user", "owner",
      "0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671",
      "ead4735570e0e12c8d75a3a79ecf35ac0122456a91bae5134273a6db134c87c4",
      "",
      "",
      "", "c919d047200864fd2268789686ee3b87",
      "501259c5b44cd1ebf61f9d17e6644e50" },
    { "R 5", 5, 5, 32, -4, true, "user", "owner",
      "423e7644517aa56eccda257cbb867fb684e1c6398c395803f8fb39a5cd2007669d47bad8ce3ba7d0454597fccfefb17d",
      "52d80a5e803664a671cf35018f79dead33fb2f64a7ae1ca9f003e7535b83f65401fd39da4ac3600d3e802e367eae2498",
      "4549e5acac8c8d886e041b00def769e1f116cd80c9a19a3da9047179ab4fb8ce",
      "95409aaf4988273b46e90c6dc708a615a84513638e902199c0dada5bd266b0ed",
      "4d5d9952a1e2dbd6e95f79f5c1c745f9", "c919d047200864fd2268789686ee3b87",
      "044a8ecbcf6699655a1eca0bb5b33bc5e52af68fb78e0e622b510209fcd507ec" },
    { "R 6", 5, 6, 32, -4, true, "user", "owner",
      "ef56ec142d64164c3ed04f8f32f52bd70b7a7a6e75cfae3c91a0c7463efbe754f5301590b136b31f670b3c222c02023c",
      "22c244794a63429b50202f687c3bb4dacf8ea36699ded40d555b43f901fadfc69e3693a9b2ee3978b71a17984d9319bb",
      "e6e8ceb5ab82428a4fb4fae08e52e3c9285fde74ba92d5cb7f39669ae8d1a3e8",
      "badb7989e6ba4387371e8208bc86275e8f87c4c26cfbfe926dc86533a8f4812c",
      "5be3908a1278a389e9569c37352e49f4", "c919d047200864fd2268789686ee3b87",
      "648dd31e5c0e02a50b794edd9c3c85bfbf91346e1e40cf8556ca200a9bb42487" },
    { "R 6", 5, 6, 32, -4, true, "mậtkhẩu", "chủ",
      "b5cb09f0a57784ada31b771aa991bd89037021ae9a1099c18081a453a4ab5438a0b311f87684f51e1ee80fb6fd1e2883",
      "57c035ab76db6e777ef6d3eaeb281b20e567792385b21b3e607c4baeb07a99fe3635e54bf1d570c49801a03e44351abd",
      "7f22f9d0d710590a58e1958b542dc0063742325cfb4a0dff33386f091076acd2",
      "34d4f154ae8ffe4eb9d04182432e8586430ec35791da6f46bf72c99e23524363",
      "68641618253583d472a95e71b460c8ad", "c919d047200864fd2268789686ee3b87",
      "0fd8da889814889883089e404d4250bfaded1280f88c882440d2163037242928" },
    { "R 6", 5, 6, 32, -4, true, "", "owner",
      "961ca71edb211d80b2a38c70c4e74a766277c55f297a55bf9366011f9ee154ac556e6eac7067ba65c6441961ceb4906f",
      "f916e3b4b83b966977b5659c0f0f21bff416253e7a80c86046bdfeed33f517abbccb08eb99c4999cd7db108a7d89e4d6",
      "b14e07a1b650cd66d4087e5ed7ae1c3244545ba05097ed3e33570781c31da335",
      "17f24ae8f9d5cb72a4f35c7e470fec6175e205475e18e1529c5e028b46b431b7",
      "81b182ffdf8c83f04c158e8dfaa2d29a", "c919d047200864fd2268789686ee3b87",
      "b96ed9b2e1483500f7ea26d63f44490ad8d766ecf6fffe19d155cfdca7bfda2d" },
};

static sign_bytes unhex(struct build *to, const char *hex)
{
    assert_true(hex_decode(to, bytes_str(hex)));
    return build_view(to);
}

static void check_password(size_t i, const struct pdf_locks *locks, const char *password, bool found, bool owner)
{
    CLEANUP(build_free) struct build key = { 0 };
    uint8_t got[PDF_KEY_MAX] = { 0 };
    bool is_found = !found, is_owner = !owner;
    sign_err err = SIGN_ERR_INIT;
    check_status(pdf_key_find(got, &is_found, &is_owner, locks, bytes_str(password), crypto, &err), SIGN_OK, &err);
    if (is_found != found || (found && is_owner != owner)) {
        fail_msg("%s with '%s': %s", known[i].name, password, is_found ? "found" : "not found");
    }
    if (found) {
        check_bytes(bytes_of(got, locks->key_len), unhex(&key, known[i].key));
    }
}

static void test_keys(void **state)
{
    for (size_t i = 0; i < COUNT(known); i++) {
        struct build part[6] = { 0 };
        struct pdf_locks locks = {
            .v = known[i].v, .r = known[i].r, .key_len = (size_t)known[i].key_len, .p = (uint32_t)known[i].p,
            .encrypt_metadata = known[i].metadata, .o = unhex(&part[0], known[i].o), .u = unhex(&part[1], known[i].u),
            .oe = unhex(&part[2], known[i].oe), .ue = unhex(&part[3], known[i].ue),
            .perms = unhex(&part[4], known[i].perms), .id = unhex(&part[5], known[i].id),
        };
        check_password(i, &locks, known[i].user, true, false);
        check_password(i, &locks, known[i].owner, true, true);
        check_password(i, &locks, "neither", false, false);
        if (locks.r >= 5) {
            CLEANUP(build_free) struct build key = { 0 };
            bool agree = false;
            sign_bytes bytes = unhex(&key, known[i].key);
            check_status(pdf_perms_agree(&agree, &locks, bytes.ptr, crypto, NULL), SIGN_OK, NULL);
            assert_true(agree);
            locks.p ^= 4;
            check_status(pdf_perms_agree(&agree, &locks, bytes.ptr, crypto, NULL), SIGN_OK, NULL);
            assert_false(agree);
        }
        for (size_t k = 0; k < COUNT(part); k++) {
            build_free(&part[k]);
        }
    }
}

/* --- data --------------------------------------------------------------------------------------------------------- */

static struct pdf_crypt crypt_of(enum pdf_cipher cipher, size_t key_len)
{
    struct pdf_crypt crypt = { .crypto = crypto, .streams = cipher, .strings = cipher, .locks.key_len = key_len };
    memcpy(crypt.key, "0123456789abcdef0123456789abcdef", PDF_KEY_MAX);
    return crypt;
}

static void test_strings(void **state)
{
    static const struct { enum pdf_cipher cipher; size_t key_len; } ways[] = {
        { PDF_CIPHER_NONE, 16 }, { PDF_CIPHER_RC4, 5 }, { PDF_CIPHER_RC4, 16 }, { PDF_CIPHER_AES128, 16 },
        { PDF_CIPHER_AES256, 32 } };
    static const char *const plain[] = { "", "a", "fifteen bytes..", "sixteen bytes...", "more than a block of AES" };
    struct pdf_ref ref = { 70000, 3 }, other = { 70001, 3 };
    for (size_t i = 0; i < COUNT(ways) * COUNT(plain); i++) {
        struct pdf_crypt crypt = crypt_of(ways[i % COUNT(ways)].cipher, ways[i % COUNT(ways)].key_len);
        sign_bytes text = bytes_str(plain[i / COUNT(ways)]), back;
        struct arena arena = { 0 };
        CLEANUP(build_free) struct build sealed = { 0 };
        assert_int_equal(pdf_encrypt_string(&sealed, &crypt, ref, text, NULL), SIGN_OK);
        assert_int_equal(bytes_equal(build_view(&sealed), text), text.len == 0 ? sealed.len == 0 : crypt.strings == PDF_CIPHER_NONE);
        back = build_view(&sealed);
        assert_int_equal(pdf_decrypt_string(&back, &crypt, ref, &arena, NULL), SIGN_OK);
        check_bytes(back, text);
        back = build_view(&sealed);     /* of another object: another key, but for AES-256 */
        assert_int_equal(pdf_decrypt_string(&back, &crypt, other, &arena, NULL), SIGN_OK);
        bool same_key = text.len == 0 || crypt.strings == PDF_CIPHER_NONE || crypt.strings == PDF_CIPHER_AES256;
        assert_true(bytes_equal(back, text) == same_key || text.len == 0);
        arena_free(&arena);
    }
}

/* Cut, without a block, with a padding that is none: as far as it goes, never past its end. */
static void test_damaged(void **state)
{
    static const struct { size_t len, comes; } cuts[] = { { 0, 0 }, { 1, 0 }, { 15, 0 }, { 16, 0 }, { 31, 0 }, { 32, 16 },
                                                          { 47, 16 }, { 48, 20 } };
    struct pdf_crypt crypt = crypt_of(PDF_CIPHER_AES256, 32);
    CLEANUP(build_free) struct build sealed = { 0 };
    assert_int_equal(pdf_encrypt_string(&sealed, &crypt, (struct pdf_ref){ 1, 0 }, BYTES_LIT("twenty bytes of text"), NULL), SIGN_OK);
    assert_int_equal(sealed.len, 48);
    for (size_t i = 0; i < COUNT(cuts); i++) {
        CLEANUP(build_free) struct build data = { 0 };
        build_bytes(&data, bytes_slice(build_view(&sealed), 0, cuts[i].len));
        assert_int_equal(pdf_decrypt_stream(&data, &crypt, PDF_CIPHER_AES256, (struct pdf_ref){ 1, 0 }, NULL), SIGN_OK);
        check_bytes(build_view(&data), bytes_slice(BYTES_LIT("twenty bytes of text"), 0, cuts[i].comes));
    }
}

/* --- whole files -------------------------------------------------------------------------------------------------- */

static int give(void *payload, const struct secret **out, sign_err *err)
{
    static char text[32];
    static struct secret secret;
    secret = (struct secret){ .ptr = text, .len = strlen(payload) };
    memcpy(text, payload, secret.len);
    *out = &secret;
    return SIGN_OK;
}

static int refuse(void *payload, const struct secret **out, sign_err *err)
{
    return err_set(err, SIGN_E_CANCELLED, SIGN_NO_OFFSET, NULL, "nobody answers");
}

#define O32 "/O<0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671>"
#define U32 "/U<893d93d111d053c23bf0f3827b0d5dc10122456a91bae5134273a6db134c87c4>"
#define ID  "/ID[<c919d047200864fd2268789686ee3b87><00>]"
#define GOOD "/Filter/Standard/V 2/R 3/Length 128/P -4" O32 U32

/* The encryption dictionary, and what opening comes to with the password "user". */
static const struct { const char *name, *encrypt; int status; } dictionaries[] = {
    { "as it should be", "/Encrypt<<" GOOD ">>", SIGN_OK },
    { "null is none", "/Encrypt null", SIGN_OK },
    { "an object that is not there", "/Encrypt 99 0 R", SIGN_OK },
    { "positive /P", "/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P 4294967292" O32 U32 ">>", SIGN_OK },
    { "/P of more than 32 bits", "/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P 9999999999" O32 U32 ">>", SIGN_E_FORMAT },
    { "no /P", "/Encrypt<</Filter/Standard/V 2/R 3/Length 128" O32 U32 ">>", SIGN_E_FORMAT },
    { "no /O", "/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4" U32 ">>", SIGN_E_FORMAT },
    { "a short /U", "/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4" O32 "/U(short)>>", SIGN_E_FORMAT },
    { "/V 99", "/Encrypt<</Filter/Standard/V 99/R 3/Length 128/P -4" O32 U32 ">>", SIGN_E_UNSUPPORTED },
    { "/V 3, which nobody published", "/Encrypt<</Filter/Standard/V 3/R 3/Length 128/P -4" O32 U32 ">>", SIGN_E_UNSUPPORTED },
    { "/V and /R of different times", "/Encrypt<</Filter/Standard/V 5/R 3/Length 128/P -4" O32 U32 ">>", SIGN_E_UNSUPPORTED },
    { "no /V", "/Encrypt<</Filter/Standard/R 3/P -4" O32 U32 ">>", SIGN_E_UNSUPPORTED },
    { "/R a name", "/Encrypt<</Filter/Standard/V 2/R/X/P -4" O32 U32 ">>", SIGN_E_FORMAT },
    { "a key of no bits", "/Encrypt<</Filter/Standard/V 2/R 3/Length 0/P -4" O32 U32 ">>", SIGN_E_FORMAT },
    { "a key of -8 bits", "/Encrypt<</Filter/Standard/V 2/R 3/Length -8/P -4" O32 U32 ">>", SIGN_E_FORMAT },
    { "a key of a million bits", "/Encrypt<</Filter/Standard/V 2/R 3/Length 1000000/P -4" O32 U32 ">>", SIGN_E_FORMAT },
    { "a key of 44 bits", "/Encrypt<</Filter/Standard/V 2/R 3/Length 44/P -4" O32 U32 ">>", SIGN_E_FORMAT },
    { "another key length, another key", "/Encrypt<</Filter/Standard/V 2/R 3/Length 64/P -4" O32 U32 ">>", SIGN_E_PASSWORD },
    { "public keys", "/Encrypt<</Filter/Adobe.PubSec/V 4>>", SIGN_E_UNSUPPORTED },
    { "an array", "/Encrypt[1 2 3]", SIGN_E_FORMAT },
    { "a key twice", "/Encrypt<<" GOOD "/P -4>>", SIGN_E_FORMAT },
    { "a crypt filter that is not there",
      "/Encrypt<</Filter/Standard/V 4/R 4/Length 128/P -4" O32 U32 "/StmF/StdCF/StrF/StdCF>>", SIGN_E_FORMAT },
    { "a crypt filter of no known method",
      "/Encrypt<</Filter/Standard/V 4/R 4/P -4" O32 U32 "/CF<</StdCF<</CFM/ROT13>>>>/StmF/StdCF/StrF/StdCF>>",
      SIGN_E_UNSUPPORTED },
    { "AES-256 before its time",
      "/Encrypt<</Filter/Standard/V 4/R 4/P -4" O32 U32 "/CF<</StdCF<</CFM/AESV3>>>>/StmF/StdCF/StrF/StdCF>>",
      SIGN_E_UNSUPPORTED },
    { "32 bytes where R 6 has 48", "/Encrypt<</Filter/Standard/V 5/R 6/P -4" O32 U32 ">>", SIGN_E_FORMAT },
};

static void test_dictionaries(void **state)
{
    for (size_t i = 0; i < COUNT(dictionaries); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(opened_drop) struct opened o = { 0 };
        struct pdf_opts opts = { .password = give, .payload = (char[]){ "user" } };
        sign_err err = SIGN_ERR_INIT;
        CLEANUP(build_free) struct build trailer = { 0 };
        make_start(&m, "");
        build_fmt(&trailer, ID "%s", dictionaries[i].encrypt);
        build_byte(&trailer, 0);
        make_table(&m, (const char *)trailer.ptr);
        check_status(source_over(&o.source, build_view(&m.out), &err), SIGN_OK, &err);
        int rc = pdf_open(&o.file, o.source, crypto, &opts, NULL, &err);
        if (rc != dictionaries[i].status) {
            fail_msg("%s: %s %s", dictionaries[i].name, sign_status_name(rc), err.msg);
        }
    }
}

static void test_passwords(void **state)
{
    static const struct { pdf_password_fn ask; const char *word; int status; bool owner; } cases[] = {
        { give, "user", SIGN_OK, false }, { give, "owner", SIGN_OK, true }, { give, "wrong", SIGN_E_PASSWORD, false },
        { give, "", SIGN_E_PASSWORD, false }, { NULL, "", SIGN_E_PASSWORD, false }, { refuse, "", SIGN_E_CANCELLED, false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(opened_drop) struct opened o = { 0 };
        struct pdf_opts opts = { .password = cases[i].ask, .payload = (char *)(uintptr_t)cases[i].word };
        sign_err err = SIGN_ERR_INIT;
        make_start(&m, "");
        make_table(&m, ID "/Encrypt<<" GOOD ">>");
        check_status(source_over(&o.source, build_view(&m.out), &err), SIGN_OK, &err);
        check_status(pdf_open(&o.file, o.source, crypto, &opts, NULL, &err), cases[i].status, &err);
        if (cases[i].status == SIGN_OK) {
            struct pdf_rights rights = pdf_rights(o.file);
            assert_true(rights.encrypted && rights.owner == cases[i].owner && rights.perms_agree);
            assert_string_equal(rights.cipher, "RC4");
            assert_int_equal(rights.key_bits, 128);
            assert_int_equal((int32_t)rights.permissions, -4);
        }
    }
}

/* A revision that is encrypted otherwise than the newest is no revision of it. */
static void test_revisions(void **state)
{
    static const struct { const char *first, *second; int status; } cases[] = {
        { "/Encrypt<<" GOOD ">>", "/Encrypt<<" GOOD ">>", SIGN_OK },
        { "", "", SIGN_OK },
        { "", "/Encrypt<<" GOOD ">>", SIGN_E_FORMAT },
        { "/Encrypt<<" GOOD ">>", "", SIGN_E_FORMAT },
        { "/Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -8" O32 U32 ">>", "/Encrypt<<" GOOD ">>", SIGN_E_FORMAT },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(opened_drop) struct opened o = { 0 };
        CLEANUP(build_free) struct build trailer = { 0 };
        struct pdf_opts opts = { .password = give, .payload = (char[]){ "user" } };
        struct pdf_view *view;
        sign_err err = SIGN_ERR_INIT;
        make_start(&m, "");
        build_fmt(&trailer, ID "%s", cases[i].first);
        build_byte(&trailer, 0);
        make_table(&m, (const char *)trailer.ptr);
        uint64_t limit = m.out.len;
        trailer.len = 0;
        build_fmt(&trailer, ID "%s", cases[i].second);
        build_byte(&trailer, 0);
        make_obj(&m, 9, "null");
        make_table(&m, (const char *)trailer.ptr);
        check_status(source_over(&o.source, build_view(&m.out), &err), SIGN_OK, &err);
        check_status(pdf_open(&o.file, o.source, crypto, &opts, NULL, &err), SIGN_OK, &err);
        check_status(pdf_prefix(&view, o.file, limit, &err), cases[i].status, &err);
    }
}

/* --- what is encrypted, and what is not --------------------------------------------------------------------------- */

static void put_sealed(struct build *out, unsigned num, const char *plain)
{
    struct pdf_crypt crypt = { .crypto = crypto, .strings = PDF_CIPHER_RC4, .locks.key_len = 16 };
    CLEANUP(build_free) struct build key = { 0 };
    CLEANUP(build_free) struct build sealed = { 0 };
    memcpy(crypt.key, unhex(&key, "78cbef8f5472dee87738c2c4ecb69c32").ptr, 16);
    assert_int_equal(pdf_encrypt_string(&sealed, &crypt, (struct pdf_ref){ num, 0 }, bytes_str(plain), NULL), SIGN_OK);
    build_byte(out, '<');
    build_hex(out, build_view(&sealed), true);
    build_byte(out, '>');
}

/* Object 9 with a sealed /T, and a /Contents that is sealed or plain; what the reader makes of both. */
static void test_contents(void **state)
{
    static const struct { const char *entries; bool sealed; } cases[] = {
        { "/Type/Annot/Subtype/Text", true }, { "", true }, { "/Type/Sig", false }, { "/Type/DocTimeStamp", false },
        { "/ByteRange[0 1 2 3]", false },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        CLEANUP(make_drop) struct make m = { 0 };
        CLEANUP(opened_drop) struct opened o = { 0 };
        CLEANUP(build_free) struct build body = { 0 };
        struct pdf_opts opts = { .password = give, .payload = (char[]){ "owner" } };
        const struct pdf_obj *obj;
        sign_err err = SIGN_ERR_INIT;
        build_fmt(&body, "<<%s/T[[", cases[i].entries);
        put_sealed(&body, 9, "title");
        build_str(&body, "]]/Contents");
        if (cases[i].sealed) {
            put_sealed(&body, 9, "contents");
        } else {
            build_str(&body, "(contents)");
        }
        build_put(&body, ">>", 3);
        make_start(&m, "");
        make_obj(&m, 9, "%s", (const char *)body.ptr);
        make_table(&m, ID "/Encrypt<<" GOOD ">>");
        check_status(source_over(&o.source, build_view(&m.out), &err), SIGN_OK, &err);
        check_status(pdf_open(&o.file, o.source, crypto, &opts, NULL, &err), SIGN_OK, &err);
        check_status(pdf_load(&obj, pdf_newest(o.file), (struct pdf_ref){ 9, 0 }, &err), SIGN_OK, &err);
        check_bytes(pdf_dict_get(obj, "Contents")->u.bytes, BYTES_LIT("contents"));
        check_bytes(pdf_dict_get(obj, "T")->u.array.items[0].u.array.items[0].u.bytes, BYTES_LIT("title"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),      cmocka_unit_test(test_strings),   cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_dictionaries), cmocka_unit_test(test_passwords), cmocka_unit_test(test_revisions),
        cmocka_unit_test(test_contents),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    if (crypto_new(&crypto, NULL) != SIGN_OK) {
        return 1;
    }
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    crypto_free(&crypto);
    return failed;
}
