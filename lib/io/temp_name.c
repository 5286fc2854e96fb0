/*
 * Temporary names and their sweep. A name tells whose it is by the process's number; the lock tells it where numbers do
 * not reach: another container, another machine on the same share.
 */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <io/output.h>
#include <io/target.h>
#include <io/temp_name.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK       ".kyso-"
#define END        ".tmp"
#define RANDOM_HEX 16
#define MOST_TRIES 16
/* Of a long target name so much that the rest of the pattern still fits into NAME_MAX. */
#define MOST_TARGET 200

/* ".<target>.kyso-" */
static int print_prefix(char out[TEMP_NAME], const char *target)
{
    return snprintf(out, TEMP_NAME, ".%.*s" MARK, MOST_TARGET, target);
}

int temp_create(int dir, const char *target, mode_t mode, char name[TEMP_NAME])
{
    int len = print_prefix(name, target);
    for (int i = 0; i < MOST_TRIES; i++) {
        uint64_t random;
        if (getrandom(&random, sizeof random, 0) != sizeof random) {
            return -1;
        }
        snprintf(name + len, TEMP_NAME - (size_t)len, "%ld-%016llx" END, (long)getpid(), (unsigned long long)random);
        int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
        if (fd >= 0) {
            (void)flock(fd, LOCK_EX | LOCK_NB); /* where the file system has no locks, the number has to do */
            return fd;
        }
        if (errno != EEXIST && errno != EINTR) {
            return -1;
        }
    }
    return -1;
}

/* How much of the name is ".<target>.kyso-"; 0 when it does not start so. */
static size_t prefix_of(const char *name, const char *target)
{
    char prefix[TEMP_NAME];
    if (target) {
        size_t len = (size_t)print_prefix(prefix, target);
        return strncmp(name, prefix, len) == 0 ? len : 0;
    }
    const char *mark = NULL;        /* the last one: a target's name may hold others */
    for (const char *at = name; (at = strstr(at, MARK)); at++) {
        mark = at;
    }
    return name[0] == '.' && mark > name + 1 ? (size_t)(mark - name) + strlen(MARK) : 0;
}

pid_t temp_owner(const char *name, const char *target)
{
    size_t len = prefix_of(name, target), all = strlen(name);
    if (len == 0 || all <= len) {
        return 0;
    }
    sign_bytes rest = bytes_of(name + len, all - len);
    size_t dash = bytes_find(rest, BYTES_LIT("-"), 0);
    uint32_t pid;
    if (dash == SIZE_MAX || rest.len != dash + 1 + RANDOM_HEX + strlen(END) ||
        !parse_u32(bytes_slice(rest, 0, dash), &pid) || pid > INT32_MAX) {
        return 0;
    }
    for (size_t i = 0; i < RANDOM_HEX; i++) {
        if (hex_value(rest.ptr[dash + 1 + i]) < 0) {
            return 0;
        }
    }
    return bytes_are(bytes_slice(rest, dash + 1 + RANDOM_HEX, SIZE_MAX), END) ? (pid_t)pid : 0;
}

/* Whether the process is gone, and nobody else holds the lock either. */
static bool is_left_behind(int dir, const char *name, pid_t owner)
{
    if (kill(owner, 0) == 0 || errno != ESRCH) {
        return false;
    }
    struct stat st;
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    bool left =
        fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK);
    close(fd);
    return left;
}

static void close_list(DIR **list)
{
    if (*list) {
        closedir(*list);
    }
}

/* Removes the leftovers of one target (NULL: of all) in the folder. */
static int sweep(int folder, const char *target, const char *path, sign_err *err)
{
    int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CLEANUP(close_list) DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    if (!list) {
        int rc = err_errno(err, "%s: list its folder", path);
        if (fd >= 0) {
            close(fd);
        }
        return rc;
    }
    for (;;) {
        errno = 0;
        struct dirent *entry = readdir(list);
        if (!entry) {
            return errno ? err_errno(err, "%s: list its folder", path) : SIGN_OK;
        }
        pid_t owner = temp_owner(entry->d_name, target);
        if (owner && is_left_behind(folder, entry->d_name, owner) && unlinkat(folder, entry->d_name, 0) != 0 &&
            errno != ENOENT) {
            return err_errno(err, "remove %s", entry->d_name);
        }
    }
}

int output_sweep(const char *path, sign_err *err)
{
    CLEANUP(target_free) struct target target = TARGET_NONE;
    int rc = target_find(&target, path, true, err);
    return rc == SIGN_OK ? sweep(target.dir, target.name, path, err) : rc;
}

/* Once a folder: of more folders than are remembered, the rest go unswept, not swept each time. */
int output_sweep_once(struct folders *folders, const char *path, sign_err *err)
{
    CLEANUP(target_free) struct target target = TARGET_NONE;
    struct stat st;
    int rc = target_find(&target, path, true, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (fstat(target.dir, &st) != 0) {
        return err_errno(err, "%s: look at its folder", path);
    }
    return folders_first(folders, &st) ? sweep(target.dir, NULL, path, err) : SIGN_OK;
}
