/*
 * One canonical form of one node set (the document, or an element), made while events go by, and the digests taken of
 * it. Leaving a subtree out does not change the canonical bytes of what stays, so signatures that differ only in which
 * Signature element they leave out share one canonicalizer: each tap pauses while its own element goes by.
 */
#ifndef XML_STREAM_H
#define XML_STREAM_H

#include <crypto/crypto.h>
#include <xml/c14n.h>
#include <xml/scope.h>

#define NO_SIGNATURE   SIZE_MAX
#define ALL_SIGNATURES (SIZE_MAX - 1)

enum tap_state { TAP_WAITING = 0, TAP_RUNNING, TAP_PAUSED, TAP_DONE, TAP_NO_DIGEST };
struct tap {
    struct tap *next;
    size_t omit;                        /* number of the Signature left out; NO_, ALL_SIGNATURES */
    size_t paused;                      /* Signatures that are open and left out */
    const struct digest_alg *digest;
    enum tap_state state;
    struct digest_run run;
    uint8_t value[DIGEST_MAX];          /* DONE */
    bool is_empty;                      /* the element is inside of what is left out: nothing is digested */
    bool not_base64;
};
struct stream {
    struct stream *next;                /* of the same target */
    struct c14n_spec spec;              /* C14N_NONE: base64 decoding, with nothing left out */
    struct tap *taps; size_t n_taps;
    const struct crypto *crypto;
    struct c14n *c14n;
    struct build text;                  /* base64: digits of a group that is not full yet */
    bool text_ended, not_base64;        /* base64: padding was seen; what came is none */
    size_t depth;                       /* of the element; 0: the document */
    size_t forks;                       /* a guess: how many Signatures more get a tap that leaves them out */
};

bool spec_equal(const struct c14n_spec *a, const struct c14n_spec *b);
/* Takes the stream to where its element begins: what it inherits, and which signatures are open around it. */
int stream_start(struct stream *s, const struct crypto *crypto, size_t depth, const struct scope *scope, const size_t *open,
                 size_t n_open, sign_err *err);
int stream_event(struct stream *s, const struct xml_event *event, sign_err *err);
/*
 * The Signature with this number begins or ends with the event that comes next, or that came last. Forks go into the
 * arena.
 */
int stream_signature_starts(struct stream *s, struct arena *arena, size_t number, size_t depth, sign_err *err);
int stream_signature_ends(struct stream *s, size_t number, sign_err *err);
int stream_end(struct stream *s, sign_err *err);        /* digests are in the taps; the rest is freed */
void stream_drop(struct stream *s);

#endif
