/* Reading: events with their bytes, and every refusal with its status, offset and reason. */
#include "check.h"
#include <base/build.h>
#include <base/limits.h>
#include <stdlib.h>
#include <xml/event.h>

#define B(text) { (const uint8_t *)(text), sizeof(text) - 1 }

/* --- refusals ------------------------------------------------------------------------------------------------------ */

struct refusal { const char *name; sign_bytes document; bool doctype; int status; uint64_t offset; const char *word; };
static const struct refusal refusals[] = {
    { "empty", B(""), false, SIGN_E_FORMAT, 0, "no element" },
    { "white space alone", B("  \n"), false, SIGN_E_FORMAT, 3, "no element" },
    { "cut off", B("<a><b>"), false, SIGN_E_FORMAT, 6, "no element" },
    { "wrong end tag", B("<a><b></a>"), false, SIGN_E_FORMAT, 8, "mismatched" },
    { "two roots", B("<a/><b/>"), false, SIGN_E_FORMAT, 4, "junk" },
    { "text after the root", B("<a/>x"), false, SIGN_E_FORMAT, 4, "junk" },
    { "an attribute twice", B("<a b='1' b='2'/>"), false, SIGN_E_FORMAT, 9, "duplicate" },
    { "an attribute twice, by two prefixes", B("<a xmlns:p='x:y' xmlns:q='x:y' p:b='1' q:b='2'/>"), false, SIGN_E_FORMAT, 0, "duplicate" },
    { "unbound prefix", B("<a><p:b/></a>"), false, SIGN_E_FORMAT, 3, "unbound" },
    { "prefix taken back", B("<a xmlns:p='x:y'><b xmlns:p=''/></a>"), false, SIGN_E_FORMAT, 17, "undeclare" },
    { "xml bound elsewhere", B("<a xmlns:xml='x:y'/>"), false, SIGN_E_FORMAT, 0, "prefix" },
    { "not UTF-8", B("<a>\xff</a>"), false, SIGN_E_FORMAT, 3, "invalid token" },
    { "NUL", B("<a>\0</a>"), false, SIGN_E_FORMAT, 3, "invalid token" },
    { "undefined entity", B("<a>&b;</a>"), false, SIGN_E_FORMAT, 3, "undefined entity" },
    { "character that is none", B("<a>&#1;</a>"), false, SIGN_E_FORMAT, 3, "character" },
    { "version 1.1", B("<?xml version=\"1.1\"?><a/>"), false, SIGN_E_FORMAT, 0, "version 1.1" },
    { "version 2", B("<?xml version='2.0'?><a/>"), false, SIGN_E_FORMAT, 0, "version 2.0" },
    { "BOM against Latin-1", B("\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), false, SIGN_E_FORMAT, 3, "byte order" },
    { "BOM against UTF-16", B("\xef\xbb\xbf<?xml version='1.0' encoding='UTF-16'?><a/>"), false, SIGN_E_FORMAT, SIGN_NO_OFFSET, "" },
    { "UTF-16 BOM against UTF-8", B("\xff\xfe<\0?\0x\0m\0l\0 \0v\0e\0r\0s\0i\0o\0n\0=\0'\0001\0.\0000\0'\0 \0e\0n\0c\0o\0d\0i\0n\0g\0=\0'\0U\0T\0F\0-\0008\0'\0?\0>\0<\0a\0/\0>\0"),
      false, SIGN_E_FORMAT, SIGN_NO_OFFSET, "encoding" },
    { "windows-1258, a byte that is no character", B("<?xml version='1.0' encoding='windows-1258'?><a>a\x81</a>"), false, SIGN_E_FORMAT, 49, "invalid token" },
    { "windows-1258 behind a UTF-8 BOM", B("\xef\xbb\xbf<?xml version='1.0' encoding='windows-1258'?><a/>"), false, SIGN_E_FORMAT, 3, "byte order" },
    { "windows-1252", B("<?xml version='1.0' encoding='windows-1252'?><a/>"), false, SIGN_E_UNSUPPORTED, 0, "windows-1252" },
    { "VISCII", B("<?xml version='1.0' encoding='viscii'?><a/>"), false, SIGN_E_UNSUPPORTED, 0, "viscii is not supported: programs" },
    { "VNI", B("<?xml version='1.0' encoding='VNI'?><a/>"), false, SIGN_E_UNSUPPORTED, 0, "VNI is not supported: programs" },
    { "TCVN3", B("<?xml version='1.0' encoding='TCVN3'?><a/>"), false, SIGN_E_UNSUPPORTED, 0, "TCVN3 is not supported: programs" },
    { "relative namespace", B("<a><b xmlns='TDiep'/></a>"), false, SIGN_E_FORMAT, 3, "relative" },
    { "relative namespace of a prefix", B("<a xmlns:p='../x'/>"), false, SIGN_E_FORMAT, 0, "relative" },
    { "a colon first is no scheme", B("<a xmlns:p=':x'/>"), false, SIGN_E_FORMAT, 0, "relative" },
    { "DOCTYPE", B("<!DOCTYPE a><a/>"), false, SIGN_E_FORMAT, 0, "DOCTYPE" },
    { "DOCTYPE with entities", B("<?x?>\n<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), false, SIGN_E_FORMAT, 6, "DOCTYPE" },
    { "external subset", B("<!DOCTYPE a SYSTEM 'a.dtd'><a b='&c;'/>"), true, SIGN_E_FORMAT, 0, "external DTD subset 'a.dtd'" },
    { "public external subset", B("<!DOCTYPE a PUBLIC 'p' 'a.dtd'><a/>"), true, SIGN_E_FORMAT, 0, "external DTD subset" },
    { "parameter entity", B("<!DOCTYPE a [<!ENTITY % b '<!ENTITY c \"d\">'> %b;]><a>&c;</a>"), true, SIGN_E_FORMAT, SIGN_NO_OFFSET, "parameter entity 'b'" },
    { "undeclared parameter entity", B("<!DOCTYPE a [ %b; ]><a>&c;</a>"), true, SIGN_E_FORMAT, SIGN_NO_OFFSET, "parameter entity reference 'b'" },
    { "external entity", B("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"), true, SIGN_E_FORMAT, SIGN_NO_OFFSET, "external entity" },
    { "external entity in an attribute", B("<!DOCTYPE a [<!ENTITY b SYSTEM 'x'>]><a c='&b;'/>"), true, SIGN_E_FORMAT, SIGN_NO_OFFSET, "external entity" },
    { "undefined entity in an attribute", B("<!DOCTYPE a [<!ENTITY b 'x'>]><a c='&d;'/>"), true, SIGN_E_FORMAT, SIGN_NO_OFFSET, "undefined entity" },
    { "recursive entity", B("<!DOCTYPE a [<!ENTITY b '&c;'><!ENTITY c '&b;'>]><a>&b;</a>"), true, SIGN_E_FORMAT, SIGN_NO_OFFSET, "recursive" },
    { "billion laughs",
      B("<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
        "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'><!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'>"
        "<!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'><!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;'>]><a>&g;</a>"),
      true, SIGN_E_LIMIT, SIGN_NO_OFFSET, "entities" },
};

static int ignore(void *payload, const struct xml_event *event, sign_err *err)
{
    ++*(size_t *)payload;
    return SIGN_OK;
}

static int parse(sign_bytes document, bool doctype, xml_event_fn handler, void *payload, sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    struct xml_opts opts = { .allow_doctype = doctype };
    int rc = source_over(&source, document, err);
    return rc == SIGN_OK ? xml_parse(source, &opts, handler, payload, NULL, err) : rc;
}

static void refuses(void **state)
{
    for (size_t i = 0; i < COUNT(refusals); i++) {
        const struct refusal *r = &refusals[i];
        sign_err err = SIGN_ERR_INIT;
        size_t n = 0;
        int rc = parse(r->document, r->doctype, ignore, &n, &err);
        bool right = rc == r->status && strstr(err.msg, r->word) && (r->offset == SIGN_NO_OFFSET || err.offset == r->offset);
        if (!right) print_message("# %s: %s at %lld: %s\n", r->name, sign_status_name(rc), (long long)err.offset, err.msg);
        assert_true(right);
        assert_true(err.clause || rc == SIGN_E_LIMIT);
    }
}

/* --- limits: each is reached, refused, and one less is not --------------------------------------------------------- */

static int parse_built(struct build *document, sign_err *err)
{
    size_t n = 0;
    int rc = parse(build_view(document), false, ignore, &n, err);
    build_free(document);
    return rc;
}

static int nested(size_t depth, sign_err *err)
{
    struct build document = { 0 };
    for (size_t i = 0; i < depth; i++) build_str(&document, "<a>");
    for (size_t i = 0; i < depth; i++) build_str(&document, "</a>");
    return parse_built(&document, err);
}

static int attributes(size_t n, sign_err *err)
{
    struct build document = { 0 };
    build_str(&document, "<a");
    for (size_t i = 0; i < n; i++) build_fmt(&document, " a%zu=''", i);
    build_str(&document, "/>");
    return parse_built(&document, err);
}

static int namespaces(size_t n, sign_err *err)
{
    struct build document = { 0 };
    build_str(&document, "<a");
    for (size_t i = 0; i < n; i++) build_fmt(&document, " xmlns:a%zu='x:y'", i);
    build_str(&document, "/>");
    return parse_built(&document, err);
}

static int tag(size_t len, sign_err *err)
{
    struct build document = { 0 };
    build_str(&document, "<a b='");
    build_fill(&document, 'x', len);
    build_str(&document, "'/>");
    return parse_built(&document, err);
}

static int comment(size_t len, sign_err *err)
{
    struct build document = { 0 };
    build_str(&document, "<a><!--");
    build_fill(&document, 'x', len);
    build_str(&document, "--></a>");
    return parse_built(&document, err);
}

static int parse_dtd(struct build *document, sign_err *err)
{
    size_t n = 0;
    int rc = parse(build_view(document), true, ignore, &n, err);
    build_free(document);
    return rc;
}

static int entity_chain(size_t n, sign_err *err)
{
    struct build document = { 0 };
    build_str(&document, "<!DOCTYPE a [<!ENTITY e0 'x'>");
    for (size_t i = 1; i < n; i++) build_fmt(&document, "<!ENTITY e%zu '&e%zu;'>", i, i - 1);
    build_fmt(&document, "]><a b='&e%zu;'>&e%zu;</a>", n - 1, n - 1);
    return parse_dtd(&document, err);
}

static int defaults(size_t n, sign_err *err)
{
    struct build document = { 0 };
    build_str(&document, "<!DOCTYPE a [<!ATTLIST b");
    for (size_t i = 0; i < 1000; i++) build_fmt(&document, " c%zu CDATA ''", i);
    build_str(&document, ">]><a>");
    for (size_t i = 0; i < n; i++) build_str(&document, "<b/>");
    build_str(&document, "</a>");
    return parse_dtd(&document, err);
}

static void limits(void **state)
{
    static const struct { const char *name; int (*make)(size_t n, sign_err *err); size_t good, bad; } rows[] = {
        { "depth", nested, LIMIT_XML_DEPTH, LIMIT_XML_DEPTH + 1 },
        { "open tags", nested, LIMIT_XML_DEPTH, 5000000 },
        { "attributes", attributes, LIMIT_XML_ATTRS, LIMIT_XML_ATTRS + 1 },
        { "namespaces", namespaces, LIMIT_XML_NS, LIMIT_XML_NS + 1 },
        { "one tag", tag, LIMIT_XML_TAG / 2, MIB(20) },
        { "many attributes", attributes, 10, 2000000 },
        { "a comment", comment, LIMIT_XML_TAG / 2, MIB(20) },
        { "entities in entities", entity_chain, LIMIT_XML_ENTITIES, LIMIT_XML_ENTITIES + 1 },
        { "many entities in entities", entity_chain, 10, 100000 },
        { "attributes from the DTD", defaults, LIMIT_XML_DEFAULTS / 1000, LIMIT_XML_DEFAULTS / 1000 + 1 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        sign_err err = SIGN_ERR_INIT;
        print_message("# %s\n", rows[i].name);
        check_status(rows[i].make(rows[i].good, &err), SIGN_OK, &err);
        check_status(rows[i].make(rows[i].bad, &err), SIGN_E_LIMIT, &err);
    }
}

/* --- events -------------------------------------------------------------------------------------------------------- */

static void put_name(struct build *out, const struct xml_name *name)
{
    build_fmt(out, "{%.*s}%.*s:%.*s", (int)name->uri.len, (const char *)name->uri.ptr, (int)name->prefix.len,
              (const char *)name->prefix.ptr, (int)name->local.len, (const char *)name->local.ptr);
}

static int print_event(void *payload, const struct xml_event *e, sign_err *err)
{
    static const char kinds[] = { [XML_START] = '<', [XML_END] = '>', [XML_TEXT] = 'T', [XML_COMMENT] = '!', [XML_PI] = '?' };
    struct build *out = payload;
    build_fmt(out, "%c%zu %llu-%llu ", kinds[e->kind], e->depth, (unsigned long long)e->start, (unsigned long long)e->end);
    if (e->kind == XML_START || e->kind == XML_END || e->kind == XML_PI) put_name(out, &e->name);
    build_fmt(out, "%.*s", (int)e->text.len, (const char *)e->text.ptr);
    for (size_t i = 0; i < e->n_ns; i++) {
        build_fmt(out, " %.*s->%.*s", (int)e->ns[i].prefix.len, (const char *)e->ns[i].prefix.ptr, (int)e->ns[i].uri.len,
                  (const char *)e->ns[i].uri.ptr);
    }
    for (size_t i = 0; i < e->n_attrs; i++) {
        build_byte(out, ' ');
        put_name(out, &e->attrs[i].name);
        build_fmt(out, "=%.*s", (int)e->attrs[i].value.len, (const char *)e->attrs[i].value.ptr);
    }
    build_byte(out, '\n');
    return SIGN_OK;
}

struct telling { const char *name; sign_bytes document; bool doctype; const char *want; };
static const struct telling tellings[] = {
    { "plain", B("<a b='1'>t</a>"), false, "<1 0-9 {}:a {}:b=1\nT1 9-10 t\n>1 10-14 {}:a\n" },
    { "empty element", B("<a><b/></a>"), false, "<1 0-3 {}:a\n<2 3-7 {}:b\n>2 7-7 {}:b\n>1 7-11 {}:a\n" },
    { "namespaces", B("<p:a xmlns:p='x:1' xmlns='x:2' p:b='' xml:c='v'/>"), false,
      "<1 0-49 {x:1}p:a p->x:1 ->x:2 {x:1}p:b= {http://www.w3.org/XML/1998/namespace}xml:c=v\n>1 49-49 {x:1}p:a\n" },
    { "default taken back", B("<a xmlns='x:2'><b xmlns=''/></a>"), false,
      "<1 0-15 {x:2}:a ->x:2\n<2 15-28 {}:b ->\n>2 28-28 {}:b\n>1 28-32 {x:2}:a\n" },
    { "xmlns:xml is not told", B("<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>"), false, "<1 0-53 {}:a\n>1 53-53 {}:a\n" },
    { "outside", B("<!--c--><?p  d ?><a/><?q?>"), false, "!0 0-8 c\n?0 8-17 {}:pd \n<1 17-21 {}:a\n>1 21-21 {}:a\n?0 21-26 {}:q\n" },
    { "CDATA is text", B("<a><![CDATA[<&]]></a>"), false, "<1 0-3 {}:a\nT1 12-14 <&\n>1 17-21 {}:a\n" },
    { "byte order mark", B("\xef\xbb\xbf<a/>"), false, "<1 3-7 {}:a\n>1 7-7 {}:a\n" },
    { "Latin-1", B("<?xml version='1.0' encoding='iso-8859-1'?><a b='\xe9'>\xe0</a>"), false,
      "<1 43-52 {}:a {}:b=é\nT1 52-53 à\n>1 53-57 {}:a\n" },
    { "windows-1258: tone marks stay behind their letters", B("<?xml version='1.0' encoding='Windows-1258'?><t\xean b='\xd0\xfd\xfe'>Vi\xea\xf2t \x80\xff</t\xean>"), false,
      "<1 45-58 {}:tên {}:b=Đư₫\nT1 58-66 Vi\xc3\xaa\xcc\xa3t €ÿ\n>1 66-72 {}:tên\n" },
    { "UTF-16, little-endian", B("\xff\xfe<\0a\0>\0\xbf\x1e<\0b\0/\0>\0<\0/\0a\0>\0"), false,
      "<1 2-8 {}:a\nT1 8-10 ế\n<2 10-18 {}:b\n>2 18-18 {}:b\n>1 18-26 {}:a\n" },
    { "UTF-16, big-endian", B("\xfe\xff\0<\0a\0>\x1e\xbf\0<\0/\0a\0>"), false, "<1 2-8 {}:a\nT1 8-10 ế\n>1 10-18 {}:a\n" },
    { "DTD: default attributes, no comments of its own", B("<!DOCTYPE a [<!--x--><?y z?><!ATTLIST a b CDATA 'c' i NMTOKENS #IMPLIED>]><a i='  1  2 '/>"), true,
      "<1 74-90 {}:a {}:i=1 2 {}:b=c\n>1 90-90 {}:a\n" },
    { "entities stand where their reference stands", B("<!DOCTYPE a [<!ENTITY e '<b>t</b>'>]><a>&e;</a>"), true,
      "<1 37-40 {}:a\n<2 40-43 {}:b\nT2 40-43 t\n>2 40-43 {}:b\n>1 43-47 {}:a\n" },
    { "line ends", B("<a b='1\r\n2'>x\r\ny</a>"), false, "<1 0-12 {}:a {}:b=1 2\nT1 12-13 x\nT1 13-15 \n\nT1 15-16 y\n>1 16-20 {}:a\n" },
};

static void tells(void **state)
{
    for (size_t i = 0; i < COUNT(tellings); i++) {
        CLEANUP(build_free) struct build got = { 0 };
        sign_err err = SIGN_ERR_INIT;
        check_status(parse(tellings[i].document, tellings[i].doctype, print_event, &got, &err), SIGN_OK, &err);
        bool right = bytes_are(build_view(&got), tellings[i].want);
        if (!right) print_message("# %s:\n%.*s# want\n%s", tellings[i].name, (int)got.len, (const char *)got.ptr, tellings[i].want);
        assert_true(right);
    }
}

/* --- what a handler says, and windows ------------------------------------------------------------------------------- */

static int stop_at_third(void *payload, const struct xml_event *event, sign_err *err)
{
    size_t *n = payload;
    return ++*n == 3 ? err_set(err, SIGN_E_NOTFOUND, event->start, NULL, "stopped") : SIGN_OK;
}

static void a_handler_stops_it(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    size_t n = 0;
    check_status(parse((sign_bytes)B("<a><b/><c/><d/></a>"), false, stop_at_third, &n, &err), SIGN_E_NOTFOUND, &err);
    assert_int_equal(n, 3);
    assert_int_equal(err.offset, 7);
}

static int check_place(void *payload, const struct xml_event *event, sign_err *err)
{
    const struct build *document = payload;
    if (event->kind == XML_START) {
        assert_int_equal(document->ptr[event->start], '<');
        assert_int_equal(document->ptr[event->end - 1], '>');
    }
    return SIGN_OK;
}

/* Tags across the borders of windows, and of Expat's buffer. */
static void windows(void **state)
{
    CLEANUP(build_free) struct build document = { 0 };
    build_str(&document, "<a>");
    for (int i = 0; i < 40000; i++) build_fmt(&document, "<số i='%d'>%d</số>\n", i, i);
    build_str(&document, "</a>");
    sign_err err = SIGN_ERR_INIT;
    check_status(parse(build_view(&document), false, check_place, &document, &err), SIGN_OK, &err);
}

static int look(void *payload)
{
    return ++*(int *)payload < 3 ? SIGN_OK : SIGN_E_TIMEOUT;
}

static void a_deadline(void **state)
{
    CLEANUP(build_free) struct build document = { 0 };
    CLEANUP(source_free) struct source *source = NULL;
    build_str(&document, "<a>");
    for (int i = 0; i < 500000; i++) build_str(&document, "<b>text</b>\n");
    build_str(&document, "</a>");
    sign_err err = SIGN_ERR_INIT;
    int looks = 0;
    size_t n = 0;
    struct watch watch = { .look = look, .payload = &looks };
    assert_int_equal(source_over(&source, build_view(&document), &err), SIGN_OK);
    check_status(xml_parse(source, NULL, ignore, &n, &watch, &err), SIGN_E_TIMEOUT, &err);
    assert_true(n > 0 && n < 1500000);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses), cmocka_unit_test(limits), cmocka_unit_test(tells), cmocka_unit_test(a_handler_stops_it),
        cmocka_unit_test(windows), cmocka_unit_test(a_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
