#include <base/err.h>
#include <base/secret.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int secret_new(struct secret *out, size_t cap, sign_err *err)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    if (cap == 0 || cap > SIZE_MAX - page) {
        return err_arg(err, "secret memory: %zu bytes asked for", cap);
    }
    size_t mapped = (cap + page - 1) / page * page;
    void *ptr = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (ptr == MAP_FAILED) {
        return err_nomem(err);
    }
    /* Each as far as the system lets us: RLIMIT_MEMLOCK may be spent, and a PIN must be enterable all the same. */
    (void)mlock(ptr, mapped);
    (void)madvise(ptr, mapped, MADV_DONTDUMP);
    (void)madvise(ptr, mapped, MADV_WIPEONFORK);
    *out = (struct secret){ ptr, 0, cap, mapped };
    return SIGN_OK;
}

void secret_free(struct secret *secret)
{
    if (secret->ptr) {
        wipe(secret->ptr, secret->mapped);
        munmap(secret->ptr, secret->mapped);
    }
    *secret = (struct secret){ 0 };
}

void wipe(void *ptr, size_t len)
{
    if (len) {
        explicit_bzero(ptr, len);
    }
}
