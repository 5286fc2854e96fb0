/*
 * CMS SignedData (RFC 5652), read by a cursor of our own: exact, without decoding certificates, the signed attributes
 * kept as the bytes that came. BER (indefinite lengths, strings in pieces) is accepted, since PDF allows it.
 */
#ifndef CMS_CMS_H
#define CMS_CMS_H

#include <base/arena.h>
#include <base/when.h>
#include <cert/cert.h>
#include <crypto/algs.h>

struct cms_attr { sign_bytes oid, values; };    /* OID content octets; content of the SET OF values        */

/* An ESS signing-certificate attribute, its first ESSCertID alone: that is the signer's (RFC 5035 5.4). */
struct cms_cert_ref {
    bool there;
    const struct digest_alg *alg; sign_bytes hash;      /* NULL: a digest that is not in the table              */
    sign_bytes issuer, serial;                          /* where IssuerSerial is given; Name DER, INTEGER content */
};
struct cms_signer {
    uint32_t version;                           /* 1 or 3 (RFC 5652 5.3)                                   */
    sign_bytes issuer, serial;                  /* sid IssuerAndSerialNumber: Name DER, INTEGER content    */
    sign_bytes key_id;                          /* or SubjectKeyIdentifier; else empty, with issuer set    */
    const struct digest_alg *digest;            /* NULL: not in the table, digest_oid names it             */
    sign_bytes digest_oid, signature_oid;       /* content octets                                          */
    bool digest_listed;                         /* it is among SignedData.digestAlgorithms, as it should be (RFC 5652 5.3) */
    /*
     * The signature algorithm is in the table, its parameters are among those that its RFC allows, and it names no
     * other digest than digest does. False: params says nothing, and nothing can be said of the signature
     * (UNSUPPORTED).
     */
    bool signature_known;
    bool digest_unfit;                          /* EdDSA with a message digest that RFC 8419 3.1 does not allow: can be
                                                   verified, and is a matter of constraints */
    struct sig_params params;
    bool has_attrs;
    sign_bytes attrs_raw;                       /* the SET OF to be hashed: as sent, tag rewritten to 0x31; where it was
                                                   sent in BER, its DER form in the order sent (RFC 5652 5.4) */
    bool attrs_unordered;                       /* not in DER order: right all the same, with a warning    */
    bool attrs_duplicate;                       /* an attribute type twice (RFC 5652 11: never)            */
    struct cms_attr *attrs; size_t n_attrs;     /* in the arena, at most LIMIT_CMS_ATTRS each              */
    struct cms_attr *unsigned_attrs; size_t n_unsigned;
    sign_bytes content_type;                    /* OID of the contentType attribute; empty if none         */
    sign_bytes message_digest;                  /* empty if none                                           */
    bool has_signing_time; struct when signing_time;    /* false also where the time is not one (RFC 5652 11.3) */
    struct cms_cert_ref cert_v1, cert_v2;       /* ESS signing-certificate and -v2: each counts (RFC 5035 5)  */
    bool has_algorithm_protection;              /* RFC 6211                                                */
    bool algorithm_mismatch;                    /* … and the algorithms it protects are not those above: forged */
    sign_bytes timestamp;                       /* first signature-time-stamp token (unsigned), empty if none */
    sign_bytes signature;
};
struct cms {                                    /* all borrowed from the input or the arena */
    size_t length;                              /* bytes of the input that the ContentInfo took */
    uint32_t version;
    sign_bytes content_type;                    /* eContentType OID */
    bool has_content; sign_bytes content;       /* eContent octets */
    sign_bytes *certs; size_t n_certs;          /* DER each, undecoded; attribute certificates left out */
    sign_bytes *crls; size_t n_crls;            /* CertificateList, DER each, undecoded */
    sign_bytes *ocsps; size_t n_ocsps;          /* OCSPResponse (RFC 5940 2.1), undecoded */
    struct cms_signer *signers; size_t n_signers;   /* none is well-formed: certificates alone */
    bool ber;                                   /* some encoding was not DER */
};
/*
 * Reads one ContentInfo at the start of in. offset: where in stands, for errors. FORMAT, UNSUPPORTED (no SignedData, a
 * version of no standard), LIMIT, NOMEM. What may follow is the caller's rule (PDF: zero bytes; elsewhere nothing):
 * look at length.
 */
int cms_read(struct cms *out, sign_bytes in, uint64_t offset, struct arena *arena, sign_err *err);
/* Which of certs is the signer's, by its sid: index, or SIZE_MAX. */
size_t cms_find_signer(const struct cms_signer *signer, const sign_cert *const *certs, size_t n);

/*
 * Writing, for a key behind the seam: cms_draft builds everything but the signature value and hands out the bytes to be
 * signed; cms_finish puts the value in. The size is known beforehand and exact but for ECDSA (at most).
 */
struct cms_draft;
struct cms_draft_opts {                              /* borrowed for the call alone         */
    const sign_cert *const *chain; size_t n_chain;   /* signer first; all embedded          */
    struct sig_params params;
    sign_bytes message_digest;                       /* of the content, params.digest wide; for EdDSA SHA-512 (Ed25519)
                                                        or SHAKE256 (Ed448), RFC 8419 3.1    */
    const char *content_oid;                         /* dotted; NULL: id-data               */
};
/* ALGO (weak, not in the table, does not fit the key), ARG, FORMAT, NOMEM. */
int cms_draft_new(struct cms_draft **out, const struct cms_draft_opts *opts, const struct crypto *crypto,
                  sign_err *err);
sign_bytes cms_draft_tbs(const struct cms_draft *draft);         /* the signed attributes as SET OF, DER */
/* signature: as the key gave it (ECDSA r||s, wrapped here). Appends the ContentInfo in DER. FORMAT: not as long as the
 * key's signatures are. */
int cms_draft_finish(struct build *out, struct cms_draft *draft, sign_bytes signature, sign_err *err);
void cms_draft_free(struct cms_draft **draft);
/* Bytes that cms_draft_finish will append at most, for this chain and these params; message_digest is not looked at. */
int cms_size(size_t *out, const struct cms_draft_opts *opts, const struct crypto *crypto, sign_err *err);

#endif
