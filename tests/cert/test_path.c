/* Chains of three with one defect each, judged by us and by OpenSSL's own X509_verify_cert. */
#include "pki.h"

#define ROOT "Test root"
#define SUB  "Test issuing CA"
#define LEAF "Signer"
#define AKI  "\nauthorityKeyIdentifier=keyid"
#define POLICY "DER:3006300406022A03" /* 1.2.3 */

enum judge { JUDGE_SAME, JUDGE_LAXER }; /* OpenSSL against us; where not the same, the row says why */

struct chain_case {
    const char *label;
    struct cert_spec root, sub, leaf; /* what differs from the usual chain */
    enum path_status status;
    const char *culprit, *clause;
    enum judge judge;
    bool not_for_documents;
};

static const struct chain_case chains[] = {
    { .label = "good", .status = PATH_OK },
    { .label = "good, RSA 3072",
      .leaf = { .key = "rsa3072" },
      .sub = { .key = "rsa2048" },
      .root = { .key = "rsa2048r" },
      .status = PATH_OK },
    { .label = "good, RSA-PSS", .sub = { .key = "pss" }, .status = PATH_OK },
    { .label = "good, Ed25519", .sub = { .key = "ed" }, .status = PATH_OK },
    { .label = "leaf expired",
      .leaf = { .from = -30, .to = -1 },
      .status = PATH_EXPIRED,
      .culprit = LEAF,
      .clause = "RFC 5280 4.1.2.5" },
    { .label = "leaf not yet", .leaf = { .from = 1, .to = 30 }, .status = PATH_NOT_YET, .culprit = LEAF },
    { .label = "issuer expired", .sub = { .from = -30, .to = -1 }, .status = PATH_CA_EXPIRED, .culprit = SUB },
    { .label = "issuer not yet", .sub = { .from = 1, .to = 30 }, .status = PATH_CA_EXPIRED, .culprit = SUB },
    { .label = "anchor expired", .root = { .from = -30, .to = -1 }, .status = PATH_CA_EXPIRED, .culprit = ROOT },
    { .label = "leaf and issuer expired",
      .sub = { .from = -30, .to = -1 },
      .leaf = { .from = -30, .to = -1 },
      .status = PATH_CA_EXPIRED,
      .culprit = SUB },
    { .label = "issuer without the CA bit",
      .sub = { .exts = LEAF_EXTS "\nsubjectKeyIdentifier=hash" },
      .status = PATH_INVALID,
      .culprit = SUB,
      .clause = "RFC 5280 4.2.1.9" },
    { .label = "issuer with no basicConstraints",
      .sub = { .exts = "keyUsage=critical,keyCertSign,cRLSign" },
      .status = PATH_INVALID,
      .culprit = SUB,
      .clause = "RFC 5280 4.2.1.9" },
    { .label = "issuer of version 1", .sub = { .v1 = true, .exts = "" }, .status = PATH_INVALID, .culprit = SUB },
    { .label = "anchor of version 1", .root = { .v1 = true, .exts = "" }, .status = PATH_OK },
    { .label = "anchor that is no CA", .root = { .exts = LEAF_EXTS }, .status = PATH_INVALID, .culprit = ROOT },
    { .label = "issuer without keyCertSign",
      .sub = { .exts = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\nsubjectKeyIdentifier=hash" },
      .status = PATH_INVALID,
      .culprit = SUB,
      .clause = "RFC 5280 4.2.1.3" },
    { .label = "pathlen kept",
      .sub = { .exts = "basicConstraints=critical,CA:TRUE,pathlen:0" },
      .root = { .exts = "basicConstraints=critical,CA:TRUE,pathlen:1" },
      .status = PATH_OK },
    { .label = "pathlen exceeded",
      .root = { .exts = "basicConstraints=critical,CA:TRUE,pathlen:0" },
      .status = PATH_INVALID,
      .culprit = ROOT,
      .clause = "RFC 5280 4.2.1.9" },
    { .label = "names permitted",
      .sub = { .exts = CA_EXTS "\nnameConstraints=critical,permitted;email:.vn" },
      .leaf = { .exts = LEAF_EXTS "\nsubjectAltName=email:a@x.gov.vn" },
      .status = PATH_OK },
    { .label = "names not permitted",
      .sub = { .exts = CA_EXTS "\nnameConstraints=critical,permitted;email:.vn" },
      .leaf = { .exts = LEAF_EXTS "\nsubjectAltName=email:a@x.com" },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .clause = "RFC 5280 4.2.1.10" },
    { .label = "names excluded by the anchor",
      .root = { .exts = CA_EXTS "\nnameConstraints=critical,excluded;email:x.com" },
      .leaf = { .exts = LEAF_EXTS "\nsubjectAltName=email:a@x.com" },
      .status = PATH_INVALID,
      .culprit = LEAF },
    { .label = "unknown critical extension, leaf",
      .leaf = { .exts = LEAF_EXTS "\n1.2.3.4=critical,DER:0500" },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .clause = "RFC 5280 4.2" },
    { .label = "unknown critical extension, issuer",
      .sub = { .exts = CA_EXTS "\n1.2.3.4=critical,DER:0500" },
      .status = PATH_INVALID,
      .culprit = SUB },
    { .label = "unknown extension", .leaf = { .exts = LEAF_EXTS "\n1.2.3.4=DER:0500" }, .status = PATH_OK },
    { .label = "malformed basicConstraints",
      .sub = { .exts = "2.5.29.19=critical,DER:0500" },
      .status = PATH_INVALID,
      .culprit = SUB },
    { .label = "extension twice",
      .leaf = { .exts = LEAF_EXTS "\nkeyUsage=digitalSignature" },
      .status = PATH_INVALID,
      .culprit = LEAF },
    { .label = "policies twice",
      .leaf = { .exts = LEAF_EXTS "\ncertificatePolicies=" POLICY "\ncertificatePolicies=" POLICY },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .clause = "RFC 5280 4.2" },
    { .label = "unknown extension twice",
      .leaf = { .exts = LEAF_EXTS "\n1.2.3.4=DER:0500\n1.2.3.4=DER:0500" },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .judge = JUDGE_LAXER /* it looks at those alone that it knows */ },
    { .label = "malformed policies, leaf",
      .leaf = { .exts = LEAF_EXTS "\n2.5.29.32=critical,DER:0500" },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .clause = "RFC 5280 4.2" },
    { .label = "malformed policies, issuer",
      .sub = { .exts = CA_EXTS "\n2.5.29.32=DER:0500" },
      .status = PATH_INVALID,
      .culprit = SUB },
    { .label = "malformed inhibitAnyPolicy",
      .sub = { .exts = CA_EXTS "\n2.5.29.54=critical,DER:0500" },
      .status = PATH_INVALID,
      .culprit = SUB,
      .judge = JUDGE_LAXER /* not without policies */ },
    { .label = "malformed issuerAltName",
      .leaf = { .exts = LEAF_EXTS "\n2.5.29.18=critical,DER:0500" },
      .status = PATH_INVALID,
      .culprit = LEAF },
    { .label = "basicConstraints with something behind it",
      .sub = { .exts = "keyUsage=critical,keyCertSign\n2.5.29.19=critical,DER:30030101FF0500" },
      .status = PATH_INVALID,
      .culprit = SUB,
      .judge = JUDGE_LAXER },
    { .label = "anyPolicy mapped",
      .sub = { .exts = CA_EXTS "\ncertificatePolicies=" POLICY
                               "\npolicyMappings=critical,DER:300C300A0604551D200006022A03" },
      .status = PATH_INVALID,
      .culprit = SUB },
    { .label = "extensions in version 1, leaf",
      .leaf = { .v1 = true },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .clause = "RFC 5280 4.1.2.9",
      .judge = JUDGE_LAXER /* without X509_V_FLAG_X509_STRICT */ },
    { .label = "extensions in version 1, issuer",
      .sub = { .v1 = true },
      .status = PATH_INVALID,
      .culprit = SUB,
      .judge = JUDGE_LAXER },
    { .label = "directory names excluded",
      .sub = { .exts = CA_EXTS "\n2.5.29.30=critical,DER:3015A1133011A40F300D310B300906035504061302564E" },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .clause = "RFC 5280 4.2.1.10" },
    { .label = "keyUsage without a bit",
      .leaf = { .exts = "2.5.29.15=critical,DER:030100" },
      .status = PATH_INVALID,
      .culprit = LEAF },
    { .label = "explicit policy, kept",
      .sub = { .exts = CA_EXTS "\npolicyConstraints=critical,requireExplicitPolicy:0\n"
                               "certificatePolicies=DER:300C300A06086085400101010101" },
      .leaf = { .exts = LEAF_EXTS "\ncertificatePolicies=DER:300C300A06086085400101010101" },
      .status = PATH_OK },
    { .label = "explicit policy, broken",
      .sub = { .exts = CA_EXTS "\npolicyConstraints=critical,requireExplicitPolicy:0\n"
                               "certificatePolicies=DER:300C300A06086085400101010101" },
      .status = PATH_INVALID,
      .culprit = SUB,
      .clause = "RFC 5280 4.2.1.11" },
    { .label = "leaf signed with SHA-1",
      .leaf = { .md = "sha1" },
      .status = PATH_WEAK,
      .culprit = LEAF,
      .judge = JUDGE_LAXER /* our X509_verify_cert runs at security level 0 */ },
    { .label = "issuer signed with SHA-1",
      .sub = { .md = "sha1" },
      .status = PATH_WEAK,
      .culprit = SUB,
      .judge = JUDGE_LAXER },
    { .label = "anchor signed with SHA-1", .root = { .md = "sha1" }, .status = PATH_OK },
    { .label = "leaf of RSA 1024",
      .leaf = { .key = "rsa1024" },
      .status = PATH_WEAK,
      .culprit = LEAF,
      .judge = JUDGE_LAXER },
    { .label = "anchor of RSA 1024",
      .root = { .key = "rsa1024" },
      .status = PATH_WEAK,
      .culprit = ROOT,
      .judge = JUDGE_LAXER },
    { .label = "leaf of P-192", .leaf = { .key = "p192" }, .status = PATH_WEAK, .culprit = LEAF, .judge = JUDGE_LAXER },
    { .label = "leaf with explicit EC parameters",
      .leaf = { .key = "explicit" },
      .status = PATH_WEAK,
      .culprit = LEAF },
    { .label = "issuer with explicit EC parameters",
      .sub = { .key = "explicit" },
      .status = PATH_INVALID,
      .culprit = LEAF },
    { .label = "weak and expired",
      .leaf = { .md = "sha1", .from = -30, .to = -1 },
      .status = PATH_WEAK,
      .culprit = LEAF },
    { .label = "expired and without the CA bit",
      .sub = { .exts = LEAF_EXTS },
      .leaf = { .from = -30, .to = -1 },
      .status = PATH_INVALID,
      .culprit = SUB },
    { .label = "leaf's signature broken",
      .leaf = { .corrupt = true },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .clause = "RFC 5280 6.1.3 (a)(1)" },
    { .label = "leaf signed by another key", .leaf = { .signer = "other" }, .status = PATH_INVALID, .culprit = LEAF },
    { .label = "issuer of another key identifier",
      .leaf = { .signer = "other", .exts = LEAF_EXTS AKI },
      .status = PATH_NO_CHAIN,
      .culprit = LEAF },
    { .label = "issuer nowhere", .leaf = { .issuer = "Nobody" }, .status = PATH_NO_CHAIN, .culprit = LEAF },
    { .label = "self-signed leaf", .leaf = { .issuer = LEAF }, .status = PATH_NO_CHAIN, .culprit = LEAF },
    { .label = "names differ in case and spaces",
      .leaf = { .issuer = "test  ISSUING ca", .signer = SUB },
      .status = PATH_OK },
    { .label = "issuer's name in another string type", .sub = { .string_kind = B_ASN1_BMPSTRING }, .status = PATH_OK },
    { .label = "leaf not for signatures",
      .leaf = { .exts = "keyUsage=critical,keyEncipherment" },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .clause = "RFC 5280 4.2.1.3",
      .judge = JUDGE_LAXER /* it is not asked for a purpose */ },
    { .label = "the same, not asked",
      .leaf = { .exts = "keyUsage=critical,keyEncipherment" },
      .status = PATH_OK,
      .not_for_documents = true },
    { .label = "leaf without keyUsage", .leaf = { .exts = "basicConstraints=CA:FALSE" }, .status = PATH_OK },
    { .label = "leaf of a VGCA token",
      .leaf = { .exts = "keyUsage=critical,digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment\n"
                        "extendedKeyUsage=clientAuth,emailProtection,msSmartcardLogin" },
      .status = PATH_OK },
    { .label = "leaf for time stamps",
      .leaf = { .exts = LEAF_EXTS "\nextendedKeyUsage=critical,timeStamping" },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .clause = "RFC 5280 4.2.1.12",
      .judge = JUDGE_LAXER },
    { .label = "leaf for OCSP",
      .leaf = { .exts = LEAF_EXTS "\nextendedKeyUsage=OCSPSigning,timeStamping" },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .judge = JUDGE_LAXER },
    { .label = "leaf for servers and clients",
      .leaf = { .exts = LEAF_EXTS "\nextendedKeyUsage=serverAuth,clientAuth" },
      .status = PATH_OK },
    { .label = "leaf for a purpose of the CA's own",
      .leaf = { .exts = LEAF_EXTS "\nextendedKeyUsage=serverAuth,1.2.3.4" },
      .status = PATH_OK },
    { .label = "the same, critical",
      .leaf = { .exts = LEAF_EXTS "\nextendedKeyUsage=critical,serverAuth,1.2.3.4" },
      .status = PATH_INVALID,
      .culprit = LEAF,
      .judge = JUDGE_LAXER },
    { .label = "critical document signing",
      .leaf = { .exts = LEAF_EXTS "\nextendedKeyUsage=critical,1.3.6.1.5.5.7.3.36" },
      .status = PATH_OK },
};

static struct cert_spec with(struct cert_spec base, const struct cert_spec *change)
{
    const struct cert_spec *c = change;
    base.issuer = c->issuer != NULL ? c->issuer : base.issuer;
    base.key = c->key != NULL ? c->key : base.key;
    base.signer = c->signer != NULL ? c->signer : base.signer;
    base.md = c->md != NULL ? c->md : base.md;
    base.exts = c->exts != NULL ? (c->exts[0] != '\0' ? c->exts : NULL) : base.exts;
    base.from = c->from;
    base.to = c->to;
    base.v1 = c->v1;
    base.corrupt = c->corrupt;
    base.string_kind = c->string_kind;
    return base;
}

static X509 *x509_of(sign_bytes der)
{
    const uint8_t *at = der.ptr;
    return d2i_X509(NULL, &at, (long)der.len);
}

/* OpenSSL's opinion of the same chain: an independent judge. */
static bool openssl_accepts(sign_bytes root, sign_bytes sub, sign_bytes leaf)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *extra = sk_X509_new_null();
    X509 *r = x509_of(root), *s = x509_of(sub), *l = x509_of(leaf);
    X509_STORE_add_cert(store, r);
    sk_X509_push(extra, s);
    X509_STORE_CTX_init(ctx, store, l, extra);
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_time(param, (time_t)NOW);
    X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_POLICY_CHECK);
    X509_VERIFY_PARAM_add0_policy(param, OBJ_nid2obj(NID_any_policy));
    bool ok = X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    sk_X509_free(extra);
    X509_free(r);
    X509_free(s);
    X509_free(l);
    X509_STORE_free(store);
    return ok;
}

static void check_chain(const struct chain_case *row)
{
    struct cert_spec root = with((struct cert_spec){ .subject = ROOT, .exts = CA_EXTS }, &row->root);
    struct cert_spec sub = with((struct cert_spec){ .subject = SUB, .issuer = ROOT, .exts = CA_EXTS }, &row->sub);
    struct cert_spec leaf = with((struct cert_spec){ .subject = LEAF, .issuer = SUB, .exts = LEAF_EXTS }, &row->leaf);
    sub.signer = sub.signer != NULL ? sub.signer : root.key;
    leaf.signer = leaf.signer != NULL ? leaf.signer : leaf.issuer == root.subject ? root.key : sub.key;
    if (strcmp(leaf.issuer, LEAF) == 0) {
        leaf.signer = LEAF;
    }
    sign_bytes root_der = cert_make(&root), sub_der = cert_make(&sub), leaf_der = cert_make(&leaf);
    struct room room;
    room_open(&room);
    room_anchor(&room, root_der);
    sign_cert *leaf_cert = room_cert(&room, leaf_der), *sub_cert = room_cert(&room, sub_der);
    const sign_cert *extra[] = { leaf_cert, sub_cert };
    struct path_request request = {
        leaf_cert, extra, 2, room.trust, NOW, SIGN_REVOCATION_OFF, !row->not_for_documents
    };
    struct path path;
    for (int round = 0; round < 2; round++) { /* the second time with links remembered: the same outcome */
        assert_int_equal(path_build(&path, &request, room.crypto, NULL, NULL), SIGN_OK);
        const char *culprit = path.culprit != NULL ? sign_cert_common_name(path.culprit) : NULL;
        if (path.status != row->status ||
            (row->culprit != NULL && (culprit == NULL || strcmp(culprit, row->culprit) != 0)) ||
            (row->clause != NULL && strcmp(path.clause, row->clause) != 0)) {
            fail_msg("%s: status %d, culprit %s, %s: %s", row->label, path.status, culprit, path.clause, path.detail);
        }
        assert_int_equal(path.revocation, REVOCATION_NOT_CHECKED);
        assert_true(cert_equal(path.chain[0], leaf_cert));
        if (row->status == PATH_OK) {
            assert_int_equal(path.n, 3);
            assert_null(path.culprit);
            assert_string_equal(path.detail, "");
        } else {
            assert_non_null(strstr(path.detail, row->culprit));
        }
        path_drop(&path);
    }
    bool theirs = openssl_accepts(root_der, sub_der, leaf_der), ours = row->status == PATH_OK;
    bool expected = row->judge == JUDGE_LAXER || ours;
    if (theirs != expected) {
        fail_msg("%s: OpenSSL says %s", row->label, theirs ? "good" : "bad");
    }
    cert_free(&leaf_cert);
    cert_free(&sub_cert);
    room_close(&room);
}

static void defects(void **state)
{
    for (size_t i = 0; i < COUNT(chains); i++) {
        check_chain(&chains[i]);
    }
    print_message("# %zu chains\n", COUNT(chains));
}

static int done(void **state)
{
    pki_done();
    return 0;
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = { cmocka_unit_test(defects) };
    return cmocka_run_group_tests(tests, NULL, done);
}
