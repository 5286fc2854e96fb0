/* Slots and the tokens in them. */
#ifndef TOKEN_SLOTS_H
#define TOKEN_SLOTS_H

#include <token/module.h>

struct token_view {             /* strings live in the arena that it was made in */
    struct module *module;      /* borrowed */
    CK_SLOT_ID slot;
    CK_TOKEN_INFO ck;
    sign_token_info info;
};

/* Every token that the modules of `places` show, a token shown by two modules once; modules are held until the end. */
struct roster {                 /* the zero value is empty */
    struct token_view **list;
    size_t n, cap;
    struct module *modules[LIMIT_TOKEN_MODULES];
    size_t n_modules;
    struct arena arena;
};
/* One module that fails is logged; when all do, the last one's error comes back. */
int roster_read(struct roster *out, const struct token_env *env, const char *module, sign_err *err);
void roster_free(struct roster *roster);

/* Reads the token's state anew: flags above all. */
int view_refresh(struct token_view *view, const struct token_env *env, sign_err *err);
/* A copy whose strings live in another arena; NULL without memory. */
struct token_view *view_copy(struct arena *arena, const struct token_view *view);
/* Blank-padded, not terminated text of Cryptoki as UTF-8; NULL without memory. */
const char *padded_text(struct arena *arena, const void *text, size_t len);

/* Gives libp11's slots back; at the end of the module, under its lock. */
void listings_drop(struct module *module);

#endif
