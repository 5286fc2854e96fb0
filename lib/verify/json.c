/* The report as one line of JSON: docs/json.md is its contract. Keys stand in the order of that page. */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <jansson.h>
#include <stdlib.h>
#include <verify/report.h>

/*
 * jansson's constructors give NULL without memory, and its setters pass that on as an error. `set` takes any value and
 * makes the whole object fail: one look at the end (finish) is enough.
 */
struct object { json_t *json; bool failed; };

static void set(struct object *o, const char *key, json_t *value)
{
    if (!value || json_object_set_new(o->json, key, value) != 0) {
        o->failed = true;
    }
}

static json_t *finish(struct object *o)
{
    if (o->failed) {
        json_decref(o->json);
        return NULL;
    }
    return o->json;
}

static struct object object_new(void)
{
    json_t *json = json_object();
    return (struct object){ json, !json };
}

/* Foreign text: whatever is not UTF-8 becomes U+FFFD. NULL is null. */
static json_t *text_n(sign_bytes text)
{
    if (utf8_valid(text)) {
        return json_stringn(text.ptr ? (const char *)text.ptr : "", text.len);
    }
    CLEANUP(build_free) struct build fixed = { 0 };
    utf8_repair(&fixed, text);
    sign_bytes view = build_view(&fixed);
    return fixed.failed ? NULL : json_stringn((const char *)view.ptr, view.len);
}

static json_t *text(const char *string)
{
    return string ? text_n(bytes_str(string)) : json_null();
}

static json_t *utc(int64_t seconds)
{
    char out[WHEN_TEXT];
    when_print_utc(out, seconds);
    return json_string(out);
}

static json_t *number(bool known, uint64_t value)
{
    return known ? json_integer((json_int_t)value) : json_null();
}

static bool append(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0;    /* NULL fails */
}

static json_t *certificate(const sign_cert *cert)
{
    if (!cert) {
        return json_null();
    }
    struct object o = object_new();
    set(&o, "common_name", text(sign_cert_common_name(cert)));
    set(&o, "organization", text(sign_cert_organization(cert)));
    set(&o, "subject", text(sign_cert_subject(cert)));
    set(&o, "issuer", text(sign_cert_issuer(cert)));
    set(&o, "serial", text(sign_cert_serial(cert)));
    set(&o, "sha256", text(sign_cert_sha256(cert)));
    set(&o, "not_before", utc(sign_cert_not_before(cert)));
    set(&o, "not_after", utc(sign_cert_not_after(cert)));
    return finish(&o);
}

static json_t *chain(const struct path *path)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < path->n; i++) {
        if (!append(array, certificate(path->chain[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *times(const struct facts *f)
{
    struct object o = object_new();
    char claimed[WHEN_TEXT];
    if (f->has_claimed) {
        when_print_rfc3339(claimed, f->claimed);
    }
    set(&o, "claimed", f->has_claimed ? json_string(claimed) : json_null());
    set(&o, "best", utc(f->at));        /* no timestamp is verified in this version */
    set(&o, "source", json_string("verification"));
    return finish(&o);
}

static json_t *one_cover(const struct cover *cover)
{
    struct object o = object_new();
    set(&o, "uri", text(cover->uri));
    set(&o, "path", text(cover->path));
    set(&o, "id", text(cover->id));
    set(&o, "offset", number(cover->located, cover->offset));
    set(&o, "length", number(cover->located, cover->length));
    set(&o, "resolved", json_boolean(cover->resolved));
    set(&o, "manifest", json_boolean(cover->in_manifest));
    return finish(&o);
}

static json_t *covers(const struct facts *f)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < f->n_covers; i++) {
        if (!append(array, one_cover(&f->covers[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *one_change(const struct later_change *change)
{
    struct object o = object_new();
    set(&o, "kind", text(change->kind));
    set(&o, "what", text(change->what));
    set(&o, "revision", number(change->revision > 0, change->revision));
    set(&o, "object", number(change->object > 0, change->object));
    set(&o, "path", text(change->path));
    set(&o, "field", text(change->field));
    return finish(&o);
}

static json_t *changes(const struct facts *f)
{
    json_t *array = f->changes == CHANGES_NOT_APPLICABLE ? json_null() : json_array();
    for (size_t i = 0; array && i < f->n_later; i++) {
        if (!append(array, one_change(&f->later[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *scope(const struct facts *f)
{
    struct object o = object_new();
    set(&o, "whole_file", json_boolean(f->whole_file));
    set(&o, "revision", number(f->revision > 0, f->revision));
    set(&o, "revisions", number(f->revisions > 0, f->revisions));
    set(&o, "changes_after", text(changes_name(f->changes)));
    set(&o, "changes", changes(f));
    set(&o, "covers", covers(f));
    return finish(&o);
}

static json_t *algorithms(const struct facts *f)
{
    struct object o = object_new();
    set(&o, "digest", text(f->digest_alg ? f->digest_alg->name : NULL));
    set(&o, "signature", text(f->scheme ? scheme_name(f->scheme) : NULL));
    set(&o, "key_bits", number(f->key_bits > 0, (uint64_t)f->key_bits));
    return finish(&o);
}

static json_t *revocation(const struct path *path)
{
    struct object o = object_new();
    bool known = path->revocation != REVOCATION_NOT_CHECKED && path->revocation != REVOCATION_UNKNOWN;
    set(&o, "status", text(revocation_name(path->revocation)));
    set(&o, "source", text(known && path->revocation_source ? path->revocation_source : "none"));
    set(&o, "time", known && path->revocation_time ? utc(path->revocation_time) : json_null());
    return finish(&o);
}

/* Present, and not looked at yet: nothing is claimed about them. */
static json_t *timestamp(const char *id, const char *kind)
{
    struct object o = object_new();
    set(&o, "id", text(id));
    set(&o, "kind", json_string(kind));
    set(&o, "integrity", json_string("unknown"));
    set(&o, "time", json_null());
    return finish(&o);
}

static json_t *signature_timestamps(const struct facts *f)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < f->n_timestamps; i++) {
        if (!append(array, timestamp(NULL, "signature"))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *one_message(const struct note *note)
{
    const struct message *m = message_by_code(note->code);
    CLEANUP(build_free) struct build words = { 0 };
    message_print(&words, m->text[LANG_EN], note->arg, false);
    struct object o = object_new();
    set(&o, "level", json_string(message_level_name(m->level)));
    set(&o, "code", json_string(m->code));
    set(&o, "text", words.failed ? NULL : text_n(build_view(&words)));
    set(&o, "clause", text(note->clause ? note->clause : m->clause));
    return finish(&o);
}

static json_t *messages(const struct facts *f)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < f->n_notes; i++) {
        if (!append(array, one_message(&f->notes[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *signature(const struct verified *v)
{
    const struct facts *f = &v->facts;
    struct object o = object_new();
    set(&o, "id", text(f->id));
    set(&o, "verdict", json_string(verdict_name(v->outcome.verdict)));
    set(&o, "sub_indication", text(v->outcome.sub));
    set(&o, "format", text(format_name(f->format)));
    set(&o, "integrity", json_string(integrity_name(v->outcome.integrity)));
    set(&o, "signer", certificate(f->cert));
    set(&o, "time", times(f));
    set(&o, "scope", scope(f));
    set(&o, "algorithms", algorithms(f));
    set(&o, "chain", chain(&f->path));
    set(&o, "revocation", revocation(&f->path));
    set(&o, "timestamps", signature_timestamps(f));
    set(&o, "messages", messages(f));
    return finish(&o);
}

static json_t *signatures(const sign_report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; array && report && i < report->n; i++) {
        if (!append(array, signature(&report->sigs[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *document_timestamps(const sign_report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; array && report && i < report->n_stamps; i++) {
        if (!append(array, timestamp(report->stamps[i].id, "document"))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *error_object(const sign_err *why)
{
    if (!why) {
        return json_null();
    }
    struct object o = object_new();
    set(&o, "code", json_string(sign_status_name(why->status)));
    set(&o, "message", text(why->msg));
    set(&o, "offset", number(why->offset != SIGN_NO_OFFSET, why->offset));
    return finish(&o);
}

static void set_file(struct object *o, const char *file)
{
    sign_bytes name = bytes_str(file ? file : "-");
    set(o, "file", text_n(name));
    if (utf8_valid(name)) {
        return;
    }
    CLEANUP(build_free) struct build hex = { 0 };
    build_hex(&hex, name, false);
    set(o, "file_hex", hex.failed ? NULL : text_n(build_view(&hex)));
}

static const char *type_name(int doc_type)
{
    return doc_type == SIGN_DOC_PDF ? "pdf" : doc_type == SIGN_DOC_XML ? "xml" : "unknown";
}

/*
 * JSON lets DEL, C1 and bidi controls through, and a terminal may be reading: they are written as \uNNNN, which every
 * parser takes back (decision 15). They can only stand within strings.
 */
static bool is_terminal_control(uint32_t c)
{
    return c == 0x7f || (c >= 0x80 && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f || c == 0x2028 ||
           c == 0x2029 || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void put_safe(struct build *out, sign_bytes line)
{
    size_t pos = 0, from = 0;
    uint32_t c;
    while (pos < line.len) {
        size_t start = pos;
        if (line.ptr[pos] < 0x7f) {
            pos++;
            continue;
        }
        if (!utf8_next(line, &pos, &c)) {
            break;                      /* jansson writes valid UTF-8 alone */
        }
        if (is_terminal_control(c)) {
            build_bytes(out, bytes_slice(line, from, start - from));
            build_fmt(out, "\\u%04x", c);
            from = pos;
        }
    }
    build_bytes(out, bytes_slice(line, from, line.len - from));
}

static int dump(sign_buf **out, json_t *json, sign_err *err)
{
    char *line = json ? json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    json_decref(json);
    if (!line) {
        return err_nomem(err);
    }
    CLEANUP(build_free) struct build safe = { 0 };
    put_safe(&safe, bytes_str(line));
    free(line);
    return build_to_buf(&safe, out, err);
}

static json_t *document(const sign_report *report, int doc_type, const char *verdict, const char *file,
                        const sign_err *why)
{
    struct object o = object_new();
    set_file(&o, file);
    set(&o, "type", json_string(type_name(doc_type)));
    set(&o, "verdict", json_string(verdict));
    set(&o, "error", error_object(why));
    set(&o, "signatures", signatures(report));
    set(&o, "timestamps", document_timestamps(report));
    return finish(&o);
}

int sign_report_json(sign_buf **out, const sign_report *report, const char *file, sign_err *err)
{
    if (!out || !report) {
        return err_arg(err, "sign_report_json: out and report are needed");
    }
    return dump(out, document(report, report->doc_type, sign_report_overall(report), file, NULL), err);
}

int sign_error_json(sign_buf **out, const char *file, int doc_type, const sign_err *why, sign_err *err)
{
    if (!out || !why) {
        return err_arg(err, "sign_error_json: out and why are needed");
    }
    return dump(out, document(NULL, doc_type, "ERROR", file, why), err);
}
