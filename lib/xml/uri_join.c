/*
 * join-URI-References of C14N 1.1 2.4: RFC 3986 5.2.2 where neither the base nor the reference needs a scheme, and
 * 5.2.4 changed so that leading "../" stay, "//" becomes "/", and a trailing ".." gets its "/".
 */
#include <base/cleanup.h>
#include <xml/c14n_impl.h>

struct uri {
    sign_bytes scheme, authority, path, query; /* scheme with its ":", authority with its "//", query with its "?" */
};

static size_t span_until(sign_bytes text, size_t from, const char *stops)
{
    size_t i = from;
    while (i < text.len && !strchr(stops, text.ptr[i])) i++;
    return i;
}

/* RFC 3986 appendix B; the fragment is dropped. */
static struct uri parse(sign_bytes text)
{
    struct uri uri = { 0 };
    size_t colon = span_until(text, 0, ":/?#"), at = 0;
    if (colon > 0 && colon < text.len && text.ptr[colon] == ':') {
        uri.scheme = bytes_slice(text, 0, colon + 1);
        at = colon + 1;
    }
    if (bytes_start(bytes_slice(text, at, 2), BYTES_LIT("//"))) {
        size_t end = span_until(text, at + 2, "/?#");
        uri.authority = bytes_slice(text, at, end - at);
        at = end;
    }
    size_t end = span_until(text, at, "?#");
    uri.path = bytes_slice(text, at, end - at);
    if (end < text.len && text.ptr[end] == '?') uri.query = bytes_slice(text, end, span_until(text, end, "#") - end);
    return uri;
}

/* Takes the last segment off out[from..], with the "/" before it, unless there is none that ".." could take. */
static bool drop_segment(struct build *out, size_t from)
{
    size_t end = out->len;
    if (end > from && out->ptr[end - 1] == '/') end--;
    size_t start = end;
    while (start > from && out->ptr[start - 1] != '/') start--;
    if (start == end || bytes_are(bytes_of(out->ptr + start, end - start), "..")) return false;
    build_truncate(out, start);
    return true;
}

static void put_without_dots(struct build *out, sign_bytes path)
{
    size_t from = out->len;
    bool absolute = path.len && path.ptr[0] == '/';
    if (absolute) build_byte(out, '/');
    for (size_t at = 0; at < path.len && !out->failed;) {
        if (path.ptr[at] == '/') {
            at++;
            continue;
        }
        size_t end = span_until(path, at, "/");
        sign_bytes segment = bytes_slice(path, at, end - at);
        at = end;
        if (bytes_are(segment, ".")) continue;
        if (!bytes_are(segment, "..")) {
            build_bytes(out, segment);
            if (end < path.len) build_byte(out, '/');
        } else if (!drop_segment(out, from) && !absolute) {
            build_str(out, "../");
        }
    }
}

/* RFC 3986 5.2.3. */
static void merge(struct build *out, const struct uri *base, sign_bytes path)
{
    if (base->authority.len && !base->path.len) {
        build_byte(out, '/');
    } else {
        size_t end = base->path.len;
        while (end > 0 && base->path.ptr[end - 1] != '/') end--;
        /* A base that ends in ".." names a folder: it is as if its "/" were there. */
        if (bytes_are(bytes_slice(base->path, end, base->path.len), "..")) {
            build_bytes(out, base->path);
            build_byte(out, '/');
        } else {
            build_bytes(out, bytes_slice(base->path, 0, end));
        }
    }
    build_bytes(out, path);
}

void uri_join(struct build *out, sign_bytes base_text, sign_bytes reference)
{
    struct uri base = parse(base_text), r = parse(reference);
    CLEANUP(build_free) struct build path = { .max = out->max };
    bool own_authority = r.scheme.len || r.authority.len;
    build_bytes(out, r.scheme.len ? r.scheme : base.scheme);
    build_bytes(out, own_authority ? r.authority : base.authority);
    if (own_authority || (r.path.len && r.path.ptr[0] == '/')) {
        build_bytes(&path, r.path);
    } else if (r.path.len == 0) {
        build_bytes(&path, base.path);
    } else {
        merge(&path, &base, r.path);
    }
    put_without_dots(out, build_view(&path));
    bool own_query = own_authority || r.path.len || r.query.len;
    build_bytes(out, own_query ? r.query : base.query);
    if (path.failed && !out->failed) out->failed = path.failed;
}
