/* What pdf.c and xml.c share while they gather facts about one document. */
#ifndef VERIFY_GATHER_H
#define VERIFY_GATHER_H

#include <ctx/ctx.h>
#include <ctx/doc.h>
#include <io/source.h>
#include <verify/report.h>

/* Public-key work of one signature, in watch_poll's bytes: a few milliseconds with a long chain. */
#define SIGNATURE_WORK (512u << 10)

struct gather {
    const struct crypto *crypto;
    struct cert_cache *certs;
    const sign_trust *trust;            /* may be NULL */
    int64_t at;
    int32_t revocation;
    struct watch *watch;
    struct arena *arena;                /* the report's */
    const sign_doc *doc;                /* for its password */
    const sign_bytes *policies; size_t n_policies;      /* documents of signature policies */
};

/* Each reads the whole document into the report. Not SIGN_OK: nothing was decided. */
int gather_pdf(sign_report *report, const struct gather *g, struct source *source, const sign_ctx_opts *limits,
               sign_err *err);
int gather_xml(sign_report *report, const struct gather *g, struct source *source, bool allow_doctype, sign_err *err);

/*
 * signer.c: the signer's certificate and its path.
 */
/* Decodes what came with the signature into f->sent; what cannot be read is noted and makes f->consistent FALSE.
 * LIMIT, NOMEM. */
int signer_decode(struct facts *f, const struct gather *g, const sign_bytes *der, size_t n, sign_err *err);
/* The first of f->sent, then of the trust's certificates, that fits; NULL. */
typedef bool (*signer_fits_fn)(const void *payload, const sign_cert *cert);
const sign_cert *signer_find(const struct facts *f, const struct gather *g, signer_fits_fn fits, const void *payload);
/* Takes a reference; cert NULL: there is none (noted). */
void signer_set(struct facts *f, const sign_cert *cert);
bool signer_is_sent(const struct facts *f);     /* the signer's certificate came with the signature */
/* Is this the certificate that the signed reference names? Sets f->bound FALSE where not. NOMEM, ALGO. */
struct cert_ref {
    const struct digest_alg *alg;       /* NULL: unknown, alg_name says which */
    sign_bytes digest;
    sign_bytes serial;                  /* INTEGER content; empty where none is given */
};
int signer_check_ref(struct facts *f, const struct gather *g, const struct cert_ref *ref, sign_err *err);
/* Builds and judges the path of f->cert, its key usage, and what came with it. */
int signer_check_path(struct facts *f, const struct gather *g, sign_err *err);

/* value.c: the signature value itself. */
struct signed_value {
    struct sig_params params;
    sign_bytes tbs;                     /* what was signed, whole; empty where digest stands for it */
    sign_bytes digest;                  /* of it; empty: computed from tbs */
    sign_bytes value;
    bool ecdsa_raw;
    EVP_PKEY **proven;                  /* where value_try notes the key that made it, which is then not asked again */
};
/* The bare question; *good as sig_verify sets it. Its errors. */
int value_try(const struct gather *g, EVP_PKEY *key, const struct signed_value *v, bool *good, sign_err *why);
/* Over key: sets f->value, or f->supported FALSE where it cannot be told. Returns only what ends the work. */
int value_check(struct facts *f, const struct gather *g, EVP_PKEY *key, const struct signed_value *v, sign_err *err);
/* f->strong, from the digests and the key; called once for each digest, then for the key. */
void value_judge_digest(struct facts *f, const struct gather *g, const struct digest_alg *alg);
void value_judge_key(struct facts *f, const struct gather *g, int32_t scheme, int bits);

/* A fact denied, with its reason: FALSE whatever it was. detail is copied into the arena, offset given where known. */
void deny(struct facts *f, const struct gather *g, enum fact *fact, enum message_code code, const char *clause,
          const char *detail);
/* "detail (at byte 123)"; detail alone for SIGN_NO_OFFSET. In the arena; "" without memory. */
const char *at_offset(const struct gather *g, const char *detail, uint64_t offset);
/* Whether a status of a lower room means that the work ends (NOMEM, IO, LIMIT, TIMEOUT, CANCELLED, INTERNAL…). */
bool ends_work(int status);
const char *time_text(const struct gather *g, int64_t seconds);
/* The claimed time as it stands, with its remarks. */
void claim_time(struct facts *f, const struct when *when);

#endif
