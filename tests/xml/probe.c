/*
 * Prints what the XML room makes of files, without any trust: a line a signature, its fields between tabs:
 *     FILE, id, intact | broken | unknown, statuses of its references, what was wrong
 * or FILE, "error", status, offset, message. --doctype allows one.
 */
#include <base/cleanup.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <xml/signature.h>

static const char *const statuses[] = { "pending", "match", "differs", "not-found", "ambiguous", "unsupported", "malformed" };
enum value { VALUE_UNKNOWN, VALUE_GOOD, VALUE_BAD };

static void free_key(EVP_PKEY **key) { EVP_PKEY_free(*key); }

static EVP_PKEY *key_of_cert(sign_bytes der)
{
    const unsigned char *at = der.ptr;
    X509 *cert = d2i_X509(NULL, &at, (long)der.len);
    EVP_PKEY *key = cert ? X509_get_pubkey(cert) : NULL;
    X509_free(cert);
    return key;
}

static enum value check_value(const struct crypto *crypto, const struct xml_sig *sig, sign_bytes tbs, EVP_PKEY *key)
{
    const struct digest_alg *alg = digest_by_id(sig->params.digest);
    uint8_t digest[DIGEST_MAX];
    if (!key || (alg && digest_bytes(crypto, alg, tbs, digest, NULL) != SIGN_OK)) return VALUE_UNKNOWN;
    struct sig_check check = { sig->params, tbs, bytes_of(digest, alg ? alg->size : 0), sig->value, true };
    bool good = false;
    if (sig_verify(crypto, key, &check, &good, NULL) != SIGN_OK) return VALUE_UNKNOWN;
    return good ? VALUE_GOOD : VALUE_BAD;
}

/* The signer's certificate is not known to be the first: any key that fits will do here. */
static enum value value_of(const struct crypto *crypto, const struct xml_doc *doc, size_t i)
{
    const struct xml_sig *sig = xml_sig(doc, i);
    CLEANUP(build_free) struct build tbs = { 0 };
    if (sig->malformed || !sig->method_known || xml_signed_info(&tbs, doc, i, NULL) != SIGN_OK) return VALUE_UNKNOWN;
    CLEANUP(free_key) EVP_PKEY *own = NULL;
    (void)!xml_key_value(&own, sig, NULL);
    enum value result = check_value(crypto, sig, build_view(&tbs), own);
    for (size_t c = 0; c < sig->n_certs && result != VALUE_GOOD; c++) {
        CLEANUP(free_key) EVP_PKEY *key = key_of_cert(sig->certs[c]);
        enum value value = check_value(crypto, sig, build_view(&tbs), key);
        result = value == VALUE_UNKNOWN ? result : value;
    }
    return result;
}

static const char *integrity(const struct xml_sig *sig, enum value value)
{
    bool all = !sig->malformed && !sig->unsupported && value == VALUE_GOOD;
    for (size_t i = 0; i < sig->n_refs; i++) {
        if (sig->refs[i].in_manifest) continue;
        if (sig->refs[i].status == XML_REF_DIFFERS) return "broken";
        all = all && sig->refs[i].status == XML_REF_MATCH;
    }
    return value == VALUE_BAD ? "broken" : all ? "intact" : "unknown";
}

static void print_refs(const struct xml_sig *sig)
{
    for (size_t i = 0; i < sig->n_refs; i++) {
        printf("%s%s%s", i ? "," : "", sig->refs[i].in_manifest ? "manifest-" : "", statuses[sig->refs[i].status]);
    }
    const char *why = sig->why ? sig->why : "";
    for (size_t i = 0; i < sig->n_refs && !*why; i++) why = sig->refs[i].why ? sig->refs[i].why : "";
    printf("\t%s\n", why);
}

static int probe(const struct crypto *crypto, const char *path, const struct xml_opts *opts, sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    int rc = source_open(&source, path, NULL, err);
    if (rc == SIGN_OK) rc = xml_read(&doc, source, crypto, opts, NULL, err);
    if (rc == SIGN_OK) rc = xml_digest(doc, NULL, err);
    for (size_t i = 0; rc == SIGN_OK && i < xml_count(doc); i++) {
        const struct xml_sig *sig = xml_sig(doc, i);
        printf("%s\t%s\t%s\t", path, sig->id, integrity(sig, value_of(crypto, doc, i)));
        print_refs(sig);
    }
    return rc;
}

int main(int argc, char **argv)
{
    sign_err err = SIGN_ERR_INIT;
    struct xml_opts opts = { 0 };
    CLEANUP(crypto_free) struct crypto *crypto = NULL;
    if (crypto_new(&crypto, &err) != SIGN_OK) return 1;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--doctype") == 0) {
            opts.allow_doctype = true;
        } else if (probe(crypto, argv[i], &opts, &err) != SIGN_OK) {
            printf("%s\terror\t%s\t%lld\t%s\n", argv[i], sign_status_name(err.status), (long long)err.offset, err.msg);
            err = (sign_err)SIGN_ERR_INIT;
        }
    }
    return 0;
}
