#include <base/cleanup.h>
#include <libsign/error.h>
#include <stddef.h>

static const struct {
    int status;
    const char *name;
} names[] = {
    { SIGN_OK, "OK" },
    { SIGN_E_ARG, "ARG" },
    { SIGN_E_NOMEM, "NOMEM" },
    { SIGN_E_IO, "IO" },
    { SIGN_E_LIMIT, "LIMIT" },
    { SIGN_E_FORMAT, "FORMAT" },
    { SIGN_E_UNSUPPORTED, "UNSUPPORTED" },
    { SIGN_E_NOTFOUND, "NOTFOUND" },
    { SIGN_E_AMBIGUOUS, "AMBIGUOUS" },
    { SIGN_E_ALGO, "ALGO" },
    { SIGN_E_FORBIDDEN, "FORBIDDEN" },
    { SIGN_E_CERT, "CERT" },
    { SIGN_E_EXISTS, "EXISTS" },
    { SIGN_E_PASSWORD, "PASSWORD" },
    { SIGN_E_TOKEN, "TOKEN" },
    { SIGN_E_PIN_WRONG, "PIN_WRONG" },
    { SIGN_E_PIN_LAST_TRY, "PIN_LAST_TRY" },
    { SIGN_E_PIN_LOCKED, "PIN_LOCKED" },
    { SIGN_E_CANCELLED, "CANCELLED" },
    { SIGN_E_TIMEOUT, "TIMEOUT" },
    { SIGN_E_NET, "NET" },
    { SIGN_E_NOT_VALID, "NOT_VALID" },
    { SIGN_E_INTERNAL, "INTERNAL" },
};

const char *sign_status_name(int status)
{
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i].status == status) {
            return names[i].name;
        }
    }
    return "UNKNOWN";
}
