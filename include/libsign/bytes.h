/* Bytes: a borrowed range, an owned buffer, and where output goes. */
#ifndef LIBSIGN_BYTES_H
#define LIBSIGN_BYTES_H

#include <libsign/error.h>
#include <stddef.h>
#include <stdint.h>

/* Borrowed bytes. ptr may be NULL only when len is 0. */
typedef struct sign_bytes {
    const uint8_t *ptr;
    size_t len;
} sign_bytes;

/* Owned bytes, wiped when freed. Not safe to share between threads while one of them appends. */
typedef struct sign_buf sign_buf;

SIGN_API int sign_buf_new(sign_buf **out) SIGN_MUST_USE;                   /* NOMEM, ARG */
SIGN_API int sign_buf_append(sign_buf *buf, sign_bytes bytes) SIGN_MUST_USE; /* NOMEM, LIMIT, ARG */
/* Appends text so that a terminal shows it and obeys nothing in it: control, ESC and bidi characters and bytes that are not
 * UTF-8 become \xNN or \u{NNNN}. For every string that comes from a document, certificate, token or file name. NOMEM, LIMIT, ARG. */
SIGN_API int sign_buf_append_escaped(sign_buf *buf, sign_bytes text) SIGN_MUST_USE;
/* What the buffer holds (nothing, of NULL); valid until the next append or free. */
SIGN_API sign_bytes sign_buf_bytes(const sign_buf *buf);
SIGN_API void sign_buf_free(sign_buf **buf);

/*
 * Where output goes when it is not a file. write is called any number of times, in order, each with at least one byte;
 * then exactly one of finish (all was written) or abort. write and finish return a sign_status.
 */
typedef struct sign_sink {
    size_t struct_size;
    void *payload;
    int (*write)(void *payload, sign_bytes bytes);
    int (*finish)(void *payload);
    void (*abort)(void *payload);
} sign_sink;

#endif
