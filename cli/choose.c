#include "choose.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool choices_add(struct choices *choices, const char *uri, const char *label)
{
    struct choice *grown = realloc(choices->items, (choices->n + 1) * sizeof *grown);
    if (!grown) {
        return false;
    }
    choices->items = grown;
    struct choice *item = &grown[choices->n++];
    item->uri = strdup(uri);
    item->label = strdup(label);
    return item->uri && item->label;
}

void choices_free(struct choices *choices)
{
    for (size_t i = 0; i < choices->n; i++) {
        free(choices->items[i].uri);
        free(choices->items[i].label);
    }
    free(choices->items);
    *choices = (struct choices){ 0 };
}

const char *choices_ask(const struct choices *choices, enum text headline)
{
    text_say(stderr, headline, NULL);
    for (size_t i = 0; i < choices->n; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i + 1);
        text_say(stderr, T_CHOOSE_LINE, number, choices->items[i].label, NULL);
    }
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        return NULL;
    }
    char answer[24] = "";
    text_print(stderr, T_CHOOSE_ASK, NULL);
    fflush(stderr);
    char *end = NULL;
    unsigned long number = fgets(answer, sizeof answer, stdin) ? strtoul(answer, &end, 10) : 0;
    return number >= 1 && number <= choices->n && (*end == '\n' || !*end) ? choices->items[number - 1].uri : NULL;
}
