/* Dates of the proleptic Gregorian calendar, years 0001 to 9999, seconds 0 to 59: no notation of ours has leap seconds. */
#include <base/cursor.h>
#include <base/when.h>
#include <stdio.h>

#define DAY          86400
#define FIRST_SECOND INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define LAST_SECOND  INT64_C(253402300799) /* 9999-12-31T23:59:59Z */
#define MOST_ZONE    (23 * 60 + 59)        /* RFC 3339 5.6, ISO 32000-2 7.9.4 */

struct civil {
    unsigned year, month, day, hour, minute, second;
};

/* --- the calendar ------------------------------------------------------------------------------------------------- */

static unsigned month_days(unsigned year, unsigned month)
{
    static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool civil_valid(const struct civil *c)
{
    return c->year >= 1 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
           c->day <= month_days(c->year, c->month) && c->hour <= 23 && c->minute <= 59 && c->second <= 59;
}

/*
 * The calendar repeats every 400 years, which have 146097 days. A year counted from 1 March has its leap day last, and
 * its months start at day (153 m + 2) / 5; 719468 days lie between 0000-03-01 and 1970-01-01.
 */
static int64_t civil_seconds(const struct civil *c)
{
    int64_t year = (int64_t)c->year - (c->month <= 2);
    int64_t era = year / 400, of_era = year % 400;
    int64_t of_year = (153 * ((c->month + 9) % 12) + 2) / 5 + c->day - 1;
    int64_t days = era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
    return days * DAY + c->hour * 3600 + c->minute * 60 + c->second;
}

/* The inverse; what lies outside the years 0001 to 9999 becomes their first or last second. */
static struct civil civil_of(int64_t seconds)
{
    seconds = seconds < FIRST_SECOND ? FIRST_SECOND : seconds > LAST_SECOND ? LAST_SECOND : seconds;
    /* Shifted by 400-year cycles to be positive, so that / and % round down. */
    int64_t shifted = seconds + INT64_C(719468) * DAY;
    unsigned days = (unsigned)(shifted / DAY), rest = (unsigned)(shifted % DAY);
    unsigned era = days / 146097, of_era = days % 146097;
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153;
    struct civil c = { .day = of_year - (153 * month + 2) / 5 + 1, .month = month < 10 ? month + 3 : month - 9 };
    c.year = era * 400 + year + (c.month <= 2);
    c.hour = rest / 3600;
    c.minute = rest / 60 % 60;
    c.second = rest % 60;
    return c;
}

static bool to_when(const struct civil *c, int32_t zone, bool has_zone, struct when *out)
{
    if (!civil_valid(c)) {
        return false;
    }
    int64_t seconds = civil_seconds(c) - (int64_t)zone * 60;
    if (seconds < FIRST_SECOND || seconds > LAST_SECOND) {
        return false;
    }
    *out = (struct when){ seconds, zone, has_zone };
    return true;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static bool digits(struct cursor *c, unsigned width, unsigned *out)
{
    sign_bytes text;
    if (!cursor_take(c, width, &text)) {
        return false;
    }
    unsigned value = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
        value = value * 10 + (text.ptr[i] - '0');
    }
    *out = value;
    return true;
}

static bool literal(struct cursor *c, char byte)
{
    return cursor_match(c, bytes_of(&byte, 1));
}

static bool make_zone(bool west, unsigned hours, unsigned minutes, int32_t *zone)
{
    if (hours > 23 || minutes > 59) {
        return false;
    }
    *zone = (int32_t)(hours * 60 + minutes) * (west ? -1 : 1);
    return true;
}

/* "", "Z", "+07:00" */
static bool rfc3339_zone(struct cursor *c, int32_t *zone, bool *has_zone)
{
    *zone = 0;
    *has_zone = !cursor_end(c);
    if (cursor_end(c) || literal(c, 'Z')) {
        return true;
    }
    bool west = cursor_peek(c, 0) == '-';
    unsigned hours, minutes;
    return (literal(c, '+') || literal(c, '-')) && digits(c, 2, &hours) && literal(c, ':') && digits(c, 2, &minutes) &&
           make_zone(west, hours, minutes, zone);
}

/* "" or "." and at least one digit */
static bool fraction(struct cursor *c)
{
    if (!literal(c, '.')) {
        return true;
    }
    size_t start = c->pos;
    while (cursor_peek(c, 0) >= '0' && cursor_peek(c, 0) <= '9') {
        cursor_skip(c, 1);
    }
    return c->pos > start;
}

bool when_parse_rfc3339(sign_bytes text, struct when *out)
{
    struct cursor c = cursor_over(text, 0);
    struct civil t;
    int32_t zone;
    bool has_zone;
    return digits(&c, 4, &t.year) && literal(&c, '-') && digits(&c, 2, &t.month) && literal(&c, '-') &&
           digits(&c, 2, &t.day) && literal(&c, 'T') && digits(&c, 2, &t.hour) && literal(&c, ':') &&
           digits(&c, 2, &t.minute) && literal(&c, ':') && digits(&c, 2, &t.second) && fraction(&c) &&
           rfc3339_zone(&c, &zone, &has_zone) && cursor_end(&c) && to_when(&t, zone, has_zone, out);
}

/*
 * ISO 32000-2 7.9.4: O, then HH and mm with apostrophes that PDF 1.7 demanded behind both and PDF 2.0 leaves out at the
 * end. After Z the numbers, which must be zero, are common: "Z00'00'".
 */
static bool pdf_zone(struct cursor *c, int32_t *zone, bool *has_zone)
{
    *zone = 0;
    *has_zone = !cursor_end(c);
    if (cursor_end(c)) {
        return true;
    }
    int sign = cursor_next(c);
    if (sign == 'Z' && cursor_end(c)) {
        return true;
    }
    unsigned hours, minutes = 0;
    if ((sign != '+' && sign != '-' && sign != 'Z') || !digits(c, 2, &hours)) {
        return false;
    }
    if (literal(c, '\'') && !cursor_end(c)) {
        if (!digits(c, 2, &minutes)) {
            return false;
        }
        literal(c, '\'');
    }
    return make_zone(sign == '-', hours, minutes, zone) && (sign != 'Z' || *zone == 0);
}

bool when_parse_pdf(sign_bytes text, struct when *out)
{
    struct cursor c = cursor_over(text, 0);
    struct civil t = { .month = 1, .day = 1 };
    unsigned *fields[] = { &t.month, &t.day, &t.hour, &t.minute, &t.second };
    int32_t zone;
    bool has_zone;
    if (!cursor_match(&c, BYTES_LIT("D:")) || !digits(&c, 4, &t.year)) {
        return false;
    }
    /* Each field may be there only when all before it are; the zone comes after the last. */
    for (size_t i = 0; i < sizeof fields / sizeof fields[0] && !cursor_end(&c); i++) {
        if (!digits(&c, 2, fields[i])) {
            return false;
        }
    }
    return pdf_zone(&c, &zone, &has_zone) && cursor_end(&c) && to_when(&t, zone, has_zone, out);
}

bool when_parse_asn1(int tag, sign_bytes text, int64_t *seconds)
{
    struct cursor c = cursor_over(text, 0);
    struct civil t;
    struct when when;
    if (!(tag == 0x17 && digits(&c, 2, &t.year)) && !(tag == 0x18 && digits(&c, 4, &t.year))) {
        return false;
    }
    if (tag == 0x17) {
        t.year += t.year >= 50 ? 1900 : 2000; /* RFC 5280 4.1.2.5.1 */
    }
    if (!digits(&c, 2, &t.month) || !digits(&c, 2, &t.day) || !digits(&c, 2, &t.hour) || !digits(&c, 2, &t.minute) ||
        !digits(&c, 2, &t.second) || !literal(&c, 'Z') || !cursor_end(&c) || !to_when(&t, 0, true, &when)) {
        return false;
    }
    *seconds = when.seconds;
    return true;
}

/* --- printing ----------------------------------------------------------------------------------------------------- */

static int32_t clamp_zone(int32_t zone)
{
    return zone < -MOST_ZONE ? -MOST_ZONE : zone > MOST_ZONE ? MOST_ZONE : zone;
}

static struct civil local_of(int64_t seconds, int32_t zone)
{
    /* Clamped first, so that adding the zone cannot overflow. */
    seconds = seconds < FIRST_SECOND ? FIRST_SECOND : seconds > LAST_SECOND ? LAST_SECOND : seconds;
    return civil_of(seconds + (int64_t)zone * 60);
}

static void print_zone(char *out, size_t size, int32_t zone, const char *fmt_mark)
{
    unsigned minutes = (unsigned)(zone < 0 ? -zone : zone);
    snprintf(out, size, "%c%02u%c%02u%s", zone < 0 ? '-' : '+', minutes / 60 % 100, fmt_mark[0], minutes % 60,
             fmt_mark + 1);
}

static void print_civil(char out[WHEN_TEXT], struct civil t, const char *zone)
{
    snprintf(out, WHEN_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u%s", t.year % 10000, t.month % 100, t.day % 100,
             t.hour % 100, t.minute % 100, t.second % 100, zone);
}

void when_print_rfc3339(char out[WHEN_TEXT], struct when when)
{
    int32_t offset = when.has_zone ? clamp_zone(when.zone) : 0;
    char zone[8] = "";
    if (when.has_zone && offset == 0) {
        zone[0] = 'Z';
    } else if (when.has_zone) {
        print_zone(zone, sizeof zone, offset, ":");
    }
    print_civil(out, local_of(when.seconds, offset), zone);
}

void when_print_utc(char out[WHEN_TEXT], int64_t seconds)
{
    print_civil(out, civil_of(seconds), "Z");
}

void when_print_pdf(char out[WHEN_TEXT], int64_t seconds, int32_t zone)
{
    zone = clamp_zone(zone);
    struct civil t = local_of(seconds, zone);
    char offset[8];
    print_zone(offset, sizeof offset, zone, "''");
    snprintf(out, WHEN_TEXT, "D:%04u%02u%02u%02u%02u%02u%s", t.year % 10000, t.month % 100, t.day % 100, t.hour % 100,
             t.minute % 100, t.second % 100, offset);
}
