/* A folder's sync that many outputs share: how often it is asked for, who is told of its failure, and what stays open. */
#include "outputs.h"
#include "syscalls.h"
#include <base/limits.h>
#include <errno.h>
#include <io/folders.h>
#include <pthread.h>

static struct folders *folders;

static int setup(void **state)
{
    refuse_fsync = 0;
    fsyncs = 0;
    return fresh_folder(state) == 0 && folders_new(&folders, NULL) == SIGN_OK ? 0 : -1;
}

static int teardown(void **state)
{
    folders_free(&folders);
    assert_null(folders);
    folders_free(&folders);
    return 0;
}

static int open_dir(const char *path)
{
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    assert_true(dir >= 0);
    return dir;
}

/* A debt whose descriptor is closed at once, as an output's is. */
static struct folder_debt owe(const char *path)
{
    struct folder_debt debt = { 0 };
    int dir = open_dir(path);
    assert_int_equal(folders_owe(folders, dir, &debt), 0);
    close(dir);
    return debt;
}

static void one_for_all(void **state)
{
    int before = entries("/proc/self/fd");
    struct folder_debt first = owe("."), second = owe("."), third = owe(".");
    assert_int_equal(fsyncs, 0);
    assert_int_equal(folders_pay(folders, &second), 0);
    assert_int_equal(fsyncs, 1);
    assert_null(second.folder);
    struct folder_debt late = owe(".");         /* after that sync began: not answered by it */
    assert_int_equal(folders_pay(folders, &first), 0);
    assert_int_equal(folders_pay(folders, &third), 0);
    assert_int_equal(fsyncs, 1);
    assert_int_equal(folders_pay(folders, &late), 0);
    assert_int_equal(fsyncs, 2);
    assert_int_equal(folders_pay(folders, &late), 0);       /* nothing is owed */
    assert_int_equal(fsyncs, 2);
    assert_int_equal(entries("/proc/self/fd"), before);
}

static struct folder_debt given_out_meanwhile;

static void owe_meanwhile(void)
{
    given_out_meanwhile = owe(".");
}

/* A name that is put into the folder while it is synced: that sync may have come before it. */
static void owed_during_a_sync(void **state)
{
    struct folder_debt first = owe(".");
    syncing = owe_meanwhile;
    assert_int_equal(folders_pay(folders, &first), 0);
    assert_null(syncing);
    assert_int_equal(fsyncs, 1);
    assert_int_equal(folders_pay(folders, &given_out_meanwhile), 0);
    assert_int_equal(fsyncs, 2);
}

static void failure_is_for_all_it_answers(void **state)
{
    struct folder_debt first = owe("."), second = owe(".");
    refuse_fsync = EIO;
    assert_int_equal(folders_pay(folders, &second), -1);
    assert_int_equal(errno, EIO);
    /* The kernel says so once: the next sync goes well, and is no answer to what was owed before. */
    refuse_fsync = 0;
    struct folder_debt third = owe(".");
    assert_int_equal(folders_pay(folders, &third), 0);
    assert_int_equal(folders_pay(folders, &first), -1);
    assert_int_equal(errno, EIO);
    assert_int_equal(fsyncs, 2);
    /* Nothing is kept once all are answered. */
    struct folder_debt fourth = owe(".");
    assert_int_equal(folders_pay(folders, &fourth), 0);
}

static void failure_is_not_for_what_was_synced_before(void **state)
{
    struct folder_debt first = owe("."), second = owe(".");
    assert_int_equal(folders_pay(folders, &second), 0);
    struct folder_debt third = owe(".");
    refuse_fsync = EIO;
    assert_int_equal(folders_pay(folders, &third), -1);
    assert_int_equal(folders_pay(folders, &first), 0);
    refuse_fsync = 0;
}

static void twice_failed(void **state)
{
    struct folder_debt first = owe("."), second = owe(".");
    refuse_fsync = EIO;
    assert_int_equal(folders_pay(folders, &first), -1);
    struct folder_debt third = owe(".");
    refuse_fsync = ENOSPC;
    assert_int_equal(folders_pay(folders, &third), -1);
    assert_int_equal(errno, ENOSPC);
    refuse_fsync = 0;
    assert_int_equal(folders_pay(folders, &second), -1);
}

/* A file system without such a sync, a folder that may not be read. */
static void nothing_to_sync(void **state)
{
    static const int fine[] = { EINVAL, EBADF };
    for (size_t i = 0; i < COUNT(fine); i++) {
        struct folder_debt debt = owe(".");
        refuse_fsync = fine[i];
        assert_int_equal(folders_pay(folders, &debt), 0);
        assert_int_equal(folder_sync(0), 0);
        refuse_fsync = 0;
    }
}

static void more_folders_than_places(void **state)
{
    struct folder_debt debts[LIMIT_OWING_FOLDERS + 2] = { 0 };
    char name[16];
    for (size_t i = 0; i < COUNT(debts); i++) {
        snprintf(name, sizeof name, "%zu", i);
        assert_int_equal(mkdir(name, 0700), 0);
        debts[i] = owe(name);
        assert_int_equal(debts[i].folder != NULL, i < LIMIT_OWING_FOLDERS);
    }
    assert_int_equal(fsyncs, COUNT(debts) - LIMIT_OWING_FOLDERS);
    /* and what goes wrong is said at once */
    struct folder_debt debt = { 0 };
    int dir = open_dir(name);
    refuse_fsync = EIO;
    assert_int_equal(folders_owe(folders, dir, &debt), -1);
    assert_int_equal(errno, EIO);
    refuse_fsync = 0;
    close(dir);
    for (size_t i = 0; i < COUNT(debts); i++) {
        assert_int_equal(folders_pay(folders, &debts[i]), 0);
    }
    debt = owe(name);       /* there are places again */
    assert_non_null(debt.folder);
    assert_int_equal(folders_pay(folders, &debt), 0);
}

/* Each folder is the first once; those that cannot be remembered never are. */
static void first_of_each(void **state)
{
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < LIMIT_SWEPT + 2; i++) {
            struct stat st = { .st_dev = i % 2, .st_ino = i / 2 };
            assert_int_equal(folders_first(folders, &st), round == 0 && i < LIMIT_SWEPT);
        }
    }
}

/* What is there after output_place is whole; whose folder could not be synced is told by output_settle. */
static void output_in_two_steps(void **state)
{
    for (size_t i = 0; i < COUNT(modes); i++) {
        sign_err err = SIGN_ERR_INIT;
        struct folder_debt debt = { 0 };
        struct output *output = open_output("out", modes[i]);
        put(output, "text");
        check_status(output_place(&output, folders, &debt, &err), SIGN_OK, &err);
        assert_null(output);
        check_file("out", BYTES_LIT("text"));
        assert_int_equal(rename("out", "elsewhere"), 0);
        refuse_fsync = EIO;
        check_status(output_settle("out", folders, &debt, &err), SIGN_E_IO, &err);
        assert_non_null(strstr(err.msg, "out: sync its folder"));
        refuse_fsync = 0;
        assert_int_equal(unlink("elsewhere"), 0);
    }
}

static void *owe_and_pay(void *failed)
{
    for (int i = 0; i < 200; i++) {
        struct folder_debt one = owe("."), other = owe("sub");
        *(int *)failed |= folders_pay(folders, &other) | folders_pay(folders, &one);
    }
    return NULL;
}

static void many_threads(void **state)
{
    pthread_t threads[8];
    int failed[COUNT(threads)] = { 0 }, before = entries("/proc/self/fd");
    assert_int_equal(mkdir("sub", 0700), 0);
    for (size_t i = 0; i < COUNT(threads); i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, owe_and_pay, &failed[i]), 0);
    }
    for (size_t i = 0; i < COUNT(threads); i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(failed[i], 0);
    }
    assert_int_equal(most_folder_syncs, 1);     /* of two, one could be told the other's failure */
    assert_int_equal(entries("/proc/self/fd"), before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_for_all, setup, teardown),
        cmocka_unit_test_setup_teardown(owed_during_a_sync, setup, teardown),
        cmocka_unit_test_setup_teardown(failure_is_for_all_it_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(failure_is_not_for_what_was_synced_before, setup, teardown),
        cmocka_unit_test_setup_teardown(twice_failed, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_to_sync, setup, teardown),
        cmocka_unit_test_setup_teardown(more_folders_than_places, setup, teardown),
        cmocka_unit_test_setup_teardown(first_of_each, setup, teardown),
        cmocka_unit_test_setup_teardown(output_in_two_steps, setup, teardown),
        cmocka_unit_test_setup_teardown(many_threads, setup, teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
