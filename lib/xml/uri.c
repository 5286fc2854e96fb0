/* The closed list of Reference URIs (XMLDSig 4.4.3.2, 4.4.3.3): this document, or one of its elements by Id. */
#include <xml/node.h>

/* id('x') or id("x") between the parentheses of #xpointer(…). */
static bool id_call(sign_bytes call, sign_bytes *id)
{
    sign_bytes open = BYTES_LIT("id(");
    if (!bytes_start(call, open) || call.len < open.len + 3 || call.ptr[call.len - 1] != ')') return false;
    sign_bytes quoted = bytes_slice(call, open.len, call.len - open.len - 1);
    uint8_t quote = quoted.ptr[0];
    *id = bytes_slice(quoted, 1, quoted.len - 2);
    return (quote == '\'' || quote == '"') && quoted.ptr[quoted.len - 1] == quote && id->len &&
           !memchr(id->ptr, quote, id->len);
}

enum xml_ref_status uri_read(sign_bytes uri, struct ref_plan *plan, const char **why)
{
    static const char pointer[] = "#xpointer(";
    sign_bytes open = bytes_str(pointer);
    if (uri.len == 0) {
        plan->target = TARGET_DOCUMENT;
        return XML_REF_PENDING;
    }
    if (uri.ptr[0] != '#') {
        *why = "a URI outside this document is not dereferenced";
        return XML_REF_UNSUPPORTED;
    }
    if (uri.len == 1) {
        *why = "a URI with an empty fragment";
        return XML_REF_MALFORMED;
    }
    if (!bytes_start(uri, open)) {
        /* A bare name holds no parenthesis: this is another XPointer scheme. */
        if (memchr(uri.ptr, '(', uri.len)) {
            *why = "this XPointer is not on the list";
            return XML_REF_UNSUPPORTED;
        }
        plan->target = TARGET_ID;
        plan->id = bytes_slice(uri, 1, uri.len);
        return XML_REF_PENDING;
    }
    plan->comments = true;
    sign_bytes call = bytes_slice(uri, open.len, uri.len - open.len);
    if (call.len && call.ptr[call.len - 1] == ')') {
        call.len--;
        if (bytes_are(call, "/")) {
            plan->target = TARGET_DOCUMENT;
            return XML_REF_PENDING;
        }
        if (id_call(call, &plan->id)) {
            plan->target = TARGET_ID;
            return XML_REF_PENDING;
        }
    }
    *why = "this XPointer is not on the list";
    return XML_REF_UNSUPPORTED;
}
