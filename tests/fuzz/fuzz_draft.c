/*
 * Signing hostile documents: what is inserted leaves every other byte alone, and the reader finds it with matching
 * digests.
 */
#include <base/cleanup.h>
#include <stdlib.h>
#include <xml/draft.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool good)
{
    if (!good) {
        abort();
    }
}

/* The first byte says which of these. */
static struct xml_sign_spec spec_of(uint8_t choice)
{
    static const sign_bytes chain[] = { { (const uint8_t *)"0\0", 2 } };
    struct xml_sign_spec spec = {
        .xades = choice & 1,
        .place = choice & 2 ? "/*/b/c" : NULL,
        .create_place = choice & 4,
        .refs = { { choice & 8 ? XML_TARGET_ID : XML_TARGET_DOCUMENT, "x", NULL, true,
                    choice & 16 ? C14N_10 : C14N_EXCLUSIVE } },
        .n_refs = 1,
        .c14n = choice & 32 ? C14N_11 : C14N_EXCLUSIVE,
        .params = { .scheme = SIGN_SCHEME_ECDSA, .digest = SIGN_DIGEST_SHA256 },
        .value_len = 64,
        .prefix = choice & 64 ? "" : "ds",
        .chain = chain,
        .n_chain = 1,
        .id = "S",
    };
    return spec;
}

static int take(void *payload, sign_bytes window, sign_err *err)
{
    (void)err;
    build_bytes(payload, window);
    return SIGN_OK;
}

static void check_bytes(sign_bytes before, struct source *after, bool opened)
{
    CLEANUP(build_free) struct build bytes = { 0 };
    must(source_each(after, 0, source_size(after), take, &bytes, NULL, NULL) == SIGN_OK);
    size_t start = 0, end = 0;
    while (start < before.len && before.ptr[start] == bytes.ptr[start]) {
        start++;
    }
    while (end < before.len && before.ptr[before.len - 1 - end] == bytes.ptr[bytes.len - 1 - end]) {
        end++;
    }
    must(start + end + (opened ? 2 : 0) >= before.len);
}

static void check_reading(struct source *after, const struct crypto *crypto, const struct xml_opts *opts)
{
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    must(xml_read(&doc, after, crypto, opts, NULL, NULL) == SIGN_OK && xml_digest(doc, NULL, NULL) == SIGN_OK);
    for (size_t i = 0; i < xml_count(doc); i++) {
        const struct xml_sig *sig = xml_sig(doc, i);
        if (sig->n_certs != 1 || sig->certs[0].len != 2 || sig->value.len != 64 || sig->value.ptr[0] != 0xA5) {
            continue;
        }
        must(!sig->malformed && !sig->unsupported && sig->n_refs > 0);
        for (size_t r = 0; r < sig->n_refs; r++) {
            must(sig->refs[r].status == XML_REF_MATCH);
        }
        return;
    }
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct crypto *crypto;
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_draft_free) struct xml_draft *draft = NULL;
    uint8_t value[64];
    if (size == 0 || (!crypto && crypto_new(&crypto, NULL) != SIGN_OK)) {
        return 0;
    }
    struct xml_sign_spec spec = spec_of(data[0]);
    struct xml_opts opts = { .allow_doctype = data[0] & 128 };
    sign_bytes doc = bytes_of(data + 1, size - 1);
    must(source_over(&source, doc, NULL) == SIGN_OK);
    if (xml_draft_new(&draft, source, &spec, crypto, &opts, NULL, NULL) != SIGN_OK) {
        return 0;
    }
    memset(value, 0xA5, sizeof value);
    must(xml_draft_finish(draft, bytes_of(value, sizeof value), NULL) == SIGN_OK);
    check_bytes(doc, xml_draft_result(draft), xml_draft_opened_tag(draft));
    check_reading(xml_draft_result(draft), crypto, &opts);
    return 0;
}
