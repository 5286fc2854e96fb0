/* Loading a module, and initialising it exactly once a process. */
#include <token/module.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <token/slots.h>
#include <unistd.h>

/* Cryptoki's state belongs to the process: so does this list. Entries are only ever added. */
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct module *registry;

/* What libp11 and we call. A module that leaves one of them out would crash us in the middle. */
#define NEEDED(name) { offsetof(CK_FUNCTION_LIST, name), #name }
static const struct { size_t offset; const char *name; } needed[] = {
    NEEDED(C_Initialize), NEEDED(C_Finalize), NEEDED(C_GetInfo), NEEDED(C_GetSlotList), NEEDED(C_GetSlotInfo),
    NEEDED(C_GetTokenInfo), NEEDED(C_GetMechanismList), NEEDED(C_OpenSession), NEEDED(C_CloseSession),
    NEEDED(C_CloseAllSessions), NEEDED(C_GetSessionInfo), NEEDED(C_Login), NEEDED(C_Logout), NEEDED(C_FindObjectsInit),
    NEEDED(C_FindObjects), NEEDED(C_FindObjectsFinal), NEEDED(C_GetAttributeValue), NEEDED(C_SignInit), NEEDED(C_Sign),
};

void module_lock(struct module *module)
{
    pthread_mutex_lock(&module->lock);
}

void module_unlock(struct module *module)
{
    pthread_mutex_unlock(&module->lock);
}

static void close_handle(void **handle)
{
    if (*handle) {
        dlclose(*handle);
    }
}

static int check_list(const CK_FUNCTION_LIST *list, const char *path, sign_err *err)
{
    if (!list || list->version.major < 2) {
        return err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL, "%s: no function list of PKCS#11 version 2 or later",
                       path);
    }
    for (size_t i = 0; i < COUNT(needed); i++) {
        void *function;
        memcpy(&function, (const char *)list + needed[i].offset, sizeof function);
        if (!function) {
            return err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL, "%s: the module has no %s", path, needed[i].name);
        }
    }
    return SIGN_OK;
}

/*
 * libp11 loads the module again by its path, and gets the same one; that it can be loaded is tried here first because
 * libp11 says what went wrong on stderr.
 */
static int load(void **handle, CK_FUNCTION_LIST **list, const char *path, sign_err *err)
{
    CLEANUP(close_handle) void *fresh = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!fresh) {
        const char *why = dlerror();
        return err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL, "load PKCS#11 module: %s", why ? why : path);
    }
    CK_C_GetFunctionList get;
    void *symbol = dlsym(fresh, "C_GetFunctionList");
    memcpy(&get, &symbol, sizeof get);      /* POSIX makes them alike, ISO C does not */
    if (!get) {
        return err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL, "%s is no PKCS#11 module: no C_GetFunctionList", path);
    }
    CK_RV rv = get(list);
    if (rv != CKR_OK) {
        return call_error(rv, "C_GetFunctionList", err);
    }
    int rc = check_list(*list, path, err);
    if (rc == SIGN_OK) {
        *handle = fresh;
        fresh = NULL;
    }
    return rc;
}

static struct module *entry_new(const char *path, void *handle, CK_FUNCTION_LIST *list)
{
    struct module *module = calloc(1, sizeof *module);
    char *copy = strdup(path);
    pthread_mutexattr_t attr;
    if (!module || !copy || pthread_mutexattr_init(&attr) != 0) {
        free(module);
        free(copy);
        return NULL;
    }
    pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&module->lock, &attr);
    pthread_mutexattr_destroy(&attr);
    module->path = copy;
    module->handle = handle;
    module->list = list;
    module->pid = getpid();
    return module;
}

/* The entry of this module and this process, made if need be; NULL without memory. The handle is kept or given back. */
static struct module *entry_get(const char *path, void *handle, CK_FUNCTION_LIST *list)
{
    pthread_mutex_lock(&registry_lock);
    struct module *entry = registry;
    while (entry && (entry->handle != handle || entry->pid != getpid())) {
        entry = entry->next;
    }
    if (entry) {
        dlclose(handle);
    } else if ((entry = entry_new(path, handle, list)) != NULL) {
        entry->next = registry;
        registry = entry;
    }
    pthread_mutex_unlock(&registry_lock);
    return entry;
}

/*
 * C_Initialize with the system's locks; where the module cannot use them (CKR_CANT_LOCK), without locks, and then every
 * call is made under ours.
 */
static int initialize(struct module *module, const struct token_env *env, sign_err *err)
{
    CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
    CK_RV rv;
    module->serial = false;
    C_CALL(rv, env, module, C_Initialize, &args);
    if (rv == CKR_CANT_LOCK) {
        module->serial = true;
        C_CALL(rv, env, module, C_Initialize, NULL);
    }
    if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED) {
        return call_error(rv, "initialise the PKCS#11 module", err);
    }
    module->ours = rv == CKR_OK;
    return SIGN_OK;
}

/* PKCS11_CTX_unload is never called: it finalizes a module that others in the process may have initialised. */
static void stop(struct module *module, const struct token_env *env)
{
    listings_drop(module);
    if (module->p11) {
        PKCS11_CTX_free(module->p11);
        module->p11 = NULL;
    }
    if (module->ours) {
        CK_RV rv;
        C_CALL(rv, env, module, C_Finalize, NULL);
    }
    module->live = module->ours = false;
}

static int start(struct module *module, const struct token_env *env, sign_err *err)
{
    int rc = initialize(module, env, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    ERR_set_mark();
    module->p11 = PKCS11_CTX_new();
    if (!module->p11) {
        rc = err_nomem(err);
    } else if (PKCS11_CTX_load(module->p11, module->path) != 0) {
        const char *why = ERR_reason_error_string(ERR_peek_last_error());
        rc = err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL, "%s: libp11 cannot use the module: %s", module->path,
                     why ? why : "no reason given");
    }
    ERR_pop_to_mark();
    module->live = rc == SIGN_OK;
    if (rc != SIGN_OK) {
        stop(module, env);
    }
    return rc;
}

static const struct token_env quiet;    /* the last user's log may be gone by then */

int module_open(struct module **out, const struct token_env *env, const char *path, sign_err *err)
{
    void *handle = NULL;
    CK_FUNCTION_LIST *list = NULL;
    int rc = load(&handle, &list, path, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    struct module *module = entry_get(path, handle, list);
    if (!module) {
        dlclose(handle);
        return err_nomem(err);
    }
    module_lock(module);
    rc = module->live ? SIGN_OK : start(module, env, err);
    if (rc == SIGN_OK) {
        module->refs++;
        *out = module;
    }
    module_unlock(module);
    return rc;
}

void module_release(struct module **module)
{
    struct module *m = *module;
    *module = NULL;
    if (!m || m->pid != getpid()) {
        return;     /* in a child: the lock may be held by a thread that is not here, and nothing may be called */
    }
    module_lock(m);
    if (--m->refs == 0) {
        stop(m, &quiet);
    }
    module_unlock(m);
}
