/*
 * PINs that a token has refused in this process: they are not sent again, because every sending may cost a try. Only
 * salted hashes are kept, in locked memory; the last 32 of them.
 */
#ifndef TOKEN_PINS_H
#define TOKEN_PINS_H

#include <base/secret.h>
#include <crypto/crypto.h>
#include <stdbool.h>

struct pin_id {                 /* which PIN of which token */
    const char *label, *serial, *model;
    int32_t kind;               /* SIGN_SECRET_* */
};
/* *bad: this PIN was refused before. */
int pin_is_bad(bool *bad, const struct crypto *crypto, const struct pin_id *id, const struct secret *pin,
               sign_err *err);
int pin_remember_bad(const struct crypto *crypto, const struct pin_id *id, const struct secret *pin, sign_err *err);

#endif
