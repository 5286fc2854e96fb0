/* Every allocation made to fail in turn: the answer is then NOMEM, or the same as with memory, and never a verdict of its own. */
#include "check.h"
#include "fault.h"
#include <base/build.h>
#include <xml/signature.h>

#define DSIG "http://www.w3.org/2000/09/xmldsig#"
#define EXC "http://www.w3.org/2001/10/xml-exc-c14n#"
#define XADES "http://uri.etsi.org/01903/v1.3.2#"
#define DIGESTED "<DigestMethod Algorithm='http://www.w3.org/2001/04/xmlenc#sha256'/><DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</DigestValue>"
#define REF(uri, transform) "<Reference URI='" uri "'><Transforms>" transform "</Transforms>" DIGESTED "</Reference>"

static const char document[] =
    "<!DOCTYPE a [<!ENTITY e 'text'><!ATTLIST b c CDATA 'd'>]><a xmlns:p='x:p' xml:lang='vi'><?p q?><!--c--><b Id='x'>&e;</b><b id='y'>SGVsbG8=</b>"
    "<Signature xmlns='" DSIG "' Id='s'><SignedInfo><CanonicalizationMethod Algorithm='" EXC "'><i:InclusiveNamespaces xmlns:i='" EXC "' PrefixList='p'/></CanonicalizationMethod>"
    "<SignatureMethod Algorithm='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'/>" REF("", "<Transform Algorithm='" DSIG "enveloped-signature'/>")
    REF("#x", "<Transform Algorithm='" EXC "'><i:InclusiveNamespaces xmlns:i='" EXC "' PrefixList='p #default'/></Transform>") REF("#y", "<Transform Algorithm='" DSIG "base64'/>")
    REF("#y", "<Transform Algorithm='x:unknown'/>") REF("z.xml", "<Transform Algorithm='" DSIG "base64'/>") "</SignedInfo><SignatureValue>AA==</SignatureValue>"
    "<KeyInfo><X509Data><X509Certificate>MAA=</X509Certificate><X509IssuerSerial><X509IssuerName>CN=a</X509IssuerName><X509SerialNumber>1</X509SerialNumber></X509IssuerSerial></X509Data></KeyInfo>"
    "<Object><x:QualifyingProperties xmlns:x='" XADES "' Target='#s'><x:SignedProperties><x:SignedSignatureProperties><x:SigningTime>2026-11-22T09:00:00Z</x:SigningTime>"
    "</x:SignedSignatureProperties></x:SignedProperties></x:QualifyingProperties></Object><Object><o><Signature/></o></Object></Signature><Signature xmlns='" DSIG "' Id='s'/></a>";

static struct crypto *crypto;

static void tell(struct build *out, const struct xml_doc *doc)
{
    for (size_t i = 0; i < xml_count(doc); i++) {
        const struct xml_sig *sig = xml_sig(doc, i);
        build_fmt(out, "%s %s %d %d %s %zu %d\n", sig->id, sig->path, sig->malformed, sig->unsupported, sig->why ? sig->why : "-", sig->n_certs, sig->xades);
        for (size_t r = 0; r < sig->n_refs; r++) {
            build_fmt(out, " %d %s %s ", sig->refs[r].status, sig->refs[r].path ? sig->refs[r].path : "-", sig->refs[r].why ? sig->refs[r].why : "-");
            build_hex(out, bytes_of(sig->refs[r].computed, 32), false);
        }
    }
}

static int run(struct build *told, struct build *info, sign_err *err)
{
    CLEANUP(source_free) struct source *source = NULL;
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    struct xml_opts opts = { .allow_doctype = true };
    int rc = source_over(&source, bytes_str(document), err);
    if (rc == SIGN_OK) rc = xml_read(&doc, source, crypto, &opts, NULL, err);
    if (rc == SIGN_OK) rc = xml_digest(doc, NULL, err);
    if (rc == SIGN_OK) rc = xml_signed_info(info, doc, 0, err);
    fault_at(0);
    if (rc == SIGN_OK) tell(told, doc);
    return rc;
}

static void every_allocation(void **state)
{
    CLEANUP(build_free) struct build want = { 0 }, want_info = { 0 };
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(crypto_new(&crypto, &err), SIGN_OK);
    check_status(run(&want, &want_info, &err), SIGN_OK, &err);
    assert_true(bytes_find(build_view(&want), BYTES_LIT("x:unknown"), 0) != SIZE_MAX);
    unsigned long failed = 0;
    for (unsigned long n = 1;; n++) {
        CLEANUP(build_free) struct build got = { 0 }, info = { 0 };
        err = (sign_err)SIGN_ERR_INIT;
        fault_at(n);
        int rc = run(&got, &info, &err);
        if (rc == SIGN_OK) {
            check_bytes(build_view(&got), build_view(&want));
            check_bytes(build_view(&info), build_view(&want_info));
            if (n > failed + 20) break; /* long past the last allocation that mattered */
        } else {
            check_status(rc, SIGN_E_NOMEM, &err);
            failed = n;
        }
    }
    print_message("# %lu allocations\n", failed);
    assert_true(failed > 100);
    crypto_free(&crypto);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = { cmocka_unit_test(every_allocation) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
