/* Profiles: what is read, what is refused and how it is named, where they are looked for. */
#include <base/build.h>
#include <base/cleanup.h>
#include <base/limits.h>
#include <ctx/profile.h>
#include <libsign/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static const char *profiles;        /* the folder of the source tree */

static void test_seller(void **state)
{
    CLEANUP(profile_free) struct profile *p = NULL;
    char path[4096];
    sign_err err = SIGN_ERR_INIT;
    snprintf(path, sizeof path, "%s/invoice-seller.json", profiles);
    if (profile_load(&p, path, &err) != SIGN_OK) {
        fail_msg("%s", err.msg);
    }
    assert_string_equal(p->title_en, "Vietnamese e-invoice: the seller's signature");
    assert_string_equal(p->title_vi, "Hóa đơn điện tử: chữ ký người bán");
    assert_false(p->xades);
    assert_int_equal(p->n_roots, 2);
    assert_string_equal(p->roots[0], "/HDon");
    assert_string_equal(p->roots[1], "/TDiep/DLieu/HDon");
    assert_string_equal(p->place, "DSCKS/NBan");
    assert_true(p->create_place);
    assert_int_equal(p->c14n, PROFILE_C14N_10);
    assert_string_equal(p->prefix, "");
    assert_null(p->signature_id);
    assert_int_equal(p->n_refs, 2);
    assert_int_equal(p->refs[0].target, PROFILE_PATH);
    assert_string_equal(p->refs[0].value, "DLHDon");
    assert_string_equal(p->refs[0].id_attr, "Id");
    assert_true(p->refs[0].enveloped);
    assert_int_equal(p->refs[0].c14n, PROFILE_C14N_NONE);
    assert_int_equal(p->refs[1].target, PROFILE_SIGNING_TIME);
    assert_false(p->refs[1].enveloped);
    assert_true(p->signing_time);
    assert_string_equal(p->properties_namespace, "");
    assert_null(p->time_namespace);
    assert_null(p->time_target);
    assert_true(p->whole_chain);
    assert_false(p->subject_name);
    assert_false(p->key_value);
}

#define HEAD "{\"version\":1,\"type\":\"xml\",\"form\":\"xades\",\"canonicalization\":\"exclusive\","
#define KEY  "\"key_info\":{\"certificates\":\"chain\",\"key_value\":true}"
#define REF  "\"references\":[{\"document\":true,\"transforms\":[\"enveloped\",\"exclusive\"]}],"

static void test_smallest(void **state)
{
    CLEANUP(profile_free) struct profile *p = NULL;
    assert_int_equal(profile_parse(&p, "x", bytes_str(HEAD REF KEY "}"), NULL), SIGN_OK);
    assert_string_equal(p->name, "x");
    assert_true(p->xades && p->whole_chain && p->key_value && p->refs[0].enveloped);
    assert_false(p->create_place || p->signing_time || p->subject_name);
    assert_null(p->place);
    assert_int_equal(p->n_roots, 0);
    assert_string_equal(p->prefix, "ds");
    assert_int_equal(p->refs[0].target, PROFILE_DOCUMENT);
    assert_int_equal(p->refs[0].c14n, PROFILE_C14N_EXCLUSIVE);
}

static void test_all_members(void **state)
{
    CLEANUP(profile_free) struct profile *p = NULL;
    sign_err err = SIGN_ERR_INIT;
    int rc = profile_parse(&p, "x", bytes_str("{\"version\":1,\"type\":\"xml\",\"form\":\"xmldsig\",\"canonicalization\":\"c14n-1.1\","
        "\"signature_id\":\"sigid\",\"signing_time\":{\"namespace\":\"http://example.org/#signatureProperties\","
        "\"target\":\"signatureProperties\",\"properties_id\":\"proid\",\"properties_namespace\":\"urn:x\"},\"references\":[{\"id\":\"data\",\"transforms\":[\"c14n-1.0\"]},"
        "{\"object\":\"signing_time\",\"transforms\":[]}],"
        "\"key_info\":{\"certificates\":\"signer\",\"key_value\":true,\"subject_name\":false}}"), &err);
    if (rc != SIGN_OK) {
        fail_msg("%s", err.msg);
    }
    assert_string_equal(p->signature_id, "sigid");
    assert_string_equal(p->time_namespace, "http://example.org/#signatureProperties");
    assert_string_equal(p->time_target, "signatureProperties");
    assert_string_equal(p->properties_id, "proid");
    assert_string_equal(p->properties_namespace, "urn:x");
    assert_int_equal(p->refs[0].target, PROFILE_ID);
    assert_string_equal(p->refs[0].value, "data");
    assert_int_equal(p->refs[0].c14n, PROFILE_C14N_10);
    assert_int_equal(p->c14n, PROFILE_C14N_11);
}

static const struct { const char *json, *message; int status; } refused[] = {
    { "", "line 1", SIGN_E_FORMAT },
    { "{", "line 1", SIGN_E_FORMAT },
    { "[]", "\"profile\": expected an object", SIGN_E_FORMAT },
    { "{}", "\"profile\" lacks \"version\"", SIGN_E_FORMAT },
    { HEAD REF KEY "} x", "line 1", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"form\":\"xades\"}", "duplicate", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"plaze\":\"/a\"}", "unknown member \"plaze\" in \"profile\"", SIGN_E_FORMAT },
    { HEAD REF "\"key_info\":{}}", "\"key_info\" lacks \"certificates\"", SIGN_E_FORMAT },
    { HEAD REF "\"key_info\":{\"certificates\":\"all\"}}", "expected \"signer\" or \"chain\"", SIGN_E_FORMAT },
    { HEAD REF "\"key_info\":{\"certificates\":\"chain\",\"key_value\":1}}", "\"key_value\": expected true or false", SIGN_E_FORMAT },
    { HEAD REF "\"key_info\":{\"certificates\":\"chain\",\"crl\":true}}", "unknown member \"crl\" in \"key_info\"", SIGN_E_FORMAT },
    { "{\"version\":2,\"type\":\"xml\",\"form\":\"xades\",\"canonicalization\":\"exclusive\"," REF KEY "}", "\"version\": expected 1", SIGN_E_FORMAT },
    { "{\"version\":1.0,\"type\":\"xml\",\"form\":\"xades\",\"canonicalization\":\"exclusive\"," REF KEY "}", "\"version\": expected 1", SIGN_E_FORMAT },
    { "{\"version\":1,\"type\":\"pdf\",\"form\":\"xades\",\"canonicalization\":\"exclusive\"," REF KEY "}", "\"type\": expected \"xml\"", SIGN_E_FORMAT },
    { "{\"version\":1,\"type\":\"xml\",\"form\":\"cades\",\"canonicalization\":\"exclusive\"," REF KEY "}", "\"form\": expected \"xmldsig\" or \"xades\"", SIGN_E_FORMAT },
    { "{\"version\":1,\"type\":\"xml\",\"form\":\"xades\",\"canonicalization\":null," REF KEY "}", "expected \"c14n-1.0\" or \"c14n-1.1\" or \"exclusive\"", SIGN_E_FORMAT },
    { HEAD KEY "}", "lacks \"references\"", SIGN_E_FORMAT },
    { HEAD "\"references\":[]," KEY "}", "1 to 8 references", SIGN_E_FORMAT },
    { HEAD "\"references\":{}," KEY "}", "1 to 8 references", SIGN_E_FORMAT },
    { HEAD "\"references\":[1]," KEY "}", "expected an object", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"transforms\":[]}]," KEY "}", "\"document\", \"id\", \"path\" or \"object\"", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"document\":true}]," KEY "}", "lacks \"transforms\"", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"document\":false,\"transforms\":[]}]," KEY "}", "expected true", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"document\":true,\"id\":\"x\",\"transforms\":[]}]," KEY "}", "one target", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"path\":\"a\",\"transforms\":[]}]," KEY "}", "\"id_attribute\"", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"id\":\"a\",\"id_attribute\":\"Id\",\"transforms\":[]}]," KEY "}", "\"id_attribute\"", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"path\":\"a\",\"id_attribute\":\"name\",\"transforms\":[]}]," KEY "}", "or \"xml:id\"", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"object\":\"time\",\"transforms\":[]}]," KEY "}", "expected \"signing_time\"", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"object\":\"signing_time\",\"transforms\":[]}]," KEY "}", "since a reference names it", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"document\":true,\"transforms\":\"enveloped\"}]," KEY "}", "expected an array", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"document\":true,\"transforms\":[\"exclusive\",\"enveloped\"]}]," KEY "}", "at most one canonicalization", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"document\":true,\"transforms\":[\"enveloped\",\"enveloped\"]}]," KEY "}", "expected \"c14n-1.0\"", SIGN_E_FORMAT },
    { HEAD "\"references\":[{\"document\":true,\"transforms\":[7]}]," KEY "}", "expected \"c14n-1.0\"", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"xades\":{\"claimed_roles\":[]}}", "1 to 4 roles", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"xades\":{\"claimed_roles\":[1]}}", "expected a string", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"xades\":{\"production_place\":{}}}", "at least one member", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"xades\":{\"production_place\":{\"planet\":\"x\"}}}", "unknown member \"planet\"", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"xades\":{\"policy\":\"x\"}}", "unknown member \"policy\"", SIGN_E_FORMAT },
    { "{\"version\":1,\"type\":\"xml\",\"form\":\"xmldsig\",\"canonicalization\":\"exclusive\"," REF KEY ",\"xades\":{}}", "with the form \"xades\" alone", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"position\":\"before\"}", "expected \"inside\" or \"after\"", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"position\":\"after\"}", "a \"place\" that is there", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"position\":\"after\",\"place\":\"a\",\"create_place\":true}", "a \"place\" that is there", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"roots\":[]}", "1 to 4 paths", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"roots\":[\"a\",\"b\",\"c\",\"d\",\"e\"]}", "1 to 4 paths", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"roots\":[1]}", "\"roots\": expected a string", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"title\":{\"vi\":\"x\"}}", "\"title\" lacks \"en\"", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"signing_time\":true}", "expected an object", SIGN_E_FORMAT },
    { HEAD REF KEY ",\"place\":\"a\\u0000b\"}", "line 1", SIGN_E_FORMAT },
};

static void test_refused(void **state)
{
    for (size_t i = 0; i < COUNT(refused); i++) {
        struct profile *p = NULL;
        sign_err err = SIGN_ERR_INIT;
        int rc = profile_parse(&p, "x", bytes_str(refused[i].json), &err);
        if (rc != refused[i].status || !strstr(err.msg, refused[i].message) || p) {
            fail_msg("%s: %d %s", refused[i].json, rc, err.msg);
        }
    }
}

static void test_offset_of_syntax(void **state)
{
    struct profile *p = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(profile_parse(&p, "x", bytes_str("{\"version\": oops}"), &err), SIGN_E_FORMAT);
    assert_in_range(err.offset, 12, 16);
}

static void test_limits(void **state)
{
    CLEANUP(build_free) struct build json = { 0 };
    struct profile *p = NULL;
    sign_err err = SIGN_ERR_INIT;
    build_str(&json, HEAD REF KEY ",\"place\":\"");
    build_fill(&json, 'a', 257);
    build_str(&json, "\"}");
    assert_int_equal(profile_parse(&p, "x", build_view(&json), &err), SIGN_E_LIMIT);
    assert_non_null(strstr(err.msg, "\"place\" is longer than 256 bytes"));
    build_fill(&json, ' ', LIMIT_PROFILE);
    assert_int_equal(profile_parse(&p, "x", build_view(&json), NULL), SIGN_E_LIMIT);
    /* Deeper than a parser that recurses should go. */
    build_truncate(&json, 0);
    build_fill(&json, '[', 10000);
    assert_int_equal(profile_parse(&p, "x", build_view(&json), NULL), SIGN_E_FORMAT);
}

/* --- looking for them --------------------------------------------------------------------------------------------- */

static void write_profile(const char *folder, const char *name, const char *title)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, HEAD REF KEY ",\"title\":{\"vi\":\"%s\",\"en\":\"%s\"}}", title, title);
    assert_int_equal(fclose(file), 0);
}

static void make_folder(char *out, size_t size, const char *root, const char *below)
{
    snprintf(out, size, "%s/%s", root, below);
    for (char *slash = out + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = 0;
        mkdir(out, 0700);
        *slash = '/';
    }
    assert_int_equal(mkdir(out, 0700), 0);
}

static void check_found(const char *name, const char *title)
{
    CLEANUP(profile_free) struct profile *p = NULL;
    sign_err err = SIGN_ERR_INIT;
    int rc = profile_load(&p, name, &err);
    if (rc != SIGN_OK) {
        fail_msg("%s: %s", name, err.msg);
    }
    assert_string_equal(p->title_en, title);
    assert_string_equal(p->name, name);
}

static void check_not_found(const char *name, int status)
{
    struct profile *p = NULL;
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(profile_load(&p, name, &err), status);
    assert_int_equal(err.status, status);
    assert_null(p);
}

static void test_places(void **state)
{
    char root[] = "/tmp/test-profile-XXXXXX", home[200], config[200], data[200], path[300];
    assert_non_null(mkdtemp(root));
    make_folder(home, sizeof home, root, "home/.config/kyso/profiles");
    make_folder(config, sizeof config, root, "config/kyso/profiles");
    make_folder(data, sizeof data, root, "data/profiles");
    write_profile(data, "test-a.json", "data");
    write_profile(data, "test-b.json", "data");
    write_profile(home, "test-b.json", "home");
    write_profile(home, "test-c.json", "home");
    write_profile(config, "test-c.json", "config");
    write_profile(config, "test-broken.json", "\"");
    write_profile(data, "test-broken.json", "data");
    snprintf(path, sizeof path, "%s/data", root);
    setenv("KYSO_DATA", path, 1);
    snprintf(path, sizeof path, "%s/home", root);
    setenv("HOME", path, 1);
    unsetenv("XDG_CONFIG_HOME");
    check_found("test-a", "data");
    check_found("test-b", "home");
    check_found("test-c", "home");
    snprintf(path, sizeof path, "%s/config", root);
    setenv("XDG_CONFIG_HOME", path, 1);
    check_found("test-b", "data");
    check_found("test-c", "config");
    check_not_found("test-broken", SIGN_E_FORMAT);      /* the first that is there, not the first that is good */
    setenv("XDG_CONFIG_HOME", "relative", 1);
    check_found("test-c", "home");
    snprintf(path, sizeof path, "%s/test-c.json", config);
    check_found(path, "config");
    check_not_found("test-none", SIGN_E_NOTFOUND);
    check_not_found("none.json", SIGN_E_IO);
    check_not_found(root, SIGN_E_IO);
    check_not_found("", SIGN_E_ARG);
    check_not_found("..", SIGN_E_ARG);
    check_not_found("a b", SIGN_E_ARG);
    check_not_found("tên", SIGN_E_ARG);
    snprintf(path, sizeof path, "rm -r %s", root);
    assert_int_equal(system(path), 0);
}

int main(int argc, char **argv)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    profiles = argc > 1 ? argv[1] : "profiles";
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seller),  cmocka_unit_test(test_smallest), cmocka_unit_test(test_all_members),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_offset_of_syntax), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_places),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
