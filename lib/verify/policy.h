/* Which algorithms and key sizes are strong enough: one closed table, each row with its reason. */
#ifndef VERIFY_POLICY_H
#define VERIFY_POLICY_H

#include <crypto/algs.h>
#include <stdbool.h>

struct weakness {
    const char *what;       /* "SHA-1", "RSA 1024"; static or in what_buf */
    const char *reason;     /* static, English and source                */
    char what_buf[32];
};
/* NULL digest (unknown) is weak: nobody vouched for it. */
bool policy_digest_ok(struct weakness *out, const struct digest_alg *digest);
/* scheme: SIGN_SCHEME_*; bits as key_bits tells. An unknown scheme is weak. */
bool policy_key_ok(struct weakness *out, int32_t scheme, int bits);

#endif
