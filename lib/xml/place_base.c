#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <stdlib.h>
#include <xml/names.h>
#include <xml/path.h>
#include <xml/place_base.h>

#define LISTED   3      /* candidates that a message names */
#define LONGEST  32     /* bytes of a path in it           */

struct choosing {
    struct finder finders[XML_SIGN_BASES];
    size_t n_finders;
    sign_bytes choice;
    bool by_path;
    uint32_t number;                        /* 0: not by position */
    struct path path;
    size_t n, chosen;                       /* candidates; those that are meant */
    uint64_t at, here;                      /* of the one that is meant; of the one that is open */
    size_t depth;                           /* of the one that is open; 0: none */
    bool taken;                             /* the one that is open is meant */
    struct build list;
};

static void choosing_free(struct choosing **c)
{
    if (*c) {
        path_free(&(*c)->path);
        build_free(&(*c)->list);
        free(*c);
    }
}

/* --- candidates --------------------------------------------------------------------------------------------------- */

static void take(struct choosing *c)
{
    if (!c->taken) {
        c->taken = true;
        c->chosen++;
        c->at = c->here;
    }
}

/* "/HDon[1]" and "/HDon" are one path: [1] is not printed. */
static bool same_path(sign_bytes asked, sign_bytes printed)
{
    for (size_t a = 0, p = 0;; a++, p++) {
        if (bytes_start(bytes_slice(asked, a, asked.len), BYTES_LIT("[1]"))) {
            a += 3;
        }
        if (a >= asked.len || p >= printed.len) {
            return a >= asked.len && p >= printed.len;
        }
        if (asked.ptr[a] != printed.ptr[p]) {
            return false;
        }
    }
}

static int begin(struct choosing *c, const struct xml_event *event, sign_err *err)
{
    CLEANUP(build_free) struct build text = { 0 };
    path_print(&text, &c->path);
    c->n++;
    c->here = event->start;
    c->depth = event->depth;
    c->taken = false;
    if (c->n <= LISTED) {
        build_fmt(&c->list, "%s%zu: %.*s", c->n > 1 ? "; " : "", c->n, (int)bytes_slice(build_view(&text), 0, LONGEST).len,
                  (const char *)text.ptr);
    }
    if (c->number == c->n || (c->by_path && same_path(c->choice, build_view(&text)))) {
        take(c);
    }
    return build_check(&text, err, "a path");
}

static bool is_id(const struct xml_name *name)
{
    return ascii_equal_nocase(name->local, BYTES_LIT("id")) && (name->uri.len == 0 || name_in_xml(name));
}

static void see_ids(struct choosing *c, const struct xml_event *event)
{
    for (size_t i = 0; i < event->n_attrs; i++) {
        if (!is_id(&event->attrs[i].name)) {
            continue;
        }
        if (c->n <= LISTED && event->depth <= c->depth + 1) {   /* to know it by: the Id of the first elements in it */
            build_fmt(&c->list, " (%.*s)", (int)bytes_slice(event->attrs[i].value, 0, 20).len,
                      (const char *)event->attrs[i].value.ptr);
        }
        if (!c->number && !c->by_path && bytes_equal(event->attrs[i].value, c->choice)) {
            take(c);
        }
    }
}

static int on_event(void *payload, const struct xml_event *event, sign_err *err)
{
    struct choosing *c = payload;
    if (event->kind == XML_END) {
        for (size_t i = 0; i < c->n_finders; i++) {
            (void)finder_end(&c->finders[i], event);
        }
        c->depth = c->depth == event->depth ? 0 : c->depth;
        path_leave(&c->path);
    }
    if (event->kind != XML_START) {
        return SIGN_OK;
    }
    int rc = path_enter(&c->path, &event->name, err);
    for (size_t i = 0; rc == SIGN_OK && i < c->n_finders; i++) {
        struct path_hit *hit;
        struct finder *f = &c->finders[i];
        if (finder_start(f, event, &hit) && f->level == f->path.n) {
            rc = begin(c, event, err);
        }
    }
    if (rc == SIGN_OK && c->depth) {
        see_ids(c, event);
    }
    return rc;
}

/* --- the choice --------------------------------------------------------------------------------------------------- */

static int choosing_new(struct choosing **out, const struct xml_sign_spec *spec, sign_err *err)
{
    CLEANUP(choosing_free) struct choosing *c = calloc(1, sizeof *c);
    if (!c) {
        return err_nomem(err);
    }
    c->n_finders = spec->n_bases;
    c->at = NO_BASE;
    c->choice = spec->base ? bytes_str(spec->base) : (sign_bytes){ 0 };
    c->by_path = c->choice.len && c->choice.ptr[0] == '/';
    if (!parse_u32(c->choice, &c->number)) {
        c->number = 0;
    }
    int rc = SIGN_OK;
    for (size_t i = 0; rc == SIGN_OK && i < spec->n_bases; i++) {
        rc = path_steps_add(&c->finders[i].path, spec->bases[i], err);
    }
    if (rc == SIGN_OK) {
        *out = c;
        c = NULL;
    }
    return rc;
}

int place_base_find(uint64_t *at, struct source *source, const struct xml_sign_spec *spec, const struct xml_opts *opts,
                    struct watch *watch, sign_err *err)
{
    CLEANUP(choosing_free) struct choosing *c = NULL;
    int rc = choosing_new(&c, spec, err);
    if (rc == SIGN_OK) {
        rc = xml_parse(source, opts, on_event, c, watch, err);
    }
    if (rc == SIGN_OK && c->chosen == 1) {
        *at = c->at;
        return SIGN_OK;
    }
    if (rc == SIGN_OK) {
        rc = build_check(&c->list, err, "candidates");
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    return err_set(err, c->chosen ? SIGN_E_AMBIGUOUS : spec->base ? SIGN_E_NOTFOUND : SIGN_E_AMBIGUOUS, SIGN_NO_OFFSET, NULL,
                   "%.60s%s%.40s%s: %zu are there%s%.*s%s", spec->bases[0], spec->base ? ", chosen by '" : "",
                   spec->base ? spec->base : "", spec->base ? "'" : "", c->n, c->n ? ": " : "", (int)c->list.len,
                   (const char *)c->list.ptr, c->n > LISTED ? "; …" : "");
}
