#include "inputs.h"
#include "folders.h"
#include "lines.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool trouble(struct input *out, const char *path, const char *why)
{
    *out = (struct input){ path, why };
    return true;
}

enum line { LINE_NAME, LINE_END, LINE_TOO_LONG, LINE_NUL };

/* The next name of the list, without its end. No path is longer than PATH_MAX, so that neither is a buffer. */
static enum line read_line(struct lines *from, int end, char name[PATH_MAX])
{
    size_t len = 0;
    int c;
    while ((c = lines_byte(from)) != EOF && c != end) {
        if (c == 0) {
            return LINE_NUL;    /* at once: such a list may have no line end for long, or ever */
        }
        if (len < PATH_MAX) {
            name[len++] = (char)c;
        }
    }
    name[len < PATH_MAX ? len : PATH_MAX - 1] = 0;
    /* Half a name may be another file's whole one. */
    if (c == EOF && (len == 0 || lines_broken(from))) {
        return LINE_END;
    }
    return len == PATH_MAX ? LINE_TOO_LONG : LINE_NAME;
}

/* A path of the command line or the list: itself, or, under -r, what is below it. */
static bool take(struct inputs *in, const char *path, struct input *out)
{
    struct stat st;
    if (!in->recursive || stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        *out = (struct input){ path, NULL };
        return true;
    }
    in->folders = folders_open(path);
    return in->folders ? folders_next(in->folders, out) : trouble(out, path, strerror(ENOMEM));
}

/* "-" in a list is a file of that name: the list itself may be standard input. */
static bool take_line(struct inputs *in, struct input *out)
{
    const char *path = strcmp(in->name, "-") == 0 ? "./-" : in->name;
    return *path && take(in, path, out);
}

static bool end_list(struct inputs *in)
{
    in->done = true;
    lines_close(in->list);
    in->list = NULL;
    return false;
}

static bool open_list(struct inputs *in)
{
    in->list = lines_open(in->files_from, in->cancel, &in->ended);
    in->name = in->list ? malloc(PATH_MAX) : NULL;
    return in->name;
}

/*
 * One line of the list; *some tells whether it named an input. A NUL in a list of lines is a list made for -0: its
 * first name alone would be verified, and all would look well.
 */
static bool next_line(struct inputs *in, struct input *out, bool *some)
{
    *some = true;
    if (!in->list && !open_list(in)) {
        in->done = true;
        return trouble(out, in->files_from, strerror(errno));
    }
    switch (read_line(in->list, in->nul ? 0 : '\n', in->name)) {
    case LINE_END:
        *some = lines_failed(in->list) && trouble(out, in->files_from, strerror(lines_failed(in->list)));
        end_list(in);
        return *some;
    case LINE_NUL:
        end_list(in);
        return trouble(out, in->files_from, text_of(T_LIST_NUL));
    case LINE_TOO_LONG:
        return trouble(out, in->name, strerror(ENAMETOOLONG));
    case LINE_NAME:
        break;
    }
    *some = take_line(in, out);
    return true;
}

bool inputs_next(struct inputs *in, struct input *out)
{
    for (;;) {
        if (in->folders && folders_next(in->folders, out)) {
            return true;
        }
        folders_close(in->folders);
        in->folders = NULL;
        bool some = false;
        if (in->at < in->files->n) {
            some = take(in, in->files->items[in->at++], out);
        } else if (in->done || !in->files_from || !next_line(in, out, &some)) {
            return false;
        }
        if (some) {
            return true;
        }
    }
}

size_t inputs_total(const struct inputs *in)
{
    return in->recursive || in->files_from ? 0 : in->files->n;
}

void inputs_close(struct inputs *in)
{
    folders_close(in->folders);
    in->folders = NULL;
    end_list(in);
    free(in->name);
    in->name = NULL;
}
