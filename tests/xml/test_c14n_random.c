/* Thousands of made-up documents: this room and libxml2 must make the same bytes of each, by every method, of every part. */
#include "check.h"
#include "form.h"
#include "random.h"
#include <stdio.h>
#include <stdlib.h>

#define DOCUMENTS 2000

static const sign_bytes list[] = { { (const uint8_t *)"a", 1 }, { NULL, 0 }, { (const uint8_t *)"ns", 2 } };

static struct form random_form(struct dice *d)
{
    struct form form = { .spec.method = (enum c14n_method)(C14N_10 + roll(d, 3)), .spec.comments = roll(d, 2) };
    if (form.spec.method == C14N_EXCLUSIVE && roll(d, 2)) {
        form.spec.inclusive = list;
        form.spec.n_inclusive = 1 + roll(d, COUNT(list));
    }
    form.element = roll(d, 2) ? roll(d, 12) : 0;
    form.omit = roll(d, 3) ? 0 : 2 + roll(d, 10); /* never the root: test_c14n.c says why */
    return form;
}

static void show(const char *what, const struct build *text)
{
    print_message("# %s: %.*s\n", what, (int)text->len, (const char *)text->ptr);
}

static unsigned compare_one(uint64_t seed)
{
    struct dice d = { seed * 2654435761u + 1 };
    CLEANUP(build_free) struct build document = { 0 };
    random_document(&document, &d);
    unsigned compared = 0;
    for (int i = 0; i < 12; i++) {
        CLEANUP(build_free) struct build ours = { 0 }, theirs = { 0 };
        struct form form = random_form(&d);
        sign_err err = SIGN_ERR_INIT;
        if (!form_theirs(&theirs, build_view(&document), &form)) continue;
        int rc = form_ours(&ours, build_view(&document), &form, &err);
        if (rc != SIGN_OK || !bytes_equal(build_view(&ours), build_view(&theirs))) {
            print_message("# seed %llu, method %d, comments %d, list %zu, element %zu without %zu: %s\n", (unsigned long long)seed,
                          form.spec.method, form.spec.comments, form.spec.n_inclusive, form.element, form.omit, err.msg);
            show("document", &document);
            show("ours", &ours);
            show("theirs", &theirs);
            fail();
        }
        compared++;
    }
    return compared;
}

static void agrees(void **state)
{
    const char *more = getenv("C14N_DOCUMENTS");
    uint64_t documents = more ? strtoull(more, NULL, 10) : DOCUMENTS;
    unsigned compared = 0;
    for (uint64_t seed = 1; seed <= documents; seed++) compared += compare_one(seed);
    print_message("# %u forms of %llu documents compared\n", compared, (unsigned long long)documents);
    assert_true(compared > 4 * documents); /* the generator must not make what libxml2 cannot read */
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = { cmocka_unit_test(agrees) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
