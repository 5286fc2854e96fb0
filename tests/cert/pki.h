/* Certificates and CRLs made on the spot, good ones and every kind of bad one, for tables of cases. */
#ifndef TEST_CERT_PKI_H
#define TEST_CERT_PKI_H

#include "check.h"
#include <cert/path.h>
#include <cert/trust.h>
#include <openssl/x509v3.h>

#define NOW INT64_C(1790000000) /* 2026-09-21; times of the tables are days from here */
#define DAY INT64_C(86400)

/*
 * A key by name: "rsa1024…", "rsa2048…", "rsa3072…" are RSA of that size, "n16384 e17" a public RSA key of these bits
 * that cannot sign, "pss…" RSA-PSS, "p192…", "b571…" and "explicit…" EC (the latter with explicit parameters), "infinity" the
 * P-256 key that is no point, "ed…" Ed25519, anything else P-256. The same name is the same key for the whole run.
 */
EVP_PKEY *pki_key(const char *name);

struct cert_spec {
    const char *subject;      /* common name; "" gives an empty name */
    const char *issuer;       /* common name; NULL: its own subject  */
    const char *key, *signer; /* names of keys; NULL: the subject's, the issuer's */
    int from, to;             /* days; both 0: -365 to 365 */
    const char *md;           /* NULL: sha256 */
    const char *exts;         /* "name=value\nname=value", as in openssl's configuration; NULL: none */
    bool v1;
    unsigned long string_kind; /* B_ASN1_* of the common name; 0: UTF-8 */
    long serial;               /* 0: from the subject */
    bool corrupt;              /* last byte of the signature changed */
};
#define CA_EXTS   "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash"
#define LEAF_EXTS "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation"

/* Bytes of the run's memory, freed by pki_done. */
sign_bytes cert_make(const struct cert_spec *spec);
long pki_serial(const char *subject);

struct crl_entry_spec {
    const char *subject; /* whose serial number; NULL ends the list */
    int day;             /* revocationDate */
    int reason;          /* 0: none said; else CRLReason, 100 + n: with an unknown critical extension */
};
struct crl_spec {
    const char *issuer, *signer; /* common name, key; signer NULL: the issuer's */
    int from, to;                /* both 0: -1 to 7; to = NO_NEXT: no nextUpdate */
    const char *md, *exts;
    struct crl_entry_spec entries[4];
    size_t filler; /* this many other serial numbers besides */
    bool corrupt;
};
enum { NO_NEXT = 99999 };
sign_bytes crl_make(const struct crl_spec *spec);
void pki_done(void);

/* A context's worth of what the room needs. */
struct room {
    struct crypto *crypto;
    struct cert_cache *cache;
    sign_trust *trust;
};
void room_open(struct room *room);
void room_close(struct room *room);
sign_cert *room_cert(struct room *room, sign_bytes der);
void room_anchor(struct room *room, sign_bytes der);
void room_evidence(struct room *room, sign_bytes der);

#endif
