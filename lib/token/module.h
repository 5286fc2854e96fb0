/*
 * Modules, and the choke point. Cryptoki is initialised once a process, whoever uses it, so loaded modules are in one
 * list of the process (the one place in the library that has such a thing, with pins.c). A module is never unloaded:
 * vendors' modules leave threads and exit handlers behind that would then run in unmapped memory.
 */
#ifndef TOKEN_MODULE_H
#define TOKEN_MODULE_H

#include <libp11.h>
#include <p11-kit/pkcs11.h>
#include <pthread.h>
#include <sys/types.h>
#include <base/limits.h>
#include <token/token.h>

struct listing;
struct module {
    struct module *next;
    char *path;
    void *handle;                   /* of dlopen */
    CK_FUNCTION_LIST *list;
    pid_t pid;                      /* the process that this entry is for: fork() makes another */
    pthread_mutex_t lock;           /* recursive; guards what follows, and every call where serial is set */
    unsigned refs;
    bool live, ours;                /* initialised; by us, so that we finalize */
    bool serial;                    /* cannot lock for itself: one call at a time */
    PKCS11_CTX *p11;
    struct listing *listings;       /* slots.c */
    struct token *open;             /* tokens with a session: session.c */
};

/*
 * Loads and initialises, or finds loaded; one reference. TOKEN (not a PKCS#11 module, native where it said so), NOMEM.
 */
int module_open(struct module **out, const struct token_env *env, const char *path, sign_err *err);
void module_release(struct module **module);
void module_lock(struct module *module);
void module_unlock(struct module *module);

/*
 * Where modules come from (places.c): paths of the module asked for, or of p11-kit's configured ones and then of the
 * known vendors'. NOTFOUND when there are none.
 */
struct places {
    char **paths;
    size_t n, cap;
};
int places_find(struct places *out, const char *module, sign_err *err);
void places_free(struct places *places);

/* --- call.c: every C_* call of ours goes through C_CALL ----------------------------------------------------------- */

/* rv is CKR_OK when the call may be made; else what it answers without being made (fork, injected fault). */
CK_RV call_begin(const struct token_env *env, struct module *module, const char *function);
void call_end(const struct token_env *env, struct module *module, const char *function, CK_RV rv);

#define C_CALL(rv, env, module, function, ...)                                                                         \
    do {                                                                                                               \
        (rv) = call_begin((env), (module), #function);                                                                 \
        if ((rv) == CKR_OK) {                                                                                          \
            (rv) = (module)->list->function(__VA_ARGS__);                                                              \
            call_end((env), (module), #function, (rv));                                                                \
        }                                                                                                              \
    } while (0)

/* The status that a CKR_* stands for, with its name, value and what was being done. */
int call_error(CK_RV rv, const char *doing, sign_err *err);
const char *ckr_name(CK_RV rv);                 /* "CKR_PIN_INCORRECT"; "CKR_?" for a value in no table */
void token_log(const struct token_env *env, int level, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
