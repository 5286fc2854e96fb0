#include "option.h"
#include "exit.h"

#include <libsign/sign.h>
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
    case OPTION_TEXT:
        *(const char **)option->to = value;
        return true;
    case OPTION_LIST:
    case OPTION_TEXTS:
        return list_add(option->to, value);
    }
    return false;
}

/* Part of the contract, not of this version. */
static const char *const later[] = {
    "ocsp", "online", "image", "at-page", "rect", "near", "tsa",
};

static int wrong(enum text id, const char *first, const char *second)
{
    text_say(stderr, id, first, second, NULL);
    return EXIT_USAGE;
}

/* name may go on behind len: with a value, which is not for messages. */
static int unknown(const struct command_line *line, const char *name, size_t len)
{
    char shown[64];
    snprintf(shown, sizeof shown, "%.*s", len < sizeof shown ? (int)len : (int)sizeof shown - 1, name);
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (line->command && strncmp(shown, "--", 2) == 0 && strcmp(later[i], shown + 2) == 0) {
            return wrong(T_LATER_OPTION, shown, NULL);
        }
    }
    return line->command ? wrong(T_BAD_OPTION, line->command, shown) : wrong(T_BAD_KYSO_OPTION, shown, NULL);
}

static int take(const struct option *option, const char *value)
{
    if (store(option, value)) {
        return EXIT_DONE;
    }
    text_say(stderr, T_ERROR, "kyso", text_of(T_E_NOMEM), NULL);
    return EXIT_INTERNAL;
}

/* The value of an option that takes one: what stands behind it in the same argument, or else the next argument. */
static int take_value(const struct option *option, const char *shown, const char *value, int argc, char **argv, int *at)
{
    if (!value && *at + 1 >= argc) {
        return wrong(T_NO_VALUE, shown, NULL);
    }
    value = value ? value : argv[++*at];
    bool text = option->kind == OPTION_TEXT || option->kind == OPTION_TEXTS;
    return text && !sign_is_text(value) ? options_bad_value(shown, value, text_of(T_PLAIN_TEXT)) : take(option, value);
}

/* "--name", "--name=value"; *at moves on when the value is the next argument. */
static int read_long(struct command_line *line, int argc, char **argv, int *at)
{
    const char *arg = argv[*at], *equals = strchr(arg, '=');
    size_t len = equals ? (size_t)(equals - arg) : strlen(arg);
    const struct option *option = find(line, arg + 2, len - 2, 0);
    if (!option) {
        return unknown(line, arg, len);
    }
    char shown[64];
    snprintf(shown, sizeof shown, "--%s", option->name);
    if (option->kind == OPTION_FLAG) {
        return equals ? wrong(T_NO_SUCH_VALUE, shown, NULL) : take(option, NULL);
    }
    return take_value(option, shown, equals ? equals + 1 : NULL, argc, argv, at);
}

/* "-r", "-rv", "-oFILE", "-o" "FILE". */
static int read_short(struct command_line *line, int argc, char **argv, int *at)
{
    for (const char *letter = argv[*at] + 1; *letter; letter++) {
        char shown[] = { '-', *letter, 0 };
        const struct option *option = find(line, NULL, 0, *letter);
        if (*letter == 'h') {
            line->help = true;
            continue;
        }
        if (!option) {
            return unknown(line, shown, 2);
        }
        if (option->kind != OPTION_FLAG) {
            return take_value(option, shown, letter[1] ? letter + 1 : NULL, argc, argv, at);
        }
        (void)store(option, NULL);
    }
    return EXIT_DONE;
}

int options_read(struct command_line *line, int argc, char **argv)
{
    bool only_files = false;
    for (int at = 0; at < argc; at++) {
        const char *arg = argv[at];
        if (only_files || arg[0] != '-' || !arg[1]) {
            const struct option file = { .kind = OPTION_LIST, .to = &line->files };
            int code = take(&file, arg);
            if (code != EXIT_DONE) {
                return code;
            }
        } else if (strcmp(arg, "--") == 0) {
            only_files = true;
        } else if (strcmp(arg, "--help") == 0) {
            line->help = true;
        } else {
            int code = arg[1] == '-' ? read_long(line, argc, argv, &at) : read_short(line, argc, argv, &at);
            if (code != EXIT_DONE) {
                return code;
            }
        }
    }
    return text_choose(lang) ? EXIT_DONE : options_bad_value("--lang", lang, "vi, en");
}

int options_bad_value(const char *name, const char *value, const char *expected)
{
    text_say(stderr, T_BAD_VALUE, name, value, expected, NULL);
    return EXIT_USAGE;
}

static void help_table(const struct option *table)
{
    for (; table->name; table++) {
        char left[64];
        snprintf(left, sizeof left, "%s--%s%s%s", table->letter ? (char[]){ '-', table->letter, ',', ' ', 0 } : "    ",
                 table->name, table->value ? " " : "", table->value ? table->value : "");
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
        if (option->kind == OPTION_LIST || option->kind == OPTION_TEXTS) {
            struct list *list = option->to;
            free(list->items);
        }
    }
}

int options_run(struct command_line *line, enum text usage, int (*run)(const struct command_line *line), int argc, char **argv)
{
    int code = options_read(line, argc, argv);
    if (code == EXIT_DONE && line->help) {
        options_help(line, usage);
    } else if (code == EXIT_DONE) {
        code = run(line);
    }
    options_free(line);
    return code;
}
