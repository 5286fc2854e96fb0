#include "folders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* One folder on the way down: its entries, of which `at` is the next. fts(3) would keep some 400 bytes a file. */
struct level {
    struct level *up;
    size_t path_len;            /* of folders->path, up to this folder's name */
    char *names;                /* each a letter for its kind, the name and a NUL */
    size_t len, cap;
    const char **order;         /* into names */
    size_t n, at;
};

struct folders {
    struct level *level;
    char *path;
    const char *root;           /* to be opened by the first folders_next; then NULL */
};

enum { A_FILE = 'f', A_FOLDER = 'd' };

static bool wanted(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcasecmp(dot, ".pdf") == 0 || strcasecmp(dot, ".xml") == 0);
}

/* 0: neither a folder nor a file that is asked for. */
static char kind_of(DIR *dir, const struct dirent *entry)
{
    struct stat st;
    bool folder = entry->d_type == DT_DIR, file = entry->d_type == DT_REG;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
        return 0;
    }
    if (entry->d_type == DT_UNKNOWN && fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        folder = S_ISDIR(st.st_mode);
        file = S_ISREG(st.st_mode);
    } else if (entry->d_type == DT_UNKNOWN && errno != ENOENT) {
        file = wanted(entry->d_name);       /* what it is cannot be told: an error when it is opened, not passed over */
        folder = !file;
    }
    return folder ? A_FOLDER : file && wanted(entry->d_name) ? A_FILE : 0;
}

static bool keep(struct level *level, char kind, const char *name)
{
    size_t size = strlen(name) + 1;
    if (level->cap - level->len < size + 1) {
        size_t cap = level->cap ? level->cap * 2 : 4096;    /* above any name's size */
        char *grown = realloc(level->names, cap);
        if (!grown) {
            return false;
        }
        level->names = grown;
        level->cap = cap;
    }
    level->names[level->len] = kind;
    memcpy(level->names + level->len + 1, name, size);
    level->len += size + 1;
    level->n++;
    return true;
}

static int by_name(const void *a, const void *b)
{
    const char *const *one = a, *const *other = b;
    return strcmp(*one + 1, *other + 1);
}

static bool put_in_order(struct level *level)
{
    level->order = calloc(level->n ? level->n : 1, sizeof *level->order);
    if (!level->order) {
        return false;
    }
    const char *name = level->names;
    for (size_t i = 0; i < level->n; i++, name += strlen(name) + 1) {
        level->order[i] = name;
    }
    qsort(level->order, level->n, sizeof *level->order, by_name);
    return true;
}

/* errno says why not. */
static bool read_all(struct level *level, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir) {
        return false;
    }
    int problem = 0;
    for (struct dirent *entry; !problem && (errno = 0, entry = readdir(dir));) {
        char kind = kind_of(dir, entry);
        if (kind && !keep(level, kind, entry->d_name)) {
            problem = ENOMEM;
        }
    }
    problem = problem ? problem : errno;
    closedir(dir);
    problem = problem || put_in_order(level) ? problem : ENOMEM;
    errno = problem;
    return problem == 0;
}

static void leave(struct folders *folders)
{
    struct level *level = folders->level;
    folders->level = level->up;
    free(level->order);
    free(level->names);
    free(level);
}

static bool enter(struct folders *folders, const char *path)
{
    struct level *level = calloc(1, sizeof *level);
    if (!level) {
        return false;
    }
    level->up = folders->level;
    level->path_len = strlen(path);
    folders->level = level;
    if (!read_all(level, path)) {
        int problem = errno;
        leave(folders);
        errno = problem;
        return false;
    }
    return true;
}

/* folders->path becomes the path of the entry. */
static bool join(struct folders *folders, const char *name)
{
    size_t len = folders->level->path_len;
    char *grown = realloc(folders->path, len + strlen(name) + 2);
    if (!grown) {
        return false;
    }
    folders->path = grown;
    if (len && grown[len - 1] != '/') {
        grown[len++] = '/';
    }
    strcpy(grown + len, name);
    return true;
}

struct folders *folders_open(const char *path)
{
    struct folders *folders = calloc(1, sizeof *folders);
    if (folders && !(folders->path = strdup(path))) {
        free(folders);
        return NULL;
    }
    if (folders) {
        folders->root = folders->path;
    }
    return folders;
}

static bool failed(const struct folders *folders, struct input *out, int problem)
{
    *out = (struct input){ folders->path, strerror(problem) };
    return true;
}

bool folders_next(struct folders *folders, struct input *out)
{
    if (folders->root) {
        folders->root = NULL;
        if (!enter(folders, folders->path)) {
            return failed(folders, out, errno);
        }
    }
    while (folders->level) {
        struct level *level = folders->level;
        if (level->at == level->n) {
            leave(folders);
            continue;
        }
        const char *entry = level->order[level->at++];
        if (!join(folders, entry + 1)) {
            return failed(folders, out, ENOMEM);
        }
        if (*entry == A_FILE) {
            *out = (struct input){ folders->path, NULL };
            return true;
        }
        if (!enter(folders, folders->path)) {
            return failed(folders, out, errno);
        }
    }
    return false;
}

void folders_close(struct folders *folders)
{
    if (!folders) {
        return;
    }
    while (folders->level) {
        leave(folders);
    }
    free(folders->path);
    free(folders);
}
