/*
 * Every byte of a signed file, changed: no change may pass, none over digest input may leave the mathematics intact, and no
 * crash. Arguments: FILE, --root PEM, --crl FILE..., and byte ranges that say what a change there may do:
 *     free:FROM-TO          not digest input (a certificate): integrity may stay, PASSED may not
 *     hex:FROM-TO           hex digits of digest input: the same where ^ 0x20 changes but a letter's case
 *     removed:FROM-TO:NAME  canonicalization removes it: the document is the same, and may pass; listed by name
 * Prints TAP: a case a mask, and the count of each outcome.
 */
#include <libsign/libsign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RANGES 64

struct range { size_t from, to; const char *removed; bool hex; };
static struct range ranges[MAX_RANGES];
static size_t n_ranges;

struct outcome { char name[96]; size_t count; };
static struct outcome outcomes[128];
static size_t n_outcomes;

static void count(const char *name)
{
    for (size_t i = 0; i < n_outcomes; i++) {
        if (strcmp(outcomes[i].name, name) == 0) {
            outcomes[i].count++;
            return;
        }
    }
    if (n_outcomes < sizeof outcomes / sizeof *outcomes) {
        struct outcome *made = &outcomes[n_outcomes++];
        snprintf(made->name, sizeof made->name, "%s", name);
        made->count = 1;
    }
}

static const struct range *range_of(size_t at)
{
    for (size_t i = 0; i < n_ranges; i++) {
        if (at >= ranges[i].from && at < ranges[i].to) {
            return &ranges[i];
        }
    }
    return NULL;
}

static const char *integrity_name(int integrity)
{
    return integrity == SIGN_INTEGRITY_INTACT ? "intact" : integrity == SIGN_INTEGRITY_BROKEN ? "broken" : "unknown";
}

/* The verdict over the changed bytes: false when it is one that must never be given. */
static bool judge(sign_ctx *ctx, const sign_trust *trust, sign_bytes bytes, size_t at, int mask)
{
    sign_err err = SIGN_ERR_INIT;
    sign_doc *doc = NULL;
    sign_report *report = NULL;
    char name[96];
    const struct range *range = range_of(at);
    int rc = sign_doc_open_bytes(&doc, ctx, bytes, NULL, &err);
    if (rc == SIGN_OK) {
        rc = sign_verify(&report, doc, trust, NULL, &err);
    }
    bool good = true;
    if (!report) {
        good = rc != SIGN_E_INTERNAL && rc != SIGN_E_ARG;
        snprintf(name, sizeof name, "ERROR %s", sign_status_name(rc));
    } else if (sign_report_count(report) == 0) {
        snprintf(name, sizeof name, "%s", sign_report_overall(report));
    } else {
        int integrity = sign_report_integrity(report, 0);
        const char *sub = sign_report_sub_indication(report, 0);
        snprintf(name, sizeof name, "%s / %s, %s", sign_report_overall(report), sub ? sub : "-", integrity_name(integrity));
        bool changed = !range || (range->hex && mask != 0x20);
        good = (rc != SIGN_OK || (range && range->removed)) && (integrity != SIGN_INTEGRITY_INTACT || !changed);
    }
    if (range && range->removed && rc == SIGN_OK) {
        snprintf(name, sizeof name, "the same document (%.60s)", range->removed);
    }
    if (!good) {
        printf("# byte %zu ('%c' ^ 0x%02X): %s: %s\n", at, bytes.ptr[at] ^ mask, (unsigned)mask, name, err.msg);
    }
    count(name);
    sign_report_free(&report);
    sign_doc_free(&doc);
    return good;
}

static bool flip_all(sign_ctx *ctx, const sign_trust *trust, uint8_t *bytes, size_t len, int mask)
{
    size_t bad = 0;
    n_outcomes = 0;
    for (size_t at = 0; at < len && bad < 50; at++) {
        bytes[at] ^= (uint8_t)mask;
        bad += !judge(ctx, trust, (sign_bytes){ bytes, len }, at, mask);
        bytes[at] ^= (uint8_t)mask;
    }
    for (size_t i = 0; i < n_outcomes; i++) {
        printf("# ^0x%02X %6zu %s\n", (unsigned)mask, outcomes[i].count, outcomes[i].name);
    }
    return bad == 0;
}

static uint8_t *read_all(const char *path, size_t *len)
{
    FILE *from = fopen(path, "rb");
    uint8_t *bytes = NULL;
    *len = 0;
    if (from && fseek(from, 0, SEEK_END) == 0) {
        *len = (size_t)ftell(from);
        rewind(from);
        bytes = malloc(*len);
        *len = bytes ? fread(bytes, 1, *len, from) : 0;
    }
    if (from) {
        fclose(from);
    }
    return bytes;
}

static bool add_range(char *text)
{
    struct range *range = &ranges[n_ranges];
    char *colon;
    bool removed = strncmp(text, "removed:", 8) == 0;
    range->hex = strncmp(text, "hex:", 4) == 0;
    if (n_ranges == MAX_RANGES || sscanf(strchr(text, ':') + 1, "%zu-%zu", &range->from, &range->to) != 2) {
        return false;
    }
    colon = removed ? strchr(text + 8, ':') : NULL;
    range->removed = colon ? colon + 1 : NULL;
    n_ranges++;
    return removed == (colon != NULL);
}

static bool read_arguments(int argc, char **argv, sign_trust *trust)
{
    sign_err err = SIGN_ERR_INIT;
    for (int i = 2; i < argc; i++) {
        bool root = strcmp(argv[i], "--root") == 0;
        if ((root || strcmp(argv[i], "--crl") == 0) && i + 1 < argc) {
            if (sign_trust_add_path(trust, root ? SIGN_TRUST_ANCHORS : SIGN_TRUST_EVIDENCE, argv[++i], &err) != SIGN_OK) {
                printf("# %s: %s\n", argv[i], err.msg);
                return false;
            }
        } else if (!strchr(argv[i], ':') || !add_range(argv[i])) {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    sign_err err = SIGN_ERR_INIT;
    sign_ctx *ctx = NULL;
    sign_trust *trust = NULL;
    sign_doc *doc = NULL;
    sign_report *report = NULL;
    size_t len = 0;
    uint8_t *bytes = argc > 1 ? read_all(argv[1], &len) : NULL;
    printf("1..3\n");
    bool ready = bytes && sign_ctx_new(&ctx, NULL, &err) == SIGN_OK && sign_trust_new(&trust, ctx, &err) == SIGN_OK &&
                 read_arguments(argc, argv, trust);
    if (!ready) {
        printf("Bail out! arguments: %s\n", err.msg);
        return 1;
    }
    bool passes = sign_doc_open_bytes(&doc, ctx, (sign_bytes){ bytes, len }, NULL, &err) == SIGN_OK &&
                  sign_verify(&report, doc, trust, NULL, &err) == SIGN_OK;
    printf("%s 1 - the file as it was signed passes\n", passes ? "ok" : "not ok");
    sign_report_free(&report);
    sign_doc_free(&doc);
    bool one = flip_all(ctx, trust, bytes, len, 0x01);
    printf("%s 2 - every byte ^ 0x01\n", one ? "ok" : "not ok");
    bool two = flip_all(ctx, trust, bytes, len, 0x20);
    printf("%s 3 - every byte ^ 0x20\n", two ? "ok" : "not ok");
    sign_trust_free(&trust);
    sign_ctx_free(&ctx);
    free(bytes);
    return !(passes && one && two);
}
