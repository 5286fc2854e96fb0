#include "fault.h"
#include "outputs.h"
#include "syscalls.h"
#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>

static void appears_at_commit(void **state)
{
    int before = entries("/proc/self/fd");
    for (size_t i = 0; i < COUNT(modes); i++) {
        umask(027);
        struct output *output = open_output("out", modes[i]);
        put(output, "one ");
        put(output, "");
        put(output, "two");
        assert_int_equal(output_sink(output)->written, 7);
        assert_int_equal(access("out", F_OK), -1);
        commit(&output);
        check_file("out", BYTES_LIT("one two"));
        struct stat st;
        assert_int_equal(stat("out", &st), 0);
        assert_int_equal(st.st_mode & 07777, 0640);
        assert_int_equal(entries("."), 1);
        assert_int_equal(unlink("out"), 0);
        umask(022);
    }
    /* an empty one, by an absolute path */
    char path[100];
    snprintf(path, sizeof path, "%s/absolute", scratch);
    struct output *output = open_output(path, OUTPUT_NEW);
    commit(&output);
    check_file(path, (sign_bytes){ NULL, 0 });
    assert_int_equal(entries("/proc/self/fd"), before);
}

static void dropped_leaves_nothing(void **state)
{
    int before = entries("/proc/self/fd");
    for (size_t i = 0; i < COUNT(modes); i++) {
        struct output *output = open_output("out", modes[i]);
        put(output, "half");
        output_free(&output);
        assert_null(output);
        output_free(&output);
        assert_int_equal(entries("."), 0);
    }
    assert_int_equal(entries("/proc/self/fd"), before);
}

static void new_never_overwrites(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    write_file("there", BYTES_LIT("old"));
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    struct output *output = NULL;
    check_status(output_open(&output, "there", OUTPUT_NEW, &err), SIGN_E_EXISTS, &err);
    check_status(output_open(&output, "dangling", OUTPUT_NEW, &err), SIGN_E_EXISTS, &err);
    assert_null(output);
    /* it comes while we write */
    output = open_output("late", OUTPUT_NEW);
    put(output, "ours");
    write_file("late", BYTES_LIT("theirs"));
    check_status(output_commit(&output, &err), SIGN_E_EXISTS, &err);
    assert_null(output);
    check_file("late", BYTES_LIT("theirs"));
    check_file("there", BYTES_LIT("old"));
    assert_int_equal(entries("."), 3);
}

static void replace_keeps_mode_and_owner(void **state)
{
    static const mode_t kept[] = { 0644, 0600, 0444, 0755, 02750 };
    for (size_t i = 0; i < COUNT(kept); i++) {
        write_file("out", BYTES_LIT("old"));
        if (geteuid() == 0) {
            assert_int_equal(chown("out", 12345, 54321), 0);
        }
        assert_int_equal(chmod("out", kept[i]), 0);
        struct stat was, is;
        assert_int_equal(stat("out", &was), 0);
        struct output *output = open_output("out", OUTPUT_REPLACE);
        put(output, "new");
        check_file("out", BYTES_LIT("old"));
        assert_int_equal(fstat(output_sink(output)->fd, &is), 0);
        assert_int_equal(is.st_mode & 07777, 0600); /* nobody else reads it half */
        commit(&output);
        check_file("out", BYTES_LIT("new"));
        assert_int_equal(stat("out", &is), 0);
        assert_int_equal(is.st_mode, was.st_mode);
        assert_int_equal(is.st_uid, was.st_uid);
        assert_int_equal(is.st_gid, was.st_gid);
        assert_int_not_equal(is.st_ino, was.st_ino);
        assert_int_equal(entries("."), 1);
        assert_int_equal(unlink("out"), 0);
    }
}

static void replace_follows_links(void **state)
{
    assert_int_equal(mkdir("real", 0700), 0);
    write_file("real/file", BYTES_LIT("old"));
    assert_int_equal(symlink("real/file", "one"), 0);
    assert_int_equal(symlink("one", "two"), 0);
    struct output *output = open_output("two", OUTPUT_REPLACE);
    put(output, "new");
    assert_int_equal(entries("real"), 2); /* the temporary name is beside the real file */
    commit(&output);
    check_file("real/file", BYTES_LIT("new"));
    struct stat st;
    assert_true(lstat("two", &st) == 0 && S_ISLNK(st.st_mode));
    assert_true(lstat("one", &st) == 0 && S_ISLNK(st.st_mode));
    assert_int_equal(entries("real"), 1);
    assert_int_equal(entries("."), 3);
}

static void refused(void **state)
{
    assert_int_equal(mkdir("folder", 0700), 0);
    assert_int_equal(mkfifo("fifo", 0600), 0);
    assert_int_equal(symlink("nowhere", "dangling"), 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    static const struct {
        const char *path;
        enum output_mode mode;
        int status;
        uint32_t native;
    } cases[] = {
        { "absent/out", OUTPUT_NEW, SIGN_E_IO, ENOENT },
        { "absent/out", OUTPUT_REPLACE, SIGN_E_IO, ENOENT },
        { "fifo/out", OUTPUT_NEW, SIGN_E_IO, ENOTDIR },
        { "folder/", OUTPUT_NEW, SIGN_E_IO, EISDIR },
        { "folder/.", OUTPUT_NEW, SIGN_E_IO, EISDIR },
        { "folder/..", OUTPUT_REPLACE, SIGN_E_IO, EISDIR },
        { "", OUTPUT_NEW, SIGN_E_IO, EISDIR },
        { "folder", OUTPUT_NEW, SIGN_E_EXISTS, 0 },
        { "folder", OUTPUT_REPLACE, SIGN_E_IO, 0 },
        { "fifo", OUTPUT_REPLACE, SIGN_E_IO, 0 },
        { "dangling", OUTPUT_REPLACE, SIGN_E_IO, ENOENT },
        { "loop", OUTPUT_REPLACE, SIGN_E_IO, ELOOP },
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        sign_err err = SIGN_ERR_INIT;
        struct output *output = NULL;
        check_status(output_open(&output, cases[i].path, cases[i].mode, &err), cases[i].status, &err);
        assert_int_equal(err.native, cases[i].native);
        assert_null(output);
    }
    assert_int_equal(entries("."), 4);
}

/* Names up to NAME_MAX: the temporary name beside them must not be longer. */
static void long_names(void **state)
{
    char name[256];
    memset(name, 'x', 255);
    name[255] = '\0';
    for (size_t i = 0; i < COUNT(modes); i++) {
        for (int round = 0; round < 2; round++) {
            struct output *output = open_output(name, modes[i]);
            put(output, "long");
            commit(&output);
            check_file(name, BYTES_LIT("long"));
            assert_int_equal(entries("."), 1);
            if (modes[i] == OUTPUT_NEW) {
                unlink(name);
            }
        }
    }
}

/* --- torn outputs ----------------------------------------------------------------------------------------------------- */

/* A child that opens, writes, says so, and is killed before it can commit. */
static void kill_in_the_middle(const char *path, enum output_mode mode)
{
    int ready[2];
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct output *output = NULL;
        char ok = output_open(&output, path, mode, NULL) == SIGN_OK &&
                  sink_put(output_sink(output), BYTES_LIT("half of it"), NULL) == SIGN_OK;
        if (write(ready[1], &ok, 1) == 1) {
            pause();
        }
        _exit(1);
    }
    char ok = 0;
    assert_int_equal(read(ready[0], &ok, 1), 1);
    assert_int_equal(ok, 1);
    assert_int_equal(kill(child, SIGKILL), 0);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    close(ready[0]);
    close(ready[1]);
}

static void killed_new(void **state)
{
    kill_in_the_middle("out", OUTPUT_NEW);
    assert_int_equal(access("out", F_OK), -1);
    sign_err err = SIGN_ERR_INIT;
    check_status(output_sweep("out", &err), SIGN_OK, &err);
    assert_int_equal(entries("."), 0);
}

static void killed_in_place(void **state)
{
    write_file("out", BYTES_LIT("old"));
    write_file("other", BYTES_LIT("other"));
    kill_in_the_middle("out", OUTPUT_REPLACE);
    kill_in_the_middle("out", OUTPUT_REPLACE);
    kill_in_the_middle("other", OUTPUT_REPLACE);
    check_file("out", BYTES_LIT("old"));
    assert_int_equal(entries("."), 5);
    sign_err err = SIGN_ERR_INIT;
    check_status(output_sweep("out", &err), SIGN_OK, &err);
    check_file("out", BYTES_LIT("old"));
    assert_int_equal(entries("."), 3); /* the other target's is not ours to remove */
    check_status(output_sweep("other", &err), SIGN_OK, &err);
    assert_int_equal(entries("."), 2);
    check_status(output_sweep("nothing", &err), SIGN_OK, &err);
    check_status(output_sweep("absent/nothing", &err), SIGN_E_IO, &err);
}

static void swept_once(void **state)
{
    struct folders *folders = NULL;
    sign_err err = SIGN_ERR_INIT;
    check_status(folders_new(&folders, &err), SIGN_OK, &err);
    write_file("one", BYTES_LIT("1"));
    write_file(".two.kyso-x", BYTES_LIT("2"));
    kill_in_the_middle("one", OUTPUT_REPLACE);
    kill_in_the_middle(".two.kyso-x", OUTPUT_REPLACE);      /* a target that has the mark in its own name */
    assert_int_equal(entries("."), 4);
    check_status(output_sweep_once(folders, "three", &err), SIGN_OK, &err);
    assert_int_equal(entries("."), 2);
    kill_in_the_middle("one", OUTPUT_REPLACE);
    check_status(output_sweep_once(folders, "one", &err), SIGN_OK, &err);
    assert_int_equal(entries("."), 3);                      /* not looked at a second time */
    check_status(output_sweep_once(folders, "absent/one", &err), SIGN_E_IO, &err);
    folders_free(&folders);
    assert_null(folders);
    folders_free(&folders);
}

static void another_run(void)
{
    write_file("theirs", BYTES_LIT("theirs"));
    assert_int_equal(rename("theirs", "out"), 0);
}

/* Replaced by another run after it was opened: before its identity was known, or after. */
static void guarded(void **state)
{
    for (int late = 0; late <= 1; late++) {
        sign_err err = SIGN_ERR_INIT;
        struct source *source = NULL;
        write_file("out", BYTES_LIT("old"));
        opened = late ? NULL : another_run;
        check_status(source_open(&source, "out", NULL, &err), SIGN_OK, &err);
        assert_null(opened);
        struct output *output = open_output("out", OUTPUT_REPLACE);
        if (late) {
            another_run();
        }
        output_guard(output, source);
        put(output, "ours");
        check_status(output_commit(&output, &err), SIGN_E_IO, &err);
        check_file("out", BYTES_LIT("theirs"));
        source_free(&source);
    }
    /* Written to by somebody who did not replace it: what he wrote stays. */
    for (int longer = 0; longer <= 1; longer++) {
        sign_err err = SIGN_ERR_INIT;
        struct source *source = NULL;
        write_file("out", BYTES_LIT("old"));
        check_status(source_open(&source, "out", NULL, &err), SIGN_OK, &err);
        struct output *output = open_output("out", OUTPUT_REPLACE);
        usleep(20000); /* file times move in steps of the kernel's clock, 1 to 10 ms */
        write_file("out", longer ? BYTES_LIT("theirs") : BYTES_LIT("his"));
        output_guard(output, source);
        put(output, "ours");
        check_status(output_commit(&output, &err), SIGN_E_IO, &err);
        check_file("out", longer ? BYTES_LIT("theirs") : BYTES_LIT("his"));
        source_free(&source);
        assert_int_equal(entries("."), 1);
    }
    /* What is read may lie elsewhere, or nowhere any more. */
    for (int gone = 0; gone <= 1; gone++) {
        sign_err err = SIGN_ERR_INIT;
        struct source *source = NULL;
        char path[64];
        write_file("in", BYTES_LIT("old"));
        int fd = open("in", O_RDONLY | O_CLOEXEC);
        snprintf(path, sizeof path, "/dev/fd/%d", fd);
        assert_int_equal(gone ? unlink("in") : 0, 0);
        check_status(source_open(&source, gone ? path : "in", NULL, &err), SIGN_OK, &err);
        struct output *output = open_output("out", OUTPUT_REPLACE);
        output_guard(output, source);
        put(output, "ours");
        commit(&output);
        check_file("out", BYTES_LIT("ours"));
        source_free(&source);
        close(fd);
    }
}

/* Moved away after it was opened, before the output was: what comes in its place meanwhile stays, and so does an empty place. */
static void guarded_where_nothing_was(void **state)
{
    for (int comes = 0; comes <= 1; comes++) {
        sign_err err = SIGN_ERR_INIT;
        struct source *source = NULL;
        write_file("out", BYTES_LIT("old"));
        check_status(source_open(&source, "out", NULL, &err), SIGN_OK, &err);
        assert_int_equal(unlink("out"), 0);
        struct output *output = open_output("out", OUTPUT_REPLACE);
        if (comes) {
            another_run();
        }
        output_guard(output, source);
        put(output, "ours");
        check_status(output_commit(&output, &err), SIGN_E_IO, &err);
        assert_int_equal(entries("."), comes);
        if (comes) {
            check_file("out", BYTES_LIT("theirs"));
        }
        source_free(&source);
    }
}

/* flock(1) on the folder around the whole run: its lock ends when we do, so it is not waited for without end. */
static void folder_locked_by_another(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    struct source *source = NULL;
    write_file("out", BYTES_LIT("old"));
    int held = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_int_equal(flock(held, LOCK_EX), 0);
    check_status(source_open(&source, "out", NULL, &err), SIGN_OK, &err);
    struct output *output = open_output("out", OUTPUT_REPLACE);
    output_guard(output, source);
    put(output, "ours");
    alarm(60);
    commit(&output);
    alarm(0);
    check_file("out", BYTES_LIT("ours"));
    source_free(&source);
    close(held);
}

static pid_t dead_pid(void)
{
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    waitpid(child, NULL, 0);
    return child;
}

/* Names that look like ours and are not, or are somebody's who lives. */
static int sweep_all(const char *path, sign_err *err)
{
    struct folders *folders = NULL;
    int rc = folders_new(&folders, err);
    rc = rc == SIGN_OK ? output_sweep_once(folders, path, err) : rc;
    folders_free(&folders);
    return rc;
}

static void careful(int (*sweep)(const char *, sign_err *), bool one_target)
{
    int dead = dead_pid();
    struct {
        const char *before;
        int pid;
        const char *after;
        bool goes;
    } names[] = {
        { ".out.kyso-", dead, "-0123456789abcdef.tmp", true },
        { ".out.kyso-", getpid(), "-fedcba9876543210.tmp", false },
        { ".out.kyso-", 1, "-fedcba9876543210.tmp", false },
        { ".out.kyso-", dead, "-0123456789abcde.tmp", false },
        { ".out.kyso-", dead, "-0123456789abcdefa.tmp", false },
        { ".out.kyso-", dead, "-0123456789abcdeg.tmp", false },
        { ".out.kyso-", dead, "-0123456789abcdef.tmpx", false },
        { ".out.kyso-", dead, "-0123456789abcdef.pdf", false },
        { ".out.kyso--", dead, "-0123456789abcdef.tmp", false },
        { ".out.kyso-+", dead, "-0123456789abcdef.tmp", false },
        { ".out.kyso-9999999", dead, "-0123456789abcdef.tmp", false },
        { "out.kyso-", dead, "-0123456789abcdef.tmp", false },
        { ".out2.kyso-", dead, "-0123456789abcdef.tmp", !one_target },
        { ".kyso-", dead, "-0123456789abcdef.tmp", false },
        { ".out.kyso-", dead, "-", false },
    };
    char name[100];
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(name, sizeof name, "%s%d%s", names[i].before, names[i].pid, names[i].after);
        write_file(name, BYTES_LIT("x"));
    }
    write_file(".out.kyso-", BYTES_LIT("x"));
    /* of a process that is gone here, and holds its lock elsewhere; and something that is no file */
    snprintf(name, sizeof name, ".out.kyso-%d-aaaaaaaaaaaaaaaa.tmp", dead);
    int held = open(name, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(flock(held, LOCK_EX), 0);
    snprintf(name, sizeof name, ".out.kyso-%d-bbbbbbbbbbbbbbbb.tmp", dead);
    assert_int_equal(mkdir(name, 0700), 0);

    sign_err err = SIGN_ERR_INIT;
    check_status(sweep("out", &err), SIGN_OK, &err);
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(name, sizeof name, "%s%d%s", names[i].before, names[i].pid, names[i].after);
        if ((access(name, F_OK) == 0) == names[i].goes) {
            fail_msg("%s: %s", name, names[i].goes ? "still there" : "removed");
        }
    }
    assert_int_equal(entries("."), COUNT(names) - (one_target ? 1 : 2) + 3);
    close(held);
}

static void sweep_is_careful(void **state)
{
    careful(output_sweep, true);
}

static void sweep_of_all_is_careful(void **state)
{
    careful(sweep_all, false);
}

/* --- no room ---------------------------------------------------------------------------------------------------------- */

static void file_size_limit(void **state)
{
    struct rlimit was, is;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    is = was;
    is.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    write_file("out", BYTES_LIT("old"));
    static uint8_t bytes[10000];
    for (size_t i = 0; i < COUNT(modes); i++) {
        const char *path = modes[i] == OUTPUT_NEW ? "new" : "out";
        struct output *output = open_output(path, modes[i]);
        sign_err err = SIGN_ERR_INIT;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &is), 0);
        int rc = sink_put(output_sink(output), bytes_of(bytes, sizeof bytes), &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
        check_status(rc, SIGN_E_IO, &err);
        assert_int_equal(err.native, EFBIG);
        output_free(&output);
    }
    check_file("out", BYTES_LIT("old"));
    assert_int_equal(entries("."), 1);
}

/* What the disk did not take is not put into place; what it took, in a folder that it did not, is an error all the same. */
static void not_synced(void **state)
{
    write_file("out", BYTES_LIT("old"));
    for (size_t i = 0; i < COUNT(modes); i++) {
        const char *path = modes[i] == OUTPUT_NEW ? "new" : "out";
        sign_err err = SIGN_ERR_INIT;
        struct output *output = open_output(path, modes[i]);
        put(output, "text");
        refuse_file_fsync = EIO;
        check_status(output_commit(&output, &err), SIGN_E_IO, &err);
        refuse_file_fsync = 0;
        assert_int_equal(err.native, EIO);
        check_file("out", BYTES_LIT("old"));
        assert_int_equal(entries("."), 1);
    }
    for (size_t i = 0; i < COUNT(modes); i++) {
        const char *path = modes[i] == OUTPUT_NEW ? "new" : "out";
        sign_err err = SIGN_ERR_INIT;
        struct output *output = open_output(path, modes[i]);
        put(output, "text");
        refuse_fsync = EIO;
        check_status(output_commit(&output, &err), SIGN_E_IO, &err);
        refuse_fsync = 0;
        assert_int_equal(err.native, EIO);
        check_file(path, BYTES_LIT("text"));
    }
}

/*
 * A file system without O_TMPFILE, with renameat2 and without. The named way must keep the same promises.
 */
static void check_named(void)
{
    struct output *output = open_output("out", OUTPUT_NEW);
    assert_true(output_is_named(output));
    put(output, "text");
    assert_int_equal(access("out", F_OK), -1);
    assert_int_equal(entries("."), 1);
    commit(&output);
    check_file("out", BYTES_LIT("text"));
    struct stat st;
    assert_int_equal(stat("out", &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(st.st_nlink, 1);
    assert_int_equal(entries("."), 1);

    sign_err err = SIGN_ERR_INIT;
    output = open_output("late", OUTPUT_NEW);
    write_file("late", BYTES_LIT("theirs"));
    check_status(output_commit(&output, &err), SIGN_E_EXISTS, &err);
    check_file("late", BYTES_LIT("theirs"));
    output = open_output("dropped", OUTPUT_NEW);
    output_free(&output);
    assert_int_equal(entries("."), 2);

    kill_in_the_middle("torn", OUTPUT_NEW);
    assert_int_equal(access("torn", F_OK), -1);
    assert_int_equal(entries("."), 3);
    check_status(output_sweep("torn", &err), SIGN_OK, &err);
    assert_int_equal(entries("."), 2);
    assert_int_equal(unlink("out") | unlink("late"), 0);
}

static void without_nameless_files(void **state)
{
    static const int tmpfile_errors[] = { EOPNOTSUPP, EISDIR, ENOENT };
    static const int rename_errors[] = { 0, EINVAL, ENOSYS };
    umask(022);
    for (size_t i = 0; i < COUNT(tmpfile_errors); i++) {
        refuse_tmpfile = tmpfile_errors[i];
        refuse_renameat2 = rename_errors[i];
        check_named();
    }
    refuse_tmpfile = refuse_renameat2 = 0;
}

static void folder_moves_away(void **state)
{
    assert_int_equal(mkdir("before", 0700), 0);
    struct output *output = open_output("before/out", OUTPUT_NEW);
    put(output, "text");
    assert_int_equal(rename("before", "after"), 0);
    commit(&output);
    check_file("after/out", BYTES_LIT("text"));
}

static void without_memory(void **state)
{
    write_file("out", BYTES_LIT("old"));
    for (size_t i = 0; i < COUNT(modes); i++) {
        const char *path = modes[i] == OUTPUT_NEW ? "new" : "out";
        unsigned long n = 0;
        for (bool hit = true; hit;) {
            sign_err err = SIGN_ERR_INIT;
            struct output *output = NULL;
            fault_at(++n);
            int rc = output_open(&output, path, modes[i], &err);
            rc = rc == SIGN_OK ? output_commit(&output, &err) : rc;
            hit = fault_hit();
            check_status(rc, hit ? SIGN_E_NOMEM : SIGN_OK, &err);
            assert_null(output);
            assert_int_equal(entries("."), hit ? 1 + (int)i : 2);
        }
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(appears_at_commit, fresh_folder),
        cmocka_unit_test_setup(dropped_leaves_nothing, fresh_folder),
        cmocka_unit_test_setup(new_never_overwrites, fresh_folder),
        cmocka_unit_test_setup(replace_keeps_mode_and_owner, fresh_folder),
        cmocka_unit_test_setup(replace_follows_links, fresh_folder),
        cmocka_unit_test_setup(refused, fresh_folder),
        cmocka_unit_test_setup(long_names, fresh_folder),
        cmocka_unit_test_setup(killed_new, fresh_folder),
        cmocka_unit_test_setup(killed_in_place, fresh_folder),
        cmocka_unit_test_setup(swept_once, fresh_folder),
        cmocka_unit_test_setup(guarded, fresh_folder),
        cmocka_unit_test_setup(guarded_where_nothing_was, fresh_folder),
        cmocka_unit_test_setup(folder_locked_by_another, fresh_folder),
        cmocka_unit_test_setup(sweep_is_careful, fresh_folder),
        cmocka_unit_test_setup(sweep_of_all_is_careful, fresh_folder),
        cmocka_unit_test_setup(file_size_limit, fresh_folder),
        cmocka_unit_test_setup(not_synced, fresh_folder),
        cmocka_unit_test_setup(without_nameless_files, fresh_folder),
        cmocka_unit_test_setup(folder_moves_away, fresh_folder),
        cmocka_unit_test_setup(without_memory, fresh_folder),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
