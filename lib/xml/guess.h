/*
 * What the references of a document will want, guessed before it is read, so that the pass that finds the signatures
 * digests it at once. A guess names streams and taps as any plan does, and they are filled by the same code; it decides
 * nothing. What the real references want and a guess has made is taken, the rest is made in a second pass.
 */
#ifndef XML_GUESS_H
#define XML_GUESS_H

#include <xml/refs.h>

/* NULL where nothing is guessed: also without memory, or where the source cannot be read. walk: of the first pass. */
struct refs *guess_new(struct xml_doc *doc, struct walk *walk, struct watch *watch);
void guess_free(struct refs **guess);
/* The events of the first pass, as refs_start and its like; a guess that fails is dropped. */
void guess_begins(struct xml_doc *doc);
void guess_start(struct xml_doc *doc, const struct xml_event *event, bool is_signature);
void guess_end(struct xml_doc *doc, const struct xml_event *event, bool closes);
void guess_other(struct xml_doc *doc, const struct xml_event *event);
void guess_ends(struct xml_doc *doc);
/* The tap that digested what a reference wants, and what it resolved to; false: to be made. */
bool guess_has(const struct xml_doc *doc, const struct ref_plan *plan, size_t omit, const struct digest_alg *digest,
               struct tap **tap, const struct wanted **wanted);

#endif
