/* Guessed digests: taken where they are what a Reference wants, and never otherwise. Digests here are right nowhere; what counts is
 * that the computed ones are those of the full path. */
#include "check.h"
#include "outcome.h"
#include <base/build.h>

#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define C14N "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define EXC "http://www.w3.org/2001/10/xml-exc-c14n#"
#define DIGESTED(uri) "<DigestMethod Algorithm='" uri "'/><DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</DigestValue>"
#define SHA256 DIGESTED("http://www.w3.org/2001/04/xmlenc#sha256")
#define SHA1 DIGESTED(DSIG "sha1")
#define T(uri) "<Transform Algorithm='" uri "'/>"
#define ENV T(DSIG "enveloped-signature")
#define REF(uri, transforms, digest) "<Reference URI='" uri "'><Transforms>" transforms "</Transforms>" digest "</Reference>"
#define BARE(uri) "<Reference URI='" uri "'>" SHA256 "</Reference>"
#define SIG_ID(id, refs, objects) "<Signature xmlns='" DSIG "' Id='" id "'><SignedInfo><CanonicalizationMethod Algorithm='" C14N "'/>" \
    "<SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'/>" refs "</SignedInfo><SignatureValue>AA==</SignatureValue>" objects "</Signature>"
#define SIG(refs) SIG_ID("s", refs, "")
#define DOC(text) "<a xmlns:p='u:p' xml:lang='vi'><b Id='d'>x<p:c/>y</b>" text "</a>"
#define XPATH(text) "<Transform Algorithm='http://www.w3.org/TR/1999/REC-xpath-19991116'><XPath xmlns:s='" DSIG "'>" text "</XPath></Transform>"
#define PREFIXES "<Transform Algorithm='" EXC "'><i:InclusiveNamespaces xmlns:i='" EXC "' PrefixList='p'/></Transform>"

static const struct { const char *what, *document; unsigned readings; } cases[] = {
    { "enveloped", DOC(SIG(REF("", ENV, SHA256))), 1 },
    { "enveloped, exclusive", DOC(SIG(REF("", ENV T(EXC), SHA256))), 1 },
    { "enveloped and by Id", DOC(SIG(REF("", ENV, SHA256) BARE("#d"))), 1 },
    { "by Id, enveloped, apart", DOC(SIG(REF("#d", ENV, SHA256))), 1 },
    { "by Id, enveloped, apart, behind", "<a>" SIG(REF("#d", ENV, SHA256)) "<b Id='d'>x</b></a>", 1 },
    { "by Id, enveloped, around", "<a><b Id='d'>x" SIG(REF("#d", ENV, SHA256)) "y</b></a>", 1 },
    { "by Id, around and not enveloped", "<a><b Id='d'>x" SIG(BARE("#d")) "y</b></a>", 1 },
    { "of the Signature itself", DOC(SIG(BARE("#s"))), 1 },
    { "of the Signature itself, enveloped", DOC(SIG(REF("#s", ENV, SHA256))), 1 },
    { "an Object of its own", DOC(SIG_ID("s", BARE("#o"), "<Object Id='o'><x/></Object>")), 1 },
    { "an Object of its own, enveloped", DOC(SIG_ID("s", REF("#o", ENV, SHA256), "<Object Id='o'><x/></Object>")), 2 },
    { "two digests", DOC(SIG(REF("", ENV, SHA256) REF("#d", "", SHA1))), 1 },
    { "two forms", DOC(SIG(REF("#d", T(EXC), SHA256) REF("#d", T(C14N "#WithComments"), SHA256))), 1 },
    { "prefixes are not guessed", DOC(SIG(REF("#d", PREFIXES, SHA256))), 2 },
    { "base64 is not guessed", "<a><b Id='d'>AAAA</b>" SIG(REF("#d", T(DSIG "base64"), SHA256)) "</a>", 2 },
    { "no such Id", DOC(SIG(BARE("#e"))), 2 },
    { "an Id twice", DOC("<b Id='d'/>" SIG(BARE("#d"))), 1 },
    { "an Id twice, the second behind", DOC(SIG(BARE("#d")) "<b id='d'/>"), 1 },
    { "an Id in a Signature around", DOC(SIG_ID("s", BARE("#o"), "<Object Id='o'>" SIG_ID("t", REF("#o", ENV, SHA256), "") "</Object>")), 1 },
    { "two signatures, each enveloped", DOC(SIG_ID("s", REF("", ENV, SHA256), "") "z" SIG_ID("t", REF("", ENV, SHA256), "")), 1 },
    { "five, more than are guessed", DOC(SIG_ID("s", REF("", ENV, SHA256), "") SIG_ID("t", REF("", ENV, SHA256), "") SIG_ID("u", REF("", ENV, SHA256), "")
      SIG_ID("v", REF("", ENV, SHA256), "") SIG_ID("w", REF("", ENV, SHA256), "")), 2 },
    { "one in the other, each enveloped", DOC(SIG_ID("s", REF("", ENV, SHA256), "<Object>" SIG_ID("t", REF("", ENV, SHA256), "") "</Object>")), 1 },
    { "the Signature is the root", SIG(REF("", ENV, SHA256)), 1 },
    { "enveloping", SIG_ID("s", BARE("#o"), "<Object Id='o'>x<!--c--></Object>"), 1 },
    { "manifest", DOC(SIG_ID("s", BARE("#m"), "<Object><Manifest Id='m'>" BARE("#d") "</Manifest></Object>")), 1 },
    { "XPath", DOC(SIG(REF("", XPATH("not(ancestor-or-self::s:Signature)"), SHA256))), 1 },
    { "XPath, apart", DOC(SIG(REF("#d", XPATH("not(ancestor-or-self::s:Signature)"), SHA256))), 1 },
    { "XPath, a signature in it", "<a><b Id='d'>x" SIG_ID("t", "", "") "</b>" SIG(REF("#d", XPATH("not(ancestor-or-self::s:Signature)"), SHA256)) "</a>", 1 },
    { "comments and instructions", "<?p q?><!--c-->" DOC("<!--c-->" SIG(REF("", ENV, SHA256))) "<!--d-->", 1 },
    { "comments kept", DOC("<!--c-->" SIG(REF("#xpointer(/)", ENV T(C14N "#WithComments"), SHA256))), 1 },
    { "References in a comment, others in the Signature", DOC(SIG(REF("#d", T(EXC), SHA1)) "<!--" REF("#d", ENV, SHA256) REF("", ENV, SHA256) "-->"), 1 },
    { "many in a comment", DOC(SIG(REF("#d", T(EXC), SHA1)) "<!--" BARE("#1") BARE("#2") BARE("#3") BARE("#4") BARE("#5") BARE("#6") BARE("#7") BARE("#8")
      BARE("#9") "-->"), 1 },
    { "a value that ends nowhere", DOC(SIG(REF("#d", "", SHA256)) "<!--<Reference URI='-->"), 1 },
    { "white space in tags", DOC("<Signature xmlns='" DSIG "'><SignedInfo><CanonicalizationMethod Algorithm='" C14N "'/><SignatureMethod\n Algorithm='" DSIG
      "rsa-sha1' /><Reference\n URI = '#d'>" SHA256 "</Reference></SignedInfo><SignatureValue>AA==</SignatureValue></Signature>"), 2 },
    { "references in the URI", DOC(SIG(BARE("#&#100;"))), 2 },
    { "entities", "<!DOCTYPE a [<!ENTITY s \"" SIG(REF("#d", ENV, SHA256)) "\"><!ENTITY b \"<b Id='d'>x</b>\">]><a>&b;&s;</a>", 1 },
    { "entities, one in the other", "<!DOCTYPE a [<!ENTITY b \"<b Id='d'>x" SIG(REF("#d", ENV, SHA256)) "</b>\">]><a>&b;</a>", 1 },
    { "Latin-1", "<?xml version='1.0' encoding='ISO-8859-1'?>" DOC("\xe9" SIG(REF("", ENV, SHA256))), 1 },
};

static void table(void **state)
{
    for (size_t i = 0; i < COUNT(cases); i++) {
        unsigned readings = 0;
        bool same = outcome_is_same(bytes_str(cases[i].document), *state, true, &readings);
        if (!same || readings != cases[i].readings) print_message("# %s: %u readings\n", cases[i].what, readings);
        assert_true(same);
        assert_int_equal(readings, cases[i].readings);
    }
}

/* The Signature where no one looks for it: before more content than is looked at. */
static void far_from_the_end(void **state)
{
    CLEANUP(build_free) struct build document = { 0 };
    build_str(&document, "<a>" SIG(REF("", ENV, SHA256)));
    for (int i = 0; i < 20000; i++) build_str(&document, "<n>text</n>");
    build_str(&document, "</a>");
    unsigned readings = 0;
    assert_true(outcome_is_same(build_view(&document), *state, false, &readings));
    assert_int_equal(readings, 2);
}

static int set_up(void **state) { return crypto_new((struct crypto **)state, NULL); }
static int tear_down(void **state)
{
    crypto_free((struct crypto **)state);
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = { cmocka_unit_test(table), cmocka_unit_test(far_from_the_end) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
