/* RFC 7512 URIs, by p11-kit. */
#include <token/uri.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <stdlib.h>

void uri_free(P11KitUri **uri)
{
    p11_kit_uri_free(*uri);     /* takes NULL */
    *uri = NULL;
}

static int refuse(sign_err *err, const char *why)
{
    return err_set(err, SIGN_E_ARG, SIGN_NO_OFFSET, "RFC 7512 2.3", "PKCS#11 URI: %s", why);
}

/* Never the text itself in a message: it may hold a PIN. */
static int check(P11KitUri *uri, sign_err *err)
{
    if (p11_kit_uri_get_pin_value(uri) || p11_kit_uri_get_pin_source(uri)) {
        return refuse(err, "a PIN has no place in it");
    }
    if (p11_kit_uri_get_module_name(uri) || p11_kit_uri_get_module_path(uri)) {
        return refuse(err, "module-name and module-path are not honoured; name the module itself");
    }
    if (p11_kit_uri_any_unrecognized(uri)) {
        return refuse(err, "it holds an attribute that is not known");
    }
    return SIGN_OK;
}

int uri_parse(P11KitUri **out, const char *text, sign_err *err)
{
    *out = NULL;
    if (!text) {
        return SIGN_OK;
    }
    CLEANUP(uri_free) P11KitUri *uri = p11_kit_uri_new();
    if (!uri) {
        return err_nomem(err);
    }
    int code = p11_kit_uri_parse(text, P11_KIT_URI_FOR_ANY, uri);
    if (code != P11_KIT_URI_OK) {
        const char *why = p11_kit_uri_message(code);
        return refuse(err, why ? why : "not understood");
    }
    int rc = check(uri, err);
    if (rc == SIGN_OK) {
        *out = uri;
        uri = NULL;
    }
    return rc;
}

bool uri_has_token(P11KitUri *uri, const CK_TOKEN_INFO *info)
{
    return !uri || p11_kit_uri_match_token_info(uri, info);
}

static bool has(P11KitUri *uri, CK_ATTRIBUTE_TYPE type, sign_bytes value)
{
    const CK_ATTRIBUTE *wanted = p11_kit_uri_get_attribute(uri, type);
    return !wanted || bytes_equal(bytes_of(wanted->pValue, wanted->ulValueLen), value);
}

bool uri_has_object(P11KitUri *uri, sign_bytes label, sign_bytes id)
{
    return !uri || (has(uri, CKA_LABEL, label) && has(uri, CKA_ID, id));
}

static const char *print(struct arena *arena, P11KitUri *uri, P11KitUriType type)
{
    char *text = NULL;
    if (p11_kit_uri_format(uri, type, &text) != P11_KIT_URI_OK) {
        return NULL;
    }
    const char *copy = arena_str(arena, bytes_str(text));
    free(text);
    return copy;
}

const char *uri_of_token(struct arena *arena, const CK_TOKEN_INFO *info)
{
    CLEANUP(uri_free) P11KitUri *uri = p11_kit_uri_new();
    if (!uri) {
        return NULL;
    }
    *p11_kit_uri_get_token_info(uri) = *info;
    return print(arena, uri, P11_KIT_URI_FOR_TOKEN);
}

static bool set(P11KitUri *uri, CK_ATTRIBUTE_TYPE type, sign_bytes value)
{
    union { const uint8_t *in; void *out; } ptr = { value.ptr };    /* p11-kit copies it */
    CK_ATTRIBUTE attr = { type, ptr.out, value.len };
    return value.len == 0 || p11_kit_uri_set_attribute(uri, &attr) == P11_KIT_URI_OK;
}

const char *uri_of_object(struct arena *arena, const CK_TOKEN_INFO *info, sign_bytes label, sign_bytes id)
{
    CLEANUP(uri_free) P11KitUri *uri = p11_kit_uri_new();
    if (!uri || !set(uri, CKA_LABEL, label) || !set(uri, CKA_ID, id)) {
        return NULL;
    }
    *p11_kit_uri_get_token_info(uri) = *info;
    return print(arena, uri, P11_KIT_URI_FOR_OBJECT_ON_TOKEN);
}
