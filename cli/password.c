#include "password.h"
#include "exit.h"
#include "text.h"

#include <string.h>
#include <sys/mman.h>

int password_check(const struct password *password)
{
    if (secret_source_ok(&password->source)) {
        return EXIT_DONE;
    }
    text_say(stderr, T_BAD_PASSWORD_SOURCE, NULL);      /* without repeating it: it may be the password itself */
    return EXIT_USAGE;
}

static void read_source(struct password *password, const sign_pin_request *request)
{
    (void)mlock(password->word, sizeof password->word);
    (void)madvise(password->word, sizeof password->word, MADV_DONTDUMP);
    password->asked = true;
    password->answer = secret_ask(&password->source, request, password->word, sizeof password->word, &password->len);
    if (password->answer == SIGN_E_TOKEN) {
        password->answer = SIGN_E_PASSWORD;             /* no key's failure, but the document's */
    }
}

/* A sign_pin_fn. */
static int answer(void *payload, const sign_pin_request *request, char *buf, size_t cap, size_t *len)
{
    struct password *password = payload;
    pthread_mutex_lock(&password->lock);
    if (!password->asked) {
        read_source(password, request);
    }
    int rc = password->answer;
    if (rc == SIGN_OK && password->len > cap) {
        rc = SIGN_E_PASSWORD;
    }
    if (rc == SIGN_OK) {
        memcpy(buf, password->word, password->len);
        *len = password->len;
    }
    pthread_mutex_unlock(&password->lock);
    return rc;
}

void password_use(struct password *password, sign_doc_opts *doc)
{
    if (password->source.spec) {
        doc->password = answer;
        doc->payload = password;
    }
}

void password_forget(struct password *password)
{
    explicit_bzero(password->word, sizeof password->word);
    password->len = 0;
}
