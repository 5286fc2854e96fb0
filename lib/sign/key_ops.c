/* A key of the caller's. */
#include <sign/key.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <stddef.h>
#include <stdlib.h>

struct pool {
    sign_cert **certs;
    size_t n;
};

static void pool_free(struct pool *pool)
{
    for (size_t i = 0; i < pool->n; i++) {
        cert_free(&pool->certs[i]);
    }
    free(pool->certs);
}

int sign_key_from_ops(sign_key **out, sign_ctx *ctx, const sign_bytes *chain, size_t n, const sign_key_ops *ops,
                      void *payload, sign_err *err)
{
    if (!out || !ctx) {
        return err_arg(err, "sign_key_from_ops: out or ctx is NULL");
    }
    if (!chain || n == 0 || !ops || ops->struct_size < offsetof(sign_key_ops, drop) || !ops->sign) {
        return err_arg(err, "a key needs the signer's certificate and an operation that signs");
    }
    if (n > LIMIT_CERTS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "a chain of more than %d certificates", LIMIT_CERTS);
    }
    CLEANUP(pool_free) struct pool pool = { calloc(n, sizeof *pool.certs), 0 };
    if (!pool.certs) {
        return err_nomem(err);
    }
    for (; pool.n < n; pool.n++) {
        if (!chain[pool.n].ptr && chain[pool.n].len) {
            return err_arg(err, "sign_key_from_ops: chain[%zu].ptr is NULL", pool.n);
        }
        int rc = cert_get(ctx_certs(ctx), chain[pool.n], &pool.certs[pool.n], err);
        if (rc != SIGN_OK) {
            return err_in(err, rc, "certificate %zu of the chain", pool.n + 1);
        }
    }
    return key_new(out, ctx, pool.certs[0], pool.certs, n, ops, NULL, payload, err);
}
