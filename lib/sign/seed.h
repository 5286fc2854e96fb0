/* What a PDF field's seed values ask of a certificate (ISO 32000-2 table 238). */
#ifndef SIGN_SEED_H
#define SIGN_SEED_H

#include <pdf/update.h>

/* A pdf_fits_fn; the payload is a sign_cert. */
int seed_fits(void *payload, bool *fits, enum pdf_seed_ask what, sign_bytes key, sign_bytes value, sign_err *err);

#endif
