/*
 * The reading half of the XML room: signatures found, read, digested, their SignedInfo canonicalized. The first byte chooses
 * whether a DOCTYPE is allowed. What is found must hold together: bytes inside the document, one outcome for each Reference,
 * and be the same with the shortcuts and without.
 */
#include "../xml/outcome.h"
#include <base/cleanup.h>
#include <stdlib.h>
#include <xml/signature.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) abort();
}

static bool is_inside(uint64_t offset, uint64_t length, size_t size)
{
    return offset <= size && length <= size - offset;
}

static void check_ref(const struct xml_sig *sig, const struct xml_ref *ref, size_t size)
{
    must(is_inside(ref->offset, ref->length, size));
    must(sig->malformed || ref->status != XML_REF_PENDING);
    must(ref->status == XML_REF_PENDING || ref->status == XML_REF_MATCH || (ref->why && ref->clause));
    must(ref->status != XML_REF_MATCH || (ref->has_computed && ref->digest && ref->expected.len == ref->digest->size && ref->path));
}

static void check_sig(const struct xml_doc *doc, size_t i, size_t size)
{
    const struct xml_sig *sig = xml_sig(doc, i);
    must(sig->id && sig->path && sig->path[0] == '/' && sig->length > 0 && is_inside(sig->offset, sig->length, size));
    must((sig->malformed || sig->unsupported) == (sig->why != NULL) && (!sig->why || sig->clause));
    for (size_t r = 0; r < sig->n_refs; r++) check_ref(sig, &sig->refs[r], size);
    CLEANUP(build_free) struct build info = { 0 };
    EVP_PKEY *key = NULL;
    (void)!xml_signed_info(&info, doc, i, NULL);
    if (xml_key_value(&key, sig, NULL) == SIGN_OK) EVP_PKEY_free(key);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct crypto *crypto;
    if (!crypto) must(crypto_new(&crypto, NULL) == SIGN_OK);
    if (size == 0) return 0;
    struct xml_opts opts = { .allow_doctype = data[0] & 1 };
    must(outcome_is_same(bytes_of(data + 1, size - 1), crypto, opts.allow_doctype, NULL));
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    sign_err err = SIGN_ERR_INIT;
    must(source_over(&source, bytes_of(data + 1, size - 1), &err) == SIGN_OK);
    if (xml_read(&doc, source, crypto, &opts, NULL, &err) != SIGN_OK) {
        must(err.status != SIGN_OK && err.msg[0]);
        return 0;
    }
    must(xml_digest(doc, NULL, &err) == SIGN_OK || err.status == SIGN_E_LIMIT);
    for (size_t i = 0; i < xml_count(doc) && err.status == SIGN_OK; i++) check_sig(doc, i, size - 1);
    return 0;
}
