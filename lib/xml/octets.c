/*
 * The octets that one Reference covers, handed out: a reading of its own, simple rather than quick, which trusts
 * nothing of the pass that digested them but where the element stands, and compares the digest at its end.
 */
#include <base/err.h>
#include <base/text.h>
#include <xml/doc.h>
#include <xml/names.h>
#include <xml/scope.h>

struct octets {
    const struct xml_sig *sig;
    const struct xml_ref *ref;
    const struct ref_plan *plan;
    struct scope scope;
    struct c14n *c14n;                  /* NULL: base64 */
    struct build text;                  /* base64: its digits */
    struct digest_run run;
    c14n_write_fn write;
    void *payload;
    bool inside, done;
    size_t depth;                       /* of the element; 0: the document */
    size_t omitted;                     /* depth of the Signature that is left out, while it goes by; 0 */
};

static void octets_drop(struct octets *o)
{
    scope_free(&o->scope);
    c14n_free(&o->c14n);
    build_free(&o->text);
    digest_drop(&o->run);
}

static int put(void *payload, sign_bytes bytes, sign_err *err)
{
    struct octets *o = payload;
    int rc = digest_add(&o->run, bytes, err);
    return rc == SIGN_OK && bytes.len ? o->write(o->payload, bytes, err) : rc;
}

static int inherit(void *payload, const struct xml_event *event, sign_err *err)
{
    return c14n_event(payload, event, false, err);
}

static int begin(struct octets *o, size_t depth, sign_err *err)
{
    o->inside = true;
    o->depth = depth;
    if (o->plan->base64) {
        return SIGN_OK;
    }
    int rc = c14n_new(&o->c14n, &o->plan->c14n, put, o, err);
    return rc == SIGN_OK ? scope_replay(&o->scope, inherit, o->c14n, err) : rc;
}

/* The element that the first passes found: where it stood, with the Id it had (entities give one place to several). */
static bool is_target(const struct octets *o, const struct xml_event *event)
{
    if (o->inside || o->done || o->plan->target != TARGET_ID || event->start != o->ref->offset) {
        return false;
    }
    for (size_t i = 0; i < event->n_attrs; i++) {
        if (bytes_equal(id_value(&event->attrs[i]), o->plan->id)) {
            return true;
        }
    }
    return false;
}

static int feed(struct octets *o, const struct xml_event *event, sign_err *err)
{
    if (!o->inside || o->omitted) {
        return SIGN_OK;
    }
    if (o->c14n) {
        return c14n_event(o->c14n, event, true, err);
    }
    for (size_t i = 0; event->kind == XML_TEXT && i < event->text.len; i++) {
        if (!is_xml_space(event->text.ptr[i])) {
            build_byte(&o->text, event->text.ptr[i]);
        }
    }
    return build_check(&o->text, err, "base64");
}

static int on_start(struct octets *o, const struct xml_event *event, sign_err *err)
{
    int rc = is_target(o, event) ? begin(o, event->depth, err) : SIGN_OK;
    bool own = o->ref->enveloped && event->start == o->sig->offset;
    if (rc == SIGN_OK && !o->omitted && (own || o->plan->all_signatures) && name_is_signature(&event->name)) {
        o->omitted = event->depth;
    }
    if (rc == SIGN_OK) {
        rc = feed(o, event, err);
    }
    return rc == SIGN_OK && (event->n_ns || event->n_attrs) ? scope_push(&o->scope, event, err) : rc;
}

static int finish(struct octets *o, sign_err *err)
{
    CLEANUP(build_free) struct build bytes = { 0 };
    o->inside = false;
    o->done = true;
    if (o->c14n) {
        return c14n_end(o->c14n, err);
    }
    if (!base64_decode(&bytes, build_view(&o->text))) {
        return err_set(err, SIGN_E_FORMAT, o->ref->offset, "XMLDSig 6.6.2", "the text to be decoded is not base64");
    }
    int rc = build_check(&bytes, err, "base64");
    return rc == SIGN_OK ? put(o, build_view(&bytes), err) : rc;
}

static int on_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct octets *o = payload;
    if (event->kind == XML_START) {
        return on_start(o, event, err);
    }
    int rc = feed(o, event, err);
    if (event->kind != XML_END) {
        return rc;
    }
    o->omitted = o->omitted == event->depth ? 0 : o->omitted;
    scope_pop(&o->scope, event->depth);
    return rc == SIGN_OK && o->inside && o->depth == event->depth ? finish(o, err) : rc;
}

/* A reference whose digest is not right has no octets that anybody signed. */
static int refuse(const struct xml_ref *ref, sign_err *err)
{
    static const int statuses[] = {
        [XML_REF_PENDING] = SIGN_E_FORMAT,      [XML_REF_DIFFERS] = SIGN_E_NOT_VALID,
        [XML_REF_NOT_FOUND] = SIGN_E_NOTFOUND,  [XML_REF_AMBIGUOUS] = SIGN_E_AMBIGUOUS,
        [XML_REF_UNSUPPORTED] = SIGN_E_UNSUPPORTED, [XML_REF_MALFORMED] = SIGN_E_FORMAT,
    };
    return err_set(err, statuses[ref->status], ref->path ? ref->offset : SIGN_NO_OFFSET, ref->clause,
                   "the reference covers nothing: %s", ref->why ? ref->why : "its signature is malformed");
}

static int read_all(struct octets *o, struct xml_doc *doc, struct watch *watch, sign_err *err)
{
    uint8_t value[DIGEST_MAX];
    int rc = digest_start(&o->run, doc->crypto, o->ref->digest, err);
    if (rc == SIGN_OK && o->plan->target == TARGET_DOCUMENT) {
        rc = begin(o, 0, err);
    }
    if (rc == SIGN_OK) {
        rc = xml_parse(doc->source, &doc->opts, on_event, o, watch, err);
    }
    if (rc == SIGN_OK && o->plan->target == TARGET_DOCUMENT) {
        rc = finish(o, err);
    }
    if (rc == SIGN_OK) {
        rc = digest_end(&o->run, value, err);
    }
    if (rc == SIGN_OK && !bytes_equal(o->ref->expected, bytes_of(value, o->ref->digest->size))) {
        rc = err_set(err, SIGN_E_NOT_VALID, o->ref->offset, "XMLDSig 3.2.1", "read again, the digest differs");
    }
    return rc;
}

/* Where the reference stands that has this number among those that count. */
static size_t find_reference(const struct xml_sig *sig, size_t number)
{
    size_t i = 0;
    while (i < sig->n_refs && (!xml_ref_counts(&sig->refs[i]) || number-- > 0)) {
        i++;
    }
    return i;
}

int xml_octets(struct xml_doc *doc, size_t i, size_t reference, c14n_write_fn write, void *payload, struct watch *watch,
               sign_err *err)
{
    int rc = xml_digest(doc, watch, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    size_t at = i < doc->n ? find_reference(&doc->states[i].sig, reference) : 0;
    if (i >= doc->n || at == doc->states[i].sig.n_refs) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, NULL, "no reference %zu in signature %zu", reference, i);
    }
    const struct sig_state *state = &doc->states[i];
    const struct xml_ref *ref = &state->sig.refs[at];
    if (ref->status != XML_REF_MATCH) {
        return refuse(ref, err);
    }
    CLEANUP(octets_drop) struct octets o = {
        .sig = &state->sig, .ref = ref, .plan = &state->plans[at], .write = write, .payload = payload,
    };
    return read_all(&o, doc, watch, err);
}
