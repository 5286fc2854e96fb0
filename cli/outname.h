/* Where a signed document goes: -o, --in-place, or the name with a suffix before its extension. */
#ifndef CLI_OUTNAME_H
#define CLI_OUTNAME_H

#include "option.h"

struct outname { const char *path, *suffix; bool in_place, force, xml; };   /* xml: whatever goes in, XML comes out */

/* EXIT_DONE, or EXIT_USAGE after saying which options do not fit each other or the files. */
int outname_check(const struct outname *out, const struct list *files);
/* "a.pdf" -> "a.signed.pdf"; xml: "a.pdf.signed.xml". To be freed; NULL without memory. */
char *outname_make(const struct outname *out, const char *path);

#endif
