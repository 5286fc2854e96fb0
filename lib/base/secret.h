/*
 * Memory for PINs and pass phrases: page-aligned, locked (as far as RLIMIT_MEMLOCK lets us), kept out of core dumps
 * (MADV_DONTDUMP) and of children (MADV_WIPEONFORK), wiped when freed.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <libsign/error.h>
#include <stddef.h>

struct secret {
    char *ptr;          /* zeroed; cap bytes */
    size_t len, cap, mapped;
};

int secret_new(struct secret *out, size_t cap, sign_err *err);
void secret_free(struct secret *secret);
void wipe(void *ptr, size_t len);      /* explicit_bzero; ptr may be NULL when len is 0 */

#endif
