/*
 * The *.pdf and *.xml files (in any case) below a folder, in the order of their names' bytes, so that two runs answer
 * alike. Links below it are not followed, so that no walk is endless.
 */
#ifndef CLI_FOLDERS_H
#define CLI_FOLDERS_H

#include "inputs.h"

struct folders;

/* NULL: no memory. */
struct folders *folders_open(const char *path);
/* False: no more. *out is valid until the next call. */
bool folders_next(struct folders *folders, struct input *out);
void folders_close(struct folders *folders);

#endif
