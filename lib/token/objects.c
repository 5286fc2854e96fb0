/*
 * Objects and their attributes. Certificates are found here too, and not by libp11: PKCS11_enumerate_certs of 0.4.12
 * waits for ever where C_OpenSession fails, trusts lengths, and has no limit.
 */
#include <token/session.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <string.h>

#define BATCH 64

static int find_some(struct token *token, CK_OBJECT_HANDLE *out, size_t max, size_t *n, sign_err *err)
{
    CK_OBJECT_HANDLE batch[BATCH];
    for (;;) {
        CK_ULONG found = 0;
        CK_RV rv;
        C_CALL(rv, &token->env, token->module, C_FindObjects, token->session, batch, BATCH, &found);
        if (rv != CKR_OK) {
            return call_error(rv, "list objects", err);
        }
        if (found > BATCH) {
            return err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, "PKCS#11 v2.40 5.7",
                           "list objects: asked for %d and the module says it gave %lu", BATCH, found);
        }
        if (found > max - *n) {
            return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "more than %zu objects of one class on the token",
                           max);
        }
        if (found == 0) {
            return SIGN_OK;
        }
        memcpy(out + *n, batch, found * sizeof *batch);
        *n += found;
    }
}

int objects_find(struct token *token, CK_OBJECT_CLASS class, sign_bytes id, CK_OBJECT_HANDLE *out, size_t max,
                 size_t *n, sign_err *err)
{
    union { const uint8_t *in; void *out; } value = { id.ptr };     /* Cryptoki knows no const; this is only read */
    CK_ATTRIBUTE wanted[] = { { CKA_CLASS, &class, sizeof class }, { CKA_ID, value.out, id.len } };
    *n = 0;
    CK_RV rv;
    C_CALL(rv, &token->env, token->module, C_FindObjectsInit, token->session, wanted, id.len ? 2 : 1);
    if (rv != CKR_OK) {
        return call_error(rv, "list objects", err);
    }
    int rc = find_some(token, out, max, n, err);
    C_CALL(rv, &token->env, token->module, C_FindObjectsFinal, token->session);
    return rc;
}

static bool has_no_value(CK_RV rv, const CK_ATTRIBUTE *attr)
{
    return rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_ATTRIBUTE_SENSITIVE ||
           attr->ulValueLen == CK_UNAVAILABLE_INFORMATION;
}

int object_attr(struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, struct arena *arena,
                sign_bytes *out, sign_err *err)
{
    CK_ATTRIBUTE attr = { type, NULL, 0 };
    CK_RV rv;
    *out = (sign_bytes){ 0 };
    C_CALL(rv, &token->env, token->module, C_GetAttributeValue, token->session, object, &attr, 1);
    if (has_no_value(rv, &attr) || (rv == CKR_OK && attr.ulValueLen == 0)) {
        return SIGN_OK;
    }
    if (rv != CKR_OK) {
        return call_error(rv, "read an attribute", err);
    }
    CK_ULONG room = attr.ulValueLen;
    if (room > LIMIT_TOKEN_ATTR) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "an attribute of %lu bytes on the token", room);
    }
    attr.pValue = arena_alloc(arena, room);
    if (!attr.pValue) {
        return err_nomem(err);
    }
    C_CALL(rv, &token->env, token->module, C_GetAttributeValue, token->session, object, &attr, 1);
    if (rv == CKR_OK && attr.ulValueLen > room) {
        rv = CKR_BUFFER_TOO_SMALL;
    }
    if (rv != CKR_OK) {
        return call_error(rv, "read an attribute", err);
    }
    *out = bytes_of(attr.pValue, attr.ulValueLen);
    return SIGN_OK;
}

/* A value of exactly `size` bytes; false where there is none. */
static int fixed(struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, void *out, size_t size,
                 bool *there, sign_err *err)
{
    CLEANUP(arena_free) struct arena scratch = { 0 };
    sign_bytes value;
    int rc = object_attr(token, object, type, &scratch, &value, err);
    *there = rc == SIGN_OK && value.len == size;
    if (*there) {
        memcpy(out, value.ptr, size);
    }
    return rc;
}

int object_number(struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG absent, CK_ULONG *out,
                  sign_err *err)
{
    CK_ULONG value = 0;
    bool there = false;
    int rc = fixed(token, object, type, &value, sizeof value, &there, err);
    *out = there ? value : absent;
    return rc;
}

int object_flag(struct token *token, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, bool absent, bool *out,
                sign_err *err)
{
    CK_BBOOL value = CK_FALSE;
    bool there = false;
    int rc = fixed(token, object, type, &value, sizeof value, &there, err);
    *out = there ? value != CK_FALSE : absent;
    return rc;
}
