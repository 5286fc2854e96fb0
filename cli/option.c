#include "option.h"
#include "exit.h"

#include <stdlib.h>
#include <string.h>

static const char *lang;
static const struct option common[] = {
    { "lang", 0, OPTION_VALUE, &lang, "vi|en", T_OPT_LANG },
    { 0 },
};

static bool list_add(struct list *list, const char *item)
{
    const char **grown = realloc(list->items, (list->n + 1) * sizeof *grown);
    if (!grown) {
        return false;
    }
    list->items = grown;
    list->items[list->n++] = item;
    return true;
}

static const struct option *find_in(const struct option *table, const char *name, size_t len, char letter)
{
    for (; table->name; table++) {
        if (letter ? table->letter == letter : strlen(table->name) == len && memcmp(table->name, name, len) == 0) {
            return table;
        }
    }
    return NULL;
}

static const struct option *find(const struct command_line *line, const char *name, size_t len, char letter)
{
    const struct option *found = find_in(line->options, name, len, letter);
    return found ? found : find_in(common, name, len, letter);
}

static bool store(const struct option *option, const char *value)
{
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)option->to = true;
        return true;
    case OPTION_VALUE:
        *(const char **)option->to = value;
        return true;
    case OPTION_LIST:
        return list_add(option->to, value);
    }
    return false;
}

static int wrong(enum text id, const char *first, const char *second)
{
    text_say(stderr, id, first, second, NULL);
    return EXIT_USAGE;
}

/* One argument that starts with '-'; *at moves on when its value is the next argument. */
static int read_option(struct command_line *line, int argc, char **argv, int *at)
{
    const char *arg = argv[*at], *value = NULL;
    const struct option *option;
    if (arg[1] == '-') {
        const char *equals = strchr(arg, '=');
        option = find(line, arg + 2, equals ? (size_t)(equals - arg - 2) : strlen(arg + 2), 0);
        value = equals ? equals + 1 : NULL;
    } else {
        option = find(line, NULL, 0, arg[1]);
        value = option && option->kind != OPTION_FLAG && arg[2] ? arg + 2 : NULL;
        if (option && option->kind == OPTION_FLAG && arg[2]) {
            return wrong(T_BAD_OPTION, line->command, arg);
        }
    }
    if (!option) {
        return wrong(T_BAD_OPTION, line->command, arg);
    }
    if (option->kind == OPTION_FLAG && value) {
        return wrong(T_NO_SUCH_VALUE, arg, NULL);
    }
    if (option->kind != OPTION_FLAG && !value) {
        if (*at + 1 >= argc) {
            return wrong(T_NO_VALUE, arg, NULL);
        }
        value = argv[++*at];
    }
    return store(option, value) ? EXIT_DONE : EXIT_INTERNAL;
}

int options_read(struct command_line *line, int argc, char **argv)
{
    bool only_files = false;
    for (int at = 0; at < argc; at++) {
        const char *arg = argv[at];
        if (only_files || arg[0] != '-' || !arg[1]) {
            if (!list_add(&line->files, arg)) {
                return EXIT_INTERNAL;
            }
        } else if (strcmp(arg, "--") == 0) {
            only_files = true;
        } else if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
            line->help = true;
        } else {
            int code = read_option(line, argc, argv, &at);
            if (code != EXIT_DONE) {
                return code;
            }
        }
    }
    if (!text_choose(lang)) {
        text_say(stderr, T_BAD_VALUE, "--lang", lang, "vi, en", NULL);
        return EXIT_USAGE;
    }
    return EXIT_DONE;
}

static void help_table(const struct option *table)
{
    for (; table->name; table++) {
        char left[64];
        snprintf(left, sizeof left, "%s--%s%s%s", table->letter ? (char[]){ '-', table->letter, ',', ' ', 0 } : "    ", table->name,
                 table->value ? " " : "", table->value ? table->value : "");
        printf("  %-38s %s\n", left, text_of(table->help));
    }
}

void options_help(const struct command_line *line, enum text usage)
{
    text_say(stdout, usage, NULL);
    help_table(line->options);
    help_table(common);
    printf("  %-38s %s\n", "-h, --help", text_of(T_OPT_HELP));
}

void options_free(struct command_line *line)
{
    free(line->files.items);
    for (const struct option *option = line->options; option->name; option++) {
        if (option->kind == OPTION_LIST) {
            struct list *list = option->to;
            free(list->items);
        }
    }
}
