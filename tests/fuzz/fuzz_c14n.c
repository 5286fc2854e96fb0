/*
 * The canonicalizer against libxml2's. Bytes 0 and 1 choose method, comments and element; the rest is the document. Where both
 * read it, the bytes must be the same.
 */
#include "../xml/form.h"
#include <base/cleanup.h>
#include <base/err.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Where libxml2 2.9.14 is known to differ, and is wrong: it writes the URI of a namespace without escaping it (C14N 1.0 2.3), and
 * joins xml:base by rules of its own (C14N 1.1 2.4). DTDs are left to test_c14n.c: libxml2 reads more of them than is allowed here.
 */
static bool is_known(sign_bytes document, const struct form *form)
{
    if (bytes_find(document, BYTES_LIT("<!DOCTYPE"), 0) != SIZE_MAX) return true;
    if (bytes_find(document, BYTES_LIT("xmlns"), 0) != SIZE_MAX && bytes_find(document, BYTES_LIT("&"), 0) != SIZE_MAX) return true;
    return form->spec.method == C14N_11 && bytes_find(document, BYTES_LIT("base"), 0) != SIZE_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) return 0;
    sign_bytes document = bytes_of(data + 2, size - 2);
    struct form form = { .spec.method = (enum c14n_method)(C14N_10 + data[0] % 3), .spec.comments = data[0] >> 7, .element = data[1] % 16 };
    CLEANUP(build_free) struct build ours = { 0 }, theirs = { 0 };
    sign_err err = SIGN_ERR_INIT;
    if (is_known(document, &form) || form_ours(&ours, document, &form, &err) != SIGN_OK || !form_theirs(&theirs, document, &form)) return 0;
    if (bytes_equal(build_view(&ours), build_view(&theirs))) return 0;
    fprintf(stderr, "method %d, comments %d, element %zu\nours   %.*s\ntheirs %.*s\n", form.spec.method, form.spec.comments, form.element,
            (int)ours.len, (const char *)ours.ptr, (int)theirs.len, (const char *)theirs.ptr);
    abort();
}
