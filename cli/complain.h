/* Errors of the library, told to a person on standard error: what, where, the clause, and what can be done. */
#ifndef CLI_COMPLAIN_H
#define CLI_COMPLAIN_H

#include <libsign/error.h>

void complain(const char *about, const sign_err *err);
/* A sign_ctx_opts.log; payload: an int, the highest SIGN_LOG_* that is shown. */
void complain_log(void *payload, int level, const char *message);
/* The same errors where a key, token or PIN was the matter: other words and hints. */
void complain_of_key(const char *about, const sign_err *err);

#endif
