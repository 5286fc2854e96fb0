/*
 * Moments in time: seconds since 1970-01-01T00:00:00Z as int64_t, and the notations that documents use. Nothing here
 * asks a clock, a locale or TZ. Years 0001 to 9999, in UTC as well; second 60 is refused. What is printed outside of that
 * becomes the first or last second of it.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <base/bytes.h>

struct when {
    int64_t seconds;     /* UTC; where has_zone is false, the local fields read as if they were UTC */
    int32_t zone;        /* minutes east of UTC as written; 0 for Z                                 */
    bool has_zone;
};

/* "2026-11-22T09:00:00+07:00", ".123" fractions allowed and dropped, the zone optional; nothing before or after. */
bool when_parse_rfc3339(sign_bytes text, struct when *out);
/* "D:20261122090000+07'00'" and its shortened forms (ISO 32000-2 7.9.4). */
bool when_parse_pdf(sign_bytes text, struct when *out);
/* ASN.1 UTCTime (tag 0x17) and GeneralizedTime (0x18) content octets, as RFC 5280 4.1.2.5 restricts them: Z alone. */
bool when_parse_asn1(int tag, sign_bytes text, int64_t *seconds);

#define WHEN_TEXT 32     /* room for any printed form, NUL included */
/* RFC 3339 in the zone given; without a zone where has_zone is false. */
void when_print_rfc3339(char out[WHEN_TEXT], struct when when);
void when_print_utc(char out[WHEN_TEXT], int64_t seconds);               /* "2026-11-22T02:00:00Z"    */
void when_print_pdf(char out[WHEN_TEXT], int64_t seconds, int32_t zone); /* "D:20261122090000+07'00'" */

#endif
