/* One signing: the place, the text, the digests by the verifying pipeline, the bytes to be signed (docs/adr/0006). */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <stdlib.h>
#include <sys/random.h>
#include <xml/doc.h>
#include <xml/draft_text.h>
#include <xml/encode.h>

#define RANDOM_ID 8 /* bytes: no two signatures of one document share an Id by chance */

struct xml_draft {
    struct source *source, *joined, *result; /* the document, with blanks, and as it is signed */
    const struct crypto *crypto;
    struct xml_opts opts;
    struct arena arena;
    struct place place;
    enum xml_encoding encoding;
    struct draft_text text;
    struct build encoded; /* what is inserted */
    struct build tbs;
    size_t value_len;
};

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

/* --- what is asked for -------------------------------------------------------------------------------------------- */

static int check_algorithms(const struct xml_sign_spec *spec, sign_err *err)
{
    const struct digest_alg *digest = digest_by_id(spec->params.digest);
    const char *uri = sig_uri(&spec->params);
    if (!digest || !digest->xml_uri || digest->weak) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, "RFC 6931 2.1", "XML has no name for the digest %s",
                       digest ? digest->name : "asked for");
    }
    if (!uri || strcmp(uri, SIG_URI_RSA_PSS) == 0) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, "RFC 6931 2.3", "XML has no name for %s with %s",
                       scheme_name(spec->params.scheme), digest->name);
    }
    return SIGN_OK;
}

/*
 * An Id that a URI fragment holds as it is (RFC 3986 3.5): nothing to be escaped, nothing that reads like an XPointer.
 */
static bool is_plain_id(sign_bytes id)
{
    for (size_t i = 0; i < id.len; i++) {
        int c = ascii_lower(id.ptr[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == ':' || c == '-' ||
              c >= 0x80)) {
            return false;
        }
    }
    return id.len > 0 && utf8_valid(id);
}

static int check_refs(const struct xml_sign_spec *spec, sign_err *err)
{
    for (size_t i = 0; i < spec->n_refs; i++) {
        const struct xml_ref_spec *ref = &spec->refs[i];
        bool named = ref->target == XML_TARGET_ID || ref->target == XML_TARGET_PATH;
        if (named && !ref->value) {
            return err_arg(err, "XML signature: reference %zu without a value", i);
        }
        if (ref->target == XML_TARGET_ID && !is_plain_id(bytes_str(ref->value))) {
            return err_arg(err, "XML signature: Id '%.80s' cannot stand in a URI: letters, digits and ._:- can",
                           ref->value);
        }
        if (ref->target == XML_TARGET_OBJECT && !spec->signing_time_object) {
            return err_arg(err, "XML signature: a reference to an Object that is not made");
        }
    }
    return SIGN_OK;
}

static bool is_ncname(const char *id)
{
    return is_plain_id(bytes_str(id)) && !strchr(id, ':') && !strchr("0123456789.-", id[0]);
}

static int check_spec(const struct xml_sign_spec *spec, sign_err *err)
{
    if (spec->n_refs == 0 || spec->n_refs > XML_SIGN_REFS || spec->n_bases > XML_SIGN_BASES || spec->n_chain == 0 ||
        spec->value_len == 0 || spec->c14n == C14N_NONE || !spec->prefix || strlen(spec->prefix) > 32 ||
        (*spec->prefix && (!is_ncname(spec->prefix) || strcmp(spec->prefix, "xades") == 0))) {
        return err_arg(err, "XML signature: references, chain, canonicalization, value length or prefix are not given");
    }
    if (spec->id && (!is_ncname(spec->id) || strlen(spec->id) > 200)) {
        return err_arg(err, "XML signature: '%.80s' is no Id (XML 1.0 3.3.1)", spec->id);
    }
    if (spec->after_place && (spec->create_place || !spec->place)) {
        return err_arg(err, "XML signature: behind an element that is there, not one to be created");
    }
    if (spec->properties_id && (!is_ncname(spec->properties_id) || strlen(spec->properties_id) > 200 ||
                                (spec->id && strcmp(spec->id, spec->properties_id) == 0))) {
        return err_arg(err, "XML signature: '%.80s' is no Id for properties", spec->properties_id);
    }
    int rc = check_refs(spec, err);
    return rc == SIGN_OK ? check_algorithms(spec, err) : rc;
}

/* Ids that come from the document. */
static int check_targets(const struct xml_draft *d, size_t n, sign_err *err)
{
    for (size_t i = 0; i < n; i++) {
        sign_bytes id = d->place.targets[i].id;
        if (id.len && !is_plain_id(id)) {
            return err_set(err, SIGN_E_UNSUPPORTED, SIGN_NO_OFFSET, "XMLDSig 4.4.3.1",
                           "the Id '%.*s' of what is to be signed cannot stand in a URI",
                           (int)bytes_slice(id, 0, 80).len, (const char *)id.ptr);
        }
    }
    return SIGN_OK;
}

static int make_id(struct xml_draft *d, const struct xml_sign_spec *spec, sign_err *err)
{
    uint8_t random[RANDOM_ID];
    CLEANUP(build_free) struct build hex = { 0 };
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random) {
        return err_errno(err, "random bytes for an Id");
    }
    build_str(&hex, spec->id ? spec->id : "sig-");
    if (!spec->id) {
        build_hex(&hex, bytes_of(random, sizeof random), false);
    }
    d->text.id = hex.failed ? NULL : arena_str(&d->arena, build_view(&hex));
    return d->text.id ? SIGN_OK : err_nomem(err);
}

/* --- what is inserted --------------------------------------------------------------------------------------------- */

/* What a Signature follows begins and ends in these very bytes. */
static int check_behind(struct xml_draft *d, sign_err *err)
{
    const struct place *place = &d->place;
    size_t unit = encoding_unit(d->encoding);
    CLEANUP(build_free) struct build expected = { 0 };
    encode(&expected, d->encoding, BYTES_LIT("<>"));
    uint8_t found[4] = { 0 };
    int rc = place->cut >= 2 * unit ? source_read(d->source, place->start, found, unit, err) : SIGN_OK;
    if (rc == SIGN_OK && place->cut >= 2 * unit) {
        rc = source_read(d->source, place->cut - unit, found + unit, unit, err);
    }
    if (rc == SIGN_OK && !bytes_equal(bytes_of(found, 2 * unit), build_view(&expected))) {
        rc = err_set(err, SIGN_E_UNSUPPORTED, place->cut, "XML 1.0 4.4",
                     "the place does not stand in the document's own bytes");
    }
    return rc;
}

/* The tag that is cut into must stand in these very bytes, and not come out of an entity. */
static int check_cut(struct xml_draft *d, sign_err *err)
{
    struct place *place = &d->place;
    size_t unit = encoding_unit(d->encoding);
    CLEANUP(build_free) struct build expected = { 0 };
    encode(&expected, d->encoding, bytes_str(place->opened ? "/>" : "</"));
    uint8_t found[4] = { 0 };
    uint64_t back = place->opened ? 2 * unit : 0;
    int rc = SIGN_OK;
    if (place->cut >= back && place->cut - back + 2 * unit <= source_size(d->source)) {
        place->cut -= back;
        rc = source_read(d->source, place->cut, found, 2 * unit, err);
    }
    if (rc == SIGN_OK && !bytes_equal(bytes_of(found, 2 * unit), build_view(&expected))) {
        rc = err_set(err, SIGN_E_UNSUPPORTED, place->cut, "XML 1.0 4.4",
                     "the place does not stand in the document's own bytes");
    }
    return rc;
}

static int check_names(const struct xml_draft *d, sign_err *err)
{
    for (size_t i = 0; i < d->place.n_missing; i++) {
        if (!encoding_has(d->encoding, d->place.missing[i].name)) {
            return err_set(err, SIGN_E_UNSUPPORTED, d->place.cut, "XML 1.0 4.1",
                           "a container to be created has a name that the document's encoding lacks");
        }
    }
    return SIGN_OK;
}

static int join(struct source **out, struct xml_draft *d, sign_err *err)
{
    struct build all = { .max = LIMIT_XML_INSERT };
    encode(&all, d->encoding, bytes_str(d->place.opened ? ">" : ""));
    encode(&all, d->encoding, build_view(&d->text.text));
    if (d->place.opened) {
        encode(&all, d->encoding, BYTES_LIT("</"));
        encode(&all, d->encoding, d->place.name);
        encode(&all, d->encoding, BYTES_LIT(">"));
    }
    int rc = build_check(&d->text.text, err, "the Signature to be inserted");
    if (rc == SIGN_OK) {
        rc = build_check(&all, err, "the Signature to be inserted");
    }
    source_free(out);
    build_free(&d->encoded);
    d->encoded = all;
    uint64_t rest = source_size(d->source) - d->place.resume;
    struct source_part parts[] = {
        { .source = d->source, .from = 0, .len = d->place.cut },
        { .bytes = build_view(&d->encoded) },
        { .source = d->source, .from = d->place.resume, .len = rest },
    };
    return rc == SIGN_OK ? source_join(out, parts, COUNT(parts), err) : rc;
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
    return rc;
}

static int make_tbs(struct xml_draft *d, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    int rc = read_alone(&doc, &text, d, err);
    return rc == SIGN_OK ? xml_signed_info(&d->tbs, doc, 0, err) : rc;
}

/* --- the whole ---------------------------------------------------------------------------------------------------- */

static int prepare(struct xml_draft *d, const struct xml_sign_spec *spec, struct watch *watch, sign_err *err)
{
    int rc = place_find(&d->place, &d->arena, d->source, spec, &d->opts, watch, err);
    if (rc == SIGN_OK) {
        rc = encoding_find(&d->encoding, d->source, err);
    }
    if (rc == SIGN_OK) {
        rc = d->place.after ? check_behind(d, err) : check_cut(d, err);
    }
    if (rc == SIGN_OK) {
        rc = check_names(d, err);
    }
    if (rc == SIGN_OK) {
        rc = check_targets(d, spec->n_refs, err);
    }
    return rc == SIGN_OK ? make_id(d, spec, err) : rc;
}

static int compose(struct xml_draft *d, const struct xml_sign_spec *spec, sign_err *err)
{
    d->text.spec = spec;
    d->text.place = &d->place;
    d->text.digest = digest_by_id(spec->params.digest);
    d->text.ds = *spec->prefix ? arena_fmt(&d->arena, "%s:", spec->prefix) : "";
    d->value_len = spec->value_len;
    int rc = d->text.ds ? draft_text_make(&d->text, d->crypto, err) : err_nomem(err);
    d->text.spec = NULL;
    return rc == SIGN_OK ? join(&d->joined, d, err) : rc;
}

int xml_draft_new(struct xml_draft **out, struct source *source, const struct xml_sign_spec *spec,
                  const struct crypto *crypto, const struct xml_opts *opts, struct watch *watch, sign_err *err)
{
    int rc = check_spec(spec, err);
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
    return join(&draft->result, draft, err);
}

struct source *xml_draft_result(const struct xml_draft *draft)
{
    return draft->result;
}

bool xml_draft_opened_tag(const struct xml_draft *draft)
{
    return draft->place.opened;
}
