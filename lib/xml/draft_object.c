/* The Objects of a Signature that are signed as such: the signing time of the field's own forms, what is enveloped. */
#include <base/text.h>
#include <xml/draft_text.h>
#include <xml/names.h>

/* Opens an element: in the namespace given, declared on it, or in that of XMLDSig. */
static void open_element(struct draft_text *t, const char *name, const char *ns)
{
    build_fmt(&t->text, "<%s%s", ns ? "" : t->ds, name);
    if (ns) {
        build_str(&t->text, " xmlns=\"");
        draft_put_text(&t->text, bytes_str(ns));
        build_byte(&t->text, '"');
    }
}

/*
 * XMLDSig 5.2. Local time without a zone: what the tax office's format has. Its properties often stand in no namespace
 * (xmlns=""): those of XMLDSig's own may hold foreign elements alone (its schema, SignaturePropertyType), which
 * SigningTime then is not.
 */
void draft_put_time(struct draft_text *t)
{
    const struct xml_sign_spec *spec = t->spec;
    const char *props = spec->properties_namespace, *time = spec->time_namespace;
    const char *around = props ? "" : t->ds, *inside = time ? "" : around;
    char when[WHEN_TEXT];
    when_print_rfc3339(when, (struct when){ .seconds = spec->when + (int64_t)spec->zone * 60 });
    build_fmt(&t->text, "<%sObject Id=\"object-%s\">", t->ds, t->id);
    open_element(t, "SignatureProperties", props);
    if (spec->properties_id) {
        build_fmt(&t->text, " Id=\"%s\"", spec->properties_id);
    }
    build_fmt(&t->text, "><%sSignatureProperty Target=\"", around);
    if (spec->time_target) {
        draft_put_text(&t->text, bytes_str(spec->time_target));
    } else {
        build_fmt(&t->text, "#%s", t->id);
    }
    build_str(&t->text, "\">");
    if (time) {
        open_element(t, "SigningTime", time);
    } else {
        build_fmt(&t->text, "<%sSigningTime", inside);
    }
    build_fmt(&t->text, ">%s</%sSigningTime></%sSignatureProperty></%sSignatureProperties></%sObject>", when, inside,
              around, around, t->ds);
}

/* XMLDSig 4.5. Encoding is a remark for the reader: what decodes is the transform of the reference (6.6.2). */
void draft_put_content(struct draft_text *t)
{
    const struct xml_sign_spec *spec = t->spec;
    build_fmt(&t->text, "<%sObject Id=\"content-%s\"", t->ds, t->id);
    if (spec->object_mime_type) {
        build_str(&t->text, " MimeType=\"");
        draft_put_text(&t->text, bytes_str(spec->object_mime_type));
        build_byte(&t->text, '"');
    }
    if (spec->packaging == XML_ENVELOPING_BASE64) {
        build_str(&t->text, " Encoding=\"" NS_DSIG "base64\"");
    }
    build_byte(&t->text, '>');
    t->content_at = t->text.len;
    build_fmt(&t->text, "</%sObject>", t->ds);
}
