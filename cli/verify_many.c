#include "verify_many.h"
#include "complain.h"
#include "exit.h"
#include "progress.h"
#include "start.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum tally { TALLY_PASSED, TALLY_INDETERMINATE, TALLY_FAILED, TALLY_UNSIGNED, TALLY_ERROR, TALLY_COUNT };

/* Two threads count, each for itself; verify_many adds up when both are through. */
struct counts { int code; uint64_t tally[TALLY_COUNT], n; };
struct state {
    const struct verify_many *many;
    struct progress progress;
    struct counts shown;            /* on the caller's thread                                   */
    struct counts answered;         /* on the feeding thread: by an earlier run                 */
    bool some, exhausted;           /* on the feeding thread: names there were; all were drawn  */
    bool unanswered;                /* documents were drawn that the user's wish to stop met    */
};

/* What a worker leaves for the printing thread. */
struct answer { int code; sign_buf *line; sign_err trouble; };

static int code_of(const sign_report *report)
{
    static const struct { const char *overall; int code; } rows[] = {
        { "TOTAL-PASSED", EXIT_DONE }, { "TOTAL-FAILED", EXIT_FAILED }, { "NO-SIGNATURE", EXIT_NO_SIGNATURE },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(sign_report_overall(report), rows[i].overall) == 0) {
            return rows[i].code;
        }
    }
    return EXIT_INDETERMINATE;
}

static enum tally tally_of(int code)
{
    switch (code) {
    case EXIT_DONE:
        return TALLY_PASSED;
    case EXIT_FAILED:
        return TALLY_FAILED;
    case EXIT_INDETERMINATE:
        return TALLY_INDETERMINATE;
    case EXIT_NO_SIGNATURE:
        return TALLY_UNSIGNED;
    default:
        return TALLY_ERROR;
    }
}

static void count(struct counts *counts, int code)
{
    counts->n++;
    counts->tally[tally_of(code)]++;
    counts->code = exit_worst(counts->code, code);
}

/* The next file that no earlier run has answered. Runs on the pool's feeding thread, alone there. */
static int next(void *payload, sign_batch_input *out)
{
    struct state *state = payload;
    const struct verify_many *many = state->many;
    struct input input;
    int code;
    while (!*cancel_flag() && inputs_next(many->inputs, &input)) {
        state->some = true;
        if (!input.why && many->resume && resume_known(many->resume, input.path, &code)) {
            count(&state->answered, code);
            continue;
        }
        bool standard = strcmp(input.path, "-") == 0 && !input.why;
        /* What cannot be read is not opened again: a named pipe would be waited for without end. Its name goes along. */
        out->path = standard || input.why ? NULL : input.path;
        out->fd = standard ? STDIN_FILENO : -1;
        out->output = input.why ? input.path : NULL;
        out->user = input.why ? strdup(input.why) : NULL;
        return input.why && !out->user ? SIGN_E_NOMEM : SIGN_OK;
    }
    state->exhausted = !*cancel_flag();
    return SIGN_E_NOTFOUND;
}

/* The object without its closing brace, what a resumed run needs, the brace. */
static int add_members(sign_buf **line, const struct verify_many *many, const sign_batch_result *result, int code)
{
    /* A disk or a password is not the document's, and standard input is another one tomorrow. */
    bool passing = result->status == SIGN_E_IO || result->status == SIGN_E_PASSWORD || strcmp(result->path, "-") == 0;
    const struct resume_result found = { result->path, result->size, result->mtime_ns, code, passing };
    char members[128];
    sign_buf *made = NULL;
    sign_bytes object = sign_buf_bytes(*line);
    int len = resume_members(members, sizeof members, many->resume, &found);
    int rc = sign_buf_new(&made);
    if (rc == SIGN_OK) {
        rc = sign_buf_append(made, (sign_bytes){ object.ptr, object.len - 1 });
    }
    if (rc == SIGN_OK) {
        rc = sign_buf_append(made, (sign_bytes){ (const uint8_t *)members, (size_t)len });
    }
    if (rc == SIGN_OK) {
        rc = sign_buf_append(made, (sign_bytes){ (const uint8_t *)"}", 1 });
    }
    sign_buf_free(rc == SIGN_OK ? line : &made);
    *line = rc == SIGN_OK ? made : *line;
    return rc;
}

static int render(struct answer *answer, const struct verify_many *many, const sign_batch_result *result)
{
    sign_err *err = &answer->trouble;
    if (many->json) {
        int rc = result->report ? sign_report_json(&answer->line, result->report, result->path, err)
                                : sign_error_json(&answer->line, result->path, result->doc_type, &result->err, err);
        return rc == SIGN_OK ? add_members(&answer->line, many, result, answer->code) : rc;
    }
    return result->report && !many->quiet
               ? sign_report_text(&answer->line, result->report, result->path, text_lang(), many->details, err) : SIGN_OK;
}

/* On the worker's thread: the text is made there, and only printed by one. */
static void ready(void *payload, sign_batch_result *result)
{
    struct state *state = payload;
    if (result->status == SIGN_E_CANCELLED) {
        return;
    }
    struct answer *answer = calloc(1, sizeof *answer);
    result->attached = answer;
    if (result->user) {     /* a folder or list that cannot be read is a result like any other */
        result->path = result->output ? result->output : result->path;
        result->status = result->err.status = SIGN_E_IO;
        result->err.offset = SIGN_NO_OFFSET;
        snprintf(result->err.msg, sizeof result->err.msg, "%s", (const char *)result->user);
        free(result->user);
    }
    if (!answer) {
        return;
    }
    answer->code = result->report ? code_of(result->report) : exit_of_status(result->status);
    if (answer->code == EXIT_DONE && result->status != SIGN_OK) {
        answer->code = EXIT_INTERNAL;   /* the status and the report disagree: never to be passed over */
    }
    if (render(answer, state->many, result) != SIGN_OK) {
        answer->code = EXIT_INTERNAL;
    }
}

static void print(const struct answer *answer)
{
    sign_bytes bytes = sign_buf_bytes(answer->line);
    (void)fwrite(bytes.ptr, 1, bytes.len, stdout);
    if (bytes.len == 0 || bytes.ptr[bytes.len - 1] != '\n') {
        putchar('\n');
    }
    (void)fflush(stdout);       /* the stream's error is looked at below and at the end */
}

static int show(void *payload, const sign_batch_result *result)
{
    struct state *state = payload;
    struct answer *answer = result->attached;
    int code = answer ? answer->code : EXIT_INTERNAL;
    if (result->status == SIGN_E_CANCELLED) {
        free(result->user);
        state->unanswered = true;   /* no line: a resumed run asks again */
        return SIGN_OK;
    }
    progress_before(&state->progress, !answer || !answer->line);
    if (answer && answer->line) {
        print(answer);
    } else if (!result->report || code == EXIT_INTERNAL) {
        complain(result->path, result->report && answer ? &answer->trouble : &result->err);
    }
    count(&state->shown, code);
    progress_step(&state->progress, code != EXIT_DONE);
    if (answer) {
        sign_buf_free(&answer->line);
        free(answer);
    }
    if (ferror(stdout)) {       /* a reader who is gone is not worked for any longer, nor is more of a list awaited */
        atomic_store(&state->many->inputs->ended, true);
        return SIGN_E_IO;
    }
    return SIGN_OK;
}

static void summarize(const struct state *state)
{
    static const enum text rows[TALLY_COUNT] = { T_SUM_PASSED, T_SUM_INDETERMINATE, T_SUM_FAILED, T_SUM_UNSIGNED, T_SUM_ERROR };
    char number[24];
    for (size_t i = 0; i < TALLY_COUNT; i++) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)(state->shown.tally[i] + state->answered.tally[i]));
        text_say(stderr, rows[i], number, NULL);
    }
    if (state->answered.n) {
        snprintf(number, sizeof number, "%llu", (unsigned long long)state->answered.n);
        text_say(stderr, T_SUM_ANSWERED, number, NULL);
    }
}

int verify_many(const struct verify_many *many)
{
    struct state state = { .many = many };
    sign_err err = SIGN_ERR_INIT;
    sign_batch_opts batch = SIGN_BATCH_OPTS_INIT;
    size_t total = inputs_total(many->inputs);
    batch.workers = total == 1 ? 1 : many->workers;
    batch.unordered = many->unordered;
    batch.cancel = cancel_flag();
    batch.payload = &state;
    batch.next = next;
    batch.ready = ready;
    batch.result = show;
    progress_start(&state.progress, !many->quiet && !many->details, many->resume ? 0 : total);
    int rc = sign_verify_many(many->ctx, many->trust, many->verify, many->doc, &batch, &err);
    progress_clear(&state.progress);
    if (many->summary) {
        summarize(&state);
    }
    int code = exit_worst(state.shown.code, state.answered.code);
    if (*cancel_flag() && (!state.exhausted || state.unanswered)) {
        return exit_worst(code, EXIT_CANCELLED);
    }
    if (rc != SIGN_OK && rc != SIGN_E_CANCELLED && !ferror(stdout)) {
        complain("kyso verify", &err);
        return exit_worst(code, exit_of_status(rc));
    }
    if (!state.some && rc == SIGN_OK) {
        text_say(stderr, T_NOTHING_FOUND, NULL);    /* nothing verified is not "all passed" */
        return EXIT_USAGE;
    }
    return code;
}
