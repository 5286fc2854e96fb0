#include <base/err.h>
#include <base/when.h>
#include <libsign/time.h>

int sign_parse_time(int64_t *out, const char *text, sign_err *err)
{
    struct when when;
    if (!out || !text) {
        return err_arg(err, "sign_parse_time: out or text is NULL");
    }
    if (!when_parse_rfc3339(bytes_str(text), &when) || !when.has_zone) {
        return err_arg(err, "'%.40s' is no RFC 3339 time with a zone: expected for example 2026-11-22T09:00:00+07:00", text);
    }
    *out = when.seconds;
    return SIGN_OK;
}

void sign_print_time(char out[32], int64_t seconds, int32_t zone)
{
    if (!out) {
        return;
    }
    when_print_rfc3339(out, (struct when){ .seconds = seconds, .zone = zone, .has_zone = true });
}
