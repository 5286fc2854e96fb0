/* Where an output goes: its folder, held open, and its name there. For this room alone. */
#ifndef IO_TARGET_H
#define IO_TARGET_H

#include <libsign/error.h>
#include <stdbool.h>

struct target {
    int dir;        /* -1 in the zero-like TARGET_NONE; the folder may be renamed meanwhile, the descriptor follows */
    char *name;     /* without a slash; owned */
};

#define TARGET_NONE { .dir = -1 }

/* With `follow`, a symbolic link is followed to the file behind it, which must be there (a dangling link is IO). */
int target_find(struct target *out, const char *path, bool follow, sign_err *err);
void target_free(struct target *target);

#endif
