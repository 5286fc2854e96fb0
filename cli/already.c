#include "already.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

int already_signed(bool *yes, const sign_doc *doc, const sign_cert *cert, int64_t timeout_ms, sign_err *err)
{
    sign_verify_opts opts = SIGN_VERIFY_OPTS_INIT;
    sign_report *report = NULL;
    opts.revocation = SIGN_REVOCATION_OFF;
    opts.timeout_ms = timeout_ms;
    *yes = false;
    int rc = sign_verify(&report, doc, NULL, &opts, err);
    for (size_t i = 0; (rc == SIGN_OK || rc == SIGN_E_NOT_VALID) && i < sign_report_count(report); i++) {
        const sign_cert *signer = sign_report_signer(report, i);
        *yes |= signer && sign_report_integrity(report, i) == SIGN_INTEGRITY_INTACT &&
                strcmp(sign_cert_sha256(signer), sign_cert_sha256(cert)) == 0;
    }
    sign_report_free(&report);
    /* Of a document that is wrong in itself the signing will tell. These say nothing of it: it may be signed, and would be once more. */
    return rc == SIGN_E_TIMEOUT || rc == SIGN_E_IO || rc == SIGN_E_NOMEM ? rc : SIGN_OK;
}

#define CHUNK (64 << 10)

static bool read_at(int fd, unsigned char *to, size_t len, off_t at)
{
    ssize_t got = 0;
    for (size_t have = 0; have < len; have += (size_t)got) {
        got = pread(fd, to + have, len - have, at + (off_t)have);
        if (got <= 0) {
            return false;
        }
    }
    return true;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Two files that are compared, and until when (0: no matter). */
struct pair { int one, other; off_t one_size, other_size; int64_t until_ms; };

/* How many of their first (or, backwards, last) `most` bytes they have in common; -1: not to be read, -2: no time left. */
static off_t in_common(const struct pair *pair, off_t most, bool backwards)
{
    static _Thread_local unsigned char a[CHUNK], b[CHUNK];
    for (off_t done = 0; done < most;) {
        off_t n = most - done < CHUNK ? most - done : CHUNK;
        if (pair->until_ms && now_ms() >= pair->until_ms) {
            return -2;
        }
        if (!read_at(pair->one, a, (size_t)n, backwards ? pair->one_size - done - n : done) ||
            !read_at(pair->other, b, (size_t)n, backwards ? pair->other_size - done - n : done)) {
            return -1;
        }
        off_t same = 0;
        while (same < n && (backwards ? a[n - 1 - same] == b[n - 1 - same] : a[same] == b[same])) {
            same++;
        }
        done += same;
        if (same < n) {
            return done;
        }
    }
    return most;
}

static bool open_pair(struct pair *pair, const struct already_files *files)
{
    struct stat was, is;
    pair->other = open(files->output, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    pair->one = pair->other < 0 ? -1 : open(files->input, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (pair->one < 0 || fstat(pair->one, &was) != 0 || fstat(pair->other, &is) != 0 ||
        !S_ISREG(was.st_mode) || !S_ISREG(is.st_mode)) {
        return false;
    }
    pair->one_size = was.st_size;
    pair->other_size = is.st_size;
    return was.st_size < is.st_size;
}

/* Signing puts bytes in at one place, of a PDF at its end, and changes none: anything else is another document's. */
static int made_from(bool *yes, const struct already_files *files, int64_t timeout_ms)
{
    struct pair pair = { .until_ms = timeout_ms ? now_ms() + timeout_ms : 0 };
    off_t front = open_pair(&pair, files) ? in_common(&pair, pair.one_size, false) : -1;
    off_t rest = front >= 0 ? pair.one_size - front : 0;
    off_t back = front >= 0 ? in_common(&pair, rest, true) : front;
    *yes = front >= 0 && back == rest;
    if (pair.one >= 0) {
        close(pair.one);
    }
    if (pair.other >= 0) {
        close(pair.other);
    }
    return back == -2 ? SIGN_E_TIMEOUT : SIGN_OK;
}

int already_made(bool *yes, sign_ctx *ctx, const struct already_files *files, const sign_doc_opts *opts,
                 const sign_cert *cert, int64_t timeout_ms, sign_err *err)
{
    sign_doc *doc = NULL;
    int rc = made_from(yes, files, timeout_ms);
    if (rc != SIGN_OK) {
        err->status = rc;
        snprintf(err->msg, sizeof err->msg, "%s", files->output);
        return rc;
    }
    if (*yes) {
        *yes = false;
        if (sign_doc_open(&doc, ctx, files->output, opts, err) == SIGN_OK) {
            rc = already_signed(yes, doc, cert, timeout_ms, err);
        }
        sign_doc_free(&doc);
    }
    return rc;
}
