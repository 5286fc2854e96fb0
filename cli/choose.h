/* One of several, asked on the terminal by number. */
#ifndef CLI_CHOOSE_H
#define CLI_CHOOSE_H

#include "text.h"

struct choices {
    struct choice { char *uri, *label; } *items;
    size_t n;
};
bool choices_add(struct choices *choices, const char *uri, const char *label);
void choices_free(struct choices *choices);
/* Lists them and asks. EXIT_DONE: *uri is the one chosen, borrowed; EXIT_KEY: no terminal to ask on; EXIT_CANCELLED. */
int choices_ask(const struct choices *choices, enum text headline, const char **uri);

#endif
