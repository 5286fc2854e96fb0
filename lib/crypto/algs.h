/*
 * The closed list of algorithms: one table of digests, one of signature schemes, and the names that CMS (OIDs), XML
 * (URIs) and reports know them by. What is not in the table is unknown, and whoever asks says so.
 */
#ifndef CRYPTO_ALGS_H
#define CRYPTO_ALGS_H

#include <base/bytes.h>
#include <libsign/key.h>

struct digest_alg {
    int32_t id;                 /* SIGN_DIGEST_*                                                          */
    const char *name;           /* "SHA-256": reports and --digest                                        */
    const char *openssl;        /* EVP name                                                               */
    int nid;                    /* OpenSSL NID of the bare digest                                         */
    const char *xml_uri;        /* RFC 6931 / XMLDSig 1.1; NULL where XML has no name for it              */
    uint8_t size;               /* bytes (SHAKE128 32, SHAKE256 64: RFC 8702)                             */
    bool weak;                  /* collisions are practical: verified, flagged, never signed with         */
};
#define DIGEST_MAX 64

const struct digest_alg *digest_by_id(int32_t id);              /* all of these: NULL when not in the table */
const struct digest_alg *digest_by_nid(int nid);
const struct digest_alg *digest_by_oid(sign_bytes oid_der);     /* content octets of the OBJECT IDENTIFIER */
const struct digest_alg *digest_by_uri(sign_bytes uri);
const struct digest_alg *digest_by_name(const char *name);      /* "SHA-256", "sha256": case and '-' do not matter */

struct sig_params {             /* how a signature value was, or is to be, made */
    int32_t scheme;             /* SIGN_SCHEME_*                                */
    int32_t digest;             /* SIGN_DIGEST_*; 0 for EdDSA                   */
    int32_t mgf;                /* RSA-PSS: digest of MGF1                      */
    uint32_t salt_len;          /* RSA-PSS                                      */
};
/*
 * XML SignatureMethod URIs, both ways. The PSS URIs of RFC 6931 2.3.10 imply their parameters; the one of 2.3.9
 * (SIG_URI_RSA_PSS) carries them in an RSAPSSParams element: sig_by_uri gives its defaults, sig_uri names it for
 * parameters that no URI of 2.3.10 implies. sig_uri: NULL where XML has none, and for EdDSA (params do not say which
 * curve).
 */
bool sig_by_uri(sign_bytes uri, struct sig_params *out);
const char *sig_uri(const struct sig_params *params);
#define SIG_URI_RSA_PSS "http://www.w3.org/2007/05/xmldsig-more#rsa-pss"
/*
 * CMS signatureAlgorithm OIDs (content octets), both ways. Those that name a key type alone (rsaEncryption,
 * id-ecPublicKey, id-dsa) leave out->digest 0, as does id-RSASSA-PSS, whose digest is in its parameters.
 * sig_nid: the NID to write: rsaEncryption for PKCS#1 v1.5 (RFC 3370 3.2); NID_undef for EdDSA and for what CMS cannot
 * say.
 */
bool sig_by_oid(sign_bytes oid_der, struct sig_params *out);
int sig_nid(const struct sig_params *params);
/* "RSASSA-PKCS1-v1_5", "RSASSA-PSS", "ECDSA", "EdDSA", "DSA": reports. "unknown" for what is none. */
const char *scheme_name(int32_t scheme);

/* DigestInfo (RFC 8017 9.2) of a bare digest: what PKCS#1 v1.5 pads. Its length, 0 if there is no such form. */
#define DIGEST_INFO_MAX (DIGEST_MAX + 24)
size_t digest_info(uint8_t out[DIGEST_INFO_MAX], const struct digest_alg *alg, sign_bytes digest);

#endif
