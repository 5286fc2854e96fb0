/* A folder of its own for one test program, removed at the end; files in it; bytes that tell where they stand. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include "check.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[64];

static inline int scratch_setup(void **state)
{
    strcpy(scratch, "/tmp/libsign-test-XXXXXX");
    return mkdtemp(scratch) && chdir(scratch) == 0 ? 0 : -1;
}

static inline int scratch_remove(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    return remove(path);
}

static inline int scratch_teardown(void **state)
{
    return chdir("/") == 0 ? nftw(scratch, scratch_remove, 16, FTW_DEPTH | FTW_PHYS) : -1;
}

/* The byte that stands at this offset of every pattern. */
static inline uint8_t pattern_at(uint64_t offset)
{
    return (uint8_t)((offset * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
}

static inline void pattern_fill(uint8_t *to, uint64_t offset, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        to[i] = pattern_at(offset + i);
    }
}

/* Index of the first byte that is not the pattern's, or len. */
static inline size_t pattern_differs(sign_bytes bytes, uint64_t offset)
{
    size_t i = 0;
    while (i < bytes.len && bytes.ptr[i] == pattern_at(offset + i)) {
        i++;
    }
    return i;
}

static inline void write_file(const char *path, sign_bytes bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.ptr ? (const void *)bytes.ptr : "", 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

static inline void write_pattern(const char *path, size_t len)
{
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    pattern_fill(bytes, 0, len);
    write_file(path, bytes_of(bytes, len));
    free(bytes);
}

/* The whole file; the caller frees. */
static inline sign_bytes read_file(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0 && fstat(fd, &st) == 0);
    uint8_t *bytes = malloc((size_t)st.st_size + 1);
    assert_non_null(bytes);
    assert_int_equal(read(fd, bytes, (size_t)st.st_size + 1), st.st_size);
    close(fd);
    return bytes_of(bytes, (size_t)st.st_size);
}

static inline void check_file(const char *path, sign_bytes want)
{
    sign_bytes got = read_file(path);
    check_bytes(got, want);
    free((void *)(uintptr_t)got.ptr);
}

#endif
