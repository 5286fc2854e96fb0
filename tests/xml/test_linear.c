/*
 * Work in proportion to what is read: counted, not timed, as bytes digested, events canonicalized and elements followed, over
 * documents of growing size. And what is made to explode is refused before it costs anything.
 */
#include "check.h"
#include <base/build.h>
#include <time.h>
#include <xml/doc.h>
#include <xml/path.h>

#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define METHODS "<CanonicalizationMethod Algorithm='http://www.w3.org/2001/10/xml-exc-c14n#'/><SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'/>"
#define DIGESTED "<DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</DigestValue>"

/* --- counting: the linker puts these in front of the real ones ------------------------------------------------------ */

static uint64_t work;

int __real_digest_add(struct digest_run *run, sign_bytes bytes, sign_err *err);
int __wrap_digest_add(struct digest_run *run, sign_bytes bytes, sign_err *err);
int __real_c14n_event(struct c14n *c, const struct xml_event *event, bool emit, sign_err *err);
int __wrap_c14n_event(struct c14n *c, const struct xml_event *event, bool emit, sign_err *err);
int __real_path_enter(struct path *p, const struct xml_name *name, sign_err *err);
int __wrap_path_enter(struct path *p, const struct xml_name *name, sign_err *err);

int __wrap_digest_add(struct digest_run *run, sign_bytes bytes, sign_err *err)
{
    work += bytes.len;
    return __real_digest_add(run, bytes, err);
}

int __wrap_c14n_event(struct c14n *c, const struct xml_event *event, bool emit, sign_err *err)
{
    work += 32;
    return __real_c14n_event(c, event, emit, err);
}

int __wrap_path_enter(struct path *p, const struct xml_name *name, sign_err *err)
{
    work += 32;
    return __real_path_enter(p, name, err);
}

/* --- documents ------------------------------------------------------------------------------------------------------ */

/* One signature over n elements. */
static void references(struct build *out, size_t n)
{
    build_str(out, "<a>");
    for (size_t i = 0; i < n; i++) build_fmt(out, "<b Id='i%06zu'><c>text</c></b>", i);
    build_str(out, "<Signature xmlns='" DSIG "'><SignedInfo>" METHODS);
    for (size_t i = 0; i < n; i++) build_fmt(out, "<Reference URI='#i%06zu'>" DIGESTED "</Reference>", i);
    build_str(out, "</SignedInfo><SignatureValue>AA==</SignatureValue></Signature></a>");
}

/* n elements, each with a signature of its own over it. */
static void signatures(struct build *out, size_t n)
{
    build_str(out, "<a>");
    for (size_t i = 0; i < n; i++) {
        build_fmt(out, "<b Id='i%06zu'><c>text</c><Signature xmlns='" DSIG "'><SignedInfo>" METHODS "<Reference URI='#i%06zu'><Transforms><Transform Algorithm='"
                  DSIG "enveloped-signature'/></Transforms>" DIGESTED "</Reference></SignedInfo><SignatureValue>AA==</SignatureValue></Signature></b>", i, i);
    }
    build_str(out, "</a>");
}

/* n signatures over one and the same element. */
static void over_one(struct build *out, size_t n)
{
    build_str(out, "<a><b Id='i'>");
    for (size_t i = 0; i < n; i++) build_str(out, "<c>text</c>");
    build_str(out, "</b>");
    for (size_t i = 0; i < n; i++) {
        build_str(out, "<Signature xmlns='" DSIG "'><SignedInfo>" METHODS "<Reference URI='#i'>" DIGESTED "</Reference></SignedInfo><SignatureValue>AA==</SignatureValue></Signature>");
    }
    build_str(out, "</a>");
}

/* One signature over a list of n lines: what an invoice is. */
static void lines(struct build *out, size_t n)
{
    build_str(out, "<a><b Id='i'>");
    for (size_t i = 0; i < n; i++) build_fmt(out, "<HHDVu><STT>%06zu</STT><Ten>Giấy in</Ten></HHDVu>", i);
    build_str(out, "</b><Signature xmlns='" DSIG "'><SignedInfo>" METHODS "<Reference URI='#i'>" DIGESTED "</Reference></SignedInfo><SignatureValue>AA==</SignatureValue></Signature></a>");
}

static uint64_t work_of(sign_bytes document, const struct crypto *crypto)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    CLEANUP(build_free) struct build info = { 0 };
    sign_err err = SIGN_ERR_INIT;
    work = 0;
    check_status(source_over(&source, document, &err), SIGN_OK, &err);
    check_status(xml_read(&doc, source, crypto, NULL, NULL, &err), SIGN_OK, &err);
    check_status(xml_digest(doc, NULL, &err), SIGN_OK, &err);
    for (size_t i = 0; i < xml_count(doc); i++) check_status(xml_signed_info(&info, doc, i, &err), SIGN_OK, &err);
    assert_in_range(doc->readings, 1, 2);
    return work;
}

static void linear(void **state)
{
    static const struct { const char *what; void (*make)(struct build *out, size_t n); size_t n; } rows[] = {
        { "references", references, 1000 }, { "references", references, 10000 }, { "signatures", signatures, 100 },
        { "signatures", signatures, 1000 }, { "over one", over_one, 100 }, { "over one", over_one, 1000 }, { "lines", lines, 1000 },
        { "lines", lines, 100000 },
    };
    double least = 0;
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(build_free) struct build document = { 0 };
        rows[i].make(&document, rows[i].n);
        double each = (double)work_of(build_view(&document), *state) / (double)document.len;
        print_message("# %-10s %6zu: %8zu bytes, work for %.3f of them\n", rows[i].what, rows[i].n, document.len, each);
        bool grows = i % 2 && each > least * 1.05;
        assert_false(grows);
        assert_true(each > 1 && each < 12);
        least = each;
    }
}

/* --- what is quadratic by nature: n signatures, each over all but itself ------------------------------------------------ */

static void parallel(void **state)
{
    static const char enveloped[] = "<Reference URI=''><Transforms><Transform Algorithm='" DSIG "enveloped-signature'/></Transforms>" DIGESTED "</Reference>";
    CLEANUP(build_free) struct build document = { 0 };
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    sign_err err = SIGN_ERR_INIT;
    size_t n = 4 * LIMIT_XML_TAPS, refused = 0;
    build_str(&document, "<a>");
    for (size_t i = 0; i < n; i++) {
        build_fmt(&document, "<Signature xmlns='" DSIG "'><SignedInfo>" METHODS "%s</SignedInfo><SignatureValue>AA==</SignatureValue></Signature>", enveloped);
    }
    build_str(&document, "</a>");
    check_status(source_over(&source, build_view(&document), &err), SIGN_OK, &err);
    check_status(xml_read(&doc, source, *state, NULL, NULL, &err), SIGN_OK, &err);
    work = 0;
    check_status(xml_digest(doc, NULL, &err), SIGN_OK, &err);
    assert_int_equal(xml_count(doc), n);
    for (size_t i = 0; i < n; i++) {
        const struct xml_ref *ref = &xml_sig(doc, i)->refs[0];
        refused += ref->status == XML_REF_UNSUPPORTED && ref->why && ref->clause;
        assert_true(ref->status == XML_REF_UNSUPPORTED || ref->status == XML_REF_DIFFERS);
    }
    assert_in_range(refused, n - LIMIT_XML_TAPS - 4, n - LIMIT_XML_TAPS); /* four are digested while signatures are found: guess.c */
    assert_true(work < 2 * LIMIT_XML_TAPS * (uint64_t)document.len);
}

/* --- bombs ---------------------------------------------------------------------------------------------------------- */

static void laughs(struct build *out)
{
    build_str(out, "<!DOCTYPE a [<!ENTITY e0 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'>");
    for (int i = 1; i < 10; i++) {
        build_fmt(out, "<!ENTITY e%d '", i);
        for (int n = 0; n < 10; n++) build_fmt(out, "&e%d;", i - 1);
        build_str(out, "'>");
    }
    build_str(out, "]><a>&e9;</a>");
}

static void quadratic_entity(struct build *out)
{
    build_str(out, "<!DOCTYPE a [<!ENTITY e '");
    build_fill(out, 'x', 100000);
    build_str(out, "'>]><a>");
    for (int i = 0; i < 1000; i++) build_str(out, "&e;");
    build_str(out, "</a>");
}

static void elements_in_entity(struct build *out)
{
    build_str(out, "<!DOCTYPE a [<!ENTITY e '");
    for (int i = 0; i < 25000; i++) build_str(out, "<b/>");
    build_str(out, "'>]><a>");
    for (int i = 0; i < 1000; i++) build_str(out, "&e;");
    build_str(out, "</a>");
}

static void default_attributes(struct build *out)
{
    build_str(out, "<!DOCTYPE a [<!ATTLIST b");
    for (int i = 0; i < 1000; i++) build_fmt(out, " c%d CDATA 'x'", i);
    build_str(out, ">]><a>");
    for (int i = 0; i < 100000; i++) build_str(out, "<b/>");
    build_str(out, "</a>");
}

static void attributes(struct build *out)
{
    build_str(out, "<a");
    for (int i = 0; i < 1000000; i++) build_fmt(out, " a%d=''", i);
    build_str(out, "/>");
}

static void some_attributes(struct build *out)
{
    build_str(out, "<a");
    for (int i = 0; i < 60000; i++) build_fmt(out, " a%d=''", i);
    build_str(out, "/>");
}

static void namespaces(struct build *out)
{
    build_str(out, "<a");
    for (int i = 0; i < 40000; i++) build_fmt(out, " xmlns:a%d='x:%d'", i, i);
    build_str(out, "/>");
}

static void nested_namespaces(struct build *out)
{
    for (int i = 0; i < 250; i++) {
        build_str(out, "<a");
        for (int n = 0; n < 40; n++) build_fmt(out, " xmlns:p%d='x:%d'", n, i);
        build_str(out, ">");
    }
}

static void open_tags(struct build *out)
{
    for (int i = 0; i < 5000000; i++) build_str(out, "<a>");
}

static double processor_seconds(void)
{
    struct timespec now;
    assert_int_equal(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now), 0);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLOWER 10
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLOWER 10
#endif
#endif
#ifndef SLOWER
#define SLOWER 1
#endif

static void bombs(void **state)
{
    static const struct { const char *what; void (*make)(struct build *out); } rows[] = {
        { "entities in entities", laughs }, { "a large entity, often", quadratic_entity }, { "elements in an entity", elements_in_entity },
        { "attributes from the DTD", default_attributes }, { "a tag of a million attributes", attributes },
        { "a tag of 60,000 attributes", some_attributes }, { "a tag of 40,000 namespaces", namespaces },
        { "namespaces, nested", nested_namespaces }, { "tags, nested", open_tags },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        CLEANUP(build_free) struct build document = { 0 };
        CLEANUP(source_free) struct source *source = NULL;
        CLEANUP(xml_free) struct xml_doc *doc = NULL;
        sign_err err = SIGN_ERR_INIT;
        rows[i].make(&document);
        check_status(source_over(&source, build_view(&document), &err), SIGN_OK, &err);
        double before = processor_seconds();
        int rc = xml_read(&doc, source, *state, &(struct xml_opts){ .allow_doctype = true }, NULL, &err);
        double took = processor_seconds() - before;
        print_message("# %-30s %8zu bytes, %5.1f ms: %s\n", rows[i].what, document.len, took * 1000, err.msg);
        assert_int_equal(rc, SIGN_E_LIMIT);
        assert_true(took < 0.1 * SLOWER);
    }
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
    const struct CMUnitTest tests[] = { cmocka_unit_test(linear), cmocka_unit_test(parallel), cmocka_unit_test(bombs) };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
