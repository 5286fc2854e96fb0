#include <base/cleanup.h>
#include <verify/ranges.h>

static int add_window(void *payload, sign_bytes window, sign_err *err)
{
    return digest_add(payload, window, err);
}

static int add_range(const struct ranges *r, struct digest_run *run, uint64_t from, uint64_t len, sign_err *err)
{
    return source_each(r->source, from, len, add_window, run, r->watch, err);
}

/* The kept run of this digest if it has not gone past `end`, else a fresh one. */
static int find_prefix(struct ranges *r, const struct digest_alg *alg, uint64_t end, struct prefix **out, sign_err *err)
{
    struct prefix *p = NULL;
    for (size_t i = 0; i < RANGES_ALGS && !p; i++) {
        p = r->prefixes[i].run.alg == alg ? &r->prefixes[i] : NULL;
    }
    if (p && p->at <= end) {
        *out = p;
        return SIGN_OK;
    }
    if (!p) {
        p = &r->prefixes[r->next++ % RANGES_ALGS];
    }
    p->at = 0;
    *out = p;
    return digest_start(&p->run, r->crypto, alg, err);
}

static int prefix_upto(struct ranges *r, const struct digest_alg *alg, uint64_t end, struct digest_run *fork,
                       sign_err *err)
{
    struct prefix *p;
    int rc = find_prefix(r, alg, end, &p, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    rc = add_range(r, &p->run, p->at, end - p->at, err);
    if (rc != SIGN_OK) {
        digest_drop(&p->run);       /* how far it got is not known */
        return rc;
    }
    if (r->last) {
        *fork = p->run;
        p->run = (struct digest_run){ 0 };
        return SIGN_OK;
    }
    p->at = end;
    return digest_fork(fork, &p->run, err);
}

int ranges_digest(struct ranges *r, const uint64_t range[4], const struct digest_alg *alg, uint8_t out[DIGEST_MAX],
                  sign_err *err)
{
    CLEANUP(digest_drop) struct digest_run run = { 0 };
    int rc;
    if (range[0] == 0) {
        rc = prefix_upto(r, alg, range[1], &run, err);
    } else {                    /* wrong, and told so elsewhere; its digest is of what it says */
        rc = digest_start(&run, r->crypto, alg, err);
        rc = rc == SIGN_OK ? add_range(r, &run, range[0], range[1], err) : rc;
    }
    if (rc == SIGN_OK) {
        rc = add_range(r, &run, range[2], range[3], err);
    }
    return rc == SIGN_OK ? digest_end(&run, out, err) : rc;
}

void ranges_drop(struct ranges *r)
{
    for (size_t i = 0; i < RANGES_ALGS; i++) {
        digest_drop(&r->prefixes[i].run);
    }
}
