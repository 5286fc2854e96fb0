#include <base/array.h>
#include <base/err.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 8

int array_grow(void **ptr, size_t *cap, size_t need, size_t size, size_t max, const char *what, sign_err *err)
{
    if (need <= *cap) {
        return SIGN_OK;
    }
    if (need > max) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "%s: more than %zu", what, max);
    }
    size_t room = *cap > max / 2 ? max : *cap * 2;
    room = room < FIRST_CAP ? FIRST_CAP : room;
    room = room < need ? need : room;
    room = room > max ? max : room;
    size_t bytes;
    void *fresh = __builtin_mul_overflow(room, size, &bytes) ? NULL : realloc(*ptr, bytes);
    if (!fresh) {
        return err_nomem(err);
    }
    memset((char *)fresh + *cap * size, 0, (room - *cap) * size);
    *ptr = fresh;
    *cap = room;
    return SIGN_OK;
}
