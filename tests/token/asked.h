/* What the tests of tokens and of keys share: somebody who gives PINs and passwords, and success or the reason why not. */
#ifndef TESTS_TOKEN_ASKED_H
#define TESTS_TOKEN_ASKED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <libsign/sign.h>
#include <string.h>

struct asked {
    const char *secret;         /* what is answered; NULL: cancelled */
    unsigned times;
    int32_t kind;               /* of the last question */
};

static inline int give(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    struct asked *asked = payload;
    asked->times++;
    asked->kind = request->kind;
    if (!asked->secret) {
        return SIGN_E_CANCELLED;
    }
    *len = strlen(asked->secret);
    memcpy(buf, asked->secret, *len < cap ? *len : cap);
    return SIGN_OK;
}

#define assert_ok(call, err)                                                                                           \
    do {                                                                                                               \
        int rc_ = (call);                                                                                              \
        if (rc_ != SIGN_OK) {                                                                                          \
            fail_msg("%s: %s: %s", #call, sign_status_name(rc_), (err).msg);                                           \
        }                                                                                                              \
    } while (0)

#endif
