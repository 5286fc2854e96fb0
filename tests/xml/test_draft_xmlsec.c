/* xmlsec1 verifies what is made here: every way of writing a document, every form that it knows. */
#include "world.h"

#include <base/cleanup.h>
#include <fcntl.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

extern char **environ;
static struct world *world;
static char folder[] = "/tmp/test-xmlsec-XXXXXX";

#define NS_DSIG  "http://www.w3.org/2000/09/xmldsig#"
#define NS_XADES "http://uri.etsi.org/01903/v1.3.2#"

static int run(const char *const *arguments, const char *log)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    int status = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int rc = posix_spawnp(&pid, arguments[0], &actions, NULL, (char **)(uintptr_t)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) {
        return -1;
    }
    return WEXITSTATUS(status);
}

/* xmlsec1 knows which attributes are Ids only when it is told so. */
static int xmlsec(sign_bytes signed_doc, const char *id_element, const char *log)
{
    char path[64];
    snprintf(path, sizeof path, "%s/signed.xml", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(signed_doc.ptr, 1, signed_doc.len, file), signed_doc.len);
    assert_int_equal(fclose(file), 0);
    const char *const arguments[] = {
        "xmlsec1", "--verify", "--insecure", "--id-attr:Id", NS_XADES ":SignedProperties", "--id-attr:Id", NS_DSIG ":Object",
        "--id-attr:Id", id_element, path, NULL,
    };
    return run(arguments, log);
}

static const struct {
    const char *name;
    enum world_key key;
    bool xades, by_id, time_object;
    enum c14n_method c14n;
    int32_t digest;
    const char *prefix;
} forms[] = {
    { "XAdES, RSA", WORLD_RSA, true, false, false, C14N_EXCLUSIVE, SIGN_DIGEST_SHA256, "ds" },
    { "XAdES, P-256", WORLD_P256, true, false, false, C14N_EXCLUSIVE, SIGN_DIGEST_SHA384, "ds" },
    { "XAdES by Id, P-521, default namespace", WORLD_P521, true, true, false, C14N_EXCLUSIVE, SIGN_DIGEST_SHA512, "" },
    { "XMLDSig, C14N 1.0", WORLD_RSA, false, false, false, C14N_10, SIGN_DIGEST_SHA256, "" },
    { "XMLDSig, C14N 1.1", WORLD_RSA, false, false, false, C14N_11, SIGN_DIGEST_SHA256, "ds" },
    { "invoice's form", WORLD_RSA, false, true, true, C14N_10, SIGN_DIGEST_SHA256, "" },
};

static void sign_form(struct build *out, size_t f, const struct world_doc *doc)
{
    struct xml_sign_spec spec = world_spec(world, forms[f].key, forms[f].xades);
    sign_err err = SIGN_ERR_INIT;
    spec.c14n = forms[f].c14n;
    spec.prefix = forms[f].prefix;
    spec.params.digest = forms[f].digest;
    spec.signing_time_object = forms[f].time_object;
    spec.subject_name = forms[f].time_object ? "CN=Nguyễn & <A>" : NULL;
    spec.refs[0] = (struct xml_ref_spec){ .target = forms[f].by_id ? XML_TARGET_ID : XML_TARGET_DOCUMENT, .value = "data",
                                          .enveloped = true, .c14n = forms[f].by_id ? C14N_NONE : forms[f].c14n };
    spec.refs[1] = (struct xml_ref_spec){ .target = XML_TARGET_OBJECT };
    spec.n_refs = forms[f].time_object ? 2 : 1;
    int rc = world_sign(out, world, forms[f].key, bytes_of(doc->bytes, doc->len), &spec, NULL, &err);
    if (rc != SIGN_OK) {
        fail_msg("%s, %s: %s", forms[f].name, doc->name, err.msg);
    }
}

/* The name by which xmlsec1 knows the element with the Id: that of the prefixed documents has a namespace. */
static const char *id_element(const struct world_doc *doc)
{
    static const struct { const char *name, *element; } others[] = {
        { "default namespace", "urn:x:default:DLHDon" }, { "prefixed, xml:lang, unused namespaces", "urn:h:DLHDon" },
        { "ds prefix taken", "urn:other:DLHDon" },       { "empty root", "HDon" },
        { "empty root with a space", "HDon" },           { "empty root, UTF-16", "HDon" },
    };
    for (size_t i = 0; i < COUNT(others); i++) {
        if (strcmp(doc->name, others[i].name) == 0) {
            return others[i].element;
        }
    }
    return "DLHDon";
}

static void verify_all(void **state)
{
    size_t f = *(const size_t *)*state;
    char log[64];
    snprintf(log, sizeof log, "%s/log", folder);
    for (size_t i = 0; i < world_n_docs; i++) {
        CLEANUP(build_free) struct build out = { 0 };
        sign_form(&out, f, &world_docs[i]);
        int code = xmlsec(build_view(&out), id_element(&world_docs[i]), log);
        if (code != 0) {
            char command[80];
            snprintf(command, sizeof command, "sed 's/^/# /' %s", log);
            (void)!system(command);
            fail_msg("%s, %s: xmlsec1 says %d", forms[f].name, world_docs[i].name, code);
        }
    }
}

/* That this test can fail. */
static void refutes_a_change(void **state)
{
    CLEANUP(build_free) struct build out = { 0 };
    char log[64];
    snprintf(log, sizeof log, "%s/log", folder);
    sign_form(&out, 0, &world_docs[0]);
    size_t at = bytes_find(build_view(&out), BYTES_LIT("phí"), 0);
    assert_int_not_equal(at, SIZE_MAX);
    out.ptr[at] = 'q';
    assert_int_not_equal(xmlsec(build_view(&out), "DLHDon", log), 0);
}

static int setup(void **state)
{
    world = world_new();
    return mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    char command[80];
    world_free(world);
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command);
}

int main(void)
{
    static size_t numbers[COUNT(forms)];
    struct CMUnitTest tests[COUNT(forms) + 1] = { cmocka_unit_test(refutes_a_change) };
    const char *const version[] = { "xmlsec1", "--version", NULL };
    if (run(version, "/dev/null") != 0) {
        puts("1..0 # SKIP xmlsec1 is not installed");
        return 0;
    }
    for (size_t f = 0; f < COUNT(forms); f++) {
        numbers[f] = f;
        tests[f + 1] = (struct CMUnitTest){ forms[f].name, verify_all, NULL, NULL, &numbers[f] };
    }
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
