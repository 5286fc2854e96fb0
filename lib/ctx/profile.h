/*
 * Document profiles: where a kind of XML document carries which signature. They are data (docs/profiles.md describes
 * the files), so that an agency can copy one and change it. A profile is immutable once it is read; its strings are its
 * own.
 */
#ifndef CTX_PROFILE_H
#define CTX_PROFILE_H

#include <base/arena.h>

#define PROFILE_ROOTS 4
#define PROFILE_REFS  8
#define PROFILE_ROLES 4

enum profile_c14n { PROFILE_C14N_NONE = 0, PROFILE_C14N_10, PROFILE_C14N_11, PROFILE_C14N_EXCLUSIVE };
enum profile_target { PROFILE_NO_TARGET = 0, PROFILE_DOCUMENT, PROFILE_ID, PROFILE_PATH, PROFILE_SIGNING_TIME };

struct profile_ref {
    enum profile_target target;
    const char *value;              /* ID, PATH */
    const char *id_attr;            /* PATH     */
    bool enveloped;
    enum profile_c14n c14n;
};
struct profile_production_place { const char *city, *street, *state, *postal_code, *country; }; /* NULL: not given */
struct profile {
    struct arena arena;
    const char *name;               /* as it was asked for */
    const char *title_vi, *title_en;        /* "" where there is none */
    bool xades;
    struct profile_production_place production_place;       /* XAdES alone, as the roles */
    const char *roles[PROFILE_ROLES]; size_t n_roles;
    const char *roots[PROFILE_ROOTS]; size_t n_roots;
    const char *place;              /* NULL: the root */
    bool after_place;               /* behind it, not in it */
    bool create_place;
    enum profile_c14n c14n;
    const char *prefix;
    const char *signature_id;       /* NULL: a fresh one for each signature */
    struct profile_ref refs[PROFILE_REFS]; size_t n_refs;
    bool signing_time;              /* an Object with it is made */
    const char *properties_namespace, *properties_id, *time_namespace, *time_target;    /* NULL: not given */
    bool whole_chain, subject_name, key_value;
};

/*
 * By path (it has a slash, or ends in .json), else by name: NAME.json in $XDG_CONFIG_HOME/kyso/profiles (~/.config), in
 * /etc/kyso/profiles, in $KYSO_DATA/profiles, in the installed data folder; the first that is there.
 * NOTFOUND, ARG (a name that is none), IO, NOMEM, and those of profile_parse.
 */
int profile_load(struct profile **out, const char *name, sign_err *err);
/*
 * Strictly: FORMAT for what is not JSON (with the offset), a member that is unknown, missing or of the wrong kind;
 * LIMIT.
 */
int profile_parse(struct profile **out, const char *name, sign_bytes json, sign_err *err);
void profile_free(struct profile **profile);

#endif
