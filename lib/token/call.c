/*
 * The choke point of all C_* calls: a child of fork() is turned away, modules that cannot lock are called one at a
 * time, tests put in faults, and the log gets function and return value: never an argument, which may be a PIN.
 */
#include <token/module.h>

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void token_log(const struct token_env *env, int level, const char *fmt, ...)
{
    if (!env->log) {
        return;
    }
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    env->log(env->payload, level, text);
}

CK_RV call_begin(const struct token_env *env, struct module *module, const char *function)
{
    if (module->pid != getpid()) {
        /* What PKCS#11 v2.40 (usage guide 2.5.2) says of a child that has not called C_Initialize itself. Many modules
         * would rather talk on the parent's connection to the reader. */
        token_log(env, SIGN_LOG_ERROR, "%s: not called in the child of a fork()", function);
        return CKR_CRYPTOKI_NOT_INITIALIZED;
    }
    CK_RV fault = env->fault ? env->fault(env->payload, function) : CKR_OK;
    if (fault != CKR_OK) {
        token_log(env, SIGN_LOG_DEBUG, "%s: %s, injected", function, ckr_name(fault));
    } else if (module->serial) {
        module_lock(module);
    }
    return fault;
}

void call_end(const struct token_env *env, struct module *module, const char *function, CK_RV rv)
{
    if (module->serial) {
        module_unlock(module);
    }
    token_log(env, SIGN_LOG_DEBUG, "%s: %s (0x%lx)", function, ckr_name(rv), rv);
}
