#include <base/cleanup.h>
#include <base/err.h>
#include <base/opts.h>
#include <base/limits.h>
#include <base/secret.h>
#include <base/text.h>
#include <ctx/doc.h>
#include <pthread.h>
#include <stdlib.h>

struct sign_doc {
    sign_ctx *ctx;
    struct source *source;
    char *name;
    int type;
    bool allow_doctype;
    sign_pin_fn ask;
    void *payload;
    pthread_mutex_t lock;       /* over what follows: documents are shared by threads */
    bool asked;
    int answer;                 /* a sign_status, once asked */
    struct secret password;
};

/* A PDF header may stand behind up to 1024 bytes of junk (ISO 32000-1 annex H.3, note 13). */
static bool looks_like_pdf(sign_bytes head)
{
    return bytes_find(head, BYTES_LIT("%PDF-"), 0) != SIZE_MAX;
}

/* XML 1.0 appendix F: a document starts with '<', behind a byte order mark or white space, in some encoding. */
static bool looks_like_xml(sign_bytes head)
{
    static const struct { uint8_t len; const char *bytes; } starts[] = {
        { 4, "\xFE\xFF\0<" }, { 4, "\xFF\xFE<\0" }, { 4, "\0<\0?" }, { 4, "<\0?\0" }, { 4, "\xEF\xBB\xBF<" },
    };
    for (size_t i = 0; i < COUNT(starts); i++) {
        if (bytes_start(head, bytes_of(starts[i].bytes, starts[i].len))) {
            return true;
        }
    }
    size_t at = bytes_start(head, BYTES_LIT("\xEF\xBB\xBF")) ? 3 : 0;
    while (at < head.len && is_xml_space(head.ptr[at])) {
        at++;
    }
    return at < head.len && head.ptr[at] == '<';
}

static int sniff(int *type, const struct source *source, sign_err *err)
{
    uint8_t head[LIMIT_PDF_JUNK + 5];
    uint64_t size = source_size(source);
    sign_bytes bytes = bytes_of(head, size < sizeof head ? (size_t)size : sizeof head);
    int rc = source_read(source, 0, head, bytes.len, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    /* XML is asked first: a comment in it may well say %PDF-, while no PDF that readers open starts with '<'. */
    *type = looks_like_xml(bytes) ? SIGN_DOC_XML : looks_like_pdf(bytes) ? SIGN_DOC_PDF : SIGN_DOC_UNKNOWN;
    return SIGN_OK;
}

static int check_args(sign_doc **out, const sign_ctx *ctx, const sign_doc_opts *given, sign_doc_opts *opts, sign_err *err)
{
    if (!out || !ctx) {
        return err_arg(err, "sign_doc_open: out or ctx is NULL");
    }
    *out = NULL;
    *opts = (sign_doc_opts)SIGN_DOC_OPTS_INIT;
    return opts_take(opts, sizeof *opts, given, offsetof(sign_doc_opts, allow_doctype), "sign_doc_open: opts", "SIGN_DOC_OPTS_INIT",
                     err);
}

/* Takes the source over, whatever the outcome. */
static int doc_new(sign_doc **out, sign_ctx *ctx, struct source *taken, const sign_doc_opts *opts, sign_err *err)
{
    CLEANUP(source_free) struct source *source = taken;
    CLEANUP(sign_doc_free) sign_doc *doc = calloc(1, sizeof *doc);
    if (doc) {
        pthread_mutex_init(&doc->lock, NULL);
    }
    if (!doc || !(doc->name = strdup(opts->name ? opts->name : source_name(source)))) {
        return err_nomem(err);
    }
    doc->ctx = ctx;
    doc->allow_doctype = opts->allow_doctype;
    doc->ask = opts->password;
    doc->payload = opts->payload;
    int rc = sniff(&doc->type, source, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    doc->source = source;
    source = NULL;
    *out = doc;
    doc = NULL;
    return SIGN_OK;
}

/* For what is read to its end at once: bytes that come late, or never. */
static struct watch *start_watch(struct ctx_watch *watch, const sign_doc_opts *opts)
{
    ctx_watch_start(watch, opts->timeout_ms, opts->cancel);
    return &watch->watch;
}

int sign_doc_open(sign_doc **out, sign_ctx *ctx, const char *path, const sign_doc_opts *given, sign_err *err)
{
    struct source *source = NULL;
    struct ctx_watch watch;
    sign_doc_opts opts;
    int rc = check_args(out, ctx, given, &opts, err);
    if (rc == SIGN_OK && !path) {
        rc = err_arg(err, "sign_doc_open: path is NULL");
    }
    if (rc == SIGN_OK) {
        rc = source_open(&source, path, start_watch(&watch, &opts), err);
    }
    return rc == SIGN_OK ? doc_new(out, ctx, source, &opts, err) : rc;
}

int sign_doc_open_fd(sign_doc **out, sign_ctx *ctx, int fd, const sign_doc_opts *given, sign_err *err)
{
    struct source *source = NULL;
    struct ctx_watch watch;
    sign_doc_opts opts;
    int rc = check_args(out, ctx, given, &opts, err);
    if (rc == SIGN_OK) {
        rc = source_open_fd(&source, fd, start_watch(&watch, &opts), err);
    }
    return rc == SIGN_OK ? doc_new(out, ctx, source, &opts, err) : rc;
}

int sign_doc_open_bytes(sign_doc **out, sign_ctx *ctx, sign_bytes bytes, const sign_doc_opts *given, sign_err *err)
{
    struct source *source = NULL;
    sign_doc_opts opts;
    int rc = check_args(out, ctx, given, &opts, err);
    if (rc == SIGN_OK && !bytes.ptr && bytes.len) {
        rc = err_arg(err, "sign_doc_open_bytes: bytes.ptr is NULL");
    }
    if (rc == SIGN_OK) {
        rc = source_over(&source, bytes, err);
    }
    return rc == SIGN_OK ? doc_new(out, ctx, source, &opts, err) : rc;
}

void sign_doc_free(sign_doc **doc)
{
    if (!doc || !*doc) {
        return;
    }
    source_free(&(*doc)->source);
    secret_free(&(*doc)->password);
    pthread_mutex_destroy(&(*doc)->lock);
    free((*doc)->name);
    free(*doc);
    *doc = NULL;
}

int sign_doc_type(const sign_doc *doc)
{
    return doc ? doc->type : SIGN_DOC_UNKNOWN;
}

sign_ctx *doc_ctx(const sign_doc *doc)
{
    return doc->ctx;
}

struct source *doc_source(const sign_doc *doc)
{
    return doc->source;
}

const char *doc_name(const sign_doc *doc)
{
    return doc->name;
}

bool doc_allow_doctype(const sign_doc *doc)
{
    return doc->allow_doctype;
}

static int ask(sign_doc *doc)
{
    sign_pin_request request = { .struct_size = sizeof request, .kind = SIGN_SECRET_PDF, .what = doc->name };
    struct secret *password = &doc->password;
    int rc = secret_new(password, LIMIT_PIN, NULL);
    rc = rc == SIGN_OK ? doc->ask(doc->payload, &request, password->ptr, password->cap, &password->len) : rc;
    return rc == SIGN_OK && password->len > password->cap ? SIGN_E_ARG : rc;
}

int doc_password(void *payload, const struct secret **out, sign_err *err)
{
    sign_doc *doc = payload;
    if (!doc->ask) {
        return err_set(err, SIGN_E_PASSWORD, SIGN_NO_OFFSET, "ISO 32000-2 7.6.4",
                       "the document is encrypted: a password is needed");
    }
    pthread_mutex_lock(&doc->lock);
    if (!doc->asked) {
        doc->asked = true;
        doc->answer = ask(doc);
    }
    int rc = doc->answer;
    pthread_mutex_unlock(&doc->lock);
    *out = &doc->password;
    return rc == SIGN_OK ? rc : err_set(err, rc, SIGN_NO_OFFSET, NULL, "the document is encrypted, and its password was not given");
}
