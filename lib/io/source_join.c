/* Several sources, one behind the other, as one. */
#include <base/err.h>
#include <base/limits.h>
#include <io/source_impl.h>
#include <stdlib.h>

struct source_share source_share(const struct source *source, size_t i, uint64_t offset, uint64_t len)
{
    uint64_t start = source->starts[i], end = start + source->parts[i].len;
    uint64_t from = offset > start ? offset : start, to = offset + len < end ? offset + len : end;
    return from < to ? (struct source_share){ from - start, to - from } : (struct source_share){ 0, 0 };
}

static int add_part(struct source *joined, struct source_part part, sign_err *err)
{
    if (part.source) {
        int rc = source_range(part.source, part.from, part.len, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        source_ref(part.source);
    } else {
        part.from = 0;
        part.len = part.bytes.len;
    }
    joined->starts[joined->n_parts] = joined->size;
    joined->parts[joined->n_parts++] = part;
    if (part.len > INT64_MAX - joined->size) {
        return err_arg(err, "joined source: larger than a file can be");
    }
    joined->size += part.len;
    return SIGN_OK;
}

int source_join(struct source **out, const struct source_part *parts, size_t n, sign_err *err)
{
    if (n == 0) {
        return source_over(out, (sign_bytes){ NULL, 0 }, err);
    }
    if (n > LIMIT_SOURCE_PARTS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "joined source: %zu parts, at most %d", n,
                       LIMIT_SOURCE_PARTS);
    }
    struct source *joined;
    int rc = source_new(&joined, parts[0].source ? parts[0].source->name : "-", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    joined->parts = calloc(n, sizeof *joined->parts);
    joined->starts = calloc(n, sizeof *joined->starts);
    if (!joined->parts || !joined->starts) {
        rc = err_nomem(err);
    }
    for (size_t i = 0; rc == SIGN_OK && i < n; i++) {
        rc = add_part(joined, parts[i], err);
    }
    if (rc != SIGN_OK) {
        source_free(&joined);
        return rc;
    }
    *out = joined;
    return SIGN_OK;
}
