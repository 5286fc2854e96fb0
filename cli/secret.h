/*
 * Where PINs and pass phrases come from: --pin-source prompt | env:NAME | file:PATH | fd:N. Never argv. What is read
 * goes straight into the library's locked memory.
 */
#ifndef CLI_SECRET_H
#define CLI_SECRET_H

#include <libsign/token.h>

struct secret_source {
    const char *spec;           /* NULL: prompt */
    bool told;                  /* set by secret_ask where the source gave nothing, and the user was told why */
};

/* False when the words are none of the four forms. */
bool secret_source_ok(const struct secret_source *source);
/* A sign_pin_fn; payload is a struct secret_source, which outlives the token: a key may ask for every signature. */
int secret_ask(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len);

#endif
