/* What the references of all signatures want, each thing once. */
#include <base/err.h>
#include <stdlib.h>
#include <xml/guess.h>

static int by_value(const void *a, const void *b)
{
    const struct wanted *x = a, *y = b;
    if (x->id.len != y->id.len) return x->id.len < y->id.len ? -1 : 1;
    return memcmp(x->id.ptr, y->id.ptr, x->id.len);
}

/* Binary search: no value that a document chooses can make it slow. */
struct wanted *refs_find(struct refs *r, sign_bytes id)
{
    struct wanted key = { .id = id };
    return r->n && id.len ? bsearch(&key, r->wanted, r->n, sizeof key, by_value) : NULL;
}

void refs_sort(struct refs *r)
{
    if (r->n) qsort(r->wanted, r->n, sizeof *r->wanted, by_value);
}

static bool is_planned(const struct sig_state *state, size_t i)
{
    return !state->sig.malformed && state->sig.refs[i].status == XML_REF_PENDING && !state->plans[i].tap;
}

/* What the first pass has made already. */
static void take_guesses(struct refs *r)
{
    for (size_t s = 0; s < r->doc->n; s++) {
        struct sig_state *state = &r->doc->states[s];
        for (size_t i = 0; i < state->sig.n_refs; i++) {
            struct ref_plan *plan = &state->plans[i];
            size_t omit = refs_omit(plan, &state->sig.refs[i], s);
            if (!is_planned(state, i)) continue;
            (void)guess_has(r->doc, plan, omit, state->sig.refs[i].digest, &plan->tap, &plan->wanted);
        }
    }
}

static int collect_ids(struct refs *r, sign_err *err)
{
    size_t most = 0;
    for (size_t s = 0; s < r->doc->n; s++) most += r->doc->states[s].sig.n_refs;
    if (most > LIMIT_XML_REFS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "a document with %zu references", most);
    }
    r->wanted = arena_array(&r->doc->arena, most + 1, sizeof *r->wanted);
    if (!r->wanted) return err_nomem(err);
    for (size_t s = 0; s < r->doc->n; s++) {
        const struct sig_state *state = &r->doc->states[s];
        for (size_t i = 0; i < state->sig.n_refs; i++) {
            if (is_planned(state, i) && state->plans[i].target == TARGET_ID) r->wanted[r->n++].id = state->plans[i].id;
        }
    }
    refs_sort(r);
    size_t kept = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (kept && bytes_equal(r->wanted[kept - 1].id, r->wanted[i].id)) continue;
        r->wanted[kept] = r->wanted[i];
        r->wanted[kept].id_text = arena_str(&r->doc->arena, r->wanted[i].id);
        if (!r->wanted[kept++].id_text) return err_nomem(err);
    }
    r->n = kept;
    return SIGN_OK;
}

int refs_stream(struct refs *r, struct wanted *wanted, const struct c14n_spec *spec, struct stream **out,
                sign_err *err)
{
    size_t n = 0;
    for (*out = wanted->streams; *out; *out = (*out)->next, n++) {
        if (spec_equal(&(*out)->spec, spec)) return SIGN_OK;
    }
    if (n >= LIMIT_XML_STREAMS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "one element canonicalized in %zu ways", n);
    }
    struct stream *stream = ARENA_NEW(&r->doc->arena, struct stream);
    if (!stream) return err_nomem(err);
    stream->spec = *spec;
    stream->next = wanted->streams;
    wanted->streams = stream;
    *out = stream;
    return SIGN_OK;
}

static struct tap *find_tap(const struct stream *stream, size_t omit, const struct digest_alg *digest)
{
    struct tap *tap = stream->taps;
    while (tap && !(tap->omit == omit && tap->digest == digest)) tap = tap->next;
    return tap;
}

int refs_tap(struct refs *r, struct stream *stream, size_t omit, const struct digest_alg *digest, struct tap **out,
             sign_err *err)
{
    *out = find_tap(stream, omit, digest);
    if (*out) return SIGN_OK;
    struct tap *tap = ARENA_NEW(&r->doc->arena, struct tap);
    if (!tap) return err_nomem(err);
    tap->omit = omit;
    tap->digest = digest;
    tap->next = stream->taps;
    stream->taps = tap;
    stream->n_taps++;
    *out = tap;
    return SIGN_OK;
}

static int plan_one(struct refs *r, size_t number, size_t i, sign_err *err)
{
    struct sig_state *state = &r->doc->states[number];
    struct ref_plan *plan = &state->plans[i];
    const struct c14n_spec none = { 0 };
    struct wanted *wanted = plan->target == TARGET_DOCUMENT ? &r->whole : refs_find(r, plan->id);
    struct stream *stream;
    int rc = refs_stream(r, wanted, plan->base64 ? &none : &plan->c14n, &stream, err);
    struct xml_ref *ref = &state->sig.refs[i];
    size_t omit = refs_omit(plan, ref, number);
    plan->wanted = wanted;
    if (rc == SIGN_OK && stream->n_taps >= LIMIT_XML_TAPS && !find_tap(stream, omit, ref->digest)) {
        /* Signatures over all of a document but themselves: their cost grows with the square of their number. */
        ref->status = XML_REF_UNSUPPORTED;
        ref->clause = "XMLDSig 6.6.4";
        ref->why = "more enveloped Signatures over one and the same element than are digested";
        return SIGN_OK;
    }
    return rc == SIGN_OK ? refs_tap(r, stream, omit, ref->digest, &plan->tap, err) : rc;
}

int refs_plan(struct refs *r, sign_err *err)
{
    take_guesses(r);
    int rc = collect_ids(r, err);
    for (size_t s = 0; rc == SIGN_OK && s < r->doc->n; s++) {
        const struct sig_state *state = &r->doc->states[s];
        for (size_t i = 0; rc == SIGN_OK && i < state->sig.n_refs; i++) {
            if (is_planned(state, i)) rc = plan_one(r, s, i, err);
        }
    }
    return rc;
}
