/* From --key, --module and --pin-source to a key that is ready to sign: token chosen, logged in, certificate chosen. */
#ifndef CLI_SIGNER_H
#define CLI_SIGNER_H

#include "secret.h"

#include <libsign/key.h>
#include <libsign/time.h>

struct signer_options {
    const char *module, *key;
    struct secret_source pin;
    bool allow_final_try;
    int (*before_asking)(void *payload);    /* before a PIN is asked for first: not EXIT_DONE, after complaining, and it is not; or NULL */
    void *payload;
    int refused;                            /* what that has answered */
};
struct signer { sign_token *token; sign_key *key; };

/* EXIT_DONE, or the exit code (5, 7, 64 …) after complaining. The options outlive the signer. */
int signer_open(struct signer *out, sign_ctx *ctx, struct signer_options *options);
void signer_close(struct signer *signer);

#endif
