/* One signing: the place, the text, the digests by the verifying pipeline, the bytes to be signed (docs/adr/0006). */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xml/draft_impl.h>

#define RANDOM_ID 8 /* bytes: no two signatures of one document share an Id by chance */

void xml_draft_free(struct xml_draft **draft)
{
    struct xml_draft *old = *draft;
    *draft = NULL;
    if (old) {
        source_free(&old->joined);
        source_free(&old->result);
        source_free(&old->source);
        build_free(&old->text.text);
        build_free(&old->encoded);
        build_free(&old->tbs);
        arena_free(&old->arena);
        free(old);
    }
}

/* --- Ids ---------------------------------------------------------------------------------------------------------- */

static int fresh_id(const char **out, struct xml_draft *d, const char *prefix, sign_err *err)
{
    uint8_t random[RANDOM_ID];
    CLEANUP(build_free) struct build text = { 0 };
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return err_errno(err, "random bytes for an Id");
    }
    build_str(&text, prefix);
    build_hex(&text, bytes_of(random, sizeof random), false);
    *out = text.failed ? NULL : arena_str(&d->arena, build_view(&text));
    return *out ? SIGN_OK : err_nomem(err);
}

static int add_id(struct xml_draft *d, const char *element, struct place_target *target, sign_err *err)
{
    const char *id = NULL, *copy = arena_str(&d->arena, bytes_str(element));
    int rc = copy ? fresh_id(&id, d, "id-", err) : err_nomem(err);
    if (rc == SIGN_OK) {
        d->added[d->n_added++] = (struct draft_added){ copy, id };
        target->id = bytes_str(id);
    }
    return rc;
}

/* Ids of what is signed: those of the document, and those that it lacks. */
static int make_target_ids(struct xml_draft *d, const struct xml_sign_spec *spec, sign_err *err)
{
    for (size_t i = 0; i < spec->n_refs; i++) {
        struct place_target *target = &d->place.targets[i];
        if (target->needs_id) {
            const struct xml_ref_spec *ref = &spec->refs[i];
            int rc = add_id(d, ref->target == XML_TARGET_PATH ? ref->value : spec->countersigns, target, err);
            if (rc != SIGN_OK) {
                return rc;
            }
        }
        if (target->id.len && !draft_is_plain_id(target->id)) {
            return err_set(err, SIGN_E_UNSUPPORTED, SIGN_NO_OFFSET, "XMLDSig 4.4.3.1",
                           "the Id '%.*s' of what is to be signed cannot stand in a URI",
                           (int)bytes_slice(target->id, 0, 80).len, (const char *)target->id.ptr);
        }
    }
    return SIGN_OK;
}

static int make_ids(struct xml_draft *d, const struct xml_sign_spec *spec, sign_err *err)
{
    int rc = spec->id ? SIGN_OK : fresh_id(&d->text.id, d, "sig-", err);
    if (spec->id) {
        d->text.id = arena_str(&d->arena, bytes_str(spec->id));
        rc = d->text.id ? SIGN_OK : err_nomem(err);
    }
    return rc == SIGN_OK ? make_target_ids(d, spec, err) : rc;
}

/* --- digests ------------------------------------------------------------------------------------------------------ */

/*
 * The Signature as a small document of its own, in start tags that declare what it inherits at its place: read by the
 * same code as any, without reading the whole document for it.
 */
static int read_alone(struct xml_doc **out, struct build *text, const struct xml_draft *d, sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    build_str(text, d->place.context);
    build_str(text, "<a>");
    build_bytes(text, build_view(&d->text.text));
    build_str(text, "</a>");
    for (size_t i = 0; i < d->place.context_depth; i++) {
        build_str(text, "</a>");
    }
    int rc = build_check(text, err, "the Signature to be inserted");
    if (rc == SIGN_OK) {
        rc = source_over(&source, build_view(text), err);
    }
    if (rc == SIGN_OK) {
        rc = xml_read(out, source, d->crypto, NULL, NULL, err);
    }
    if (rc != SIGN_OK) {
        if (err) {
            err->offset = SIGN_NO_OFFSET; /* it is not one of the document's */
        }
        return err_in(err, rc, "the Signature at its place");
    }
    const struct xml_sig *sig = xml_sig(*out, 0);
    if (xml_count(*out) != 1 || sig->malformed || sig->unsupported) {
        return err_set(err, SIGN_E_INTERNAL, SIGN_NO_OFFSET, NULL, "the Signature made is not what is read: %s",
                       sig && sig->why ? sig->why : "it is not one");
    }
    return SIGN_OK;
}

/*
 * Moves the only signature of doc to where it stands among those of the joined document, whose references are not
 * digested.
 */
static int attach(struct xml_doc *doc, struct source *joined, const struct place *place, sign_err *err)
{
    struct sig_state *states = calloc((size_t)place->total + 1, sizeof *states);
    if (!states) {
        return err_nomem(err);
    }
    states[place->number] = doc->states[0];
    free(doc->states);
    doc->states = states;
    doc->n = doc->cap = (size_t)place->total + 1;
    source_free(&doc->source);
    doc->source = source_ref(joined);
    return SIGN_OK;
}

static int take_digest(struct xml_draft *d, const struct xml_ref *ref, size_t i, sign_err *err)
{
    static const int status[] = {
        [XML_REF_PENDING] = SIGN_E_INTERNAL,    [XML_REF_NOT_FOUND] = SIGN_E_NOTFOUND,
        [XML_REF_AMBIGUOUS] = SIGN_E_AMBIGUOUS, [XML_REF_UNSUPPORTED] = SIGN_E_UNSUPPORTED,
        [XML_REF_MALFORMED] = SIGN_E_FORMAT,
    };
    if (!ref->has_computed) {
        return err_set(err, status[ref->status] ? status[ref->status] : SIGN_E_INTERNAL, SIGN_NO_OFFSET, ref->clause,
                       "reference '%.*s' cannot be signed: %s", (int)bytes_slice(ref->uri, 0, 80).len,
                       (const char *)ref->uri.ptr, ref->why ? ref->why : "no digest");
    }
    draft_text_fill(&d->text, d->text.digest_at[i], bytes_of(ref->computed, ref->digest->size));
    return SIGN_OK;
}

/*
 * A Manifest is signed with the digests that it lists, once those are in: it stands in the Signature, so that nothing of
 * the document but what its place inherits is needed.
 */
static int fill_manifest(struct xml_draft *d, struct watch *watch, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    int rc = read_alone(&doc, &text, d, err);
    if (rc == SIGN_OK) {
        rc = xml_digest(doc, watch, err);
    }
    return rc == SIGN_OK ? take_digest(d, &xml_sig(doc, 0)->refs[0], 0, err) : rc;
}

static int fill_digests(struct xml_draft *d, struct watch *watch, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    int rc = read_alone(&doc, &text, d, err);
    if (rc == SIGN_OK) {
        rc = attach(doc, d->joined, &d->place, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    doc->opts = d->opts;
    rc = xml_digest(doc, watch, err);
    const struct xml_sig *sig = xml_sig(doc, (size_t)d->place.number);
    if (rc == SIGN_OK && sig->n_refs != d->text.n_refs) {
        rc = err_set(err, SIGN_E_INTERNAL, SIGN_NO_OFFSET, NULL, "%zu references were made, %zu read", d->text.n_refs,
                     sig->n_refs);
    }
    for (size_t i = 0; rc == SIGN_OK && i < sig->n_refs; i++) {
        rc = take_digest(d, &sig->refs[i], i, err);
    }
    return rc == SIGN_OK && d->manifest ? fill_manifest(d, watch, err) : rc;
}

static int make_tbs(struct xml_draft *d, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    int rc = read_alone(&doc, &text, d, err);
    return rc == SIGN_OK ? xml_signed_info(&d->tbs, doc, 0, err) : rc;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

/* The bytes of any file, enveloped as base64 in a document that is all our own. */
static int prepare_base64(struct xml_draft *d, sign_err *err)
{
    struct source *base64 = NULL;
    int rc = source_base64(&base64, d->source, err);
    if (rc == SIGN_OK) {
        source_free(&d->source);
        d->source = base64;
        d->encoding = XML_UTF8;
        d->place.context = "";
    }
    return rc;
}

static int find_place(struct xml_draft *d, const struct xml_sign_spec *spec, struct watch *watch, sign_err *err)
{
    struct xml_opts opts = d->opts;
    const struct countersigned *countersigned = spec->countersigns ? &d->countersigned : NULL;
    int rc = SIGN_OK;
    if (countersigned) {
        rc = countersign_find(&d->countersigned, &d->arena, d->source, spec->countersigns, d->crypto, &opts, watch, err);
    }
    /* A DOCTYPE names the root, which enveloping makes another element. */
    opts.allow_doctype = opts.allow_doctype && d->packaging == XML_INSERTED;
    if (rc == SIGN_OK) {
        rc = place_find(&d->place, &d->arena, d->source, spec, countersigned, &opts, watch, err);
    }
    if (rc == SIGN_OK) {
        rc = encoding_find(&d->encoding, d->source, err);
    }
    return rc == SIGN_OK ? draft_check_bytes(d, err) : rc;
}

static int prepare(struct xml_draft *d, const struct xml_sign_spec *spec, struct watch *watch, sign_err *err)
{
    int rc = d->packaging == XML_ENVELOPING_BASE64 ? prepare_base64(d, err) : find_place(d, spec, watch, err);
    return rc == SIGN_OK ? make_ids(d, spec, err) : rc;
}

static int compose(struct xml_draft *d, const struct xml_sign_spec *spec, sign_err *err)
{
    d->text.spec = spec;
    d->text.place = &d->place;
    d->text.countersigned = spec->countersigns ? &d->countersigned : NULL;
    d->text.digest = digest_by_id(spec->params.digest);
    d->text.ds = *spec->prefix ? arena_fmt(&d->arena, "%s:", spec->prefix) : "";
    d->value_len = spec->value_len;
    int rc = d->text.ds ? draft_text_make(&d->text, d->crypto, err) : err_nomem(err);
    d->text.spec = NULL;
    return rc == SIGN_OK ? draft_join(&d->joined, d, err) : rc;
}

int xml_draft_new(struct xml_draft **out, struct source *source, const struct xml_sign_spec *spec,
                  const struct crypto *crypto, const struct xml_opts *opts, struct watch *watch, sign_err *err)
{
    int rc = draft_check_spec(spec, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    CLEANUP(xml_draft_free) struct xml_draft *d = calloc(1, sizeof *d);
    if (!d) {
        return err_nomem(err);
    }
    d->source = source_ref(source);
    d->crypto = crypto;
    d->opts = opts ? *opts : (struct xml_opts){ 0 };
    d->packaging = spec->packaging;
    d->manifest = spec->manifest;
    rc = prepare(d, spec, watch, err);
    if (rc == SIGN_OK) {
        rc = compose(d, spec, err);
    }
    if (rc == SIGN_OK) {
        rc = fill_digests(d, watch, err);
    }
    if (rc == SIGN_OK) {
        rc = make_tbs(d, err);
    }
    if (rc == SIGN_OK) {
        *out = d;
        d = NULL;
    }
    return rc;
}

sign_bytes xml_draft_tbs(const struct xml_draft *draft)
{
    return build_view(&draft->tbs);
}

int xml_draft_finish(struct xml_draft *draft, sign_bytes signature, sign_err *err)
{
    if (signature.len != draft->value_len) {
        return err_arg(err, "XML signature: a value of %zu bytes, expected %zu", signature.len, draft->value_len);
    }
    draft_text_fill(&draft->text, draft->text.value_at, signature);
    source_free(&draft->joined); /* it shows bytes that join replaces */
    return draft_join(&draft->result, draft, err);
}

struct source *xml_draft_result(const struct xml_draft *draft)
{
    return draft->result;
}

bool xml_draft_opened_tag(const struct xml_draft *draft)
{
    return draft->place.opened;
}

bool xml_draft_added(const struct xml_draft *draft, size_t i, const char **element, const char **id)
{
    if (i >= draft->n_added) {
        return false;
    }
    *element = draft->added[i].element;
    *id = draft->added[i].id;
    return true;
}
