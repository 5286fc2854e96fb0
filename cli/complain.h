/* Errors of the library, told to a person on standard error: what, where, the clause, and what can be done. */
#ifndef CLI_COMPLAIN_H
#define CLI_COMPLAIN_H

#include <libsign/error.h>

void complain(const char *about, const sign_err *err);
void complain_of_key(const char *about, const sign_err *err);

#endif
