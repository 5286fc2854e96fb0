#include "exit.h"

#include <libsign/error.h>
#include <stddef.h>

int exit_worst(int a, int b)
{
    static const int order[] = {
        EXIT_INTERNAL, EXIT_USAGE, EXIT_CANCELLED, EXIT_FAILED, EXIT_KEY, EXIT_INPUT, EXIT_NETWORK, EXIT_NO_SIGNATURE,
        EXIT_INDETERMINATE,
    };
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        if (a == order[i] || b == order[i]) {
            return order[i];
        }
    }
    return EXIT_DONE;
}

int exit_of_status(int status)
{
    switch (status) {
    case SIGN_OK:
        return EXIT_DONE;
    case SIGN_E_IO:
    case SIGN_E_LIMIT:
    case SIGN_E_FORMAT:
    case SIGN_E_UNSUPPORTED:
    case SIGN_E_NOTFOUND:
    case SIGN_E_AMBIGUOUS:
    case SIGN_E_ALGO:
    case SIGN_E_FORBIDDEN:
    case SIGN_E_EXISTS:
    case SIGN_E_PASSWORD:
    case SIGN_E_TIMEOUT:
        return EXIT_INPUT;
    case SIGN_E_CERT:
    case SIGN_E_TOKEN:
    case SIGN_E_PIN_WRONG:
    case SIGN_E_PIN_LAST_TRY:
    case SIGN_E_PIN_LOCKED:
        return EXIT_KEY;
    case SIGN_E_CANCELLED:
        return EXIT_CANCELLED;
    case SIGN_E_NET:
        return EXIT_NETWORK;
    case SIGN_E_ARG:
        return EXIT_USAGE;
    default:
        return EXIT_INTERNAL;
    }
}

int exit_of_key_status(int status)
{
    int code = exit_of_status(status);
    return code == EXIT_INPUT ? EXIT_KEY : code;
}
