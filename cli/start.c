#include "start.h"
#include "exit.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static volatile int32_t cancelled;

/*
 * A program started with a standard descriptor closed would get that number for the next file it opens, and write its
 * messages into a document. The stand-ins are opened the wrong way round, so that using them stays an error.
 */
static void fill_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            _exit(EXIT_INTERNAL);
        }
    }
}

void start_safely(void)
{
    /* A PIN must never reach a core dump or a debugger of the same user. */
    struct rlimit none = { 0, 0 };
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
        _exit(EXIT_INTERNAL);
    }
    (void)signal(SIGXFSZ, SIG_IGN);     /* ulimit -f: the write fails (EFBIG), which is one file's error and not the end of all */
    fill_descriptors();
    /* Each line in one write, whole among those of others; prompts and the progress line are flushed where they are made. */
    static char messages[4096];
    (void)setvbuf(stderr, messages, _IOLBF, sizeof messages);
}

static const int cancelling[] = { SIGINT, SIGTERM, SIGHUP };

static void set_all(const struct sigaction *action)
{
    for (size_t i = 0; i < sizeof cancelling / sizeof *cancelling; i++) {
        struct sigaction old;
        if (sigaction(cancelling[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {   /* nohup and the like ignore some */
            sigaction(cancelling[i], action, NULL);
        }
    }
}

/* The second one ends the program, whichever of them it is. */
static void cancel(int number)
{
    const struct sigaction standard = { .sa_handler = SIG_DFL };
    int saved = errno;
    cancelled = 1;
    set_all(&standard);
    errno = saved;
}

void start_catching(void)
{
    /* SA_RESTART: output that is being written must not be torn. What may wait for long polls the flag. */
    const struct sigaction action = { .sa_handler = cancel, .sa_flags = SA_RESTART };
    set_all(&action);
}

const volatile int32_t *cancel_flag(void)
{
    return &cancelled;
}

int finish_output(int code)
{
    if (fflush(stdout) == 0 && !ferror(stdout)) {
        return code;
    }
    text_say(stderr, T_STDOUT_FAILED, strerror(errno ? errno : EIO), NULL);
    return exit_worst(code, EXIT_INPUT);
}
