/*
 * The one producer of events over bytes: Expat, told to be strict. What Expat lets pass and this project does not
 * (measured on 2.5.0) is refused in the handlers below, each with its clause. Handlers for the DOCTYPE are in
 * doctype.c.
 */
#include <base/array.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <stdlib.h>
#include <xml/charset.h>
#include <xml/parser.h>

/* Small windows: what is left of one when it ends in the middle of a tag is copied by Expat into a buffer of its own. */
#define FEED KIB(64)
/* Looking for plain content costs calls of Expat, one for each tag that is none: as much as to read so many bytes. */
#define CALL_COST 64
#define CREDIT 2048

int parser_fail(struct parser *p, int rc)
{
    p->rc = rc;
    XML_StopParser(p->expat, XML_FALSE);
    return rc;
}

uint64_t parser_here(struct parser *p)
{
    /* Valid inside handlers alone. Counts bytes of what Expat was given in every encoding. */
    XML_Index at = XML_GetCurrentByteIndex(p->expat);
    p->seen = at < 0 ? p->seen : (uint64_t)at + p->ahead;
    return p->seen;
}

static void deliver(struct parser *p, struct xml_event *event)
{
    event->start = parser_here(p);
    event->end = event->start + (uint64_t)XML_GetCurrentByteCount(p->expat);
    p->seen = event->end;
    p->plain.at_tag = event->kind == XML_START || event->kind == XML_END;
    int rc = p->handler(p->payload, event, p->err);
    if (rc != SIGN_OK) parser_fail(p, rc);
}

/* Expat's triplet "uri SEP local SEP prefix"; the uri is there only in a namespace, the prefix only where there is one. */
static struct xml_name split_name(const char *triplet)
{
    const char *end = strchrnul(triplet, PARSER_SEPARATOR);
    if (!*end) return (struct xml_name){ .local = bytes_of(triplet, (size_t)(end - triplet)) };
    const char *local = end + 1;
    const char *local_end = strchrnul(local, PARSER_SEPARATOR);
    struct xml_name name = { .uri = bytes_of(triplet, (size_t)(end - triplet)),
                             .local = bytes_of(local, (size_t)(local_end - local)) };
    if (*local_end) name.prefix = bytes_str(local_end + 1);
    return name;
}

/* RFC 3986 4.3: an absolute URI begins with a scheme. */
static bool has_scheme(sign_bytes uri)
{
    for (size_t i = 0; i < uri.len; i++) {
        int c = ascii_lower(uri.ptr[i]);
        bool letter = c >= 'a' && c <= 'z';
        if (c == ':') return i > 0;
        if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.'))) return false;
    }
    return false;
}

/* Comes before the start tag that it stands on; Expat keeps both strings until that tag's handler has returned. */
static void XMLCALL on_namespace(void *user, const XML_Char *prefix, const XML_Char *uri)
{
    struct parser *p = user;
    if (p->rc != SIGN_OK) return;
    struct xml_ns ns = { .prefix = bytes_str(prefix ? prefix : ""), .uri = bytes_str(uri ? uri : "") };
    if (bytes_are(ns.prefix, "xml")) return; /* can only name its own URI, and is never output (C14N 1.0 2.3) */
    if (ns.uri.len && !has_scheme(ns.uri)) {
        parser_fail(p, err_set(p->err, SIGN_E_FORMAT, parser_here(p), "C14N 1.0 1.3",
                               "reading XML: the namespace URI of prefix '%.40s' is relative: '%.60s'",
                               prefix ? prefix : "", uri));
        return;
    }
    int rc = array_grow((void **)&p->ns, &p->cap_ns, p->n_ns + 1, sizeof *p->ns, LIMIT_XML_NS,
                        "namespace declarations of one element", p->err);
    if (rc != SIGN_OK) {
        parser_fail(p, rc);
        return;
    }
    p->ns[p->n_ns++] = ns;
}

static int take_attrs(struct parser *p, const XML_Char **atts, size_t *count)
{
    size_t n = 0;
    while (atts[2 * n]) n++;
    if (n > LIMIT_XML_ATTRS) {
        return err_set(p->err, SIGN_E_LIMIT, parser_here(p), NULL,
                       "reading XML: an element with %zu attributes, the limit is %d", n, LIMIT_XML_ATTRS);
    }
    int rc = p->allow_doctype ? parser_defaults(p, n) : SIGN_OK;
    if (rc == SIGN_OK) {
        rc = array_grow((void **)&p->attrs, &p->cap_attrs, n, sizeof *p->attrs, LIMIT_XML_ATTRS, "attributes", p->err);
    }
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        p->attrs[i] = (struct xml_attr){ .name = split_name(atts[2 * i]), .value = bytes_str(atts[2 * i + 1]) };
    }
    *count = n;
    return rc;
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **atts)
{
    struct parser *p = user;
    if (p->rc != SIGN_OK || p->muted) return;
    size_t n_attrs = 0;
    if (++p->depth > LIMIT_XML_DEPTH) {
        parser_fail(p, err_set(p->err, SIGN_E_LIMIT, parser_here(p), NULL,
                               "reading XML: elements nested deeper than %d", LIMIT_XML_DEPTH));
        return;
    }
    int rc = *atts ? take_attrs(p, atts, &n_attrs) : SIGN_OK;
    if (rc != SIGN_OK) {
        parser_fail(p, rc);
        return;
    }
    struct xml_event event = { .kind = XML_START, .name = split_name(name), .attrs = p->attrs, .n_attrs = n_attrs,
                               .ns = p->ns, .n_ns = p->n_ns, .depth = p->depth };
    if (p->n_ns && p->plain.on) plain_scope(&p->plain, &event);
    deliver(p, &event);
    p->n_ns = 0;
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    struct parser *p = user;
    if (p->rc != SIGN_OK) return;
    struct xml_event event = { .kind = XML_END, .name = split_name(name), .depth = p->depth };
    scope_pop(&p->plain.scope, p->depth--);
    deliver(p, &event);
}

static void XMLCALL on_text(void *user, const XML_Char *text, int len)
{
    struct parser *p = user;
    if (p->rc != SIGN_OK) return;
    struct xml_event event = { .kind = XML_TEXT, .text = bytes_of(text, (size_t)len), .depth = p->depth };
    deliver(p, &event);
}

/* The DTD's own comments and processing instructions are no part of the document's tree (XPath 1.0 5). */
static void XMLCALL on_comment(void *user, const XML_Char *text)
{
    struct parser *p = user;
    if (p->rc != SIGN_OK || p->in_doctype) return;
    struct xml_event event = { .kind = XML_COMMENT, .text = bytes_str(text), .depth = p->depth };
    deliver(p, &event);
}

static void XMLCALL on_pi(void *user, const XML_Char *target, const XML_Char *data)
{
    struct parser *p = user;
    if (p->rc != SIGN_OK || p->in_doctype) return;
    struct xml_event event = {
        .kind = XML_PI, .name.local = bytes_str(target), .text = bytes_str(data), .depth = p->depth
    };
    deliver(p, &event);
}

/* Expat takes version="1.1" for 1.0, and a UTF-8 byte order mark before encoding="ISO-8859-1" for nothing. */
static void XMLCALL on_declaration(void *user, const XML_Char *version, const XML_Char *encoding, int standalone)
{
    struct parser *p = user;
    (void)standalone;
    if (p->rc != SIGN_OK) return;
    uint64_t at = parser_here(p);
    if (encoding && !ascii_equal_nocase(bytes_str(encoding), bytes_str("UTF-8"))) p->plain.on = false;
    if (version && strcmp(version, "1.0") != 0) {
        parser_fail(
            p, err_set(p->err, SIGN_E_FORMAT, at, "XML 1.0 2.8", "reading XML: version %.20s, expected 1.0", version));
    } else if (encoding && p->utf8_bom && !ascii_equal_nocase(bytes_str(encoding), bytes_str("UTF-8"))) {
        parser_fail(p, err_set(p->err, SIGN_E_FORMAT, at, "XML 1.0 4.3.3",
                               "reading XML: a UTF-8 byte order mark, but encoding=\"%.40s\"", encoding));
    }
}

/* Expat asks for what it does not read natively: charset.c. What it gets is all zero: one byte a character. */
static int XMLCALL on_encoding(void *user, const XML_Char *name, XML_Encoding *info)
{
    struct parser *p = user;
    const char *why;
    if (charset_map(bytes_str(name), info->map, &why)) return XML_STATUS_OK;
    if (p->rc == SIGN_OK) {
        p->rc = err_set(p->err, SIGN_E_UNSUPPORTED, 0, "XML 1.0 4.3.3",
                        "reading XML: encoding %.60s is not supported%s%s", name, why ? ": " : "", why ? why : "");
    }
    return XML_STATUS_ERROR;
}

/* Whatever has no handler of its own (CDATA marks, white space outside the root, the DTD): only how far Expat has come. */
static void XMLCALL on_other(void *user, const XML_Char *text, int len)
{
    struct parser *p = user;
    (void)text;
    (void)len;
    p->seen = parser_here(p) + (uint64_t)XML_GetCurrentByteCount(p->expat);
    p->plain.at_tag = false;
}

/* --- feeding ------------------------------------------------------------------------------------------------------ */

static int expat_failed(struct parser *p)
{
    enum XML_Error code = XML_GetErrorCode(p->expat);
    uint64_t at = p->seen;
    if (p->rc != SIGN_OK) return p->rc;
    XML_Index index = XML_GetCurrentByteIndex(p->expat);
    at = index < 0 ? at : (uint64_t)index + p->ahead;
    if (p->memory.refused) {
        return err_set(p->err, SIGN_E_LIMIT, at, NULL, "reading XML: the parser asked for more than %zu MiB",
                       p->memory.max >> 20);
    }
    if (p->memory.failed || code == XML_ERROR_NO_MEMORY) return err_nomem(p->err);
    if (code == XML_ERROR_AMPLIFICATION_LIMIT_BREACH) {
        return err_set(p->err, SIGN_E_LIMIT, at, NULL, "reading XML: entities expand to too much");
    }
    return err_set(p->err, SIGN_E_FORMAT, at, "XML 1.0", "reading XML: %s", XML_ErrorString(code));
}

static int give(struct parser *p, sign_bytes bytes, bool last)
{
    struct xml_memory *before = xml_memory_enter(&p->memory);
    enum XML_Status status = XML_Parse(p->expat, (const char *)bytes.ptr, (int)bytes.len, last);
    bool ok = status == XML_STATUS_OK && p->rc == SIGN_OK && !p->memory.refused && !p->memory.failed;
    int rc = ok ? SIGN_OK : expat_failed(p);
    xml_memory_enter(before);
    p->given += bytes.len;
    return rc;
}

/* A tag of so many attributes cannot be told from a long one before it ends; by then Expat has bound and looked up each. */
static int count_equals(struct parser *p, sign_bytes bytes)
{
    uint64_t pending = p->fed > p->seen ? p->fed - p->seen : 0;
    if (pending <= bytes.len) p->equals = 0;
    sign_bytes rest = pending < bytes.len ? bytes_slice(bytes, bytes.len - (size_t)pending, bytes.len) : bytes;
    for (size_t i = 0; i < rest.len; i++) p->equals += rest.ptr[i] == '=';
    return p->equals <= LIMIT_XML_EQUALS ? SIGN_OK
                                         : err_set(p->err, SIGN_E_LIMIT, p->seen, NULL,
                                                   "reading XML: one tag, comment or instruction with more than %d \"=\"", LIMIT_XML_EQUALS);
}

static int feed(struct parser *p, sign_bytes bytes, bool last)
{
    p->ahead = p->fed - p->given;
    int rc = give(p, bytes, last);
    p->fed += bytes.len;
    rc = rc == SIGN_OK ? count_equals(p, bytes) : rc;
    /* Expat scans an unfinished token from its start with every window: past this it would be quadratic. */
    if (rc == SIGN_OK && p->fed > p->seen && p->fed - p->seen > LIMIT_XML_TAG) {
        return err_set(p->err, SIGN_E_LIMIT, p->seen, NULL,
                       "reading XML: one tag, comment or instruction of more than %zu bytes", LIMIT_XML_TAG);
    }
    return rc;
}

/* Plain content, if any, of which Expat is then shown the tags that are still open. */
static int skip_plain(struct parser *p, sign_bytes bytes, size_t *len)
{
    *len = plain_run(p, bytes);
    p->fed += *len;
    p->ahead = p->fed - p->given;
    p->credit += (int64_t)*len - CALL_COST * (int64_t)p->plain.n_open;
    p->credit = p->credit < CREDIT ? p->credit : CREDIT;
    p->muted = true;
    for (size_t i = 0; p->rc == SIGN_OK && i < p->plain.n_open; i++) {
        const struct xml_name *name = &p->plain.open[i];
        const uint8_t *from = (name->prefix.len ? name->prefix.ptr : name->local.ptr) - 1;
        int rc = give(p, bytes_of(from, (size_t)(name->local.ptr + name->local.len + 1 - from)), false);
        if (rc != SIGN_OK) p->rc = rc;
    }
    p->muted = false;
    p->plain.n_open = 0;
    return p->rc;
}

/*
 * How much to give Expat: up to the end of the next tag, while there is plain content enough behind such tags to pay
 * for it, else (attributes everywhere, comments full of ">") a window. No document is scanned more than a few times.
 */
static size_t piece(struct parser *p, sign_bytes bytes)
{
    bytes = bytes_slice(bytes, 0, FEED);
    if (!p->plain.on || (p->plain.at_tag && p->depth == 0)) return bytes.len; /* the root has ended */
    bool is_poor = p->credit < 0;
    if (is_poor) p->credit = CREDIT;
    const uint8_t *end = is_poor ? memrchr(bytes.ptr, '>', bytes.len) : memchr(bytes.ptr, '>', bytes.len);
    return end ? (size_t)(end - bytes.ptr) + 1 : bytes.len;
}

static int on_window(void *payload, sign_bytes window, sign_err *err)
{
    struct parser *p = payload;
    int rc = SIGN_OK;
    (void)err;
    for (size_t at = 0, len = 0; rc == SIGN_OK && at < window.len; at += len) {
        sign_bytes rest = bytes_slice(window, at, window.len);
        if (plain_ready(p)) {
            rc = skip_plain(p, rest, &len);
            if (rc != SIGN_OK || len) continue;
        }
        len = piece(p, rest);
        rc = feed(p, bytes_slice(rest, 0, len), false);
        p->credit -= CALL_COST + (int64_t)(p->fed - p->seen);
    }
    return rc;
}

static int set_up(struct parser *p, const struct xml_opts *opts)
{
    p->memory.max = LIMIT_XML_MEMORY;
    p->allow_doctype = opts && opts->allow_doctype;
    p->plain.on = !(opts && opts->no_shortcuts);
    p->credit = CREDIT;
    const XML_Char separator[] = { PARSER_SEPARATOR, 0 };
    struct xml_memory *before = xml_memory_enter(&p->memory);
    p->expat = XML_ParserCreate_MM(NULL, &xml_memory_suite, separator);
    xml_memory_enter(before);
    if (!p->expat) return err_nomem(p->err);
    XML_SetUserData(p->expat, p);
    XML_SetReturnNSTriplet(p->expat, 1);
    XML_SetElementHandler(p->expat, on_start, on_end);
    XML_SetCharacterDataHandler(p->expat, on_text);
    XML_SetCommentHandler(p->expat, on_comment);
    XML_SetProcessingInstructionHandler(p->expat, on_pi);
    XML_SetStartNamespaceDeclHandler(p->expat, on_namespace);
    XML_SetXmlDeclHandler(p->expat, on_declaration);
    XML_SetUnknownEncodingHandler(p->expat, on_encoding, p);
    XML_SetDefaultHandlerExpand(p->expat, on_other);
    parser_watch_doctype(p);
    return SIGN_OK;
}

static void tear_down(struct parser *p)
{
    struct xml_memory *before = xml_memory_enter(&p->memory);
    if (p->expat) XML_ParserFree(p->expat);
    xml_memory_enter(before);
    scope_free(&p->plain.scope);
    free(p->attrs);
    free(p->ns);
}

int xml_parse(struct source *source, const struct xml_opts *opts, xml_event_fn handler, void *payload,
              struct watch *watch, sign_err *err)
{
    CLEANUP(tear_down) struct parser p = { .handler = handler, .payload = payload, .err = err };
    int rc = set_up(&p, opts);
    uint64_t size = source_size(source);
    uint8_t head[3];
    if (rc == SIGN_OK && size >= sizeof head) {
        rc = source_read(source, 0, head, sizeof head, err);
        p.utf8_bom = rc == SIGN_OK && memcmp(head, "\xEF\xBB\xBF", sizeof head) == 0;
        p.plain.on = p.plain.on && (p.utf8_bom || (head[0] == '<' && head[1] != 0)); /* else UTF-16, or white space */
    }
    if (rc == SIGN_OK) rc = source_each(source, 0, size, on_window, &p, watch, err);
    if (rc == SIGN_OK) rc = feed(&p, bytes_of("", 0), true);
    return rc;
}
