#include <base/cleanup.h>
#include <base/err.h>
#include <xml/countersign.h>
#include <xml/node.h>

static const char clause[] = "EN 319 132-1 5.2.7";

static const struct sig_state *find(const struct xml_doc *doc, const char *id)
{
    for (size_t i = 0; i < doc->n; i++) {
        if (strcmp(doc->states[i].sig.id, id) == 0) return &doc->states[i];
    }
    for (size_t i = 0; i < doc->n; i++) {       /* one that has an Id can be named by its path, too */
        if (strcmp(doc->states[i].sig.path, id) == 0) return &doc->states[i];
    }
    return NULL;
}

static int set_place(struct countersigned *out, const struct xml_node *properties, sign_err *err)
{
    const struct xml_node *all = node_child(properties, NS_XADES, "UnsignedProperties");
    const struct xml_node *of_sig = all ? node_child(all, NS_XADES, "UnsignedSignatureProperties") : NULL;
    if (all && !of_sig && node_first(all)) {
        return err_set(err, SIGN_E_UNSUPPORTED, all->event.start, "EN 319 132-1 4.3.6",
                       "its unsigned properties are of data objects alone: what is to be added would have to stand before them");
    }
    const struct xml_node *place = of_sig ? of_sig : all ? all : properties;
    out->place = place->event.start;
    out->n_missing = of_sig ? 0 : all ? 1 : 2;
    return SIGN_OK;
}

static int set_value(struct countersigned *out, struct arena *arena, const struct xml_node *value, sign_err *err)
{
    const struct xml_name *name = &value->event.name;
    sign_bytes id = { 0 };
    const char *written = arena_fmt(arena, "%.*s%s%.*s", (int)name->prefix.len, (const char *)name->prefix.ptr,
                                    name->prefix.len ? ":" : "", (int)name->local.len, (const char *)name->local.ptr);
    if (!written) return err_nomem(err);
    out->value = value->event.start;
    out->value_name = bytes_str(written);
    if (!node_attr(value, "Id", &id) || id.len == 0) return SIGN_OK;
    out->value_id = arena_bytes(arena, id);
    return out->value_id.ptr ? SIGN_OK : err_nomem(err);
}

int countersign_find(struct countersigned *out, struct arena *arena, struct source *source, const char *id,
                     const struct crypto *crypto, const struct xml_opts *opts, struct watch *watch, sign_err *err)
{
    CLEANUP(xml_free) struct xml_doc *doc = NULL;
    struct xml_opts reading = { .allow_doctype = opts->allow_doctype, .no_shortcuts = true };   /* nothing is digested here */
    *out = (struct countersigned){ 0 };
    int rc = xml_read(&doc, source, crypto, &reading, watch, err);
    if (rc != SIGN_OK) return rc;
    const struct sig_state *state = find(doc, id);
    if (!state) {
        return err_set(err, SIGN_E_NOTFOUND, SIGN_NO_OFFSET, clause, "no signature '%.80s' to be counter-signed (%zu are there)",
                       id, doc->n);
    }
    const struct xml_sig *sig = &state->sig;
    if (sig->malformed) {
        return err_set(err, SIGN_E_FORMAT, sig->at, sig->clause, "the signature to be counter-signed is malformed: %s",
                       sig->why ? sig->why : "");
    }
    if (!state->signed_props) {
        return err_set(err, SIGN_E_UNSUPPORTED, sig->offset, clause,
                       "the signature to be counter-signed is no XAdES signature: it has no properties to put one in");
    }
    rc = set_place(out, state->signed_props->parent, err);
    return rc == SIGN_OK ? set_value(out, arena, node_after(node_first(state->node)), err) : rc;
}

void countersign_put(struct build *out, size_t n_missing, bool open)
{
    static const char *const names[] = { "UnsignedProperties", "UnsignedSignatureProperties", "CounterSignature" };
    size_t first = COUNT(names) - 1 - n_missing;
    for (size_t i = first; open && i < COUNT(names); i++) {
        /* Whatever prefix is in use around: the one used here is declared here. */
        build_fmt(out, "<xades:%s%s>", names[i], i == first ? " xmlns:xades=\"" NS_XADES "\"" : "");
    }
    for (size_t i = COUNT(names); !open && i-- > first;) build_fmt(out, "</xades:%s>", names[i]);
}
