#include <base/cleanup.h>
#include <base/err.h>
#include <base/opts.h>
#include <cert/trust.h>
#include <ctx/ctx.h>
#include <io/folders.h>
#include <libsign/verify.h>
#include <libsign/version.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct sign_ctx {
    sign_ctx_opts opts;
    struct crypto *crypto;
    struct cert_cache *certs;
    struct folders *folders;
};

const char *sign_version(void)
{
    return LIBSIGN_VERSION;
}

int sign_ctx_new(sign_ctx **out, const sign_ctx_opts *opts, sign_err *err)
{
    if (!out) {
        return err_arg(err, "sign_ctx_new: out is NULL");
    }
    *out = NULL;
    CLEANUP(sign_ctx_free) sign_ctx *ctx = calloc(1, sizeof *ctx);
    if (!ctx) {
        return err_nomem(err);
    }
    int rc = opts_take(&ctx->opts, sizeof ctx->opts, opts, offsetof(sign_ctx_opts, payload), "sign_ctx_new: opts",
                       "SIGN_CTX_OPTS_INIT", err);
    ctx->opts.struct_size = sizeof ctx->opts;
    if (rc == SIGN_OK) {
        rc = crypto_new(&ctx->crypto, err);
    }
    if (rc == SIGN_OK) {
        rc = cert_cache_new(&ctx->certs, ctx->crypto, err);
    }
    if (rc == SIGN_OK) {
        rc = folders_new(&ctx->folders, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    *out = ctx;
    ctx = NULL;
    return SIGN_OK;
}

void sign_ctx_free(sign_ctx **ctx)
{
    if (!ctx || !*ctx) {
        return;
    }
    folders_free(&(*ctx)->folders);
    cert_cache_free(&(*ctx)->certs);
    crypto_free(&(*ctx)->crypto);
    free(*ctx);
    *ctx = NULL;
}

const struct crypto *ctx_crypto(const sign_ctx *ctx)
{
    return ctx->crypto;
}

struct cert_cache *ctx_certs(const sign_ctx *ctx)
{
    return ctx->certs;
}

struct folders *ctx_folders(const sign_ctx *ctx)
{
    return ctx->folders;
}

const sign_ctx_opts *ctx_opts(const sign_ctx *ctx)
{
    return &ctx->opts;
}

int64_t ctx_now(const sign_ctx *ctx)
{
    return ctx->opts.now ? ctx->opts.now(ctx->opts.payload) : (int64_t)time(NULL);
}

void ctx_log(const sign_ctx *ctx, int level, const char *fmt, ...)
{
    if (!ctx->opts.log) {
        return;
    }
    char line[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    ctx->opts.log(ctx->opts.payload, level, line);
}

int sign_trust_new(sign_trust **out, sign_ctx *ctx, sign_err *err)
{
    if (!out || !ctx) {
        return err_arg(err, "sign_trust_new: out or ctx is NULL");
    }
    return trust_new(out, ctx->certs, ctx->crypto, err);
}
