/* ECDSA (and DSA) values: r||s as XML and tokens have them, SEQUENCE { r, s } as CMS has them (RFC 3279 2.2.3). */
#include <crypto/crypto.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>

#define WIDTH_MAX 72        /* 521 bits take 66, the largest curve of OpenSSL (B-571) 72 */

static void ecdsa_sig_drop(ECDSA_SIG **sig)
{
    ECDSA_SIG_free(*sig);
}

static ECDSA_SIG *sig_from_raw(sign_bytes raw)
{
    CLEANUP(ecdsa_sig_drop) ECDSA_SIG *sig = ECDSA_SIG_new();
    size_t width = raw.len / 2;
    BIGNUM *r = BN_bin2bn(raw.ptr, (int)width, NULL), *s = BN_bin2bn(raw.ptr + width, (int)width, NULL);
    if (!sig || !r || !s || !ECDSA_SIG_set0(sig, r, s)) {
        BN_free(r);
        BN_free(s);
        return NULL;
    }
    ECDSA_SIG *done = sig;
    sig = NULL;
    return done;
}

int ecdsa_to_der(struct build *out, sign_bytes raw, sign_err *err)
{
    if (raw.len == 0 || raw.len % 2 != 0 || raw.len > 2 * WIDTH_MAX) {
        return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, "XMLDSig 6.4.3",
                       "ECDSA value: expected r and s of one width, found %zu bytes", raw.len);
    }
    CLEANUP(ecdsa_sig_drop) ECDSA_SIG *sig = sig_from_raw(raw);
    int len = sig ? i2d_ECDSA_SIG(sig, NULL) : 0;
    if (len <= 0) return err_nomem(err);
    uint8_t *room = build_room(out, (size_t)len);
    if (!room) return build_check(out, err, "ECDSA value");
    i2d_ECDSA_SIG(sig, &room);
    return SIGN_OK;
}

static bool sig_to_raw(uint8_t raw[2 * WIDTH_MAX], sign_bytes der, int width)
{
    const uint8_t *at = der.ptr;
    CLEANUP(ecdsa_sig_drop) ECDSA_SIG *sig = der.len <= 4 * WIDTH_MAX ? d2i_ECDSA_SIG(NULL, &at, (long)der.len) : NULL;
    if (!sig || at != der.ptr + der.len) return false;
    const BIGNUM *r = ECDSA_SIG_get0_r(sig), *s = ECDSA_SIG_get0_s(sig);
    return !BN_is_negative(r) && !BN_is_negative(s) && BN_bn2binpad(r, raw, width) == width &&
           BN_bn2binpad(s, raw + width, width) == width;
}

int ecdsa_to_raw(struct build *out, sign_bytes der, size_t width, sign_err *err)
{
    if (width == 0 || width > WIDTH_MAX) return err_arg(err, "ecdsa_to_raw: a width of %zu bytes", width);
    uint8_t raw[2 * WIDTH_MAX];
    ERR_set_mark();
    bool ok = sig_to_raw(raw, der, (int)width);
    ERR_pop_to_mark();
    if (!ok) {
        return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, "RFC 3279 2.2.3",
                       "ECDSA value: expected a SEQUENCE of r and s of at most %zu bytes each", width);
    }
    build_put(out, raw, 2 * width);
    return build_check(out, err, "ECDSA value");
}
