/* Outputs in one line each, and a fresh folder for every test. */
#ifndef TESTS_OUTPUTS_H
#define TESTS_OUTPUTS_H

#include "scratch.h"
#include <dirent.h>
#include <io/output.h>

static const enum output_mode modes[] = { OUTPUT_NEW, OUTPUT_REPLACE };

/* Entries of the folder, "." and ".." not counted. */
static inline int entries(const char *path)
{
    DIR *list = opendir(path);
    int n = -2;
    while (list && readdir(list)) {
        n++;
    }
    closedir(list);
    return n;
}

static inline int fresh_folder(void **state)
{
    static int n;
    char name[100];
    snprintf(name, sizeof name, "%s/%d", scratch, n++);
    return mkdir(name, 0700) == 0 && chdir(name) == 0 ? 0 : -1;
}

static inline struct output *open_output(const char *path, enum output_mode mode)
{
    sign_err err = SIGN_ERR_INIT;
    struct output *output = NULL;
    check_status(output_open(&output, path, mode, &err), SIGN_OK, &err);
    return output;
}

static inline void put(struct output *output, const char *text)
{
    sign_err err = SIGN_ERR_INIT;
    check_status(sink_put(output_sink(output), bytes_str(text), &err), SIGN_OK, &err);
}

static inline void commit(struct output **output)
{
    sign_err err = SIGN_ERR_INIT;
    check_status(output_commit(output, &err), SIGN_OK, &err);
    assert_null(*output);
}

#endif
