/*
 * PKCS#11 tokens. Modules are vendors' code and run inside the process; their sessions are opened read-only.
 *
 * PIN rules (none of them can be switched off by accident): the token's flags are read before every login; one call makes
 * one attempt; the final try is refused unless allow_final_try; a wrong PIN is never tried again by itself.
 */
#ifndef LIBSIGN_TOKEN_H
#define LIBSIGN_TOKEN_H

#include <libsign/cert.h>
#include <libsign/ctx.h>
#include <stdbool.h>

typedef struct sign_token sign_token;   /* one thread at a time */

/* Strings are UTF-8, valid during the call that hands them over, or as long as the token. */
typedef struct sign_token_info {
    size_t struct_size;
    const char *label, *serial, *manufacturer, *model;
    const char *reader;                  /* the slot's description */
    const char *module;                  /* the path of the PKCS#11 module */
    const char *uri;                     /* RFC 7512, enough to choose this token again */
    bool login_required, pin_pad, pin_low, pin_final_try, pin_locked, initialized;
} sign_token_info;

enum { SIGN_SECRET_USER_PIN = 1, SIGN_SECRET_CONTEXT_PIN, SIGN_SECRET_NEW_PIN, SIGN_SECRET_PIN_PAD, SIGN_SECRET_PKCS12, SIGN_SECRET_PDF };
typedef struct sign_pin_request {
    size_t struct_size;
    int32_t kind;                        /* SIGN_SECRET_*                 */
    const sign_token_info *token;        /* NULL for files                */
    const char *what;                    /* the file or key, for a prompt */
} sign_pin_request;
/* Writes the secret into buf (cap bytes, locked memory of the library) and its length into *len; a sign_status. */
typedef int (*sign_pin_fn)(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len);

/* Visits return true to go on. */
typedef bool (*sign_token_visit_fn)(void *payload, const sign_token_info *info);
typedef bool (*sign_cert_visit_fn)(void *payload, const sign_cert *cert, bool has_key, const char *uri);

/*
 * Lists tokens without logging in. module is a path, or NULL: p11-kit's configured modules, then the known vendors' paths.
 * Errors: NOTFOUND (no module at all), TOKEN (native: CKR_*), NOMEM. A slot without a token is passed over.
 */
SIGN_API int sign_token_list(sign_ctx *ctx, const char *module, sign_token_visit_fn visit, void *payload, sign_err *err) SIGN_MUST_USE;
/* uri: RFC 7512, of which token=, serial=, model=, manufacturer= count here; NULL: the one token there is.
 * Errors: ARG (uri), NOTFOUND, AMBIGUOUS, TOKEN. */
SIGN_API int sign_token_open(sign_token **out, sign_ctx *ctx, const char *module, const char *uri, sign_err *err) SIGN_MUST_USE;
SIGN_API const sign_token_info *sign_token_describe(const sign_token *token);
/* ask and payload are kept, for keys that want a PIN for every signature: they must outlive the token.
 * Errors: PIN_WRONG, PIN_LAST_TRY (refused, nothing was sent), PIN_LOCKED, CANCELLED, TOKEN. */
SIGN_API int sign_token_login(sign_token *token, sign_pin_fn ask, void *payload, bool allow_final_try, sign_err *err) SIGN_MUST_USE;
/* The certificates that can be seen now; has_key is false where the private key shows only after login. */
SIGN_API int sign_token_certs(sign_token *token, sign_cert_visit_fn visit, void *payload, sign_err *err) SIGN_MUST_USE;
SIGN_API void sign_token_free(sign_token **token);

#endif
