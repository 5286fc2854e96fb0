/* The shortcut past Expat tells what Expat tells, wherever the windows end; and it is taken. */
#include "check.h"
#include "random.h"
#include "told.h"
#include <xml/parser.h>

#define N(x) "<n>" x "</n>"

static const struct { const char *what, *document; } cases[] = {
    { "plain", "<r>" N("a") "<b/>" N(N("")) "tail</r>" },
    { "plain, no declaration, white space behind", "<r>\n" N("\n") "\t</r>\n" },
    { "prefixes", "<p:r xmlns:p='u:p'><p:n>1</p:n><p:n/><q:n xmlns:q='u:q'><q:m/></q:n></p:r>" },
    { "default namespace, taken back", "<r xmlns='u:r'><n/><m xmlns=''><n>1</n></m><n>2</n></r>" },
    { "unbound prefix", "<r>" N("a") "<p:n/></r>" },
    { "prefix out of scope", "<r><m xmlns:p='u:p'><p:n/></m><p:n/></r>" },
    { "two colons", "<r xmlns:p='u:p'><p:n:m/></r>" },
    { "names that begin with xml", "<r><xmln/><xml/><xmlns/><xml:n/><xmlns:n/></r>" },
    { "names of other letters", "<r><tên>1</tên><n·/><đ/></r>" },
    { "digits first", "<r>" N("a") "<1/></r>" },
    { "text ends in brackets", "<r>" N("a]") N("]]") N("a]]b") N("]]>") "</r>" },
    { "greater than", "<r>" N("a > b") N(">") "</r>" },
    { "line ends", "<r>" N("a\r\nb") N("\r") "\r\n" N("\n\r") "</r>" },
    { "references", "<r>" N("a&amp;b") N("&#x1;") "</r>" },
    { "undefined entity", "<r>" N("a&b;") "</r>" },
    { "CDATA", "<r>" N("<![CDATA[<a>]]>b") N("<![CDATA[]]>") "<![CDATA[<n>a</n>" "]]></r>" },
    { "comment", "<r>" N("<!--<n>a</n>-->") "<!--a--></r><!--<n>--><?pi <n>?>" },
    { "instruction", "<r>" N("<?pi <n>a</n>?>") "<?pi?></r>" },
    { "attributes", "<r>" N("a") "<a x='>'>" N("b") "</a><a x=''/>" N("c") "</r>" },
    { "white space in tags", "<r><n >a</n ><n\n/></r>" },
    { "mismatched end", "<r><n><m>a</n></m></r>" },
    { "mismatched end of what Expat began", "<r><n x=''><m>a</m></m></r>" },
    { "unclosed", "<r>" N("a") "<n><m>" },
    { "more than one root", "<r>" N("a") "</r><r/>" },
    { "text behind the root", "<r>" N("a") "</r>a" },
    { "control characters", "<r>" N("a") N("\x01") "</r>" },
    { "delete and C1 controls", "<r>" N("\x7f") N("\xc2\x80") N("\xc2\x85") "</r>" },
    { "overlong", "<r>" N("\xc0\x80") "</r>" },
    { "overlong, three bytes", "<r>" N("\xe0\x80\x80") "</r>" },
    { "surrogate", "<r>" N("\xed\xa0\x80") "</r>" },
    { "no character", "<r>" N("\xef\xbf\xbe") "</r>" },
    { "private use", "<r>" N("\xee\x80\x80") N("\xef\xbb\xbf") "</r>" },
    { "four bytes", "<r>" N("\xf0\x9f\x98\x80") N("\xf4\x90\x80\x80") "</r>" },
    { "a character cut short", "<r>" N("a") N("\xe1\xbb") "</r>" },
    { "Vietnamese", "<r>" N("Ủy ban nhân dân tỉnh Ví Dụ") N("đường Nguyễn Trãi") "</r>" },
    { "byte order mark", "\xef\xbb\xbf<r>" N("ộ") "</r>" },
    { "ISO-8859-1", "<?xml version='1.0' encoding='ISO-8859-1'?><r>" N("\xe1\xba\xa1") "</r>" },
    { "US-ASCII", "<?xml version='1.0' encoding='US-ASCII'?><r>" N("\xe1\xba\xa1") "</r>" },
    { "UTF-8 in lower case", "<?xml version='1.0' encoding='utf-8'?><r>" N("\xe1\xba\xa1") "</r>" },
    { "DOCTYPE with defaults", "<!DOCTYPE r [<!ATTLIST n a CDATA 'x'><!ENTITY e '<n>b</n>'>]><r>" N("a") "&e;" N("b") "</r>" },
    { "white space first", " <r>" N("a") "</r>" },
};

/* Every place for one cut, and every pair that is some bytes apart. */
static void table(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        sign_bytes document = bytes_str(cases[i].document);
        bool same = told_the_same(document, NULL, 0);
        for (size_t at = 1; same && at < document.len && at < 400; at++) {
            same = told_the_same(document, &at, 1) && told_the_same(document, (size_t[]){ at, at + 1, at + 5, at + 12 }, 4);
        }
        if (!same) print_message("# %s\n", cases[i].what);
        assert_true(same);
    }
}

/* Nothing plain for so long that looking for it is given up for a while, then much that is. */
static void poor(void **state)
{
    static const struct { const char *open, *each, *close; } kinds[] = {
        { "", "<a x='1'>b</a>", "" }, { "<!--", "> >>> ", "-->" }, { "<![CDATA[", "<n>a</n>", "]]>" }, { "<?pi ", "<n>", "?>" },
        { "<a x='", ">", "'/>" }, { "", "<p:a xmlns:p='u:p'/>a", "" },
    };
    for (size_t i = 0; i < COUNT(kinds); i++) {
        CLEANUP(build_free) struct build document = { 0 };
        build_fmt(&document, "<r><n>a</n>%s", kinds[i].open);
        for (int n = 0; n < 20000; n++) build_str(&document, kinds[i].each);
        build_str(&document, kinds[i].close);
        for (int n = 0; n < 20000; n++) build_str(&document, "<n>b</n>");
        build_str(&document, "</r>");
        assert_true(told_the_same(build_view(&document), NULL, 0));
        assert_true(told_the_same(build_view(&document), (size_t[]){ 1000, 1003, 70000 }, 3));
    }
}

static void random_documents(void **state)
{
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        struct dice d = { seed * 2654435761u + 1 };
        CLEANUP(build_free) struct build document = { 0 };
        random_document(&document, &d);
        size_t first = roll(&d, (unsigned)document.len + 1);
        assert_true(told_the_same(build_view(&document), NULL, 0));
        assert_true(told_the_same(build_view(&document), (size_t[]){ first, first + roll(&d, 20) }, 2));
        /* One byte of it, whatever it is, made another. */
        document.ptr[roll(&d, (unsigned)document.len)] = (uint8_t) "<>/& ]:-\"'\r\x80\xe1\x01"[roll(&d, 14)];
        assert_true(told_the_same(build_view(&document), &first, 1));
    }
}

/* Elements nested as deep as is allowed, and one deeper, within a run. */
static void depth(void **state)
{
    for (int levels = LIMIT_XML_DEPTH - 2; levels <= LIMIT_XML_DEPTH + 1; levels++) {
        CLEANUP(build_free) struct build document = { 0 };
        for (int i = 0; i < levels; i++) build_str(&document, "<n>");
        build_str(&document, "<m/>a");
        for (int i = 0; i < levels; i++) build_str(&document, "</n>");
        assert_true(told_the_same(build_view(&document), NULL, 0));
    }
}

/* More declarations in scope than are searched: Expat's, and the answers stay right. */
static void many_prefixes(void **state)
{
    CLEANUP(build_free) struct build document = { 0 };
    build_str(&document, "<r>");
    for (int i = 0; i < 40; i++) build_fmt(&document, "<p%d:n xmlns:p%d='u:%d'><p%d:m/>", i, i, i, i / 2);
    for (int i = 39; i >= 0; i--) build_fmt(&document, "<p0:m>a</p0:m></p%d:n>", i);
    build_str(&document, "</r>");
    assert_true(told_the_same(build_view(&document), NULL, 0));
}

static int refuse(void *payload, const struct xml_event *event, sign_err *err)
{
    size_t *left = payload;
    return --*left == 0 ? err_set(err, SIGN_E_FORBIDDEN, event->start, NULL, "enough") : SIGN_OK;
}

/* An error of the handler ends the reading at once, in a run as elsewhere. */
static void handler_errors(void **state)
{
    static const char document[] = "<r><n>a</n><m/>b<n x=''/></r>";
    for (size_t n = 1; n <= 10; n++) {
        CLEANUP(source_free) struct source *source = NULL;
        sign_err err[2] = { SIGN_ERR_INIT, SIGN_ERR_INIT };
        size_t left[2] = { n, n };
        check_status(source_over(&source, bytes_str(document), &err[0]), SIGN_OK, &err[0]);
        for (int i = 0; i < 2; i++) {
            check_status(xml_parse(source, &(struct xml_opts){ .no_shortcuts = i }, refuse, &left[i], NULL, &err[i]), SIGN_E_FORBIDDEN, &err[i]);
            assert_int_equal(left[i], 0);
        }
        assert_int_equal(err[0].offset, err[1].offset);
    }
}

/* The run itself: how far it comes, and what it leaves open. */
static int count(void *payload, const struct xml_event *event, sign_err *err)
{
    size_t *n = payload;
    ++*n;
    return SIGN_OK;
}

static void run(void **state)
{
    static const struct { const char *bytes; size_t taken, events, open; } runs[] = {
        { "<a>1</a>", 8, 3, 0 }, { "<a><b>1", 7, 3, 2 }, { "<a><b>1</b></a></c>", 15, 5, 0 }, { "a]]>", 1, 1, 0 }, { "a&amp;", 1, 1, 0 },
        { "<a x='1'/>", 0, 0, 0 }, { "<p:a/>", 0, 0, 0 }, { "<a/><!---->", 4, 2, 0 }, { "ộ\xe1\xbb", 3, 1, 0 }, { "<", 0, 0, 0 }, { "<a", 0, 0, 0 },
    };
    for (size_t i = 0; i < COUNT(runs); i++) {
        size_t events = 0;
        struct parser p = { .handler = count, .payload = &events, .plain.on = true, .depth = 1 };
        assert_int_equal(plain_run(&p, bytes_str(runs[i].bytes)), runs[i].taken);
        assert_int_equal(events, runs[i].events);
        assert_int_equal(p.plain.n_open, runs[i].open);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table), cmocka_unit_test(poor), cmocka_unit_test(random_documents), cmocka_unit_test(depth), cmocka_unit_test(many_prefixes),
        cmocka_unit_test(handler_errors), cmocka_unit_test(run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
