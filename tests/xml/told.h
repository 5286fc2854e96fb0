/* What xml_parse tells of a document, as text, so that two ways of reading it can be compared. */
#ifndef TESTS_XML_TOLD_H
#define TESTS_XML_TOLD_H

#include <base/build.h>
#include <xml/event.h>

/*
 * Events with all that is in them, text in one piece (but for that in which an error lies), then the status of an error,
 * and where it lies in the root, its offset and message. The document comes in windows that end at each of the cuts.
 */
void told(struct build *out, sign_bytes document, const size_t *cuts, size_t n_cuts, const struct xml_opts *opts);
/* The same with the shortcut past Expat and without: true. Else both are printed. */
bool told_the_same(sign_bytes document, const size_t *cuts, size_t n_cuts);

#endif
