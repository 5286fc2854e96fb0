/*
 * A source: bytes of one input, immutable, read by any number of threads at once. Up to LIMIT_IN_MEMORY it is held in
 * memory; a larger file is read through pread windows (never mapped: a file cut short on a network share would kill
 * the process with SIGBUS). The identity of a file (inode, links, size, times) is kept, and source_unchanged compares.
 */
#ifndef IO_SOURCE_H
#define IO_SOURCE_H

#include <base/arena.h>
#include <base/bytes.h>
#include <base/watch.h>
#include <sys/stat.h>

struct source;

/*
 * A regular file is read in place; anything else (a pipe, a terminal) is spooled first: into memory, what is larger into an
 * unlinked file in $TMPDIR or /tmp. A folder is IO. A descriptor of a regular file is read from its start, wherever it
 * stands; while a pipe is silent, or nobody has opened the other end of a named one, the watch is looked at. IO, NOMEM, LIMIT.
 */
int source_open(struct source **out, const char *path, struct watch *watch, sign_err *err);
int source_open_fd(struct source **out, int fd, struct watch *watch, sign_err *err);   /* fd stays the caller's, dup'ed */
int source_over(struct source **out, sign_bytes bytes, sign_err *err);                 /* bytes outlive the source */
/* An unlinked file in $TMPDIR or /tmp, for what is written first and becomes a source then: by source_open_fd. -1: IO. */
int source_temp(sign_err *err);
/* Drops one reference; the last one closes. */
void source_free(struct source **source);
struct source *source_ref(struct source *source);

/*
 * Parts of other sources and of memory, one behind the other, as one source: a document as it will be once a signature
 * is inserted. Holds references to the sources; memory outlives it. At most LIMIT_SOURCE_PARTS.
 */
struct source_part {
    struct source *source;     /* NULL: the part is `bytes` */
    uint64_t from, len;        /* of source                 */
    sign_bytes bytes;
};
int source_join(struct source **out, const struct source_part *parts, size_t n, sign_err *err);
/* The base64 of a source's bytes, in lines of 76 digits, each with its line feed. Holds a reference. */
int source_base64(struct source **out, struct source *of, sign_err *err);

uint64_t source_size(const struct source *source);
const char *source_name(const struct source *source);     /* the path, or "-", for messages; never NULL */
/* Modification time of the file that was opened, nanoseconds since 1970; 0 where it was none. */
int64_t source_mtime(const struct source *source);
int source_fd(const struct source *source);                /* for copy_file_range; -1 where there is none */

/* Exactly len bytes at offset, else SIGN_E_IO (or SIGN_E_ARG past the end). */
int source_read(const struct source *source, uint64_t offset, void *buf, size_t len, sign_err *err);
/*
 * Borrowed bytes at offset: straight from memory where the source is held there, else copied into the arena. What would
 * reach past the end is SIGN_E_ARG.
 */
int source_bytes(const struct source *source, uint64_t offset, size_t len, struct arena *arena, sign_bytes *out,
                 sign_err *err);
/* Calls each(payload, window, err) over [offset, offset+len) in order; stops at the first status that is not OK. */
typedef int (*source_each_fn)(void *payload, sign_bytes window, sign_err *err);
int source_each(const struct source *source, uint64_t offset, uint64_t len, source_each_fn each, void *payload,
                struct watch *watch, sign_err *err);
/* SIGN_E_IO when the file is no longer the one that was opened. To be asked before any verdict is given out. */
int source_unchanged(const struct source *source, sign_err *err);
/*
 * Whether the name that a file was opened by leads to this other file now. Then it was replaced, perhaps before its identity was
 * taken, where source_unchanged sees nothing.
 */
bool source_gave_way(const struct source *source, const struct stat *other);

#endif
