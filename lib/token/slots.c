/* Slots, by libp11, and the tokens in them. */
#include <token/slots.h>

#include <base/array.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <stdlib.h>
#include <token/uri.h>

/*
 * PKCS11_release_all_slots of libp11 0.4.12 calls C_CloseAllSessions on every slot that it listed: it would log out the
 * tokens that this process has open. (PKCS11_update_slots, made for that, frees slots twice.) So what libp11 lists is
 * kept until no token of the module is open.
 */
struct listing {
    struct listing *next;
    PKCS11_SLOT *slots;
    unsigned n;
};

void listings_drop(struct module *module)
{
    while (module->listings) {
        struct listing *listing = module->listings;
        module->listings = listing->next;
        PKCS11_release_all_slots(module->p11, listing->slots, listing->n);
        free(listing);
    }
}

/*
 * libp11 trusts C_GetSlotList: the number of slots, and that the second call fills no more than the first announced. A
 * module that lies is found out here, by asking it the same beforehand.
 */
static int check_count(const struct token_env *env, struct module *module, CK_ULONG *n, sign_err *err)
{
    CK_SLOT_ID ids[2 * LIMIT_TOKEN_SLOTS];  /* room for the lie */
    CK_ULONG announced = 0, filled = 0;
    CK_RV rv;
    C_CALL(rv, env, module, C_GetSlotList, CK_FALSE, NULL, &announced);
    if (rv == CKR_OK && announced > LIMIT_TOKEN_SLOTS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "%s: %lu slots, more than %d", module->path, announced,
                       LIMIT_TOKEN_SLOTS);
    }
    if (rv == CKR_OK) {
        filled = announced;
        C_CALL(rv, env, module, C_GetSlotList, CK_FALSE, ids, &filled);
        if (rv == CKR_OK && filled > announced) {
            return err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, "PKCS#11 v2.40 5.5",
                           "%s: announced %lu slots and listed %lu", module->path, announced, filled);
        }
    }
    for (CK_ULONG i = 0; rv == CKR_OK && i < filled; i++) {
        CK_SLOT_INFO info;      /* where this fails, libp11 gives up on all slots, without saying why */
        C_CALL(rv, env, module, C_GetSlotInfo, ids[i], &info);
    }
    *n = announced;
    return rv == CKR_OK ? SIGN_OK : call_error(rv, "list slots", err);
}

static int list_slots(const struct token_env *env, struct module *module, struct listing **out, sign_err *err)
{
    if (!module->open) {
        listings_drop(module);
    }
    CK_ULONG n = 0;
    int rc = check_count(env, module, &n, err);
    if (rc != SIGN_OK || n == 0) {
        return rc;      /* libp11 fails where there is no slot at all */
    }
    struct listing *listing = calloc(1, sizeof *listing);
    if (!listing) {
        return err_nomem(err);
    }
    ERR_set_mark();
    if (PKCS11_enumerate_slots(module->p11, &listing->slots, &listing->n) != 0) {
        const char *why = ERR_reason_error_string(ERR_peek_last_error());
        rc = err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL, "%s: list slots: %s", module->path,
                     why ? why : "no reason given");
        free(listing);
    } else {
        listing->next = module->listings;
        module->listings = *out = listing;
    }
    ERR_pop_to_mark();
    return rc;
}

/* --- one token ---------------------------------------------------------------------------------------------------- */

const char *padded_text(struct arena *arena, const void *text, size_t len)
{
    const char *at = text;
    len = strnlen(at, len);     /* some modules end what should be padded with a NUL */
    while (len > 0 && at[len - 1] == ' ') {
        len--;
    }
    CLEANUP(build_free) struct build fixed = { 0 };
    utf8_repair(&fixed, bytes_of(at, len));
    return fixed.failed ? NULL : arena_str(arena, build_view(&fixed));
}

static void set_flags(struct token_view *view)
{
    CK_FLAGS flags = view->ck.flags;
    view->info.login_required = flags & CKF_LOGIN_REQUIRED;
    view->info.pin_pad = flags & CKF_PROTECTED_AUTHENTICATION_PATH;
    view->info.pin_low = flags & CKF_USER_PIN_COUNT_LOW;
    view->info.pin_final_try = flags & CKF_USER_PIN_FINAL_TRY;
    view->info.pin_locked = flags & CKF_USER_PIN_LOCKED;
    view->info.initialized = flags & CKF_TOKEN_INITIALIZED;
}

static bool set_texts(struct token_view *view, struct arena *arena, const char *reader)
{
    sign_token_info *info = &view->info;
    info->label = padded_text(arena, view->ck.label, sizeof view->ck.label);
    info->serial = padded_text(arena, view->ck.serialNumber, sizeof view->ck.serialNumber);
    info->manufacturer = padded_text(arena, view->ck.manufacturerID, sizeof view->ck.manufacturerID);
    info->model = padded_text(arena, view->ck.model, sizeof view->ck.model);
    info->reader = padded_text(arena, reader, strlen(reader));
    info->module = arena_str(arena, bytes_str(view->module->path));
    info->uri = uri_of_token(arena, &view->ck);
    return info->label && info->serial && info->manufacturer && info->model && info->reader && info->module &&
           info->uri;
}

struct token_view *view_copy(struct arena *arena, const struct token_view *view)
{
    struct token_view *copy = ARENA_NEW(arena, struct token_view);
    if (copy) {
        *copy = *view;
    }
    return copy && set_texts(copy, arena, view->info.reader) ? copy : NULL;
}

int view_refresh(struct token_view *view, const struct token_env *env, sign_err *err)
{
    CK_TOKEN_INFO ck = { 0 };
    CK_RV rv;
    C_CALL(rv, env, view->module, C_GetTokenInfo, view->slot, &ck);
    if (rv != CKR_OK) {
        return call_error(rv, "read the token's state", err);
    }
    view->ck = ck;
    set_flags(view);
    return SIGN_OK;
}

/* --- all tokens --------------------------------------------------------------------------------------------------- */

/* One token through two drivers: the same serial number and label. Tokens without a serial number are all different. */
static bool is_listed(const struct roster *roster, const struct token_view *view)
{
    for (size_t i = 0; i < roster->n; i++) {
        const sign_token_info *a = &roster->list[i]->info, *b = &view->info;
        if (roster->list[i]->module != view->module && *a->serial && strcmp(a->serial, b->serial) == 0 &&
            strcmp(a->label, b->label) == 0) {
            return true;
        }
    }
    return false;
}

static int add_slot(struct roster *roster, const struct token_env *env, struct module *module, PKCS11_SLOT *slot,
                    sign_err *err)
{
    struct token_view *view = ARENA_NEW(&roster->arena, struct token_view);
    if (!view) {
        return err_nomem(err);
    }
    view->module = module;
    view->slot = PKCS11_get_slotid_from_slot(slot);
    view->info.struct_size = sizeof view->info;
    sign_err gone;
    if (view_refresh(view, env, &gone) != SIGN_OK) {
        token_log(env, SIGN_LOG_INFO, "%s: slot %lu is passed over: %s", module->path, view->slot, gone.msg);
        return SIGN_OK;
    }
    if (!set_texts(view, &roster->arena, slot->description ? slot->description : "")) {
        return err_nomem(err);
    }
    if (is_listed(roster, view)) {
        return SIGN_OK;
    }
    int rc = array_grow((void **)&roster->list, &roster->cap, roster->n + 1, sizeof *roster->list,
                        LIMIT_TOKEN_SLOTS * LIMIT_TOKEN_MODULES, "tokens", err);
    if (rc == SIGN_OK) {
        roster->list[roster->n++] = view;
    }
    return rc;
}

static int add_slots(struct roster *roster, const struct token_env *env, struct module *module, sign_err *err)
{
    struct listing *listing = NULL;
    module_lock(module);
    int rc = list_slots(env, module, &listing, err);
    for (unsigned i = 0; rc == SIGN_OK && listing && i < listing->n; i++) {
        if (listing->slots[i].token) {
            rc = add_slot(roster, env, module, &listing->slots[i], err);
        }
    }
    module_unlock(module);
    return rc;
}

static int add_module(struct roster *roster, const struct token_env *env, const char *path, sign_err *err)
{
    struct module *module = NULL;
    int rc = module_open(&module, env, path, err);
    if (rc == SIGN_OK) {
        roster->modules[roster->n_modules++] = module;
        rc = add_slots(roster, env, module, err);
    }
    return rc;
}

int roster_read(struct roster *out, const struct token_env *env, const char *module, sign_err *err)
{
    CLEANUP(places_free) struct places places = { 0 };
    int rc = places_find(&places, module, err);
    size_t failed = 0;
    sign_err problem = SIGN_ERR_INIT;
    for (size_t i = 0; rc == SIGN_OK && i < places.n; i++) {
        int one = add_module(out, env, places.paths[i], &problem);
        if (one != SIGN_OK) {
            failed++;
            token_log(env, SIGN_LOG_WARNING, "%s is passed over: %s", places.paths[i], problem.msg);
        }
    }
    if (rc == SIGN_OK && failed == places.n) {
        rc = problem.status;
        if (err) {
            *err = problem;
        }
    }
    return rc;
}

void roster_free(struct roster *roster)
{
    for (size_t i = 0; i < roster->n_modules; i++) {
        module_release(&roster->modules[i]);
    }
    free(roster->list);
    arena_free(&roster->arena);
    *roster = (struct roster){ 0 };
}
