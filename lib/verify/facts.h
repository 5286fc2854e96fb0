/*
 * What was found about one signature: facts first, the verdict last. pdf.c and xml.c gather, verdict.c alone decides.
 * The zero value of everything is "not known", and nothing passes on what is not known.
 *
 * Strings and bytes live in the report's arena; certificates and the path are owned (facts_drop).
 */
#ifndef VERIFY_FACTS_H
#define VERIFY_FACTS_H

#include <base/arena.h>
#include <base/when.h>
#include <cert/path.h>
#include <crypto/crypto.h>
#include <verify/messages.h>

enum fact { FACT_UNKNOWN = 0, FACT_TRUE, FACT_FALSE };

enum changes {                  /* what came after the signed revision */
    CHANGES_UNKNOWN = 0,        /* something did, and nobody has classified it */
    CHANGES_NONE, CHANGES_ALLOWED, CHANGES_FORBIDDEN,
    CHANGES_NOT_APPLICABLE      /* XML has no revisions */
};

enum format {
    FORMAT_UNKNOWN = 0, FORMAT_PADES_B, FORMAT_PADES, FORMAT_PKCS7, FORMAT_X509_SHA1, FORMAT_XADES_B, FORMAT_XADES,
    FORMAT_XMLDSIG
};

/* One thing the signature covers: a byte range of a PDF, or what a Reference names. */
struct cover {
    const char *uri, *path, *id;        /* XML; NULL where there is none */
    uint64_t offset, length;            /* bytes in the file             */
    bool located;                       /* offset and length are known   */
    bool resolved;                      /* found exactly once            */
    bool in_manifest;                   /* listed by a ds:Manifest: not core validation (XMLDSig 2.3) */
};

/* The signature policy that a signature names (EN 319 132-1 5.2.9). */
struct policy_fact {
    bool there, implied;
    const char *id, *description, *uri; /* NULL where there is none */
    const struct digest_alg *digest;    /* of its document; NULL: unknown */
    enum fact document;                 /* is one of those that the caller gave; UNKNOWN: it gave none, or it cannot be told */
};

/* Something that a later revision of a PDF changed. */
struct later_change {
    const char *kind;                   /* "signature", "form-fill-in", "forbidden"… */
    const char *what;                   /* English */
    const char *path, *field;           /* one way to the object; full name of the field, or NULL */
    uint64_t object;                    /* 0: none, as the trailer */
    size_t revision;
};
#define CHANGES_LISTED 50               /* of them; f->n_changes counts all */

/* Something to tell the reader. Arguments are plain text from anywhere, escaped where they are printed. */
struct note {
    enum message_code code;
    const char *arg[2];                 /* for %1, %2; NULL prints nothing */
    const char *clause;                 /* NULL: the table's               */
};
#define NOTES_MAX     128
#define NOTES_OF_CODE 6         /* so many of one kind: the list of covers names all References */

struct facts {
    const char *id;

    /* What must be FACT_TRUE, each by somebody who looked, before anything can pass. */
    enum fact structure;                /* container and signature are formed as their standard says           */
    enum fact found;                    /* all that was signed is there, each exactly once                     */
    enum fact supported;                /* nothing was needed that stands outside the closed lists             */
    enum fact digest;                   /* over the signed bytes: as signed                                    */
    enum fact value;                    /* the signature value over what carries the digest: right             */
    enum fact strong;                   /* every algorithm and key size (policy.c)                             */
    enum fact signer;                   /* the signer's certificate is at hand                                 */
    enum fact bound;                    /* no signed reference to a certificate names another one              */
    enum fact consistent;               /* unsigned parts (KeyInfo, certificates sent along) do not contradict */
    enum fact key_usage;                /* the certificate may sign documents                                  */
    enum fact unambiguous;              /* every reader sees the same document                                 */
    enum fact manifests;                /* all references of signed manifests match; TRUE where there are none */
    enum changes changes;
    int32_t revocation_mode;            /* SIGN_REVOCATION_*: what the caller asked for                        */
    struct path path;

    /* What is reported. */
    sign_cert *cert;                    /* the signer's; NULL */
    sign_cert **sent; size_t n_sent;    /* certificates that came with the signature */
    enum format format;
    const struct digest_alg *digest_alg;
    int32_t scheme;                     /* SIGN_SCHEME_*, 0 not known */
    int key_bits;                       /* 0: not known */
    bool has_claimed; struct when claimed;
    int64_t at;                         /* the time of control: "best" while no timestamp is verified */
    bool whole_file;
    size_t revision, revisions;         /* 0: does not apply */
    struct cover *covers; size_t n_covers;
    struct later_change *later; size_t n_later, n_changes;      /* the first of them; how many there are */
    const char *countersigns;           /* XAdES: id of the signature whose value it signs; NULL: it is no counter-signature */
    struct policy_fact policy;
    size_t n_timestamps;                /* signature timestamps that are there, not looked at in this version */
    struct note notes[NOTES_MAX]; size_t n_notes;
};

struct outcome {
    sign_verdict verdict;
    const char *sub;                    /* EN 319 102-1's name; NULL when passed */
    int integrity;                      /* SIGN_INTEGRITY_* */
};

/* Adds a note, once for equal code and arguments. The first of each code always finds room, whatever a hostile document
 * says a thousand times. arg1 and arg2 must live in the arena or be static; either may be NULL. */
void facts_note(struct facts *f, enum message_code code, const char *arg1, const char *arg2, const char *clause);
bool facts_has_note(const struct facts *f, enum message_code code);
/* Sets a fact that nobody has denied: FALSE stays FALSE. */
void fact_true(enum fact *fact);
void facts_drop(struct facts *f);

/* The verdict, its sub-indication and the notes that belong to it. */
void verdict_decide(struct outcome *out, struct facts *f);

#endif
