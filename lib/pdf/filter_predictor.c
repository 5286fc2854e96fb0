/* Predictors (ISO 32000-2 7.4.4.4): TIFF 6.0 section 14, PNG (ISO/IEC 15948 9). */
#include <base/cursor.h>
#include <base/err.h>
#include <pdf/filter.h>
#include <stdlib.h>

#define CLAUSE "ISO 32000-2 7.4.4.4"

struct rows {
    size_t pixel, row;
}; /* bytes: of one pixel (at least 1), of one row */

static int measure(struct rows *out, const struct pdf_parms *parms, sign_err *err)
{
    int64_t bits = parms->bits;
    bool known = bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16;
    if (!known || parms->colors < 1 || parms->colors > 32 || parms->columns < 1 || parms->columns > 1 << 24) {
        return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, CLAUSE,
                       "predictor: /Colors, /BitsPerComponent or /Columns out of range");
    }
    out->pixel = (size_t)((parms->colors * bits + 7) / 8);
    out->row = (size_t)((parms->colors * bits * parms->columns + 7) / 8);
    return SIGN_OK;
}

static int paeth(int a, int b, int c)
{
    int p = a + b - c, pa = abs(p - a), pb = abs(p - b), pc = abs(p - c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

static int guess(int type, int left, int up, int corner)
{
    switch (type) {
    case 1:
        return left;
    case 2:
        return up;
    case 3:
        return (left + up) / 2;
    case 4:
        return paeth(left, up, corner);
    default:
        return 0;
    }
}

/* One row of len bytes in place. prior is NULL above the first. */
static void undo_png(int type, uint8_t *row, const uint8_t *prior, size_t len, size_t pixel)
{
    for (size_t i = 0; i < len; i++) {
        int left = i >= pixel ? row[i - pixel] : 0, up = prior != NULL ? prior[i] : 0;
        int corner = prior != NULL && i >= pixel ? prior[i - pixel] : 0;
        row[i] = (uint8_t)(row[i] + guess(type, left, up, corner));
    }
}

/* build_room may move what was built before: so all rows get their room at once. */
static int png(struct build *out, sign_bytes in, const struct rows *rows, struct watch *watch, sign_err *err)
{
    size_t count = in.len / (rows->row + 1), rest = in.len % (rows->row + 1);
    size_t total = count * rows->row + (rest > 1 ? rest - 1 : 0);
    uint8_t *room = build_room(out, total), *prior = NULL;
    struct cursor c = cursor_over(in, 0);
    if (room == NULL && total > 0) {
        return build_check(out, err, "decoded stream");
    }
    while (cursor_left(&c) > 1) {
        size_t len = cursor_left(&c) - 1 < rows->row ? cursor_left(&c) - 1 : rows->row;
        int type = cursor_next(&c);
        sign_bytes bytes;
        cursor_take(&c, len, &bytes);
        memcpy(room, bytes.ptr, len);
        if (type > 4) {
            return err_set(err, SIGN_E_FORMAT, c.pos, CLAUSE, "predictor: PNG filter type %d", type);
        }
        undo_png(type, room, prior, len, rows->pixel);
        int rc = watch_poll(watch, len, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        prior = room;
        room += len;
    }
    return SIGN_OK;
}

static int tiff(struct build *out, sign_bytes in, const struct rows *rows, const struct pdf_parms *parms, sign_err *err)
{
    size_t from = out->len;
    if (parms->bits != 8) {
        return err_set(err, SIGN_E_UNSUPPORTED, SIGN_NO_OFFSET, CLAUSE, "TIFF predictor with %d bits a component",
                       (int)parms->bits);
    }
    build_bytes(out, in);
    int rc = build_check(out, err, "decoded stream");
    for (size_t i = 0; rc == SIGN_OK && i < in.len; i++) {
        if (i % rows->row >= rows->pixel) {
            out->ptr[from + i] = (uint8_t)(out->ptr[from + i] + out->ptr[from + i - rows->pixel]);
        }
    }
    return rc;
}

int pdf_undo_predictor(struct build *out, sign_bytes in, const struct pdf_parms *parms, struct watch *watch,
                       sign_err *err)
{
    struct rows rows = { 0 };
    int rc = measure(&rows, parms, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (parms->predictor == 2) {
        return tiff(out, in, &rows, parms, err);
    }
    if (parms->predictor < 10 || parms->predictor > 15) {
        return err_set(err, SIGN_E_UNSUPPORTED, SIGN_NO_OFFSET, CLAUSE, "predictor %lld", (long long)parms->predictor);
    }
    return png(out, in, &rows, watch, err);
}
