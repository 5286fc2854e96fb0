/* Moments in time: seconds since 1970-01-01T00:00:00Z. */
#ifndef LIBSIGN_TIME_H
#define LIBSIGN_TIME_H

#include <libsign/error.h>

#define SIGN_NOW INT64_MIN      /* wherever a time is asked for: the context's clock */

/* Reads RFC 3339 ("2026-11-22T09:00:00+07:00"); a zone is demanded. Errors: ARG. */
SIGN_API int sign_parse_time(int64_t *out, const char *text, sign_err *err) SIGN_MUST_USE;
/* Writes RFC 3339 in the zone (minutes east of UTC): at least 32 bytes. */
SIGN_API void sign_print_time(char out[32], int64_t seconds, int32_t zone);

#endif
