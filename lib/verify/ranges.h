/*
 * Digests of the two ranges of a ByteRange. Signatures of one file cover prefixes of it that grow from one to the next:
 * what was digested for the last one is kept, so that a thousand signatures cost one reading of the file.
 */
#ifndef VERIFY_RANGES_H
#define VERIFY_RANGES_H

#include <crypto/crypto.h>
#include <io/source.h>

enum { RANGES_ALGS = 4 };       /* digests that one file mixes; a fifth takes the place of the first */

struct ranges {                 /* ranges_drop frees it */
    struct source *source;      /* borrowed */
    const struct crypto *crypto;
    struct watch *watch;
    struct prefix {
        struct digest_run run;  /* over [0, at) */
        uint64_t at;
    } prefixes[RANGES_ALGS];
    size_t next;
    bool last;                  /* no signature follows: what was digested for this one is not kept */
};
/* range: offset and length, twice, each within the source. ALGO, IO, NOMEM, CANCELLED, TIMEOUT. */
int ranges_digest(struct ranges *r, const uint64_t range[4], const struct digest_alg *alg, uint8_t out[DIGEST_MAX],
                  sign_err *err);
void ranges_drop(struct ranges *r);

#endif
