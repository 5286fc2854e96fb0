/* The inside of the comparison of revisions, for diff*.c and rules*.c alone. */
#ifndef PDF_DIFF_IMPL_H
#define PDF_DIFF_IMPL_H

#include <pdf/diff.h>
#include <pdf/form.h>
#include <pdf/impl.h>

/*
 * In which roles the document uses an object. Those up to ANNOT are structure: dictionaries and arrays of which only
 * certain entries may change, whoever else points to them (who draws with them excepted). What the others hold is shown or used whole, so that an
 * object which also serves as something else (OTHER) may not be replaced at all.
 */
enum role {
    ROLE_CATALOG, ROLE_FORM, ROLE_FIELDS, ROLE_FIELD, ROLE_PAGE, ROLE_KIDS, ROLE_ANNOTS, ROLE_ANNOT,
    ROLE_VALUE, ROLE_APPEARANCE, ROLE_PART, ROLE_RESOURCES, ROLE_DSS, ROLE_INFO, ROLE_METADATA, ROLE_EXTENSIONS,
    ROLE_STRUCTURE, ROLE_CONTENT, ROLE_OTHER, ROLES
};
#define ROLE_BIT(role)  (1u << (role))
#define ROLES_STRUCTURE (ROLE_BIT(ROLE_VALUE) - 1)
#define ROLES_CONTENT   (ROLE_BIT(ROLE_CONTENT) | ROLE_BIT(ROLE_OTHER))

#define OWNERS 8                    /* fields that share an appearance: more are not told apart */

struct node {                       /* an object that the newest view refers to, there or not */
    struct pdf_ref ref;
    uint32_t roles;                 /* ROLE_BITs */
    const struct pdf_obj *obj;
    const struct node *parent;      /* the first way to it: NULL for the trailer */
    sign_bytes key;                 /* of the parent's entry that leads here */
    const struct pdf_field *field;  /* ROLE_FIELD: in the newest form */
    const struct node *terminal;    /* ROLE_FIELD: the field that a widget belongs to, itself as a rule */
    const char *name;               /* ROLE_FIELD: full name of one that has /T; NULL */
    bool twice;                     /* ROLE_FIELD: another field has this name too */
    const struct node *owner[OWNERS];
    uint8_t owners;
    bool crowded;                   /* more owners than these */
    struct node *in_container;      /* the next that stands in the same object stream */
    size_t birth;                   /* depth of the section that brought it into being, for good */
    bool generations;               /* references name several of its generations */
    bool awaited;                   /* something pointed to it before it was there */
    bool drawn;                     /* structure, and yet pages or appearances are drawn with it */
};

struct step {
    size_t first, fill, next[PDF_CHANGE_KINDS];   /* into items: of this step; of what fills, of each kind from here on */
    uint64_t furthest;                      /* where the last object begins that this section or one before it names */
};
struct lock { enum { LOCK_ALL, LOCK_INCLUDE, LOCK_EXCLUDE } action; const struct pdf_obj *fields; size_t n; };
struct policy { int level; size_t n_locks; };   /* of a signature and those before it; level 0: no DocMDP */

struct pdf_log {                    /* what happened to a file: made once, freed with it */
    struct pdf_file *file;
    struct pdf_view *newest;
    struct pdf_map nodes, containers, names;    /* by object number; by object stream; by hash of the name */
    struct pdf_change_item *items;
    size_t n_items, cap_items;
    struct step *steps;             /* by depth of the section, 0 … depth + 1 */
    const char *gave_up;            /* why nothing can be said at all; NULL */
    /* Where the last bytes of updates end that no cross-reference names, and the last that hold objects; 0: none. */
    uint64_t stray, hidden;
    uint64_t *limits; size_t n_limits;      /* ends of the signed revisions, rising */
    bool unread;                    /* an object that the newest view refers to is none to us, and one to other readers */
    bool dangling;                  /* the newest view refers to an object that is free, or that no section names */
    size_t lost;                    /* depth of the last step that replaced an object to which nothing leads; 0: none */
    bool undrawn;                   /* a field of the newest view has a value, and no appearance */
    bool *straddled;                /* for each: an object begins before it and ends behind it */
    struct pdf_view before, after;  /* of the step being compared */
    struct policy *policies;        /* one a signature */
    struct lock *locks;
    size_t n_locks, cap_locks;
};

/* --- diff_walk.c -------------------------------------------------------------------------------------------------- */

/* Walks the newest view. Errors: those that end all work, LIMIT. */
int diff_walk(struct pdf_log *log, sign_err *err);
struct node *diff_node(const struct pdf_log *log, uint32_t num);        /* NULL: not reached */
/* Role of what a key of a dictionary in a role leads to. */
enum role diff_child(enum role role, sign_bytes key);

/* --- diff_equal.c ------------------------------------------------------------------------------------------------- */

struct pair { sign_bytes key; const struct pdf_obj *before, *after; };  /* NULL: not there */
/* Entries of two dictionaries by key; what is no dictionary has none. Free *out. */
int diff_pairs(struct pair **out, size_t *n, struct pdf_log *log, const struct pdf_obj *before,
               const struct pdf_obj *after, sign_err *err);
/* The same value, references taken as such; a reference to what only now came into being is another value. */
int diff_equal(bool *equal, struct pdf_log *log, const struct pdf_obj *before, const struct pdf_obj *after,
               sign_err *err);
bool diff_has_duplicates(const struct pdf_obj *obj);
/* The object did not exist before this step. */
bool diff_is_new(struct pdf_log *log, uint32_t num);

/* --- diff.c ------------------------------------------------------------------------------------------------------- */

/* Records one change of the step under way. node or field may be NULL. */
int diff_note(struct pdf_log *log, enum pdf_change kind, const struct node *node, const char *key, const char *text,
              const char *field, sign_err *err);

/* --- rules*.c ----------------------------------------------------------------------------------------------------- */

struct change {                     /* one slot: a value before and after, resolved; the null object where none */
    struct pdf_log *log;
    const struct node *node;        /* the object in which it stands */
    const struct pdf_obj *before, *after;
};
/* An object whose definition changed, in one of its roles. */
int rule_object(const struct change *c, enum role role, sign_err *err);
int rule_trailer(struct pdf_log *log, const struct pdf_obj *before, const struct pdf_obj *after, sign_err *err);
int rule_form(const struct change *c, sign_err *err);
int rule_fields(const struct change *c, sign_err *err);
int rule_field(const struct change *c, sign_err *err);
int rule_annots(const struct change *c, sign_err *err);
int rule_annot(const struct change *c, sign_err *err);
int rule_appearance(const struct change *c, enum role role, sign_err *err);  /* of ROLE_VALUE to ROLE_PART */
int rule_structure(const struct change *c, sign_err *err);
/* What follows an array item by item: each(c of the item). Items of `before` that are missing are gone. */
typedef int (*rule_item_fn)(const struct change *c, const struct pdf_obj *item, void *payload, sign_err *err);
int rule_items(const struct change *c, rule_item_fn added, rule_item_fn gone, void *payload, sign_err *err);
/* The values of a pair, resolved in the views of the step. */
int rule_resolve(struct change *out, const struct change *c, const struct pair *pair, sign_err *err);
/* What a field holds before and after the step. */
struct field_state {
    bool signature;                 /* a signature field */
    bool existed, was_signed, is_signed;
    bool timestamp;                 /* now holds a document timestamp */
    bool borrowed;                  /* its new signature was somewhere in the file before */
};
int field_state(struct field_state *out, struct pdf_log *log, const struct node *field, sign_err *err);
/* A widget that shows something: of a size, neither hidden nor kept from view (12.5.3). */
int field_is_visible(bool *visible, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err);
/* A subtype of annotation that can hide or add content where it lies. */
bool annot_covers(const struct pdf_obj *dict);

/* --- diff_gaps.c -------------------------------------------------------------------------------------------------- */

/* Sets stray and hidden: what is neither an object, a section nor white space behind the oldest signed revision. */
int diff_gaps(struct pdf_log *log, sign_err *err);

/* --- diff_policy.c ------------------------------------------------------------------------------------------------ */

/* Reads what every signature demands of later changes. Its errors: those that end all work. */
int diff_policies(struct pdf_log *log, sign_err *err);
/* Judges what stands behind a signature's step by its policy. */
int diff_judge(struct pdf_diff *out, struct pdf_log *log, const struct policy *policy, const struct step *step,
               sign_err *err);

#endif
