#include "already.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool already_signed(const sign_doc *doc, const sign_cert *cert)
{
    sign_err ignored = SIGN_ERR_INIT;
    sign_verify_opts opts = SIGN_VERIFY_OPTS_INIT;
    sign_report *report = NULL;
    bool found = false;
    opts.revocation = SIGN_REVOCATION_OFF;
    int rc = sign_verify(&report, doc, NULL, &opts, &ignored);
    for (size_t i = 0; (rc == SIGN_OK || rc == SIGN_E_NOT_VALID) && i < sign_report_count(report); i++) {
        const sign_cert *signer = sign_report_signer(report, i);
        found |= signer && sign_report_integrity(report, i) == SIGN_INTEGRITY_INTACT &&
                 strcmp(sign_cert_sha256(signer), sign_cert_sha256(cert)) == 0;
    }
    sign_report_free(&report);
    return found;
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

/* How many of the first (or, backwards, last) `most` bytes two files of these sizes have in common; -1: not to be read. */
static off_t in_common(int one, off_t one_size, int other, off_t other_size, off_t most, bool backwards)
{
    static _Thread_local unsigned char a[CHUNK], b[CHUNK];
    for (off_t done = 0; done < most;) {
        off_t n = most - done < CHUNK ? most - done : CHUNK;
        if (!read_at(one, a, (size_t)n, backwards ? one_size - done - n : done) ||
            !read_at(other, b, (size_t)n, backwards ? other_size - done - n : done)) {
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

/* Signing puts bytes in at one place, of a PDF at its end, and changes none: anything else is another document's. */
static bool made_from(const char *input, const char *output)
{
    int in = open(input, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int out = open(output, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat was, is;
    bool both = in >= 0 && out >= 0 && fstat(in, &was) == 0 && fstat(out, &is) == 0 && S_ISREG(was.st_mode) &&
                S_ISREG(is.st_mode) && was.st_size < is.st_size;
    off_t front = both ? in_common(in, was.st_size, out, is.st_size, was.st_size, false) : -1;
    off_t rest = front >= 0 ? was.st_size - front : 0;
    bool made = front >= 0 && in_common(in, was.st_size, out, is.st_size, rest, true) == rest;
    if (in >= 0) {
        close(in);
    }
    if (out >= 0) {
        close(out);
    }
    return made;
}

bool already_made(sign_ctx *ctx, const char *input, const char *output, const sign_doc_opts *opts,
                  const sign_cert *cert)
{
    sign_err ignored = SIGN_ERR_INIT;
    sign_doc *doc = NULL;
    bool found = made_from(input, output) && sign_doc_open(&doc, ctx, output, opts, &ignored) == SIGN_OK &&
                 already_signed(doc, cert);
    sign_doc_free(&doc);
    return found;
}
