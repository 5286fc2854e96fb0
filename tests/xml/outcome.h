/* What became of the signatures of a document, read with the shortcuts (plain content, guessed digests) and without. */
#ifndef TESTS_XML_OUTCOME_H
#define TESTS_XML_OUTCOME_H

#include <xml/signature.h>

/*
 * False, with both outcomes printed, where they differ. Where both read it, readings (NULL: not asked) says how often the
 * document was read with the shortcuts. An end for want of memory or at a limit is no difference.
 */
bool outcome_is_same(sign_bytes document, const struct crypto *crypto, bool allow_doctype, unsigned *readings);

#endif
