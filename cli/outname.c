#include "outname.h"
#include "exit.h"

#include <stdlib.h>
#include <string.h>

static int apart(const char *one, const char *other)
{
    text_say(stderr, T_NOT_TOGETHER, one, other, NULL);
    return EXIT_USAGE;
}

int outname_check(const struct outname *out, const struct list *files)
{
    if (out->path && files->n > 1) {
        text_say(stderr, T_ONE_FILE_ONLY, "-o", NULL);
        return EXIT_USAGE;
    }
    if (out->path && !*out->path) {
        return options_bad_value("-o", out->path, "OUT");
    }
    if (out->path && (out->in_place || out->suffix)) {
        return apart("-o", out->in_place ? "--in-place" : "--suffix");
    }
    if (out->in_place && out->xml) {
        return apart("--in-place", "--xml-packaging base64");
    }
    if (out->in_place && out->suffix) {
        return apart("--in-place", "--suffix");
    }
    if (out->suffix && (!*out->suffix || strchr(out->suffix, '/'))) {
        return options_bad_value("--suffix", out->suffix, ".signed");
    }
    for (size_t i = 0; i < files->n; i++) {
        if (strcmp(files->items[i], "-") == 0 && !out->path) {
            text_say(stderr, T_STDIN_NEEDS_OUT, NULL);
            return EXIT_USAGE;
        }
    }
    return EXIT_DONE;
}

char *outname_make(const struct outname *out, const char *path)
{
    if (out->path || out->in_place) {
        return strdup(out->path ? out->path : path);
    }
    const char *suffix = out->suffix ? out->suffix : ".signed";
    const char *slash = strrchr(path, '/'), *dot = strrchr(path, '.');
    /* A dot that starts the name, or stands in a folder's name, begins no extension. */
    bool extension = dot && dot > (slash ? slash + 1 : path);
    int stem = (int)(extension ? (size_t)(dot - path) : strlen(path));
    char *name = NULL;
    if (out->xml) {
        return asprintf(&name, "%s%s.xml", path, suffix) < 0 ? NULL : name;
    }
    return asprintf(&name, "%.*s%s%s", stem, path, suffix, extension ? dot : "") < 0 ? NULL : name;
}
