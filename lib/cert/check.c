/* RFC 5280 6.1 over one chain whose signatures are good. Each check is a function; the worst finding stays. */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/text.h>
#include <cert/finding.h>
#include <cert/strength.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

struct check {
    const sign_cert *const *chain;
    size_t n;
    const struct path_request *request;
    struct finding *out;
};

void detail_set(char out[PATH_DETAIL], const char *what, const sign_cert *about)
{
    const char *name = about == NULL ? "" : about->common_name[0] != '\0' ? about->common_name : about->subject_text;
    int len = snprintf(out, PATH_DETAIL, "%s%s%s", what, about != NULL ? ": " : "", name);
    size_t at = 0, good = 0;
    uint32_t code_point = 0;
    if (len >= PATH_DETAIL) {
        sign_bytes cut = bytes_str(out);
        while (utf8_next(cut, &at, &code_point)) {
            good = at;
        }
        out[good] = '\0';
    }
}

/* How bad a status is on one path; see path.h. */
static int severity(enum path_status status)
{
    static const int by_status[] = {
        [PATH_NONE] = 0,       [PATH_OK] = 0,   [PATH_EXPIRED] = 1, [PATH_NOT_YET] = 1,
        [PATH_CA_EXPIRED] = 2, [PATH_WEAK] = 3, [PATH_INVALID] = 4, [PATH_NO_CHAIN] = 5,
    };
    return by_status[status];
}

static void found(struct check *check, enum path_status status, const sign_cert *culprit, const char *clause,
                  const char *what)
{
    if (severity(status) > severity(check->out->status)) {
        check->out->status = status;
        check->out->culprit = culprit;
        check->out->clause = clause;
        detail_set(check->out->detail, what, culprit);
    }
}

/* 6.1.3 (a)(2) */
static void check_validity(struct check *check, size_t i)
{
    static const char CLAUSE[] = "RFC 5280 4.1.2.5";
    const sign_cert *cert = check->chain[i];
    if (check->request->at < cert->not_before) {
        found(check, i == 0 ? PATH_NOT_YET : PATH_CA_EXPIRED, cert, CLAUSE, "the certificate is not valid yet");
    } else if (check->request->at > cert->not_after) {
        found(check, i == 0 ? PATH_EXPIRED : PATH_CA_EXPIRED, cert, CLAUSE, "the certificate has expired");
    }
}

static void check_strength(struct check *check, size_t i)
{
    static const char CLAUSE[] = "EN 319 102-1 5.2.8";
    const sign_cert *cert = check->chain[i];
    const X509_ALGOR *algorithm = NULL;
    X509_get0_signature(NULL, &algorithm, cert->x509);
    if (i + 1 < check->n && signature_weak(algorithm)) {
        found(check, PATH_WEAK, cert, CLAUSE, "the certificate is signed with a weak algorithm");
    }
    if (key_weak(cert->key)) {
        found(check, PATH_WEAK, cert, CLAUSE, "the certificate's key is weak, or of no known kind");
    }
}

/* 6.1.4 (o), 6.1.5 (f) */
static void check_extensions(struct check *check, size_t i)
{
    const sign_cert *cert = check->chain[i];
    if (cert->flaw.what != NULL) {
        found(check, PATH_INVALID, cert, cert->flaw.clause, cert->flaw.what);
    }
}

/* An X.509 version 1 root has no basicConstraints to say that it is a CA; that the administrator trusts it says so. */
static bool is_old_root(const struct check *check, size_t i)
{
    const sign_cert *cert = check->chain[i];
    return i + 1 == check->n && X509_get_version(cert->x509) == X509_VERSION_1 && cert_self_issued(cert);
}

/* 6.1.4 (k), (n) */
static void check_issuer(struct check *check, size_t i)
{
    const sign_cert *cert = check->chain[i];
    if (!cert_is_ca(cert) && !is_old_root(check, i)) {
        found(check, PATH_INVALID, cert, "RFC 5280 4.2.1.9", "an issuer is not a CA");
    }
    if ((X509_get_key_usage(cert->x509) & KU_KEY_CERT_SIGN) == 0) {
        found(check, PATH_INVALID, cert, "RFC 5280 4.2.1.3", "an issuer's keyUsage lacks keyCertSign");
    }
}

/* 6.1.4 (l), (m): the issuers below, self-issued ones not counted. */
static void check_length(struct check *check, size_t i)
{
    long allowed = X509_get_pathlen(check->chain[i]->x509), below = 0;
    for (size_t j = 1; j < i; j++) {
        below += !cert_self_issued(check->chain[j]);
    }
    if (allowed >= 0 && below > allowed) {
        found(check, PATH_INVALID, check->chain[i], "RFC 5280 4.2.1.9",
              "more issuers below than its pathLenConstraint allows");
    }
}

static void constraints_drop(NAME_CONSTRAINTS **constraints)
{
    NAME_CONSTRAINTS_free(*constraints);
}

/* 6.1.3 (b), (c) */
static void check_names(struct check *check, size_t i)
{
    static const char CLAUSE[] = "RFC 5280 4.2.1.10";
    X509 *issuer = check->chain[i]->x509;
    int critical = -1;
    CLEANUP(constraints_drop)
    NAME_CONSTRAINTS *constraints = X509_get_ext_d2i(issuer, NID_name_constraints, &critical, NULL);
    if (constraints == NULL) {
        if (critical != -1) {
            found(check, PATH_INVALID, check->chain[i], CLAUSE, "nameConstraints are malformed or there twice");
        }
        return;
    }
    for (size_t j = 0; j < i; j++) {
        /* Self-issued issuers are exempt, a self-issued leaf is not. */
        if ((j == 0 || !cert_self_issued(check->chain[j])) &&
            NAME_CONSTRAINTS_check(check->chain[j]->x509, constraints) != X509_V_OK) {
            found(check, PATH_INVALID, check->chain[j], CLAUSE, "an issuer's nameConstraints do not allow the name");
        }
    }
}

static void stack_drop(STACK_OF(X509) * *stack)
{
    sk_X509_free(*stack);
}

static void oids_drop(STACK_OF(ASN1_OBJECT) * *oids)
{
    sk_ASN1_OBJECT_free(*oids); /* what it holds is static */
}

/*
 * 6.1.2 to 6.1.5, policies, with any-policy as the user's set: they can refuse a path only where some policyConstraints
 * asks for an explicit policy, so OpenSSL's tree is built for such paths alone.
 */
static int check_policies(struct check *check, sign_err *err)
{
    static const char CLAUSE[] = "RFC 5280 4.2.1.11";
    const sign_cert *asking = NULL;
    CLEANUP(stack_drop) STACK_OF(X509) *stack = sk_X509_new_null();
    for (size_t i = 0; i < check->n; i++) {
        if (stack == NULL || sk_X509_push(stack, check->chain[i]->x509) == 0) {
            return err_nomem(err);
        }
        if (i + 1 < check->n && X509_get_ext_by_NID(check->chain[i]->x509, NID_policy_constraints, -1) >= 0) {
            asking = check->chain[i];
        }
    }
    if (asking == NULL) {
        return SIGN_OK;
    }
    /* Said outright: without a set of the user's OpenSSL finds every explicit policy unmet. */
    CLEANUP(oids_drop) STACK_OF(ASN1_OBJECT) *any = sk_ASN1_OBJECT_new_null();
    if (any == NULL || sk_ASN1_OBJECT_push(any, OBJ_nid2obj(NID_any_policy)) == 0) {
        return err_nomem(err);
    }
    X509_POLICY_TREE *tree = NULL;
    int is_explicit = 0;
    int outcome = X509_policy_check(&tree, &is_explicit, stack, any, 0);
    X509_policy_tree_free(tree);
    if (outcome == X509_PCY_TREE_INTERNAL) {
        return err_nomem(err);
    }
    if (outcome != X509_PCY_TREE_VALID) {
        found(check, PATH_INVALID, asking, CLAUSE, "the path has no policy where one is asked for");
    }
    return SIGN_OK;
}

/*
 * extKeyUsage (4.2.1.12) must hold a purpose under which documents are signed. A critical one must hold one of those named
 * here. One that is not critical may hold any that is not plainly another: CAs write purposes of their own for signers,
 * and Circular 15/2025/TT-BKHCN leaves the check to the verifier.
 */
static bool purpose_fits(X509 *leaf)
{
    static const struct {
        const char *oid;
        bool documents;
    } purposes[] = {
        { "2.5.29.37.0", true },             /* anyExtendedKeyUsage              */
        { "1.3.6.1.5.5.7.3.36", true },      /* documentSigning (RFC 9336)       */
        { "1.3.6.1.4.1.311.10.3.12", true }, /* Microsoft document signing       */
        { "1.2.840.113583.1.1.5", true },    /* Adobe authentic documents trust  */
        { "1.3.6.1.5.5.7.3.4", true },       /* emailProtection                  */
        { "1.3.6.1.5.5.7.3.2", true },       /* clientAuth: tokens of agencies   */
        { "1.3.6.1.5.5.7.3.1", false },      /* serverAuth                       */
        { "1.3.6.1.5.5.7.3.3", false },      /* codeSigning                      */
        { "1.3.6.1.5.5.7.3.8", false },      /* timeStamping                     */
        { "1.3.6.1.5.5.7.3.9", false },      /* OCSPSigning                      */
    };
    int critical = -1;
    EXTENDED_KEY_USAGE *usage = X509_get_ext_d2i(leaf, NID_ext_key_usage, &critical, NULL);
    bool fits = critical == -1; /* absent */
    for (int i = 0; i < sk_ASN1_OBJECT_num(usage) && !fits; i++) {
        char oid[64];
        OBJ_obj2txt(oid, sizeof oid, sk_ASN1_OBJECT_value(usage, i), 1);
        size_t p = 0;
        while (p < COUNT(purposes) && strcmp(oid, purposes[p].oid) != 0) {
            p++;
        }
        fits = p < COUNT(purposes) ? purposes[p].documents : critical != 1;
    }
    EXTENDED_KEY_USAGE_free(usage);
    return fits;
}

bool cert_judge_usage(const sign_cert *cert)
{
    ERR_set_mark();
    bool fits = cert_may_sign(cert) && purpose_fits(cert->x509);
    ERR_pop_to_mark();
    return fits;
}

static void check_leaf_usage(struct check *check)
{
    const sign_cert *leaf = check->chain[0];
    if (!check->request->for_signing_documents) {
        return;
    }
    if (!cert_may_sign(leaf)) {
        found(check, PATH_INVALID, leaf, "RFC 5280 4.2.1.3",
              "keyUsage has neither digitalSignature nor nonRepudiation");
    }
    if (!purpose_fits(leaf->x509)) {
        found(check, PATH_INVALID, leaf, "RFC 5280 4.2.1.12", "extKeyUsage is not for documents");
    }
}

int path_check(struct finding *out, const sign_cert *const *chain, size_t n, const struct path_request *request,
               sign_err *err)
{
    struct check check = { chain, n, request, out };
    *out = (struct finding){ .status = PATH_OK };
    ERR_set_mark();
    for (size_t i = n; i-- > 0;) {
        check_extensions(&check, i);
        check_strength(&check, i);
        check_validity(&check, i);
        if (i > 0) {
            check_issuer(&check, i);
            check_length(&check, i);
            check_names(&check, i);
        }
    }
    check_leaf_usage(&check);
    int rc = check_policies(&check, err);
    ERR_pop_to_mark();
    return rc;
}
