#include <base/err.h>
#include <base/limits.h>
#include <errno.h>
#include <fcntl.h>
#include <io/folders.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * A folder held open while a sync of it is owed. Debts are numbered: the sync that begins after number n was given out answers all
 * up to n. The kernel tells a descriptor of a failure once, so a failure is kept for all that it answers.
 */
struct folder {
    dev_t dev;
    ino_t ino;
    int dir;
    unsigned debts;                     /* 0: the place is free                   */
    uint64_t owed, synced;              /* numbers                                */
    uint64_t failed_from, failed_to;    /* those after the first, up to the second */
    int why;
};

struct folders {
    pthread_mutex_t syncing;            /* taken before the other: of two syncs at a time one could be told the other's failure */
    pthread_mutex_t lock;               /* over what follows; never held over a sync */
    struct { dev_t dev; ino_t ino; } seen[LIMIT_SWEPT];
    size_t n_seen;
    struct folder owing[LIMIT_OWING_FOLDERS];
};

int folders_new(struct folders **out, sign_err *err)
{
    struct folders *folders = calloc(1, sizeof *folders);
    if (!folders) {
        return err_nomem(err);
    }
    pthread_mutex_init(&folders->lock, NULL);
    pthread_mutex_init(&folders->syncing, NULL);
    *out = folders;
    return SIGN_OK;
}

void folders_free(struct folders **folders)
{
    if (*folders) {
        pthread_mutex_destroy(&(*folders)->lock);
        pthread_mutex_destroy(&(*folders)->syncing);
        free(*folders);
        *folders = NULL;
    }
}

bool folders_first(struct folders *folders, const struct stat *folder)
{
    pthread_mutex_lock(&folders->lock);
    bool first = folders->n_seen < LIMIT_SWEPT;
    for (size_t i = 0; first && i < folders->n_seen; i++) {
        first = folders->seen[i].dev != folder->st_dev || folders->seen[i].ino != folder->st_ino;
    }
    if (first) {
        folders->seen[folders->n_seen].dev = folder->st_dev;
        folders->seen[folders->n_seen++].ino = folder->st_ino;
    }
    pthread_mutex_unlock(&folders->lock);
    return first;
}

/* --- syncs that are owed ------------------------------------------------------------------------------------------ */

int folder_sync(int dir)
{
    int rc = fsync(dir);
    /* EINVAL: this file system has no sync for folders. EBADF: a folder that may be written to and not read (target.c). */
    return rc != 0 && (errno == EINVAL || errno == EBADF) ? 0 : rc;
}

/* The folder's place, or a free one made its; NULL: there is none, or no descriptor for it. */
static struct folder *find(struct folders *folders, int dir)
{
    struct folder *place = NULL;
    struct stat st;
    if (fstat(dir, &st) != 0) {
        return NULL;
    }
    for (size_t i = 0; i < LIMIT_OWING_FOLDERS; i++) {
        struct folder *folder = &folders->owing[i];
        if (folder->debts == 0) {
            place = folder;
        } else if (folder->dev == st.st_dev && folder->ino == st.st_ino) {
            return folder;
        }
    }
    int own = place ? fcntl(dir, F_DUPFD_CLOEXEC, 0) : -1;
    if (own < 0) {
        return NULL;
    }
    *place = (struct folder){ .dev = st.st_dev, .ino = st.st_ino, .dir = own };
    return place;
}

int folders_owe(struct folders *folders, int dir, struct folder_debt *debt)
{
    pthread_mutex_lock(&folders->lock);
    struct folder *folder = find(folders, dir);
    if (folder) {
        folder->debts++;
        *debt = (struct folder_debt){ folder, ++folder->owed };
    }
    pthread_mutex_unlock(&folders->lock);
    return folder ? 0 : folder_sync(dir);
}

/* With both locks held; one is let go meanwhile: names are put into the folder while it is synced. */
static void sync_owed(struct folders *folders, struct folder *folder)
{
    uint64_t from = folder->synced, to = folder->owed;
    pthread_mutex_unlock(&folders->lock);
    int rc = folder_sync(folder->dir), why = errno;
    pthread_mutex_lock(&folders->lock);
    folder->synced = to;
    if (rc != 0) {
        folder->failed_from = folder->failed_to ? folder->failed_from : from;
        folder->failed_to = to;
        folder->why = why;
    }
}

int folders_pay(struct folders *folders, struct folder_debt *debt)
{
    struct folder *folder = debt->folder;
    if (!folder) {
        return 0;
    }
    pthread_mutex_lock(&folders->syncing);
    pthread_mutex_lock(&folders->lock);
    if (debt->number > folder->synced) {
        sync_owed(folders, folder);
    }
    bool failed = debt->number > folder->failed_from && debt->number <= folder->failed_to;
    int why = folder->why;
    if (--folder->debts == 0) {
        close(folder->dir);
    }
    pthread_mutex_unlock(&folders->lock);
    pthread_mutex_unlock(&folders->syncing);
    *debt = (struct folder_debt){ 0 };
    errno = why;
    return failed ? -1 : 0;
}
