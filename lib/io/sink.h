/* Where output goes: a public sign_sink, or a file that appears whole or not at all (decision 14). */
#ifndef IO_SINK_H
#define IO_SINK_H

#include <base/watch.h>
#include <io/source.h>
#include <libsign/bytes.h>

struct sink {                       /* one writer; not shared */
    const sign_sink *to;            /* NULL for a file                                       */
    int fd;                         /* of the file, which is written directly; -1 for a sign_sink */
    uint64_t written;
};

struct sink sink_over(const sign_sink *to);   /* finish and abort stay with the caller */
int sink_put(struct sink *sink, sign_bytes bytes, sign_err *err);
/*
 * Copies a range of a source: from memory where it is held there (the very bytes that everybody read), by copy_file_range
 * where both are files, else through windows; a joined source part by part.
 */
int sink_copy(struct sink *sink, const struct source *source, uint64_t offset, uint64_t len, struct watch *watch,
              sign_err *err);

#endif
