#include "fault.h"
#include "scratch.h"
#include "syscalls.h"
#include <base/limits.h>
#include <errno.h>
#include <io/source.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>

#define SMALL 100000
#define LARGE (LIMIT_IN_MEMORY + LIMIT_WINDOW + 12345)

/* What source_each calls: counts windows and holds each against the pattern. */
struct seen {
    uint64_t at;
    unsigned windows;
    unsigned stop_after;
};

static int see(void *payload, sign_bytes window, sign_err *err)
{
    struct seen *seen = payload;
    assert_true(window.len > 0 && window.len <= LIMIT_WINDOW);
    assert_int_equal(pattern_differs(window, seen->at), window.len);
    seen->at += window.len;
    seen->windows++;
    return seen->stop_after == seen->windows ? err_set(err, SIGN_E_FORMAT, seen->at, NULL, "stop") : SIGN_OK;
}

/* Everything that a source over the pattern, size bytes long, must do, whatever it is made of. */
static void check_source(const struct source *source, uint64_t size)
{
    sign_err err = SIGN_ERR_INIT;
    assert_int_equal(source_size(source), size);
    assert_non_null(source_name(source));
    check_status(source_unchanged(source, &err), SIGN_OK, &err);

    static uint8_t buf[3000];
    const uint64_t offsets[] = { 0, 1, size / 2, size / 3 + 7, size - sizeof buf };
    CLEANUP(arena_free) struct arena arena = { 0 };
    for (size_t i = 0; i < COUNT(offsets); i++) {
        sign_bytes bytes;
        memset(buf, 0, sizeof buf);
        check_status(source_read(source, offsets[i], buf, sizeof buf, &err), SIGN_OK, &err);
        assert_int_equal(pattern_differs(bytes_of(buf, sizeof buf), offsets[i]), sizeof buf);
        check_status(source_bytes(source, offsets[i], sizeof buf, &arena, &bytes, &err), SIGN_OK, &err);
        assert_int_equal(bytes.len, sizeof buf);
        assert_int_equal(pattern_differs(bytes, offsets[i]), sizeof buf);

        struct seen seen = { .at = offsets[i] };
        check_status(source_each(source, offsets[i], size - offsets[i], see, &seen, NULL, &err), SIGN_OK, &err);
        assert_int_equal(seen.at, size);
    }
    check_status(source_read(source, size, buf, 0, &err), SIGN_OK, &err);
    sign_bytes bytes;
    check_status(source_bytes(source, size, 0, &arena, &bytes, &err), SIGN_OK, &err);
    assert_int_equal(bytes.len, 0);

    const struct {
        uint64_t offset, len;
    } outside[] = { { size, 1 }, { size + 1, 0 }, { size - 1, 2 }, { UINT64_MAX, 1 }, { 1, size }, { 5, SIZE_MAX } };
    for (size_t i = 0; i < COUNT(outside); i++) {
        struct seen seen = { 0 };
        check_status(source_read(source, outside[i].offset, buf, outside[i].len, &err), SIGN_E_ARG, &err);
        check_status(source_bytes(source, outside[i].offset, outside[i].len, &arena, &bytes, &err), SIGN_E_ARG, &err);
        check_status(source_each(source, outside[i].offset, outside[i].len, see, &seen, NULL, &err), SIGN_E_ARG, &err);
        assert_int_equal(seen.windows, 0);
    }
    struct seen seen = { .stop_after = 1 };
    check_status(source_each(source, 0, size, see, &seen, NULL, &err), SIGN_E_FORMAT, &err);
    assert_int_equal(seen.windows, 1);
}

static void files(void **state)
{
    static const size_t sizes[] = { 6500, SMALL, LIMIT_IN_MEMORY, LIMIT_IN_MEMORY + 1, LARGE };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        write_pattern("file", sizes[i]);
        sign_err err = SIGN_ERR_INIT;
        struct source *source;
        check_status(source_open(&source, "file", NULL, &err), SIGN_OK, &err);
        assert_string_equal(source_name(source), "file");
        assert_true(source_fd(source) >= 0);
        assert_true(fcntl(source_fd(source), F_GETFD) & FD_CLOEXEC);
        check_source(source, sizes[i]);
        struct source *second = source_ref(source);
        source_free(&source);
        assert_null(source);
        check_source(second, sizes[i]);
        source_free(&second);
        source_free(&second);
    }
}

static void memory_and_empty(void **state)
{
    static uint8_t bytes[SMALL];
    pattern_fill(bytes, 0, sizeof bytes);
    sign_err err = SIGN_ERR_INIT;
    struct source *source;
    check_status(source_over(&source, bytes_of(bytes, sizeof bytes), &err), SIGN_OK, &err);
    assert_int_equal(source_fd(source), -1);
    CLEANUP(arena_free) struct arena arena = { 0 };
    sign_bytes borrowed;
    check_status(source_bytes(source, 5, 10, &arena, &borrowed, &err), SIGN_OK, &err);
    assert_ptr_equal(borrowed.ptr, bytes + 5); /* not copied */
    check_source(source, sizeof bytes);
    source_free(&source);

    write_file("empty", (sign_bytes){ NULL, 0 });
    for (int i = 0; i < 3; i++) {
        int rc = i == 0   ? source_open(&source, "empty", NULL, &err)
                 : i == 1 ? source_over(&source, (sign_bytes){ NULL, 0 }, &err)
                          : source_join(&source, NULL, 0, &err);
        check_status(rc, SIGN_OK, &err);
        assert_int_equal(source_size(source), 0);
        struct seen seen = { 0 };
        check_status(source_each(source, 0, 0, see, &seen, NULL, &err), SIGN_OK, &err);
        assert_int_equal(seen.windows, 0);
        check_status(source_read(source, 0, bytes, 1, &err), SIGN_E_ARG, &err);
        source_free(&source);
    }
}

static void refused(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    struct source *source = NULL;
    check_status(source_open(&source, "absent", NULL, &err), SIGN_E_IO, &err);
    assert_int_equal(err.native, ENOENT);
    assert_string_equal(err.msg, "absent: No such file or directory");
    check_status(source_open(&source, ".", NULL, &err), SIGN_E_IO, &err);
    assert_int_equal(err.native, EISDIR);
    check_status(source_open_fd(&source, -1, NULL, &err), SIGN_E_IO, &err);
    assert_int_equal(err.native, EBADF);
    write_pattern("file", 10);
    int fd = open("file", O_WRONLY);
    check_status(source_open_fd(&source, fd, NULL, &err), SIGN_E_IO, &err);
    assert_int_equal(err.native, EBADF);
    close(fd);
    assert_null(source);
}

static void descriptor_stays_the_callers(void **state)
{
    write_pattern("file", SMALL);
    sign_err err = SIGN_ERR_INIT;
    int fd = open("file", O_RDONLY);
    struct source *source;
    check_status(source_open_fd(&source, fd, NULL, &err), SIGN_OK, &err);
    assert_string_equal(source_name(source), "-");
    close(fd);
    check_source(source, SMALL);
    source_free(&source);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
}

/* A child that writes the pattern into the descriptor in crooked pieces, slowly at first. */
static pid_t feed(int fd, int other_end, size_t size)
{
    pid_t child = fork();
    if (child == 0) {
        close(other_end);
        static uint8_t piece[70001];
        for (size_t at = 0, n = 1; at < size; at += n, n = n * 2 + 1) {
            n = n > sizeof piece ? sizeof piece : n;
            n = n > size - at ? size - at : n;
            pattern_fill(piece, at, n);
            if (write(fd, piece, n) != (ssize_t)n) {
                _exit(1);
            }
            usleep(at < 100 ? 2000 : 0);
        }
        _exit(0);
    }
    return child;
}

static void from_a_pipe(void **state)
{
    static const size_t sizes[] = { 6500, SMALL, LIMIT_IN_MEMORY, LIMIT_IN_MEMORY + 1, LARGE };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (int nonblocking = 0; nonblocking < 2; nonblocking++) {
            refuse_tmpfile = nonblocking ? EOPNOTSUPP : 0; /* both ways to a temporary file */
            int ends[2];
            /* The reading end alone: O_NONBLOCK belongs to the open file, and the two ends are two of them. */
            assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
            assert_int_equal(fcntl(ends[0], F_SETFL, nonblocking ? O_NONBLOCK : 0), 0);
            pid_t child = feed(ends[1], ends[0], sizes[i]);
            close(ends[1]);
            sign_err err = SIGN_ERR_INIT;
            struct source *source;
            check_status(source_open_fd(&source, ends[0], NULL, &err), SIGN_OK, &err);
            close(ends[0]);
            int status;
            waitpid(child, &status, 0);
            assert_int_equal(status, 0);
            check_source(source, sizes[i]);
            source_free(&source);
        }
    }
    refuse_tmpfile = 0;
    /* by name */
    assert_int_equal(mkfifo("fifo", 0600), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd = open("fifo", O_WRONLY);
        pid_t writer = feed(fd, -1, SMALL);
        waitpid(writer, NULL, 0);
        _exit(0);
    }
    sign_err err = SIGN_ERR_INIT;
    struct source *source;
    check_status(source_open(&source, "fifo", NULL, &err), SIGN_OK, &err);
    waitpid(child, NULL, 0);
    check_source(source, SMALL);
    source_free(&source);
}

static void spool_without_room(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    struct source *source = NULL;
    int ends[2];
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    setenv("TMPDIR", "/nowhere/at/all", 1);
    signal(SIGPIPE, SIG_IGN);
    pid_t child = feed(ends[1], ends[0], LARGE);
    close(ends[1]);
    check_status(source_open_fd(&source, ends[0], NULL, &err), SIGN_E_IO, &err);
    assert_int_equal(err.native, ENOENT);
    assert_non_null(strstr(err.msg, "/nowhere/at/all"));
    close(ends[0]);
    waitpid(child, NULL, 0);
    unsetenv("TMPDIR");
    assert_null(source);
}

static int countdown(void *payload)
{
    int *left = payload;
    return --*left < 0 ? SIGN_E_TIMEOUT : SIGN_OK;
}

static void deadline_over_a_silent_pipe(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    struct source *source = NULL;
    int ends[2], left = 3;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    struct watch watch = { .look = countdown, .payload = &left };
    check_status(source_open_fd(&source, ends[0], &watch, &err), SIGN_E_TIMEOUT, &err);
    assert_null(source);
    close(ends[0]);
    close(ends[1]);
    /* by name: the open waits for nobody */
    left = 3;
    assert_int_equal(mkfifo("unopened", 0600), 0);
    check_status(source_open(&source, "unopened", &watch, &err), SIGN_E_TIMEOUT, &err);
    assert_null(source);
}

static void watch_is_looked_at(void **state)
{
    static const size_t sizes[] = { 4 * LIMIT_WATCH_BYTES, LARGE };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        write_pattern("file", sizes[i]);
        sign_err err = SIGN_ERR_INIT;
        struct source *source;
        check_status(source_open(&source, "file", NULL, &err), SIGN_OK, &err);
        int left = 2;
        struct watch watch = { .look = countdown, .payload = &left };
        struct seen seen = { 0 };
        check_status(source_each(source, 0, sizes[i], see, &seen, &watch, &err), SIGN_E_TIMEOUT, &err);
        assert_true(seen.at < 3 * LIMIT_WATCH_BYTES);
        source_free(&source);
    }
}

/* --- files that change ---------------------------------------------------------------------------------------------- */

static void grow(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
}

static void overwrite_and_hide(const char *path)
{
    struct stat st;
    int fd = open(path, O_WRONLY);
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(write(fd, "x", 1), 1);
    const struct timespec times[2] = { st.st_atim, st.st_mtim }; /* mtime put back: ctime tells */
    assert_int_equal(futimens(fd, times), 0);
    close(fd);
}

static void touch(const char *path)
{
    const struct timespec times[2] = { { .tv_sec = 1000000000, .tv_nsec = 1 }, { .tv_sec = 1000000000, .tv_nsec = 1 } };
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void cut_short(const char *path)
{
    assert_int_equal(truncate(path, 100), 0);
}

static void changed_files(void **state)
{
    static void (*const changes[])(const char *path) = { grow, overwrite_and_hide, touch, cut_short };
    static const size_t sizes[] = { SMALL, LARGE };
    for (size_t i = 0; i < COUNT(changes) * COUNT(sizes); i++) {
        write_pattern("file", sizes[i % COUNT(sizes)]);
        sign_err err = SIGN_ERR_INIT;
        struct source *source, *joined;
        check_status(source_open(&source, "file", NULL, &err), SIGN_OK, &err);
        const struct source_part parts[] = { { .bytes = BYTES_LIT("x") }, { .source = source, .from = 1, .len = 5 } };
        check_status(source_join(&joined, parts, 2, &err), SIGN_OK, &err);
        check_status(source_unchanged(joined, &err), SIGN_OK, &err);
        usleep(20000); /* file times move in steps of the kernel's clock, 1 to 10 ms */
        changes[i / COUNT(sizes)]("file");
        check_status(source_unchanged(source, &err), SIGN_E_IO, &err);
        check_status(source_unchanged(joined, &err), SIGN_E_IO, &err);
        source_free(&source);
        source_free(&joined);
    }
}

static void replaced_files_stay_open(void **state)
{
    write_pattern("file", LARGE);
    sign_err err = SIGN_ERR_INIT;
    struct source *source;
    check_status(source_open(&source, "file", NULL, &err), SIGN_OK, &err);
    write_file("other", BYTES_LIT("other"));
    assert_int_equal(rename("other", "file"), 0);
    struct seen seen = { 0 };
    check_status(source_each(source, 0, LARGE, see, &seen, NULL, &err), SIGN_OK, &err); /* the old one, whole */
    source_free(&source);
}

static void shrinking_is_an_error_not_a_signal(void **state)
{
    write_pattern("file", LARGE);
    sign_err err = SIGN_ERR_INIT;
    struct source *source;
    check_status(source_open(&source, "file", NULL, &err), SIGN_OK, &err);
    assert_int_equal(truncate("file", 1000), 0);
    uint8_t buf[100];
    struct seen seen = { 0 };
    check_status(source_read(source, 950, buf, sizeof buf, &err), SIGN_E_IO, &err);
    assert_int_equal(err.offset, 1000);
    check_status(source_each(source, 0, LARGE, see, &seen, NULL, &err), SIGN_E_IO, &err);
    source_free(&source);
}

/* --- joined --------------------------------------------------------------------------------------------------------- */

static void joins(void **state)
{
    static uint8_t inserted[5000];
    pattern_fill(inserted, 7000, sizeof inserted);
    static uint8_t tail[SMALL];
    pattern_fill(tail, LARGE, sizeof tail);
    write_pattern("file", LARGE);
    sign_err err = SIGN_ERR_INIT;
    struct source *file, *middle, *joined;
    check_status(source_open(&file, "file", NULL, &err), SIGN_OK, &err);
    const struct source_part inner[] = {
        { .bytes = bytes_of(inserted, 2500) },
        { .bytes = bytes_of(NULL, 0) },
        { .bytes = bytes_of(inserted + 2500, 2500) },
        { .source = file, .from = 12000, .len = LARGE - 12000 },
    };
    check_status(source_join(&middle, inner, COUNT(inner), &err), SIGN_OK, &err);
    const struct source_part parts[] = {
        { .source = file, .from = 0, .len = 7000 },
        { .source = file, .from = LARGE, .len = 0 },
        { .source = middle, .from = 0, .len = LARGE - 7000 },
        { .bytes = bytes_of(tail, sizeof tail) },
    };
    check_status(source_join(&joined, parts, COUNT(parts), &err), SIGN_OK, &err);
    source_free(&file); /* the parts hold on to them */
    source_free(&middle);
    assert_string_equal(source_name(joined), "file");
    check_source(joined, LARGE + SMALL);

    /* every way across every seam */
    const uint64_t seams[] = { 7000, 9500, 12000, LARGE };
    CLEANUP(arena_free) struct arena arena = { 0 };
    for (size_t i = 0; i < COUNT(seams); i++) {
        for (uint64_t before = 0; before < 4; before++) {
            for (size_t len = 1; len < 6; len++) {
                sign_bytes bytes;
                check_status(source_bytes(joined, seams[i] - before, len, &arena, &bytes, &err), SIGN_OK, &err);
                assert_int_equal(bytes.len, len);
                assert_int_equal(pattern_differs(bytes, seams[i] - before), len);
            }
        }
    }
    sign_bytes borrowed;
    check_status(source_bytes(joined, 7001, 100, &arena, &borrowed, &err), SIGN_OK, &err);
    assert_ptr_equal(borrowed.ptr, inserted + 1); /* inside one part in memory: not copied */
    source_free(&joined);
}

static void joins_refused(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    struct source *file, *joined = NULL;
    check_status(source_over(&file, BYTES_LIT("0123456789"), &err), SIGN_OK, &err);
    const struct source_part outside[] = { { .source = file, .from = 0, .len = 11 },
                                           { .source = file, .from = 11, .len = 0 },
                                           { .source = file, .from = 1, .len = UINT64_MAX } };
    for (size_t i = 0; i < COUNT(outside); i++) {
        const struct source_part parts[] = { { .bytes = BYTES_LIT("x") }, outside[i] };
        check_status(source_join(&joined, parts, 2, &err), SIGN_E_ARG, &err);
        assert_null(joined);
    }
    struct source_part many[LIMIT_SOURCE_PARTS + 1];
    for (size_t i = 0; i < COUNT(many); i++) {
        many[i] = (struct source_part){ .source = file, .from = i % 10, .len = 1 };
    }
    check_status(source_join(&joined, many, COUNT(many), &err), SIGN_E_LIMIT, &err);
    check_status(source_join(&joined, many, LIMIT_SOURCE_PARTS, &err), SIGN_OK, &err);
    char text[LIMIT_SOURCE_PARTS];
    check_status(source_read(joined, 0, text, sizeof text, &err), SIGN_OK, &err);
    assert_memory_equal(text, "0123456789012345", 16);
    source_free(&joined);
    source_free(&file);
}

/* --- threads and memory --------------------------------------------------------------------------------------------- */

static void *read_and_drop(void *payload)
{
    struct source *source = payload;
    struct seen seen = { 0 };
    uintptr_t rc = (uintptr_t)source_each(source, 0, LARGE, see, &seen, NULL, NULL);
    source_free(&source);
    return (void *)rc;
}

static void shared_by_threads(void **state)
{
    write_pattern("file", LARGE);
    sign_err err = SIGN_ERR_INIT;
    struct source *source;
    check_status(source_open(&source, "file", NULL, &err), SIGN_OK, &err);
    pthread_t threads[4];
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, read_and_drop, source_ref(source)), 0);
    }
    source_free(&source);
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *rc;
        assert_int_equal(pthread_join(threads[i], &rc), 0);
        assert_null(rc);
    }
}

static int run_through(sign_err *err)
{
    struct source *file = NULL, *joined = NULL;
    int rc = source_open(&file, "file", NULL, err);
    if (rc == SIGN_OK) {
        const struct source_part parts[] = { { .source = file, .from = 0, .len = source_size(file) } };
        rc = source_join(&joined, parts, 1, err);
    }
    struct seen seen = { 0 };
    rc = rc == SIGN_OK ? source_each(joined, 0, source_size(joined), see, &seen, NULL, err) : rc;
    struct arena arena = { 0 };
    sign_bytes bytes;
    rc = rc == SIGN_OK ? source_bytes(joined, 0, 100, &arena, &bytes, err) : rc;
    arena_free(&arena);
    source_free(&joined);
    source_free(&file);
    return rc;
}

static void without_memory(void **state)
{
    static const size_t sizes[] = { SMALL, LARGE };
    for (size_t i = 0; i < COUNT(sizes); i++) {
        write_pattern("file", sizes[i]);
        unsigned long n = 0;
        for (bool hit = true; hit;) {
            sign_err err = SIGN_ERR_INIT;
            fault_at(++n);
            int rc = run_through(&err);
            hit = fault_hit();
            check_status(rc, hit ? SIGN_E_NOMEM : SIGN_OK, &err);
        }
        assert_true(n > 5);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files),
        cmocka_unit_test(memory_and_empty),
        cmocka_unit_test(refused),
        cmocka_unit_test(descriptor_stays_the_callers),
        cmocka_unit_test(from_a_pipe),
        cmocka_unit_test(spool_without_room),
        cmocka_unit_test(deadline_over_a_silent_pipe),
        cmocka_unit_test(watch_is_looked_at),
        cmocka_unit_test(changed_files),
        cmocka_unit_test(replaced_files_stay_open),
        cmocka_unit_test(shrinking_is_an_error_not_a_signal),
        cmocka_unit_test(joins),
        cmocka_unit_test(joins_refused),
        cmocka_unit_test(shared_by_threads),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
