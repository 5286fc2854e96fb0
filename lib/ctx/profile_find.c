/* Where profiles are looked for (decision 12). */
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <ctx/profile.h>
#include <errno.h>
#include <io/source.h>
#include <stdlib.h>

static bool is_path(const char *name)
{
    size_t len = strlen(name);
    return strchr(name, '/') || (len > 5 && strcmp(name + len - 5, ".json") == 0);
}

/* It becomes part of a path: nothing but what names of files can safely hold. */
static bool is_name(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++) {
        int c = ascii_lower((uint8_t)name[i]);
        bool word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!word && (i == 0 || (c != '-' && c != '_' && c != '.'))) {
            return false;
        }
    }
    return len > 0 && len <= 64;
}

static int read_file(struct profile **out, const char *name, const char *path, sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(arena_free) struct arena arena = { 0 };
    sign_bytes json;
    int rc = source_open(&source, path, NULL, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (source_size(source) > LIMIT_PROFILE) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "profile %.100s: more than %zu bytes", path,
                       LIMIT_PROFILE);
    }
    rc = source_bytes(source, 0, (size_t)source_size(source), &arena, &json, err);
    return rc == SIGN_OK ? profile_parse(out, name, json, err) : rc;
}

/* The XDG base directory specification: a path that is not absolute is ignored. */
static const char *folder_of(const char *variable)
{
    const char *value = secure_getenv(variable);
    return value && value[0] == '/' ? value : NULL;
}

/* NOTFOUND where there is no such file. */
static int try_folder(struct profile **out, const char *name, const char *folder, const char *below, sign_err *err)
{
    CLEANUP(build_free) struct build path = { 0 };
    sign_err why = SIGN_ERR_INIT;
    if (!folder) {
        return SIGN_E_NOTFOUND;
    }
    build_fmt(&path, "%s%s/%s.json", folder, below, name);
    build_byte(&path, 0);
    if (path.failed) {
        return err_nomem(err);
    }
    int rc = read_file(out, name, (const char *)path.ptr, &why);
    if (rc == SIGN_E_IO && (why.native == ENOENT || why.native == ENOTDIR)) {
        return SIGN_E_NOTFOUND;
    }
    if (rc != SIGN_OK && err) {
        *err = why;
    }
    return rc;
}

int profile_load(struct profile **out, const char *name, sign_err *err)
{
    if (is_path(name)) {
        return read_file(out, name, name, err);
    }
    if (!is_name(name)) {
        return err_arg(err,
                       "profile '%.80s': a name has letters, digits and -_. alone; a path has a slash or ends in .json",
                       name);
    }
    const char *config = folder_of("XDG_CONFIG_HOME");
    const struct {
        const char *folder, *below;
    } places[] = {
        { config ? config : folder_of("HOME"), config ? "/kyso/profiles" : "/.config/kyso/profiles" },
        { "/etc", "/kyso/profiles" },
        { folder_of("KYSO_DATA"), "/profiles" },
        { KYSO_DATADIR, "/profiles" },
    };
    for (size_t i = 0; i < COUNT(places); i++) {
        int rc = try_folder(out, name, places[i].folder, places[i].below, err);
        if (rc != SIGN_E_NOTFOUND) {
            return rc;
        }
    }
    return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL,
                   "no profile %.64s in ~/.config/kyso/profiles, /etc/kyso/profiles or " KYSO_DATADIR "/profiles",
                   name);
}
