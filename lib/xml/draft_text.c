#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <xml/draft_text.h>
#include <xml/names.h>
#include <xml/xpath.h>

#define TYPE_SIGNED_PROPERTIES "http://uri.etsi.org/01903#SignedProperties"
#define TYPE_COUNTERSIGNED     "http://uri.etsi.org/01903#CountersignedSignature"

void draft_put_text(struct build *out, sign_bytes utf8)
{
    uint32_t c = 0;
    for (size_t at = 0; at < utf8.len;) {
        if (!utf8_next(utf8, &at, &c)) {
            at++;
            c = 0xFFFD;
        }
        if (c == '&' || c == '<' || c == '>' || c == '"' || c == '\t' || c == '\n' || c == '\r') {
            build_fmt(out, "&#%u;", c);
        } else {
            build_utf8(out, text_is_char(c) ? c : 0xFFFD);
        }
    }
}

static size_t put_blank(struct build *out, size_t bytes)
{
    size_t at = out->len;
    CLEANUP(build_free) struct build blank = { 0 };
    build_fill(&blank, 0, bytes);
    build_base64(out, build_view(&blank));
    return at;
}

void draft_text_fill(struct draft_text *t, size_t at, sign_bytes bytes)
{
    CLEANUP(build_free) struct build value = { 0 };
    build_base64(&value, bytes);
    if (!value.failed && !t->text.failed && at + value.len <= t->text.len) {
        memcpy(t->text.ptr + at, value.ptr, value.len);
    } else {
        t->text.failed = SIGN_E_NOMEM;
    }
}

/* --- SignedInfo --------------------------------------------------------------------------------------------------- */

enum leaving_out { NOTHING, THIS_SIGNATURE, ALL_THE_SIGNATURES };

/* XMLDSig 6.6.3; the prefix is one of its own, whatever the Signature's is: XPath 1.0 knows no default namespace. */
static void put_filter(struct draft_text *t)
{
    const char *ds = t->ds;
    build_fmt(&t->text, "<%sTransform Algorithm=\"" XPATH_URI "\"><%sXPath xmlns:dsig=\"" NS_DSIG "\">", ds, ds);
    build_fmt(&t->text, "not(ancestor-or-self::dsig:Signature)</%sXPath></%sTransform>", ds, ds);
}

static void put_transforms(struct draft_text *t, enum leaving_out what, enum c14n_method c14n)
{
    const char *ds = t->ds;
    if (what == NOTHING && c14n == C14N_NONE) {
        return;
    }
    build_fmt(&t->text, "<%sTransforms>", ds);
    if (what == THIS_SIGNATURE) {
        build_fmt(&t->text, "<%sTransform Algorithm=\"" NS_DSIG "enveloped-signature\"/>", ds);
    } else if (what == ALL_THE_SIGNATURES) {
        put_filter(t);
    }
    if (c14n != C14N_NONE) {
        build_fmt(&t->text, "<%sTransform Algorithm=\"%s\"/>", ds, c14n_uri(c14n, false));
    }
    build_fmt(&t->text, "</%sTransforms>", ds);
}

static void put_digest(struct draft_text *t)
{
    const char *ds = t->ds;
    build_fmt(&t->text, "<%sDigestMethod Algorithm=\"%s\"/><%sDigestValue>", ds, t->digest->xml_uri, ds);
    t->digest_at[t->n_refs++] = put_blank(&t->text, t->digest->size);
    build_fmt(&t->text, "</%sDigestValue></%sReference>", ds, ds);
}

static void put_uri(struct draft_text *t, size_t i)
{
    build_str(&t->text, " URI=\"");
    switch (t->spec->refs[i].target) {
    case XML_TARGET_DOCUMENT:
        break;
    case XML_TARGET_OBJECT:
        build_fmt(&t->text, "#object-%s", t->id);
        break;
    case XML_TARGET_CONTENT:
        build_fmt(&t->text, "#content-%s", t->id);
        break;
    case XML_TARGET_ID:
    case XML_TARGET_PATH:
    case XML_TARGET_VALUE:
        build_byte(&t->text, '#');
        draft_put_text(&t->text, t->place->targets[i].id);
        break;
    }
    build_str(&t->text, "\">");
}

static void put_reference(struct draft_text *t, size_t i)
{
    const struct xml_ref_spec *ref = &t->spec->refs[i];
    bool holds_place = ref->enveloped || t->place->targets[i].holds_place;
    build_fmt(&t->text, "<%sReference", t->ds);
    if (t->spec->xades) {
        build_fmt(&t->text, " Id=\"ref%zu-%s\"", i + 1, t->id);
    }
    if (ref->target == XML_TARGET_VALUE) {
        build_str(&t->text, " Type=\"" TYPE_COUNTERSIGNED "\"");
    }
    put_uri(t, i);
    if (t->spec->packaging == XML_ENVELOPING_BASE64) {
        build_fmt(&t->text, "<%sTransforms><%sTransform Algorithm=\"" NS_DSIG "base64\"/></%sTransforms>", t->ds, t->ds,
                  t->ds);
    } else {
        put_transforms(t, !holds_place ? NOTHING : t->spec->parallel ? ALL_THE_SIGNATURES : THIS_SIGNATURE, ref->c14n);
    }
    put_digest(t);
}

static void put_references(struct draft_text *t)
{
    for (size_t i = 0; i < t->spec->n_refs; i++) {
        put_reference(t, i);
    }
}

/* A reference to a part of this very Signature. */
static void put_own(struct draft_text *t, const char *type, const char *part)
{
    build_fmt(&t->text, "<%sReference Type=\"%s\" URI=\"#%s-%s\">", t->ds, type, part, t->id);
    put_transforms(t, NOTHING, t->spec->c14n);
    put_digest(t);
}

static void put_signed_info(struct draft_text *t)
{
    const struct xml_sign_spec *spec = t->spec;
    const char *ds = t->ds;
    build_fmt(&t->text, "<%sSignedInfo><%sCanonicalizationMethod Algorithm=\"%s\"/>", ds, ds,
              c14n_uri(spec->c14n, false));
    build_fmt(&t->text, "<%sSignatureMethod Algorithm=\"%s\"/>", ds, sig_uri(&spec->params));
    if (spec->manifest) {
        put_own(t, NS_DSIG "Manifest", "manifest");
    } else {
        put_references(t);
    }
    if (spec->xades) {
        put_own(t, TYPE_SIGNED_PROPERTIES, "xades");
    }
    build_fmt(&t->text, "</%sSignedInfo><%sSignatureValue", ds, ds);
    if (spec->countersignable) { /* nothing signs this Id until somebody counter-signs: not written unasked */
        build_fmt(&t->text, " Id=\"value-%s\"", t->id);
    }
    build_byte(&t->text, '>');
    t->value_at = put_blank(&t->text, spec->value_len);
    build_fmt(&t->text, "</%sSignatureValue>", ds);
}

/* --- KeyInfo ------------------------------------------------------------------------------------------------------ */

/* XMLDSig 4.5.2.2 CryptoBinary: big-endian without leading zeros. */
static void put_crypto_binary(struct draft_text *t, const char *name, sign_bytes number)
{
    while (number.len > 1 && number.ptr[0] == 0) {
        number = bytes_slice(number, 1, number.len);
    }
    build_fmt(&t->text, "<%s%s>", t->ds, name);
    build_base64(&t->text, number);
    build_fmt(&t->text, "</%s%s>", t->ds, name);
}

static void put_key_info(struct draft_text *t)
{
    const struct xml_sign_spec *spec = t->spec;
    const char *ds = t->ds;
    build_fmt(&t->text, "<%sKeyInfo>", ds);
    if (spec->modulus.len) {
        build_fmt(&t->text, "<%sKeyValue><%sRSAKeyValue>", ds, ds);
        put_crypto_binary(t, "Modulus", spec->modulus);
        put_crypto_binary(t, "Exponent", spec->exponent);
        build_fmt(&t->text, "</%sRSAKeyValue></%sKeyValue>", ds, ds);
    }
    build_fmt(&t->text, "<%sX509Data>", ds);
    if (spec->subject_name) {
        build_fmt(&t->text, "<%sX509SubjectName>", ds);
        draft_put_text(&t->text, bytes_str(spec->subject_name));
        build_fmt(&t->text, "</%sX509SubjectName>", ds);
    }
    for (size_t i = 0; i < (spec->whole_chain ? spec->n_chain : 1); i++) {
        build_fmt(&t->text, "<%sX509Certificate>", ds);
        build_base64(&t->text, spec->chain[i]);
        build_fmt(&t->text, "</%sX509Certificate>", ds);
    }
    build_fmt(&t->text, "</%sX509Data></%sKeyInfo>", ds, ds);
}

/* --- Signature ---------------------------------------------------------------------------------------------------- */

static void put_containers(struct draft_text *t, bool open)
{
    if (t->countersigned) {
        countersign_put(&t->text, t->countersigned->n_missing, open);
    }
    size_t n = t->place->n_missing;
    for (size_t i = 0; i < n; i++) {
        build_str(&t->text, open ? "<" : "</");
        build_bytes(&t->text, t->place->missing[open ? i : n - 1 - i].name);
        build_byte(&t->text, '>');
    }
}

int draft_text_make(struct draft_text *t, const struct crypto *crypto, sign_err *err)
{
    const char *prefix = t->spec->prefix;
    t->text.max = LIMIT_XML_INSERT;
    put_containers(t, true);
    build_fmt(&t->text, "<%sSignature xmlns%s%s=\"" NS_DSIG "\"", t->ds, *prefix ? ":" : "", prefix);
    /* Nothing signs this attribute. Where something signed points at it a change shows; else it is written only when asked for. */
    if (t->spec->id || t->spec->xades || (t->spec->signing_time_object && !t->spec->time_target)) {
        build_fmt(&t->text, " Id=\"%s\"", t->id);
    }
    build_byte(&t->text, '>');
    put_signed_info(t);
    put_key_info(t);
    if (t->spec->signing_time_object) {
        draft_put_time(t);
    }
    if (t->spec->packaging != XML_INSERTED) {
        draft_put_content(t);
    }
    if (t->spec->manifest) {
        build_fmt(&t->text, "<%sObject><%sManifest Id=\"manifest-%s\">", t->ds, t->ds, t->id);
        put_references(t);
        build_fmt(&t->text, "</%sManifest></%sObject>", t->ds, t->ds);
    }
    int rc = t->spec->xades ? xades_put(t, crypto, err) : SIGN_OK;
    build_fmt(&t->text, "</%sSignature>", t->ds);
    put_containers(t, false);
    return rc == SIGN_OK ? build_check(&t->text, err, "the Signature to be inserted") : rc;
}
