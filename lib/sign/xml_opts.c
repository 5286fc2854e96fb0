/* XML signatures by options instead of a profile: what is signed, where, and what is said of it. */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/opts.h>
#include <sign/xml_job.h>

/* --- the options as such ------------------------------------------------------------------------------------------ */

/* n strings, none of them NULL; what is more than any list may have is told elsewhere. */
static bool all_there(const char *const *list, size_t n)
{
    for (size_t i = 0; i < n && i < SIGN_XML_MAX_ELEMENTS; i++) {
        if (!list || !list[i]) {
            return false;
        }
    }
    return true;
}

static int check_pointers(const sign_xml_opts *xml, sign_err *err)
{
    bool lists = all_there(xml->ids, xml->n_ids) && all_there(xml->paths, xml->n_paths) && all_there(xml->roles, xml->n_roles) &&
                 all_there(xml->commitments, xml->n_commitments);
    bool policy = (xml->policy_document.ptr || !xml->policy_document.len) && (xml->policy_hash.ptr || !xml->policy_hash.len);
    return lists && policy ? SIGN_OK : err_arg(err, "sign_document: opts.xml: a list or a text in it is NULL");
}

static int check_list(const char *const *list, size_t n, const char *name, sign_err *err)
{
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < n && i < SIGN_XML_MAX_ELEMENTS; i++) {
        rc = sign_texts_fit(&(struct sign_text){ list[i], name }, 1, err);
    }
    return rc;
}

static int check_texts(const sign_xml_opts *xml, sign_err *err)
{
    const struct sign_text texts[] = {
        { xml->countersigns, "opts.xml->countersigns" }, { xml->base, "opts.xml->base" }, { xml->mime_type, "opts.xml->mime_type" },
        { xml->description, "opts.xml->description" }, { xml->encoding, "opts.xml->encoding" }, { xml->city, "opts.xml->city" },
        { xml->street, "opts.xml->street" }, { xml->state, "opts.xml->state" }, { xml->postal_code, "opts.xml->postal_code" },
        { xml->country, "opts.xml->country" }, { xml->policy, "opts.xml->policy" }, { xml->policy_uri, "opts.xml->policy_uri" },
        { xml->policy_description, "opts.xml->policy_description" },
    };
    int rc = check_list(xml->ids, xml->n_ids, "an item of opts.xml->ids", err);
    rc = rc == SIGN_OK ? check_list(xml->paths, xml->n_paths, "an item of opts.xml->paths", err) : rc;
    rc = rc == SIGN_OK ? check_list(xml->roles, xml->n_roles, "an item of opts.xml->roles", err) : rc;
    rc = rc == SIGN_OK ? check_list(xml->commitments, xml->n_commitments, "an item of opts.xml->commitments", err) : rc;
    return rc == SIGN_OK ? sign_texts_fit(texts, COUNT(texts), err) : rc;
}

int xml_opts_copy(sign_xml_opts *out, const sign_xml_opts *given, sign_err *err)
{
    *out = (sign_xml_opts)SIGN_XML_OPTS_INIT;
    int rc = opts_take(out, sizeof *out, given, offsetof(sign_xml_opts, ids), "sign_document: opts.xml", "SIGN_XML_OPTS_INIT", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (out->packaging < SIGN_XML_INSERTED || out->packaging > SIGN_XML_ENVELOPING_BASE64) {
        return err_arg(err, "sign_document: opts.xml->packaging is %d", (int)out->packaging);
    }
    if (out->n_roles > SIGN_XML_MAX_TOLD || out->n_commitments > SIGN_XML_MAX_TOLD) {
        return err_arg(err, "sign_document: opts.xml: at most %d roles and as many commitments", SIGN_XML_MAX_TOLD);
    }
    rc = check_pointers(out, err);
    return rc == SIGN_OK ? check_texts(out, err) : rc;
}

int xml_opts_fit_profile(const sign_xml_opts *xml, const sign_opts *opts, sign_err *err)
{
    if (opts->xml_id || opts->xml_place || xml->packaging || xml->n_ids || xml->n_paths || xml->manifest || xml->parallel ||
        xml->countersigns) {
        return err_arg(err, "sign_document: a profile says what is signed and where: xml_id, xml_place and their like "
                            "cannot be given with it");
    }
    return SIGN_OK;
}

static int check_together(const sign_xml_opts *xml, const sign_opts *opts, sign_err *err)
{
    bool chosen = opts->xml_id || xml->n_ids || xml->n_paths;
    bool special = xml->packaging || xml->countersigns;
    if (opts->xml_form != SIGN_XML_XADES && opts->xml_form != SIGN_XML_DSIG) {
        return err_arg(err, "sign_document: opts.xml_form is %d", (int)opts->xml_form);
    }
    if (special && (chosen || opts->xml_place || xml->manifest || xml->parallel || (xml->packaging && xml->countersigns))) {
        return err_arg(err, "sign_document: enveloping and counter-signing say themselves what is signed and where: nothing "
                            "else about that can be given");
    }
    if (xml->base) {
        return err_arg(err, "sign_document: opts.xml->base chooses among the containers of a profile: there is none");
    }
    size_t most = SIGN_XML_MAX_ELEMENTS - (opts->xml_id ? 1 : 0);
    if (xml->n_ids > most || xml->n_paths > most - xml->n_ids) {      /* a sum could wrap */
        return err_arg(err, "sign_document: more than %d elements to be signed", SIGN_XML_MAX_ELEMENTS);
    }
    return SIGN_OK;
}

/* --- what is signed ----------------------------------------------------------------------------------------------- */

static void add_ref(struct xml_sign_spec *spec, enum xml_target target, const char *value)
{
    bool exact = target == XML_TARGET_CONTENT && spec->packaging == XML_ENVELOPING_BASE64;
    spec->refs[spec->n_refs++] = (struct xml_ref_spec){
        .target = target,
        .value = value,
        .enveloped = target == XML_TARGET_DOCUMENT,
        .c14n = exact ? C14N_NONE : C14N_EXCLUSIVE,
    };
}

static void add_refs(struct xml_sign_spec *spec, const sign_opts *opts, const sign_xml_opts *xml)
{
    if (xml->packaging) {
        add_ref(spec, XML_TARGET_CONTENT, NULL);
        return;
    }
    if (xml->countersigns) {
        add_ref(spec, XML_TARGET_VALUE, NULL);
        return;
    }
    if (opts->xml_id) {
        add_ref(spec, XML_TARGET_ID, opts->xml_id);
    }
    for (size_t i = 0; i < xml->n_ids; i++) {
        add_ref(spec, XML_TARGET_ID, xml->ids[i]);
    }
    for (size_t i = 0; i < xml->n_paths; i++) {
        add_ref(spec, XML_TARGET_PATH, xml->paths[i]);
    }
    if (spec->n_refs == 0) {
        add_ref(spec, XML_TARGET_DOCUMENT, NULL);
    }
}

/*
 * The whole document, elements, or what is enveloped; everything in namespaces of its own, so that it can be moved into
 * another document.
 */
int xml_opts_form(struct xml_job *x, const struct sign_job *job, sign_err *err)
{
    static const enum xml_packaging packagings[] = {
        [SIGN_XML_INSERTED] = XML_INSERTED,
        [SIGN_XML_ENVELOPING] = XML_ENVELOPING,
        [SIGN_XML_ENVELOPING_BASE64] = XML_ENVELOPING_BASE64,
    };
    const sign_opts *opts = &job->opts;
    struct xml_sign_spec *spec = &x->spec;
    int rc = check_together(&x->opts, opts, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    spec->xades = opts->xml_form == SIGN_XML_XADES;
    spec->place = opts->xml_place;
    spec->packaging = packagings[x->opts.packaging];
    spec->countersigns = x->opts.countersigns;
    spec->manifest = x->opts.manifest;
    spec->parallel = x->opts.parallel;
    spec->c14n = C14N_EXCLUSIVE;
    spec->whole_chain = true;
    spec->prefix = "ds";
    add_refs(spec, opts, &x->opts);
    return xml_opts_properties(x, job, err);
}

/* --- what is said of it ------------------------------------------------------------------------------------------- */

static int set_policy(struct xml_job *x, const struct sign_job *job, sign_err *err)
{
    const sign_xml_opts *xml = &x->opts;
    struct xml_policy *policy = &x->spec.policy;
    bool by_hash = xml->policy_digest || xml->policy_hash.len;
    *policy = (struct xml_policy){
        .implied = xml->policy_implied, .id = xml->policy, .description = xml->policy_description, .uri = xml->policy_uri,
    };
    if (!xml->policy) {
        bool rest = by_hash || xml->policy_document.len || xml->policy_description || xml->policy_uri;
        return rest ? err_arg(err, "sign_document: opts.xml: of a signature policy without its name") : SIGN_OK;
    }
    if (by_hash == (xml->policy_document.len > 0)) {
        return err_arg(err, "sign_document: opts.xml: a signature policy comes with its document, or with the digest of it");
    }
    if (by_hash) {
        policy->digest = xml->policy_digest ? digest_by_name(xml->policy_digest) : NULL;
        policy->hash = xml->policy_hash;
        return SIGN_OK;
    }
    policy->digest = digest_by_id(job->params.digest);
    policy->hash = bytes_of(x->policy_hash, policy->digest->size);
    return digest_bytes(ctx_crypto(doc_ctx(job->doc)), policy->digest, xml->policy_document, x->policy_hash, err);
}

static void set_place(struct xml_sign_spec *spec, const sign_xml_opts *xml)
{
    if (xml->city || xml->street || xml->state || xml->postal_code || xml->country) {
        spec->production_place =
            (struct xml_production_place){ xml->city, xml->street, xml->state, xml->postal_code, xml->country };
    }
}

int xml_opts_properties(struct xml_job *x, const struct sign_job *job, sign_err *err)
{
    const sign_xml_opts *xml = &x->opts;
    struct xml_sign_spec *spec = &x->spec;
    bool any = xml->n_roles || xml->n_commitments || xml->city || xml->street || xml->state || xml->postal_code ||
               xml->country || xml->policy || xml->policy_implied || xml->description || xml->encoding || xml->countersignable;
    if (any && !spec->xades) {
        return err_arg(err, "sign_document: opts.xml: roles, place, commitments, policy and format are of XAdES, not of XMLDSig");
    }
    spec->add_ids = xml->add_ids;
    spec->countersignable = xml->countersignable;
    spec->base = xml->base;
    set_place(spec, xml);
    spec->n_roles = xml->n_roles ? xml->n_roles : spec->n_roles;
    for (size_t i = 0; i < xml->n_roles; i++) {
        spec->roles[i] = xml->roles[i];
    }
    spec->n_commitments = xml->n_commitments;
    for (size_t i = 0; i < xml->n_commitments; i++) {
        spec->commitments[i] = xml->commitments[i];
    }
    /* What base64 hides may be anything, and no more is known of it (RFC 2046 4.5.1). */
    bool hidden = spec->packaging == XML_ENVELOPING_BASE64;
    const char *type = xml->mime_type ? xml->mime_type : hidden ? "application/octet-stream" : NULL;
    const char *encoding = xml->encoding ? xml->encoding : hidden && spec->xades ? "http://www.w3.org/2000/09/xmldsig#base64" : NULL;
    spec->object_mime_type = type;
    for (size_t i = 0; i < spec->n_refs; i++) {
        spec->formats[i] = (struct xml_format){ xml->description, type, encoding };
    }
    return set_policy(x, job, err);
}

const char *sign_xml_commitment(const char *name)
{
#define URI(what) "http://uri.etsi.org/01903/v1.2.2#ProofOf" what
    static const struct { const char *name, *uri; } types[] = {
        { "origin", URI("Origin") }, { "receipt", URI("Receipt") },   { "delivery", URI("Delivery") },
        { "sender", URI("Sender") }, { "approval", URI("Approval") }, { "creation", URI("Creation") },
    };
#undef URI
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i].name, name) == 0) {
            return types[i].uri;
        }
    }
    return NULL;
}
