/* What the tests of this room share: an environment and its log. */
#ifndef TESTS_TOKEN_ROOM_H
#define TESTS_TOKEN_ROOM_H

#include "asked.h"

#include <base/err.h>
#include <stdlib.h>
#include <string.h>
#include <token/token.h>

struct log {                    /* everything that was logged, as far as it fits */
    char text[1 << 16];
    size_t len;
    const char *fault;          /* this function ... */
    unsigned long rv;           /* ... answers this */
};

static inline void keep_log(void *payload, int level, const char *msg)
{
    struct log *log = payload;
    size_t len = strlen(msg);
    if (len < sizeof log->text - log->len - 1) {
        memcpy(log->text + log->len, msg, len);
        log->len += len;
        log->text[log->len++] = '\n';
    }
}

static inline unsigned long inject(void *payload, const char *function)
{
    struct log *log = payload;
    return log->fault && strcmp(log->fault, function) == 0 ? log->rv : 0;
}

/* One for the whole program; never freed but at its end. */
static inline struct token_env *test_env(struct log *log)
{
    static struct crypto *crypto;
    static struct cert_cache *certs;
    static struct token_env env;
    if (!crypto) {
        assert_int_equal(crypto_new(&crypto, NULL), SIGN_OK);
        assert_int_equal(cert_cache_new(&certs, crypto, NULL), SIGN_OK);
    }
    memset(log, 0, sizeof *log);
    env = (struct token_env){ crypto, certs, log, keep_log, inject };
    return &env;
}

#endif
