#include "scratch.h"
#include "syscalls.h"
#include <base/build.h>
#include <base/limits.h>
#include <errno.h>
#include <io/output.h>
#include <io/sink.h>

#define LARGE (LIMIT_IN_MEMORY + 777777)

struct foreign {
    struct build text;
    unsigned calls;
    int answer;
};

static int foreign_write(void *payload, sign_bytes bytes)
{
    struct foreign *foreign = payload;
    assert_true(bytes.len > 0);
    foreign->calls++;
    build_bytes(&foreign->text, bytes);
    return foreign->answer;
}

static void foreign_sink(void **state)
{
    struct foreign foreign = { 0 };
    const sign_sink to = { .struct_size = sizeof to, .payload = &foreign, .write = foreign_write };
    struct sink sink = sink_over(&to);
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(sink.fd, -1);
    check_status(sink_put(&sink, BYTES_LIT("ab"), &err), SIGN_OK, &err);
    check_status(sink_put(&sink, BYTES_LIT(""), &err), SIGN_OK, &err); /* write is never called with nothing */
    check_status(sink_put(&sink, BYTES_LIT("c"), &err), SIGN_OK, &err);
    check_bytes(build_view(&foreign.text), BYTES_LIT("abc"));
    assert_int_equal(foreign.calls, 2);
    foreign.answer = SIGN_E_NET;
    check_status(sink_put(&sink, BYTES_LIT("d"), &err), SIGN_E_NET, &err);
    assert_int_equal(sink.written, 3);
    build_free(&foreign.text);
}

static int stop_third(void *payload)
{
    int *looks = payload;
    return ++*looks == 3 ? SIGN_E_CANCELLED : SIGN_OK;
}

/* The ways a copy can go: which source, which sink. */
enum from { MEMORY, SMALL_FILE, LARGE_FILE, JOINED };

static struct source *make_source(enum from from)
{
    sign_err err = SIGN_ERR_INIT;
    struct source *source = NULL, *file;
    static uint8_t *bytes;
    if (!bytes) {
        bytes = malloc(LARGE);
        assert_non_null(bytes);
        pattern_fill(bytes, 0, LARGE);
    }
    write_file("from", bytes_of(bytes, from == SMALL_FILE ? LIMIT_IN_MEMORY : LARGE));
    if (from == MEMORY) {
        check_status(source_over(&source, bytes_of(bytes, LARGE), &err), SIGN_OK, &err);
        return source;
    }
    check_status(source_open(&file, "from", NULL, &err), SIGN_OK, &err);
    if (from != JOINED) {
        return file;
    }
    const struct source_part parts[] = { { .source = file, .from = 0, .len = 1000 },
                                         { .bytes = bytes_of(bytes + 1000, 500) },
                                         { .source = file, .from = 1500, .len = LARGE - 1500 } };
    check_status(source_join(&source, parts, COUNT(parts), &err), SIGN_OK, &err);
    source_free(&file);
    return source;
}

static void check_written(sign_bytes got, uint64_t from, uint64_t len)
{
    assert_int_equal(got.len, len + 2);
    assert_int_equal(got.ptr[0], '<');
    assert_int_equal(pattern_differs(bytes_slice(got, 1, len), from), len);
    assert_int_equal(got.ptr[len + 1], '>');
}

static void copies(void **state)
{
    for (enum from from = MEMORY; from <= JOINED; from++) {
        struct source *source = make_source(from);
        const uint64_t size = source_size(source),
                       ranges[][2] = { { 0, size }, { 999, size - 1234 }, { 1200, 2 }, { 5, 0 } };
        for (size_t i = 0; i < COUNT(ranges); i++) {
            const uint64_t offset = ranges[i][0], len = ranges[i][1];
            sign_err err = SIGN_ERR_INIT;
            struct foreign foreign = { 0 };
            const sign_sink to = { .struct_size = sizeof to, .payload = &foreign, .write = foreign_write };
            struct sink sink = sink_over(&to);
            check_status(sink_put(&sink, BYTES_LIT("<"), &err), SIGN_OK, &err);
            check_status(sink_copy(&sink, source, offset, len, NULL, &err), SIGN_OK, &err);
            check_status(sink_put(&sink, BYTES_LIT(">"), &err), SIGN_OK, &err);
            assert_int_equal(sink.written, len + 2);
            check_written(build_view(&foreign.text), offset, len);
            build_free(&foreign.text);

            struct output *output;
            check_status(output_open(&output, "to", OUTPUT_REPLACE, &err), SIGN_OK, &err);
            check_status(sink_put(output_sink(output), BYTES_LIT("<"), &err), SIGN_OK, &err);
            check_status(sink_copy(output_sink(output), source, offset, len, NULL, &err), SIGN_OK, &err);
            check_status(sink_put(output_sink(output), BYTES_LIT(">"), &err), SIGN_OK, &err);
            assert_int_equal(output_sink(output)->written, len + 2);
            check_status(output_commit(&output, &err), SIGN_OK, &err);
            sign_bytes got = read_file("to");
            check_written(got, offset, len);
            free((void *)(uintptr_t)got.ptr);
        }
        sign_err err = SIGN_ERR_INIT;
        struct sink nowhere = { .fd = -1 };
        check_status(sink_copy(&nowhere, source, 1, size, NULL, &err), SIGN_E_ARG, &err);
        source_free(&source);
    }
}

/* Where the kernel cannot copy between these two, the windows do; any other error is one. */
static void copies_where_the_kernel_cannot(void **state)
{
    static const struct {
        int number, status;
    } cases[] = {
        { EXDEV, SIGN_OK }, { EINVAL, SIGN_OK }, { ENOSYS, SIGN_OK },   { EOPNOTSUPP, SIGN_OK },
        { EPERM, SIGN_OK }, { EIO, SIGN_E_IO },  { ENOSPC, SIGN_E_IO }, { EDQUOT, SIGN_E_IO },
    };
    struct source *source = make_source(LARGE_FILE);
    for (size_t i = 0; i < COUNT(cases); i++) {
        sign_err err = SIGN_ERR_INIT;
        int fd = open("to", O_WRONLY | O_CREAT | O_TRUNC, 0600);
        struct sink sink = { .fd = fd };
        refuse_copy_file_range = cases[i].number;
        check_status(sink_copy(&sink, source, 10, LARGE - 10, NULL, &err), cases[i].status, &err);
        refuse_copy_file_range = 0;
        close(fd);
        sign_bytes got = read_file("to");
        assert_int_equal(got.len, cases[i].status == SIGN_OK ? LARGE - 10 : 0);
        assert_int_equal(pattern_differs(got, 10), got.len);
        assert_int_equal(err.native, cases[i].status == SIGN_OK ? 0 : cases[i].number);
        free((void *)(uintptr_t)got.ptr);
    }
    /* and a pipe, which the kernel itself refuses */
    sign_err err = SIGN_ERR_INIT;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct sink sink = { .fd = ends[1] };
    check_status(sink_copy(&sink, source, 10, 5000, NULL, &err), SIGN_OK, &err);
    uint8_t got[5000];
    assert_int_equal(read(ends[0], got, sizeof got), sizeof got);
    assert_int_equal(pattern_differs(bytes_of(got, sizeof got), 10), sizeof got);
    close(ends[0]);
    close(ends[1]);
    source_free(&source);
}

static void copy_is_watched(void **state)
{
    for (enum from from = MEMORY; from <= JOINED; from++) {
        struct source *source = make_source(from);
        sign_err err = SIGN_ERR_INIT;
        int fd = open("to", O_WRONLY | O_CREAT | O_TRUNC, 0600), looks = 0;
        struct sink sink = { .fd = fd };
        struct watch watch = { .look = stop_third, .payload = &looks };
        int rc = SIGN_OK;
        for (int i = 0; rc == SIGN_OK && i < 3; i++) { /* one look may stand for 8 MiB that the kernel copied */
            rc = sink_copy(&sink, source, 0, source_size(source), &watch, &err);
        }
        check_status(rc, SIGN_E_CANCELLED, &err);
        close(fd);
        source_free(&source);
    }
}

/* A file cut short while it is copied: an error, never a short output. */
static void copy_of_a_shrunk_file(void **state)
{
    struct source *source = make_source(LARGE_FILE);
    assert_int_equal(truncate("from", 100000), 0);
    sign_err err = SIGN_ERR_INIT;
    int fd = open("to", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    struct sink sink = { .fd = fd };
    check_status(sink_copy(&sink, source, 0, LARGE, NULL, &err), SIGN_E_IO, &err);
    assert_int_equal(err.offset, 100000);
    close(fd);
    source_free(&source);
}

/* What was held in memory goes out as it was read, even when the file is another by now. */
static void copy_of_a_held_file(void **state)
{
    write_file("from", BYTES_LIT("what was hashed"));
    sign_err err = SIGN_ERR_INIT;
    struct source *source;
    check_status(source_open(&source, "from", NULL, &err), SIGN_OK, &err);
    write_file("from", BYTES_LIT("SOMETHING  ELSE"));
    int fd = open("to", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    struct sink sink = { .fd = fd };
    check_status(sink_copy(&sink, source, 0, 15, NULL, &err), SIGN_OK, &err);
    close(fd);
    check_file("to", BYTES_LIT("what was hashed"));
    source_free(&source);
}

static void closed_descriptor(void **state)
{
    struct source *source = make_source(LARGE_FILE);
    sign_err err = SIGN_ERR_INIT;
    int fd = open("from", O_RDONLY);
    struct sink sink = { .fd = fd };
    check_status(sink_put(&sink, BYTES_LIT("x"), &err), SIGN_E_IO, &err);
    assert_int_equal(err.native, EBADF);
    check_status(sink_copy(&sink, source, 0, LARGE, NULL, &err), SIGN_E_IO, &err);
    assert_int_equal(err.native, EBADF);
    assert_int_equal(sink.written, 0);
    close(fd);
    source_free(&source);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_sink),
        cmocka_unit_test(copies),
        cmocka_unit_test(copies_where_the_kernel_cannot),
        cmocka_unit_test(copy_is_watched),
        cmocka_unit_test(copy_of_a_shrunk_file),
        cmocka_unit_test(copy_of_a_held_file),
        cmocka_unit_test(closed_descriptor),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
