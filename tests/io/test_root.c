/* What only root can set up: a full disk, another user. Skipped, and said so, where that cannot be done. */
#include "outputs.h"
#include <base/limits.h>
#include <errno.h>
#include <grp.h>
#include <sys/mount.h>
#include <sys/wait.h>

/* Where the owner cannot be kept, nobody gets rights whom the old file gave none. */
static void replace_as_another_user(void **state)
{
    assert_int_equal(chmod(scratch, 0711), 0);
    assert_int_equal(chmod(".", 0777), 0);
    write_file("out", BYTES_LIT("old"));
    assert_int_equal(chown("out", 12345, 54321), 0);
    assert_int_equal(chmod("out", 06775), 0);
    pid_t child = fork();
    if (child == 0) {
        struct output *output = NULL;
        bool ok = setresgid(777, 777, 777) == 0 && setresuid(777, 777, 777) == 0 &&
                  output_open(&output, "out", OUTPUT_REPLACE, NULL) == SIGN_OK &&
                  sink_put(output_sink(output), BYTES_LIT("new"), NULL) == SIGN_OK &&
                  output_commit(&output, NULL) == SIGN_OK;
        ok =
            ok && output_open(&output, "fresh", OUTPUT_NEW, NULL) == SIGN_OK && output_commit(&output, NULL) == SIGN_OK;
        _exit(ok ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    struct stat st;
    assert_int_equal(stat("out", &st), 0);
    assert_int_equal(st.st_uid, 777);
    assert_int_equal(st.st_mode & 07777, 0705);
    assert_int_equal(stat("fresh", &st), 0);
    assert_int_equal(st.st_uid, 777);
}

static void replace_as_nobody(const char *path)
{
    pid_t child = fork();
    if (child == 0) {
        struct output *output = NULL;
        bool done = setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0 &&
                    output_open(&output, path, OUTPUT_REPLACE, NULL) == SIGN_OK &&
                    sink_put(output_sink(output), BYTES_LIT("new"), NULL) == SIGN_OK &&
                    output_commit(&output, NULL) == SIGN_OK;
        _exit(done ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* A folder that may be written to and not listed cannot be synced, and is no error. */
static void drop_box(void **state)
{
    assert_int_equal(mkdir("box", 0300), 0);
    assert_int_equal(chown(".", 65534, 65534) | chown("box", 65534, 65534), 0);
    for (int round = 0; round < 2; round++) {
        replace_as_nobody("box/out");
        check_file("box/out", BYTES_LIT("new"));
        assert_int_equal(entries("box"), 1);
    }
}

/* Who may not give the file away gives away none of its bits either: set-id bits never, the group's only with the group. */
static void replace_of_a_strangers_file(void **state)
{
    static const struct { gid_t group; mode_t was, is; } rows[] = {
        { 0, 0664, 0604 }, { 0, 06775, 0705 }, { 65534, 0664, 0664 }, { 65534, 06775, 0775 },
    };
    assert_int_equal(chown(".", 65534, 65534), 0);
    for (size_t i = 0; i < COUNT(rows); i++) {
        write_file("out", BYTES_LIT("old"));
        assert_int_equal(chown("out", 0, rows[i].group), 0);
        assert_int_equal(chmod("out", rows[i].was), 0);
        replace_as_nobody("out");
        check_file("out", BYTES_LIT("new"));
        struct stat is;
        assert_int_equal(stat("out", &is), 0);
        assert_int_equal(is.st_uid, 65534);
        assert_int_equal(is.st_mode & 07777, rows[i].is);
        assert_int_equal(unlink("out"), 0);
    }
}

static void full_disk(void **state)
{
    assert_int_equal(mkdir("full", 0700), 0);
    assert_int_equal(mount("tmpfs", "full", "tmpfs", 0, "size=256k"), 0);
    write_file("full/out", BYTES_LIT("old"));
    static uint8_t bytes[1 << 20];
    for (size_t i = 0; i < COUNT(modes); i++) {
        const char *path = modes[i] == OUTPUT_NEW ? "full/new" : "full/out";
        struct output *output = open_output(path, modes[i]);
        sign_err err = SIGN_ERR_INIT;
        check_status(sink_put(output_sink(output), bytes_of(bytes, sizeof bytes), &err), SIGN_E_IO, &err);
        assert_int_equal(err.native, ENOSPC);
        output_free(&output);
        /* by copy as well */
        write_pattern("large", LIMIT_IN_MEMORY + 1);
        struct source *source;
        check_status(source_open(&source, "large", NULL, &err), SIGN_OK, &err);
        output = open_output(path, modes[i]);
        check_status(sink_copy(output_sink(output), source, 0, source_size(source), NULL, &err), SIGN_E_IO, &err);
        assert_int_equal(err.native, ENOSPC);
        output_free(&output);
        source_free(&source);
    }
    check_file("full/out", BYTES_LIT("old"));
    assert_int_equal(entries("full"), 1);
    assert_int_equal(umount("full"), 0);
}

static bool can_mount(void)
{
    return mount("tmpfs", scratch, "tmpfs", 0, "size=4k") == 0 && umount(scratch) == 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(replace_as_another_user, fresh_folder),
        cmocka_unit_test_setup(replace_of_a_strangers_file, fresh_folder),
        cmocka_unit_test_setup(drop_box, fresh_folder),
        cmocka_unit_test_setup(full_disk, fresh_folder),
    };
    if (scratch_setup(NULL) != 0 || geteuid() != 0 || !can_mount()) {
        printf("1..0 # SKIP needs root and mount: %s\n", geteuid() != 0 ? "not root" : strerrordesc_np(errno));
        return scratch_teardown(NULL);
    }
    return cmocka_run_group_tests(tests, NULL, scratch_teardown);
}
