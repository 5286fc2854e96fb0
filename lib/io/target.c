#include <base/cleanup.h>
#include <base/err.h>
#include <errno.h>
#include <fcntl.h>
#include <io/target.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void free_text(char **text)
{
    free(*text);
}

static int open_dir(const char *path)
{
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    /* A folder may be writable and not listable (a drop box): it cannot be synced then, but it can be written to. */
    return dir < 0 && errno == EACCES ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : dir;
}

static int split(struct target *out, char *path, const char *shown, sign_err *err)
{
    char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        errno = EISDIR;
        return err_errno(err, "%s", shown);
    }
    CLEANUP(target_free) struct target found = { .dir = -1, .name = strdup(name) };
    if (!found.name) {
        return err_nomem(err);
    }
    if (slash) {
        slash[slash == path ? 1 : 0] = '\0';
    }
    found.dir = open_dir(slash ? path : ".");
    if (found.dir < 0) {
        return err_errno(err, "%s: open its folder", shown);
    }
    *out = found;
    found = (struct target)TARGET_NONE;
    return SIGN_OK;
}

int target_find(struct target *out, const char *path, bool follow, sign_err *err)
{
    struct stat st;
    bool link = follow && lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
    errno = 0;
    CLEANUP(free_text) char *copy = link ? realpath(path, NULL) : strdup(path);
    if (!copy) {
        return link && errno != ENOMEM ? err_errno(err, "%s: follow the symbolic link", path) : err_nomem(err);
    }
    return split(out, copy, path, err);
}

void target_free(struct target *target)
{
    if (target->dir >= 0) {
        close(target->dir);
    }
    free(target->name);
    *target = (struct target)TARGET_NONE;
}
