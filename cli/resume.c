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

struct answer { uint64_t key, size; int64_t mtime; int code; bool used; };

struct resume {
    uint64_t digest;                    /* of the options                                              */
    struct siphash_key salt;            /* of these results: nobody can choose a name that meets another's */
    struct answer *table;               /* open addressing, a power of two */
    size_t cap, n;
};

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

static bool code_of(const char *line, int *code)
{
    static const struct { const char *verdict; int code; } rows[] = {
        { "\"verdict\":\"TOTAL-PASSED\"", EXIT_DONE },          { "\"verdict\":\"TOTAL-FAILED\"", EXIT_FAILED },
        { "\"verdict\":\"INDETERMINATE\"", EXIT_INDETERMINATE }, { "\"verdict\":\"NO-SIGNATURE\"", EXIT_NO_SIGNATURE },
        { "\"verdict\":\"ERROR\"", EXIT_INPUT },
    };
    /* The file's own verdict stands behind its name and type, in which no quote is left bare. */
    const char *at = strstr(line, "\",\"type\":\"");
    at = at ? strstr(at, "\"verdict\":") : NULL;
    for (size_t i = 0; at && i < sizeof rows / sizeof *rows; i++) {
        if (strncmp(at, rows[i].verdict, strlen(rows[i].verdict)) == 0) {
            *code = rows[i].code;
            return true;
        }
    }
    return false;
}

/* The members that resume_members wrote, at the very end of the line. A line that was cut off has none and is not an answer. */
static bool read_line(struct answer *out, const char *line, size_t len)
{
    const char *at = len > 1 && line[len - 1] == '\n' ? line + len - 1 : NULL;
    static const char start[] = ",\"size\":";
    while (at && at > line && strncmp(at, start, sizeof start - 1) != 0) {
        at--;
    }
    int end = 0;
    *out = (struct answer){ .used = true };
    return at && sscanf(at, ",\"size\":%" SCNu64 ",\"mtime\":%" SCNd64 ",\"key\":\"%16" SCNx64 "\"}%n", &out->size, &out->mtime,
                        &out->key, &end) == 3 &&
           end > 0 && at + end == line + len - 1 && code_of(line, &out->code);
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
    enum resume_outcome outcome = read_all(resume, from);
    fclose(from);
    return outcome;
}

bool resume_known(const struct resume *resume, const char *path, int *code)
{
    struct stat st;
    const struct answer *answer = place(resume, key_of(resume, path));
    if (!answer->used || stat(path, &st) != 0 || answer->size != (uint64_t)st.st_size || answer->mtime != st.st_mtime) {
        return false;
    }
    *code = answer->code;
    return true;
}

int resume_members(char *out, size_t cap, const struct resume *resume, const char *path, uint64_t size, int64_t mtime)
{
    char key[32] = "";
    if (resume) {
        snprintf(key, sizeof key, ",\"key\":\"%016" PRIx64 "\"", key_of(resume, path));
    }
    return snprintf(out, cap, ",\"size\":%" PRIu64 ",\"mtime\":%" PRId64 "%s", size, mtime, key);
}

void resume_free(struct resume *resume)
{
    if (resume) {
        free(resume->table);
        free(resume);
    }
}
