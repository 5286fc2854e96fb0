/*
 * Seed values of a signature field (ISO 32000-2 12.7.5.5, tables 237 and 238): what its author demands of the signature. A demand
 * that can be met is met, one that cannot is refused by name, and so is one that this version cannot check.
 */
#include "update_seed.h"

#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <pdf/text.h>

/* /Ff of the seed value dictionary: which of its entries are demands, not wishes. */
enum {
    NEED_FILTER = 1,
    NEED_SUBFILTER = 2,
    NEED_VERSION = 4,
    NEED_REASONS = 8,
    NEED_ATTESTATION = 16,
    NEED_REVOCATION = 32,
    NEED_DIGEST = 64,
    NEED_LOCK = 128,
    NEED_APPEARANCE = 256
};

int seed_demand(const struct seed *s, const char *key, const char *why, sign_err *err)
{
    return err_set(err, SIGN_E_FORBIDDEN, s->dict->start, SEED_CLAUSE, "the field's seed values demand by /%s: %s", key,
                   why);
}

static int get(const struct pdf_obj **out, const struct seed *s, const char *key, sign_err *err)
{
    return pdf_get(out, s->u->view, s->dict, key, err);
}

int seed_flags(int64_t *out, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err)
{
    const struct pdf_obj *flags;
    int rc = pdf_get(&flags, view, dict, "Ff", err);
    *out = rc == SIGN_OK && flags->kind == PDF_INT ? flags->u.integer : 0;
    return rc;
}

int seed_any(bool *out, const struct seed *s, const struct pdf_obj *array, seed_fits_fn fits, const void *payload,
             sign_err *err)
{
    *out = false;
    for (size_t i = 0; array->kind == PDF_ARRAY && i < array->u.array.n && !*out; i++) {
        const struct pdf_obj *item;
        int rc = pdf_resolve(&item, s->u->view, &array->u.array.items[i], err);
        if (rc != SIGN_OK) {
            return rc;
        }
        *out = fits(payload, item);
    }
    return SIGN_OK;
}

static bool is_name(const void *payload, const struct pdf_obj *item)
{
    return pdf_is_name(item, payload);
}

static int check_filter(struct seed *s, sign_err *err)
{
    const struct pdf_obj *filter;
    int rc = get(&filter, s, "Filter", err);
    bool ours = rc != SIGN_OK || filter->kind != PDF_NAME || pdf_is_name(filter, "Adobe.PPKLite");
    return rc != SIGN_OK || ours ? rc : seed_demand(s, "Filter", "another signature handler than Adobe.PPKLite", err);
}

/* A plain CMS signature is what ours is too: where CAdES is not wanted, it gets the older name. */
static int check_subfilter(struct seed *s, sign_err *err)
{
    static const char *const ours[] = { "ETSI.CAdES.detached", "adbe.pkcs7.detached" };
    const struct pdf_obj *list;
    int rc = get(&list, s, "SubFilter", err);
    for (size_t i = 0; rc == SIGN_OK && i < COUNT(ours); i++) {
        bool listed = false;
        rc = seed_any(&listed, s, list, is_name, ours[i], err);
        if (listed) {
            s->u->subfilter = ours[i];
            return rc;
        }
    }
    return rc != SIGN_OK || list->kind == PDF_NULL
               ? rc
               : seed_demand(s, "SubFilter", "neither ETSI.CAdES.detached nor adbe.pkcs7.detached", err);
}

static bool is_digest(const void *payload, const struct pdf_obj *item)
{
    const struct digest_alg *alg = NULL;
    char name[24];
    if ((item->kind == PDF_STRING || item->kind == PDF_NAME) && item->u.bytes.len > 0 &&
        item->u.bytes.len < sizeof name) {
        memcpy(name, item->u.bytes.ptr, item->u.bytes.len);
        name[item->u.bytes.len] = 0;
        alg = digest_by_name(name);
    }
    return alg && alg == digest_by_name(payload);
}

static int check_digest(struct seed *s, sign_err *err)
{
    const struct pdf_obj *list;
    bool listed = false;
    int rc = get(&list, s, "DigestMethod", err);
    if (rc != SIGN_OK || list->kind != PDF_ARRAY || !s->u->spec->digest) {
        return rc;
    }
    rc = seed_any(&listed, s, list, is_digest, s->u->spec->digest, err);
    return rc != SIGN_OK || listed ? rc : seed_demand(s, "DigestMethod", "another digest than the one asked for", err);
}

static bool is_reason(const void *payload, const struct pdf_obj *item)
{
    CLEANUP(build_free) struct build text = { 0 };
    pdf_text(&text, item->kind == PDF_STRING ? item->u.bytes : (sign_bytes){ 0 });
    return text.failed == SIGN_OK && bytes_are(build_view(&text), payload);
}

/* An array with the one string "." forbids a reason, and so does a demand without an array. */
static int check_reason(struct seed *s, sign_err *err)
{
    const struct pdf_obj *list;
    bool listed = false, none = false;
    const char *reason = s->u->spec->reason && *s->u->spec->reason ? s->u->spec->reason : NULL;
    int rc = get(&list, s, "Reasons", err);
    bool empty = rc == SIGN_OK && (list->kind != PDF_ARRAY || list->u.array.n == 0);
    if (rc != SIGN_OK || (rc = seed_any(&none, s, list, is_reason, ".", err)) != SIGN_OK) {
        return rc;
    }
    if (empty || (none && list->u.array.n == 1)) {
        return reason ? seed_demand(s, "Reasons", "no reason", err) : SIGN_OK;
    }
    rc = seed_any(&listed, s, list, is_reason, reason ? reason : "", err);
    return rc != SIGN_OK || listed ? rc : seed_demand(s, "Reasons", "one of its reasons (kyso inspect lists them)", err);
}

/* /MDP decides whether the signature certifies; it is never a mere wish. */
static int check_mdp(struct seed *s, sign_err *err)
{
    const struct pdf_obj *mdp, *p;
    int rc = get(&mdp, s, "MDP", err);
    if (rc != SIGN_OK || mdp->kind != PDF_DICT || (rc = pdf_get(&p, s->u->view, mdp, "P", err)) != SIGN_OK) {
        return rc;
    }
    if (p->kind != PDF_INT || p->u.integer < 0 || p->u.integer > 3) {
        return err_set(err, SIGN_E_FORMAT, mdp->start, SEED_CLAUSE, "/MDP: /P: expected 0 to 3");
    }
    if (s->u->certify && s->u->certify != p->u.integer) {
        return seed_demand(s, "MDP", p->u.integer ? "a certification with other permissions" : "no certification", err);
    }
    s->u->certify = (int)p->u.integer;
    return SIGN_OK;
}

static int check_version(struct seed *s, sign_err *err)
{
    const struct pdf_obj *version;
    int rc = get(&version, s, "V", err);
    bool newer = rc == SIGN_OK && ((version->kind == PDF_INT && version->u.integer > 3) ||
                                   (version->kind == PDF_REAL && version->u.real > 3));
    return newer ? seed_demand(s, "V", "a signer that knows later seed values", err) : rc;
}

static int check_time_stamp(struct seed *s, sign_err *err)
{
    const struct pdf_obj *stamp;
    int64_t needed = 0;
    int rc = get(&stamp, s, "TimeStamp", err);
    if (rc == SIGN_OK && stamp->kind == PDF_DICT) {
        rc = seed_flags(&needed, s->u->view, stamp, err);
    }
    return rc == SIGN_OK && (needed & 1) ? seed_demand(s, "TimeStamp", "a time-stamp, which level B has not", err) : rc;
}

static const struct {
    int64_t flag; /* 0: always */
    int (*check)(struct seed *s, sign_err *err);
} checks[] = {
    { NEED_FILTER, check_filter },   { NEED_SUBFILTER, check_subfilter },
    { NEED_VERSION, check_version }, { NEED_REASONS, check_reason },
    { NEED_DIGEST, check_digest },   { 0, check_mdp },
    { 0, check_time_stamp },         { 0, seed_certificate },
};
/* Demands for what is not made here: those that ask for nothing ("false") are met. */
static const struct {
    int64_t flag;
    const char *key, *why;
} absent[] = {
    { NEED_ATTESTATION, "LegalAttestation", "a legal attestation" },
    { NEED_REVOCATION, "AddRevInfo", "revocation data in the signature" },
    { NEED_LOCK, "LockDocument", "a document that is locked by signing" },
    { NEED_APPEARANCE, "AppearanceFilter", "an appearance of a certain kind" },
};

static int check_absent(const struct seed *s, sign_err *err)
{
    for (size_t i = 0; i < COUNT(absent); i++) {
        const struct pdf_obj *value;
        int rc = get(&value, s, absent[i].key, err);
        bool asks = rc == SIGN_OK && value->kind != PDF_NULL && !(value->kind == PDF_BOOL && !value->u.boolean) &&
                    !pdf_is_name(value, "false");
        if (rc != SIGN_OK || ((s->flags & absent[i].flag) && asks)) {
            return rc != SIGN_OK ? rc : seed_demand(s, absent[i].key, absent[i].why, err);
        }
    }
    return SIGN_OK;
}

static int read_lock(struct update_parts *u, sign_err *err)
{
    int rc = pdf_get(&u->lock, u->view, u->target, "Lock", err);
    if (rc == SIGN_OK && u->lock->kind == PDF_DICT) {
        rc = update_clear(u->lock, "the field's /Lock", err);
    }
    return rc;
}

int update_seed(struct update_parts *u, sign_err *err)
{
    struct seed s = { .u = u };
    if (!u->target) {
        return SIGN_OK;
    }
    int rc = pdf_get(&s.dict, u->view, u->target, "SV", err);
    if (rc == SIGN_OK && s.dict->kind == PDF_DICT && (rc = update_clear(s.dict, "the field's /SV", err)) == SIGN_OK) {
        rc = seed_flags(&s.flags, u->view, s.dict, err);
        for (size_t i = 0; i < COUNT(checks) && rc == SIGN_OK; i++) {
            rc = !checks[i].flag || (s.flags & checks[i].flag) ? checks[i].check(&s, err) : SIGN_OK;
        }
        rc = rc == SIGN_OK ? check_absent(&s, err) : rc;
    }
    return rc == SIGN_OK ? read_lock(u, err) : rc;
}
