/* kyso: a thin command line over libsign. */
#include "command.h"
#include "exit.h"

#include <libsign/version.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static const struct command commands[] = {
    { "sign", cmd_sign, T_CMD_SIGN },
    { "verify", cmd_verify, T_CMD_VERIFY },
    { "token", cmd_token, T_CMD_TOKEN },
};
/* Part of the contract, not of this version: said so, rather than "no such command". */
static const char *const later[] = { "extend", "prepare", "complete", "cert", "trust", "profile", "inspect", "doctor" };

/* Decision 10: a PIN must never reach a core dump or a debugger of the same user. */
static void protect_secrets(void)
{
    struct rlimit none = { 0, 0 };
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int help(void)
{
    text_say(stdout, T_USAGE_KYSO, NULL);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        printf("  %-8s %s\n", commands[i].name, text_of(commands[i].summary));
    }
    text_say(stdout, T_USAGE_END, NULL);
    return EXIT_DONE;
}

static int no_command(const char *name)
{
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        if (strcmp(later[i], name) == 0) {
            text_say(stderr, T_LATER_COMMAND, name, NULL);
            return EXIT_USAGE;
        }
    }
    text_say(stderr, T_BAD_COMMAND, name, NULL);
    return EXIT_USAGE;
}

/* Output that did not reach its reader is a failure: a full disk must not look like a good night. */
static int flushed(int code)
{
    return fflush(stdout) != 0 || ferror(stdout) ? exit_worst(code, EXIT_INPUT) : code;
}

int main(int argc, char **argv)
{
    protect_secrets();
    text_choose(NULL);
    if (argc < 2) {
        text_say(stderr, T_NO_COMMAND, NULL);
        return EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) {
        printf("kyso %s\n", sign_version());
        return flushed(EXIT_DONE);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        return flushed(help());
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (strcmp(commands[i].name, name) == 0) {
            return flushed(commands[i].run(argc - 2, argv + 2));
        }
    }
    return no_command(name);
}
