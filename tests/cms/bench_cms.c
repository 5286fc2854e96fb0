/* Reading a typical PAdES SignedData (two certificates), against d2i_CMS_ContentInfo. */
#include <base/build.h>
#include <cms/cms.h>
#include <openssl/cms.h>
#include <stdio.h>
#include <time.h>

#define ROUNDS 20000

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double ours(sign_bytes der)
{
    double start = now();
    for (int i = 0; i < ROUNDS; i++) {
        struct arena arena = { 0 };
        struct cms cms;
        if (cms_read(&cms, der, 0, &arena, NULL) != SIGN_OK) return -1;
        arena_free(&arena);
    }
    return (now() - start) / ROUNDS;
}

static double openssl(sign_bytes der)
{
    double start = now();
    for (int i = 0; i < ROUNDS / 20; i++) {
        const uint8_t *at = der.ptr;
        CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.len);
        if (!cms) return -1;
        CMS_ContentInfo_free(cms);
    }
    return (now() - start) / (ROUNDS / 20);
}

int main(int argc, char **argv)
{
    static uint8_t der[65536];
    char path[4096];
    snprintf(path, sizeof path, "%s/own-0.cms", argc > 1 ? argv[1] : ".");
    FILE *file = fopen(path, "rb");
    if (!file) {
        printf("no %s yet: run the tests first\n", path);
        return 77;
    }
    sign_bytes bytes = { der, fread(der, 1, sizeof der, file) };
    fclose(file);
    double a = ours(bytes), b = openssl(bytes);
    printf("SignedData of %zu bytes: cms_read %.2f us, d2i_CMS_ContentInfo %.1f us, ratio %.3f\n", bytes.len, a, b,
           a / b);
    return a < 0 || b < 0;
}
