/* The work of `kyso verify` over any number of files: results printed as they come, counted, and their exit code. */
#ifndef CLI_VERIFY_MANY_H
#define CLI_VERIFY_MANY_H

#include "inputs.h"
#include "resume.h"

#include <libsign/libsign.h>

struct verify_many {
    sign_ctx *ctx;
    const sign_trust *trust;
    const sign_verify_opts *verify;
    const sign_doc_opts *doc;
    struct inputs *inputs;
    const struct resume *resume;        /* NULL: nothing was answered before */
    int32_t workers;                    /* 0: all cores                      */
    bool unordered, json, quiet, details, summary;
};
/* The worst exit code of all files, those that an earlier run answered too. */
int verify_many(const struct verify_many *many);

#endif
