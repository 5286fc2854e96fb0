/* Small helpers over sign_bytes. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <libsign/bytes.h>
#include <stdbool.h>
#include <string.h>

#define BYTES_LIT(literal) ((sign_bytes){ (const uint8_t *)(literal), sizeof(literal) - 1 })

static inline sign_bytes bytes_of(const void *ptr, size_t len) { return (sign_bytes){ ptr, len }; }
static inline sign_bytes bytes_str(const char *text) { return (sign_bytes){ (const uint8_t *)text, strlen(text) }; }

static inline bool bytes_equal(sign_bytes a, sign_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool bytes_are(sign_bytes a, const char *text) { return bytes_equal(a, bytes_str(text)); }
static inline bool bytes_start(sign_bytes a, sign_bytes prefix)
{
    return a.len >= prefix.len && (prefix.len == 0 || memcmp(a.ptr, prefix.ptr, prefix.len) == 0);
}
/* [from, from+len) cut to what is there: never outside a. */
sign_bytes bytes_slice(sign_bytes a, size_t from, size_t len);
/* The first place of needle at or after from, or SIZE_MAX. Linear in practice (memmem). */
size_t bytes_find(sign_bytes hay, sign_bytes needle, size_t from);
/* The last place of needle, or SIZE_MAX. */
size_t bytes_rfind(sign_bytes hay, sign_bytes needle);

#endif
