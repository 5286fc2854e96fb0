/*
 * Signatures read and their references digested. Each row is a document with DIGEST where the digest of `covered` belongs, the
 * canonical text that the Reference ought to mean.
 */
#include "check.h"
#include <base/build.h>
#include <base/limits.h>
#include <xml/signature.h>

#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define C14N "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
#define EXC "http://www.w3.org/2001/10/xml-exc-c14n#"
#define SHA256 "http://www.w3.org/2001/04/xmlenc#sha256"
#define METHODS "<CanonicalizationMethod Algorithm='" C14N "'/><SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'/>"
#define T(uri) "<Transform Algorithm='" uri "'/>"
#define ENVELOPED T(DSIG "enveloped-signature")
#define DIGESTED "<DigestMethod Algorithm='" SHA256 "'/><DigestValue>DIGEST</DigestValue>"
#define REF(uri, transforms) "<Reference URI=\"" uri "\"><Transforms>" transforms "</Transforms>" DIGESTED "</Reference>"
#define BARE(uri) "<Reference URI=\"" uri "\">" DIGESTED "</Reference>"
#define SIG_AND(refs, objects) "<Signature xmlns='" DSIG "' Id='s'><SignedInfo>" METHODS refs "</SignedInfo><SignatureValue>AA==</SignatureValue>" objects "</Signature>"
#define SIG(refs) SIG_AND(refs, "")
#define EMPTY_SIG "<Signature xmlns=\"" DSIG "\"></Signature>"
#define XPATH_10 "http://www.w3.org/TR/1999/REC-xpath-19991116"
#define XPATH(text) "<Transform Algorithm='" XPATH_10 "'><XPath xmlns:s='" DSIG "' xmlns:o='x:o'>" text "</XPath></Transform>"
#define ALL_BY_XPATH XPATH("not(ancestor-or-self::s:Signature)")
#define THIS_BY_XPATH XPATH("count(ancestor-or-self::s:Signature | here()/ancestor::s:Signature[1]) > count(ancestor-or-self::s:Signature)")
#define FILTER2(filter, text) "<Transform Algorithm='http://www.w3.org/2002/06/xmldsig-filter2'><f:XPath xmlns:f='http://www.w3.org/2002/06/xmldsig-filter2' xmlns:s='" DSIG "' Filter='" filter "'>" text "</f:XPath></Transform>"
#define ANY "?"     /* no digest is expected to be right */

static struct crypto *crypto;

static int set_up(void **state) { return crypto_new(&crypto, NULL); }
static int tear_down(void **state)
{
    crypto_free(&crypto);
    return 0;
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

static void put_document(struct build *out, const char *text, const char *covered)
{
    uint8_t digest[DIGEST_MAX];
    assert_int_equal(digest_bytes(crypto, digest_by_uri(BYTES_LIT(SHA256)), bytes_str(covered), digest, NULL), SIGN_OK);
    const char *at, *mark = "DIGEST";
    while ((at = strstr(text, mark))) {
        /* DIGEST, and no other word that ends in it */
        build_put(out, text, (size_t)(at - text));
        build_base64(out, bytes_of(digest, 32));
        text = at + strlen(mark);
    }
    build_str(out, text);
}

struct reading { struct build text; struct source *source; struct xml_doc *doc; };

static void reading_free(struct reading *r)
{
    xml_free(&r->doc);
    source_free(&r->source);
    build_free(&r->text);
}

static void read_document(struct reading *r, const char *text, const char *covered)
{
    sign_err err = SIGN_ERR_INIT;
    put_document(&r->text, text, covered);
    check_status(source_over(&r->source, build_view(&r->text), &err), SIGN_OK, &err);
    check_status(xml_read(&r->doc, r->source, crypto, NULL, NULL, &err), SIGN_OK, &err);
    check_status(xml_digest(r->doc, NULL, &err), SIGN_OK, &err);
}

/* --- references ---------------------------------------------------------------------------------------------------- */

struct row { const char *name, *document, *covered; enum xml_ref_status status; const char *path, *word; };
static const struct row rows[] = {
    { "the document, enveloped", "<?p?><a ><!--c-->t" SIG(REF("", ENVELOPED)) "u</a><!--d-->", "<?p?>\n<a>tu</a>", XML_REF_MATCH, "/", NULL },
    { "the document, another signature stays", "<a>" SIG(REF("", ENVELOPED)) "<Signature xmlns='" DSIG "'/></a>", "<a>" EMPTY_SIG "</a>", XML_REF_MATCH, "/", NULL },
    { "the document, enveloped in what encloses", "<a><b>x" SIG(REF("", ENVELOPED T(EXC))) "</b></a>", "<a><b>x</b></a>", XML_REF_MATCH, "/", NULL },
    { "comments are out without xpointer", "<a><!--c-->" SIG(REF("", ENVELOPED T(C14N "#WithComments"))) "</a>", "<a></a>", XML_REF_MATCH, "/", NULL },
    { "comments are in with xpointer", "<a><!--c-->" SIG(REF("#xpointer(/)", ENVELOPED T(C14N "#WithComments"))) "</a><!--d-->", "<a><!--c--></a>\n<!--d-->", XML_REF_MATCH, "/", NULL },
    { "comments are out by the implicit form", "<a><!--c-->" SIG(REF("#xpointer(/)", ENVELOPED)) "</a>", "<a></a>", XML_REF_MATCH, "/", NULL },
    { "an element by Id", "<a><b Id='x'>t<!--c--></b>" SIG(BARE("#x")) "</a>", "<b Id=\"x\">t</b>", XML_REF_MATCH, "/a/b", NULL },
    { "by ID", "<a><b ID='x'/>" SIG(BARE("#x")) "</a>", "<b ID=\"x\"></b>", XML_REF_MATCH, "/a/b", NULL },
    { "by id", "<a><b id='x'/>" SIG(BARE("#x")) "</a>", "<b id=\"x\"></b>", XML_REF_MATCH, "/a/b", NULL },
    { "by xml:id", "<a><b xml:id='x'/>" SIG(BARE("#x")) "</a>", "<b xml:id=\"x\"></b>", XML_REF_MATCH, "/a/b", NULL },
    { "not by p:Id", "<a><b xmlns:p='x:y' p:Id='x'/>" SIG(BARE("#x")) "</a>", ANY, XML_REF_NOT_FOUND, NULL, "no element" },
    { "not by iD", "<a><b iD='x'/>" SIG(BARE("#x")) "</a>", ANY, XML_REF_NOT_FOUND, NULL, "no element" },
    { "an element with what it inherits", "<a xmlns='x:a' xmlns:p='x:p' xml:lang='vi'><b Id='x'/>" SIG(BARE("#x")) "</a>",
      "<b xmlns=\"x:a\" xmlns:p=\"x:p\" Id=\"x\" xml:lang=\"vi\"></b>", XML_REF_MATCH, "/a/b", NULL },
    { "exclusive", "<p:a xmlns:p='x:p' xmlns:q='x:q' xml:lang='vi'><p:b Id='x'/>" SIG(REF("#x", T(EXC))) "</p:a>", "<p:b xmlns:p=\"x:p\" Id=\"x\"></p:b>", XML_REF_MATCH, "/p:a/p:b", NULL },
    { "exclusive with prefixes", "<p:a xmlns:p='x:p' xmlns:q='x:q' xmlns='x:d'><p:b Id='x'/>" SIG(REF("#x", "<Transform Algorithm='" EXC "'><i:InclusiveNamespaces xmlns:i='" EXC "' PrefixList='q  #default'/></Transform>")) "</p:a>",
      "<p:b xmlns=\"x:d\" xmlns:p=\"x:p\" xmlns:q=\"x:q\" Id=\"x\"></p:b>", XML_REF_MATCH, "/p:a/p:b", NULL },
    { "xpointer id, comments in", "<a><b Id='x'><!--c--></b>" SIG(REF("#xpointer(id('x'))", T(EXC "WithComments"))) "</a>", "<b Id=\"x\"><!--c--></b>", XML_REF_MATCH, "/a/b", NULL },
    { "xpointer id, other quotes", "<a><b Id='x'/>" SIG(BARE("#xpointer(id(&quot;x&quot;))")) "</a>", "<b Id=\"x\"></b>", XML_REF_MATCH, "/a/b", NULL },
    { "enveloped, but elsewhere, takes nothing away", "<a><b Id='x'>" EMPTY_SIG "</b>" SIG(REF("#x", ENVELOPED)) "</a>", "<b Id=\"x\">" EMPTY_SIG "</b>", XML_REF_MATCH, "/a/b", NULL },
    { "an element around the signature", "<a><b Id='x'>t" SIG(REF("#x", ENVELOPED)) "</b></a>", "<b Id=\"x\">t</b>", XML_REF_MATCH, "/a/b", NULL },
    { "its own object", "<a>" SIG_AND(BARE("#o"), "<Object Id='o'><x xmlns=''>t</x></Object>") "</a>",
      "<Object xmlns=\"" DSIG "\" Id=\"o\"><x xmlns=\"\">t</x></Object>", XML_REF_MATCH, "/a/Signature/Object", NULL },
    { "enveloping", SIG_AND(BARE("#o"), "<Object Id='o'>t</Object>"), "<Object xmlns=\"" DSIG "\" Id=\"o\">t</Object>", XML_REF_MATCH, "/Signature/Object", NULL },
    { "base64", "<a><b Id='x'> SGVs\n<!--c-->bG8<c>=</c> </b>" SIG(REF("#x", T(DSIG "base64"))) "</a>", "Hello", XML_REF_MATCH, "/a/b", NULL },
    { "a sibling of the same name", "<a><b/><c/><b Id='x'/>" SIG(BARE("#x")) "</a>", "<b Id=\"x\"></b>", XML_REF_MATCH, "/a/b[2]", NULL },
    { "the value twice on one element", "<a><b Id='x' id='x'/>" SIG(BARE("#x")) "</a>", "<b Id=\"x\" id=\"x\"></b>", XML_REF_MATCH, "/a/b", NULL },
    { "duplicates that nobody refers to", "<a><b Id='x'/><c Id='y'/><d Id='y'/>" SIG(BARE("#x")) "</a>", "<b Id=\"x\"></b>", XML_REF_MATCH, "/a/b", NULL },
    { "an Id with markup in it", "<a><b Id='x&amp;y'/>" SIG(BARE("#x&amp;y")) "</a>", "<b Id=\"x&amp;y\"></b>", XML_REF_MATCH, "/a/b", NULL },

    { "the text differs", "<a><b Id='x'>u</b>" SIG(BARE("#x")) "</a>", "<b Id=\"x\">t</b>", XML_REF_DIFFERS, "/a/b", "differs" },
    { "twice by Id", "<a><b Id='x'/><c Id='x'/>" SIG(BARE("#x")) "</a>", "<b Id=\"x\"></b>", XML_REF_AMBIGUOUS, "/a/b", "more than one" },
    { "twice by Id and id", "<a><b Id='x'/>" SIG(BARE("#x")) "<c id='x'/></a>", "<b Id=\"x\"></b>", XML_REF_AMBIGUOUS, "/a/b", "more than one" },
    { "twice by Id and xml:id, nested", "<a><b Id='x'><c xml:id='x'/></b>" SIG(BARE("#x")) "</a>", "<b Id=\"x\"><c xml:id=\"x\"></c></b>", XML_REF_AMBIGUOUS, "/a/b", "more than one" },
    { "twice, the second in the signature", "<a><b Id='x'/>" SIG_AND(BARE("#x"), "<Object><c ID='x'/></Object>") "</a>", "<b Id=\"x\"></b>", XML_REF_AMBIGUOUS, "/a/b", "more than one" },
    { "not there", "<a><b Id='y'/>" SIG(BARE("#x")) "</a>", ANY, XML_REF_NOT_FOUND, NULL, "no element" },
    { "a file", "<a>" SIG(BARE("b.xml")) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "b.xml" },
    { "the network", "<a>" SIG(BARE("http://x/y#z")) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "http://x/y#z" },
    { "another pointer", "<a>" SIG(BARE("#xpointer(//b)")) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "//b" },
    { "another scheme", "<a>" SIG(BARE("#element(/1)")) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "element" },
    { "id of two", "<a>" SIG(BARE("#xpointer(id('x')|id('y'))")) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "not on the list" },
    { "an empty fragment", "<a>" SIG(BARE("#")) "</a>", ANY, XML_REF_MALFORMED, NULL, "empty" },
    { "no URI", "<a>" SIG("<Reference>" DIGESTED "</Reference>") "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "without URI" },
    { "XPath: all signatures", "<a>x" SIG(REF("", ALL_BY_XPATH)) EMPTY_SIG "y</a>", "<a>xy</a>", XML_REF_MATCH, "/", NULL },
    { "XPath: this signature", "<a>x" SIG(REF("", THIS_BY_XPATH)) EMPTY_SIG "y</a>", "<a>x" EMPTY_SIG "y</a>", XML_REF_MATCH, "/", NULL },
    { "XPath: a signature in a signature", "<a>x" SIG_AND(REF("", ALL_BY_XPATH), "<Object>" EMPTY_SIG "z</Object>") "y</a>", "<a>xy</a>", XML_REF_MATCH, "/", NULL },
    { "XPath: white space", "<a>x" SIG(REF("", XPATH("\n not ( ancestor-or-self :: s:Signature )\t"))) "</a>", "<a>x</a>", XML_REF_MATCH, "/", NULL },
    { "XPath: the prefix further out", "<a xmlns:q='" DSIG "'>x" SIG(REF("", "<Transform Algorithm='" XPATH_10 "'><XPath>not(ancestor-or-self::q:Signature)</XPath></Transform>")) "</a>",
      "<a xmlns:q=\"" DSIG "\">x</a>", XML_REF_MATCH, "/", NULL },
    { "XPath: an element with a signature in it", "<a><b Id='x'>t" EMPTY_SIG "</b>" SIG(REF("#x", ALL_BY_XPATH)) "</a>", "<b Id=\"x\">t</b>", XML_REF_MATCH, "/a/b", NULL },
    { "XPath: then exclusive", "<a>x" SIG(REF("", ALL_BY_XPATH T(EXC))) "</a>", "<a>x</a>", XML_REF_MATCH, "/", NULL },
    { "XPath: leaves nothing", "<a>" SIG_AND(REF("#o", ALL_BY_XPATH), "<Object Id='o'/>") "</a>", "", XML_REF_UNSUPPORTED, "/a/Signature/Object", "leaves nothing" },
    { "Filter 2.0: all signatures", "<a>x" SIG(REF("", FILTER2("subtract", "/descendant::s:Signature"))) EMPTY_SIG "y</a>", "<a>xy</a>", XML_REF_MATCH, "/", NULL },
    { "Filter 2.0: all signatures, short", "<a>x" SIG(REF("", FILTER2("subtract", "//s:Signature"))) EMPTY_SIG "y</a>", "<a>xy</a>", XML_REF_MATCH, "/", NULL },
    { "Filter 2.0: this signature", "<a>x" SIG(REF("", FILTER2("subtract", "here()/ancestor::s:Signature[1]"))) EMPTY_SIG "y</a>", "<a>x" EMPTY_SIG "y</a>", XML_REF_MATCH, "/", NULL },
    { "Filter 2.0: intersect", "<a>" SIG(REF("", FILTER2("intersect", "//s:Signature"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "Filter 2.0" },
    { "Filter 2.0: another signature", "<a>" SIG(REF("", FILTER2("subtract", "here()/ancestor::s:Signature[2]"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "Filter 2.0" },
    { "Filter 2.0: two steps", "<a>" SIG(REF("", FILTER2("subtract", "//s:Signature/s:Object"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "Filter 2.0" },
    { "XPath: an expression of the other kind", "<a>" SIG(REF("", XPATH("//s:Signature"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XPath: no prefix", "<a>" SIG(REF("", XPATH("not(ancestor-or-self::Signature)"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XPath: another namespace", "<a>" SIG(REF("", XPATH("not(ancestor-or-self::o:Signature)"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XPath: an unbound prefix", "<a>" SIG(REF("", XPATH("not(ancestor-or-self::u:Signature)"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XPath: another name", "<a>" SIG(REF("", XPATH("not(ancestor-or-self::s:SignatureX)"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XPath: not the negation", "<a>" SIG(REF("", XPATH("ancestor-or-self::s:Signature"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XPath: more behind", "<a>" SIG(REF("", XPATH("not(ancestor-or-self::s:Signature) and 0"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XPath: split by a comment", "<a>" SIG(REF("", XPATH("not(ancestor-or-self::s:Signature<!---->)"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XPath: two of them", "<a>" SIG(REF("", "<Transform Algorithm='" XPATH_10 "' xmlns:s='" DSIG "'><XPath>not(ancestor-or-self::s:Signature)</XPath><XPath/></Transform>")) "</a>",
      ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XPath", "<a>" SIG(REF("", T("http://www.w3.org/TR/1999/REC-xpath-19991116"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XPath" },
    { "XSLT", "<a>" SIG(REF("", ENVELOPED T("http://www.w3.org/TR/1999/REC-xslt-19991116"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "XSLT" },
    { "an unknown transform", "<a>" SIG(REF("", T("x:y"))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "x:y" },
    { "a transform after octets", "<a>" SIG(REF("", T(C14N) ENVELOPED)) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "after octets" },
    { "two canonicalizations", "<a>" SIG(REF("", T(C14N) T(EXC))) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "after octets" },
    { "C14N with a parameter", "<a>" SIG(REF("", "<Transform Algorithm='" C14N "'><x/></Transform>")) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "parameters" },
    { "nine transforms", "<a>" SIG(REF("", ENVELOPED ENVELOPED ENVELOPED ENVELOPED ENVELOPED ENVELOPED ENVELOPED ENVELOPED ENVELOPED)) "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "more transforms" },
    { "no transform in Transforms", "<a>" SIG(REF("", "")) "</a>", ANY, XML_REF_MALFORMED, NULL, "Transforms" },
    { "no Algorithm", "<a>" SIG(REF("", "<Transform/>")) "</a>", ANY, XML_REF_MALFORMED, NULL, "Algorithm" },
    { "an unknown digest", "<a>" SIG("<Reference URI=''><DigestMethod Algorithm='x:d'/><DigestValue>AA==</DigestValue></Reference>") "</a>", ANY, XML_REF_UNSUPPORTED, NULL, "x:d" },
    { "a digest that is too short", "<a>" SIG("<Reference URI=''><DigestMethod Algorithm='" SHA256 "'/><DigestValue>AAAA</DigestValue></Reference>") "</a>", ANY, XML_REF_DIFFERS, "/", "as long as" },
    { "no base64 inside", "<a><b Id='x'>AA=A</b>" SIG(REF("#x", T(DSIG "base64"))) "</a>", ANY, XML_REF_MALFORMED, "/a/b", "base64" },
    { "enveloped leaves nothing of its own object", "<a>" SIG_AND(REF("#o", ENVELOPED), "<Object Id='o'/>") "</a>", "", XML_REF_UNSUPPORTED, "/a/Signature/Object", "leaves nothing" },
    { "enveloped leaves nothing of itself", "<a>" SIG(REF("#s", ENVELOPED)) "</a>", "", XML_REF_UNSUPPORTED, "/a/Signature", "leaves nothing" },
    { "enveloped leaves nothing of the root", SIG(REF("", ENVELOPED)), "", XML_REF_UNSUPPORTED, "/", "leaves nothing" },
};

static void references(void **state)
{
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(reading_free) struct reading r = { 0 };
        read_document(&r, rows[i].document, rows[i].covered);
        const struct xml_sig *sig = xml_sig(r.doc, 0);
        for (size_t s = 0; !(sig->n_refs) && s < xml_count(r.doc); s++) sig = xml_sig(r.doc, s); /* the one with references */
        const struct xml_ref *ref = &sig->refs[0];
        bool right = !sig->malformed && sig->n_refs == 1 && ref->status == rows[i].status &&
                     (rows[i].path == NULL) == (ref->path == NULL) && (!ref->path || strcmp(ref->path, rows[i].path) == 0) &&
                     (!rows[i].word || (ref->why && ref->clause && strstr(ref->why, rows[i].word)));
        if (!right) {
            print_message("# %s: status %d, path %s, %s, %s\n", rows[i].name, ref->status, ref->path ? ref->path : "-",
                          ref->why ? ref->why : "-", sig->why ? sig->why : "-");
        }
        assert_true(right);
        /* The bytes that are told are those of the element. */
        if (ref->element_id) {
            sign_bytes bytes = bytes_slice(build_view(&r.text), ref->offset, ref->length);
            assert_int_equal(bytes.ptr[0], '<');
            assert_int_equal(bytes.ptr[bytes.len - 1], '>');
        }
    }
}

/* --- structure ----------------------------------------------------------------------------------------------------- */

#define S(inside) "<a><Signature xmlns='" DSIG "'>" inside "</Signature></a>"
#define INFO "<SignedInfo>" METHODS BARE("") "</SignedInfo>"
#define VALUE "<SignatureValue>AA==</SignatureValue>"
#define INFO_WITH(ref) "<SignedInfo>" METHODS ref "</SignedInfo>" VALUE

static const struct { const char *name, *document; bool malformed, unsupported; const char *word; } structures[] = {
    { "as it should be", S(INFO VALUE), false, false, NULL },
    { "comments and instructions between elements", S("<!--x-->" INFO " <?p?> " VALUE "\n<!--y-->"), false, false, NULL },
    { "empty", S(""), true, false, "SignedInfo" },
    { "two SignedInfo", S(INFO INFO VALUE), true, false, "SignedInfo" },
    { "two SignedInfo, one behind", S(INFO VALUE INFO), true, false, "Object" },
    { "no value", S(INFO), true, false, "SignatureValue" },
    { "two values", S(INFO VALUE VALUE), true, false, "Object" },
    { "value first", S(VALUE INFO), true, false, "SignedInfo" },
    { "text between", S(INFO "x" VALUE), true, false, "SignedInfo" },
    { "KeyInfo twice", S(INFO VALUE "<KeyInfo/><KeyInfo/>"), true, false, "Object" },
    { "KeyInfo behind an Object", S(INFO VALUE "<Object/><KeyInfo/>"), true, false, "Object" },
    { "another namespace", S("<SignedInfo xmlns=''/>" VALUE), true, false, "SignedInfo" },
    { "a comment in the value", S(INFO "<SignatureValue>AA<!--x-->==</SignatureValue>"), true, false, "base64" },
    { "an instruction in the value", S(INFO "<SignatureValue>AA==<?x?></SignatureValue>"), true, false, "base64" },
    { "an element in the value", S(INFO "<SignatureValue>AA==<x/></SignatureValue>"), true, false, "base64" },
    { "CDATA in the value", S(INFO "<SignatureValue>A<![CDATA[A=]]>=</SignatureValue>"), true, false, "one piece" },
    { "no base64", S(INFO "<SignatureValue>A*==</SignatureValue>"), true, false, "base64" },
    { "an empty value", S(INFO "<SignatureValue/>"), true, false, "base64" },
    { "no Reference", S(INFO_WITH("")), true, false, "Reference" },
    { "something else than a Reference", S(INFO_WITH("<Object/>")), true, false, "Reference" },
    { "a comment in DigestValue", S(INFO_WITH("<Reference URI=''><DigestMethod Algorithm='" SHA256 "'/><DigestValue>AA<!---->==</DigestValue></Reference>")), true, false, "DigestValue" },
    { "two DigestValues", S(INFO_WITH("<Reference URI=''>" DIGESTED "<DigestValue>AA==</DigestValue></Reference>")), true, false, "Reference is" },
    { "Transforms behind", S(INFO_WITH("<Reference URI=''>" DIGESTED "<Transforms/></Reference>")), true, false, "Reference is" },
    { "no DigestMethod", S(INFO_WITH("<Reference URI=''><DigestValue>AA==</DigestValue></Reference>")), true, false, "Reference is" },
    { "no SignatureMethod", S("<SignedInfo><CanonicalizationMethod Algorithm='" C14N "'/>" BARE("") "</SignedInfo>" VALUE), true, false, "SignedInfo is" },
    { "unknown canonicalization", S("<SignedInfo><CanonicalizationMethod Algorithm='x:c'/><SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'/>" BARE("") "</SignedInfo>" VALUE), false, true, "x:c" },
    { "unknown method", S("<SignedInfo><CanonicalizationMethod Algorithm='" C14N "'/><SignatureMethod Algorithm='x:m'/>" BARE("") "</SignedInfo>" VALUE), false, true, "x:m" },
    { "HMAC", S("<SignedInfo><CanonicalizationMethod Algorithm='" C14N "'/><SignatureMethod Algorithm='" DSIG "hmac-sha1'><HMACOutputLength>1</HMACOutputLength></SignatureMethod>" BARE("") "</SignedInfo>" VALUE), false, true, "HMAC" },
    { "a certificate that is none", S(INFO VALUE "<KeyInfo><X509Data><X509Certificate>*</X509Certificate></X509Data></KeyInfo>"), true, false, "X509Certificate" },
    { "a key without its exponent", S(INFO VALUE "<KeyInfo><KeyValue><RSAKeyValue><Modulus>AQAB</Modulus></RSAKeyValue></KeyValue></KeyInfo>"), true, false, "KeyValue" },
};

static void structure(void **state)
{
    for (size_t i = 0; i < COUNT(structures); i++) {
        CLEANUP(reading_free) struct reading r = { 0 };
        read_document(&r, structures[i].document, "");
        assert_int_equal(xml_count(r.doc), 1);
        const struct xml_sig *sig = xml_sig(r.doc, 0);
        bool right = sig->malformed == structures[i].malformed && sig->unsupported == structures[i].unsupported &&
                     (sig->why != NULL) == (structures[i].word != NULL) && (!sig->why || strstr(sig->why, structures[i].word));
        if (!right) print_message("# %s: malformed %d, unsupported %d, %s\n", structures[i].name, sig->malformed, sig->unsupported, sig->why ? sig->why : "-");
        assert_true(right);
        assert_true(!sig->why || (sig->clause && sig->at >= sig->offset && sig->at < sig->offset + sig->length));
        assert_string_equal(sig->path, "/a/Signature");
    }
}

/* --- SignedInfo ---------------------------------------------------------------------------------------------------- */

static void signed_info(void **state)
{
    static const char document[] = "<a xmlns='x:a' xmlns:p='x:p' xml:lang='vi' xml:space='preserve'><b xml:lang='en'><s:Signature xmlns:s='" DSIG "'>"
        "<s:SignedInfo Id='i' ><s:CanonicalizationMethod Algorithm='" C14N "'/><s:SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'/>"
        "<s:Reference URI=''><s:DigestMethod Algorithm='" SHA256 "'/><s:DigestValue>AA==</s:DigestValue></s:Reference><!--c--></s:SignedInfo>"
        "<s:SignatureValue>AA==</s:SignatureValue></s:Signature></b></a>";
    static const char want[] = "<s:SignedInfo xmlns=\"x:a\" xmlns:p=\"x:p\" xmlns:s=\"" DSIG "\" Id=\"i\" xml:lang=\"en\" xml:space=\"preserve\">"
        "<s:CanonicalizationMethod Algorithm=\"" C14N "\"></s:CanonicalizationMethod>"
        "<s:SignatureMethod Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></s:SignatureMethod>"
        "<s:Reference URI=\"\"><s:DigestMethod Algorithm=\"" SHA256 "\"></s:DigestMethod><s:DigestValue>AA==</s:DigestValue></s:Reference></s:SignedInfo>";
    CLEANUP(reading_free) struct reading r = { 0 };
    CLEANUP(build_free) struct build got = { 0 };
    sign_err err = SIGN_ERR_INIT;
    read_document(&r, document, "");
    check_status(xml_signed_info(&got, r.doc, 0, &err), SIGN_OK, &err);
    check_bytes(build_view(&got), bytes_str(want));
    assert_int_equal(xml_signed_info(&got, r.doc, 1, &err), SIGN_E_ARG);
}

/* --- many signatures, and one inside another ------------------------------------------------------------------------ */

static void several(void **state)
{
    static const char document[] = "<a><b Id='x'>t</b>" SIG(BARE("#x")) SIG(REF("#x", ENVELOPED))
        "<c><Signature xmlns='" DSIG "'><SignedInfo>" METHODS BARE("#x") "</SignedInfo><SignatureValue>AA==</SignatureValue>"
        "<Object><d>" SIG(BARE("#x")) "</d></Object></Signature></c></a>";
    static const struct { const char *id, *path; } want[] = {
        { "s", "/a/Signature" }, { "/a/Signature[2]", "/a/Signature[2]" }, { "/a/c/Signature", "/a/c/Signature" },
        { "/a/c/Signature/Object/d/Signature", "/a/c/Signature/Object/d/Signature" },
    };
    CLEANUP(reading_free) struct reading r = { 0 };
    read_document(&r, document, "<b Id=\"x\">t</b>");
    assert_int_equal(xml_count(r.doc), COUNT(want));
    for (size_t i = 0; i < COUNT(want); i++) {
        const struct xml_sig *sig = xml_sig(r.doc, i);
        assert_string_equal(sig->id, want[i].id);
        assert_string_equal(sig->path, want[i].path);
        assert_int_equal(sig->refs[0].status, XML_REF_MATCH);
        sign_bytes bytes = bytes_slice(build_view(&r.text), sig->offset, sig->length);
        assert_true(bytes_start(bytes, BYTES_LIT("<Signature")));
        assert_true(bytes_find(bytes, BYTES_LIT("</Signature>"), bytes.len - 12) == bytes.len - 12);
    }
    assert_null(xml_sig(r.doc, COUNT(want)));
}

/* --- properties ----------------------------------------------------------------------------------------------------- */

#define XADES "http://uri.etsi.org/01903/v1.3.2#"
#define PROPS(target, id, time) "<Object><x:QualifyingProperties xmlns:x='" XADES "' Target='" target "'><x:SignedProperties Id='" id "'>" \
    "<x:SignedSignatureProperties><x:SigningTime>" time "</x:SigningTime><x:SigningCertificateV2><x:Cert><x:CertDigest>" \
    "<DigestMethod Algorithm='" SHA256 "'/><DigestValue>AAEC</DigestValue></x:CertDigest></x:Cert></x:SigningCertificateV2>" \
    "</x:SignedSignatureProperties></x:SignedProperties></x:QualifyingProperties></Object>"
#define CANON_PROPS(id, time) "<x:SignedProperties xmlns=\"" DSIG "\" xmlns:x=\"" XADES "\" Id=\"" id "\">" \
    "<x:SignedSignatureProperties><x:SigningTime>" time "</x:SigningTime><x:SigningCertificateV2><x:Cert><x:CertDigest>" \
    "<DigestMethod Algorithm=\"" SHA256 "\"></DigestMethod><DigestValue>AAEC</DigestValue></x:CertDigest></x:Cert></x:SigningCertificateV2>" \
    "</x:SignedSignatureProperties></x:SignedProperties>"
#define TYPED(uri) "<Reference URI='" uri "' Type='http://uri.etsi.org/01903#SignedProperties'>" DIGESTED "</Reference>"
#define TIME "2026-11-22T09:00:00+07:00"
#define VN(inside) "<Object Id='o'><SignatureProperties><SignatureProperty Target='#s'><SigningTime xmlns='x:t'>" inside "</SigningTime></SignatureProperty></SignatureProperties></Object>"
#define CANON_VN(inside) "<Object xmlns=\"" DSIG "\" Id=\"o\"><SignatureProperties><SignatureProperty Target=\"#s\"><SigningTime xmlns=\"x:t\">" inside "</SigningTime></SignatureProperty></SignatureProperties></Object>"

static const struct { const char *name, *document, *covered; bool xades, bound, has_time, time_signed, zone, malformed; } properties[] = {
    { "XAdES", "<a>" SIG_AND(TYPED("#p"), PROPS("#s", "p", TIME)) "</a>", CANON_PROPS("p", TIME), true, true, true, true, true, false },
    { "another Target", "<a>" SIG_AND(TYPED("#p"), PROPS("#t", "p", TIME)) "</a>", CANON_PROPS("p", TIME), false, false, false, false, false, false },
    { "no Type", "<a>" SIG_AND(BARE("#p"), PROPS("#s", "p", TIME)) "</a>", CANON_PROPS("p", TIME), true, true, true, true, true, false },
    { "a digest that differs", "<a>" SIG_AND(TYPED("#p"), PROPS("#s", "p", TIME)) "</a>", "x", true, false, true, false, true, false },
    { "properties of the same Id elsewhere", "<a><b Id='q'/>" SIG_AND(TYPED("#q"), PROPS("#s", "p", TIME)) "</a>", "<b Id=\"q\"></b>", true, false, true, false, true, false },
    { "two sets of properties", "<a>" SIG_AND(TYPED("#p"), PROPS("#s", "p", TIME) PROPS("#s", "r", TIME)) "</a>", CANON_PROPS("p", TIME), true, false, true, false, true, true },
    { "a time that is none", "<a>" SIG_AND(TYPED("#p"), PROPS("#s", "p", "now")) "</a>", CANON_PROPS("p", "now"), true, false, false, false, false, true },
    { "as in Vietnamese invoices", "<a>" SIG_AND(BARE("#o"), VN("2026-11-22T09:00:00")) "</a>", CANON_VN("2026-11-22T09:00:00"), false, false, true, true, false, false },
    { "the same, not signed", "<a><b Id='q'/>" SIG_AND(BARE("#q"), VN("2026-11-22T09:00:00")) "</a>", "<b Id=\"q\"></b>", false, false, true, false, false, false },
    { "the same, in an element around it", "<a><b Id='q'>" SIG_AND(REF("#q", ENVELOPED), VN("2026-11-22T09:00:00")) "</b></a>", "<b Id=\"q\"></b>", false, false, true, false, false, false },
    { "the same, left out by the transform", "<a>" SIG_AND(REF("", ENVELOPED), VN("2026-11-22T09:00:00")) "</a>", "<a></a>", false, false, true, false, false, false },
};

static void signature_properties(void **state)
{
    for (size_t i = 0; i < COUNT(properties); i++) {
        CLEANUP(reading_free) struct reading r = { 0 };
        read_document(&r, properties[i].document, properties[i].covered);
        const struct xml_sig *sig = xml_sig(r.doc, 0);
        bool right = sig->xades == properties[i].xades && sig->signed_props_bound == properties[i].bound && sig->malformed == properties[i].malformed &&
                     sig->has_signing_time == properties[i].has_time && sig->signing_time_signed == properties[i].time_signed &&
                     sig->signing_time.has_zone == properties[i].zone;
        if (!right) {
            print_message("# %s: xades %d, bound %d, time %d, signed %d, %s\n", properties[i].name, sig->xades, sig->signed_props_bound,
                          sig->has_signing_time, sig->signing_time_signed, sig->why ? sig->why : "-");
        }
        assert_true(right);
        if (sig->xades && !sig->malformed) {
            assert_true(sig->n_cert_refs == 1 && sig->cert_refs[0].v2);
            assert_int_equal(sig->cert_refs[0].digest.len, 3);
            assert_int_equal(sig->signing_time.seconds, 1795312800);
        }
    }
}

/* --- KeyValue: what is good is in the corpus; here what is not ------------------------------------------------------- */

static void keys(void **state)
{
    static const uint8_t large[2049] = { 1 }, point[65] = { 4, 1 }, one[1] = { 1 };
    const struct { enum xml_key_kind kind; sign_bytes parts[4]; int status; } bad[] = {
        { XML_KEY_NONE, { { 0 } }, SIGN_E_NOTFOUND },
        { XML_KEY_RSA, { bytes_of(large, sizeof large), bytes_of(one, 1) }, SIGN_E_ALGO },
        { XML_KEY_DSA, { bytes_of(one, 1), bytes_of(one, 1), bytes_of(one, 1), bytes_of(large, sizeof large) }, SIGN_E_ALGO },
        { XML_KEY_EC, { BYTES_LIT("1.2.840.10045.3.1.7"), bytes_of(point, sizeof point) }, SIGN_E_ALGO },
        { XML_KEY_EC, { BYTES_LIT("1.2.3"), bytes_of(point, sizeof point) }, SIGN_E_ALGO },
        { XML_KEY_EC, { BYTES_LIT(""), bytes_of(point, sizeof point) }, SIGN_E_ALGO },
        { XML_KEY_DER, { BYTES_LIT("\x30\x00") }, SIGN_E_ALGO },
        { XML_KEY_DER, { bytes_of(large, sizeof large) }, SIGN_E_ALGO },
    };
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct xml_sig sig = { .key_kind = bad[i].kind };
        memcpy(sig.key_part, bad[i].parts, sizeof sig.key_part);
        EVP_PKEY *key = NULL;
        sign_err err = SIGN_ERR_INIT;
        check_status(xml_key_value(&key, &sig, &err), bad[i].status, &err);
        assert_null(key);
    }
}

/* --- many references ------------------------------------------------------------------------------------------------ */

/* "@" is the number. */
static void put_numbered(struct build *out, const char *text, size_t number)
{
    for (; *text; text++) {
        if (*text == '@') {
            build_u64(out, number);
        } else {
            build_byte(out, (uint8_t)*text);
        }
    }
}

static void put_many(struct build *out, size_t n, const char *target, const char *transform)
{
    build_str(out, "<a>");
    for (size_t i = 0; i < n; i++) build_fmt(out, "<b Id='x%zu'/>", i);
    build_str(out, "<Signature xmlns='" DSIG "'><SignedInfo>" METHODS);
    for (size_t i = 0; i < n; i++) {
        build_str(out, "<Reference URI='#");
        put_numbered(out, target, i);
        build_str(out, "'><Transforms>");
        put_numbered(out, transform, i);
        build_str(out, "</Transforms>" DIGESTED "</Reference>");
    }
    build_str(out, "</SignedInfo>" VALUE "</Signature></a>");
    build_byte(out, 0);
}

static void many_references(void **state)
{
    CLEANUP(reading_free) struct reading r = { 0 };
    CLEANUP(build_free) struct build document = { 0 };
    put_many(&document, 10000, "x@", T(C14N));
    read_document(&r, (const char *)document.ptr, "<b Id=\"x9999\"></b>");
    const struct xml_sig *sig = xml_sig(r.doc, 0);
    assert_int_equal(sig->n_refs, 10000);
    for (size_t i = 0; i < sig->n_refs; i++) assert_int_equal(sig->refs[i].status, i == 9999 ? XML_REF_MATCH : XML_REF_DIFFERS);
    assert_string_equal(sig->refs[9999].path, "/a/b[10000]");
}

/* The same element in ever new forms: each would take a canonicalizer of its own. */
static void many_forms(void **state)
{
    CLEANUP(reading_free) struct reading r = { 0 };
    CLEANUP(build_free) struct build document = { 0 };
    sign_err err = SIGN_ERR_INIT;
    put_many(&document, LIMIT_XML_STREAMS + 1, "x1",
             "<Transform Algorithm='" EXC "'><i:InclusiveNamespaces xmlns:i='" EXC "' PrefixList='p@'/></Transform>");
    put_document(&r.text, (const char *)document.ptr, "");
    check_status(source_over(&r.source, build_view(&r.text), &err), SIGN_OK, &err);
    check_status(xml_read(&r.doc, r.source, crypto, NULL, NULL, &err), SIGN_OK, &err);
    check_status(xml_digest(r.doc, NULL, &err), SIGN_E_LIMIT, &err);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references), cmocka_unit_test(structure), cmocka_unit_test(signed_info), cmocka_unit_test(several),
        cmocka_unit_test(signature_properties), cmocka_unit_test(keys), cmocka_unit_test(many_references), cmocka_unit_test(many_forms),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
