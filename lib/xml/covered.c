#include <base/array.h>
#include <base/err.h>
#include <stdlib.h>
#include <xml/covered.h>
#include <xml/node.h>

static bool attr_of(const struct xml_event *event, const char *local, sign_bytes *value)
{
    for (size_t i = 0; i < event->n_attrs; i++) {
        if (event->attrs[i].name.uri.len == 0 && bytes_are(event->attrs[i].name.local, local)) {
            *value = event->attrs[i].value;
            return true;
        }
    }
    return false;
}

/*
 * XPath filters are how signatures side by side leave each other out (XMLDSig 6.6.3); which of them do is not for us to
 * tell, since we do not evaluate them: they are no reason to refuse.
 */
static bool is_filter(sign_bytes algorithm)
{
    return bytes_are(algorithm, "http://www.w3.org/TR/1999/REC-xpath-19991116") ||
           bytes_are(algorithm, "http://www.w3.org/2002/06/xmldsig-filter2");
}

static int add(struct covered *c, sign_bytes uri, uint64_t offset, uint64_t owner, sign_err *err)
{
    int rc = array_grow((void **)&c->refs, &c->cap, c->n + 1, sizeof *c->refs, LIMIT_XML_REFS, "references", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    c->uris.max = LIMIT_XML_COVERED;
    c->refs[c->n++] = (struct covered_ref){ .at = c->uris.len, .len = uri.len, .offset = offset, .owner = owner };
    build_bytes(&c->uris, uri);
    return build_check(&c->uris, err, "URIs of references");
}

int covered_start(struct covered *c, const struct xml_event *event, uint64_t owner, sign_err *err)
{
    sign_bytes value;
    if (name_is_dsig(&event->name, "Reference") && attr_of(event, "URI", &value)) {
        return add(c, value, event->start, owner, err);
    }
    if (c->n && name_is_dsig(&event->name, "Transform") && attr_of(event, "Algorithm", &value)) {
        struct covered_ref *ref = &c->refs[c->n - 1];
        ref->filtered = ref->filtered || is_filter(value);
        ref->enveloped = ref->enveloped || transform_is_enveloped(value);
    }
    return SIGN_OK;
}

static bool covers(sign_bytes uri, const struct id_list *ids)
{
    struct ref_plan plan = { 0 };
    const char *why = NULL;
    if (uri_read(uri, &plan, &why) != XML_REF_PENDING) {
        return false;
    }
    for (; plan.target == TARGET_ID && ids; ids = ids->next) {
        if (bytes_equal(plan.id, ids->id)) {
            return true;
        }
    }
    return plan.target == TARGET_DOCUMENT;
}

static bool leaves_out(const struct covered_ref *ref, const struct sig_list *around, bool content)
{
    while (around && !(ref->enveloped && ref->owner == around->start)) {
        around = around->next;
    }
    return around || (ref->filtered && !content);
}

int covered_check(const struct covered *c, const struct id_list *ids, const struct sig_list *around, bool content,
                  sign_err *err)
{
    for (size_t i = 0; i < c->n; i++) {
        sign_bytes uri = bytes_slice(build_view(&c->uris), c->refs[i].at, c->refs[i].len);
        if (!leaves_out(&c->refs[i], around, content) && covers(uri, ids)) {
            return err_set(err, SIGN_E_FORBIDDEN, c->refs[i].offset, "XMLDSig 6.6.4",
                           "a signature that is there covers %.*s, where this one would go: that would break it",
                           uri.len ? (int)bytes_slice(uri, 0, 60).len : 18,
                           uri.len ? (const char *)uri.ptr : "the whole document");
        }
    }
    return SIGN_OK;
}

void covered_free(struct covered *c)
{
    build_free(&c->uris);
    free(c->refs);
    *c = (struct covered){ 0 };
}
