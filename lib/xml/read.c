/* A document and its signatures, for the other rooms. */
#include <base/err.h>
#include <base/limits.h>
#include <stdlib.h>
#include <xml/guess.h>
#include <xml/node.h>

/* --- names of signatures ------------------------------------------------------------------------------------------ */

static int by_id(const void *a, const void *b)
{
    const struct sig_state *x = *(struct sig_state *const *)a, *y = *(struct sig_state *const *)b;
    int order = strcmp(x->sig.id, y->sig.id);
    return order ? order : (x > y) - (x < y);
}

/* The first that carries an Id keeps it, the others go by their paths, which begin with "/" as no Id here does. */
static int name_all(struct xml_doc *doc, sign_err *err)
{
    struct sig_state **sorted = calloc(doc->n + 1, sizeof(struct sig_state *));
    if (!sorted) return err_nomem(err);
    bool ok = true;
    for (size_t i = 0; i < doc->n; i++) {
        struct xml_sig *sig = &doc->states[i].sig;
        sign_bytes id;
        bool usable = node_attr(doc->states[i].node, "Id", &id) && id.len && id.ptr[0] != '/';
        sig->id = usable ? arena_str(&doc->arena, id) : sig->path;
        ok = ok && sig->id;
        sorted[i] = &doc->states[i];
    }
    if (ok) qsort(sorted, doc->n, sizeof(struct sig_state *), by_id);
    const char *last = NULL;
    for (size_t i = 0; ok && i < doc->n; i++) {
        if (last && strcmp(last, sorted[i]->sig.id) == 0) {
            sorted[i]->sig.id = sorted[i]->sig.path;
        } else {
            last = sorted[i]->sig.id;
        }
    }
    free(sorted);
    return ok ? SIGN_OK : err_nomem(err);
}

/* --- the document ------------------------------------------------------------------------------------------------- */

int xml_read(struct xml_doc **out, struct source *source, const struct crypto *crypto, const struct xml_opts *opts,
             struct watch *watch, sign_err *err)
{
    CLEANUP(xml_free) struct xml_doc *doc = calloc(1, sizeof *doc);
    if (!doc) return err_nomem(err);
    doc->source = source_ref(source);
    doc->crypto = crypto;
    doc->opts = opts ? *opts : (struct xml_opts){ 0 };
    int rc = doc_scan(doc, watch, err);
    for (size_t i = 0; rc == SIGN_OK && i < doc->n; i++) rc = sig_read(doc, &doc->states[i], err);
    if (rc == SIGN_OK) rc = name_all(doc, err);
    if (rc != SIGN_OK) return rc;
    *out = doc;
    doc = NULL;
    return SIGN_OK;
}

void xml_free(struct xml_doc **doc)
{
    struct xml_doc *old = *doc;
    *doc = NULL;
    if (!old) return;
    guess_free(&old->guess);
    source_free(&old->source);
    arena_free(&old->arena);
    free(old->states);
    free(old);
}

struct source *xml_source(const struct xml_doc *doc)
{
    return doc->source;
}

size_t xml_count(const struct xml_doc *doc)
{
    return doc->n;
}

const struct xml_sig *xml_sig(const struct xml_doc *doc, size_t i)
{
    return i < doc->n ? &doc->states[i].sig : NULL;
}

/* --- SignedInfo --------------------------------------------------------------------------------------------------- */

static int write_build(void *payload, sign_bytes bytes, sign_err *err)
{
    struct build *out = payload;
    build_bytes(out, bytes);
    return build_check(out, err, "canonical SignedInfo");
}

static int feed(void *payload, const struct xml_event *event, bool inherited, sign_err *err)
{
    return c14n_event(payload, event, !inherited, err);
}

int xml_signed_info(struct build *out, const struct xml_doc *doc, size_t i, sign_err *err)
{
    if (i >= doc->n) return err_arg(err, "signature %zu of %zu", i, doc->n);
    const struct sig_state *state = &doc->states[i];
    if (!state->signed_info || state->sig.c14n.method == C14N_NONE) {
        return err_set(err, SIGN_E_UNSUPPORTED, state->sig.offset, "XMLDSig 4.4.1",
                       "SignedInfo cannot be canonicalized: %s", state->sig.why ? state->sig.why : "no method");
    }
    CLEANUP(c14n_free) struct c14n *c14n = NULL;
    int rc = c14n_new(&c14n, &state->sig.c14n, write_build, out, err);
    if (rc == SIGN_OK) rc = tree_replay(state->signed_info, feed, c14n, err);
    return rc == SIGN_OK ? c14n_end(c14n, err) : rc;
}
