/* Trust, verification and its report. */
#ifndef LIBSIGN_VERIFY_H
#define LIBSIGN_VERIFY_H

#include <libsign/bytes.h>
#include <libsign/cert.h>
#include <libsign/doc.h>
#include <libsign/time.h>

/* Anchors, further certificates and evidence. Filled by one thread, then shared by any number. */
typedef struct sign_trust sign_trust;

SIGN_API int sign_trust_new(sign_trust **out, sign_ctx *ctx, sign_err *err) SIGN_MUST_USE;
/* Certificates, DER or PEM (any number in one PEM); FORMAT where there is none. */
SIGN_API int sign_trust_add_anchor(sign_trust *trust, sign_bytes der_or_pem, sign_err *err) SIGN_MUST_USE;
/* Certificates that are not trusted by themselves, and CRLs; DER or PEM. */
SIGN_API int sign_trust_add_evidence(sign_trust *trust, sign_bytes der_or_pem, sign_err *err) SIGN_MUST_USE;
enum { SIGN_TRUST_ANCHORS = 1, SIGN_TRUST_EVIDENCE };
/* A file, or every *.pem *.crt *.cer *.der *.crl of a folder (in order of name). Errors: IO, FORMAT, NOMEM, LIMIT. */
SIGN_API int sign_trust_add_path(sign_trust *trust, int what, const char *path, sign_err *err) SIGN_MUST_USE;
SIGN_API void sign_trust_free(sign_trust **trust);

typedef enum { SIGN_INDETERMINATE = 0, SIGN_PASSED = 1, SIGN_FAILED = 2 } sign_verdict;
enum { SIGN_INTEGRITY_UNKNOWN = 0, SIGN_INTEGRITY_INTACT = 1, SIGN_INTEGRITY_BROKEN = 2 };

enum { SIGN_REVOCATION_REQUIRE = 0, SIGN_REVOCATION_TRY, SIGN_REVOCATION_OFF };

typedef struct sign_verify_opts {
    size_t struct_size;
    int64_t at_time;                  /* verify as of this time; SIGN_NOW: the context's clock                   */
    int32_t revocation;               /* SIGN_REVOCATION_*                                                       */
    int64_t timeout_ms;               /* per document; 0: none. Passed: SIGN_E_TIMEOUT                            */
    const volatile int32_t *cancel;   /* looked at all along; non-zero: SIGN_E_CANCELLED. NULL: not cancellable  */
    const sign_bytes *policies;       /* documents of signature policies: a signature that names one whose digest is
                                         of none of these is INDETERMINATE / POLICY_PROCESSING_ERROR                */
    size_t n_policies;                /* 0: policies are reported and not compared                                */
} sign_verify_opts;
#define SIGN_VERIFY_OPTS_INIT { .struct_size = sizeof(sign_verify_opts), .at_time = SIGN_NOW }

typedef struct sign_report sign_report;   /* outcome of one verification; immutable */

/*
 * SIGN_OK iff there is at least one signature and every one is TOTAL-PASSED. SIGN_E_NOT_VALID: *out is set, read it (a
 * document without a signature is among these). Anything else: nothing was decided, and *out is NULL: IO, FORMAT (neither
 * PDF nor XML, malformed, DOCTYPE), PASSWORD, LIMIT, NOMEM, TIMEOUT, CANCELLED, UNSUPPORTED, ARG.
 * trust may be NULL: no anchors. opts may be NULL.
 */
SIGN_API int sign_verify(sign_report **out, const sign_doc *doc, const sign_trust *trust, const sign_verify_opts *opts,
                         sign_err *err) SIGN_MUST_USE;
SIGN_API size_t sign_report_count(const sign_report *report);                         /* signatures */
SIGN_API sign_verdict sign_report_verdict(const sign_report *report, size_t i);       /* INDETERMINATE for an i too large */
SIGN_API const char *sign_report_sub_indication(const sign_report *report, size_t i); /* EN 319 102-1's name, or NULL */
SIGN_API int sign_report_integrity(const sign_report *report, size_t i);              /* SIGN_INTEGRITY_* */
SIGN_API const char *sign_report_id(const sign_report *report, size_t i);             /* never NULL */
SIGN_API const sign_cert *sign_report_signer(const sign_report *report, size_t i);    /* borrowed; NULL where there is none */
/* "TOTAL-PASSED", "INDETERMINATE", "TOTAL-FAILED" or "NO-SIGNATURE": the worst of the signatures'. Static. */
SIGN_API const char *sign_report_overall(const sign_report *report);
/* One line of JSON without a line end, as docs/json.md says; file is the name to print (any bytes). */
SIGN_API int sign_report_json(sign_buf **out, const sign_report *report, const char *file, sign_err *err) SIGN_MUST_USE;
/* The same object for a document of which nothing was decided: why is the error that sign_doc_open or sign_verify gave. */
SIGN_API int sign_error_json(sign_buf **out, const char *file, int doc_type, const sign_err *why, sign_err *err) SIGN_MUST_USE;
/* For people, in "vi" or "en", lines of text that are safe on a terminal; details false: one line a file. */
SIGN_API int sign_report_text(sign_buf **out, const sign_report *report, const char *file, const char *lang, bool details,
                              sign_err *err) SIGN_MUST_USE;
SIGN_API void sign_report_free(sign_report **report);

/*
 * Exactly the bytes that a signature covers by one reference, so that what is shown or processed is what was signed.
 * signature_id as sign_report_id gives it; reference counts as scope.covers does, from 0. XML: the octets that are
 * digested (canonical, or decoded base64). PDF: the whole ByteRange, both parts in order; reference is 0. It checks
 * that reference's digest (PDF: the ByteRange alone) and nothing else: trust what comes of a signature that passed.
 * out gets writes alone: finish and abort stay with the caller. Errors may come after bytes have: take them for
 * nothing then. NOTFOUND (no such signature or reference, a referenced Id that is not there), AMBIGUOUS, UNSUPPORTED,
 * FORMAT, NOT_VALID (the digest differs), ARG, what out->write returns, and those of sign_verify.
 */
SIGN_API int sign_covered_bytes(const sign_sink *out, const sign_doc *doc, const char *signature_id, size_t reference,
                                sign_err *err) SIGN_MUST_USE;

#endif
