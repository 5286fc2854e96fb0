/* A command: its name, what it does, and one function. One cmd_*.c each, using the public API alone. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "text.h"

struct command {
    const char *name;
    int (*run)(int argc, char **argv);      /* arguments behind the name; an exit code */
    enum text summary;
};

int cmd_inspect(int argc, char **argv);
int cmd_sign(int argc, char **argv);
int cmd_token(int argc, char **argv);
int cmd_verify(int argc, char **argv);

#endif
