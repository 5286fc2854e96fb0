/* Canonical forms: the examples of the specifications, and cases of our own that libxml2 must agree with. */
#include "check.h"
#include "form.h"

#define C10 { .method = C14N_10 }
#define C10C { .method = C14N_10, .comments = true }
#define C11 { .method = C14N_11 }
#define EXC { .method = C14N_EXCLUSIVE }

static void check_form(const char *name, sign_bytes got, const char *want)
{
    if (!bytes_are(got, want)) print_message("# %s:\n# got  %.*s\n# want %s\n", name, (int)got.len, (const char *)got.ptr, want);
    assert_true(bytes_are(got, want));
}

/* --- known answers: C14N 1.0 3.1 to 3.6, Exclusive C14N 2.2; external subsets and entities taken out of the inputs --- */

#define DOC31 "<?xml version=\"1.0\"?>\n\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\n" \
    "<doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n<!-- Comment 2 -->\n\n<!-- Comment 3 -->\n"
#define DOC32 "<doc>\n   <clean>   </clean>\n   <dirty>   A   B   </dirty>\n   <mixed>\n      A\n      <clean>   </clean>\n      B\n" \
    "      <dirty>   A   B   </dirty>\n      C\n   </mixed>\n</doc>"
#define DOC33 "<!DOCTYPE doc [<!ATTLIST e9 attr CDATA \"default\">]>\n<doc>\n   <e1   />\n   <e2   ></e2>\n" \
    "   <e3   name = \"elem3\"   id=\"elem3\"   />\n   <e4   name=\"elem4\"   id=\"elem4\"   ></e4>\n" \
    "   <e5 a:attr=\"out\" b:attr=\"sorted\" attr2=\"all\" attr=\"I'm\"\n      xmlns:b=\"http://www.ietf.org\"\n" \
    "      xmlns:a=\"http://www.w3.org\"\n      xmlns=\"http://example.org\"/>\n" \
    "   <e6 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n      <e7 xmlns=\"http://www.ietf.org\">\n" \
    "         <e8 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n            <e9 xmlns=\"\" xmlns:a=\"http://www.ietf.org\"/>\n" \
    "         </e8>\n      </e7>\n   </e6>\n</doc>"
#define OUT33 "<doc>\n   <e1></e1>\n   <e2></e2>\n   <e3 id=\"elem3\" name=\"elem3\"></e3>\n   <e4 id=\"elem4\" name=\"elem4\"></e4>\n" \
    "   <e5 xmlns=\"http://example.org\" xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" attr2=\"all\"" \
    " b:attr=\"sorted\" a:attr=\"out\"></e5>\n   <e6 xmlns:a=\"http://www.w3.org\">\n      <e7 xmlns=\"http://www.ietf.org\">\n" \
    "         <e8 xmlns=\"\">\n            <e9 xmlns:a=\"http://www.ietf.org\" attr=\"default\"></e9>\n         </e8>\n" \
    "      </e7>\n   </e6>\n</doc>"
#define DOC34 "<!DOCTYPE doc [\n<!ATTLIST normId id ID #IMPLIED>\n<!ATTLIST normNames attr NMTOKENS #IMPLIED>\n]>\n<doc>\n" \
    "   <text>First line&#x0d;&#10;Second line</text>\n   <value>&#x32;</value>\n" \
    "   <compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute>\n" \
    "   <compute expr='value>\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"'>valid</compute>\n" \
    "   <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>\n   <normNames attr='   A   &#x20;&#13;&#xa;&#9;   B   '/>\n" \
    "   <normId id=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>\n</doc>"
#define OUT34 "<doc>\n   <text>First line&#xD;\nSecond line</text>\n   <value>2</value>\n" \
    "   <compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute>\n" \
    "   <compute expr=\"value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;\">valid</compute>\n" \
    "   <norm attr=\" '    &#xD;&#xA;&#x9;   ' \"></norm>\n   <normNames attr=\"A &#xD;&#xA;&#x9; B\"></normNames>\n" \
    "   <normId id=\"' &#xD;&#xA;&#x9; '\"></normId>\n</doc>"
#define DOC35 "<!DOCTYPE doc [\n<!ATTLIST doc attrExtEnt CDATA #IMPLIED>\n<!ENTITY ent1 \"Hello\">\n<!ENTITY ent2 \"world\">\n]>\n" \
    "<doc attrExtEnt=\"entExt\">\n   &ent1;, &ent2;!\n</doc>\n\n<!-- Let world.txt contain \"world\" (excluding the quotes) -->"
#define DOC36 "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<doc>\xa9&#169;</doc>"
/* Exclusive C14N 2.2: the same element in two contexts. */
#define EX1 "<n0:local xmlns:n0=\"http://foo.bar\" xmlns:n3=\"ftp://example.org\"><n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">" \
    "<n3:stuff xmlns:n3=\"ftp://example.org\"/></n1:elem2></n0:local>"
#define EX2 "<n2:pdu xmlns:n1=\"http://example.com\" xmlns:n2=\"http://foo.example\" xml:lang=\"fr\" xml:space=\"retain\">" \
    "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"/></n1:elem2></n2:pdu>"
#define BASE "<a xml:base=\"http://h/x/y/\" xml:lang=\"vi\" xml:id=\"i\"><b xml:base=\"%s\"><c xml:base=\"%s\"/></b></a>"

struct known { const char *name; sign_bytes document; struct form form; const char *want; };

static void known_answers(void **state)
{
    static const sign_bytes list[] = { { (const uint8_t *)"n0", 2 }, { NULL, 0 } };
    static const struct known rows[] = {
        { "3.1", { (const uint8_t *)DOC31, sizeof DOC31 - 1 }, { C10, 0, 0 },
          "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!</doc>\n<?pi-without-data?>" },
        { "3.1 with comments", { (const uint8_t *)DOC31, sizeof DOC31 - 1 }, { C10C, 0, 0 },
          "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!<!-- Comment 1 --></doc>\n"
          "<?pi-without-data?>\n<!-- Comment 2 -->\n<!-- Comment 3 -->" },
        { "3.2", { (const uint8_t *)DOC32, sizeof DOC32 - 1 }, { C10, 0, 0 }, DOC32 },
        { "3.3", { (const uint8_t *)DOC33, sizeof DOC33 - 1 }, { C10, 0, 0 }, OUT33 },
        { "3.4", { (const uint8_t *)DOC34, sizeof DOC34 - 1 }, { C10, 0, 0 }, OUT34 },
        { "3.5", { (const uint8_t *)DOC35, sizeof DOC35 - 1 }, { C10, 0, 0 }, "<doc attrExtEnt=\"entExt\">\n   Hello, world!\n</doc>" },
        { "3.6", { (const uint8_t *)DOC36, sizeof DOC36 - 1 }, { C10, 0, 0 }, "<doc>\xc2\xa9\xc2\xa9</doc>" },
        { "exclusive 2.2, inclusive, first context", { (const uint8_t *)EX1, sizeof EX1 - 1 }, { C10, 2, 0 },
          "<n1:elem2 xmlns:n0=\"http://foo.bar\" xmlns:n1=\"http://example.net\" xmlns:n3=\"ftp://example.org\" xml:lang=\"en\">"
          "<n3:stuff></n3:stuff></n1:elem2>" },
        { "exclusive 2.2, inclusive, second context", { (const uint8_t *)EX2, sizeof EX2 - 1 }, { C10, 2, 0 },
          "<n1:elem2 xmlns:n1=\"http://example.net\" xmlns:n2=\"http://foo.example\" xml:lang=\"en\" xml:space=\"retain\">"
          "<n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>" },
        { "exclusive 2.2, first context", { (const uint8_t *)EX1, sizeof EX1 - 1 }, { EXC, 2, 0 },
          "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>" },
        { "exclusive 2.2, second context", { (const uint8_t *)EX2, sizeof EX2 - 1 }, { EXC, 2, 0 },
          "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>" },
        { "exclusive with a prefix list", { (const uint8_t *)EX1, sizeof EX1 - 1 },
          { { .method = C14N_EXCLUSIVE, .inclusive = list, .n_inclusive = 2 }, 2, 0 },
          "<n1:elem2 xmlns:n0=\"http://foo.bar\" xmlns:n1=\"http://example.net\" xml:lang=\"en\">"
          "<n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(build_free) struct build got = { 0 };
        sign_err err = SIGN_ERR_INIT;
        check_status(form_ours(&got, rows[i].document, &rows[i].form, &err), SIGN_OK, &err);
        check_form(rows[i].name, build_view(&got), rows[i].want);
    }
}

/* --- C14N 1.1: xml:id is not inherited, xml:base is joined --------------------------------------------------------- */

static void bases(void **state)
{
    static const struct { const char *b, *c, *want; } rows[] = {
        { "z/", "q", "http://h/x/y/z/q" },
        { "../z/", "q", "http://h/x/z/q" },
        { "z", "q", "http://h/x/y/q" },
        { "/z/", "../../q", "http://h/q" },
        { "http://k/", "q", "http://k/q" },
        { "//k/a/b", "./q/../r", "http://k/a/r" },
        { "z/", "", "http://h/x/y/z/" },
        { "", "", "http://h/x/y/" },
        { "..", "..", "http://h/" },
        { "z/", "#part", "http://h/x/y/z/" },
        { "z/", "?q=1", "http://h/x/y/z/?q=1" },
        { "a//b/", "c", "http://h/x/y/a/b/c" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(build_free) struct build document = { 0 }, got = { 0 }, want = { 0 };
        build_fmt(&document, BASE, rows[i].b, rows[i].c);
        build_fmt(&want, "<c xml:base=\"%s\" xml:lang=\"vi\"></c>", rows[i].want);
        build_byte(&want, 0);
        sign_err err = SIGN_ERR_INIT;
        check_status(form_ours(&got, build_view(&document), &(struct form){ C11, 3, 0 }, &err), SIGN_OK, &err);
        check_form(rows[i].b, build_view(&got), (const char *)want.ptr);
    }
    /* Relative bases stay relative, and keep the steps up that nothing takes back. */
    static const struct { const char *document, *want; } relative[] = {
        { "<a xml:base=\"../x/\"><b xml:base=\"../../y\"/></a>", "<b xml:base=\"../../y\"></b>" },
        { "<a xml:base=\"..\"><b xml:base=\"..\"/></a>", "<b xml:base=\"../../\"></b>" },
        { "<a xml:base=\"x/\"><b xml:base=\"../\"/></a>", "<b></b>" },
        { "<a><b xml:base=\"x/./y\"/></a>", "<b xml:base=\"x/./y\"></b>" },
    };
    for (size_t i = 0; i < COUNT(relative); i++) {
        CLEANUP(build_free) struct build got = { 0 };
        sign_err err = SIGN_ERR_INIT;
        check_status(form_ours(&got, bytes_str(relative[i].document), &(struct form){ C11, 2, 0 }, &err), SIGN_OK, &err);
        check_form(relative[i].document, build_view(&got), relative[i].want);
    }
}

/* --- documents of our own, every method, every element: libxml2 must agree ------------------------------------------ */

static const char *const documents[] = {
    "<a/>",
    "<?a?><!--x--><a/><!--y--><?b  c ?>",
    "<a xmlns=\"http://x/\"><b xmlns=\"\"><c xmlns=\"\"/><d xmlns=\"http://x/\"/></b></a>",
    "<a xmlns:p=\"http://x/\"><p:b xmlns:p=\"http://y/\"><p:c xmlns:p=\"http://x/\"/></p:b><p:b/></a>",
    "<a xmlns:p=\"http://x/\" xmlns:q=\"http://x/\" q:z=\"1\" p:y=\"2\" z=\"3\" y=\"4\"><b p:y=\"5\"/><q:b/></a>",
    "<p:a xmlns:p=\"http://x/\" xmlns=\"http://d/\"><b xmlns:p=\"http://x/\"><p:c/><c xmlns=\"\" p:q=\"1\"/></b></p:a>",
    "<a xml:lang=\"vi\" xml:space=\"preserve\"><b xml:lang=\"en\"><c xml:space=\"default\"/></b></a>",
    "<a xml:id=\"x\" xml:lang=\"vi\"><b><c xml:id=\"y\"/></b></a>",
    "<a>\r\n<b c=\"&#9;&#10;&#13; &lt;&quot;>'&amp;\">&#13;&lt;&gt;&amp;\"'\t\r</b><![CDATA[<&>]]>x<![CDATA[]]>y</a>",
    "<a \n b = 'x\ny\tz'\tc=\"\r\n\"  ><!-- -><& --><?p <&> ?></a >",
    "<hóa-đơn tên=\"Công ty Ế\" số=\"\xf0\x9f\x87\xbb\">Thuế GTGT<ăn/><ấm á=\"1\" z=\"2\" Z=\"3\" ế=\"4\" 一=\"5\" Ω=\"6\"/></hóa-đơn>",
    "<!DOCTYPE a [<!ENTITY e \"<b xmlns='http://e/'>t</b>\"><!ATTLIST b c CDATA \"d\" e NMTOKENS #IMPLIED><!--no--><?no no?>]><a>&e;<b e=\"  x  y \"/>&e;</a>",
    "<a xmlns:p=\"http://x/\"><b xmlns:q=\"http://y/\"><c xmlns:r=\"http://z/\" xmlns=\"http://d/\"><d/><p:d/><q:d r:e=\"\"/></c></b></a>",
    "<a xmlns=\"http://d/\" xmlns:p=\"http://d/\"><p:b><c p:x=\"1\" x=\"2\"/></p:b></a>",
    "<a xmlns:xml=\"http://www.w3.org/XML/1998/namespace\" xml:lang=\"x\"><b xmlns:xml=\"http://www.w3.org/XML/1998/namespace\"/></a>",
};

static void compare_with_libxml(sign_bytes document, const struct form *form)
{
    CLEANUP(build_free) struct build ours = { 0 }, theirs = { 0 };
    sign_err err = SIGN_ERR_INIT;
    /* Comments beside a root that is left out: libxml2 no longer knows whether they stood before or after it. */
    if (form->omit == 1 || !form_theirs(&theirs, document, form)) return;
    check_status(form_ours(&ours, document, form, &err), SIGN_OK, &err);
    build_byte(&theirs, 0);
    check_form((const char *)document.ptr, build_view(&ours), (const char *)theirs.ptr);
}

static void agrees_with_libxml(void **state)
{
    static const sign_bytes lists[][2] = { { { (const uint8_t *)"p", 1 }, { (const uint8_t *)"q", 1 } }, { { NULL, 0 }, { (const uint8_t *)"r", 1 } } };
    for (size_t d = 0; d < COUNT(documents); d++) {
        for (size_t element = 0; element < 8; element++) {
            for (int method = C14N_10; method <= C14N_EXCLUSIVE; method++) {
                struct form form = { { .method = (enum c14n_method)method, .comments = element % 2 }, element, element + 1 };
                compare_with_libxml(bytes_str(documents[d]), &form);
                form.omit = 0;
                form.spec.comments = !form.spec.comments;
                compare_with_libxml(bytes_str(documents[d]), &form);
            }
            for (size_t l = 0; l < COUNT(lists); l++) {
                struct form form = { { C14N_EXCLUSIVE, false, lists[l], 2 }, element, 0 };
                compare_with_libxml(bytes_str(documents[d]), &form);
            }
        }
    }
}

/* --- text longer than the output buffer, in pieces ----------------------------------------------------------------- */

static void long_text(void **state)
{
    CLEANUP(build_free) struct build document = { 0 }, got = { 0 }, want = { 0 };
    build_str(&document, "<a b=\"");
    build_str(&want, "<a b=\"");
    for (int i = 0; i < 5000; i++) {
        build_str(&document, "ộ&#10;");
        build_str(&want, "ộ&#xA;");
    }
    build_str(&document, "\">");
    build_str(&want, "\">");
    for (int i = 0; i < 40000; i++) {
        build_str(&document, "chữ &gt; ký\r\n");
        build_str(&want, "chữ &gt; ký\n");
    }
    build_str(&document, "</a>");
    build_str(&want, "</a>");
    sign_err err = SIGN_ERR_INIT;
    check_status(form_ours(&got, build_view(&document), &(struct form){ C10, 0, 0 }, &err), SIGN_OK, &err);
    check_bytes(build_view(&got), build_view(&want));
}

static int refuse(void *payload, sign_bytes bytes, sign_err *err)
{
    return err_set(err, SIGN_E_IO, 7, NULL, "no more");
}

static void a_writer_that_fails(void **state)
{
    CLEANUP(c14n_free) struct c14n *c14n = NULL;
    sign_err err = SIGN_ERR_INIT;
    struct c14n_spec spec = C10, none = { 0 };
    assert_int_equal(c14n_new(&c14n, &none, refuse, NULL, &err), SIGN_E_ARG);
    assert_int_equal(c14n_new(&c14n, &spec, refuse, NULL, &err), SIGN_OK);
    struct xml_event text = { .kind = XML_TEXT, .text = BYTES_LIT("x"), .depth = 1 };
    assert_int_equal(c14n_event(c14n, &text, true, &err), SIGN_OK);
    check_status(c14n_flush(c14n, &err), SIGN_E_IO, &err);
    assert_int_equal(c14n_event(c14n, &text, true, &err), SIGN_E_IO);
    assert_int_equal(c14n_end(c14n, &err), SIGN_E_IO);
}

static void uris(void **state)
{
    size_t n = 0;
    for (int method = C14N_10; method <= C14N_EXCLUSIVE; method++) {
        for (int comments = 0; comments < 2; comments++, n++) {
            struct c14n_spec spec;
            assert_true(c14n_by_uri(bytes_str(c14n_uri((enum c14n_method)method, comments)), &spec));
            assert_int_equal(spec.method, method);
            assert_int_equal(spec.comments, comments);
        }
    }
    struct c14n_spec spec;
    assert_false(c14n_by_uri(BYTES_LIT("http://www.w3.org/2006/12/xml-c14n11#"), &spec));
    assert_false(c14n_by_uri(BYTES_LIT(""), &spec));
    assert_null(c14n_uri(C14N_NONE, false));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers), cmocka_unit_test(bases), cmocka_unit_test(agrees_with_libxml), cmocka_unit_test(long_text),
        cmocka_unit_test(a_writer_that_fails), cmocka_unit_test(uris),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
