/* Extensions of CRLs and their entries: closed lists. A critical one that is not here makes the CRL unusable. */
#include <base/cleanup.h>
#include <base/limits.h>
#include <cert/crl.h>
#include <cert/der.h>

static bool refuse(struct crl *crl, const char *why)
{
    if (crl->unusable == NULL) {
        crl->unusable = why;
    }
    return true;
}

static bool read_authority(struct crl *crl, sign_bytes value)
{
    struct cursor c = cursor_over(value, 0);
    struct der whole, id;
    if (!der_expect(&c, DER_SEQUENCE, &whole) || !cursor_end(&c)) {
        return false;
    }
    c = cursor_over(whole.content, 0);
    if (!der_optional(&c, DER_CONTEXT(0), &id)) {
        return false;
    }
    crl->key_id = id.content;
    return true;
}

static bool read_delta(struct crl *crl, sign_bytes value)
{
    crl->delta = true;
    return true;
}

/* DistributionPointName [0]: fullName [0] GeneralNames, or nameRelativeToCRLIssuer [1], which nobody issues. */
static bool read_scope(struct crl *crl, sign_bytes value)
{
    struct cursor c = cursor_over(value, 0);
    struct der name;
    if (!der_next(&c, &name) || !cursor_end(&c)) {
        return false;
    }
    if (name.tag != DER_CONSTRUCTED(0)) {
        return refuse(crl, "the CRL's distribution point is named relative to its issuer (RFC 5280 5.2.5)");
    }
    crl->scope = name.content;
    return name.content.len > 0 || refuse(crl, "the CRL's distribution point has no name (RFC 5280 5.2.5)");
}

/* IssuingDistributionPoint (5.2.5). */
static bool read_idp(struct crl *crl, sign_bytes value)
{
    struct cursor c = cursor_over(value, 0);
    struct der whole, name, user, ca, reasons, indirect, attribute;
    bool is_indirect = false, is_attribute = false;
    if (!der_expect(&c, DER_SEQUENCE, &whole) || !cursor_end(&c)) {
        return false;
    }
    c = cursor_over(whole.content, 0);
    if (!der_optional(&c, DER_CONSTRUCTED(0), &name) || !der_optional(&c, DER_CONTEXT(1), &user) ||
        !der_optional(&c, DER_CONTEXT(2), &ca) || !der_optional(&c, DER_CONTEXT(3), &reasons) ||
        !der_optional(&c, DER_CONTEXT(4), &indirect) || !der_optional(&c, DER_CONTEXT(5), &attribute) ||
        !cursor_end(&c)) {
        return false;
    }
    if ((user.tag && !der_boolean(user.content, &crl->user_only)) ||
        (ca.tag && !der_boolean(ca.content, &crl->ca_only)) ||
        (indirect.tag && !der_boolean(indirect.content, &is_indirect)) ||
        (attribute.tag && !der_boolean(attribute.content, &is_attribute)) ||
        (name.tag && !read_scope(crl, name.content))) {
        return false;
    }
    crl->some_reasons = reasons.tag != 0;
    if (is_indirect) {
        refuse(crl, "the CRL is indirect (RFC 5280 5.2.5)");
    }
    if (is_attribute) {
        refuse(crl, "the CRL lists attribute certificates alone (RFC 5280 5.2.5)");
    }
    return true;
}

static bool ignore(struct crl *crl, sign_bytes value)
{
    return true;
}

/* id-ce is 2.5.29; the last octet tells its extensions apart. */
static const struct crl_extension {
    sign_bytes oid;
    bool (*read)(struct crl *crl, sign_bytes value);
} known[] = {
    { { (const uint8_t *)"\x55\x1D\x23", 3 }, read_authority }, /* authorityKeyIdentifier   */
    { { (const uint8_t *)"\x55\x1D\x14", 3 }, ignore },         /* cRLNumber                */
    { { (const uint8_t *)"\x55\x1D\x1B", 3 }, read_delta },     /* deltaCRLIndicator        */
    { { (const uint8_t *)"\x55\x1D\x1C", 3 }, read_idp },       /* issuingDistributionPoint */
};

bool crl_read_extensions(struct crl *crl, sign_bytes extensions)
{
    struct cursor c = cursor_over(extensions, 0);
    bool seen[COUNT(known)] = { false };
    while (!cursor_end(&c)) {
        struct der_extension extension;
        if (!der_extension(&c, &extension)) {
            return false;
        }
        size_t i = 0;
        while (i < COUNT(known) && !bytes_equal(extension.oid, known[i].oid)) {
            i++;
        }
        if (i == COUNT(known)) {
            if (extension.critical) {
                refuse(crl, "the CRL has a critical extension that is not known here (RFC 5280 5.2)");
            }
        } else if (seen[i] || !known[i].read(crl, extension.value)) {
            return false;
        } else {
            seen[i] = true;
        }
    }
    return true;
}

static bool read_reason(struct crl_entry *entry, sign_bytes value)
{
    struct cursor c = cursor_over(value, 0);
    struct der reason;
    if (!der_expect(&c, DER_ENUMERATED, &reason) || !cursor_end(&c) || reason.content.len != 1 ||
        reason.content.ptr[0] > 10) {
        return false;
    }
    entry->reason = (int8_t)reason.content.ptr[0];
    return true;
}

bool crl_read_entry_extensions(struct crl *crl, struct crl_entry *entry, sign_bytes extensions)
{
    struct cursor c = cursor_over(extensions, 0);
    while (!cursor_end(&c)) {
        struct der_extension extension;
        if (!der_extension(&c, &extension)) {
            return false;
        }
        if (bytes_equal(extension.oid, BYTES_LIT("\x55\x1D\x15"))) { /* reasonCode (5.3.1) */
            if (!read_reason(entry, extension.value)) {
                return false;
            }
        } else if (extension.critical && !bytes_equal(extension.oid, BYTES_LIT("\x55\x1D\x18"))) {
            /* Not invalidityDate (5.3.2). certificateIssuer (5.3.3) would make the entry another CA's. */
            refuse(crl, "an entry of the CRL has a critical extension that is not known here (RFC 5280 5.3)");
        }
    }
    return true;
}
