/* ASCIIHex, ASCII85 and RunLength (ISO 32000-2 7.4.2, 7.4.3, 7.4.5). */
#include <base/cursor.h>
#include <base/err.h>
#include <base/text.h>
#include <pdf/filter.h>
#include <pdf/lex.h>

static int bad(const char *clause, const char *filter, int byte, sign_err *err)
{
    return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, clause, "%s: unexpected byte 0x%02x", filter, (unsigned)byte);
}

static int check(const struct build *out, size_t max, size_t work, struct watch *watch, sign_err *err)
{
    if (out->len > max) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "a stream decodes to more than %zu bytes", max);
    }
    int rc = build_check(out, err, "decoded stream");
    return rc != SIGN_OK ? rc : watch_poll(watch, work, err);
}

int pdf_undo_hex(struct build *out, sign_bytes in, size_t max, struct watch *watch, sign_err *err)
{
    int high = -1;
    for (size_t i = 0; i < in.len && in.ptr[i] != '>'; i++) {
        int value = hex_value(in.ptr[i]);
        if (value < 0 && !pdf_is_space(in.ptr[i])) {
            return bad("ISO 32000-2 7.4.2", "ASCIIHexDecode", in.ptr[i], err);
        }
        if (value >= 0 && high >= 0) {
            build_byte(out, (uint8_t)(high * 16 + value));
            high = -1;
        } else if (value >= 0) {
            high = value;
        }
    }
    if (high >= 0) {
        build_byte(out, (uint8_t)(high * 16));
    }
    return check(out, max, in.len, watch, err);
}

/* One group of n digits is n - 1 bytes; what is missing counts as 'u' (84). */
static bool put85(struct build *out, const uint8_t digits[5], unsigned n)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < 5; i++) {
        value = value * 85 + (i < n ? digits[i] : 84);
    }
    for (unsigned i = 0; i + 1 < n; i++) {
        build_byte(out, (uint8_t)(value >> (24 - 8 * i)));
    }
    return value <= UINT32_MAX && n != 1;
}

int pdf_undo_ascii85(struct build *out, sign_bytes in, size_t max, struct watch *watch, sign_err *err)
{
    static const char clause[] = "ISO 32000-2 7.4.3", name[] = "ASCII85Decode";
    uint8_t digits[5];
    unsigned n = 0;
    for (size_t i = 0; i < in.len && in.ptr[i] != '~'; i++) {
        uint8_t byte = in.ptr[i];
        if (byte == 'z' && n == 0) {
            build_fill(out, 0, 4);
        } else if (byte >= '!' && byte <= 'u') {
            digits[n++] = (uint8_t)(byte - '!');
        } else if (!pdf_is_space(byte)) {
            return bad(clause, name, byte, err);
        }
        if (n == 5) {
            if (!put85(out, digits, 5)) {
                return bad(clause, name, byte, err);
            }
            n = 0;
        }
    }
    if (n > 0 && !put85(out, digits, n)) {
        return bad(clause, name, '~', err);
    }
    return check(out, max, in.len, watch, err);
}

int pdf_undo_run_length(struct build *out, sign_bytes in, size_t max, struct watch *watch, sign_err *err)
{
    struct cursor c = cursor_over(in, 0);
    for (int code = cursor_next(&c); code >= 0 && code != 128; code = cursor_next(&c)) {
        sign_bytes run = { 0 };
        if (!cursor_take(&c, code < 128 ? (size_t)code + 1 : 1, &run)) {
            return bad("ISO 32000-2 7.4.5", "RunLengthDecode", code, err);
        }
        if (code < 128) {
            build_bytes(out, run);
        } else {
            build_fill(out, run.ptr[0], (size_t)(257 - code));
        }
        if (out->len > max) {
            break;
        }
    }
    return check(out, max, in.len, watch, err);
}
