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
/* Lists them and asks; the URI chosen, or NULL: no terminal, cancelled, or no such number. */
const char *choices_ask(const struct choices *choices, enum text headline);

#endif
