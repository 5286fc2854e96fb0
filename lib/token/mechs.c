/* Mechanisms: one table of how each scheme is asked for, bare (we hash) or with a digest inside (the token does). */
#include <token/session.h>

#include <base/cleanup.h>
#include <base/err.h>

#define MECHANISMS_MAX 4096     /* the longest list seen has 170 */

/* PKCS#11 v3.0 values that p11-kit's header does not have. */
#define SHA3(n) (0x2b0UL + (n))
#define NONE CK_UNAVAILABLE_INFORMATION

static const struct digest_row {
    int32_t id;
    CK_MECHANISM_TYPE hash, mgf, rsa, pss, ecdsa;
} digests[] = {
    { SIGN_DIGEST_SHA256, CKM_SHA256, CKG_MGF1_SHA256, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, CKM_ECDSA_SHA256 },
    { SIGN_DIGEST_SHA384, CKM_SHA384, CKG_MGF1_SHA384, CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS, CKM_ECDSA_SHA384 },
    { SIGN_DIGEST_SHA512, CKM_SHA512, CKG_MGF1_SHA512, CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS, CKM_ECDSA_SHA512 },
    { SIGN_DIGEST_SHA224, CKM_SHA224, CKG_MGF1_SHA224, CKM_SHA224_RSA_PKCS, CKM_SHA224_RSA_PKCS_PSS, CKM_ECDSA_SHA224 },
    { SIGN_DIGEST_SHA512_224, CKM_SHA512_224, NONE, NONE, NONE, NONE },
    { SIGN_DIGEST_SHA512_256, CKM_SHA512_256, NONE, NONE, NONE, NONE },
    { SIGN_DIGEST_SHA3_224, SHA3(0x5), 6, 0x66, 0x67, 0x1047 },
    { SIGN_DIGEST_SHA3_256, SHA3(0x0), 7, 0x60, 0x63, 0x1048 },
    { SIGN_DIGEST_SHA3_384, SHA3(0x10), 8, 0x61, 0x64, 0x1049 },
    { SIGN_DIGEST_SHA3_512, SHA3(0x20), 9, 0x62, 0x65, 0x104a },
};

static const struct digest_row *row_of(int32_t digest)
{
    for (size_t i = 0; i < COUNT(digests); i++) {
        if (digests[i].id == digest) {
            return &digests[i];
        }
    }
    return NULL;
}

static bool can(const struct mechanisms *has, CK_MECHANISM_TYPE type)
{
    for (size_t i = 0; type != NONE && i < has->n; i++) {
        if (has->list[i] == type) {
            return true;
        }
    }
    return false;
}

int mechanisms_read(struct mechanisms *out, struct token *token, struct arena *arena, sign_err *err)
{
    CK_ULONG n = 0, room;
    CK_RV rv;
    C_CALL(rv, &token->env, token->module, C_GetMechanismList, token->view->slot, NULL, &n);
    if (rv != CKR_OK || n > MECHANISMS_MAX) {
        return rv != CKR_OK ? call_error(rv, "list mechanisms", err)
            : err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, NULL, "the token lists %lu mechanisms", n);
    }
    out->list = arena_array(arena, n + 1, sizeof *out->list);
    if (!out->list) {
        return err_nomem(err);
    }
    room = n;
    C_CALL(rv, &token->env, token->module, C_GetMechanismList, token->view->slot, out->list, &n);
    if (rv == CKR_OK && n > room) {
        rv = CKR_BUFFER_TOO_SMALL;
    }
    out->n = rv == CKR_OK ? n : 0;
    return rv == CKR_OK ? SIGN_OK : call_error(rv, "list mechanisms", err);
}

/*
 * Bare first: the digest goes to the token instead of the document. (DSA and EdDSA are not asked of tokens.)
 */
int mechanism_choose(struct mechanism *out, const struct mechanisms *has, const sign_request *request, sign_err *err)
{
    const struct digest_row *digest = row_of(request->digest_alg), *mgf = row_of(request->mgf_alg);
    CK_MECHANISM_TYPE bare = NONE, whole = NONE;
    *out = (struct mechanism){ 0 };
    switch (request->scheme) {
    case SIGN_SCHEME_RSA_PKCS1:
        bare = CKM_RSA_PKCS;
        whole = digest ? digest->rsa : NONE;
        break;
    case SIGN_SCHEME_RSA_PSS:
        if (digest && mgf && mgf->mgf != NONE) {
            bare = CKM_RSA_PKCS_PSS;
            whole = digest->pss;
            out->pss = (CK_RSA_PKCS_PSS_PARAMS){ digest->hash, mgf->mgf, request->salt_len };
            out->ck.pParameter = &out->pss;
            out->ck.ulParameterLen = sizeof out->pss;
        }
        break;
    case SIGN_SCHEME_ECDSA:
        bare = CKM_ECDSA;
        whole = digest ? digest->ecdsa : NONE;
        break;
    default:
        break;
    }
    out->hashes = !can(has, bare) && request->tbs.len > 0;
    out->ck.mechanism = out->hashes ? whole : bare;
    if (!can(has, out->ck.mechanism)) {
        const struct digest_alg *alg = digest_by_id(request->digest_alg);
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "the token has no mechanism for %s with %s",
                       scheme_name(request->scheme), alg ? alg->name : "that digest");
    }
    return SIGN_OK;
}
