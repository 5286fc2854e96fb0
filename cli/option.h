/* Options as a table: each command lists its own, --help prints them, one parser reads them all. */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include "text.h"

enum option_kind { OPTION_FLAG, OPTION_VALUE, OPTION_TEXT, OPTION_LIST, OPTION_TEXTS };   /* TEXT: goes into a document */

struct list {                   /* values of a repeatable option, borrowed from argv */
    const char **items;
    size_t n;
};

struct option {
    const char *name;           /* without "--"; NULL ends the table */
    char letter;                /* 0: none                            */
    enum option_kind kind;
    void *to;                   /* bool *, const char ** or struct list * */
    const char *value;          /* how --help calls the value         */
    enum text help;
};

struct command_line {
    const char *command;        /* NULL: kyso itself    */
    const struct option *options;
    struct list files;          /* what is no option; "-" is a file   */
    bool help;
};
/*
 * EXIT_DONE, or EXIT_USAGE after saying what is wrong. "--" ends the options; flags of one letter may stand together
 * (-rv). Values are never repeated in messages about options that do not exist: --pin=... had a secret in mind.
 */
int options_read(struct command_line *line, int argc, char **argv);
void options_help(const struct command_line *line, enum text usage);
/* A command from its words to its exit code: options read, --help answered, run called with what is left, all given back. */
int options_run(struct command_line *line, enum text usage, int (*run)(const struct command_line *line), int argc, char **argv);
/* What an option's value does not fit, said; EXIT_USAGE. */
int options_bad_value(const char *name, const char *value, const char *expected);
void options_free(struct command_line *line);

#endif
