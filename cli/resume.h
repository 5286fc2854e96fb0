/*
 * Resuming a long run (kyso verify --resume RESULTS.ndjson): what an earlier run answered is not asked again, its verdicts
 * count. The first line of such results says which version made them under which options; under others they say nothing.
 */
#ifndef CLI_RESUME_H
#define CLI_RESUME_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct resume;
/* A fingerprint of what decides the answers; text may come in any number of pieces, the order counts. Begin with 0. */
uint64_t resume_digest(uint64_t before, const char *text);

enum resume_outcome { RESUME_NEW, RESUME_READY, RESUME_OTHER_OPTIONS, RESUME_UNREADABLE, RESUME_NOMEM };
/* Reads the results of earlier runs. NEW: there are none yet, and resume_header is to be called first. */
enum resume_outcome resume_open(struct resume **out, const char *path, uint64_t digest);
/* The first line of new results. */
void resume_header(const struct resume *resume, FILE *to);
/* Before more results: ends the line that a killed run left without an end, where `to` is the file that was read. */
void resume_continue(const struct resume *resume, FILE *to);
/* Was this file answered, being as it is now? *code is then the exit code that its verdict stands for. */
bool resume_known(const struct resume *resume, const char *path, int *code);
/* What a result line must carry so that it can be found again: `,"size":N,"mtime":S.NS,"exit":N,"key":"…"`. resume may be
 * NULL: then size and mtime alone. */
struct resume_result {
    const char *path;
    uint64_t size;
    int64_t mtime_ns;
    int code;
    bool passing;                       /* may be otherwise tomorrow: no key */
};
int resume_members(char *out, size_t cap, const struct resume *resume, const struct resume_result *result);
void resume_free(struct resume *resume);

#endif
