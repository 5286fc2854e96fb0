/* A canonical form made twice: by the room's own parser and canonicalizer, and by libxml2. */
#ifndef TESTS_XML_FORM_H
#define TESTS_XML_FORM_H

#include <base/build.h>
#include <xml/c14n.h>

struct form {
    struct c14n_spec spec;
    size_t element;         /* the n-th element alone, from 1; 0: the document */
    size_t omit;            /* without the n-th element; 0: whole              */
};

int form_ours(struct build *out, sign_bytes document, const struct form *form, sign_err *err);
/* False: libxml2 does not read the document, or makes no such form of it. Accepts what it calls namespace errors as refusal. */
bool form_theirs(struct build *out, sign_bytes document, const struct form *form);

#endif
