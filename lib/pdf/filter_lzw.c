/* LZW as in TIFF 6.0, with /EarlyChange (ISO 32000-2 7.4.4). */
#include <base/cursor.h>
#include <base/err.h>
#include <pdf/filter.h>

#define CLEAR 256
#define END   257
#define CODES 4096

struct lzw {
    struct cursor in;
    uint32_t bits;
    unsigned n_bits, width, next;
    bool early;
    uint16_t prefix[CODES], length[CODES];
    uint8_t last[CODES], first[CODES];
};

static int next_code(struct lzw *z)
{
    while (z->n_bits < z->width) {
        int byte = cursor_next(&z->in);
        if (byte < 0) {
            return END; /* cut off: what came so far is kept, as by all readers */
        }
        z->bits = z->bits << 8 | (uint32_t)byte;
        z->n_bits += 8;
    }
    z->n_bits -= z->width;
    return (int)(z->bits >> z->n_bits & ((1u << z->width) - 1));
}

static void clear(struct lzw *z)
{
    for (unsigned i = 0; i < 256; i++) {
        z->last[i] = z->first[i] = (uint8_t)i;
        z->length[i] = 1;
    }
    z->next = 258;
    z->width = 9;
}

static void learn(struct lzw *z, unsigned before, uint8_t byte)
{
    if (z->next < CODES) {
        z->prefix[z->next] = (uint16_t)before;
        z->last[z->next] = byte;
        z->first[z->next] = z->first[before];
        z->length[z->next] = (uint16_t)(z->length[before] + 1);
        z->next++;
    }
    unsigned reached = z->next + z->early;
    z->width = reached >= 2048 ? 12 : reached >= 1024 ? 11 : reached >= 512 ? 10 : 9;
}

static void put(struct build *out, const struct lzw *z, unsigned code)
{
    size_t len = z->length[code];
    uint8_t *room = build_room(out, len);
    for (size_t i = len; room != NULL && i > 0; i--) {
        room[i - 1] = z->last[code];
        code = z->prefix[code];
    }
}

/* One code after another; before < 0: the first one after a clear. */
static int step(struct build *out, struct lzw *z, unsigned code, int before, sign_err *err)
{
    if (code > z->next || (code == z->next && (before < 0 || z->next == CODES)) || (before < 0 && code > 255)) {
        return err_set(err, SIGN_E_FORMAT, z->in.pos, "ISO 32000-2 7.4.4.2", "LZWDecode: code %u is not known yet",
                       code);
    }
    if (before >= 0) {
        learn(z, (unsigned)before, z->first[code == z->next ? (unsigned)before : code]);
    }
    put(out, z, code);
    return SIGN_OK;
}

int pdf_undo_lzw(struct build *out, sign_bytes in, bool early, size_t max, struct watch *watch, sign_err *err)
{
    struct lzw z = { .in = cursor_over(in, 0), .early = early };
    int rc = SIGN_OK, before = -1;
    clear(&z);
    for (int code = next_code(&z); code != END && rc == SIGN_OK; code = next_code(&z)) {
        if (code == CLEAR) {
            clear(&z);
            before = -1;
            continue;
        }
        size_t had = out->len;
        rc = step(out, &z, (unsigned)code, before, err);
        before = code;
        if (rc == SIGN_OK && (rc = build_check(out, err, "decoded stream")) == SIGN_OK) {
            rc = watch_poll(watch, out->len - had, err);
        }
        if (rc == SIGN_OK && out->len > max) {
            rc = err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "a stream decodes to more than %zu bytes", max);
        }
    }
    return rc;
}
