#include <base/err.h>
#include <base/opts.h>
#include <string.h>

int opts_take(void *out, size_t size, const void *given, size_t least, const char *name, const char *init, sign_err *err)
{
    size_t known;
    if (!given) {
        return SIGN_OK;
    }
    memcpy(&known, given, sizeof known);
    if (known < least) {
        return err_arg(err, "%s.struct_size is %zu: start from %s", name, known, init);
    }
    memcpy(out, given, known < size ? known : size);
    return SIGN_OK;
}
