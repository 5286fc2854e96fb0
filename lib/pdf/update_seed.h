/* Seed values under way: what update_seed*.c share. */
#ifndef PDF_UPDATE_SEED_H
#define PDF_UPDATE_SEED_H

#include "update_parts.h"

#define SEED_CLAUSE "ISO 32000-2 12.7.5.5"

struct seed {
    struct update_parts *u;
    const struct pdf_obj *dict;     /* /SV         */
    int64_t flags;                  /* /Ff of it   */
};

/* FORBIDDEN: the entry demands something that is not there. */
int seed_demand(const struct seed *s, const char *key, const char *why, sign_err *err);
/* /Ff of a dictionary; 0 where there is none. */
int seed_flags(int64_t *out, struct pdf_view *view, const struct pdf_obj *dict, sign_err *err);
/* Does a name or string of the array fit? Its items may be references. */
typedef bool (*seed_fits_fn)(const void *payload, const struct pdf_obj *item);
int seed_any(bool *out, const struct seed *s, const struct pdf_obj *array, seed_fits_fn fits, const void *payload,
             sign_err *err);
/* update_seed_cert.c: /Cert, the demands on the signer's certificate (table 238). */
int seed_certificate(struct seed *s, sign_err *err);

#endif
