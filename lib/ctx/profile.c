/* Reading a profile: every object has a table of its members, and what is not in the table is refused by name. */
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <ctx/profile.h>
#include <jansson.h>
#include <stdlib.h>

#define SCHEMA_VERSION 1
#define MOST_TEXT      256 /* bytes of one string: paths, names, titles */

static const char clause[] = "docs/profiles.md";

struct reader {
    struct profile *profile;
    struct profile_ref *ref; /* the one being read */
    sign_err *err;
};
struct member {
    const char *name;
    bool required;
    int (*read)(struct reader *r, const char *name, const json_t *value);
};

/* --- values ------------------------------------------------------------------------------------------------------- */

static int refuse(struct reader *r, const char *name, const char *expected)
{
    return err_set(r->err, SIGN_E_FORMAT, SIGN_NO_OFFSET, clause, "profile %.60s: \"%.40s\": expected %s",
                   r->profile->name, name, expected);
}

static int take_text(struct reader *r, const char *name, const json_t *value, const char **out)
{
    if (!json_is_string(value)) {
        return refuse(r, name, "a string");
    }
    if (json_string_length(value) > MOST_TEXT) {
        return err_set(r->err, SIGN_E_LIMIT, SIGN_NO_OFFSET, clause, "profile %.60s: \"%.40s\" is longer than %d bytes",
                       r->profile->name, name, MOST_TEXT);
    }
    *out = arena_str(&r->profile->arena, bytes_of(json_string_value(value), json_string_length(value)));
    return *out ? SIGN_OK : err_nomem(r->err);
}

static int take_bool(struct reader *r, const char *name, const json_t *value, bool *out)
{
    *out = json_is_true(value);
    return json_is_boolean(value) ? SIGN_OK : refuse(r, name, "true or false");
}

/* One of several words: its number. */
static int take_word(struct reader *r, const char *name, const json_t *value, const char *const *words, size_t n,
                     size_t *out)
{
    const char *text = json_string_value(value);
    CLEANUP(build_free) struct build list = { 0 };
    for (size_t i = 0; i < n; i++) {
        if (text && words[i] && strcmp(text, words[i]) == 0) {
            *out = i;
            return SIGN_OK;
        }
        if (words[i]) {
            build_fmt(&list, "%s\"%s\"", list.len ? " or " : "", words[i]);
        }
    }
    build_byte(&list, 0);
    return list.failed ? err_nomem(r->err) : refuse(r, name, (const char *)list.ptr);
}

static const char *const c14n_words[] = {
    [PROFILE_C14N_NONE] = NULL,
    [PROFILE_C14N_10] = "c14n-1.0",
    [PROFILE_C14N_11] = "c14n-1.1",
    [PROFILE_C14N_EXCLUSIVE] = "exclusive",
};

static int take_object(struct reader *r, const char *name, const json_t *value, const struct member *members, size_t n)
{
    if (!json_is_object(value)) {
        return refuse(r, name, "an object");
    }
    const char *key;
    json_t *unused;
    /* json_object_foreach wants an object that is not const, and changes nothing in it. */
    json_object_foreach((json_t *)(uintptr_t)value, key, unused)
    {
        bool known = false;
        for (size_t i = 0; i < n; i++) {
            known = known || strcmp(key, members[i].name) == 0;
        }
        if (!known) {
            return err_set(r->err, SIGN_E_FORMAT, SIGN_NO_OFFSET, clause,
                           "profile %.60s: unknown member \"%.40s\" in \"%.20s\"", r->profile->name, key, name);
        }
    }
    for (size_t i = 0; i < n; i++) {
        const json_t *found = json_object_get(value, members[i].name);
        if (!found && members[i].required) {
            return err_set(r->err, SIGN_E_FORMAT, SIGN_NO_OFFSET, clause, "profile %.60s: \"%.20s\" lacks \"%s\"",
                           r->profile->name, name, members[i].name);
        }
        int rc = found ? members[i].read(r, members[i].name, found) : SIGN_OK;
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    return SIGN_OK;
}

/* --- members ------------------------------------------------------------------------------------------------------ */

static int read_version(struct reader *r, const char *name, const json_t *value)
{
    return json_is_integer(value) && json_integer_value(value) == SCHEMA_VERSION ? SIGN_OK : refuse(r, name, "1");
}

static int read_type(struct reader *r, const char *name, const json_t *value)
{
    static const char *const words[] = { "xml" };
    size_t unused;
    return take_word(r, name, value, words, COUNT(words), &unused);
}

static int read_vi(struct reader *r, const char *name, const json_t *value)
{
    return take_text(r, name, value, &r->profile->title_vi);
}

static int read_en(struct reader *r, const char *name, const json_t *value)
{
    return take_text(r, name, value, &r->profile->title_en);
}

static int read_title(struct reader *r, const char *name, const json_t *value)
{
    static const struct member members[] = { { "vi", true, read_vi }, { "en", true, read_en } };
    return take_object(r, name, value, members, COUNT(members));
}

static int read_form(struct reader *r, const char *name, const json_t *value)
{
    static const char *const words[] = { "xmldsig", "xades" };
    size_t form = 0;
    int rc = take_word(r, name, value, words, COUNT(words), &form);
    r->profile->xades = form == 1;
    return rc;
}

/* --- XAdES -------------------------------------------------------------------------------------------------------- */

#define PLACE_READER(part)                                                                                             \
    static int read_place_##part(struct reader *r, const char *name, const json_t *value)                              \
    {                                                                                                                  \
        return take_text(r, name, value, &r->profile->production_place.part);                                          \
    }
PLACE_READER(city)
PLACE_READER(street)
PLACE_READER(state)
PLACE_READER(postal_code)
PLACE_READER(country)

static int read_production_place(struct reader *r, const char *name, const json_t *value)
{
    static const struct member members[] = {
        { "city", false, read_place_city },
        { "street", false, read_place_street },
        { "state", false, read_place_state },
        { "postal_code", false, read_place_postal_code },
        { "country", false, read_place_country },
    };
    return json_object_size(value) ? take_object(r, name, value, members, COUNT(members))
                                   : refuse(r, name, "an object with at least one member");
}

static int read_claimed_roles(struct reader *r, const char *name, const json_t *value)
{
    size_t n = json_array_size(value);
    if (n == 0 || n > PROFILE_ROLES) {
        return refuse(r, name, "an array of 1 to 4 roles");
    }
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        rc = take_text(r, name, json_array_get(value, i), &r->profile->roles[r->profile->n_roles++]);
    }
    return rc;
}

static int read_xades(struct reader *r, const char *name, const json_t *value)
{
    static const struct member members[] = {
        { "production_place", false, read_production_place },
        { "claimed_roles", false, read_claimed_roles },
    };
    return r->profile->xades ? take_object(r, name, value, members, COUNT(members))
                             : refuse(r, name, "it with the form \"xades\" alone");
}

/* --- where -------------------------------------------------------------------------------------------------------- */

static int read_roots(struct reader *r, const char *name, const json_t *value)
{
    size_t n = json_array_size(value);
    if (n == 0 || n > PROFILE_ROOTS) {
        return refuse(r, name, "an array of 1 to 4 paths");
    }
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        rc = take_text(r, name, json_array_get(value, i), &r->profile->roots[r->profile->n_roots++]);
    }
    return rc;
}

static int read_place(struct reader *r, const char *name, const json_t *value)
{
    return take_text(r, name, value, &r->profile->place);
}

static int read_position(struct reader *r, const char *name, const json_t *value)
{
    static const char *const words[] = { "inside", "after" };
    size_t which = 0;
    int rc = take_word(r, name, value, words, COUNT(words), &which);
    r->profile->after_place = which == 1;
    return rc;
}

static int read_create(struct reader *r, const char *name, const json_t *value)
{
    return take_bool(r, name, value, &r->profile->create_place);
}

static int read_c14n(struct reader *r, const char *name, const json_t *value)
{
    size_t method = 0;
    int rc = take_word(r, name, value, c14n_words, COUNT(c14n_words), &method);
    r->profile->c14n = (enum profile_c14n)method;
    return rc;
}

static int read_prefix(struct reader *r, const char *name, const json_t *value)
{
    return take_text(r, name, value, &r->profile->prefix);
}

static int read_signature_id(struct reader *r, const char *name, const json_t *value)
{
    return take_text(r, name, value, &r->profile->signature_id);
}

/* --- references --------------------------------------------------------------------------------------------------- */

static int set_target(struct reader *r, const char *name, enum profile_target target)
{
    if (r->ref->target != PROFILE_NO_TARGET) {
        return refuse(r, name, "one target for each reference");
    }
    r->ref->target = target;
    return SIGN_OK;
}

static int read_ref_document(struct reader *r, const char *name, const json_t *value)
{
    return json_is_true(value) ? set_target(r, name, PROFILE_DOCUMENT) : refuse(r, name, "true");
}

static int read_ref_id(struct reader *r, const char *name, const json_t *value)
{
    int rc = set_target(r, name, PROFILE_ID);
    return rc == SIGN_OK ? take_text(r, name, value, &r->ref->value) : rc;
}

static int read_ref_path(struct reader *r, const char *name, const json_t *value)
{
    int rc = set_target(r, name, PROFILE_PATH);
    return rc == SIGN_OK ? take_text(r, name, value, &r->ref->value) : rc;
}

static int read_ref_object(struct reader *r, const char *name, const json_t *value)
{
    static const char *const words[] = { "signing_time" };
    size_t unused;
    int rc = take_word(r, name, value, words, COUNT(words), &unused);
    return rc == SIGN_OK ? set_target(r, name, PROFILE_SIGNING_TIME) : rc;
}

static int read_ref_attr(struct reader *r, const char *name, const json_t *value)
{
    static const char *const words[] = { "Id", "ID", "id", "xml:id" };
    size_t which = 0;
    int rc = take_word(r, name, value, words, COUNT(words), &which);
    r->ref->id_attr = words[which];
    return rc;
}

/* XMLDSig 4.4.3.4: in this order, since nothing can follow a canonicalization. */
static int read_transforms(struct reader *r, const char *name, const json_t *value)
{
    size_t n = json_array_size(value), at = 0, method = 0;
    const char *first = json_string_value(json_array_get(value, 0));
    if (!json_is_array(value)) {
        return refuse(r, name, "an array");
    }
    if (first && strcmp(first, "enveloped") == 0) {
        r->ref->enveloped = true;
        at++;
    }
    if (n > at + 1) {
        return refuse(r, name, "\"enveloped\" and then at most one canonicalization");
    }
    int rc = at < n ? take_word(r, name, json_array_get(value, at), c14n_words, COUNT(c14n_words), &method) : SIGN_OK;
    r->ref->c14n = (enum profile_c14n)method;
    return rc;
}

static int read_reference(struct reader *r, const char *name, const json_t *value)
{
    static const struct member members[] = {
        { "document", false, read_ref_document }, { "id", false, read_ref_id },
        { "path", false, read_ref_path },         { "object", false, read_ref_object },
        { "id_attribute", false, read_ref_attr }, { "transforms", true, read_transforms },
    };
    r->ref = &r->profile->refs[r->profile->n_refs++];
    int rc = take_object(r, name, value, members, COUNT(members));
    if (rc == SIGN_OK && r->ref->target == PROFILE_NO_TARGET) {
        rc = refuse(r, name, "\"document\", \"id\", \"path\" or \"object\" in each reference");
    }
    if (rc == SIGN_OK && (r->ref->target == PROFILE_PATH) != (r->ref->id_attr != NULL)) {
        rc = refuse(r, "id_attribute", "it with each \"path\", and only there");
    }
    return rc;
}

static int read_references(struct reader *r, const char *name, const json_t *value)
{
    size_t n = json_array_size(value);
    if (n == 0 || n > PROFILE_REFS) {
        return refuse(r, name, "an array of 1 to 8 references");
    }
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        rc = read_reference(r, name, json_array_get(value, i));
    }
    return rc;
}

/* --- signing time, KeyInfo ---------------------------------------------------------------------------------------- */

static int read_properties_namespace(struct reader *r, const char *name, const json_t *value)
{
    return take_text(r, name, value, &r->profile->properties_namespace);
}

static int read_properties_id(struct reader *r, const char *name, const json_t *value)
{
    return take_text(r, name, value, &r->profile->properties_id);
}

static int read_time_namespace(struct reader *r, const char *name, const json_t *value)
{
    return take_text(r, name, value, &r->profile->time_namespace);
}

static int read_time_target(struct reader *r, const char *name, const json_t *value)
{
    return take_text(r, name, value, &r->profile->time_target);
}

static int read_signing_time(struct reader *r, const char *name, const json_t *value)
{
    static const struct member members[] = { { "properties_namespace", false, read_properties_namespace },
                                             { "properties_id", false, read_properties_id },
                                             { "namespace", false, read_time_namespace },
                                             { "target", false, read_time_target } };
    r->profile->signing_time = true;
    return take_object(r, name, value, members, COUNT(members));
}

static int read_certificates(struct reader *r, const char *name, const json_t *value)
{
    static const char *const words[] = { "signer", "chain" };
    size_t which = 0;
    int rc = take_word(r, name, value, words, COUNT(words), &which);
    r->profile->whole_chain = which == 1;
    return rc;
}

static int read_subject_name(struct reader *r, const char *name, const json_t *value)
{
    return take_bool(r, name, value, &r->profile->subject_name);
}

static int read_key_value(struct reader *r, const char *name, const json_t *value)
{
    return take_bool(r, name, value, &r->profile->key_value);
}

static int read_key_info(struct reader *r, const char *name, const json_t *value)
{
    static const struct member members[] = {
        { "certificates", true, read_certificates },
        { "subject_name", false, read_subject_name },
        { "key_value", false, read_key_value },
    };
    return take_object(r, name, value, members, COUNT(members));
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static const struct member profile_members[] = {
    { "version", true, read_version },       { "type", true, read_type },
    { "title", false, read_title },          { "form", true, read_form },
    { "xades", false, read_xades }, /* behind the form, on which it depends */
    { "roots", false, read_roots },          { "place", false, read_place },
    { "position", false, read_position },
    { "create_place", false, read_create },  { "canonicalization", true, read_c14n },
    { "prefix", false, read_prefix },        { "signature_id", false, read_signature_id },
    { "references", true, read_references }, { "signing_time", false, read_signing_time },
    { "key_info", true, read_key_info },
};

static int check_objects(struct reader *r)
{
    for (size_t i = 0; i < r->profile->n_refs; i++) {
        if (r->profile->refs[i].target == PROFILE_SIGNING_TIME && !r->profile->signing_time) {
            return refuse(r, "signing_time", "it, since a reference names it");
        }
    }
    if (r->profile->after_place && (!r->profile->place || r->profile->create_place)) {
        return refuse(r, "position", "a \"place\" that is there, with \"after\"");
    }
    return SIGN_OK;
}

static void json_drop(json_t **json)
{
    json_decref(*json);
}

int profile_parse(struct profile **out, const char *name, sign_bytes json, sign_err *err)
{
    if (json.len > LIMIT_PROFILE) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, clause, "profile %.60s: more than %zu bytes", name,
                       LIMIT_PROFILE);
    }
    json_error_t problem;
    CLEANUP(json_drop) json_t *root = json_loadb((const char *)json.ptr, json.len, JSON_REJECT_DUPLICATES, &problem);
    if (!root) {
        return err_set(err, SIGN_E_FORMAT, problem.position < 0 ? SIGN_NO_OFFSET : (uint64_t)problem.position,
                       "RFC 8259", "profile %.60s, line %d: %.100s", name, problem.line, problem.text);
    }
    CLEANUP(profile_free) struct profile *profile = calloc(1, sizeof *profile);
    if (!profile || !(profile->name = arena_str(&profile->arena, bytes_str(name)))) {
        return err_nomem(err);
    }
    profile->title_vi = profile->title_en = "";
    profile->prefix = "ds";
    struct reader r = { .profile = profile, .err = err };
    int rc = take_object(&r, "profile", root, profile_members, COUNT(profile_members));
    if (rc == SIGN_OK) {
        rc = check_objects(&r);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    *out = profile;
    profile = NULL;
    return SIGN_OK;
}

void profile_free(struct profile **profile)
{
    struct profile *old = *profile;
    *profile = NULL;
    if (old) {
        struct arena arena = old->arena;
        arena_free(&arena);
        free(old);
    }
}
