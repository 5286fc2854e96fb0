/* The signed properties of XAdES-B-B (EN 319 132-1 6.3): signing time, signing certificate, format of what is signed. */
#include <base/err.h>
#include <xml/draft_text.h>
#include <xml/names.h>

/* 5.2.2: the certificate by SHA-256 whatever the signature's digest, as every verifier knows it. */
static int put_cert(struct draft_text *t, const struct crypto *crypto, sign_err *err)
{
    const struct digest_alg *alg = digest_by_id(SIGN_DIGEST_SHA256);
    uint8_t digest[DIGEST_MAX];
    int rc = digest_bytes(crypto, alg, t->spec->chain[0], digest, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    const char *ds = t->ds;
    build_fmt(&t->text, "<xades:SigningCertificateV2><xades:Cert><xades:CertDigest><%sDigestMethod Algorithm=\"%s\"/>",
              ds, alg->xml_uri);
    build_fmt(&t->text, "<%sDigestValue>", ds);
    build_base64(&t->text, bytes_of(digest, alg->size));
    build_fmt(&t->text, "</%sDigestValue></xades:CertDigest>", ds);
    if (t->spec->issuer_serial.len) {
        build_str(&t->text, "<xades:IssuerSerialV2>");
        build_base64(&t->text, t->spec->issuer_serial);
        build_str(&t->text, "</xades:IssuerSerialV2>");
    }
    build_str(&t->text, "</xades:Cert></xades:SigningCertificateV2>");
    return SIGN_OK;
}

/* 5.2.4: one for each reference but that to these properties. */
static void put_formats(struct draft_text *t)
{
    build_str(&t->text, "<xades:SignedDataObjectProperties>");
    for (size_t i = 0; i < t->spec->n_refs; i++) {
        build_fmt(&t->text,
                  "<xades:DataObjectFormat ObjectReference=\"#ref%zu-%s\"><xades:MimeType>text/xml</xades:MimeType>"
                  "</xades:DataObjectFormat>",
                  i + 1, t->id);
    }
    build_str(&t->text, "</xades:SignedDataObjectProperties>");
}

int xades_put(struct draft_text *t, const struct crypto *crypto, sign_err *err)
{
    char when[WHEN_TEXT];
    when_print_rfc3339(when, (struct when){ t->spec->when, t->spec->zone, true });
    build_fmt(&t->text, "<%sObject><xades:QualifyingProperties xmlns:xades=\"" NS_XADES "\" Target=\"#%s\">", t->ds,
              t->id);
    build_fmt(&t->text, "<xades:SignedProperties Id=\"xades-%s\"><xades:SignedSignatureProperties>", t->id);
    build_fmt(&t->text, "<xades:SigningTime>%s</xades:SigningTime>", when);
    int rc = put_cert(t, crypto, err);
    build_str(&t->text, "</xades:SignedSignatureProperties>");
    put_formats(t);
    build_fmt(&t->text, "</xades:SignedProperties></xades:QualifyingProperties></%sObject>", t->ds);
    return rc;
}
