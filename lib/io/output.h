/*
 * A file that appears whole or not at all. A new file is an O_TMPFILE linked into place by linkat, which never
 * overwrites; where the file system has no O_TMPFILE, and in place, it has a temporary name beside the target until it is
 * renamed, which for a new file never overwrites either. Mode and owner of a replaced file are kept (what cannot be kept
 * gives nobody more rights than before; ACLs and hard links are not kept), a symbolic link is followed. fsync of the file
 * comes before, fsync of its folder after. The folder is held open: it may be renamed meanwhile.
 */
#ifndef IO_OUTPUT_H
#define IO_OUTPUT_H

#include <io/folders.h>
#include <io/sink.h>
#include <io/source.h>

struct output;

enum output_mode {
    OUTPUT_NEW,         /* SIGN_E_EXISTS when there is one already                        */
    OUTPUT_REPLACE      /* a regular file that was there is replaced in one step          */
};

int output_open(struct output **out, const char *path, enum output_mode mode, sign_err *err);
struct sink *output_sink(struct output *output);
/* Whether a process killed now would leave a file behind: all that replace, and new ones where there is no O_TMPFILE. */
bool output_is_named(const struct output *output);
/* A file is put over another only if the source, which outlives the output, is unchanged then: what another run put there stays. */
void output_guard(struct output *output, const struct source *source);
/* Syncs and puts the file into place; SIGN_OK means it is on disk under its name. The output is spent either way. */
int output_commit(struct output **output, sign_err *err);
/* The same in two steps, for many files in one folder: SIGN_OK of both means that. The second once after each first that was OK. */
int output_place(struct output **output, struct folders *folders, struct folder_debt *debt, sign_err *err);
int output_settle(const char *path, struct folders *folders, struct folder_debt *debt, sign_err *err);
/* Drops what was not committed; nothing stays behind. Accepts NULL. */
void output_free(struct output **output);
/*
 * Removes what an earlier run, killed in the middle, left beside path: names of our own pattern whose process is gone, and
 * on which nobody elsewhere (a container, a machine on the same share) holds a lock. Reads the whole folder.
 */
int output_sweep(const char *path, sign_err *err);
/*
 * The same for all targets in path's folder, the first time that it is met: a batch in one folder reads it once. What was
 * met is remembered in the context's struct folders.
 */
int output_sweep_once(struct folders *folders, const char *path, sign_err *err);

#endif
