#include "trust.h"
#include "complain.h"
#include "exit.h"

static int add_all(sign_trust *trust, int what, const struct list *paths)
{
    for (size_t i = 0; i < paths->n; i++) {
        sign_err err = SIGN_ERR_INIT;
        int rc = sign_trust_add_path(trust, what, paths->items[i], &err);
        if (rc != SIGN_OK) {
            complain(paths->items[i], &err);
            return exit_of_status(rc);
        }
    }
    return EXIT_DONE;
}

int trust_load(sign_trust **out, sign_ctx *ctx, const struct trust_options *options)
{
    sign_err err = SIGN_ERR_INIT;
    int rc = sign_trust_new(out, ctx, &err);
    if (rc != SIGN_OK) {
        complain("--trust", &err);
        return exit_of_status(rc);
    }
    int code = add_all(*out, SIGN_TRUST_ANCHORS, &options->anchors);
    if (code == EXIT_DONE) {
        code = add_all(*out, SIGN_TRUST_EVIDENCE, &options->certs);
    }
    return code == EXIT_DONE ? add_all(*out, SIGN_TRUST_EVIDENCE, &options->crls) : code;
}
