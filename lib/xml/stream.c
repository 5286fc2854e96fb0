#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <xml/stream.h>

#define BASE64_GATHER 4096          /* a multiple of 4: groups are never cut */

bool spec_equal(const struct c14n_spec *a, const struct c14n_spec *b)
{
    if (a->method != b->method || a->comments != b->comments || a->n_inclusive != b->n_inclusive) return false;
    for (size_t i = 0; i < a->n_inclusive; i++) {
        if (!bytes_equal(a->inclusive[i], b->inclusive[i])) return false;
    }
    return true;
}

static int to_taps(void *payload, sign_bytes bytes, sign_err *err)
{
    struct stream *s = payload;
    int rc = SIGN_OK;
    for (struct tap *tap = s->taps; rc == SIGN_OK && tap; tap = tap->next) {
        if (tap->state == TAP_RUNNING) rc = digest_add(&tap->run, bytes, err);
    }
    return rc;
}

/* --- base64 (XMLDSig 6.6.2): the text of the element, decoded ----------------------------------------------------- */

static int decode_gathered(struct stream *s, sign_err *err)
{
    CLEANUP(build_free) struct build bytes = { 0 };
    sign_bytes text = build_view(&s->text);
    if (text.len == 0 || s->not_base64) return SIGN_OK;
    s->not_base64 = s->text_ended || !base64_decode(&bytes, text);
    s->text_ended = text.ptr[text.len - 1] == '=';
    build_truncate(&s->text, 0);
    int rc = build_check(&bytes, err, "base64");
    return rc == SIGN_OK ? to_taps(s, build_view(&bytes), err) : rc;
}

static int gather(struct stream *s, sign_bytes text, sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < text.len && !s->not_base64; i++) {
        if (is_xml_space(text.ptr[i])) continue;
        build_byte(&s->text, text.ptr[i]);
        if (s->text.len == BASE64_GATHER) rc = decode_gathered(s, err);
    }
    return rc == SIGN_OK ? build_check(&s->text, err, "base64") : rc;
}

/* --- the stream --------------------------------------------------------------------------------------------------- */

static int inherited_event(void *payload, const struct xml_event *event, sign_err *err)
{
    return c14n_event(payload, event, false, err);
}

static bool leaves_out(const struct tap *tap, size_t number)
{
    return tap->omit == number || tap->omit == ALL_SIGNATURES;
}

static int start_tap(struct stream *s, struct tap *tap, const size_t *open, size_t n_open, sign_err *err)
{
    tap->state = TAP_RUNNING;
    for (size_t i = 0; i < n_open; i++) {
        if (leaves_out(tap, open[i])) {
            tap->state = TAP_PAUSED;
            tap->is_empty = true;
            tap->paused++;
        }
    }
    /* Which digests there are depends on how OpenSSL is set up: this Reference cannot be judged, the others can. */
    int rc = digest_start(&tap->run, s->crypto, tap->digest, err);
    if (rc != SIGN_E_ALGO) return rc;
    tap->state = TAP_NO_DIGEST;
    return SIGN_OK;
}

int stream_start(struct stream *s, const struct crypto *crypto, size_t depth, const struct scope *scope,
                 const size_t *open, size_t n_open, sign_err *err)
{
    s->crypto = crypto;
    s->depth = depth;
    s->text.max = 2 * BASE64_GATHER;
    int rc = s->spec.method == C14N_NONE ? SIGN_OK : c14n_new(&s->c14n, &s->spec, to_taps, s, err);
    if (rc == SIGN_OK && s->c14n) rc = scope_replay(scope, inherited_event, s->c14n, err);
    for (struct tap *tap = s->taps; rc == SIGN_OK && tap; tap = tap->next) rc = start_tap(s, tap, open, n_open, err);
    return rc;
}

int stream_event(struct stream *s, const struct xml_event *event, sign_err *err)
{
    if (s->c14n) return c14n_event(s->c14n, event, true, err);
    return event->kind == XML_TEXT ? gather(s, event->text, err) : SIGN_OK;
}

static bool omits(const struct stream *s, size_t number)
{
    for (const struct tap *tap = s->taps; tap; tap = tap->next) {
        if (leaves_out(tap, number)) return true;
    }
    return false;
}

/* Up to here, what is digested with the Signature and what is digested without it are the same. */
static int fork_taps(struct stream *s, struct arena *arena, size_t number, sign_err *err)
{
    int rc = SIGN_OK;
    struct tap *first = s->taps;
    for (struct tap *tap = first; rc == SIGN_OK && tap; tap = tap->next) {
        if (tap->omit != NO_SIGNATURE || tap->state != TAP_RUNNING) continue;
        struct tap *fork = ARENA_NEW(arena, struct tap);
        if (!fork) return err_nomem(err);
        *fork = (struct tap){ .next = s->taps, .omit = number, .digest = tap->digest, .state = TAP_RUNNING };
        s->taps = fork;
        s->n_taps++;
        rc = digest_fork(&fork->run, &tap->run, err);
    }
    return rc;
}

int stream_signature_starts(struct stream *s, struct arena *arena, size_t number, size_t depth, sign_err *err)
{
    if (!s->forks && !omits(s, number)) return SIGN_OK;
    int rc = s->c14n ? c14n_flush(s->c14n, err) : SIGN_OK;
    if (rc == SIGN_OK && s->forks) {
        s->forks--;
        rc = fork_taps(s, arena, number, err);
    }
    for (struct tap *tap = s->taps; tap; tap = tap->next) {
        if (!leaves_out(tap, number) || tap->state == TAP_NO_DIGEST) continue;
        tap->state = TAP_PAUSED;
        tap->paused++;
        tap->is_empty = tap->is_empty || depth == (s->depth ? s->depth : 1);
    }
    return rc;
}

int stream_signature_ends(struct stream *s, size_t number, sign_err *err)
{
    if (!omits(s, number)) return SIGN_OK;
    int rc = s->c14n ? c14n_flush(s->c14n, err) : SIGN_OK;
    for (struct tap *tap = s->taps; tap; tap = tap->next) {
        if (leaves_out(tap, number) && tap->state == TAP_PAUSED && --tap->paused == 0) tap->state = TAP_RUNNING;
    }
    return rc;
}

int stream_end(struct stream *s, sign_err *err)
{
    int rc = s->c14n ? c14n_end(s->c14n, err) : decode_gathered(s, err);
    for (struct tap *tap = s->taps; rc == SIGN_OK && tap; tap = tap->next) {
        if (tap->state == TAP_NO_DIGEST) continue;
        rc = digest_end(&tap->run, tap->value, err);
        tap->not_base64 = s->not_base64;
        if (rc == SIGN_OK) tap->state = TAP_DONE;
    }
    stream_drop(s);
    return rc;
}

void stream_drop(struct stream *s)
{
    c14n_free(&s->c14n);
    build_free(&s->text);
    for (struct tap *tap = s->taps; tap; tap = tap->next) digest_drop(&tap->run);
}
