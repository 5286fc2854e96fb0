/*
 * Guessing reads no XML: it looks at bytes that look like References near the end of the document, where signatures
 * mostly stand. Whatever it finds there may be wrong, made up, or inside of a comment; it costs time then, no more.
 */
#include <base/cleanup.h>
#include <base/text.h>
#include <stdlib.h>
#include <xml/guess.h>
#include <xml/node.h>
#include <xml/xpath.h>

#define TAIL KIB(128)           /* bytes looked at: several signatures with their certificates   */
#define REFERENCE 2048          /* bytes of one Reference; those of real ones are 300            */
#define GUESSES 8               /* of different targets, forms or digests, while reading at once */
#define FORKS 4                 /* signatures that one guess leaves out, each on its own         */

struct hint {
    struct ref_plan plan;
    const struct digest_alg *digest;
    bool enveloped;
    size_t omit;                /* of the tap that is made at once */
};

/* --- bytes -------------------------------------------------------------------------------------------------------- */

/* The value of the attribute whose name and quotes begin at or behind `from`, which is then behind it. */
static bool next_value(sign_bytes text, sign_bytes name, size_t *from, sign_bytes *value)
{
    size_t at = *from;
    do {
        at = bytes_find(text, name, at);
        if (at == SIZE_MAX || text.len - at < name.len + 2) return false;
        at += name.len;
    } while (text.ptr[at] != '"' && text.ptr[at] != '\'');
    const uint8_t *end = memchr(text.ptr + at + 1, text.ptr[at], text.len - at - 1);
    if (!end) return false;
    *value = bytes_of(text.ptr + at + 1, (size_t)(end - text.ptr) - at - 1);
    *from = (size_t)(end - text.ptr) + 1;
    return true;
}

static bool read_hint(sign_bytes text, struct hint *hint)
{
    size_t from = 0;
    sign_bytes value;
    const char *why;
    struct c14n_spec spec;
    *hint = (struct hint){ .plan.c14n.method = C14N_10, .omit = NO_SIGNATURE };
    if (!next_value(text, BYTES_LIT("URI="), &from, &value) ||
        uri_read(value, &hint->plan, &why) != XML_REF_PENDING || memchr(value.ptr, '&', value.len)) {
        return false;
    }
    while (next_value(text, BYTES_LIT("Algorithm="), &from, &value)) {
        if (c14n_by_uri(value, &spec)) hint->plan.c14n = spec;
        if (bytes_are(value, NS_DSIG "base64")) return false;
        hint->enveloped = hint->enveloped || transform_is_enveloped(value);
        hint->omit = bytes_are(value, XPATH_URI) || bytes_are(value, NS_FILTER2) ? ALL_SIGNATURES : hint->omit;
        hint->digest = hint->digest ? hint->digest : digest_by_uri(value);
    }
    hint->plan.c14n.comments = hint->plan.c14n.comments && hint->plan.comments;
    return hint->digest && bytes_find(text, BYTES_LIT("PrefixList"), 0) == SIZE_MAX;
}

/* --- the plan ----------------------------------------------------------------------------------------------------- */

static struct wanted *want(struct refs *g, const struct ref_plan *plan)
{
    if (plan->target == TARGET_DOCUMENT) return &g->whole;
    for (size_t i = 0; i < g->n; i++) {
        if (bytes_equal(g->wanted[i].id, plan->id)) return &g->wanted[i];
    }
    struct wanted *wanted = &g->wanted[g->n];
    wanted->id_text = arena_str(&g->doc->arena, plan->id);
    if (!wanted->id_text) return NULL;
    wanted->id = bytes_str(wanted->id_text);
    if (wanted->id.len != plan->id.len) return NULL;
    g->n++;
    return wanted;
}

static bool add_hint(struct refs *g, const struct hint *hint)
{
    struct wanted *wanted = want(g, &hint->plan);
    struct stream *stream;
    struct tap *tap;
    if (!wanted || refs_stream(g, wanted, &hint->plan.c14n, &stream, NULL) != SIGN_OK ||
        refs_tap(g, stream, hint->omit, hint->digest, &tap, NULL) != SIGN_OK) {
        return false;
    }
    if (hint->enveloped) stream->forks = FORKS;
    return true;
}

static bool look(struct refs *g, sign_bytes text)
{
    sign_bytes name = BYTES_LIT("Reference");
    size_t n = 0;
    for (size_t at = 0; n < GUESSES && (at = bytes_find(text, name, at)) != SIZE_MAX; at += name.len) {
        struct hint hint;
        sign_bytes reference = bytes_slice(text, at + name.len, REFERENCE);
        size_t end = bytes_find(reference, name, 0);
        if (at == 0 || (text.ptr[at - 1] != '<' && text.ptr[at - 1] != ':')) continue;
        if (!read_hint(bytes_slice(reference, 0, end), &hint)) continue;
        if (!add_hint(g, &hint)) return false;
        n++;
    }
    refs_sort(g);
    return n > 0;
}

struct refs *guess_new(struct xml_doc *doc, struct walk *walk, struct watch *watch)
{
    uint64_t size = source_size(doc->source), from = size > TAIL ? size - TAIL : 0;
    CLEANUP(arena_free) struct arena arena = { 0 };
    struct refs *g = calloc(1, sizeof *g);
    sign_bytes text;
    if (!g) return NULL;
    g->doc = doc;
    g->walk = walk;
    g->watch = watch;
    g->source = source_ref(doc->source);
    g->wanted = arena_array(&doc->arena, GUESSES, sizeof *g->wanted);
    if (!g->wanted || source_bytes(doc->source, from, (size_t)(size - from), &arena, &text, NULL) != SIGN_OK ||
        !look(g, text)) {
        guess_free(&g);
    }
    return g;
}

void guess_free(struct refs **guess)
{
    if (!*guess) return;
    refs_drop(*guess);
    source_free(&(*guess)->source);
    free(*guess);
    *guess = NULL;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static void keep_if(struct xml_doc *doc, int rc)
{
    if (rc != SIGN_OK) guess_free(&doc->guess);
}

void guess_begins(struct xml_doc *doc)
{
    if (doc->guess) keep_if(doc, refs_begin(doc->guess, NULL));
}

void guess_start(struct xml_doc *doc, const struct xml_event *event, bool is_signature)
{
    if (doc->guess) keep_if(doc, refs_start(doc->guess, event, is_signature, NULL));
}

void guess_end(struct xml_doc *doc, const struct xml_event *event, bool closes)
{
    if (doc->guess) keep_if(doc, refs_end(doc->guess, event, closes, NULL));
}

void guess_other(struct xml_doc *doc, const struct xml_event *event)
{
    if (doc->guess) keep_if(doc, refs_other(doc->guess, event, NULL));
}

void guess_ends(struct xml_doc *doc)
{
    if (!doc->guess) return;
    keep_if(doc, refs_finish(doc->guess, NULL));
    if (doc->guess) doc->guess->walk = NULL;
}

/* --- what it was good for ----------------------------------------------------------------------------------------- */

/* Nothing is left out of an element by leaving out a Signature that stands elsewhere. */
static bool is_apart(const struct wanted *w, size_t omit)
{
    bool holds_any = w->sigs_after > w->sigs_before;
    bool holds_it = omit == ALL_SIGNATURES ? holds_any : omit >= w->sigs_before && omit < w->sigs_after;
    return w->id.ptr && w->sigs_around == 0 && !holds_it;
}

bool guess_has(const struct xml_doc *doc, const struct ref_plan *plan, size_t omit, const struct digest_alg *digest,
               struct tap **tap, const struct wanted **wanted)
{
    struct refs *g = doc->guess;
    /* Of these very bytes: a document that is being made is read in parts. */
    if (!g || g->source != doc->source || plan->base64) return false;
    struct wanted *w = plan->target == TARGET_DOCUMENT ? &g->whole : refs_find(g, plan->id);
    for (struct stream *s = w ? w->streams : NULL; s; s = s->next) {
        if (!spec_equal(&s->spec, &plan->c14n)) continue;
        for (struct tap *t = s->taps; t; t = t->next) {
            bool fits = t->omit == omit || (t->omit == NO_SIGNATURE && is_apart(w, omit));
            if (!fits || t->digest != digest || (t->state != TAP_DONE && t->state != TAP_NO_DIGEST)) continue;
            *tap = t;
            *wanted = w;
            return true;
        }
    }
    return false;
}
