/* The table of digests. */
#include <crypto/algs.h>

#include <base/cleanup.h>
#include <base/text.h>
#include <openssl/objects.h>

#define XMLENC "http://www.w3.org/2001/04/xmlenc#"
#define MORE01 "http://www.w3.org/2001/04/xmldsig-more#"
#define MORE07 "http://www.w3.org/2007/05/xmldsig-more#"
#define XMLDSIG "http://www.w3.org/2000/09/xmldsig#"

/* SHA-512/t and SHAKE have no XML identifier (RFC 6931, RFC 9231). SHA-1: RFC 9155; MD5: RFC 6151. */
static const struct digest_alg table[] = {
    { SIGN_DIGEST_SHA256, "SHA-256", "SHA256", NID_sha256, XMLENC "sha256", 32, false },
    { SIGN_DIGEST_SHA384, "SHA-384", "SHA384", NID_sha384, MORE01 "sha384", 48, false },
    { SIGN_DIGEST_SHA512, "SHA-512", "SHA512", NID_sha512, XMLENC "sha512", 64, false },
    { SIGN_DIGEST_SHA512_224, "SHA-512/224", "SHA512-224", NID_sha512_224, NULL, 28, false },
    { SIGN_DIGEST_SHA512_256, "SHA-512/256", "SHA512-256", NID_sha512_256, NULL, 32, false },
    { SIGN_DIGEST_SHA3_224, "SHA3-224", "SHA3-224", NID_sha3_224, MORE07 "sha3-224", 28, false },
    { SIGN_DIGEST_SHA3_256, "SHA3-256", "SHA3-256", NID_sha3_256, MORE07 "sha3-256", 32, false },
    { SIGN_DIGEST_SHA3_384, "SHA3-384", "SHA3-384", NID_sha3_384, MORE07 "sha3-384", 48, false },
    { SIGN_DIGEST_SHA3_512, "SHA3-512", "SHA3-512", NID_sha3_512, MORE07 "sha3-512", 64, false },
    { SIGN_DIGEST_SHAKE128, "SHAKE128", "SHAKE128", NID_shake128, NULL, 32, false },
    { SIGN_DIGEST_SHAKE256, "SHAKE256", "SHAKE256", NID_shake256, NULL, 64, false },
    { SIGN_DIGEST_SHA224, "SHA-224", "SHA224", NID_sha224, MORE01 "sha224", 28, false },
    { SIGN_DIGEST_SHA1, "SHA-1", "SHA1", NID_sha1, XMLDSIG "sha1", 20, true },
    { SIGN_DIGEST_MD5, "MD5", "MD5", NID_md5, MORE01 "md5", 16, true },
    { SIGN_DIGEST_RIPEMD160, "RIPEMD160", "RIPEMD160", NID_ripemd160, XMLENC "ripemd160", 20, true },
};

const struct digest_alg *digest_by_id(int32_t id)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].id == id) return &table[i];
    }
    return NULL;
}

const struct digest_alg *digest_by_nid(int nid)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].nid == nid) return &table[i];
    }
    return NULL;
}

/* OBJ_nid2obj of a built-in NID is an array access: no lock and no allocation, unlike OBJ_obj2nid. */
static sign_bytes nid_oid(int nid)
{
    const ASN1_OBJECT *object = OBJ_nid2obj(nid);
    return object ? bytes_of(OBJ_get0_data(object), OBJ_length(object)) : (sign_bytes){ 0 };
}

const struct digest_alg *digest_by_oid(sign_bytes oid_der)
{
    if (oid_der.len == 0) return NULL;
    for (size_t i = 0; i < COUNT(table); i++) {
        if (bytes_equal(nid_oid(table[i].nid), oid_der)) return &table[i];
    }
    return NULL;
}

const struct digest_alg *digest_by_uri(sign_bytes uri)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        if (table[i].xml_uri && bytes_are(uri, table[i].xml_uri)) return &table[i];
    }
    return NULL;
}

static bool is_name_separator(char c)
{
    return c == '-' || c == '/' || c == '_';
}

static bool same_name(const char *a, const char *b)
{
    for (;;) {
        while (is_name_separator(*a)) a++;
        while (is_name_separator(*b)) b++;
        if (ascii_lower((unsigned char)*a) != ascii_lower((unsigned char)*b)) return false;
        if (!*a) return true;
        a++;
        b++;
    }
}

const struct digest_alg *digest_by_name(const char *name)
{
    for (size_t i = 0; name && i < COUNT(table); i++) {
        if (same_name(table[i].name, name)) return &table[i];
    }
    return NULL;
}

/*
 * RFC 8017 9.2 note 1: the parameters are NULL, present. RFC 8702 defines no PKCS#1 v1.5 signature with SHAKE.
 * Every length stays below 128, so that all of them are short-form.
 */
size_t digest_info(uint8_t out[DIGEST_INFO_MAX], const struct digest_alg *alg, sign_bytes digest)
{
    if (!alg || digest.len != alg->size || alg->id == SIGN_DIGEST_SHAKE128 || alg->id == SIGN_DIGEST_SHAKE256) return 0;
    sign_bytes oid = nid_oid(alg->nid);
    size_t inner = 2 + oid.len + 2, total = 2 + inner + 2 + digest.len;
    if (oid.len == 0 || 2 + total > DIGEST_INFO_MAX || total > 127) return 0;
    uint8_t *p = out;
    *p++ = 0x30, *p++ = (uint8_t)total;
    *p++ = 0x30, *p++ = (uint8_t)inner;
    *p++ = 0x06, *p++ = (uint8_t)oid.len;
    memcpy(p, oid.ptr, oid.len), p += oid.len;
    *p++ = 0x05, *p++ = 0;
    *p++ = 0x04, *p++ = (uint8_t)digest.len;
    memcpy(p, digest.ptr, digest.len);
    return 2 + total;
}
