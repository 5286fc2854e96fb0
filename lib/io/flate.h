/* Deflate and its inverse, zlib format (RFC 1950), with a cap on what comes out. */
#ifndef IO_FLATE_H
#define IO_FLATE_H

#include <base/build.h>
#include <base/watch.h>

/*
 * Appends the inflated bytes to out, at most max of them (SIGN_E_LIMIT). A stream that ends early or has a bad checksum
 * is SIGN_E_FORMAT, with what could be decoded in out: PDF readers keep such streams, callers decide.
 */
int flate_decode(struct build *out, sign_bytes in, size_t max, struct watch *watch, sign_err *err);
int flate_encode(struct build *out, sign_bytes in, sign_err *err);

#endif
