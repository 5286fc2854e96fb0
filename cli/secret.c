#include "secret.h"
#include "text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
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

static int refuse(const char *spec, const char *why)
{
    text_say(stderr, T_PIN_SOURCE_FAILED, spec, why, NULL);
    return SIGN_E_CANCELLED;
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

/* One line from the terminal without echo. Ctrl-C stays a cancel: ISIG is off, so that the echo always comes back. */
static int read_line(int fd, char *buf, size_t cap, size_t *len)
{
    *len = 0;
    for (;;) {
        char byte = 0;
        ssize_t got = read(fd, &byte, 1);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0 || byte == 3 || (byte == 4 && *len == 0)) {
            return SIGN_E_CANCELLED;
        }
        if (byte == '\n' || byte == '\r') {
            return *len ? SIGN_OK : SIGN_E_CANCELLED;
        }
        if (byte == 0x7F || byte == 8) {
            *len -= *len > 0;
        } else if (*len < cap) {
            buf[(*len)++] = byte;
        } else {
            return SIGN_E_CANCELLED;
        }
    }
}

static int from_terminal(const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    FILE *tty = fopen("/dev/tty", "r+e");
    if (!tty) {
        text_say(stderr, T_PIN_NO_TERMINAL, NULL);
        return SIGN_E_CANCELLED;
    }
    struct termios old, quiet;
    int fd = fileno(tty), rc = SIGN_E_CANCELLED;
    if (tcgetattr(fd, &old) == 0) {
        quiet = old;
        quiet.c_lflag &= ~(tcflag_t)(ECHO | ICANON | ISIG);
        quiet.c_cc[VMIN] = 1;
        quiet.c_cc[VTIME] = 0;
        print_prompt(tty, request);
        tcsetattr(fd, TCSAFLUSH, &quiet);
        rc = read_line(fd, buf, cap, len);
        tcsetattr(fd, TCSAFLUSH, &old);
        fputc('\n', tty);
    }
    fclose(tty);
    return rc;
}

int secret_ask(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    const struct secret_source *source = payload;
    const char *rest;
    int fd;
    if (request->kind == SIGN_SECRET_PIN_PAD) {
        text_say(stderr, T_PIN_PAD, request->token ? request->token->label : "", NULL);
        *len = 0;
        return SIGN_OK;
    }
    if ((rest = after(source->spec, "env:"))) {
        return from_env(source->spec, rest, buf, cap, len);
    }
    if ((rest = after(source->spec, "file:"))) {
        return from_file(source->spec, rest, buf, cap, len);
    }
    if (fd_number(after(source->spec, "fd:"), &fd)) {
        return read_fd(source->spec, fd, buf, cap, len);
    }
    return from_terminal(request, buf, cap, len);
}
