#include "syscalls.h"
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int refuse_tmpfile, refuse_renameat2, refuse_copy_file_range, refuse_fsync, refuse_file_fsync, fsyncs, most_folder_syncs;
static int folder_syncs;
void (*opened)(void);
void (*syncing)(void);

/* With _FILE_OFFSET_BITS=64, open is open64 to the linker. */
int __real_open64(const char *path, int flags, mode_t mode);
int __wrap_open64(const char *path, int flags, mode_t mode);
int __real_openat64(int dir, const char *path, int flags, mode_t mode);
int __wrap_openat64(int dir, const char *path, int flags, mode_t mode);
int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
ssize_t __real_copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t len, unsigned flags);
ssize_t __wrap_copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t len, unsigned flags);

int __real_fsync(int fd);
int __wrap_fsync(int fd);

static bool refused(int flags)
{
    if (refuse_tmpfile && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = refuse_tmpfile;
        return true;
    }
    return false;
}

int __wrap_open64(const char *path, int flags, mode_t mode)
{
    int fd = refused(flags) ? -1 : __real_open64(path, flags, mode);
    void (*call)(void) = __atomic_exchange_n(&opened, NULL, __ATOMIC_RELAXED);
    if (call) {
        call();
    }
    return fd;
}

int __wrap_openat64(int dir, const char *path, int flags, mode_t mode)
{
    return refused(flags) ? -1 : __real_openat64(dir, path, flags, mode);
}

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    if (refuse_renameat2) {
        errno = refuse_renameat2;
        return -1;
    }
    return __real_renameat2(from_dir, from, to_dir, to, flags);
}

ssize_t __wrap_copy_file_range(int from, off_t *from_at, int to, off_t *to_at, size_t len, unsigned flags)
{
    if (refuse_copy_file_range) {
        errno = refuse_copy_file_range;
        return -1;
    }
    return __real_copy_file_range(from, from_at, to, to_at, len, flags);
}

int __wrap_fsync(int fd)
{
    struct stat st;
    __atomic_fetch_add(&fsyncs, 1, __ATOMIC_RELAXED);
    bool folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    int refuse = folder ? refuse_fsync : refuse_file_fsync;
    void (*call)(void) = syncing;
    if (call) {
        syncing = NULL;
        call();
    }
    if (refuse) {
        errno = refuse;
        return -1;
    }
    int at_once = __atomic_add_fetch(&folder_syncs, folder, __ATOMIC_RELAXED);
    if (folder && at_once > __atomic_load_n(&most_folder_syncs, __ATOMIC_RELAXED)) {
        __atomic_store_n(&most_folder_syncs, at_once, __ATOMIC_RELAXED);
    }
    int rc = __real_fsync(fd), why = errno;
    __atomic_sub_fetch(&folder_syncs, folder, __ATOMIC_RELAXED);
    errno = why;
    return rc;
}
