/*
 * Making a Signature: where it goes, what it says, the bytes to be signed, the bytes to be inserted. The digests are
 * computed by the verifying pipeline over the document as it will be (source_join), so that signing and verifying
 * cannot disagree.
 *
 * The document is read twice: once to find the place, once to digest. One draft belongs to one thread.
 */
#ifndef XML_DRAFT_H
#define XML_DRAFT_H

#include <base/build.h>
#include <xml/signature.h>

#define XML_SIGN_REFS        32
#define XML_SIGN_BASES       4
#define XML_SIGN_ROLES       4
#define XML_SIGN_COMMITMENTS 4

/* Where the Signature and what it signs stand to each other (XMLDSig 1: enveloped or detached, enveloping). */
enum xml_packaging {
    XML_INSERTED = 0,                   /* the Signature is put into the document            */
    XML_ENVELOPING,                     /* the root is put into an Object of the Signature, which becomes the root */
    XML_ENVELOPING_BASE64               /* the bytes of any file, as base64, in an Object of a new document */
};
enum xml_target {
    XML_TARGET_DOCUMENT, XML_TARGET_ID, XML_TARGET_PATH,
    XML_TARGET_OBJECT,                  /* the Object with the signing time                  */
    XML_TARGET_CONTENT,                 /* the Object that envelops; the only target there   */
    XML_TARGET_VALUE                    /* the SignatureValue that is counter-signed; the only target there */
};
struct xml_ref_spec {
    enum xml_target target;
    const char *value;                  /* ID: the Id; PATH: path of the element, whose Id attribute must be there; OBJECT: NULL */
    const char *id_attr;                /* PATH: name of its Id attribute ("Id", "ID", "id", "xml:id"); NULL: "Id" */
    bool enveloped;                     /* add the enveloped-signature transform; it is added anyway where the place lies inside */
    enum c14n_method c14n;              /* further transform; C14N_NONE: none                */
};
/*
 * Paths: "/HDon/DSCKS/NBan[2]". A step is a name as written ("p:Name"), or a local name alone, which then fits any
 * prefix; "*" is any element. [n] counts the siblings that fit; without it exactly one element may fit the whole path.
 */
/* EN 319 132-1 5.2.5: what is not given is NULL. */
struct xml_production_place { const char *city, *street, *state, *postal_code, *country; };
/* 5.2.4, of one reference: what is not given is NULL, the type text/xml. */
struct xml_format { const char *description, *mime_type, *encoding; };
/* 5.2.9. */
struct xml_policy {
    bool implied;                       /* SignaturePolicyImplied, and nothing of the rest   */
    const char *id;                     /* OID ("1.2.3", "urn:oid:1.2.3") or URI; NULL: none */
    const char *description, *uri;      /* uri: SPURI, where the document is to be had       */
    const struct digest_alg *digest; sign_bytes hash;   /* of the policy's document          */
};

struct xml_sign_spec {
    bool xades;                         /* XAdES-B-B, else plain XMLDSig                     */
    struct xml_production_place production_place;       /* XAdES: where it is signed, as claimed; all NULL: left out */
    const char *roles[XML_SIGN_ROLES]; size_t n_roles;  /* XAdES: ClaimedRole (5.2.6) */
    const char *commitments[XML_SIGN_COMMITMENTS]; size_t n_commitments;    /* XAdES: types of commitment, as URIs (5.2.3) */
    struct xml_policy policy;           /* XAdES */
    struct xml_format formats[XML_SIGN_REFS];   /* XAdES: of the references, in their order  */
    enum xml_packaging packaging;
    const char *object_mime_type;       /* ENVELOPING: MimeType of the Object; NULL: none */
    const char *countersigns;           /* XAdES Signature that is counter-signed, by its Id or path; NULL: none. It says the place */
    bool countersignable;               /* the SignatureValue has an Id, for who counter-signs it */
    bool manifest;                      /* the references go into a Manifest, which is what is signed (XMLDSig 5.1) */
    bool parallel;                      /* what holds the place is signed without any Signature, not only without this one */
    bool add_ids;                       /* PATH, VALUE: what has no Id gets one; xml_draft_added tells */
    const char *base;                   /* which of the elements that fit bases: see place_base.h; NULL: the only one */
    const char *bases[XML_SIGN_BASES]; size_t n_bases;  /* paths: place and PATH are below the one of these that is there */
    const char *place;                  /* path of the element that gets the Signature as its last child; NULL: the base, or root */
    bool after_place;                   /* place is a sibling: the Signature goes right behind its end tag; not with create_place */
    bool create_place;                  /* missing containers of the path are created, inside the insertion */
    struct xml_ref_spec refs[XML_SIGN_REFS]; size_t n_refs;
    enum c14n_method c14n;              /* of SignedInfo, and of the reference to XAdES's SignedProperties */
    struct sig_params params;
    size_t value_len;                   /* bytes of the signature value: RSA its modulus, ECDSA r||s */
    bool signing_time_object;           /* Object/SignatureProperties/SignatureProperty/SigningTime, as Vietnamese invoices have it */
    const char *properties_namespace;   /* of those SignatureProperties and what is in them; NULL: that of XMLDSig, "": none */
    const char *properties_id;          /* Id of those SignatureProperties; NULL: none */
    const char *time_namespace;         /* of that SigningTime; NULL: that of its property, "": none */
    const char *time_target;            /* Target of that SignatureProperty; NULL: "#" and the Signature's Id */
    bool whole_chain;                   /* KeyInfo: all of the chain, or the leaf alone      */
    const char *subject_name;           /* KeyInfo: X509SubjectName; NULL: left out          */
    sign_bytes modulus, exponent;       /* KeyInfo: RSAKeyValue, big-endian; empty: left out */
    const char *prefix;                 /* "ds" or "" for a default namespace                */
    int64_t when; int32_t zone;         /* signing time; printed local without a zone in signing_time_object */
    const sign_bytes *chain; size_t n_chain;   /* DER, the signer first */
    sign_bytes issuer_serial;           /* XAdES: DER of the signer's IssuerSerial (RFC 5035 5); empty: left out */
    const char *id;                     /* Id of the Signature; NULL: a fresh one, "sig-" and random hex */
};
struct xml_draft;
/*
 * FORMAT, NOTFOUND (place, Id, path), AMBIGUOUS (an Id or place found more than once), ALGO, UNSUPPORTED (encoding),
 * FORBIDDEN (a signature that is there covers the place: inserting would break it), ARG (a path or Id that is none; what
 * contradicts each other),
 * LIMIT, NOMEM, and those of xml_parse. What spec points to may go once this has returned.
 */
int xml_draft_new(struct xml_draft **out, struct source *source, const struct xml_sign_spec *spec, const struct crypto *crypto,
                  const struct xml_opts *opts, struct watch *watch, sign_err *err);
sign_bytes xml_draft_tbs(const struct xml_draft *draft);             /* canonical SignedInfo */
/*
 * Puts the signature value in (ECDSA r||s) and hands out the new document as parts of the old one and of the draft's
 * memory. ARG where the value is not value_len bytes.
 */
int xml_draft_finish(struct xml_draft *draft, sign_bytes signature, sign_err *err);
struct source *xml_draft_result(const struct xml_draft *draft);     /* borrowed; NULL before xml_draft_finish */
/* An empty-element tag at the place was opened (<NBan/> became <NBan>…</NBan>): to be reported. */
bool xml_draft_opened_tag(const struct xml_draft *draft);
/* The i-th Id that was added to the document, and the element, as it was asked for; false: no more. Borrowed. */
bool xml_draft_added(const struct xml_draft *draft, size_t i, const char **element, const char **id);
void xml_draft_free(struct xml_draft **draft);

#endif
