/*
 * What the outputs of one context know of the folders they go to. Any number of threads may share it; it locks for itself.
 * The context keeps it; what outputs do with it is in output.h.
 */
#ifndef IO_FOLDERS_H
#define IO_FOLDERS_H

#include <libsign/error.h>
#include <stdbool.h>
#include <sys/stat.h>

struct folders;

/* The sync of a folder that a name was put into, not done yet. All zero: nothing is owed. */
struct folder_debt {
    struct folder *folder;
    uint64_t number;
};

int folders_new(struct folders **out, sign_err *err);
void folders_free(struct folders **folders);        /* when nothing is owed; accepts NULL behind the pointer */
/* Whether the folder is met for the first time here; of more than LIMIT_SWEPT the rest are said to have been met. */
bool folders_first(struct folders *folders, const struct stat *folder);
/*
 * After a name was put into the folder `dir`, which may be closed then: 0, and the sync is owed; or, where no more folders can be
 * kept open, it was done at once, with its result and errno.
 */
int folders_owe(struct folders *folders, int dir, struct folder_debt *debt);
/*
 * 0 or -1 and errno: whether a sync that began after folders_owe went well. One answers all that were owed when it began, so most
 * debts cost nothing. Once for each debt.
 */
int folders_pay(struct folders *folders, struct folder_debt *debt);
/* fsync(2) of a folder. A file system without a sync for folders, and a folder that may not be read, have nothing to be synced. */
int folder_sync(int dir);

#endif
