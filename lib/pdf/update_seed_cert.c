/*
 * /Cert of the seed values (ISO 32000-2 table 238): which certificates may sign. Whole certificates are compared here;
 * what stands in one is asked of whoever gave it (pdf_sign_spec.fits), because this room reads no certificates.
 */
#include "update_seed.h"

#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <pdf/impl.h>
#include <pdf/text.h>

/* /Ff of the dictionary: bit 5 is reserved, and /URL (bit 7) tells where a certificate is to be had, asking for nothing. */
enum { NEED_SUBJECT = 1, NEED_ISSUER = 2, NEED_POLICY = 4, NEED_NAME = 8, NEED_USAGE = 32, NEED_URL = 64 };
#define NEED_KNOWN (NEED_SUBJECT | NEED_ISSUER | NEED_POLICY | NEED_NAME | NEED_USAGE | NEED_URL)

/* Certificates of the array, DER as they are: the signer's own, or one of its issuers. */
static bool is_certificate(const void *payload, const struct pdf_obj *item)
{
    return item->kind == PDF_STRING && bytes_equal(item->u.bytes, *(const sign_bytes *)payload);
}

static int in_list(const struct seed *s, const struct pdf_obj *list, size_t from, size_t to, const char *what,
                   sign_err *err)
{
    bool listed = false;
    int rc = SIGN_OK;
    for (size_t i = from; rc == SIGN_OK && i < to && !listed; i++) {
        rc = seed_any(&listed, s, list, is_certificate, &s->u->spec->chain[i], err);
    }
    return rc != SIGN_OK || listed ? rc : seed_demand(s, "Cert", what, err);
}

static int check_subject(const struct seed *s, const struct pdf_obj *list, sign_err *err)
{
    return in_list(s, list, 0, 1, "/Subject: another signer's certificate", err);
}

/* The path may lead through any of them; the signer's own certificate counts where it is its own issuer. */
static int check_issuer(const struct seed *s, const struct pdf_obj *list, sign_err *err)
{
    return in_list(s, list, 0, s->u->spec->n_chain, "/Issuer: a certificate of another issuer", err);
}

static int ask(bool *fits, const struct seed *s, enum pdf_seed_ask what, sign_bytes key, sign_bytes value, sign_err *err)
{
    const struct pdf_sign_spec *spec = s->u->spec;
    *fits = false;
    return spec->fits == NULL ? SIGN_OK : spec->fits(spec->fits_payload, fits, what, key, value, err);
}

/*
 * Policies that shall be in the certificate: all of them. The standard heeds them only beside /Issuer; where they are
 * demanded and stand alone, the author meant them all the same.
 */
static int check_policies(const struct seed *s, const struct pdf_obj *list, sign_err *err)
{
    bool fits = list->kind == PDF_ARRAY && list->u.array.n > 0;
    int rc = SIGN_OK;
    for (size_t i = 0; fits && rc == SIGN_OK && i < list->u.array.n; i++) {
        const struct pdf_obj *item;
        rc = pdf_resolve(&item, s->u->view, &list->u.array.items[i], err);
        sign_bytes oid = rc == SIGN_OK && item->kind == PDF_STRING ? item->u.bytes : (sign_bytes){ 0 };
        rc = rc == SIGN_OK ? ask(&fits, s, PDF_ASK_POLICY, (sign_bytes){ 0 }, oid, err) : rc;
    }
    return rc != SIGN_OK || fits ? rc : seed_demand(s, "Cert", "/OID: a certificate of another policy", err);
}

/* One of the strings: a character a bit of keyUsage, 1 set, 0 not set, X or none either. */
static int check_usage(const struct seed *s, const struct pdf_obj *list, sign_err *err)
{
    bool fits = false;
    int rc = SIGN_OK;
    for (size_t i = 0; list->kind == PDF_ARRAY && !fits && rc == SIGN_OK && i < list->u.array.n; i++) {
        const struct pdf_obj *item;
        rc = pdf_resolve(&item, s->u->view, &list->u.array.items[i], err);
        if (rc == SIGN_OK && item->kind == PDF_STRING) {
            rc = ask(&fits, s, PDF_ASK_KEY_USAGE, (sign_bytes){ 0 }, item->u.bytes, err);
        }
    }
    return rc != SIGN_OK || fits ? rc : seed_demand(s, "Cert", "/KeyUsage: a certificate for another use", err);
}

/* Every attribute of one of the dictionaries, by its short name or OID. */
static int has_names(bool *fits, const struct seed *s, const struct pdf_obj *dict, sign_err *err)
{
    int rc = SIGN_OK;
    *fits = pdf_keys(dict) > 0 && !dict->duplicate_keys;
    for (size_t i = 0; *fits && rc == SIGN_OK && i < pdf_keys(dict); i++) {
        CLEANUP(build_free) struct build text = { 0 };
        const struct pdf_entry *entry = &dict->u.dict.entries[i];
        const struct pdf_obj *value;
        rc = pdf_resolve(&value, s->u->view, &entry->value, err);
        if (rc == SIGN_OK) {
            pdf_text(&text, value->kind == PDF_STRING ? value->u.bytes : (sign_bytes){ 0 });
            rc = build_check(&text, err, "a name of the seed values");
        }
        rc = rc == SIGN_OK ? ask(fits, s, PDF_ASK_NAME, entry->key, build_view(&text), err) : rc;
    }
    return rc;
}

static int check_name(const struct seed *s, const struct pdf_obj *list, sign_err *err)
{
    bool fits = false;
    int rc = SIGN_OK;
    for (size_t i = 0; list->kind == PDF_ARRAY && !fits && rc == SIGN_OK && i < list->u.array.n; i++) {
        const struct pdf_obj *dict;
        rc = pdf_resolve(&dict, s->u->view, &list->u.array.items[i], err);
        rc = rc == SIGN_OK && dict->kind == PDF_DICT ? has_names(&fits, s, dict, err) : rc;
    }
    return rc != SIGN_OK || fits ? rc : seed_demand(s, "Cert", "/SubjectDN: a certificate of another name", err);
}

static const struct {
    int64_t flag;
    const char *key;
    int (*check)(const struct seed *s, const struct pdf_obj *value, sign_err *err);
} checks[] = {
    { NEED_SUBJECT, "Subject", check_subject }, { NEED_ISSUER, "Issuer", check_issuer },
    { NEED_POLICY, "OID", check_policies },     { NEED_NAME, "SubjectDN", check_name },
    { NEED_USAGE, "KeyUsage", check_usage },
};

int seed_certificate(struct seed *s, sign_err *err)
{
    const struct pdf_obj *cert;
    int64_t needed = 0;
    int rc = pdf_get(&cert, s->u->view, s->dict, "Cert", err);
    if (rc != SIGN_OK || cert->kind != PDF_DICT || s->u->spec->n_chain == 0 ||
        (rc = update_clear(cert, "/Cert of the field's /SV", err)) != SIGN_OK ||
        (rc = seed_flags(&needed, s->u->view, cert, err)) != SIGN_OK) {
        return rc;
    }
    for (size_t i = 0; i < COUNT(checks) && rc == SIGN_OK; i++) {
        const struct pdf_obj *value;
        rc = pdf_get(&value, s->u->view, cert, checks[i].key, err);
        if (rc == SIGN_OK && (needed & checks[i].flag) && value->kind != PDF_NULL) { /* absent: nothing is demanded */
            rc = checks[i].check(s, value, err);
        }
    }
    if (rc == SIGN_OK && (needed & ~(int64_t)NEED_KNOWN)) {
        rc = seed_demand(s, "Cert", "something of a certificate that this version does not know", err);
    }
    return rc;
}
