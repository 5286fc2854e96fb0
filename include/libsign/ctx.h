/*
 * The context: clock, log, limits and shared caches. Everything else is made from one.
 *
 * One context may be used by any number of threads at once. It must outlive what was made from it. After fork() a child
 * must not use its parent's tokens (they answer SIGN_E_TOKEN); everything else stays usable.
 */
#ifndef LIBSIGN_CTX_H
#define LIBSIGN_CTX_H

#include <libsign/bytes.h>

typedef struct sign_ctx sign_ctx;

enum { SIGN_LOG_ERROR = 1, SIGN_LOG_WARNING, SIGN_LOG_INFO, SIGN_LOG_DEBUG };

typedef struct sign_ctx_opts {
    size_t struct_size;
    void *payload;                                            /* handed to the callbacks             */
    void (*log)(void *payload, int level, const char *msg);   /* any thread; NULL: nothing is logged */
    int64_t (*now)(void *payload);                            /* seconds since 1970, UTC; NULL: the system's clock */
    uint64_t max_inflated;                                    /* bytes; 0: the safe default          */
    uint32_t max_depth, max_objects;                          /* 0: the safe defaults                */
} sign_ctx_opts;
#define SIGN_CTX_OPTS_INIT { .struct_size = sizeof(sign_ctx_opts) }

/* opts may be NULL. Errors: ARG, NOMEM, ALGO (OpenSSL lacks an algorithm that every signature needs). */
SIGN_API int sign_ctx_new(sign_ctx **out, const sign_ctx_opts *opts, sign_err *err) SIGN_MUST_USE;
SIGN_API void sign_ctx_free(sign_ctx **ctx);

#endif
