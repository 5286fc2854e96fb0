#include "choose.h"
#include "exit.h"
#include "start.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 200

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

/* 0 where the answer is none of the numbers. */
static size_t number_in(const char *answer, size_t most)
{
    char *end = NULL;
    unsigned long number = answer[0] >= '1' && answer[0] <= '9' ? strtoul(answer, &end, 10) : 0;
    return number <= most && end && (*end == '\n' || !*end) ? number : 0;
}

/* poll, because signal handlers restart a read; in short turns, because a signal may come just before it: Ctrl-C has to end this. */
static bool read_answer(char *answer, int size)
{
    struct pollfd terminal = { .fd = STDIN_FILENO, .events = POLLIN };
    int ready = 0;
    while (ready == 0 && !*cancel_flag()) {
        ready = poll(&terminal, 1, LOOK_MS);
    }
    return ready == 1 && !*cancel_flag() && fgets(answer, size, stdin) && answer[0] != '\n';
}

int choices_ask(const struct choices *choices, enum text headline, const char **uri)
{
    text_say(stderr, headline, NULL);
    for (size_t i = 0; i < choices->n; i++) {
        char number[24];
        snprintf(number, sizeof number, "%zu", i + 1);
        text_say(stderr, T_CHOOSE_LINE, number, choices->items[i].label, NULL);
    }
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        return EXIT_KEY;
    }
    size_t number = 0;
    while (number == 0) {
        char answer[24];
        text_print(stderr, T_CHOOSE_ASK, NULL);
        (void)fflush(stderr);
        if (!read_answer(answer, sizeof answer)) {
            return EXIT_CANCELLED;
        }
        number = number_in(answer, choices->n);
    }
    *uri = choices->items[number - 1].uri;
    return EXIT_DONE;
}
