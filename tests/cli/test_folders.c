/* The walk through folders where readdir(3) does not tell what an entry is (some file systems never do), nor can it be asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refusal;             /* errno of every question; 0: it is answered */

static struct dirent *typeless(DIR *dir)
{
    struct dirent *entry = readdir(dir);
    if (entry) {
        entry->d_type = DT_UNKNOWN;
    }
    return entry;
}

static int ask(int dir, const char *name, struct stat *st, int flags)
{
    errno = refusal;
    return refusal ? -1 : fstatat(dir, name, st, flags);
}

#define readdir typeless
#define fstatat ask
#include "../../cli/folders.c"
#undef readdir
#undef fstatat

static char folder[] = "/tmp/kyso-folders-XXXXXX";

static void touch(const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fclose(file);
}

static int make(void **state)
{
    char path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/b", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    touch("a.pdf");
    touch("b/c.xml");
    touch("d.txt");
    return 0;
}

static int clean(void **state)
{
    static const char *const names[] = { "a.pdf", "b/c.xml", "d.txt", "b", "" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        remove(path);
    }
    return 0;
}

/* What the walk gives, name by name, '!' in front of what is an error. */
static void expect(const char *const *names)
{
    struct folders *walk = folders_open(folder);
    struct input input;
    assert_non_null(walk);
    for (; *names; names++) {
        assert_true(folders_next(walk, &input));
        assert_string_equal(input.path + strlen(folder) + 1, *names + (**names == '!'));
        assert_int_equal(input.why != NULL, **names == '!');
    }
    assert_false(folders_next(walk, &input));
    folders_close(walk);
}

static void test_asked(void **state)
{
    refusal = 0;
    expect((const char *const[]){ "a.pdf", "b/c.xml", NULL });
}

/* Nothing is passed over: what has a document's name is one, as whose opening tells; the rest may be a folder. */
static void test_refused(void **state)
{
    refusal = EACCES;
    expect((const char *const[]){ "a.pdf", "b/c.xml", "!d.txt", NULL });
}

static void test_gone(void **state)
{
    refusal = ENOENT;
    expect((const char *const[]){ NULL });
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_gone),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, make, clean);
}
