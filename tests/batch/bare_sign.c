/*
 * What a token can do at most: C_Sign alone, in a loop, with the key labelled `signer`. Arguments: MODULE PIN-FILE TIMES. Prints the
 * seconds.
 */
#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static void must(CK_RV rv, const char *what)
{
    if (rv != CKR_OK) {
        fprintf(stderr, "%s: 0x%lx\n", what, rv);
        exit(1);
    }
}

static CK_FUNCTION_LIST *load(const char *path)
{
    CK_FUNCTION_LIST *p11 = NULL;
    void *module = dlopen(path, RTLD_NOW);
    CK_RV (*get)(CK_FUNCTION_LIST **) = NULL;
    if (module) {
        *(void **)&get = dlsym(module, "C_GetFunctionList");
    }
    if (!get || get(&p11) != CKR_OK) {
        fprintf(stderr, "%s: no module\n", path);
        exit(1);
    }
    must(p11->C_Initialize(NULL), "C_Initialize");
    return p11;
}

static CK_SESSION_HANDLE login(CK_FUNCTION_LIST *p11, const char *pin_file)
{
    CK_SLOT_ID slots[16];
    CK_ULONG n = 16;
    CK_SESSION_HANDLE session = 0;
    char pin[256] = "";
    FILE *from = fopen(pin_file, "re");
    if (!from || !fgets(pin, sizeof pin, from)) {
        fprintf(stderr, "%s: no PIN\n", pin_file);
        exit(1);
    }
    fclose(from);
    must(p11->C_GetSlotList(CK_TRUE, slots, &n), "C_GetSlotList");
    must(p11->C_OpenSession(slots[0], CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
    must(p11->C_Login(session, CKU_USER, (unsigned char *)pin, strcspn(pin, "\n")), "C_Login");
    return session;
}

static CK_OBJECT_HANDLE find(CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session)
{
    CK_OBJECT_CLASS kind = CKO_PRIVATE_KEY;
    char label[] = "signer";
    CK_ATTRIBUTE wanted[] = { { CKA_CLASS, &kind, sizeof kind }, { CKA_LABEL, label, sizeof label - 1 } };
    CK_OBJECT_HANDLE key = 0;
    CK_ULONG n = 0;
    must(p11->C_FindObjectsInit(session, wanted, 2), "C_FindObjectsInit");
    must(p11->C_FindObjects(session, &key, 1, &n), "C_FindObjects");
    must(p11->C_FindObjectsFinal(session), "C_FindObjectsFinal");
    must(n == 1 ? CKR_OK : CKR_KEY_HANDLE_INVALID, "signer");
    return key;
}

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: bare_sign MODULE PIN-FILE TIMES\n");
        return 2;
    }
    CK_FUNCTION_LIST *p11 = load(argv[1]);
    CK_SESSION_HANDLE session = login(p11, argv[2]);
    CK_OBJECT_HANDLE key = find(p11, session);
    CK_MECHANISM mechanism = { CKM_RSA_PKCS, NULL, 0 };
    unsigned char info[51] = { 0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20 };
    struct timespec from, to;
    clock_gettime(CLOCK_MONOTONIC, &from);
    for (int i = 0; i < atoi(argv[3]); i++) {
        unsigned char out[1024];
        CK_ULONG len = sizeof out;
        info[20] = (unsigned char)i;
        must(p11->C_SignInit(session, &mechanism, key), "C_SignInit");
        must(p11->C_Sign(session, info, sizeof info, out, &len), "C_Sign");
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    printf("%.6f\n", (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9);
    return 0;
}
