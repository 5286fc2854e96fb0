/*
 * Signatures of an XML document. xml_read makes the first pass: every ds:Signature becomes a small tree, read strictly
 * into struct xml_sig. xml_digest makes the second: all references of all signatures in one reading of the document.
 */
#ifndef XML_SIGNATURE_H
#define XML_SIGNATURE_H

#include <base/arena.h>
#include <base/when.h>
#include <crypto/crypto.h>
#include <xml/c14n.h>

struct xml_doc;                         /* one thread */

enum xml_ref_status {                   /* what became of one Reference */
    XML_REF_PENDING = 0,                /* xml_digest has not run, or the signature is malformed */
    XML_REF_MATCH, XML_REF_DIFFERS,
    XML_REF_NOT_FOUND,                  /* no element carries the value */
    XML_REF_AMBIGUOUS,                  /* more than one element carries it, under Id, ID, id or xml:id */
    XML_REF_UNSUPPORTED,                /* transform, digest or URI outside the closed list: `why` names it */
    XML_REF_MALFORMED
};
struct xml_ref {
    sign_bytes uri; bool has_uri;
    sign_bytes type, id;
    const struct digest_alg *digest;    /* NULL: unknown; digest_uri names it */
    sign_bytes digest_uri, expected;    /* DigestValue decoded */
    uint8_t computed[DIGEST_MAX];       /* where MATCH or DIFFERS */
    bool has_computed;
    enum xml_ref_status status;
    const char *why;                    /* English detail and the clause it breaks, in the doc's arena; NULL */
    const char *clause;
    bool in_manifest;                   /* of a ds:Manifest: reported, not core validation (XMLDSig 2.3) */
    bool manifest_signed;               /* which a Reference of SignedInfo covers */
    bool enveloped;                     /* removes this Signature */
    bool covers_root;                   /* the whole document */
    const char *path; uint64_t offset, length;   /* of the element it resolves to; path NULL where none */
    const char *element_id;             /* NULL for the whole document */
};

/* Whoever gets hold of a document can add a Manifest to its Signature: what an unsigned one names was signed by nobody. */
static inline bool xml_ref_counts(const struct xml_ref *ref)
{
    return !ref->in_manifest || ref->manifest_signed;
}

enum xml_key_kind { XML_KEY_NONE, XML_KEY_RSA, XML_KEY_EC, XML_KEY_DSA, XML_KEY_DER };
struct xml_issuer_serial { sign_bytes issuer_text, serial_text; };

/* EN 319 132-1 5.2.9. */
struct xml_policy_ref {
    bool there, implied;
    bool transformed;                   /* what is hashed is not the document as such */
    sign_bytes id, description, uri;    /* uri: SPURI; empty where there is none */
    const struct digest_alg *digest; sign_bytes hash;   /* digest NULL: unknown */
};
/* One Cert of SigningCertificate (TS 101 903 7.2.2) or SigningCertificateV2 (EN 319 132-1 5.2.2). */
struct xml_cert_ref {
    const struct digest_alg *alg;       /* NULL: unknown */
    sign_bytes digest;
    bool v2;
};
struct xml_sig {
    const char *id;                     /* Id, else the path; unique in the document */
    const char *path;                   /* "/HDon/DSCKS/NBan/ds:Signature"-like, with [n] where siblings share the name */
    uint64_t offset, length;
    bool malformed;                     /* structure wrong: why, clause, at */
    bool unsupported;                   /* something outside the closed lists: why, clause */
    const char *why, *clause; uint64_t at;
    struct c14n_spec c14n;
    bool method_known; struct sig_params params; sign_bytes method_uri;
    bool hmac;
    struct xml_ref *refs; size_t n_refs;
    sign_bytes value;                   /* SignatureValue decoded */
    const sign_bytes *certs; size_t n_certs;      /* X509Certificate, DER, document order */
    struct xml_issuer_serial *issuer_serials; size_t n_issuer_serials;   /* X509IssuerSerial */
    enum xml_key_kind key_kind;         /* KeyValue */
    const char *elsewhere;              /* an element of KeyInfo that says where keys are: never followed; NULL */
    sign_bytes key_part[4];             /* RSA: n, e; EC: curve OID text, point; DSA: p, q, g, y; DER: SPKI */
    /* XAdES (EN 319 132-1) */
    bool xades;                         /* QualifyingProperties for this Signature stand in its Object */
    bool signed_props_bound;            /* a Reference resolves to the SignedProperties of this very Signature */
    bool signed_props_typed;            /* and says so by its Type (EN 319 132-1 4.4.2)                          */
    bool has_signing_time; struct when signing_time;   /* XAdES SigningTime, or SignatureProperty/SigningTime */
    bool signing_time_signed;           /* a Reference of this signature covers it */
    bool loose;                         /* something unsigned stands in its Objects or KeyInfo: loose.c */
    bool property_foreign;              /* the Target of a SignatureProperty names nothing of this Signature */
    struct xml_cert_ref *cert_refs; size_t n_cert_refs;     /* those of SigningCertificateV2 first */
    struct xml_policy_ref policy;       /* SignaturePolicyIdentifier, of properties that are bound or not */
    bool has_timestamp;                 /* an unsigned SignatureTimeStamp is there */
    bool is_countersignature;           /* it stands in a CounterSignature property (EN 319 132-1 5.2.7) */
    const char *countersigns;           /* id of the signature around, whose SignatureValue it covers; NULL: it covers none such */
};

/* Errors as xml_parse; what is wrong with one signature is in its xml_sig, not an error. source is ref'ed, crypto outlives doc. */
int xml_read(struct xml_doc **out, struct source *source, const struct crypto *crypto, const struct xml_opts *opts,
             struct watch *watch, sign_err *err);
void xml_free(struct xml_doc **doc);
struct source *xml_source(const struct xml_doc *doc);
size_t xml_count(const struct xml_doc *doc);
const struct xml_sig *xml_sig(const struct xml_doc *doc, size_t i);      /* document order */
/* Resolves and digests all references of all signatures; each outcome is in its xml_ref. Not OK only when nothing can be said. */
int xml_digest(struct xml_doc *doc, struct watch *watch, sign_err *err);
/*
 * The octets that a Reference covers (XMLDSig 4.4.3.2), in any number of writes: those of a reference that matches, and
 * read for this call, so that a digest that differs now is NOT_VALID. Others: NOT_VALID, NOTFOUND, AMBIGUOUS,
 * UNSUPPORTED, FORMAT by what became of them; what write and xml_parse return.
 */
int xml_octets(struct xml_doc *doc, size_t i, size_t reference, c14n_write_fn write, void *payload, struct watch *watch,
               sign_err *err);
/* The canonical SignedInfo: what was signed. */
int xml_signed_info(struct build *out, const struct xml_doc *doc, size_t i, sign_err *err);
/* The KeyValue as a key: NOTFOUND where there is none, ALGO where OpenSSL refuses it. The caller frees it. */
int xml_key_value(EVP_PKEY **out, const struct xml_sig *sig, sign_err *err);

#endif
