/* Sources over files and memory. */
#include <base/err.h>
#include <base/limits.h>
#include <errno.h>
#include <fcntl.h>
#include <io/source_impl.h>
#include <stdlib.h>
#include <unistd.h>

int source_new(struct source **out, const char *name, sign_err *err)
{
    struct source *source = calloc(1, sizeof *source);
    char *copy = strdup(name);
    if (!source || !copy) {
        free(source);
        free(copy);
        return err_nomem(err);
    }
    atomic_init(&source->refs, 1);
    source->name = copy;
    source->fd = -1;
    *out = source;
    return SIGN_OK;
}

struct source *source_ref(struct source *source)
{
    atomic_fetch_add_explicit(&source->refs, 1, memory_order_relaxed);
    return source;
}

void source_free(struct source **source)
{
    struct source *s = *source;
    *source = NULL;
    /* Release what this thread did, acquire what the others did, before the last one tears down. */
    if (!s || atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    for (size_t i = 0; i < s->n_parts; i++) {
        source_free(&s->parts[i].source);
    }
    if (s->encoded) {
        source_free(&s->encoded);
    }
    if (s->fd >= 0) {
        close(s->fd);
    }
    free(s->parts);
    free(s->starts);
    free(s->owned);
    free(s->name);
    free(s);
}

/* --- opening ------------------------------------------------------------------------------------------------------ */

static int hold(struct source *source, sign_err *err)
{
    source->owned = malloc(source->size ? source->size : 1);
    if (!source->owned) {
        return err_nomem(err);
    }
    int rc = source_pread(source, 0, source->owned, source->size, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    source->memory = source->owned;
    return SIGN_OK;
}

/* Takes over source->fd, and learns what it is. */
static int load(struct source *source, struct watch *watch, sign_err *err)
{
    struct stat st;
    if (fstat(source->fd, &st) != 0) {
        return err_errno(err, "%s: stat", source->name);
    }
    if (S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return err_errno(err, "%s", source->name);
    }
    if (!S_ISREG(st.st_mode)) {
        int fd = source->fd;
        source->fd = -1;
        int rc = source_spool(source, fd, watch, err);
        close(fd);
        return rc;
    }
    source->size = (uint64_t)st.st_size;
    source->identity = st;
    source->has_identity = true;
    return source->size <= LIMIT_IN_MEMORY ? hold(source, err) : SIGN_OK;
}

static int open_over(struct source **out, const char *name, int fd, struct watch *watch, sign_err *err)
{
    struct source *source = NULL;
    int rc = source_new(&source, name, err);
    if (rc != SIGN_OK) {
        close(fd);
        return rc;
    }
    source->fd = fd;
    rc = load(source, watch, err);
    if (rc != SIGN_OK) {
        source_free(&source);
        return rc;
    }
    *out = source;
    return SIGN_OK;
}

int source_open(struct source **out, const char *path, struct watch *watch, sign_err *err)
{
    /* O_NONBLOCK: the open of a named pipe would wait for its other end, where no watch is looked at. The spool waits. */
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY, fd = open(path, flags | O_NONBLOCK);
    if (fd < 0 && errno == EWOULDBLOCK) {
        fd = TEMP_FAILURE_RETRY(open(path, flags));     /* a file server's lease, which it gives up within seconds */
    }
    if (fd < 0) {
        return err_errno(err, "%s", path);
    }
    int rc = open_over(out, path, fd, watch, err);
    if (rc == SIGN_OK) {
        (*out)->named = true;
    }
    return rc;
}

int source_open_fd(struct source **out, int fd, struct watch *watch, sign_err *err)
{
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) {
        return err_errno(err, "file descriptor %d", fd);
    }
    return open_over(out, "-", own, watch, err);
}

int source_over(struct source **out, sign_bytes bytes, sign_err *err)
{
    struct source *source = NULL;
    int rc = source_new(&source, "-", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    source->memory = bytes.len ? bytes.ptr : (const uint8_t *)"";
    source->size = bytes.len;
    *out = source;
    return SIGN_OK;
}

/* --- what it is --------------------------------------------------------------------------------------------------- */

uint64_t source_size(const struct source *source)
{
    return source->size;
}

const char *source_name(const struct source *source)
{
    return source->name;
}

int64_t source_mtime(const struct source *source)
{
    const struct timespec *time = &source->identity.st_mtim;
    return source->has_identity ? (int64_t)time->tv_sec * 1000000000 + time->tv_nsec : 0;
}

int source_fd(const struct source *source)
{
    return source->fd;
}

static bool same_time(struct timespec a, struct timespec b)
{
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static bool same_file(const struct stat *one, const struct stat *other)
{
    return one->st_dev == other->st_dev && one->st_ino == other->st_ino;
}

int source_unchanged(const struct source *source, sign_err *err)
{
    for (size_t i = 0; i < source->n_parts; i++) {
        int rc = source->parts[i].source ? source_unchanged(source->parts[i].source, err) : SIGN_OK;
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    if (source->encoded) {
        return source_unchanged(source->encoded, err);
    }
    if (!source->has_identity) {
        return SIGN_OK;
    }
    const struct stat *was = &source->identity;
    struct stat is;
    if (fstat(source->fd, &is) != 0) {
        return err_errno(err, "%s: stat", source->name);
    }
    if (!same_file(&is, was) || is.st_size != was->st_size || is.st_nlink != was->st_nlink ||
        !same_time(is.st_mtim, was->st_mtim) || !same_time(is.st_ctim, was->st_ctim)) {
        return err_set(err, SIGN_E_IO, SIGN_NO_OFFSET, NULL, "%s: the file changed while it was being read",
                       source->name);
    }
    return SIGN_OK;
}

bool source_gave_way(const struct source *source, const struct stat *other)
{
    struct stat now;
    return source->named && source->has_identity && !same_file(&source->identity, other) && stat(source->name, &now) == 0 &&
           same_file(&now, other);
}
