/*
 * Decryption: the input's objects in a file that qpdf's encryption dictionaries (revisions 2, 3, 4 and 6, password "user" or
 * none) encrypt; where byte 0 says so, its first line goes into the encryption dictionary besides. What we encrypt must
 * come back as it was.
 */
#include "pdf.h"
#include <base/secret.h>
#include <pdf/crypt.h>

#define OBJECTS 20

static const char ID[] = "c919d047200864fd2268789686ee3b87";

/* The key of revision 6 takes a hundred times as long as the others: one input in sixteen tries it. */
static size_t dict_of(uint8_t how)
{
    return (how & 15) == 15 ? 3 : how % 3;
}

/* Of test_crypt.c: what `qpdf --encrypt` wrote. */
static const char *const DICTS[] = {
    "/V 1/R 2/Length 40/P -4"
    "/O<94e8094419662a774442fb072e3d9f19e9d130ec09a4d0061e78fe920f7ab62f>"
    "/U<0343e3ed76c976404fd283ab7f56fbfc1d95a87eba779a5beb52bb69ca33bf71>",
    "/V 2/R 3/Length 128/P -4"
    "/O<0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671>"
    "/U<893d93d111d053c23bf0f3827b0d5dc10122456a91bae5134273a6db134c87c4>",
    "/V 4/R 4/Length 128/P -4/CF<</StdCF<</CFM/AESV2/Length 16>>>>/StmF/StdCF/StrF/StdCF"
    "/O<0ba3835f88f90388e74e54584125ce142be0de24c6b0d37746e075b891756671>"
    "/U<893d93d111d053c23bf0f3827b0d5dc10122456a91bae5134273a6db134c87c4>",
    "/V 5/R 6/Length 256/P -4/CF<</StdCF<</CFM/AESV3/Length 32>>>>/StmF/StdCF/StrF/StdCF"
    "/O<961ca71edb211d80b2a38c70c4e74a766277c55f297a55bf9366011f9ee154ac556e6eac7067ba65c6441961ceb4906f>"
    "/U<f916e3b4b83b966977b5659c0f0f21bff416253e7a80c86046bdfeed33f517abbccb08eb99c4999cd7db108a7d89e4d6>"
    "/OE<b14e07a1b650cd66d4087e5ed7ae1c3244545ba05097ed3e33570781c31da335>"
    "/UE<17f24ae8f9d5cb72a4f35c7e470fec6175e205475e18e1529c5e028b46b431b7>"
    "/Perms<81b182ffdf8c83f04c158e8dfaa2d29a>",
};

static int give_password(void *payload, const struct secret **out, sign_err *err)
{
    static struct secret user;
    if (user.ptr == NULL && secret_new(&user, 8, err) == SIGN_OK) {
        memcpy(user.ptr, "user", 4);
        user.len = 4;
    }
    *out = &user;
    return SIGN_OK;
}

static void put_file(struct build *out, const uint8_t *data, size_t size)
{
    sign_bytes rest = bytes_of(data + 1, size - 1), more = bytes_of(data, 0);
    size_t line = bytes_find(rest, BYTES_LIT("\n"), 0);
    if ((data[0] & 0x80) != 0 && line != SIZE_MAX) {
        more = bytes_slice(rest, 0, line);
        rest = bytes_slice(rest, line + 1, rest.len - line - 1);
    }
    build_str(out, "%PDF-2.0\n1 0 obj<</Type/Catalog/AcroForm 2 0 R/Metadata 5 0 R>>endobj\n");
    build_bytes(out, rest);
    build_fmt(out, "\n99 0 obj<</Filter/Standard%s", DICTS[dict_of(data[0])]);
    build_bytes(out, more);
    build_fmt(out, ">>endobj\ntrailer<</Size 100/Root 1 0 R/Encrypt 99 0 R/ID[<%s><%s>]>>\n%%%%EOF\n", ID, ID);
}

static void read_file(struct pdf_file *file, bool may_own)
{
    const struct pdf_field_info *fields;
    const struct pdf_signature *sigs;
    size_t n = 0;
    read_objects(pdf_newest(file), OBJECTS);
    (void)pdf_fields_list(&fields, &n, file, NULL);
    (void)pdf_signatures(&sigs, &n, file, NULL);
    (void)pdf_rights(file);
    if (may_own) {
        (void)pdf_become_owner(file, NULL);
    }
}

static void round_trip(const struct crypto *crypto, const uint8_t *data, size_t size)
{
    static const struct { enum pdf_cipher cipher; size_t key_len; } ways[] = {
        { PDF_CIPHER_RC4, 5 }, { PDF_CIPHER_RC4, 16 }, { PDF_CIPHER_AES128, 16 }, { PDF_CIPHER_AES256, 32 } };
    enum pdf_cipher cipher = ways[data[0] % 4].cipher;
    struct pdf_crypt crypt = { .crypto = crypto, .streams = cipher, .strings = cipher, .locks.key_len = ways[data[0] % 4].key_len };
    struct pdf_ref ref = { .num = 1 + data[0], .gen = data[0] % 3 };
    struct build sent = { 0 };
    memset(crypt.key, data[0], sizeof crypt.key);
    if (pdf_encrypt(&sent, &crypt, cipher, ref, bytes_of(data, size), NULL) == SIGN_OK &&
        (pdf_decrypt_stream(&sent, &crypt, cipher, ref, NULL) != SIGN_OK ||
         !bytes_equal(build_view(&sent), bytes_of(data, size)))) {
        __builtin_trap();
    }
    build_free(&sent);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct crypto *crypto;
    struct pdf_opts opts = { .max_inflated = 1 << 12, .max_objects = 2000, .password = give_password };
    struct build whole = { 0 };
    struct opened o = { 0 };
    if (size == 0 || (crypto == NULL && crypto_new(&crypto, NULL) != SIGN_OK)) {
        return 0;
    }
    round_trip(crypto, data, size);
    put_file(&whole, data, size);
    if (opened_open(&o, build_view(&whole), crypto, &opts) == SIGN_OK) {
        read_file(o.file, (data[0] & 0x10) != 0);
    }
    opened_close(&o);
    build_free(&whole);
    return 0;
}
