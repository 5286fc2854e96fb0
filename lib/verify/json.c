/* The report as one line of JSON: docs/json.md is its contract. Keys stand in the order of that page. */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <verify/object.h>
#include <verify/report.h>

static json_t *utc(int64_t seconds)
{
    char out[WHEN_TEXT];
    when_print_utc(out, seconds);
    return json_string(out);
}

static json_t *certificate(const sign_cert *cert)
{
    if (!cert) {
        return json_null();
    }
    struct object o = object_new();
    object_set(&o, "common_name", json_text(sign_cert_common_name(cert)));
    object_set(&o, "organization", json_text(sign_cert_organization(cert)));
    object_set(&o, "subject", json_text(sign_cert_subject(cert)));
    object_set(&o, "issuer", json_text(sign_cert_issuer(cert)));
    object_set(&o, "serial", json_text(sign_cert_serial(cert)));
    object_set(&o, "sha256", json_text(sign_cert_sha256(cert)));
    object_set(&o, "not_before", utc(sign_cert_not_before(cert)));
    object_set(&o, "not_after", utc(sign_cert_not_after(cert)));
    return object_finish(&o);
}

static json_t *chain(const struct path *path)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < path->n; i++) {
        if (!json_append(array, certificate(path->chain[i]))) {
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
    object_set(&o, "claimed", f->has_claimed ? json_string(claimed) : json_null());
    object_set(&o, "best", utc(f->at));        /* no timestamp is verified in this version */
    object_set(&o, "source", json_string("verification"));
    return object_finish(&o);
}

static json_t *one_cover(const struct cover *cover)
{
    struct object o = object_new();
    object_set(&o, "uri", json_text(cover->uri));
    object_set(&o, "path", json_text(cover->path));
    object_set(&o, "id", json_text(cover->id));
    object_set(&o, "offset", json_number(cover->located, cover->offset));
    object_set(&o, "length", json_number(cover->located, cover->length));
    object_set(&o, "resolved", json_boolean(cover->resolved));
    object_set(&o, "manifest", json_boolean(cover->in_manifest));
    return object_finish(&o);
}

static json_t *covers(const struct facts *f)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < f->n_covers; i++) {
        if (!json_append(array, one_cover(&f->covers[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *one_change(const struct later_change *change)
{
    struct object o = object_new();
    object_set(&o, "kind", json_text(change->kind));
    object_set(&o, "what", json_text(change->what));
    object_set(&o, "revision", json_number(change->revision > 0, change->revision));
    object_set(&o, "object", json_number(change->object > 0, change->object));
    object_set(&o, "path", json_text(change->path));
    object_set(&o, "field", json_text(change->field));
    return object_finish(&o);
}

static json_t *changes(const struct facts *f)
{
    json_t *array = f->changes == CHANGES_NOT_APPLICABLE ? json_null() : json_array();
    for (size_t i = 0; array && i < f->n_later; i++) {
        if (!json_append(array, one_change(&f->later[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *scope(const struct facts *f)
{
    struct object o = object_new();
    object_set(&o, "whole_file", json_boolean(f->whole_file));
    object_set(&o, "revision", json_number(f->revision > 0, f->revision));
    object_set(&o, "revisions", json_number(f->revisions > 0, f->revisions));
    object_set(&o, "changes_after", json_text(changes_name(f->changes)));
    object_set(&o, "changes", changes(f));
    object_set(&o, "covers", covers(f));
    return object_finish(&o);
}

static json_t *algorithms(const struct facts *f)
{
    struct object o = object_new();
    object_set(&o, "digest", json_text(f->digest_alg ? f->digest_alg->name : NULL));
    object_set(&o, "signature", json_text(f->scheme ? scheme_name(f->scheme) : NULL));
    object_set(&o, "key_bits", json_number(f->key_bits > 0, (uint64_t)f->key_bits));
    return object_finish(&o);
}

static json_t *revocation(const struct path *path)
{
    struct object o = object_new();
    bool known = path->revocation != REVOCATION_NOT_CHECKED && path->revocation != REVOCATION_UNKNOWN;
    object_set(&o, "status", json_text(revocation_name(path->revocation)));
    object_set(&o, "source", json_text(known && path->revocation_source ? path->revocation_source : "none"));
    object_set(&o, "time", known && path->revocation_time ? utc(path->revocation_time) : json_null());
    return object_finish(&o);
}

/* Present, and not looked at yet: nothing is claimed about them. */
static json_t *timestamp(const char *id, const char *kind)
{
    struct object o = object_new();
    object_set(&o, "id", json_text(id));
    object_set(&o, "kind", json_string(kind));
    object_set(&o, "integrity", json_string("unknown"));
    object_set(&o, "time", json_null());
    return object_finish(&o);
}

static json_t *signature_timestamps(const struct facts *f)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < f->n_timestamps; i++) {
        if (!json_append(array, timestamp(NULL, "signature"))) {
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
    object_set(&o, "level", json_string(message_level_name(m->level)));
    object_set(&o, "code", json_string(m->code));
    object_set(&o, "text", words.failed ? NULL : json_text_n(build_view(&words)));
    object_set(&o, "clause", json_text(note->clause ? note->clause : m->clause));
    return object_finish(&o);
}

static json_t *messages(const struct facts *f)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < f->n_notes; i++) {
        if (!json_append(array, one_message(&f->notes[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

/* Its rules are for people and their lawyers: what is told is which it is, and whether this is its document. */
static json_t *policy(const struct policy_fact *policy)
{
    static const char *const documents[] = { [FACT_UNKNOWN] = "unchecked", [FACT_TRUE] = "matches", [FACT_FALSE] = "differs" };
    if (!policy->there) {
        return json_null();
    }
    struct object o = object_new();
    object_set(&o, "id", json_text(policy->id));
    object_set(&o, "implied", json_boolean(policy->implied));
    object_set(&o, "description", json_text(policy->description));
    object_set(&o, "uri", json_text(policy->uri));
    object_set(&o, "digest", json_text(policy->digest ? policy->digest->name : NULL));
    object_set(&o, "document", json_string(documents[policy->document]));
    return object_finish(&o);
}

static json_t *signature(const struct verified *v)
{
    const struct facts *f = &v->facts;
    struct object o = object_new();
    object_set(&o, "id", json_text(f->id));
    object_set(&o, "verdict", json_string(verdict_name(v->outcome.verdict)));
    object_set(&o, "sub_indication", json_text(v->outcome.sub));
    object_set(&o, "format", json_text(format_name(f->format)));
    object_set(&o, "integrity", json_string(integrity_name(v->outcome.integrity)));
    object_set(&o, "signer", certificate(f->cert));
    object_set(&o, "time", times(f));
    object_set(&o, "scope", scope(f));
    object_set(&o, "algorithms", algorithms(f));
    object_set(&o, "chain", chain(&f->path));
    object_set(&o, "revocation", revocation(&f->path));
    object_set(&o, "timestamps", signature_timestamps(f));
    object_set(&o, "countersigns", json_text(f->countersigns));
    object_set(&o, "policy", policy(&f->policy));
    object_set(&o, "messages", messages(f));
    return object_finish(&o);
}

static json_t *signatures(const sign_report *report)
{
    json_t *array = json_array();
    for (size_t i = 0; array && report && i < report->n; i++) {
        if (!json_append(array, signature(&report->sigs[i]))) {
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
        if (!json_append(array, timestamp(report->stamps[i].id, "document"))) {
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
    object_set(&o, "code", json_string(sign_status_name(why->status)));
    object_set(&o, "message", json_text(why->msg));
    object_set(&o, "offset", json_number(why->offset != SIGN_NO_OFFSET, why->offset));
    return object_finish(&o);
}

static json_t *document(const sign_report *report, int doc_type, const char *verdict, const char *file,
                        const sign_err *why)
{
    struct object o = object_new();
    object_set_file(&o, file);
    object_set(&o, "type", json_string(json_doc_type(doc_type)));
    object_set(&o, "verdict", json_string(verdict));
    object_set(&o, "error", error_object(why));
    object_set(&o, "signatures", signatures(report));
    object_set(&o, "timestamps", document_timestamps(report));
    return object_finish(&o);
}

int sign_report_json(sign_buf **out, const sign_report *report, const char *file, sign_err *err)
{
    if (!out || !report) {
        return err_arg(err, "sign_report_json: out and report are needed");
    }
    return json_print(out, document(report, report->doc_type, sign_report_overall(report), file, NULL), err);
}

int sign_error_json(sign_buf **out, const char *file, int doc_type, const sign_err *why, sign_err *err)
{
    if (!out || !why) {
        return err_arg(err, "sign_error_json: out and why are needed");
    }
    return json_print(out, document(NULL, doc_type, "ERROR", file, why), err);
}
