/* Any bytes as SignedData: read, and what was read walked over, so that a length out of the input is seen. */
#include <base/cleanup.h>
#include <cms/asn1.h>
#include <cms/cms.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint8_t sink;

static void touch(sign_bytes bytes)
{
    if (bytes.len > 0) sink ^= (uint8_t)(bytes.ptr[0] ^ bytes.ptr[bytes.len - 1]);
}

static void touch_list(const sign_bytes *list, size_t n)
{
    for (size_t i = 0; i < n; i++) touch(list[i]);
}

static void touch_signer(const struct cms_signer *s)
{
    const sign_bytes parts[] = { s->issuer,        s->serial,          s->key_id,          s->digest_oid,
                                 s->signature_oid, s->attrs_raw,       s->content_type,    s->message_digest,
                                 s->cert_v1.hash,  s->cert_v1.issuer,  s->cert_v1.serial,  s->cert_v2.hash,
                                 s->cert_v2.issuer, s->cert_v2.serial, s->timestamp,       s->signature };
    touch_list(parts, COUNT(parts));
    for (size_t i = 0; i < s->n_attrs; i++) touch(s->attrs[i].values);
    for (size_t i = 0; i < s->n_unsigned; i++) touch(s->unsigned_attrs[i].values);
    if (s->has_attrs && !asn1_is_der(s->attrs_raw)) abort();       /* what is hashed is DER, always */
    if (s->signature_known && (!s->digest || s->params.scheme == 0)) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct cms cms;
    sign_err err = SIGN_ERR_INIT;
    int rc = cms_read(&cms, bytes_of(data, size), 0, &arena, &err);
    if (rc != SIGN_OK) {
        if (err.status != rc || err.offset > size) abort();
        return 0;
    }
    if (cms.length > size) abort();
    touch(cms.content_type);
    touch(cms.content);
    touch_list(cms.certs, cms.n_certs);
    touch_list(cms.crls, cms.n_crls);
    touch_list(cms.ocsps, cms.n_ocsps);
    for (size_t i = 0; i < cms.n_signers; i++) touch_signer(&cms.signers[i]);
    return 0;
}
