#include "secret.h"
#include "start.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

static const char *after(const char *spec, const char *prefix)
{
    size_t len = strlen(prefix);
    return spec && strncmp(spec, prefix, len) == 0 ? spec + len : NULL;
}

static bool fd_number(const char *text, int *out)
{
    char *end = NULL;
    errno = 0;
    long value = text && *text >= '0' && *text <= '9' ? strtol(text, &end, 10) : -1;
    *out = (int)value;
    return value >= 0 && value <= 65535 && errno == 0 && *end == 0;
}

bool secret_source_ok(const struct secret_source *source)
{
    const char *spec = source->spec, *rest;
    int fd;
    return !spec || strcmp(spec, "prompt") == 0 || ((rest = after(spec, "env:")) && *rest) ||
           ((rest = after(spec, "file:")) && *rest) || fd_number(after(spec, "fd:"), &fd);
}

/* A source that gives nothing is a failure of the key (exit 5), not the user's wish to stop. */
static int refuse(const char *spec, const char *why)
{
    text_say(stderr, T_PIN_SOURCE_FAILED, spec, why, NULL);
    return SIGN_E_TOKEN;
}

/* One trailing newline is dropped; a NUL would cut the PIN short somewhere below. */
static int check(const char *spec, const char *buf, size_t *len)
{
    if (*len && buf[*len - 1] == '\n') {
        --*len;
    }
    if (*len == 0) {
        return refuse(spec, text_of(T_PIN_EMPTY));
    }
    return memchr(buf, 0, *len) ? refuse(spec, text_of(T_PIN_NUL)) : SIGN_OK;
}

static int read_fd(const char *spec, int fd, char *buf, size_t cap, size_t *len)
{
    size_t have = 0;
    while (have < cap) {
        ssize_t got = read(fd, buf + have, cap - have);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0) {
            return refuse(spec, strerror(errno));
        }
        if (got == 0) {
            *len = have;
            return check(spec, buf, len);
        }
        have += (size_t)got;
    }
    return refuse(spec, text_of(T_PIN_LONG));
}

static int from_env(const char *spec, const char *name, char *buf, size_t cap, size_t *len)
{
    char *value = getenv(name);
    if (!value) {
        return refuse(spec, text_of(T_PIN_EMPTY));
    }
    size_t n = strlen(value);
    int rc = n <= cap ? SIGN_OK : refuse(spec, text_of(T_PIN_LONG));
    if (rc == SIGN_OK) {
        memcpy(buf, value, n);
        *len = n;
        rc = check(spec, buf, len);
    }
    explicit_bzero(value, n);       /* /proc/PID/environ shows it otherwise */
    unsetenv(name);
    return rc;
}

static int from_file(const char *spec, const char *path, char *buf, size_t cap, size_t *len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0) {
        int rc = refuse(spec, strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return rc;
    }
    int rc = S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) ? refuse(spec, text_of(T_PIN_OPEN_TO_OTHERS))
                                                                      : read_fd(spec, fd, buf, cap, len);
    close(fd);
    return rc;
}

static void print_prompt(FILE *tty, const sign_pin_request *request)
{
    const sign_token_info *token = request->token;
    if (!token) {
        text_print(tty, T_PASS_PROMPT, request->what ? request->what : "", NULL);
    } else {
        if (token->pin_final_try) {
            text_say(tty, T_PIN_FINAL, NULL);
        } else if (token->pin_low) {
            text_say(tty, T_PIN_LOW, NULL);
        }
        text_print(tty, T_PIN_PROMPT, token->label, token->reader, NULL);
    }
    fflush(tty);
}

enum key { KEY_CTRL_C = 3, KEY_CTRL_D = 4, KEY_BACKSPACE = 8, KEY_CTRL_U = 21, KEY_DELETE = 127 };

/* The next byte typed; false on the end of input and on a signal to stop, which is looked for twice a second. */
static bool read_key(int fd, char *byte)
{
    for (;;) {
        struct pollfd terminal = { .fd = fd, .events = POLLIN };
        int ready = poll(&terminal, 1, 500);
        if (*cancel_flag() || (ready < 0 && errno != EINTR)) {
            return false;
        }
        if (ready > 0) {
            return read(fd, byte, 1) == 1;
        }
    }
}

/*
 * One line from the terminal without echo. Ctrl-C is a byte here (ISIG is off), so that the echo always comes back.
 * Keys that are no characters cancel: what they send would make a wrong PIN, which costs a try.
 */
static int read_line(int fd, char *buf, size_t cap, size_t *len)
{
    *len = 0;
    for (char byte; read_key(fd, &byte);) {
        if (byte == '\n' || byte == '\r') {
            return *len ? SIGN_OK : SIGN_E_CANCELLED;
        }
        if (byte == KEY_DELETE || byte == KEY_BACKSPACE) {
            *len -= *len > 0;
        } else if (byte == KEY_CTRL_U) {
            *len = 0;
        } else if ((unsigned char)byte < ' ') {
            return SIGN_E_CANCELLED;
        } else if (*len < cap) {
            buf[(*len)++] = byte;
        } else {
            return refuse("prompt", text_of(T_PIN_LONG));
        }
    }
    return SIGN_E_CANCELLED;
}

static int ask_on(FILE *tty, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    struct termios old, quiet;
    int fd = fileno(tty);
    if (tcgetattr(fd, &old) != 0) {
        return refuse("prompt", strerror(errno));
    }
    quiet = old;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0) {
        return refuse("prompt", strerror(errno));   /* no PIN with an echo */
    }
    print_prompt(tty, request);
    int rc = read_line(fd, buf, cap, len);
    tcsetattr(fd, TCSAFLUSH, &old);                 /* drops what was typed behind: it is not for the shell either */
    fputc('\n', tty);
    return rc;
}

static int from_terminal(const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    FILE *tty = fopen("/dev/tty", "r+e");
    if (!tty) {
        text_say(stderr, T_PIN_NO_TERMINAL, NULL);
        return SIGN_E_TOKEN;
    }
    int rc = ask_on(tty, request, buf, cap, len);
    fclose(tty);
    return rc;
}

static int from_source(const char *spec, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    const char *rest;
    int fd;
    if ((rest = after(spec, "env:"))) {
        return from_env(spec, rest, buf, cap, len);
    }
    if ((rest = after(spec, "file:"))) {
        return from_file(spec, rest, buf, cap, len);
    }
    if (fd_number(after(spec, "fd:"), &fd)) {
        return read_fd(spec, fd, buf, cap, len);
    }
    return from_terminal(request, buf, cap, len);
}

int secret_ask(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    struct secret_source *source = payload;
    if (request->kind == SIGN_SECRET_PIN_PAD) {
        text_say(stderr, T_PIN_PAD, request->token ? request->token->label : "", NULL);
        *len = 0;
        return SIGN_OK;
    }
    int rc = from_source(source->spec, request, buf, cap, len);
    source->told = rc == SIGN_E_TOKEN;
    return rc;
}
