/* The inside of a source, for the files of this room alone. */
#ifndef IO_SOURCE_IMPL_H
#define IO_SOURCE_IMPL_H

#include <io/source.h>
#include <stdatomic.h>
#include <sys/stat.h>

struct source {
    atomic_size_t refs;
    char *name;
    uint64_t size;
    /* Held in memory: the bytes, and `owned` where they are ours. */
    const uint8_t *memory;
    uint8_t *owned;
    /* Read by pread: a file, or an unlinked temporary one. -1 for none. */
    int fd;
    bool has_identity; /* opened as a regular file: identity is what fstat said then */
    bool named;        /* opened by its name                                          */
    struct stat identity;
    /* Joined: parts, and where each of them begins. */
    struct source_part *parts;
    uint64_t *starts;
    size_t n_parts;
    struct source *encoded; /* the base64 of these bytes; NULL */
};

int source_new(struct source **out, const char *name, sign_err *err);
/* Reads fd to its end, into memory or an unlinked temporary file. */
int source_spool(struct source *source, int fd, struct watch *watch, sign_err *err);
/* pread of exactly len bytes. */
int source_pread(const struct source *source, uint64_t offset, uint8_t *buf, size_t len, sign_err *err);
/* Of a source_base64. */
int source_base64_read(const struct source *source, uint64_t offset, uint8_t *buf, size_t len, sign_err *err);
/* SIGN_E_ARG where [offset, offset+len) reaches past the end. */
int source_range(const struct source *source, uint64_t offset, uint64_t len, sign_err *err);

/* The share of part i in [offset, offset+len): from is relative to the part; len 0 where they do not meet. */
struct source_share {
    uint64_t from, len;
};
struct source_share source_share(const struct source *source, size_t i, uint64_t offset, uint64_t len);

#endif
