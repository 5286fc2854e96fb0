/* One signing, from its options to its output: what sign_document hands to the two formats. */
#ifndef SIGN_JOB_H
#define SIGN_JOB_H

#include <cert/path.h>
#include <ctx/doc.h>
#include <io/folders.h>
#include <io/sink.h>
#include <libsign/sign.h>
#include <sign/key.h>

struct sign_job {
    const sign_doc *doc;
    const sign_key *key;
    struct ctx_watch *watch;                /* deadline and cancelling                                        */
    sign_opts opts;                         /* the caller's, newer fields at their defaults where it is older */
    struct sig_params params;
    int64_t when;                           /* the signing time to claim                                      */
    const sign_cert *chain[LIMIT_CHAIN];    /* what is embedded: the signer first, borrowed from key or path  */
    size_t n_chain;
    struct path path;                       /* of the check before signing                                    */
    bool dry;                               /* all checks, no signature: `to` is NULL                         */
};

/* Texts of the options, and what the caller calls them. ARG unless sign_is_text: nothing is signed with a byte of it replaced. */
struct sign_text { const char *text, *name; };
int sign_texts_fit(const struct sign_text *texts, size_t n, sign_err *err);
/* Scheme, digest and PSS parameters from the key and the options. ALGO, UNSUPPORTED. */
int sign_params(struct sig_params *out, const sign_cert *cert, const sign_opts *opts, sign_err *err);
/*
 * May this certificate sign now: validity, key usage, path to an anchor and (where a CRL is at hand) revocation. Fills
 * job->path and job->chain. SIGN_E_CERT with the check that failed; with opts.unchecked the log gets it instead.
 */
int sign_precheck(struct sign_job *job, sign_err *err);
/* Hashes tbs and asks the key, once; appends the signature value as the key gives it (ECDSA r||s). */
int sign_value(struct build *out, const struct sign_job *job, sign_bytes tbs, sign_err *err);

int sign_pdf(struct sink *to, const struct sign_job *job, sign_err *err);
int sign_xml(struct sink *to, const struct sign_job *job, sign_err *err);

/* sign_document_to_file, but for the sync of its folder, which is owed after SIGN_OK (output_settle). NULL: nothing is. */
int sign_owing(struct folder_debt *debt, const char *path, bool overwrite, const sign_doc *doc, const sign_key *key,
               const sign_opts *opts, sign_err *err);

#endif
