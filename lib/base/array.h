/* Growing an array that malloc owns. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <libsign/error.h>
#include <stddef.h>

/*
 * Makes room for `need` elements of `size` bytes at *ptr, which has room for *cap; grows by doubling, never beyond max
 * elements (SIGN_E_LIMIT, naming `what`). New room is zeroed. On failure nothing has changed.
 *     int rc = array_grow((void **)&list, &cap, n + 1, sizeof *list, LIMIT_PDF_SIGS, "signatures", err);
 */
int array_grow(void **ptr, size_t *cap, size_t need, size_t size, size_t max, const char *what, sign_err *err);

#endif
