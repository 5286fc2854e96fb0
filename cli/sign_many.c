#include "sign_many.h"
#include "already.h"
#include "complain.h"
#include "exit.h"
#include "jsonl.h"
#include "progress.h"
#include "start.h"

#include <stdlib.h>
#include <string.h>

struct state {
    const struct sign_run *run;
    struct progress progress;
    int code;
    uint64_t signed_now, skipped, failed, untried;
    char *output;                   /* of the input drawn last: copied by the batch as soon as next returns */
    bool exhausted;                 /* every input was drawn */
};

static char skipped_mark;       /* what `before` attaches to a document that is left as it is */

static void say_added(struct jsonl *json, const struct added *added)
{
    jsonl_array_open(json, "added_ids");
    for (; added; added = added->next) {
        jsonl_item_open(json);
        jsonl_string(json, "element", added->element);
        jsonl_string(json, "id", added->id);
        jsonl_item_close(json);
    }
    jsonl_array_close(json);
}

void sign_say(const struct sign_run *run, const char *path, const char *output, const char *status, const sign_err *err,
              const struct added *added)
{
    bool failed = err && err->status != SIGN_OK;
    if (run->json) {
        /* Standard output may be the document itself: then what is said of it goes beside. */
        struct jsonl json;
        jsonl_open(&json, output && strcmp(output, "-") == 0 ? stderr : stdout);
        jsonl_path(&json, "file", path);
        jsonl_path(&json, "output", strcmp(status, "signed") == 0 && !failed ? output : NULL);
        jsonl_string(&json, "status", failed ? "error" : status);
        jsonl_string(&json, "signer", run->key ? sign_cert_common_name(sign_key_cert(run->key)) : NULL);
        jsonl_string(&json, "error", failed ? sign_status_name(err->status) : NULL);
        jsonl_string(&json, "message", failed ? err->msg : NULL);
        if (added && !failed) {
            say_added(&json, added);
        }
        jsonl_close(&json);
    } else if (failed) {
        complain(path, err);
    } else if (!run->quiet) {
        static const struct { const char *status; enum text text; } rows[] = {
            { "signed", T_SIGNED }, { "checked", T_CHECKED }, { "skipped", T_SKIPPED }, { "not-tried", T_NOT_TRIED },
        };
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            if (strcmp(rows[i].status, status) == 0) {
                text_say(stderr, rows[i].text, path, output ? output : "", NULL);
            }
        }
        for (; added; added = added->next) {
            text_say(stderr, T_ID_ADDED, path, added->element, added->id, NULL);
        }
    }
}

/* What is to be signed next, and where it goes. On the pool's feeding thread, alone there. */
static int next(void *payload, sign_batch_input *out)
{
    struct state *state = payload;
    struct input input;
    if (*cancel_flag()) {
        return SIGN_E_NOTFOUND;
    }
    if (!inputs_next(state->run->inputs, &input)) {
        state->exhausted = !*cancel_flag();
        return SIGN_E_NOTFOUND;
    }
    free(state->output);
    state->output = outname_make(state->run->out, input.path);
    /* What cannot be read is not opened again: a named pipe would be waited for without end. Its name goes along. */
    out->path = input.why ? NULL : input.path;
    out->fd = -1;
    out->output = input.why ? input.path : state->output;
    out->user = input.why ? strdup(input.why) : NULL;
    return state->output && (!input.why || out->user) ? SIGN_OK : SIGN_E_NOMEM;
}

/* A second run completes what the first one began: what this key has signed is left as it is. */
static int before(void *payload, const sign_doc *doc, sign_batch_result *result)
{
    const struct state *state = payload;
    const struct sign_run *run = state->run;
    const sign_cert *cert = sign_key_cert(run->key);
    bool keeps = !run->out->in_place && !run->out->force;       /* outputs that are there */
    struct already_files files = { result->path, result->output };
    sign_err err = SIGN_ERR_INIT;
    bool skip = false;
    int rc = run->again ? SIGN_OK : already_signed(&skip, doc, cert, run->sign->timeout_ms, &err);
    if (rc == SIGN_OK && !run->again && !skip && keeps) {
        rc = already_made(&skip, run->ctx, &files, run->doc, cert, run->sign->timeout_ms, &err);
    }
    if (rc != SIGN_OK) {
        result->err = err;
    }
    result->attached = skip ? &skipped_mark : NULL;
    return skip ? SIGN_E_EXISTS : rc;
}

/*
 * Named twice, or met by another run too: the other worker was quicker, and this one was refused for what that had put there. It is
 * told as if it had come later, whatever the number of workers.
 */
static bool signed_meanwhile(const struct sign_run *run, const sign_batch_result *result)
{
    const sign_cert *cert = sign_key_cert(run->key);
    struct already_files files = { result->path, result->output };
    sign_err ignored = SIGN_ERR_INIT;
    sign_doc *doc = NULL;
    bool yes = false;
    if (run->again || result->user) {
        return false;
    }
    if (result->status == SIGN_E_EXISTS) {
        (void)already_made(&yes, run->ctx, &files, run->doc, cert, run->sign->timeout_ms, &ignored);
    } else if (result->status == SIGN_E_IO && run->out->in_place &&
               sign_doc_open(&doc, run->ctx, result->path, run->doc, &ignored) == SIGN_OK) {
        (void)already_signed(&yes, doc, cert, run->sign->timeout_ms, &ignored);
    }
    sign_doc_free(&doc);
    return yes;
}

/* On the thread that signed it: the Ids it was given go with the result. */
static void ready(void *payload, sign_batch_result *result)
{
    const struct state *state = payload;
    struct added *added = added_take();
    if (result->user) {
        result->path = result->output ? result->output : result->path;
    }
    if (!result->attached && signed_meanwhile(state->run, result)) {
        result->attached = &skipped_mark;
    }
    if (!result->attached) {
        result->attached = added;
    } else {
        added_free(added);
    }
}

static void unreadable(const sign_batch_result *result, sign_err *err)
{
    *err = result->err;
    if (result->user) {
        *err = (sign_err)SIGN_ERR_INIT;
        err->status = SIGN_E_IO;
        snprintf(err->msg, sizeof err->msg, "%s", (const char *)result->user);
        free(result->user);
    }
}

/* A reader who is gone is not worked for any longer, nor is more of a list awaited. */
static int told(const struct state *state)
{
    if (ferror(stdout)) {
        atomic_store(&state->run->inputs->ended, true);
        return SIGN_E_IO;
    }
    return SIGN_OK;
}

static int show(void *payload, const sign_batch_result *result)
{
    struct state *state = payload;
    sign_err err;
    progress_clear(&state->progress);
    if (result->attached == &skipped_mark) {
        state->skipped++;
        sign_say(state->run, result->path, result->output, "skipped", NULL, NULL);
        progress_step(&state->progress, false);
        return told(state);
    }
    unreadable(result, &err);
    if (result->status == SIGN_E_CANCELLED) {
        state->untried++;
        sign_say(state->run, result->path, NULL, "not-tried", NULL, NULL);
        return told(state);
    }
    int code = exit_of_status(result->status == SIGN_OK ? SIGN_OK : err.status);
    state->signed_now += code == EXIT_DONE;
    state->failed += code != EXIT_DONE;
    state->code = exit_worst(state->code, code);
    sign_say(state->run, result->path, result->output, "signed", code == EXIT_DONE ? NULL : &err, result->attached);
    added_free(result->attached);
    progress_step(&state->progress, code != EXIT_DONE);
    return told(state);
}

/* What was not even tried, by name: a table of what was done is complete only with what was not. */
static void name_the_rest(struct state *state)
{
    struct input input;
    while (!ferror(stdout) && inputs_next(state->run->inputs, &input)) {
        sign_say(state->run, input.path, NULL, "not-tried", NULL, NULL);
        state->untried++;
    }
}

static void summarize(const struct state *state)
{
    if (state->run->quiet || state->run->json) {
        return;
    }
    char done[24], skipped[24], left[24];
    snprintf(done, sizeof done, "%llu", (unsigned long long)state->signed_now);
    snprintf(skipped, sizeof skipped, "%llu", (unsigned long long)state->skipped);
    snprintf(left, sizeof left, "%llu", (unsigned long long)(state->failed + state->untried));
    text_say(stderr, state->skipped ? T_SIGN_SUMMARY_SKIPPED : T_SIGN_SUMMARY, done, left, skipped, NULL);
}

int sign_run_many(const struct sign_run *run)
{
    struct state state = { .run = run };
    sign_err err = SIGN_ERR_INIT;
    sign_batch_opts batch = SIGN_BATCH_OPTS_INIT;
    batch.workers = run->workers;
    batch.overwrite = run->out->force || run->out->in_place;
    batch.cancel = cancel_flag();
    batch.payload = &state;
    batch.next = next;
    batch.before = before;
    batch.ready = ready;
    batch.result = show;
    progress_start(&state.progress, !run->quiet, inputs_total(run->inputs));
    int rc = sign_many(run->ctx, run->key, run->sign, run->doc, &batch, &err);
    progress_clear(&state.progress);
    free(state.output);
    /* What stopped the batch at a file was said there. */
    if (rc != SIGN_OK && rc != SIGN_E_CANCELLED && state.code == EXIT_DONE && !ferror(stdout)) {
        complain("kyso sign", &err);
    }
    state.code = exit_worst(state.code, exit_of_status(rc));
    bool cancelled = *cancel_flag() && !state.exhausted;
    name_the_rest(&state);
    summarize(&state);
    return cancelled ? exit_worst(state.code, EXIT_CANCELLED) : state.code;
}
