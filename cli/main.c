/* kyso: a thin command line over libsign. */
#include "command.h"
#include "exit.h"
#include "option.h"
#include "start.h"

#include <libsign/version.h>
#include <string.h>

static const struct command commands[] = {
    { "sign", cmd_sign, T_CMD_SIGN },
    { "verify", cmd_verify, T_CMD_VERIFY },
    { "inspect", cmd_inspect, T_CMD_INSPECT },
    { "token", cmd_token, T_CMD_TOKEN },
};
/* Part of the contract, not of this version: said so, rather than "no such command". */
static const char *const later[] = { "extend", "prepare", "complete", "cert", "trust", "profile", "doctor" };

static bool version;
static const struct option options[] = {
    { "version", 0, OPTION_FLAG, &version, NULL, T_OPT_VERSION },
    { 0 },
};

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static int no_command(const char *name)
{
    enum text id = T_BAD_COMMAND;
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        id = strcmp(later[i], name) == 0 ? T_LATER_COMMAND : id;
    }
    text_say(stderr, id, name, NULL);
    return EXIT_USAGE;
}

static void help(const struct command_line *line)
{
    text_say(stdout, T_USAGE_KYSO, NULL);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        printf("  %-8s %s\n", commands[i].name, text_of(commands[i].summary));
    }
    options_help(line, T_USAGE_KYSO_OPTIONS);
    text_say(stdout, T_USAGE_END, NULL);
}

/* kyso without a command's name in front: its own few options. */
static int without_command(int argc, char **argv)
{
    struct command_line line = { .options = options };
    int code = options_read(&line, argc, argv);
    if (code == EXIT_DONE && line.help) {
        help(&line);
    } else if (code == EXIT_DONE && line.files.n) {
        code = no_command(line.files.items[0]);
    } else if (code == EXIT_DONE && version) {
        printf("kyso %s\n", sign_version());
    } else if (code == EXIT_DONE) {
        text_say(stderr, T_NO_COMMAND, NULL);
        code = EXIT_USAGE;
    }
    options_free(&line);
    return code;
}

/* "kyso help sign" is "kyso sign --help", for those who are used to git. */
static int help_about(int argc, char **argv)
{
    char word[] = "--help", *instead[] = { word };
    struct command_line line = { .options = options };
    int code = options_read(&line, argc, argv);
    const char *name = line.files.n ? line.files.items[0] : NULL;
    const struct command *about = name ? find(name) : NULL;
    if (code == EXIT_DONE) {
        code = about ? about->run(1, instead) : name ? no_command(name) : without_command(1, instead);
    }
    options_free(&line);
    return code;
}

int main(int argc, char **argv)
{
    start_safely();
    text_guess(argc, argv);
    const struct command *command = argc > 1 ? find(argv[1]) : NULL;
    if (command) {
        return finish_output(command->run(argc - 2, argv + 2));
    }
    if (argc > 1 && strcmp(argv[1], "help") == 0) {
        return finish_output(help_about(argc - 2, argv + 2));
    }
    return finish_output(without_command(argc > 0 ? argc - 1 : 0, argv + 1));
}
