/* What stands in a Signature without being signed by it. */
#ifndef XML_LOOSE_H
#define XML_LOOSE_H

#include <xml/node.h>

/* Once its references are judged: an Object holds more than they cover, or KeyInfo something that is no key's. */
bool sig_is_loose(const struct xml_doc *doc, const struct sig_state *state);
/*
 * Then, once for the document: a Signature that is left out of what another covers takes what is loose in it, or wrong
 * with it, along. Those are the ones inside of that other (a counter-signature), or, by XPath, all of them.
 */
void sigs_spread_loose(struct xml_doc *doc);

#endif
