/* The Ids that signing added to a document, from the library's callback to what is said of the file. */
#ifndef CLI_ADDED_H
#define CLI_ADDED_H

#include <libsign/sign.h>

struct added { char *element, *id; struct added *next; };

/* sign_xml_opts.added: keeps it for the thread that signs. */
void added_keep(void *payload, const sign_doc *doc, const char *element, const char *id);
/* What this thread has kept, in order; NULL: nothing. To be freed. */
struct added *added_take(void);
void added_free(struct added *list);

#endif
