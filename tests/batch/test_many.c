/*
 * Many documents, many threads, over one context, one trust and one key: each answer once, the same with any number of
 * workers; early ends. Made to run under ThreadSanitizer too. Arguments: see with_pki.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <libsign/libsign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FILES = 24, ROUNDS = 4, INPUTS = ROUNDS * (FILES + 1), PASSED = ROUNDS * FILES };

static const char *pki_folder, *folder;
static sign_ctx *ctx;
static sign_trust *trust;
static sign_key *key;

static int give_password(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    char path[512];
    snprintf(path, sizeof path, "%s/p12.password", pki_folder);
    FILE *from = fopen(path, "re");
    *len = from ? fread(buf, 1, cap, from) : 0;
    if (from) {
        fclose(from);
    }
    *len -= *len > 0 && buf[*len - 1] == '\n';
    return *len ? SIGN_OK : SIGN_E_CANCELLED;
}

static int open_all(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    char path[512];
    assert_int_equal(sign_ctx_new(&ctx, NULL, &err), SIGN_OK);
    assert_int_equal(sign_trust_new(&trust, ctx, &err), SIGN_OK);
    snprintf(path, sizeof path, "%s/root.pem", pki_folder);
    assert_int_equal(sign_trust_add_path(trust, SIGN_TRUST_ANCHORS, path, &err), SIGN_OK);
    static const char *const crls[] = { "root.crl", "ca.crl" };
    for (size_t i = 0; i < sizeof crls / sizeof *crls; i++) {
        snprintf(path, sizeof path, "%s/%s", pki_folder, crls[i]);
        assert_int_equal(sign_trust_add_path(trust, SIGN_TRUST_EVIDENCE, path, &err), SIGN_OK);
    }
    snprintf(path, sizeof path, "%s/signer.p12", pki_folder);
    assert_int_equal(sign_key_from_pkcs12(&key, ctx, path, give_password, NULL, &err), SIGN_OK);
    return 0;
}

static int close_all(void **state)
{
    sign_key_free(&key);
    sign_trust_free(&trust);
    sign_ctx_free(&ctx);
    return 0;
}

struct run {
    const char *in, *out;               /* suffixes: "" and ".signed" give "00.pdf" and "00.pdf.signed" */
    char path[512], output[512];
    uint64_t drawn, results, ok, cancelled, other;
    bool in_order;
    atomic_uint ready;
    int32_t *cancel;
    uint64_t cancel_at, fail_at;
    int last_other;
    bool says_otherwise;                /* `ready` makes errors of all */
};

static int next(void *payload, sign_batch_input *out)
{
    struct run *run = payload;
    uint64_t i = run->drawn % (FILES + 1);
    if (run->drawn == INPUTS) {
        return SIGN_E_NOTFOUND;
    }
    if (i == FILES) {
        snprintf(run->path, sizeof run->path, "%s/bad.pdf", folder);
    } else {
        snprintf(run->path, sizeof run->path, "%s/%02u.pdf%s", folder, (unsigned)i, run->in);
    }
    snprintf(run->output, sizeof run->output, "%s/%02u.pdf%s", folder, (unsigned)i, run->out);
    *out = (sign_batch_input){ .path = run->path, .fd = -1, .output = run->output, .user = run };
    run->drawn++;
    return SIGN_OK;
}

static void ready(void *payload, sign_batch_result *result)
{
    struct run *run = payload;
    atomic_fetch_add(&run->ready, 1);
    if (run->says_otherwise && result->status == SIGN_OK) {
        result->status = SIGN_E_NOT_VALID;
        snprintf(result->err.msg, sizeof result->err.msg, "said otherwise");
    }
    result->attached = result;
}

static int result(void *payload, const sign_batch_result *result)
{
    struct run *run = payload;
    assert_ptr_equal(result->user, run);
    assert_non_null(result->attached);
    run->in_order &= result->index == run->results;
    run->results++;
    run->ok += result->status == SIGN_OK;
    run->cancelled += result->status == SIGN_E_CANCELLED;
    if (result->status != SIGN_OK && result->status != SIGN_E_CANCELLED) {
        run->other++;
        run->last_other = result->status;
        assert_string_not_equal(result->err.msg, "");
    } else if (result->status == SIGN_OK) {
        assert_true(result->size > 0 && result->mtime_ns > 0);
    }
    if (run->cancel && run->results == run->cancel_at) {
        __atomic_store_n(run->cancel, 1, __ATOMIC_RELAXED);
    }
    return run->fail_at && run->results == run->fail_at ? SIGN_E_IO : SIGN_OK;
}

static sign_batch_opts batch_of(struct run *run, int32_t workers)
{
    sign_batch_opts batch = SIGN_BATCH_OPTS_INIT;
    batch.workers = workers;
    batch.payload = run;
    batch.next = next;
    batch.ready = ready;
    batch.result = result;
    batch.cancel = run->cancel;
    run->in_order = true;
    return batch;
}

static int verify(struct run *run, int32_t workers, bool unordered, const sign_verify_opts *opts)
{
    sign_err err = SIGN_ERR_INIT;
    sign_batch_opts batch = batch_of(run, workers);
    batch.unordered = unordered;
    return sign_verify_many(ctx, trust, opts, NULL, &batch, &err);
}

static int sign(struct run *run, int32_t workers, const sign_key *with, const sign_trust *check)
{
    sign_err err = SIGN_ERR_INIT;
    sign_opts opts = SIGN_OPTS_INIT;
    sign_batch_opts batch = batch_of(run, workers);
    batch.overwrite = true;
    opts.trust = check;
    return sign_many(ctx, with, &opts, NULL, &batch, &err);
}

static atomic_int folder_syncs_refused;

/* In the library's place: what a disk says that is full or broken. */
__attribute__((visibility("default"))) int fsync(int fd)
{
    struct stat st;
    if (atomic_load(&folder_syncs_refused) && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, fd);
}

/* Every file is there, and none is told as signed: its name may be gone after a power cut. */
static void folder_not_synced(void **state)
{
    for (int32_t workers = 1; workers <= 8; workers *= 2) {
        struct run run = { .in = "", .out = ".unsynced" };
        atomic_store(&folder_syncs_refused, 1);
        int rc = sign(&run, workers, key, trust);
        atomic_store(&folder_syncs_refused, 0);
        assert_int_equal(rc, SIGN_OK);
        assert_int_equal(run.results, INPUTS);
        assert_int_equal(run.ok, 0);
        assert_int_equal(run.other, INPUTS);
    }
    char path[512];
    snprintf(path, sizeof path, "%s/00.pdf.unsynced", folder);
    assert_int_equal(access(path, F_OK), 0);
}

static unsigned open_descriptors(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < 1024; fd++) {
        n += fcntl(fd, F_GETFD) >= 0;
    }
    return n;
}

/* The folder's sync is paid for all the same, and the folder let go. */
static void told_otherwise(void **state)
{
    for (int32_t workers = 1; workers <= 8; workers *= 8) {
        struct run run = { .in = "", .out = ".otherwise", .says_otherwise = true };
        unsigned before = open_descriptors();
        assert_int_equal(sign(&run, workers, key, trust), SIGN_OK);
        assert_int_equal(run.results, INPUTS);
        assert_int_equal(run.ok, 0);
        assert_int_equal(open_descriptors(), before);
    }
}

/* The files that the others verify; the same outputs again and again, by several threads at once. */
static void sign_all(void **state)
{
    struct run run = { .in = "", .out = ".signed" };
    assert_int_equal(sign(&run, 8, key, trust), SIGN_OK);
    assert_int_equal(run.results, INPUTS);
    assert_int_equal(run.ok, PASSED);
    assert_int_equal(run.other, ROUNDS);
    assert_int_equal(run.last_other, SIGN_E_FORMAT);
    assert_int_equal(atomic_load(&run.ready), INPUTS);
}

static void verify_all(void **state)
{
    for (int32_t workers = 1; workers <= 8; workers *= 2) {
        for (int unordered = 0; unordered <= 1; unordered++) {
            struct run run = { .in = ".signed", .out = "" };
            assert_int_equal(verify(&run, workers, unordered, NULL), SIGN_OK);
            assert_int_equal(run.results, INPUTS);
            assert_int_equal(run.ok, PASSED);
            assert_int_equal(run.other, ROUNDS);
            assert_true(unordered || run.in_order);
        }
    }
}

static void verify_cancelled(void **state)
{
    for (int32_t workers = 1; workers <= 8; workers *= 2) {
        int32_t cancel = 0;
        struct run run = { .in = ".signed", .out = "", .cancel = &cancel, .cancel_at = 10 };
        int rc = verify(&run, workers, false, NULL);
        assert_int_equal(run.results, run.drawn);
        /* One worker looks before each document; of more, a whole window may be through before anybody sees the tenth. */
        bool early = run.results < INPUTS || run.cancelled;
        assert_true(early || workers > 1);
        assert_int_equal(rc, early ? SIGN_E_CANCELLED : SIGN_OK);
        assert_true(run.ok >= 10 && run.ok + run.cancelled + run.other == run.results);
    }
}

static int cancel_after_ten(void *payload, const sign_doc *doc, sign_batch_result *result)
{
    const struct run *run = payload;
    if (result->index >= 10) {
        __atomic_store_n(run->cancel, 1, __ATOMIC_RELAXED);
    }
    return SIGN_OK;
}

/* Of what was drawn ahead nothing is begun any more; what was begun is finished. */
static void cancelled_while_one_is_worked_on(void **state)
{
    for (int32_t workers = 1; workers <= 8; workers *= 2) {
        int32_t cancel = 0;
        sign_err err = SIGN_ERR_INIT;
        struct run run = { .in = ".signed", .out = "", .cancel = &cancel, .cancel_at = INPUTS };
        sign_batch_opts batch = batch_of(&run, workers);
        batch.before = cancel_after_ten;
        assert_int_equal(sign_verify_many(ctx, trust, NULL, NULL, &batch, &err), SIGN_E_CANCELLED);
        assert_int_equal(run.results, run.drawn);
        assert_int_equal(run.ok + run.cancelled + run.other, run.results);
        assert_in_range(run.ok, 1, 10 + workers);          /* of those behind the tenth each worker begins one at most */
    }
}

static void result_refuses(void **state)
{
    for (int32_t workers = 1; workers <= 8; workers *= 2) {
        struct run run = { .in = ".signed", .out = "", .fail_at = 5 };
        assert_int_equal(verify(&run, workers, false, NULL), SIGN_E_IO);
        assert_int_equal(run.results, run.drawn);
        assert_true(workers > 1 || run.results == 5);
    }
}

/* A cancel flag of the verification's own is one document's end and not the batch's (small ones are through before they look). */
static void each_document_cancelled(void **state)
{
    int32_t cancel = 1;
    sign_verify_opts opts = SIGN_VERIFY_OPTS_INIT;
    opts.cancel = &cancel;
    struct run run = { .in = ".signed", .out = "" };
    assert_int_equal(verify(&run, 4, false, &opts), SIGN_OK);
    assert_int_equal(run.results, INPUTS);
    assert_int_equal(run.ok + run.cancelled, PASSED);
}

/* A deadline that may or may not pass: every document is answered, with its verdict or TIMEOUT (FORMAT for the bad one). */
static void each_with_deadline(void **state)
{
    sign_verify_opts opts = SIGN_VERIFY_OPTS_INIT;
    opts.timeout_ms = 1;
    struct run run = { .in = ".signed", .out = "" };
    assert_int_equal(verify(&run, 8, true, &opts), SIGN_OK);
    assert_int_equal(run.results, INPUTS);
    assert_int_equal(run.cancelled, 0);
}

struct refusing { int status; atomic_uint asked, inside, most_inside; };

static int refuse(void *payload, const sign_request *request, sign_buf *out, sign_err *err)
{
    struct refusing *refusing = payload;
    atomic_fetch_add(&refusing->asked, 1);
    unsigned inside = atomic_fetch_add(&refusing->inside, 1) + 1;
    if (inside > atomic_load(&refusing->most_inside)) {
        atomic_store(&refusing->most_inside, inside);
    }
    nanosleep(&(struct timespec){ 0, 100000 }, NULL);
    atomic_fetch_sub(&refusing->inside, 1);
    return refusing->status;
}

/* A token that is gone, a PIN that is wrong: asked once (by each worker at most where it is the token), then never again. */
static void key_refuses(void **state)
{
    static const struct { int status; unsigned most; } rows[] = {
        { SIGN_E_PIN_WRONG, 1 }, { SIGN_E_PIN_LOCKED, 1 }, { SIGN_E_PIN_LAST_TRY, 1 }, { SIGN_E_CANCELLED, 1 }, { SIGN_E_TOKEN, 8 },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (int32_t workers = 1; workers <= 8; workers *= 2) {
            sign_err err = SIGN_ERR_INIT;
            struct refusing refusing = { .status = rows[i].status };
            sign_key_ops ops = { sizeof ops, refuse, NULL };
            sign_bytes der = sign_cert_der(sign_key_cert(key));
            sign_key *refused = NULL;
            assert_int_equal(sign_key_from_ops(&refused, ctx, &der, 1, &ops, &refusing, &err), SIGN_OK);
            struct run run = { .in = "", .out = ".never" };
            assert_int_equal(sign(&run, workers, refused, NULL), rows[i].status);
            sign_key_free(&refused);
            assert_in_range(atomic_load(&refusing.asked), 1, rows[i].most < (unsigned)workers ? rows[i].most : (unsigned)workers);
            assert_int_equal(run.results, run.drawn);
            assert_int_equal(run.ok, 0);
        }
    }
    char path[512];
    snprintf(path, sizeof path, "%s/00.pdf.never", folder);
    assert_int_not_equal(access(path, F_OK), 0);
}

/* A device has one operation under way; what it refuses of one document says nothing of the next. */
static void key_asked_by_one_at_a_time(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    struct refusing refusing = { .status = SIGN_E_UNSUPPORTED };
    sign_key_ops ops = { sizeof ops, refuse, NULL };
    sign_bytes der = sign_cert_der(sign_key_cert(key));
    sign_key *refused = NULL;
    assert_int_equal(sign_key_from_ops(&refused, ctx, &der, 1, &ops, &refusing, &err), SIGN_OK);
    struct run run = { .in = "", .out = ".never" };
    assert_int_equal(sign(&run, 8, refused, NULL), SIGN_OK);
    sign_key_free(&refused);
    assert_int_equal(atomic_load(&refusing.asked), PASSED);
    assert_int_equal(atomic_load(&refusing.most_inside), 1);
    assert_int_equal(run.results, INPUTS);
    assert_int_equal(run.ok, 0);
}

static void dropped_for_good(void *payload)
{
    atomic_fetch_add(&((struct refusing *)payload)->asked, 1);
}

/* Operations of a caller that was built before `drop` came to be: what lies behind them is not his. */
static void shorter_operations(void **state)
{
    for (int whole = 0; whole <= 1; whole++) {
        sign_err err = SIGN_ERR_INIT;
        struct refusing refusing = { 0 };
        sign_key_ops ops = { whole ? sizeof ops : offsetof(sign_key_ops, drop), refuse, dropped_for_good };
        sign_bytes der = sign_cert_der(sign_key_cert(key));
        sign_key *made = NULL;
        assert_int_equal(sign_key_from_ops(&made, ctx, &der, 1, &ops, &refusing, &err), SIGN_OK);
        sign_key_free(&made);
        assert_int_equal(atomic_load(&refusing.asked), whole);
    }
}

static void wrong_arguments(void **state)
{
    sign_err err = SIGN_ERR_INIT;
    struct run run = { .in = "", .out = "" };
    sign_batch_opts good = batch_of(&run, 2), none = { 0 }, negative = good, no_next = good, no_result = good, shorter = good;
    negative.workers = -1;
    no_next.next = NULL;
    no_result.result = NULL;
    shorter.struct_size = sizeof shorter.struct_size;
    assert_int_equal(sign_verify_many(ctx, trust, NULL, NULL, NULL, &err), SIGN_E_ARG);
    assert_int_equal(sign_verify_many(ctx, trust, NULL, NULL, &none, &err), SIGN_E_ARG);
    assert_int_equal(sign_verify_many(ctx, trust, NULL, NULL, &negative, &err), SIGN_E_ARG);
    assert_int_equal(sign_verify_many(ctx, trust, NULL, NULL, &no_next, &err), SIGN_E_ARG);
    assert_int_equal(sign_verify_many(ctx, trust, NULL, NULL, &no_result, &err), SIGN_E_ARG);
    assert_int_equal(sign_verify_many(ctx, trust, NULL, NULL, &shorter, &err), SIGN_E_ARG);
    assert_int_equal(sign_verify_many(NULL, trust, NULL, NULL, &good, &err), SIGN_E_ARG);
    assert_int_equal(run.drawn, 0);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: test_many PKI FOLDER\n");
        return 2;
    }
    pki_folder = argv[1];
    folder = argv[2];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_all),
        cmocka_unit_test(folder_not_synced),
        cmocka_unit_test(told_otherwise),
        cmocka_unit_test(verify_all),
        cmocka_unit_test(verify_cancelled),
        cmocka_unit_test(cancelled_while_one_is_worked_on),
        cmocka_unit_test(result_refuses),
        cmocka_unit_test(each_document_cancelled),
        cmocka_unit_test(each_with_deadline),
        cmocka_unit_test(key_refuses),
        cmocka_unit_test(key_asked_by_one_at_a_time),
        cmocka_unit_test(shorter_operations),
        cmocka_unit_test(wrong_arguments),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, open_all, close_all);
}
