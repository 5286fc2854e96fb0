/* Where output goes: a public sign_sink, or a file that appears whole or not at all (decision 14). */
#ifndef IO_SINK_H
#define IO_SINK_H

#include <base/watch.h>
#include <io/source.h>
#include <libsign/bytes.h>

struct sink {                       /* one writer; not shared */
    const sign_sink *to;
    int fd;                         /* a file's descriptor for copy_file_range, -1 for a foreign sink */
    uint64_t written;
};

struct sink sink_over(const sign_sink *to);
int sink_put(struct sink *sink, sign_bytes bytes, sign_err *err);
/* Copies a range of a source, by copy_file_range where both are files, else through windows. */
int sink_copy(struct sink *sink, const struct source *source, uint64_t offset, uint64_t len, struct watch *watch,
              sign_err *err);

#endif
