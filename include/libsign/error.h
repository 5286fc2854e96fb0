/*
 * Status codes and the error value.
 *
 * Every fallible call returns an int that holds a sign_status and takes an optional sign_err * as its last parameter.
 * There is no global or thread-local error state: the value belongs to the caller, and a call that succeeds leaves it
 * alone.
 */
#ifndef LIBSIGN_ERROR_H
#define LIBSIGN_ERROR_H

#include <libsign/export.h>
#include <stdint.h>

typedef enum sign_status {  /* never renumbered */
    SIGN_OK = 0,
    SIGN_E_ARG = -1,          /* the caller broke the contract of the call                    */
    SIGN_E_NOMEM = -2,
    SIGN_E_IO = -3,           /* native holds errno                                           */
    SIGN_E_LIMIT = -4,        /* the input asks for more than lib/base/limits.h grants        */
    SIGN_E_FORMAT = -10,      /* the input breaks its format; offset and clause say where     */
    SIGN_E_UNSUPPORTED = -11, /* well-formed, but outside the closed list                     */
    SIGN_E_NOTFOUND = -12,
    SIGN_E_AMBIGUOUS = -13,   /* several answers where one is needed                          */
    SIGN_E_ALGO = -14,        /* an algorithm that is unknown, or that OpenSSL refuses        */
    SIGN_E_FORBIDDEN = -15,   /* the document's own rules (DocMDP, locks) forbid it           */
    SIGN_E_CERT = -16,        /* the signer's certificate may not sign this now               */
    SIGN_E_EXISTS = -17,      /* the output is there already                                  */
    SIGN_E_PASSWORD = -18,    /* encrypted, and no password or the wrong one                  */
    SIGN_E_TOKEN = -20,       /* native holds the CKR_* code                                  */
    SIGN_E_PIN_WRONG = -21,
    SIGN_E_PIN_LAST_TRY = -22, /* refused by us: a wrong PIN now would lock the token         */
    SIGN_E_PIN_LOCKED = -23,
    SIGN_E_CANCELLED = -24,
    SIGN_E_TIMEOUT = -25,     /* the caller's deadline passed                                 */
    SIGN_E_NET = -30,
    SIGN_E_NOT_VALID = -40,   /* verification ran; not everything passed                      */
    SIGN_E_INTERNAL = -99
} sign_status;

#define SIGN_NO_OFFSET UINT64_MAX

typedef struct sign_err {
    int32_t status;         /* a sign_status                                                   */
    uint32_t native;        /* CKR_*, X509_V_ERR_*, errno; 0 if none                           */
    uint64_t offset;        /* byte in the input; SIGN_NO_OFFSET if unknown                    */
    const char *clause;     /* static: "ISO 32000-2 12.8.1", or NULL                           */
    char msg[208];          /* English, UTF-8: what was being done, expected and found         */
    uint64_t reserved[4];
} sign_err;

#define SIGN_ERR_INIT { .offset = SIGN_NO_OFFSET }

/* The name of a status without its prefix ("FORMAT"); "UNKNOWN" for a number that is none. Static. */
SIGN_API const char *sign_status_name(int status);

#endif
