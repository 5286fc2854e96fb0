#include "complain.h"
#include "text.h"

#include <inttypes.h>

struct row { int status; enum text text, hint, key_hint; };

/* T_COUNT: no hint. */
static const struct row rows[] = {
    { SIGN_E_ARG, T_E_ARG, T_COUNT, T_COUNT },
    { SIGN_E_NOMEM, T_E_NOMEM, T_COUNT, T_COUNT },
    { SIGN_E_IO, T_E_IO, T_HINT_IO, T_HINT_IO },
    { SIGN_E_LIMIT, T_E_LIMIT, T_HINT_FORMAT, T_COUNT },
    { SIGN_E_FORMAT, T_E_FORMAT, T_HINT_FORMAT, T_COUNT },
    { SIGN_E_UNSUPPORTED, T_E_UNSUPPORTED, T_COUNT, T_COUNT },
    { SIGN_E_NOTFOUND, T_E_NOTFOUND, T_COUNT, T_HINT_NO_TOKEN },
    { SIGN_E_AMBIGUOUS, T_E_AMBIGUOUS, T_COUNT, T_HINT_AMBIGUOUS_KEY },
    { SIGN_E_ALGO, T_E_ALGO, T_COUNT, T_COUNT },
    { SIGN_E_FORBIDDEN, T_E_FORBIDDEN, T_COUNT, T_COUNT },
    { SIGN_E_CERT, T_E_CERT, T_HINT_CERT, T_HINT_CERT },
    { SIGN_E_EXISTS, T_E_EXISTS, T_HINT_EXISTS, T_COUNT },
    { SIGN_E_PASSWORD, T_E_PASSWORD, T_HINT_PASSWORD, T_HINT_PIN },
    { SIGN_E_TOKEN, T_E_TOKEN, T_HINT_NO_TOKEN, T_HINT_NO_TOKEN },
    { SIGN_E_PIN_WRONG, T_E_PIN_WRONG, T_HINT_PIN, T_HINT_PIN },
    { SIGN_E_PIN_LAST_TRY, T_E_PIN_LAST_TRY, T_HINT_LAST_TRY, T_HINT_LAST_TRY },
    { SIGN_E_PIN_LOCKED, T_E_PIN_LOCKED, T_HINT_LOCKED, T_HINT_LOCKED },
    { SIGN_E_CANCELLED, T_E_CANCELLED, T_COUNT, T_COUNT },
    { SIGN_E_TIMEOUT, T_E_TIMEOUT, T_COUNT, T_COUNT },
    { SIGN_E_NET, T_E_NET, T_COUNT, T_COUNT },
    { SIGN_E_NOT_VALID, T_E_NOT_VALID, T_COUNT, T_COUNT },
};

static const struct row *row_of(int status)
{
    static const struct row internal = { SIGN_E_INTERNAL, T_E_INTERNAL, T_COUNT, T_COUNT };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].status == status) {
            return &rows[i];
        }
    }
    return &internal;
}

static void say(const char *about, const sign_err *err, const struct row *row, enum text hint)
{
    if (err->offset != SIGN_NO_OFFSET) {
        char offset[24];
        snprintf(offset, sizeof offset, "%" PRIu64, err->offset);
        text_say(stderr, T_ERROR_AT, about, text_of(row->text), offset, NULL);
    } else {
        text_say(stderr, T_ERROR, about, text_of(row->text), NULL);
    }
    if (err->status == SIGN_E_CANCELLED) {
        return;     /* the user knows why */
    }
    if (err->clause) {
        text_say(stderr, T_ERROR_CLAUSE, err->msg, err->clause, NULL);
    } else if (err->msg[0]) {
        text_say(stderr, T_ERROR_DETAIL, err->msg, NULL);
    }
    if (hint != T_COUNT) {
        text_say(stderr, T_HINT, text_of(hint), NULL);
    }
}

void complain(const char *about, const sign_err *err)
{
    const struct row *row = row_of(err->status);
    say(about, err, row, row->hint);
}

void complain_of_key(const char *about, const sign_err *err)
{
    static const struct row pass_phrase = { SIGN_E_PASSWORD, T_E_PASS_PHRASE, T_COUNT, T_HINT_PIN };
    const struct row *row = err->status == SIGN_E_PASSWORD ? &pass_phrase : row_of(err->status);
    say(about, err, row, row->key_hint);
}

void complain_log(void *payload, int level, const char *message)
{
    const int *most = payload;
    if (level <= *most) {
        text_say(stderr, T_LOG, message, NULL);
    }
}
