/*
 * A PKCS#11 module that goes wrong on purpose: one token, PIN 1234, three tries, a P-256 key and its certificate. Which
 * fault it has is read from $FAULT at every call. For tests alone.
 */
#include "faulty_p11.h"

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SESSION 7
enum { CERT = 1, KEY = 2 };

static struct faulty_state faulty = { .tries = 3 };
static EVP_PKEY *pkey;
static unsigned char *cert_der;
static int cert_len;
static bool logged_in, context_ok, signing;
static CK_OBJECT_CLASS finding;
static unsigned found;
static CK_MECHANISM_TYPE mechanism;

static bool fault(const char *name)
{
    const char *now = getenv("FAULT");
    return now && strcmp(now, name) == 0;
}

static void make_key(void)
{
    pkey = EVP_EC_gen("P-256");
    X509 *x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -86400);
    X509_gmtime_adj(X509_getm_notAfter(x), 86400);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, (const unsigned char *)"Faulty", -1, -1,
                               0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_set_pubkey(x, pkey);
    X509_sign(x, pkey, EVP_sha256());
    cert_len = i2d_X509(x, &cert_der);
    X509_free(x);
}

static CK_RV f_Initialize(void *args)
{
    faulty.initialized++;
    if (fault("initialize-fails")) {
        return CKR_DEVICE_ERROR;
    }
    if (fault("already-initialized")) {
        return CKR_CRYPTOKI_ALREADY_INITIALIZED;
    }
    if (fault("cant-lock") && args && ((CK_C_INITIALIZE_ARGS *)args)->flags & CKF_OS_LOCKING_OK &&
        faulty.initialized == 1) {
        return CKR_CANT_LOCK;
    }
    if (!pkey) {
        make_key();
    }
    return CKR_OK;
}

static CK_RV f_Finalize(void *reserved)
{
    faulty.finalized++;
    logged_in = false;
    return CKR_OK;
}

static CK_RV f_GetInfo(CK_INFO *info)
{
    memset(info, 0, sizeof *info);
    return CKR_OK;
}

static CK_RV f_GetSlotList(CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *n)
{
    if (fault("slots-fail")) {
        return CKR_DEVICE_ERROR;
    }
    if (fault("slots-million")) {
        *n = 1000000;
        return CKR_OK;
    }
    if (fault("slots-none")) {
        *n = 0;
        return CKR_OK;
    }
    if (list) {
        list[0] = 0;
    }
    *n = list && fault("slots-lie") ? 3 : 1;
    return CKR_OK;
}

static CK_RV f_GetSlotInfo(CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
    memset(info, 0, sizeof *info);
    memset(info->slotDescription, ' ', sizeof info->slotDescription);
    memcpy(info->slotDescription, "Faulty reader", 13);
    info->flags = CKF_TOKEN_PRESENT | (fault("no-device") || fault("session-count") ? 0 : CKF_HW_SLOT);
    return fault("slot-fails") ? CKR_DEVICE_ERROR : CKR_OK;
}

static CK_FLAGS flags_now(void)
{
    CK_FLAGS flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED;
    flags |= fault("no-login") ? 0 : CKF_LOGIN_REQUIRED;
    flags |= fault("pin-pad") ? CKF_PROTECTED_AUTHENTICATION_PATH : 0;
    flags |= faulty.tries < 3 || fault("final-try") ? CKF_USER_PIN_COUNT_LOW : 0;
    flags |= faulty.tries == 1 || fault("final-try") ? CKF_USER_PIN_FINAL_TRY : 0;
    flags |= faulty.tries == 0 || fault("locked") ? CKF_USER_PIN_LOCKED : 0;
    return flags;
}

static CK_RV f_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    faulty.token_infos++;
    if (fault("token-gone")) {
        return CKR_TOKEN_NOT_PRESENT;
    }
    memset(info, 0, sizeof *info);
    memset(info->label, ' ', sizeof info->label);
    memcpy(info->label, "Faulty", 6);
    memset(info->serialNumber, ' ', sizeof info->serialNumber);
    memcpy(info->serialNumber, "F1", 2);
    memset(info->manufacturerID, ' ', sizeof info->manufacturerID);
    memset(info->model, ' ', sizeof info->model);
    if (fault("label-raw")) {       /* no end, an escape sequence, bytes that are no UTF-8 */
        memset(info->label, 'x', sizeof info->label);
        memcpy(info->label, "\x1b[31m\xff\xfe", 7);
    }
    info->ulMinPinLen = fault("pin-range") ? 100 : 4;
    info->ulMaxPinLen = fault("pin-range") ? 10 : 16;
    info->flags = flags_now();
    return CKR_OK;
}

static CK_RV f_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *n)
{
    CK_MECHANISM_TYPE only = fault("mech-hashes") ? CKM_ECDSA_SHA256 : fault("mech-none") ? CKM_SHA256 : CKM_ECDSA;
    if (fault("mech-million")) {
        *n = 1000000;
        return CKR_OK;
    }
    if (list) {
        *list = only;
    }
    *n = 1;
    return CKR_OK;
}

static CK_RV f_OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
    faulty.sessions++;
    faulty.rw_sessions += flags & CKF_RW_SESSION ? 1 : 0;
    *session = SESSION;
    signing = false;
    return fault("session-count") ? CKR_SESSION_COUNT : CKR_OK;
}

static CK_RV f_CloseSession(CK_SESSION_HANDLE session)
{
    faulty.closed++;
    return CKR_OK;
}

static CK_RV f_CloseAllSessions(CK_SLOT_ID slot)
{
    faulty.closed_all++;
    logged_in = false;
    return CKR_OK;
}

static CK_RV f_GetSessionInfo(CK_SESSION_HANDLE session, CK_SESSION_INFO *info)
{
    memset(info, 0, sizeof *info);
    info->state = logged_in ? CKS_RO_USER_FUNCTIONS : CKS_RO_PUBLIC_SESSION;
    return CKR_OK;
}

/* What C_Login answers whatever the PIN, with no try spent. */
static const struct { const char *fault; CK_RV rv;
} login_faults[] = {
    { "login-removed", CKR_DEVICE_REMOVED },        { "login-locked", CKR_PIN_LOCKED },
    { "login-vendor", CKR_VENDOR_DEFINED | 0x123 }, { "login-expired", CKR_PIN_EXPIRED },
    { "login-cancelled", CKR_FUNCTION_CANCELED },
};

static CK_RV f_Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *pin, CK_ULONG len)
{
    faulty.logins++;
    faulty.pad_logins += !pin;
    for (size_t i = 0; i < sizeof login_faults / sizeof *login_faults; i++) {
        if (fault(login_faults[i].fault)) {
            return login_faults[i].rv;
        }
    }
    bool right = pin ? len == 4 && memcmp(pin, "1234", 4) == 0 : fault("pin-pad");
    if (!right) {
        faulty.tries -= faulty.tries > 0;
        return CKR_PIN_INCORRECT;
    }
    faulty.tries = 3;
    *(user == CKU_CONTEXT_SPECIFIC ? &context_ok : &logged_in) = true;
    return CKR_OK;
}

static CK_RV f_Logout(CK_SESSION_HANDLE session)
{
    faulty.logouts++;
    logged_in = false;
    return CKR_OK;
}

static bool may_use_key(void)
{
    return logged_in || fault("no-login");
}

static CK_RV f_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n)
{
    memcpy(&finding, template[0].pValue, sizeof finding);
    found = 0;
    return CKR_OK;
}

static CK_RV f_FindObjects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *out, CK_ULONG max, CK_ULONG *n)
{
    if (fault("find-too-many")) {
        *n = max + 1000;
        return CKR_OK;
    }
    if (fault("find-endless")) {
        *out = CERT;
        *n = 1;
        return CKR_OK;
    }
    bool visible = finding == CKO_CERTIFICATE || (finding == CKO_PRIVATE_KEY && may_use_key());
    *n = visible && found++ == 0;
    if (*n) {
        *out = finding == CKO_CERTIFICATE ? CERT : KEY;
    }
    return CKR_OK;
}

static CK_RV f_FindObjectsFinal(CK_SESSION_HANDLE session)
{
    return CKR_OK;
}

static CK_RV give(CK_ATTRIBUTE *attr, const void *value, CK_ULONG len)
{
    if (attr->pValue && fault("attr-grows")) {
        attr->ulValueLen = len + 100000;
        return CKR_OK;
    }
    if (attr->pValue) {
        memcpy(attr->pValue, value, len);
    }
    attr->ulValueLen = fault("attr-huge") ? 1UL << 40 : len;
    return CKR_OK;
}

static CK_RV f_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attr, CK_ULONG n)
{
    static const CK_KEY_TYPE ec = CKK_EC;
    CK_BBOOL always = fault("always-authenticate");
    switch (attr->type) {
    case CKA_VALUE:
        return fault("cert-garbage") ? give(attr, "\x30\x82\xff\xffgarbage", 11)
                                     : give(attr, cert_der, (CK_ULONG)cert_len);
    case CKA_ID:
        return give(attr, "\x01", 1);
    case CKA_LABEL:
        return give(attr, "\x1b[31mlabel", 10);
    case CKA_KEY_TYPE:
        return give(attr, &ec, sizeof ec);
    case CKA_ALWAYS_AUTHENTICATE:
        return give(attr, &always, sizeof always);
    default:
        attr->ulValueLen = CK_UNAVAILABLE_INFORMATION;
        return CKR_ATTRIBUTE_TYPE_INVALID;
    }
}

static CK_RV f_SignInit(CK_SESSION_HANDLE session, CK_MECHANISM *m, CK_OBJECT_HANDLE key)
{
    if (signing) {
        return CKR_OPERATION_ACTIVE;
    }
    signing = true;
    context_ok = false;
    mechanism = m->mechanism;
    return may_use_key() ? CKR_OK : CKR_USER_NOT_LOGGED_IN;
}

/* r||s, or the SEQUENCE under fault sign-der. */
static CK_ULONG make_signature(const unsigned char *data, CK_ULONG len, unsigned char *out)
{
    unsigned char digest[32], der[80];
    size_t der_len = sizeof der;
    if (mechanism == CKM_ECDSA_SHA256) {
        EVP_Digest(data, len, digest, NULL, EVP_sha256(), NULL);
        data = digest;
        len = sizeof digest;
    }
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    EVP_PKEY_sign_init(ctx);
    EVP_PKEY_sign(ctx, der, &der_len, data, len);
    EVP_PKEY_CTX_free(ctx);
    if (fault("sign-der")) {
        memcpy(out, der, der_len);
        return der_len;
    }
    const unsigned char *at = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32);
    ECDSA_SIG_free(sig);
    return 64;
}

static CK_RV f_Sign(CK_SESSION_HANDLE session, unsigned char *data, CK_ULONG len, unsigned char *out, CK_ULONG *out_len)
{
    faulty.signs++;
    if (fault("always-authenticate") && !context_ok) {
        return CKR_USER_NOT_LOGGED_IN;
    }
    if (fault("sign-removed")) {
        return CKR_DEVICE_REMOVED;  /* and `signing` stays: the operation is stuck */
    }
    signing = false;
    *out_len = fault("sign-long")    ? 1000000
               : fault("sign-short") ? 10
               : fault("sign-empty") ? 0
                                     : make_signature(data, len, out);
    if (fault("sign-garbage")) {
        memset(out, 0x5a, 64);
    }
    return CKR_OK;
}

static CK_FUNCTION_LIST list = {
    .version = { 2, 40 },
    .C_Initialize = f_Initialize,
    .C_Finalize = f_Finalize,
    .C_GetInfo = f_GetInfo,
    .C_GetSlotList = f_GetSlotList,
    .C_GetSlotInfo = f_GetSlotInfo,
    .C_GetTokenInfo = f_GetTokenInfo,
    .C_GetMechanismList = f_GetMechanismList,
    .C_OpenSession = f_OpenSession,
    .C_CloseSession = f_CloseSession,
    .C_CloseAllSessions = f_CloseAllSessions,
    .C_GetSessionInfo = f_GetSessionInfo,
    .C_Login = f_Login,
    .C_Logout = f_Logout,
    .C_FindObjectsInit = f_FindObjectsInit,
    .C_FindObjects = f_FindObjects,
    .C_FindObjectsFinal = f_FindObjectsFinal,
    .C_GetAttributeValue = f_GetAttributeValue,
    .C_SignInit = f_SignInit,
    .C_Sign = f_Sign,
};

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(CK_FUNCTION_LIST **out)
{
    list.C_Sign = fault("null-function") ? NULL : f_Sign;
    list.version.major = fault("old-version") ? 1 : 2;
    *out = fault("no-list") ? NULL : &list;
    return fault("list-fails") ? CKR_GENERAL_ERROR : CKR_OK;
}

__attribute__((visibility("default"))) struct faulty_state *faulty_state(void)
{
    return &faulty;
}
