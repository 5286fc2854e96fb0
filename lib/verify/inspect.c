/* sign_inspect_json: what a PDF holds, gathered and written as docs/json.md says. */
#include <verify/inspect.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <libsign/inspect.h>
#include <verify/object.h>
#include <verify/report.h>

/* --- gathering ---------------------------------------------------------------------------------------------------- */

const struct permission inspect_permissions[] = {
    { 2, "print" },         { 3, "modify" },    { 4, "copy" },        { 5, "annotate" }, { 8, "fill_in" },
    { 9, "accessibility" }, { 10, "assemble" }, { 11, "print_high" }, { 0, NULL },
};

const char *inspect_xref(enum pdf_xref_form form)
{
    return form == PDF_XREF_TABLE ? "table" : form == PDF_XREF_STREAM ? "stream" : "hybrid";
}

void inspect_drop(struct inspection *inspection)
{
    pdf_free(&inspection->file);
}

static int open_pdf(struct pdf_file **out, const sign_doc *doc, sign_err *err)
{
    const sign_ctx_opts *limits = ctx_opts(doc_ctx(doc));
    struct pdf_opts opts = {
        .max_depth = limits->max_depth,
        .max_objects = limits->max_objects,
        .max_inflated = limits->max_inflated,
        .password = doc_password,
        .payload = (void *)(uintptr_t)doc,
    };
    return pdf_open(out, doc_source(doc), ctx_crypto(doc_ctx(doc)), &opts, NULL, err);
}

static int gather_signatures(struct inspection *in, sign_err *err)
{
    const struct pdf_signature *sigs = NULL;
    int rc = pdf_signatures(&sigs, &in->n_signatures, in->file, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    in->signatures = arena_array(pdf_arena(in->file), in->n_signatures + 1, sizeof *in->signatures);
    if (!in->signatures) {
        return err_nomem(err);
    }
    for (size_t i = 0; i < in->n_signatures && rc == SIGN_OK; i++) {
        struct inspected_signature *to = &in->signatures[i];
        to->sig = &sigs[i];
        rc = pdf_cover(&to->cover, in->file, &sigs[i], err);
        rc = rc == SIGN_OK ? pdf_signature_lock(&to->lock, in->file, &sigs[i], err) : rc;
    }
    return rc;
}

/* /Perms /DocMDP names the certification (ISO 32000-2 12.8.4). */
static int find_certification(struct inspection *in, sign_err *err)
{
    struct pdf_view *view = pdf_newest(in->file);
    const struct pdf_obj *root, *perms, *certified, *usage;
    int rc = pdf_get(&root, view, pdf_trailer(view), "Root", err);
    if (rc != SIGN_OK || (rc = pdf_get(&perms, view, root, "Perms", err)) != SIGN_OK ||
        (rc = pdf_get(&certified, view, perms, "DocMDP", err)) != SIGN_OK ||
        (rc = pdf_get(&usage, view, perms, "UR3", err)) != SIGN_OK) {
        return rc;
    }
    in->usage_rights = usage->kind == PDF_DICT;
    for (size_t i = 0; certified->kind == PDF_DICT && i < in->n_signatures; i++) {
        if (in->signatures[i].sig->dict == certified) {
            in->certified_by = in->signatures[i].sig->name;
            in->doc_mdp = in->signatures[i].lock.p;
        }
    }
    return SIGN_OK;
}

int inspect(struct inspection *out, const sign_doc *doc, sign_err *err)
{
    CLEANUP(inspect_drop) struct inspection in = { 0 };
    if (sign_doc_type(doc) != SIGN_DOC_PDF) {
        return err_set(err, sign_doc_type(doc) == SIGN_DOC_XML ? SIGN_E_UNSUPPORTED : SIGN_E_FORMAT, SIGN_NO_OFFSET,
                       NULL, "%.80s is no PDF: expected one", doc_name(doc));
    }
    int rc = open_pdf(&in.file, doc, err);
    if (rc != SIGN_OK || (rc = pdf_version(&in.version, in.file, err)) != SIGN_OK ||
        (rc = pdf_flaws(&in.flaws, pdf_newest(in.file), err)) != SIGN_OK ||
        (rc = pdf_revisions_list(&in.revisions, &in.n_revisions, in.file, err)) != SIGN_OK ||
        (rc = pdf_fields_list(&in.fields, &in.n_fields, in.file, err)) != SIGN_OK ||
        (rc = gather_signatures(&in, err)) != SIGN_OK || (rc = find_certification(&in, err)) != SIGN_OK ||
        (rc = source_unchanged(doc_source(doc), err)) != SIGN_OK) {
        return rc;
    }
    in.rights = pdf_rights(in.file);
    *out = in;
    in = (struct inspection){ 0 };
    return SIGN_OK;
}

/* --- JSON --------------------------------------------------------------------------------------------------------- */

/* An array of n values; NULL without memory. */
typedef json_t *(*value_fn)(const struct inspection *in, size_t i);
static json_t *array_of(const struct inspection *in, size_t n, value_fn value)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < n; i++) {
        if (!json_append(array, value(in, i))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *encryption(const struct pdf_rights *rights)
{
    if (!rights->encrypted) {
        return json_null();
    }
    struct object o = object_new(), may = object_new();
    for (const struct permission *p = inspect_permissions; p->name; p++) {
        object_set(&may, p->name, json_boolean(rights->permissions >> p->bit & 1));
    }
    object_set(&o, "cipher", json_string(rights->cipher));
    object_set(&o, "key_bits", json_integer(rights->key_bits));
    object_set(&o, "revision", json_integer(rights->revision));
    object_set(&o, "opened_as", json_string(rights->owner ? "owner" : "user"));
    object_set(&o, "permissions", object_finish(&may));
    object_set(&o, "permissions_authentic", json_boolean(rights->perms_agree));
    return object_finish(&o);
}

static json_t *revision(const struct inspection *in, size_t i)
{
    struct object o = object_new();
    object_set(&o, "revision", json_integer((json_int_t)i + 1));
    object_set(&o, "length", json_number(true, in->revisions[i].end));
    object_set(&o, "xref", json_string(inspect_xref(in->revisions[i].form)));
    return object_finish(&o);
}

static json_t *names(const struct pdf_lock *lock)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < lock->n_fields; i++) {
        if (!json_append(array, json_text(lock->fields[i]))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *lock_of(const struct pdf_lock *lock)
{
    if (!lock->action && !lock->p) {
        return json_null();
    }
    struct object o = object_new();
    object_set(&o, "action", json_text(lock->action));
    object_set(&o, "fields", names(lock));
    object_set(&o, "doc_mdp", json_number(lock->p != 0, (uint64_t)lock->p));
    return object_finish(&o);
}

static json_t *seeds(const struct pdf_field_info *field)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < field->n_seeds; i++) {
        struct object o = object_new();
        object_set(&o, "key", json_string(field->seeds[i].key));
        object_set(&o, "value", json_text(field->seeds[i].value));
        object_set(&o, "required", json_boolean(field->seeds[i].required));
        if (!json_append(array, object_finish(&o))) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *field(const struct inspection *in, size_t i)
{
    const struct pdf_field_info *f = &in->fields[i];
    struct object o = object_new();
    object_set(&o, "name", json_text(f->name));
    object_set(&o, "type", json_string(f->type));
    object_set(&o, "object", json_number(f->ref.num != 0, f->ref.num));
    object_set(&o, "filled_in", json_boolean(f->has_value));
    object_set(&o, "read_only", json_boolean(f->read_only));
    object_set(&o, "lock", lock_of(&f->lock));
    object_set(&o, "seed_values", seeds(f));
    return object_finish(&o);
}

static json_t *signature(const struct inspection *in, size_t i)
{
    const struct inspected_signature *s = &in->signatures[i];
    bool sound = s->cover.fault == PDF_FAULT_NONE;
    struct object o = object_new();
    object_set(&o, "id", json_text(s->sig->name));
    object_set(&o, "kind", json_string(s->sig->doc_timestamp ? "timestamp" : "signature"));
    object_set(&o, "sub_filter", json_text(s->sig->subfilter_name));
    object_set(&o, "object", json_number(s->sig->value.num != 0, s->sig->value.num));
    object_set(&o, "revision", json_number(sound, s->cover.revision));
    object_set(&o, "whole_file", json_boolean(sound && s->cover.whole_file));
    object_set(&o, "coverage_fault", sound ? json_null() : json_text(s->cover.detail ? s->cover.detail : "/ByteRange"));
    object_set(&o, "time", s->sig->claimed.len ? json_text_n(s->sig->claimed) : json_null());
    object_set(&o, "name", json_text(s->sig->signer_name));
    object_set(&o, "reason", json_text(s->sig->reason));
    object_set(&o, "location", json_text(s->sig->location));
    object_set(&o, "lock", lock_of(&s->lock));
    return object_finish(&o);
}

static json_t *flaw(const struct inspection *in, size_t i)
{
    static const char *const kinds[] = { [PDF_FLAW_JUNK] = "junk-before-header", [PDF_FLAW_XREF] = "cross-references",
                                         [PDF_FLAW_PLACES] = "several-places", [PDF_FLAW_SIZE] = "beyond-size", [PDF_FLAW_HYBRID] = "hybrid" };
    const struct pdf_flaw *f = &in->flaws.list[i];
    struct object o = object_new();
    object_set(&o, "kind", json_string(kinds[f->kind]));
    object_set(&o, "object", json_number(f->num != 0, f->num));
    object_set(&o, "offset", json_number(f->offset != SIGN_NO_OFFSET, f->offset));
    object_set(&o, "text", json_text(f->text));
    object_set(&o, "clause", json_string(f->clause));
    return object_finish(&o);
}

static json_t *document(const struct inspection *in, const char *file)
{
    struct object o = object_new();
    object_set_file(&o, file);
    object_set(&o, "type", json_string(json_doc_type(SIGN_DOC_PDF)));
    object_set(&o, "version", json_text(in->version));
    object_set(&o, "repaired", json_boolean(pdf_needed_repair(in->file)));
    object_set(&o, "flaws", array_of(in, in->flaws.n, flaw));
    object_set(&o, "hidden_objects", json_number(true, in->flaws.hidden));
    object_set(&o, "encryption", encryption(&in->rights));
    object_set(&o, "certified_by", json_text(in->certified_by));
    object_set(&o, "doc_mdp", json_number(in->doc_mdp != 0, (uint64_t)in->doc_mdp));
    object_set(&o, "usage_rights", json_boolean(in->usage_rights));
    object_set(&o, "revisions", array_of(in, in->n_revisions, revision));
    object_set(&o, "fields", array_of(in, in->n_fields, field));
    object_set(&o, "signatures", array_of(in, in->n_signatures, signature));
    return object_finish(&o);
}

int sign_inspect_json(sign_buf **out, const sign_doc *doc, const char *file, sign_err *err)
{
    CLEANUP(inspect_drop) struct inspection in = { 0 };
    if (!out || !doc) {
        return err_arg(err, "sign_inspect_json: out and doc are needed");
    }
    *out = NULL;
    int rc = inspect(&in, doc, err);
    return rc == SIGN_OK ? json_print(out, document(&in, file), err) : rc;
}
