/* Document profiles: JSON that people write, and that somebody may have written for them. */
#include <base/cleanup.h>
#include <ctx/profile.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(profile_free) struct profile *profile = NULL;
    if (profile_parse(&profile, "fuzz", bytes_of(data, size), NULL) != 0) {
        return 0;
    }
    /* What is accepted is whole: every reference has its target, every path its attribute. */
    for (size_t i = 0; i < profile->n_refs; i++) {
        const struct profile_ref *ref = &profile->refs[i];
        bool needs_value = ref->target == PROFILE_ID || ref->target == PROFILE_PATH;
        if (ref->target == PROFILE_NO_TARGET || needs_value != (ref->value != NULL) ||
            (ref->target == PROFILE_PATH) != (ref->id_attr != NULL)) {
            abort();
        }
    }
    if (profile->n_refs == 0 || profile->c14n == PROFILE_C14N_NONE || !profile->prefix) {
        abort();
    }
    return 0;
}
