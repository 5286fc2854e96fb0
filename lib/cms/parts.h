/* Between the files of this room: the parts of a SignerInfo. */
#ifndef CMS_PARTS_H
#define CMS_PARTS_H

#include <cms/asn1.h>
#include <cms/cms.h>

/* AlgorithmIdentifier: SEQUENCE { OID, parameters OPTIONAL }. */
struct algorithm {
    sign_bytes oid, params;     /* content octets; the whole parameters element, empty if absent */
    uint64_t offset;
};
/* tag: TAG_SEQUENCE, or TAG_INSIDE(n) where it is IMPLICIT. */
int algorithm_read(struct asn1 *in, int tag, struct algorithm *out, const char *what, sign_err *err);
/* The digest it names; NULL when it is not in the table or has parameters. */
const struct digest_alg *algorithm_digest(const struct algorithm *algorithm);
/* The same algorithm; absent parameters and NULL are the same (RFC 6211 3, RFC 5754 2). */
bool algorithm_equal(const struct algorithm *a, const struct algorithm *b);
/* Sets signature_known and params. FORMAT when RSASSA-PSS parameters are not such. */
int signature_algorithm(struct cms_signer *signer, const struct algorithm *algorithm, sign_err *err);

/* *ber is set when they were not sent in DER. */
int signed_attrs_read(struct cms_signer *signer, const struct asn1_item *item, bool *ber, struct arena *arena,
                      sign_err *err);
/* After the algorithms are known: does cmsAlgorithmProtection name them? */
int algorithm_protection(struct cms_signer *signer, const struct algorithm *digest, const struct algorithm *signature,
                         sign_err *err);
int unsigned_attrs_read(struct cms_signer *signer, struct asn1 in, struct arena *arena, sign_err *err);

#endif
