/*
 * The inside of the public sign_ctx: the one place that knows a clock, and what documents share. Immutable but for the
 * caches, which lock for themselves.
 */
#ifndef CTX_CTX_H
#define CTX_CTX_H

#include <base/watch.h>
#include <cert/cert.h>
#include <crypto/crypto.h>
#include <libsign/ctx.h>

const struct crypto *ctx_crypto(const sign_ctx *ctx);
struct cert_cache *ctx_certs(const sign_ctx *ctx);
struct folders *ctx_folders(const sign_ctx *ctx);           /* that outputs go to (io/folders.h) */
int64_t ctx_now(const sign_ctx *ctx);                        /* seconds since 1970, UTC */
const sign_ctx_opts *ctx_opts(const sign_ctx *ctx);          /* the caller's, newer fields zero where it is older */
/* To the caller's log, if it has one. Never a secret. */
void ctx_log(const sign_ctx *ctx, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * A watch over a deadline and a cancel flag, for one document's work on one thread. It holds a pointer to itself: keep it
 * where it was started.
 */
struct ctx_watch {
    struct watch watch;                 /* hand &watch to the rooms below */
    int64_t until_ms;                   /* of CLOCK_MONOTONIC; 0: no deadline */
    const volatile int32_t *cancel;     /* NULL: cannot be cancelled */
};
void ctx_watch_start(struct ctx_watch *w, int64_t timeout_ms, const volatile int32_t *cancel);
/* What happens between these two takes no time of the deadline: a person who types a PIN, other documents' turns at a token. */
int64_t ctx_watch_pause(const struct ctx_watch *w);
void ctx_watch_resume(struct ctx_watch *w, int64_t paused_at);

#endif
