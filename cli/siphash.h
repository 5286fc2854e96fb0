/* SipHash-2-4 (Aumasson, Bernstein 2012): a keyed hash of names, so that nobody can choose two names that meet. */
#ifndef CLI_SIPHASH_H
#define CLI_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

struct siphash_key { uint64_t k0, k1; };
uint64_t siphash(struct siphash_key key, const void *data, size_t len);

#endif
