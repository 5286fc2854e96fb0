/* The options of public functions: structs whose first member is size_t struct_size, which grow at their end. */
#ifndef BASE_OPTS_H
#define BASE_OPTS_H

#include <libsign/error.h>
#include <stddef.h>

/*
 * Puts what the caller's header knew of the struct over *out, which holds the defaults; members that are newer stay as they are.
 * `given` may be NULL. SIGN_E_ARG where struct_size is below `least`, the first size there ever was: then it was never set.
 * `name` and `init` are for that message: "sign_verify: opts", "SIGN_VERIFY_OPTS_INIT".
 */
int opts_take(void *out, size_t size, const void *given, size_t least, const char *name, const char *init, sign_err *err);

#endif
