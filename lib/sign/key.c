/* The key seam: chains, and the one operation, checked. */
#include <sign/key.h>

#include <base/cleanup.h>
#include <base/err.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>

/* --- the chain ---------------------------------------------------------------------------------------------------- */

/* By name and key identifier (RFC 5280 6.1.3 (a)(4)), then by signature: two authorities may share a name. */
static bool issued(const sign_cert *issuer, const sign_cert *cert)
{
    if (!bytes_equal(cert_subject_der(issuer), cert_issuer_der(cert)) || !cert_key(issuer)) {
        return false;
    }
    ERR_set_mark();
    bool yes = X509_check_issued(cert_x509(issuer), cert_x509(cert)) == X509_V_OK &&
               X509_verify(cert_x509(cert), cert_key(issuer)) == 1;
    ERR_pop_to_mark();
    return yes;
}

static bool in_chain(const sign_key *key, const sign_cert *cert)
{
    for (size_t i = 0; i < key->n; i++) {
        if (cert_equal(key->chain[i], cert)) {
            return true;
        }
    }
    return false;
}

static const sign_cert *next_issuer(const sign_key *key, sign_cert *const *pool, size_t n)
{
    const sign_cert *last = key->chain[key->n - 1];
    for (size_t i = 0; i < n && !cert_self_signed(last); i++) {
        if (!in_chain(key, pool[i]) && issued(pool[i], last)) {
            return pool[i];
        }
    }
    return NULL;
}

/* What a thread wants signed; it lies on that thread's stack until it is answered. */
struct question {
    struct question *next;
    const sign_request *request;
    sign_buf *answer;
    sign_err *err;
    const volatile int32_t *cancel;
    int rc;
    bool taken, answered;               /* by whichever thread asks it */
    pthread_cond_t turn;                /* answered, or first in the queue with room for another that asks */
};

struct key_gate {
    pthread_mutex_t lock;
    struct question *first, **last;
    unsigned asking, width;             /* threads that ask the key, and may at a time       */
    int closed;                         /* the refusal after which nothing is asked any more */
};

int key_new(sign_key **out, sign_ctx *ctx, const sign_cert *leaf, sign_cert *const *pool, size_t n,
            const sign_key_ops *ops, key_share_fn share, void *payload, sign_err *err)
{
    if (!cert_key(leaf)) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL,
                       "the public key of the signer's certificate cannot be read");
    }
    sign_key *key = calloc(1, sizeof *key);
    if (!key) {
        return err_nomem(err);
    }
    key->ctx = ctx;
    memcpy(&key->ops, ops, ops->struct_size < sizeof key->ops ? ops->struct_size : sizeof key->ops);
    key->payload = payload;
    key->share = share;
    key->gate = calloc(1, sizeof *key->gate);
    if (!key->gate) {
        free(key);
        return err_nomem(err);
    }
    pthread_mutex_init(&key->gate->lock, NULL);
    key->gate->last = &key->gate->first;
    key->gate->width = 1;
    while (leaf && key->n < LIMIT_CHAIN) {
        key->chain[key->n++] = cert_ref(leaf);
        leaf = next_issuer(key, pool, n);
    }
    *out = key;
    return SIGN_OK;
}

void key_share(const sign_key *key, unsigned threads)
{
    unsigned width = key->share ? key->share(key->payload, threads) : 1;
    pthread_mutex_lock(&key->gate->lock);
    key->gate->width = width > key->gate->width ? width : key->gate->width;
    pthread_mutex_unlock(&key->gate->lock);
}

const sign_cert *const *key_chain(const sign_key *key, size_t *n)
{
    *n = key->n;
    return (const sign_cert *const *)key->chain;
}

const sign_cert *sign_key_cert(const sign_key *key)
{
    return key ? key->chain[0] : NULL;
}

void sign_key_free(sign_key **key)
{
    if (!key || !*key) {
        return;
    }
    sign_key *k = *key;
    *key = NULL;
    if (k->ops.drop) {
        k->ops.drop(k->payload);
    }
    for (size_t i = 0; i < k->n; i++) {
        cert_free(&k->chain[i]);
    }
    pthread_mutex_destroy(&k->gate->lock);
    free(k->gate);
    free(k);
}

/* --- the operation ------------------------------------------------------------------------------------------------ */

static int check_request(const sign_request *request, EVP_PKEY *pkey, sign_err *err)
{
    const struct digest_alg *alg = digest_by_id(request->digest_alg);
    if (!alg || alg->weak) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "%s: not signed with",
                       alg ? alg->name : "unknown digest");
    }
    if (request->digest.len != alg->size) {
        return err_arg(err, "a digest of %zu bytes is no %s", request->digest.len, alg->name);
    }
    int32_t can = key_scheme(pkey);
    if (request->scheme != can && !(request->scheme == SIGN_SCHEME_RSA_PSS && can == SIGN_SCHEME_RSA_PKCS1)) {
        return err_set(err, SIGN_E_ALGO, SIGN_NO_OFFSET, NULL, "%s: not with this certificate's key",
                       scheme_name(request->scheme));
    }
    return SIGN_OK;
}

/*
 * The answer is checked here, for every kind of key: a token with a fault, or one whose certificate is not the key's,
 * must be found out before the document is written and not by its reader.
 */
static int check_answer(const sign_key *key, const sign_request *request, sign_bytes value, sign_err *err)
{
    EVP_PKEY *pkey = cert_key(key->chain[0]);
    bool ecdsa = request->scheme == SIGN_SCHEME_ECDSA;
    size_t size = ecdsa ? 2 * ecdsa_width(pkey) : sig_max_size(pkey);
    if (value.len != size) {
        return err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL,
                       "the key answered with %zu bytes, not with a signature of %zu", value.len, size);
    }
    struct sig_check check = {
        .params = { request->scheme, request->digest_alg, request->mgf_alg, request->salt_len },
        .tbs = request->tbs, .digest = request->digest, .signature = value, .ecdsa_raw = ecdsa,
    };
    bool good = false;
    int rc = sig_verify(ctx_crypto(key->ctx), pkey, &check, &good, err);
    if (rc == SIGN_OK && !good) {
        rc = err_set(err, SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL,
                     "the key's answer is not a signature of the certificate's key over this document");
    }
    return rc;
}

/* After these the next question would spend another try, or ask a person who said no (decision 10). */
static bool ends_asking(int status)
{
    return status == SIGN_E_PIN_WRONG || status == SIGN_E_PIN_LAST_TRY || status == SIGN_E_PIN_LOCKED ||
           status == SIGN_E_CANCELLED;
}

/* With the gate's lock held, which is let go while the key works. */
static void answer_first(const sign_key *key)
{
    struct key_gate *gate = key->gate;
    struct question *q = gate->first;
    gate->first = q->next;
    gate->last = gate->first ? gate->last : &gate->first;
    q->taken = true;
    if (gate->closed != SIGN_OK) {
        q->rc = err_set(q->err, gate->closed, SIGN_NO_OFFSET, NULL,
                        "the key is not asked again after its first refusal");
    } else if (flag_is_set(q->cancel)) {
        q->rc = err_set(q->err, SIGN_E_CANCELLED, SIGN_NO_OFFSET, NULL, "cancelled before the key was asked");
    } else {
        pthread_mutex_unlock(&gate->lock);
        q->rc = key->ops.sign(key->payload, q->request, q->answer, q->err);
        pthread_mutex_lock(&gate->lock);
        gate->closed = ends_asking(q->rc) ? q->rc : gate->closed;
    }
    q->answered = true;
    pthread_cond_signal(&q->turn);
}

/*
 * Many threads may sign with one key. A device is asked by one at a time, for a session has one operation under way; that
 * one asks for those behind it too: were each woken to ask for itself, the token would wait for the scheduler after
 * every signature. After ASKED_AT_ONCE it goes about its own document, and the next takes over. A key that is no device may
 * be asked by all of them at once (key_share), and then nobody waits here.
 */
#define ASKED_AT_ONCE 16

static void answer_queue(const sign_key *key, const struct question *mine)
{
    struct key_gate *gate = key->gate;
    gate->asking++;
    for (int n = 0; gate->first && (!mine->answered || n < ASKED_AT_ONCE); n++) {
        answer_first(key);
    }
    gate->asking--;
    if (gate->first) {
        pthread_cond_signal(&gate->first->turn);
    }
}

static int ask(const sign_key *key, struct question *mine)
{
    struct key_gate *gate = key->gate;
    pthread_mutex_lock(&gate->lock);
    *gate->last = mine;
    gate->last = &mine->next;
    while (!mine->answered) {
        if (mine->taken || gate->asking >= gate->width) {
            pthread_cond_wait(&mine->turn, &gate->lock);
        } else {
            answer_queue(key, mine);
        }
    }
    pthread_mutex_unlock(&gate->lock);
    pthread_cond_destroy(&mine->turn);
    return mine->rc;
}

int key_sign(const sign_key *key, const sign_request *request, const volatile int32_t *cancel, struct build *out,
             sign_err *err)
{
    CLEANUP(sign_buf_free) sign_buf *answer = NULL;
    int rc = check_request(request, cert_key(key->chain[0]), err);
    if (rc == SIGN_OK && sign_buf_new(&answer) != SIGN_OK) {
        rc = err_nomem(err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    sign_err own = SIGN_ERR_INIT;
    struct question mine = {
        .request = request, .answer = answer, .err = &own, .cancel = cancel, .turn = PTHREAD_COND_INITIALIZER,
    };
    rc = ask(key, &mine);
    if (rc != SIGN_OK) {
        if (err && own.status == rc) {
            own.msg[sizeof own.msg - 1] = '\0';     /* a caller's operation may have filled it */
            *err = own;
            return rc;
        }
        return err_set(err, rc < 0 ? rc : SIGN_E_TOKEN, SIGN_NO_OFFSET, NULL, "the key refused, and did not say why");
    }
    rc = check_answer(key, request, sign_buf_bytes(answer), err);
    if (rc == SIGN_OK) {
        build_bytes(out, sign_buf_bytes(answer));
        rc = build_check(out, err, "signature value");
    }
    return rc;
}
