/*
 * The files that a command works on, one after the other: names on the command line, folders under -r, and the lines of
 * --files-from. Only the names in the folders that are open just now are held in memory, whatever the number of files.
 */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "option.h"

#include <stdatomic.h>
#include <stdint.h>

struct inputs {
    const struct list *files;
    bool recursive, nul;
    const char *files_from;         /* NULL: none; "-": standard input */
    const volatile int32_t *cancel; /* looked at while a slow list is waited for */
    atomic_bool ended;              /* likewise; set by any thread: nobody wants the results any longer */
    /* The rest is inputs_next's own: start from zero. */
    size_t at;
    struct folders *folders;        /* the walk that is under way */
    struct lines *list;
    char *name;                     /* PATH_MAX bytes */
    bool done;                      /* the list was read to its end, or as far as it goes */
};
struct input {
    const char *path;               /* "-" is standard input: only ever from the command line        */
    const char *why;                /* not NULL: a folder or list that cannot be read, and the reason */
};
/* False: no more. *out is valid until the next call. */
bool inputs_next(struct inputs *inputs, struct input *out);
/* How many there will be, where that is known beforehand; else 0. */
size_t inputs_total(const struct inputs *inputs);
void inputs_close(struct inputs *inputs);

#endif
