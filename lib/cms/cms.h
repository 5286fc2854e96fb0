/*
 * CMS SignedData (RFC 5652), read by templates of our own: exact, without decoding certificates, the signed attributes
 * kept as the bytes that came. BER (indefinite lengths) is accepted where PDF allows it.
 */
#ifndef CMS_CMS_H
#define CMS_CMS_H

#include <base/arena.h>
#include <base/when.h>
#include <cert/cert.h>
#include <crypto/algs.h>

struct cms_attr { sign_bytes oid, values; };    /* OID content octets; content of the SET OF values        */

struct cms_signer {
    sign_bytes issuer, serial;                  /* sid IssuerAndSerialNumber: Name DER, INTEGER content    */
    sign_bytes key_id;                          /* or SubjectKeyIdentifier                                 */
    const struct digest_alg *digest;            /* NULL: not in the table, digest_oid names it             */
    sign_bytes digest_oid, signature_oid;       /* content octets                                          */
    bool signature_known;                       /* signature algorithm is in the table and fits the digest */
    struct sig_params params;
    bool has_attrs;
    sign_bytes attrs_raw;                       /* the encoded SET OF (tag rewritten to 0x31), to be hashed as sent */
    bool attrs_unordered;                       /* not in DER order: right all the same, with a warning    */
    bool attrs_duplicate;                       /* an attribute type twice (RFC 5652 11: never)            */
    struct cms_attr attrs[64]; size_t n_attrs;  /* LIMIT_CMS_ATTRS */
    struct cms_attr unsigned_attrs[64]; size_t n_unsigned;
    sign_bytes content_type;                    /* OID of the contentType attribute; empty if none         */
    sign_bytes message_digest;                  /* empty if none                                           */
    bool has_signing_time; struct when signing_time;
    /* ESS signing-certificate(-v2), first ESSCertID alone: that is the signer's (RFC 5035 5.4). */
    const struct digest_alg *cert_hash_alg; sign_bytes cert_hash; bool has_cert_ref, cert_hash_unknown;
    sign_bytes cert_ref_issuer, cert_ref_serial;   /* where IssuerSerial is given */
    sign_bytes timestamp;                       /* signature-time-stamp token (unsigned), empty if none    */
    sign_bytes signature;
};
struct cms {                                    /* all borrowed from the input or the arena */
    size_t length;                              /* bytes of the input that the ContentInfo took */
    sign_bytes content_type;                    /* eContentType OID */
    bool has_content; sign_bytes content;       /* eContent octets */
    sign_bytes *certs; size_t n_certs;          /* DER each, undecoded */
    sign_bytes *crls; size_t n_crls;
    struct cms_signer *signers; size_t n_signers;
    bool ber;                                   /* some encoding was not DER */
};
/* Reads one ContentInfo at the start of in. offset: where in stands, for errors. FORMAT, UNSUPPORTED (no SignedData),
 * LIMIT, NOMEM. What may follow is the caller's rule (PDF: zero bytes; elsewhere nothing): look at length. */
int cms_read(struct cms *out, sign_bytes in, uint64_t offset, struct arena *arena, sign_err *err);
/* Which of certs is the signer's, by its sid: index, or SIZE_MAX. */
size_t cms_find_signer(const struct cms_signer *signer, const sign_cert *const *certs, size_t n);

/*
 * Writing, for a key behind the seam: cms_draft builds everything but the signature value and hands out the bytes to be
 * signed; cms_finish puts the value in. The size is known beforehand and exact but for ECDSA (at most).
 */
struct cms_draft;
struct cms_draft_opts {
    const sign_cert *const *chain; size_t n_chain;   /* signer first; all embedded          */
    struct sig_params params;
    sign_bytes message_digest;                       /* of the content, params.digest wide  */
    const char *content_oid;                         /* NULL: id-data                       */
};
int cms_draft_new(struct cms_draft **out, const struct cms_draft_opts *opts, const struct crypto *crypto, sign_err *err);
sign_bytes cms_draft_tbs(const struct cms_draft *draft);         /* the signed attributes as SET OF, DER */
/* signature: as the key gave it (ECDSA r||s, wrapped here). Appends the ContentInfo in DER. */
int cms_draft_finish(struct build *out, struct cms_draft *draft, sign_bytes signature, sign_err *err);
void cms_draft_free(struct cms_draft **draft);
/* Bytes that cms_draft_finish will append at most, for this chain and these params. */
int cms_size(size_t *out, const struct cms_draft_opts *opts, const struct crypto *crypto, sign_err *err);

#endif
