#include "xml_options.h"
#include "complain.h"
#include "exit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define POLICY_MAX (16 * 1024 * 1024)   /* a signature policy; real ones are PDFs of some pages */

static int apart(const char *one, const char *other)
{
    text_say(stderr, T_NOT_TOGETHER, one, other, NULL);
    return EXIT_USAGE;
}

/* --- what does not go together ------------------------------------------------------------------------------------ */

struct named { const char *name; bool given; };

static int all_apart(const char *one, const struct named *others, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (others[i].given) {
            return apart(one, others[i].name);
        }
    }
    return EXIT_DONE;
}

static int check_together(const sign_xml_opts *xml, const struct xml_options *o, const sign_opts *sign)
{
    /* What says what is signed and where, and what says it instead. */
    const struct named where[] = {
        { "--xml-id", o->ids.n > 0 },       { "--xml-path", o->paths.n > 0 },   { "--xml-place", sign->xml_place != NULL },
        { "--xml-manifest", o->manifest },  { "--xml-parallel", o->parallel },  { "--countersign", o->countersign != NULL },
        { "--xml-packaging", xml->packaging != SIGN_XML_INSERTED },
    };
    const struct named said[] = {
        { "--description", o->description != NULL }, { "--role", o->roles.n > 0 },   { "--place", o->places.n > 0 },
        { "--commitment", o->commitments.n > 0 },    { "--countersignable", o->countersignable }, { "--policy", o->policy != NULL }, { "--countersign", o->countersign != NULL },
    };
    size_t n = sizeof where / sizeof *where;
    int code = sign->profile ? all_apart("--profile", where, n) : EXIT_DONE;
    if (code == EXIT_DONE && xml->packaging != SIGN_XML_INSERTED) {
        code = all_apart("--xml-packaging", where, n - 1);
    }
    if (code == EXIT_DONE && o->countersign) {
        code = all_apart("--countersign", where, n - 2);
    }
    if (code == EXIT_DONE && !sign->profile && sign->xml_form == SIGN_XML_DSIG) {
        code = all_apart("--xml-form xmldsig", said, sizeof said / sizeof *said);
    }
    if (code == EXIT_DONE && o->base && !sign->profile) {
        text_say(stderr, T_NEEDS_OPTION, "--xml-base", "--profile", NULL);
        code = EXIT_USAGE;
    }
    return code;
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static int read_packaging(sign_xml_opts *out, const char *packaging)
{
    static const char *const names[] = { "enveloped", "enveloping", "base64" };      /* in the order of SIGN_XML_… */
    for (int i = 0; packaging && i < 3; i++) {
        if (strcmp(packaging, names[i]) == 0) {
            out->packaging = i;
            return EXIT_DONE;
        }
    }
    return packaging ? options_bad_value("--xml-packaging", packaging, "enveloped, enveloping, base64") : EXIT_DONE;
}

static int read_places(sign_xml_opts *out, const struct list *places)
{
    const struct { const char *name; const char **to; } parts[] = {
        { "city=", &out->city }, { "street=", &out->street },   { "state=", &out->state },
        { "postal-code=", &out->postal_code }, { "country=", &out->country },
    };
    for (size_t i = 0; i < places->n; i++) {
        const char **to = NULL;
        for (size_t p = 0; p < sizeof parts / sizeof *parts; p++) {
            size_t len = strlen(parts[p].name);
            if (strncmp(places->items[i], parts[p].name, len) == 0 && places->items[i][len]) {
                to = parts[p].to;
                *to = places->items[i] + len;
            }
        }
        if (!to) {
            return options_bad_value("--place", places->items[i], "city=…, street=…, state=…, postal-code=…, country=…");
        }
    }
    return EXIT_DONE;
}

static int read_told(sign_xml_opts *out, struct xml_options *o)
{
    if (o->roles.n > SIGN_XML_MAX_TOLD || o->commitments.n > SIGN_XML_MAX_TOLD) {
        return options_bad_value(o->roles.n > SIGN_XML_MAX_TOLD ? "--role" : "--commitment", "…", "1 - 4");
    }
    for (size_t i = 0; i < o->commitments.n; i++) {
        const char *uri = sign_xml_commitment(o->commitments.items[i]);
        if (!uri && !strpbrk(o->commitments.items[i], ":.")) {      /* neither a URI nor an OID */
            return options_bad_value("--commitment", o->commitments.items[i],
                                     "origin, receipt, delivery, sender, approval, creation");
        }
        o->commitments.items[i] = uri ? uri : o->commitments.items[i];
    }
    out->roles = o->roles.items;
    out->n_roles = o->roles.n;
    out->commitments = o->commitments.items;
    out->n_commitments = o->commitments.n;
    return EXIT_DONE;
}

/* A file, whole; EXIT_DONE, or the exit code after complaining. */
static int read_file(sign_buf **out, const char *path)
{
    sign_err err = SIGN_ERR_INIT;
    char bytes[4096];
    size_t n, all = 0;
    int rc = sign_buf_new(out);
    FILE *file = rc == SIGN_OK ? fopen(path, "rbe") : NULL;
    while (rc == SIGN_OK && file && (n = fread(bytes, 1, sizeof bytes, file)) > 0) {
        all += n;
        rc = all > POLICY_MAX ? SIGN_E_LIMIT : sign_buf_append(*out, (sign_bytes){ (const uint8_t *)bytes, n });
    }
    if (rc == SIGN_OK && (!file || ferror(file) || all == 0)) {
        rc = SIGN_E_IO;
        snprintf(err.msg, sizeof err.msg, "%s", file && !ferror(file) ? "empty" : strerror(errno));
    }
    if (file) {
        fclose(file);
    }
    err.status = rc;
    if (rc != SIGN_OK) {
        complain(path, &err);
    }
    return exit_of_status(rc);
}

static int hex_digit(char c)
{
    const char *at = c ? strchr("0123456789abcdef", c | 0x20) : NULL;
    return at ? (int)(at - "0123456789abcdef") : -1;
}

/* "SHA-256:3a…": the name stays in hash_name, the value goes into policy_bytes. */
static int read_hash(sign_xml_opts *out, struct xml_options *o)
{
    const char *colon = strchr(o->policy_hash, ':'), *at = colon ? colon + 1 : "";
    int rc = sign_buf_new(&o->policy_bytes);
    o->hash_name = colon ? strndup(o->policy_hash, (size_t)(colon - o->policy_hash)) : NULL;
    while (rc == SIGN_OK && hex_digit(at[0]) >= 0 && hex_digit(at[1]) >= 0) {
        uint8_t byte = (uint8_t)(hex_digit(at[0]) << 4 | hex_digit(at[1]));
        rc = sign_buf_append(o->policy_bytes, (sign_bytes){ &byte, 1 });
        at += 2;
    }
    out->policy_digest = o->hash_name;
    out->policy_hash = sign_buf_bytes(o->policy_bytes);
    bool whole = rc == SIGN_OK && out->policy_digest && out->policy_hash.len >= 28 && !*at;
    return whole ? EXIT_DONE : options_bad_value("--policy-hash", o->policy_hash, "SHA-256:3A7B…");
}

static int read_policy(sign_xml_opts *out, struct xml_options *o)
{
    const struct named rest[] = {
        { "--policy-document", o->policy_document != NULL }, { "--policy-hash", o->policy_hash != NULL },
        { "--policy-uri", o->policy_uri != NULL }, { "--policy-description", o->policy_description != NULL },
    };
    bool implied = o->policy && strcmp(o->policy, "implied") == 0;
    if (!o->policy || implied) {
        out->policy_implied = implied;
        for (size_t i = 0; i < sizeof rest / sizeof *rest; i++) {
            if (rest[i].given) {
                text_say(stderr, T_NEEDS_OPTION, rest[i].name, "--policy ID", NULL);
                return EXIT_USAGE;
            }
        }
        return EXIT_DONE;
    }
    out->policy = o->policy;
    out->policy_uri = o->policy_uri;
    out->policy_description = o->policy_description;
    if (o->policy_hash && o->policy_document) {
        return apart("--policy-hash", "--policy-document");
    }
    if (o->policy_hash) {
        return read_hash(out, o);
    }
    if (!o->policy_document) {
        text_say(stderr, T_NEEDS_OPTION, "--policy", "--policy-document", NULL);
        return EXIT_USAGE;
    }
    int code = read_file(&o->policy_bytes, o->policy_document);
    out->policy_document = sign_buf_bytes(o->policy_bytes);
    return code;
}

int xml_options_read(sign_xml_opts *out, struct xml_options *o, const sign_opts *sign)
{
    out->ids = o->ids.items;
    out->n_ids = o->ids.n;
    out->paths = o->paths.items;
    out->n_paths = o->paths.n;
    out->add_ids = o->add_ids;
    out->manifest = o->manifest;
    out->parallel = o->parallel;
    out->countersigns = o->countersign;
    out->countersignable = o->countersignable;
    out->base = o->base;
    out->mime_type = o->mime_type;
    out->description = o->description;
    int code = read_packaging(out, o->packaging);
    if (code == EXIT_DONE) {
        code = check_together(out, o, sign);
    }
    if (code == EXIT_DONE && o->ids.n + o->paths.n > SIGN_XML_MAX_ELEMENTS) {
        code = options_bad_value("--xml-id", "…", "1 - 32");
    }
    if (code == EXIT_DONE) {
        code = read_places(out, &o->places);
    }
    if (code == EXIT_DONE) {
        code = read_told(out, o);
    }
    return code == EXIT_DONE ? read_policy(out, o) : code;
}

void xml_options_free(struct xml_options *o)
{
    free(o->hash_name);
    o->hash_name = NULL;
    sign_buf_free(&o->policy_bytes);
}

/* --- verifying ---------------------------------------------------------------------------------------------------- */

int policy_options_read(sign_verify_opts *out, struct policy_options *o)
{
    if (o->paths.n == 0) {
        return EXIT_DONE;
    }
    o->files = calloc(o->paths.n, sizeof *o->files);
    o->documents = calloc(o->paths.n, sizeof *o->documents);
    int code = o->files && o->documents ? EXIT_DONE : EXIT_INTERNAL;
    for (size_t i = 0; code == EXIT_DONE && i < o->paths.n; i++) {
        code = read_file(&o->files[i], o->paths.items[i]);
        o->documents[i] = sign_buf_bytes(o->files[i]);
    }
    out->policies = o->documents;
    out->n_policies = o->paths.n;
    return code;
}

void policy_options_free(struct policy_options *o)
{
    for (size_t i = 0; o->files && i < o->paths.n; i++) {
        sign_buf_free(&o->files[i]);
    }
    free(o->files);
    free(o->documents);
    o->files = NULL;
    o->documents = NULL;
}
