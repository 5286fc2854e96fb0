/* The work of `kyso sign` over many files: one key, one login, results as they come. */
#ifndef CLI_SIGN_MANY_H
#define CLI_SIGN_MANY_H

#include "added.h"
#include "inputs.h"
#include "outname.h"

#include <libsign/libsign.h>

struct sign_run {
    sign_ctx *ctx;
    const sign_key *key;
    const sign_opts *sign;
    const sign_doc_opts *doc;
    const struct outname *out;
    struct inputs *inputs;
    int32_t workers;                /* 0: what the library thinks best            */
    bool again, json, quiet;
};
/*
 * What became of one file, said: status "signed", "checked", "skipped", "not-tried" or, where err is not OK, "error"; and
 * the Ids that were added to it.
 */
void sign_say(const struct sign_run *run, const char *path, const char *output, const char *status, const sign_err *err,
              const struct added *added);
/* The worst exit code of all. After a failure of the token, the key or the PIN nothing more is tried. */
int sign_run_many(const struct sign_run *run);

#endif
