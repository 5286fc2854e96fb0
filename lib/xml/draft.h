/*
 * Making a Signature: where it goes, what it says, the bytes to be signed, the bytes to be inserted. The digests are computed by
 * the verifying pipeline over the document as it will be (source_join), so that signing and verifying cannot disagree.
 */
#ifndef XML_DRAFT_H
#define XML_DRAFT_H

#include <base/build.h>
#include <xml/signature.h>

enum xml_target { XML_TARGET_DOCUMENT, XML_TARGET_ID, XML_TARGET_PATH, XML_TARGET_OBJECT };
struct xml_ref_spec {
    enum xml_target target;
    const char *value;                  /* ID: the Id; PATH: path of the element, whose Id attribute must be there; OBJECT: NULL */
    const char *id_attr;                /* PATH: name of its Id attribute ("Id", "id")       */
    bool enveloped;                     /* add the enveloped-signature transform             */
    enum c14n_method c14n;              /* further transform; C14N_NONE: none                */
};
struct xml_sign_spec {
    bool xades;                         /* XAdES-B-B, else plain XMLDSig                     */
    const char *place;                  /* path of the element that gets the Signature as its last child; NULL: the root */
    bool create_place;                  /* missing containers of the path are created, inside the insertion */
    struct xml_ref_spec refs[8]; size_t n_refs;
    enum c14n_method c14n;              /* of SignedInfo                                     */
    struct sig_params params;
    bool signing_time_object;           /* Object/SignatureProperties/SignatureProperty/SigningTime, as Vietnamese invoices have it */
    bool key_value, whole_chain;        /* KeyInfo: RSAKeyValue too; all of the chain or the leaf alone */
    const char *prefix;                 /* "ds" or "" for a default namespace                */
    int64_t when; int32_t zone;         /* signing time; printed local without a zone in signing_time_object */
    const sign_bytes *chain; size_t n_chain;   /* DER, the signer first */
    const char *id;                     /* Id of the Signature; NULL: a fresh one, "sig-" and random hex */
};
struct xml_draft;
/* FORMAT, NOTFOUND (place, Id, path), AMBIGUOUS (an Id or place found more than once), ALGO, UNSUPPORTED (encoding), LIMIT, NOMEM. */
int xml_draft_new(struct xml_draft **out, struct source *source, const struct xml_sign_spec *spec, const struct crypto *crypto,
                  const struct xml_opts *opts, struct watch *watch, sign_err *err);
sign_bytes xml_draft_tbs(const struct xml_draft *draft);             /* canonical SignedInfo */
/* Puts the signature value in (ECDSA r||s) and hands out the new document as parts of the old one and of the draft's memory. */
int xml_draft_finish(struct xml_draft *draft, sign_bytes signature, sign_err *err);
struct source *xml_draft_result(const struct xml_draft *draft);     /* borrowed */
/* An empty-element tag at the place was opened (<NBan/> became <NBan>…</NBan>): to be reported. */
bool xml_draft_opened_tag(const struct xml_draft *draft);
void xml_draft_free(struct xml_draft **draft);

#endif
