#include "inputs.h"
#include "exit.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

struct walk {
    const struct inputs *inputs;
    input_fn each;
    void *payload;
    size_t n;
    int code;
};

static void visit(struct walk *walk, const char *path, const char *why)
{
    walk->n++;
    walk->code = exit_worst(walk->code, walk->each(walk->payload, path, why));
}

static bool wanted(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot && (strcasecmp(dot, ".pdf") == 0 || strcasecmp(dot, ".xml") == 0);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* In the order of names, so that two runs answer alike; links inside are not followed, so that no walk is endless. */
static void folder(struct walk *walk, const char *path)
{
    char *copy = strdup(path), *roots[] = { copy, NULL };
    FTS *fts = copy ? fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name) : NULL;
    if (!fts) {
        visit(walk, path, strerror(errno));
    }
    for (FTSENT *entry; fts && (entry = fts_read(fts));) {
        switch (entry->fts_info) {
        case FTS_F:
            if (wanted(entry->fts_name)) {
                visit(walk, entry->fts_path, NULL);
            }
            break;
        case FTS_DNR:
        case FTS_ERR:
        case FTS_NS:
            visit(walk, entry->fts_path, strerror(entry->fts_errno));
            break;
        default:
            break;
        }
    }
    if (fts) {
        fts_close(fts);
    }
    free(copy);
}

static void take(struct walk *walk, const char *path)
{
    struct stat st;
    if (walk->inputs->recursive && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        folder(walk, path);
    } else {
        visit(walk, path, NULL);
    }
}

static void names_from(struct walk *walk, const char *list)
{
    bool standard = strcmp(list, "-") == 0;
    FILE *from = standard ? stdin : fopen(list, "re");
    if (!from) {
        visit(walk, list, strerror(errno));
        return;
    }
    char *line = NULL;
    size_t cap = 0;
    int end = walk->inputs->nul ? 0 : '\n';
    for (ssize_t len; (len = getdelim(&line, &cap, end, from)) > 0;) {
        if (line[len - 1] == end) {
            line[--len] = 0;
        }
        if (len > 0) {
            take(walk, line);
        }
    }
    if (ferror(from)) {
        visit(walk, list, strerror(errno));
    }
    free(line);
    if (!standard) {
        fclose(from);
    }
}

int inputs_each(const struct inputs *inputs, input_fn each, void *payload, size_t *n)
{
    struct walk walk = { .inputs = inputs, .each = each, .payload = payload };
    for (size_t i = 0; i < inputs->files->n; i++) {
        take(&walk, inputs->files->items[i]);
    }
    if (inputs->files_from) {
        names_from(&walk, inputs->files_from);
    }
    *n = walk.n;
    return walk.code;
}
