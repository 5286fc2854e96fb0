/* Arenas, growing arrays, secret memory. */
#include "check.h"
#include "fault.h"
#include <base/arena.h>
#include <base/array.h>
#include <base/limits.h>
#include <base/secret.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void arena_pieces(void **state)
{
    CLEANUP(arena_free) struct arena a = { 0 };
    uint8_t *pieces[3000];
    for (size_t i = 0; i < COUNT(pieces); i++) {
        size_t size = i % 97 == 0 ? 20000 : i % 50;
        pieces[i] = arena_alloc(&a, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++) {
            assert_int_equal(pieces[i][k], 0);
        }
        memset(pieces[i], (int)(i % 251) + 1, size);
    }
    /* nobody wrote over anybody */
    for (size_t i = 0; i < COUNT(pieces); i++) {
        size_t size = i % 97 == 0 ? 20000 : i % 50;
        for (size_t k = 0; k < size; k++) {
            assert_int_equal(pieces[i][k], i % 251 + 1);
        }
    }
}

static void arena_limits(void **state)
{
    struct arena a = { .max = 1000 };
    assert_non_null(arena_alloc(&a, 1000));
    assert_null(arena_alloc(&a, 1));
    arena_free(&a);
    assert_int_equal(a.used, 0);
    assert_non_null(arena_alloc(&a, 500));
    assert_null(arena_alloc(&a, 501));
    assert_null(arena_alloc(&a, SIZE_MAX));
    assert_null(arena_alloc(&a, SIZE_MAX - 7));
    assert_null(arena_array(&a, SIZE_MAX / 2, 3));
    assert_null(arena_str(&a, bytes_of("", SIZE_MAX)));
    assert_null(arena_bytes(&a, bytes_of("", 501)).ptr);
    assert_null(arena_fmt(&a, "%0600d", 1));
    assert_non_null(arena_array(&a, 10, 10));
    arena_free(&a);
    arena_free(&a);
    assert_null(arena_alloc(&(struct arena){ 0 }, LIMIT_ARENA + 1));
}

static void arena_copies(void **state)
{
    CLEANUP(arena_free) struct arena a = { 0 };
    assert_string_equal(arena_str(&a, BYTES_LIT("xin chào")), "xin chào");
    assert_string_equal(arena_fmt(&a, "%s-%d", "x", 7), "x-7");
    check_bytes(arena_bytes(&a, BYTES_LIT("abc")), BYTES_LIT("abc"));
    sign_bytes empty = arena_bytes(&a, (sign_bytes){ NULL, 0 });
    assert_non_null(empty.ptr);
    assert_int_equal(empty.len, 0);
    struct pair {
        int a, b;
    } *pair = ARENA_NEW(&a, struct pair);
    assert_int_equal(pair->a + pair->b, 0);
    assert_int_equal(*(int *)arena_dup(&a, &(int){ 5 }, sizeof(int)), 5);
}

static void arena_without_memory(void **state)
{
    FAULT_EACH(n)
    {
        CLEANUP(arena_free) struct arena a = { 0 };
        for (int i = 0; i < 20; i++) {
            char *text = arena_fmt(&a, "%0*d", 1 << (i % 14), i);
            size_t used = a.used;
            if (!text) {
                assert_non_null(arena_alloc(&a, 1)); /* the next one works again */
                assert_true(a.used > used);
            }
        }
    }
}

static void array_grows(void **state)
{
    int *list = NULL;
    size_t cap = 0;
    sign_err err = SIGN_ERR_INIT;
    for (size_t n = 0; n < 1000; n++) {
        check_status(array_grow((void **)&list, &cap, n + 1, sizeof *list, 1000, "things", &err), SIGN_OK, &err);
        assert_int_equal(list[n], 0);
        list[n] = (int)n + 1;
    }
    assert_int_equal(cap, 1000); /* not beyond max */
    int *before = list;
    check_status(array_grow((void **)&list, &cap, 1001, sizeof *list, 1000, "things", &err), SIGN_E_LIMIT, &err);
    assert_string_equal(err.msg, "things: more than 1000");
    assert_ptr_equal(list, before);
    fault_at(1);
    check_status(array_grow((void **)&list, &cap, 1001, sizeof *list, 2000, "things", &err), SIGN_E_NOMEM, &err);
    assert_true(fault_hit());
    check_status(array_grow((void **)&list, &cap, SIZE_MAX, sizeof *list, SIZE_MAX, "things", &err), SIGN_E_NOMEM,
                 &err);
    assert_int_equal(cap, 1000);
    assert_int_equal(list[999], 1000);
    free(list);

    int *few = NULL;
    size_t few_cap = 0;
    check_status(array_grow((void **)&few, &few_cap, 1, sizeof *few, 3, "few", &err), SIGN_OK, &err);
    assert_int_equal(few_cap, 3);
    free(few);
}

/* The flags of the mapping that holds ptr, as the kernel names them: "lo" locked, "dd" not dumped, "wf" wiped on fork. */
static bool has_flag(const void *ptr, const char *flag)
{
    FILE *maps = fopen("/proc/self/smaps", "r");
    char line[512];
    unsigned long from, to;
    bool here = false, found = false;
    while (maps && fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
            here = (uintptr_t)ptr >= from && (uintptr_t)ptr < to;
        } else if (here && strncmp(line, "VmFlags:", 8) == 0) {
            found = strstr(line, flag) != NULL;
        }
    }
    if (maps) {
        fclose(maps);
    }
    return found;
}

static void secrets(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    CLEANUP(secret_free) struct secret secret = { 0 };
    check_status(secret_new(&secret, 256, &err), SIGN_OK, &err);
    assert_int_equal(secret.cap, 256);
    assert_int_equal((uintptr_t)secret.ptr % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
    assert_int_equal(secret.ptr[0] | secret.ptr[255], 0);
    strcpy(secret.ptr, "1234");
    if (access("/proc/self/smaps", R_OK) == 0) {
        assert_true(has_flag(secret.ptr, " dd"));
        assert_true(has_flag(secret.ptr, " wf"));
    }
    pid_t child = fork();
    if (child == 0) {
        _exit(secret.ptr[0] == 0 ? 0 : 1);
    }
    int status;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0); /* the child saw nothing */
    assert_string_equal(secret.ptr, "1234");
    secret_free(&secret);
    assert_null(secret.ptr);
    assert_int_equal(secret.cap, 0);
    check_status(secret_new(&secret, 0, &err), SIGN_E_ARG, &err);
    check_status(secret_new(&secret, SIZE_MAX, &err), SIGN_E_ARG, &err);
    check_status(secret_new(&secret, SIZE_MAX / 4, &err), SIGN_E_NOMEM, &err);
    char text[] = "abc";
    wipe(text, 2);
    assert_memory_equal(text, "\0\0c", 3);
    wipe(NULL, 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_pieces),         cmocka_unit_test(arena_limits), cmocka_unit_test(arena_copies),
        cmocka_unit_test(arena_without_memory), cmocka_unit_test(array_grows),  cmocka_unit_test(secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
