/* Distinguished names as text. Certificates in the field hold every string type, and hostile ones hold broken text. */
#include <base/build.h>
#include <base/cleanup.h>
#include <base/text.h>
#include <cert/cert_impl.h>
#include <openssl/err.h>

static char *repaired(sign_bytes text)
{
    struct build out = { 0 };
    /* U+FFFD for NUL too: these strings are NUL-terminated, and "bank\0.evil" must not read "bank". */
    size_t from = 0;
    while (from < text.len) {
        const uint8_t *nul = memchr(text.ptr + from, 0, text.len - from);
        size_t end = nul != NULL ? (size_t)(nul - text.ptr) : text.len;
        utf8_repair(&out, bytes_slice(text, from, end - from));
        if (nul != NULL) {
            build_utf8(&out, 0xFFFD);
        }
        from = end + (nul != NULL);
    }
    return build_to_string(&out);
}

static void bio_drop(BIO **bio)
{
    BIO_free(*bio);
}

char *name_text(const X509_NAME *name)
{
    CLEANUP(bio_drop) BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL) {
        return NULL;
    }
    /* RFC 4514 2.4 leaves UTF-8 as it is; OpenSSL's RFC 2253 form would escape every byte above 0x7F. */
    ERR_set_mark();
    int printed = X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
    ERR_pop_to_mark();
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);
    /* A value that OpenSSL cannot print (half a BMPString) ends the text there: it is for people, never compared. */
    return repaired(printed < 0 && len <= 0 ? BYTES_LIT("?") : bytes_of(text, len > 0 ? (size_t)len : 0));
}

char *name_part(const X509_NAME *name, int nid)
{
    const ASN1_STRING *value = NULL;
    for (int at = -1; (at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0;) {
        value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    }
    if (value == NULL) {
        return repaired((sign_bytes){ 0 });
    }
    uint8_t *utf8 = NULL;
    ERR_set_mark();
    int len = ASN1_STRING_to_UTF8(&utf8, value);
    ERR_pop_to_mark();
    if (len < 0) {
        return repaired(bytes_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value)));
    }
    char *text = repaired(bytes_of(utf8, (size_t)len));
    OPENSSL_free(utf8);
    return text;
}
