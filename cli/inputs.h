/*
 * The files that a command works on, one after the other: names on the command line, folders under -r, and the lines of
 * --files-from. Nothing is collected beforehand: memory does not grow with their number.
 */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "option.h"

struct inputs {
    const struct list *files;
    bool recursive, nul;
    const char *files_from;         /* NULL: none; "-": standard input */
};
/* Return the exit code of this file. A name that cannot be had at all (a folder that cannot be read) comes with why set. */
typedef int (*input_fn)(void *payload, const char *path, const char *why);
/* The worst exit code of all; EXIT_INPUT too when a list could not be read. *n counts the files. */
int inputs_each(const struct inputs *inputs, input_fn each, void *payload, size_t *n);

#endif
