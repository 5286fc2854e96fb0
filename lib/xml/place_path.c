/* Paths that people write, and following them along a stream. */
#include <base/err.h>
#include <base/text.h>
#include <xml/place.h>

/* --- reading a path ----------------------------------------------------------------------------------------------- */

static int no_path(const char *text, const char *why, sign_err *err)
{
    return err_arg(err, "path '%.80s': %s", text, why);
}

/* What XML 1.0 2.3 lets a name hold, as far as ASCII goes; the rest is Expat's to refuse when a container is created. */
static bool is_name(sign_bytes name)
{
    for (size_t i = 0; i < name.len; i++) {
        int c = ascii_lower(name.ptr[i]);
        bool first = (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
        if (!first && (i == 0 || !((c >= '0' && c <= '9') || c == '-' || c == '.'))) {
            return false;
        }
    }
    return name.len > 0 && utf8_valid(name);
}

static bool take_index(sign_bytes *step, uint32_t *index)
{
    size_t open = bytes_find(*step, BYTES_LIT("["), 0);
    if (open == SIZE_MAX) {
        return true;
    }
    bool closed = step->ptr[step->len - 1] == ']';
    sign_bytes digits = bytes_slice(*step, open + 1, closed ? step->len - open - 2 : 0);
    step->len = open;
    return closed && parse_u32(digits, index) && *index > 0;
}

static bool read_step(struct path_step *out, sign_bytes text)
{
    *out = (struct path_step){ 0 };
    if (!take_index(&text, &out->index)) {
        return false;
    }
    out->name = out->local = text;
    if (bytes_are(text, "*")) {
        return true;
    }
    size_t colon = bytes_find(text, BYTES_LIT(":"), 0);
    if (colon != SIZE_MAX) {
        out->prefix = bytes_slice(text, 0, colon);
        out->local = bytes_slice(text, colon + 1, text.len);
    }
    return is_name(out->local) && (colon == SIZE_MAX || is_name(out->prefix));
}

int path_steps_add(struct path_steps *path, const char *text, sign_err *err)
{
    sign_bytes all = bytes_str(text);
    size_t at = all.len && all.ptr[0] == '/' ? 1 : 0;
    do {
        size_t slash = bytes_find(all, BYTES_LIT("/"), at);
        size_t end = slash == SIZE_MAX ? all.len : slash;
        if (path->n == LIMIT_XML_STEPS) {
            return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "path '%.80s' has more than %d steps", text,
                           LIMIT_XML_STEPS);
        }
        if (!read_step(&path->steps[path->n++], bytes_slice(all, at, end - at))) {
            return no_path(text, "expected element names between slashes, like /HDon/DSCKS/NBan or /list/item[2]", err);
        }
        at = end + 1;
    } while (at <= all.len);
    return SIGN_OK;
}

/* --- following it ------------------------------------------------------------------------------------------------- */

static bool step_fits(const struct path_step *step, const struct xml_name *name)
{
    if (bytes_are(step->name, "*")) {
        return true;
    }
    return bytes_equal(step->local, name->local) && (step->prefix.len == 0 || bytes_equal(step->prefix, name->prefix));
}

bool finder_start(struct finder *f, const struct xml_event *event, struct path_hit **hit)
{
    size_t i = f->level;
    *hit = NULL;
    if (event->depth != i + 1 || i >= f->path.n || !step_fits(&f->path.steps[i], &event->name)) {
        return false;
    }
    if (i + 1 == f->pinned && event->start != f->pin) {
        return false;
    }
    f->seen[i]++;
    if (f->path.steps[i].index && f->path.steps[i].index != f->seen[i]) {
        return false;
    }
    f->level++;
    if (f->level < f->path.n) {
        f->seen[f->level] = 0;
    } else if (f->found[i] < FINDER_ALSO) {
        f->at[f->found[i]] = event->start;
    }
    if (f->found[i]++ == 0) {
        *hit = &f->hits[i];
    }
    return true;
}

struct path_hit *finder_end(struct finder *f, const struct xml_event *event)
{
    if (f->level == 0 || event->depth != f->level) {
        return NULL;
    }
    struct path_hit *hit = &f->hits[--f->level];
    return f->found[f->level] == 1 ? hit : NULL;
}

void finder_list(struct build *out, const struct finder *f)
{
    size_t n = finder_count(f);
    for (size_t i = 0; i < n && i < FINDER_ALSO; i++) {
        build_str(out, i ? ", " : "");
        build_u64(out, f->at[i]);
    }
    build_str(out, n > FINDER_ALSO ? ", …" : "");
}
