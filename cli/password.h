/*
 * Passwords of encrypted documents: --password-source, in the forms of --pin-source. The source is read once, for the first
 * document that asks, and serves all: a pipe cannot be read twice, and nobody types a word a thousand times.
 */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include "secret.h"

#include <libsign/doc.h>
#include <pthread.h>

struct password {
    struct secret_source source;
    pthread_mutex_t lock;           /* PTHREAD_MUTEX_INITIALIZER: documents of a batch ask from many threads */
    bool asked;
    int answer;                     /* a sign_status, once asked */
    size_t len;
    char word[256];
};

/* EXIT_DONE, or EXIT_USAGE after saying that the words are none of the forms. */
int password_check(const struct password *password);
/* Sets who is asked; without a source nobody is, and an encrypted document is an error that says so. */
void password_use(struct password *password, sign_doc_opts *doc);
void password_forget(struct password *password);

#endif
