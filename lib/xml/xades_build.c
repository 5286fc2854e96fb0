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

static void put_element(struct draft_text *t, const char *name, const char *text)
{
    if (text) {
        build_fmt(&t->text, "<xades:%s>", name);
        draft_put_text(&t->text, bytes_str(text));
        build_fmt(&t->text, "</xades:%s>", name);
    }
}

/* 5.2.5, in the order of its schema. */
static void put_place(struct draft_text *t)
{
    const struct xml_production_place *at = &t->spec->production_place;
    if (at->city || at->street || at->state || at->postal_code || at->country) {
        build_str(&t->text, "<xades:SignatureProductionPlaceV2>");
        put_element(t, "City", at->city);
        put_element(t, "StreetAddress", at->street);
        put_element(t, "StateOrProvince", at->state);
        put_element(t, "PostalCode", at->postal_code);
        put_element(t, "CountryName", at->country);
        build_str(&t->text, "</xades:SignatureProductionPlaceV2>");
    }
}

/* 5.2.6: claimed, so nobody has certified them. */
static void put_roles(struct draft_text *t)
{
    if (t->spec->n_roles == 0) {
        return;
    }
    build_str(&t->text, "<xades:SignerRoleV2><xades:ClaimedRoles>");
    for (size_t i = 0; i < t->spec->n_roles; i++) {
        put_element(t, "ClaimedRole", t->spec->roles[i]);
    }
    build_str(&t->text, "</xades:ClaimedRoles></xades:SignerRoleV2>");
}

/* An object identifier goes as a URN, and says so (5.1.2); everything else is a URI. */
static void put_identifier(struct draft_text *t, const char *id)
{
    static const char urn[] = "urn:oid:";
    bool has_urn = strncmp(id, urn, strlen(urn)) == 0, is_oid = strspn(id, "0123456789.") == strlen(id);
    build_fmt(&t->text, "<xades:Identifier%s>%s", has_urn || is_oid ? " Qualifier=\"OIDAsURN\"" : "", is_oid ? urn : "");
    draft_put_text(&t->text, bytes_str(id));
    build_str(&t->text, "</xades:Identifier>");
}

/* 5.2.9. */
static void put_policy(struct draft_text *t)
{
    const struct xml_policy *policy = &t->spec->policy;
    if (policy->implied) {
        build_str(&t->text, "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyImplied/></xades:SignaturePolicyIdentifier>");
    }
    if (!policy->id) {
        return;
    }
    build_str(&t->text, "<xades:SignaturePolicyIdentifier><xades:SignaturePolicyId><xades:SigPolicyId>");
    put_identifier(t, policy->id);
    put_element(t, "Description", policy->description);
    build_fmt(&t->text, "</xades:SigPolicyId><xades:SigPolicyHash><%sDigestMethod Algorithm=\"%s\"/><%sDigestValue>", t->ds,
              policy->digest->xml_uri, t->ds);
    build_base64(&t->text, policy->hash);
    build_fmt(&t->text, "</%sDigestValue></xades:SigPolicyHash>", t->ds);
    if (policy->uri) {
        build_str(&t->text, "<xades:SigPolicyQualifiers><xades:SigPolicyQualifier>");
        put_element(t, "SPURI", policy->uri);
        build_str(&t->text, "</xades:SigPolicyQualifier></xades:SigPolicyQualifiers>");
    }
    build_str(&t->text, "</xades:SignaturePolicyId></xades:SignaturePolicyIdentifier>");
}

static void put_format(struct draft_text *t, size_t i)
{
    const struct xml_format *format = &t->spec->formats[i];
    build_fmt(&t->text, "<xades:DataObjectFormat ObjectReference=\"#ref%zu-%s\">", i + 1, t->id);
    put_element(t, "Description", format->description);
    put_element(t, "MimeType", format->mime_type ? format->mime_type : "text/xml");
    put_element(t, "Encoding", format->encoding);
    build_str(&t->text, "</xades:DataObjectFormat>");
}

/* 5.2.3: of all that is signed. */
static void put_commitment(struct draft_text *t, const char *id)
{
    build_str(&t->text, "<xades:CommitmentTypeIndication><xades:CommitmentTypeId>");
    put_identifier(t, id);
    build_str(&t->text, "</xades:CommitmentTypeId><xades:AllSignedDataObjects/></xades:CommitmentTypeIndication>");
}

/* 5.2.4: one for each reference but that to these properties; a counter-signature signs no data object. */
static void put_data_objects(struct draft_text *t)
{
    const struct xml_sign_spec *spec = t->spec;
    size_t n_formats = t->countersigned ? 0 : spec->n_refs;
    if (n_formats + spec->n_commitments == 0) {
        return;
    }
    build_str(&t->text, "<xades:SignedDataObjectProperties>");
    for (size_t i = 0; i < n_formats; i++) {
        put_format(t, i);
    }
    for (size_t i = 0; i < spec->n_commitments; i++) {
        put_commitment(t, spec->commitments[i]);
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
    put_policy(t);
    put_place(t);
    put_roles(t);
    build_str(&t->text, "</xades:SignedSignatureProperties>");
    put_data_objects(t);
    build_fmt(&t->text, "</xades:SignedProperties></xades:QualifyingProperties></%sObject>", t->ds);
    return rc;
}
