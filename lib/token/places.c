/* Where PKCS#11 modules come from. */
#include <token/module.h>

#include <base/array.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <dlfcn.h>
#include <p11-kit/p11-kit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The drivers of the tokens in use in Vietnam, then OpenSC, and where installers put them. */
static const char *const vendor_files[] = {
    "libbit4ipki.so", "libbit4xpki.so", "libbit4p11.so", "libeTPkcs11.so", "libeToken.so", "libIDPrimePKCS11.so",
    "fptca_v4.so", "opensc-pkcs11.so",
};
static const char *const vendor_folders[] = {
    "/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu/pkcs11", "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64", "/usr/local/lib",
};

/* Takes path, which malloc made, or frees it: a file that is in the list already (through a link, too) is not added. */
static int add(struct places *places, char *path, sign_err *err)
{
    char *real = path ? realpath(path, NULL) : NULL;
    for (size_t i = 0; real && i < places->n; i++) {
        if (strcmp(places->paths[i], real) == 0) {
            free(real);
            free(path);
            return SIGN_OK;
        }
    }
    free(path);
    if (!real) {
        return SIGN_OK;     /* configured, but not there */
    }
    int rc = array_grow((void **)&places->paths, &places->cap, places->n + 1, sizeof *places->paths,
                        LIMIT_TOKEN_MODULES, "PKCS#11 modules", err);
    if (rc != SIGN_OK) {
        free(real);
        return rc;
    }
    places->paths[places->n++] = real;
    return SIGN_OK;
}

static void release_p11kit(CK_FUNCTION_LIST ***modules)
{
    if (*modules) {
        p11_kit_modules_release(*modules);
    }
}

/*
 * p11-kit reads its configuration only by loading the modules. We want their file names alone: its own wrapping and
 * initialising of modules would stand between us and the module's return values. Stores of CA certificates are no
 * tokens that sign.
 */
static int add_configured(struct places *places, sign_err *err)
{
    CLEANUP(release_p11kit) CK_FUNCTION_LIST **modules = p11_kit_modules_load(NULL, 0);
    for (size_t i = 0; modules && modules[i]; i++) {
        char *file = p11_kit_module_get_filename(modules[i]);
        if (!file || p11_kit_module_get_flags(modules[i]) & P11_KIT_MODULE_TRUSTED) {
            free(file);
            continue;
        }
        /* Keeps it mapped when p11-kit lets go: see module.h. */
        void *pinned = dlopen(file, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
        if (pinned) {
            dlclose(pinned);
        }
        int rc = add(places, file, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

static int add_vendors(struct places *places, sign_err *err)
{
    for (size_t i = 0; i < COUNT(vendor_files) * COUNT(vendor_folders); i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s", vendor_folders[i % COUNT(vendor_folders)],
                     vendor_files[i / COUNT(vendor_folders)]) < 0) {
            return err_nomem(err);
        }
        int rc = add(places, path, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

static int fill(struct places *places, const char *module, sign_err *err)
{
    if (module) {
        char *path = strdup(module);
        if (!path) {
            return err_nomem(err);
        }
        int rc = add(places, path, err);
        return rc != SIGN_OK || places->n ? rc
            : err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL, "there is no PKCS#11 module at %s", module);
    }
    int rc = add_configured(places, err);
    if (rc == SIGN_OK) {
        rc = add_vendors(places, err);
    }
    if (rc == SIGN_OK && places->n == 0) {
        rc = err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL,
                     "no PKCS#11 module: none configured in p11-kit, and no driver that we know is installed");
    }
    return rc;
}

int places_find(struct places *out, const char *module, sign_err *err)
{
    CLEANUP(places_free) struct places found = { 0 };
    int rc = fill(&found, module, err);
    if (rc == SIGN_OK) {
        *out = found;
        found = (struct places){ 0 };
    }
    return rc;
}

void places_free(struct places *places)
{
    for (size_t i = 0; i < places->n; i++) {
        free(places->paths[i]);
    }
    free(places->paths);
    *places = (struct places){ 0 };
}
