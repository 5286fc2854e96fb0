/* --trust, --certs and --crl as one sign_trust. */
#ifndef CLI_TRUST_H
#define CLI_TRUST_H

#include "option.h"

#include <libsign/verify.h>

struct trust_options { struct list anchors, certs, crls; };
#define TRUST_OPTIONS(t) \
    { "trust", 0, OPTION_LIST, &(t).anchors, "PATH", T_OPT_TRUST }, \
    { "certs", 0, OPTION_LIST, &(t).certs, "PATH", T_OPT_CERTS }, \
    { "crl", 0, OPTION_LIST, &(t).crls, "PATH", T_OPT_CRL }

/* EXIT_DONE, or the exit code after complaining. */
int trust_load(sign_trust **out, sign_ctx *ctx, const struct trust_options *options);

#endif
