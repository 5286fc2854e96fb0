#include "resume.h"
#include "exit.h"
#include "siphash.h"

#include <errno.h>
#include <inttypes.h>
#include <libsign/version.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

struct answer { uint64_t key, size; int64_t mtime_ns; int code; bool used; };

struct resume {
    uint64_t digest;                    /* of the options                                              */
    struct siphash_key salt;            /* of these results: nobody can choose a name that meets another's */
    struct answer *table;               /* open addressing, a power of two */
    size_t cap, n;
    bool torn;                          /* the last line has no end: a run was killed while it wrote */
    struct stat file;
};

#define NS INT64_C(1000000000)
/* The modification time to the nanosecond: a file is easily written twice within a second. */
#define TAIL_PRINT ",\"size\":%" PRIu64 ",\"mtime\":%" PRId64 ".%09" PRIu32
#define TAIL_SCAN ",\"size\":%" SCNu64 ",\"mtime\":%" SCNd64 ".%9" SCNu32 ",\"exit\":%d,\"key\":\"%16" SCNx64 "\"}%n"
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

uint64_t resume_digest(uint64_t before, const char *text)
{
    uint64_t hash = before ? before : FNV_START;
    for (const char *at = text; at && *at; at++) {
        hash = (hash ^ (unsigned char)*at) * FNV_PRIME;
    }
    return (hash ^ 0xFF) * FNV_PRIME;   /* "ab","c" is not "a","bc" */
}

static uint64_t key_of(const struct resume *resume, const char *path)
{
    return siphash(resume->salt, path, strlen(path));
}

static struct answer *place(const struct resume *resume, uint64_t key)
{
    size_t at = (size_t)key & (resume->cap - 1);
    while (resume->table[at].used && resume->table[at].key != key) {
        at = (at + 1) & (resume->cap - 1);
    }
    return &resume->table[at];
}

static bool grow(struct resume *resume)
{
    struct resume wider = *resume;
    wider.cap = resume->cap ? resume->cap * 2 : 1024;
    wider.table = calloc(wider.cap, sizeof *wider.table);
    if (!wider.table) {
        return false;
    }
    for (size_t i = 0; i < resume->cap; i++) {
        if (resume->table[i].used) {
            *place(&wider, resume->table[i].key) = resume->table[i];
        }
    }
    free(resume->table);
    *resume = wider;
    return true;
}

static bool put(struct resume *resume, struct answer answer)
{
    if (resume->n * 2 >= resume->cap && !grow(resume)) {
        return false;
    }
    struct answer *slot = place(resume, answer.key);
    resume->n += !slot->used;
    *slot = answer;                     /* a later line is the later answer */
    return true;
}

/* What one file's verdict may stand for; an internal error is no answer. */
static bool is_answer(int code)
{
    return code == EXIT_DONE || code == EXIT_FAILED || code == EXIT_INDETERMINATE || code == EXIT_NO_SIGNATURE ||
           code == EXIT_INPUT;
}

/*
 * The members that resume_members wrote, at the very end of the line, and they alone: a line that was cut off has none, and
 * of one that stands behind such a piece nothing else is believed.
 */
static bool read_line(struct answer *out, const char *line, size_t len)
{
    const char *at = len > 1 && line[len - 1] == '\n' ? line + len - 1 : NULL;
    static const char start[] = ",\"size\":";
    while (at && at > line && strncmp(at, start, sizeof start - 1) != 0) {
        at--;
    }
    int end = 0;
    int64_t seconds = 0;
    uint32_t fraction = 0;
    *out = (struct answer){ .used = true };
    bool whole = at && sscanf(at, TAIL_SCAN, &out->size, &seconds, &fraction, &out->code, &out->key, &end) == 5 &&
                 end > 0 && at + end == line + len - 1;
    if (!whole || seconds < INT64_MIN / NS || seconds > INT64_MAX / NS - 1 || fraction >= NS) {
        return false;
    }
    out->mtime_ns = seconds * NS + fraction;
    return is_answer(out->code);
}

#define HEADER "{\"kyso\":\"%s\",\"options\":\"%016" PRIx64 "\",\"salt\":\"%016" PRIx64 "%016" PRIx64 "\"}\n"

void resume_header(const struct resume *resume, FILE *to)
{
    fprintf(to, HEADER, sign_version(), resume->digest, resume->salt.k0, resume->salt.k1);
    fflush(to);
}

/* Takes the salt from the header, then demands that the header is what we would write: version, options and all. */
static bool header_fits(struct resume *resume, const char *line)
{
    char expected[160];
    const char *salt = strstr(line, "\"salt\":\"");
    if (!salt || sscanf(salt, "\"salt\":\"%16" SCNx64 "%16" SCNx64, &resume->salt.k0, &resume->salt.k1) != 2) {
        return false;
    }
    snprintf(expected, sizeof expected, HEADER, sign_version(), resume->digest, resume->salt.k0, resume->salt.k1);
    return strcmp(line, expected) == 0;
}

static enum resume_outcome read_all(struct resume *resume, FILE *from)
{
    char *line = NULL;
    size_t cap = 0;
    ssize_t len = getline(&line, &cap, from);
    enum resume_outcome outcome = len <= 0 ? RESUME_NEW : header_fits(resume, line) ? RESUME_READY : RESUME_OTHER_OPTIONS;
    while (outcome == RESUME_READY && (len = getline(&line, &cap, from)) > 0) {
        struct answer answer;
        if (read_line(&answer, line, (size_t)len) && !put(resume, answer)) {
            outcome = RESUME_NOMEM;
        }
        resume->torn = line[len - 1] != '\n';
    }
    free(line);
    return ferror(from) ? RESUME_UNREADABLE : outcome;
}

enum resume_outcome resume_open(struct resume **out, const char *path, uint64_t digest)
{
    struct resume *resume = calloc(1, sizeof *resume);
    *out = resume;
    if (!resume || !grow(resume) || getrandom(&resume->salt, sizeof resume->salt, 0) != sizeof resume->salt) {
        return RESUME_NOMEM;
    }
    resume->digest = digest;
    FILE *from = fopen(path, "re");
    if (!from) {
        return errno == ENOENT ? RESUME_NEW : RESUME_UNREADABLE;
    }
    enum resume_outcome outcome = fstat(fileno(from), &resume->file) == 0 ? read_all(resume, from) : RESUME_UNREADABLE;
    fclose(from);
    return outcome;
}

void resume_continue(const struct resume *resume, FILE *to)
{
    struct stat st;
    if (resume->torn && fstat(fileno(to), &st) == 0 && st.st_dev == resume->file.st_dev &&
        st.st_ino == resume->file.st_ino) {
        fputc('\n', to);
        fflush(to);
    }
}

static int64_t mtime_of(const struct stat *st)
{
    return (int64_t)st->st_mtim.tv_sec * NS + st->st_mtim.tv_nsec;
}

bool resume_known(const struct resume *resume, const char *path, int *code)
{
    struct stat st;
    const struct answer *answer = place(resume, key_of(resume, path));
    if (!answer->used || stat(path, &st) != 0 || answer->size != (uint64_t)st.st_size ||
        answer->mtime_ns != mtime_of(&st)) {
        return false;
    }
    *code = answer->code;
    return true;
}

int resume_members(char *out, size_t cap, const struct resume *resume, const struct resume_result *result)
{
    int64_t seconds = result->mtime_ns / NS - (result->mtime_ns % NS < 0);      /* before 1970 too: rounded down */
    uint32_t fraction = (uint32_t)(result->mtime_ns - seconds * NS);
    char key[48] = "";
    /* What came from a descriptor, could not be read or met an internal error is asked again. */
    if (resume && result->mtime_ns != 0 && !result->passing && is_answer(result->code)) {
        snprintf(key, sizeof key, ",\"exit\":%d,\"key\":\"%016" PRIx64 "\"", result->code, key_of(resume, result->path));
    }
    return result->mtime_ns == 0 ? snprintf(out, cap, ",\"size\":%" PRIu64 ",\"mtime\":null", result->size)
                                 : snprintf(out, cap, TAIL_PRINT "%s", result->size, seconds, fraction, key);
}

void resume_free(struct resume *resume)
{
    if (resume) {
        free(resume->table);
        free(resume);
    }
}
