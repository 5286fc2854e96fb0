/* Documents made up from a seed, the same one for the same seed, well-formed, in the shapes that canonicalization cares about. */
#ifndef TESTS_XML_RANDOM_H
#define TESTS_XML_RANDOM_H

#include <base/build.h>

struct dice { uint64_t state; };

unsigned roll(struct dice *d, unsigned sides);      /* 0 to sides - 1 */
void random_document(struct build *out, struct dice *d);

#endif
