#include <base/cleanup.h>
#include <base/err.h>
#include <errno.h>
#include <fcntl.h>
#include <io/output.h>
#include <io/target.h>
#include <io/temp_name.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

/* For a folder's lock that we hold for one look and one rename: how often it is tried, and how long in between. */
#define LOCK_TRIES  1000
#define LOCK_NAP_NS 1000000

struct output {
    struct sink sink;
    struct target target;
    char *path;           /* as the caller named it, for messages */
    char temp[TEMP_NAME]; /* "" while the file has no name        */
    enum output_mode mode;
    const struct source *guard; /* what was read, or NULL */
    bool replaces; /* there is a file already, with the owner and mode of `was` */
    struct stat was;
};

/* --- opening ------------------------------------------------------------------------------------------------------ */

/* A file without a name, where the file system can, and where linkat can give it one later (that goes through /proc). */
static int open_nameless(const struct target *target)
{
    if (access("/proc/self/fd", F_OK) != 0) {
        return -1;
    }
    return openat(target->dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
}

static int open_new(struct output *output, sign_err *err)
{
    output->sink.fd = open_nameless(&output->target);
    if (output->sink.fd < 0) {
        output->sink.fd = temp_create(output->target.dir, output->target.name, 0666, output->temp);
    }
    if (output->sink.fd < 0) {
        output->temp[0] = '\0';
        return err_errno(err, "%s: create", output->path);
    }
    return SIGN_OK;
}

/* Nobody else may read it before it is whole: owner and mode come with output_commit. */
static int open_over(struct output *output, sign_err *err)
{
    if (!S_ISREG(output->was.st_mode)) {
        return err_set(err, SIGN_E_IO, SIGN_NO_OFFSET, NULL, "%s: not a regular file, not replaced", output->path);
    }
    output->sink.fd = temp_create(output->target.dir, output->target.name, 0600, output->temp);
    if (output->sink.fd < 0) {
        output->temp[0] = '\0';
        return err_errno(err, "%s: create a file beside it", output->path);
    }
    output->replaces = true;
    return SIGN_OK;
}

static int open_replacing(struct output *output, sign_err *err)
{
    if (fstatat(output->target.dir, output->target.name, &output->was, AT_SYMLINK_NOFOLLOW) == 0) {
        return open_over(output, err);
    }
    if (errno != ENOENT) {
        return err_errno(err, "%s: stat", output->path);
    }
    /* Nothing there yet: a name all the same, because rename is what replaces what may come meanwhile. */
    output->sink.fd = temp_create(output->target.dir, output->target.name, 0666, output->temp);
    if (output->sink.fd < 0) {
        output->temp[0] = '\0';
        return err_errno(err, "%s: create", output->path);
    }
    return SIGN_OK;
}

static int already_there(const struct output *output, sign_err *err)
{
    return err_set(err, SIGN_E_EXISTS, SIGN_NO_OFFSET, NULL, "%s: is there already, not overwritten", output->path);
}

static int open_by_mode(struct output *output, sign_err *err)
{
    int rc = target_find(&output->target, output->path, output->mode == OUTPUT_REPLACE, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (output->mode == OUTPUT_REPLACE) {
        return open_replacing(output, err);
    }
    /* Said now rather than after the work; output_commit is what makes sure. */
    if (faccessat(output->target.dir, output->target.name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        return already_there(output, err);
    }
    return open_new(output, err);
}

int output_open(struct output **out, const char *path, enum output_mode mode, sign_err *err)
{
    CLEANUP(output_free) struct output *output = calloc(1, sizeof *output);
    if (!output) {
        return err_nomem(err);
    }
    output->sink.fd = -1;
    output->target = (struct target)TARGET_NONE;
    output->mode = mode;
    output->path = strdup(path);
    if (!output->path) {
        return err_nomem(err);
    }
    int rc = open_by_mode(output, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    *out = output;
    output = NULL;
    return SIGN_OK;
}

struct sink *output_sink(struct output *output)
{
    return &output->sink;
}

/* --- putting it into place ---------------------------------------------------------------------------------------- */

/*
 * Owner and mode of the file that goes. Only root can give a file away; where the owner or the group stays ours, the
 * bits that were meant for theirs are not given to ours: set-id bits never, the group's bits only with the group. After
 * the last write, because a write takes set-id bits away.
 */
static int keep_mode(int fd, const struct stat *was)
{
    mode_t mode = was->st_mode & 07777;
    if (fchown(fd, was->st_uid, was->st_gid) != 0) {
        mode &= fchown(fd, (uid_t)-1, was->st_gid) == 0 ? 0777 : 0707;
    }
    return fchmod(fd, mode);
}

/* linkat never overwrites. With AT_EMPTY_PATH it needs a capability, through /proc it does not. */
static int link_nameless(const struct output *output)
{
    if (linkat(output->sink.fd, "", output->target.dir, output->target.name, AT_EMPTY_PATH) == 0) {
        return 0;
    }
    if (errno == EEXIST) {
        return -1;
    }
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", output->sink.fd);
    return linkat(AT_FDCWD, self, output->target.dir, output->target.name, AT_SYMLINK_FOLLOW);
}

/* The same for a file that has a name: a rename that refuses to overwrite, or link and unlink where there is none. */
static int rename_new(struct output *output)
{
    int dir = output->target.dir;
    if (renameat2(dir, output->temp, dir, output->target.name, RENAME_NOREPLACE) == 0) {
        output->temp[0] = '\0';
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -1;
    }
    return linkat(dir, output->temp, dir, output->target.name, 0); /* output_free removes the other name */
}

static int rename_over(struct output *output)
{
    int dir = output->target.dir;
    int rc = renameat(dir, output->temp, dir, output->target.name);
    if (rc == 0) {
        output->temp[0] = '\0';
    }
    return rc;
}

bool output_is_named(const struct output *output)
{
    return output->temp[0];
}

void output_guard(struct output *output, const struct source *source)
{
    output->guard = source;
}

static int put_into_place(struct output *output, sign_err *err)
{
    int rc = output->mode == OUTPUT_REPLACE ? rename_over(output)
             : output->temp[0]              ? rename_new(output)
                                            : link_nameless(output);
    if (rc == 0) {
        return SIGN_OK;
    }
    return errno == EEXIST ? already_there(output, err) : err_errno(err, "%s: put into place", output->path);
}

/* Who holds it for longer is not one of us, and may even wait for us: flock(1) on the folder, around this very run. */
static bool lock_folder(int dir)
{
    static const struct timespec nap = { .tv_nsec = LOCK_NAP_NS };
    for (int tries = 0; tries < LOCK_TRIES; tries++) {
        if (flock(dir, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        if (errno != EWOULDBLOCK && errno != EINTR) {
            return false;
        }
        nanosleep(&nap, NULL);
    }
    return false;
}

/*
 * Two runs that both read the original would otherwise replace each other's signed file. The folder's lock keeps look and rename
 * together among us; where there is none to be had (a network share), the look alone has to do.
 */
static int replace_unchanged(struct output *output, sign_err *err)
{
    bool locked = lock_folder(output->target.dir);
    struct stat now;
    int rc = source_unchanged(output->guard, err);
    if (rc == SIGN_OK && fstatat(output->target.dir, output->target.name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
        source_gave_way(output->guard, &now)) {
        rc = err_set(err, SIGN_E_IO, SIGN_NO_OFFSET, NULL, "%s: the file was replaced while it was being read", output->path);
    }
    rc = rc == SIGN_OK ? put_into_place(output, err) : rc;
    if (locked) {
        flock(output->target.dir, LOCK_UN);
    }
    return rc;
}

/* Up to the sync of its folder. */
static int put_synced(struct output *output, sign_err *err)
{
    if (output->replaces && keep_mode(output->sink.fd, &output->was) != 0) {
        return err_errno(err, "%s: keep the mode", output->path);
    }
    if (fsync(output->sink.fd) != 0) {
        return err_errno(err, "%s: sync", output->path);
    }
    /* Also where nothing was there when it was opened: what was read may have been moved away then, and be followed by another. */
    bool guarded = output->mode == OUTPUT_REPLACE && output->guard;
    return guarded ? replace_unchanged(output, err) : put_into_place(output, err);
}

static int check_sync(int answer, const char *path, sign_err *err)
{
    return answer == 0 ? SIGN_OK : err_errno(err, "%s: sync its folder", path);
}

int output_commit(struct output **handle, sign_err *err)
{
    CLEANUP(output_free) struct output *output = *handle;
    *handle = NULL;
    int rc = put_synced(output, err);
    return rc == SIGN_OK ? check_sync(folder_sync(output->target.dir), output->path, err) : rc;
}

int output_place(struct output **handle, struct folders *folders, struct folder_debt *debt, sign_err *err)
{
    CLEANUP(output_free) struct output *output = *handle;
    *handle = NULL;
    int rc = put_synced(output, err);
    return rc == SIGN_OK ? check_sync(folders_owe(folders, output->target.dir, debt), output->path, err) : rc;
}

int output_settle(const char *path, struct folders *folders, struct folder_debt *debt, sign_err *err)
{
    return check_sync(folders_pay(folders, debt), path, err);
}

void output_free(struct output **handle)
{
    struct output *output = *handle;
    *handle = NULL;
    if (!output) {
        return;
    }
    if (output->temp[0]) {
        unlinkat(output->target.dir, output->temp, 0);
    }
    if (output->sink.fd >= 0) {
        close(output->sink.fd);
    }
    target_free(&output->target);
    free(output->path);
    free(output);
}
