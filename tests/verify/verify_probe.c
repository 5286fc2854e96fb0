/*
 * One line of JSON for each file, straight through the library: what the corpus test reads, independent of the command
 * line.
 *     verify_probe [--anchor PATH | --evidence PATH | --text LANG | --at SECONDS | --revocation 0|1|2 | --doctype]
 *                  FILE...
 */
#include <libsign/ctx.h>
#include <libsign/verify.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct probe {
    sign_ctx *ctx;
    sign_trust *trust;
    sign_verify_opts opts;
    sign_doc_opts doc;
    const char *lang;           /* NULL: JSON */
};

static int die(const sign_err *err)
{
    (void)fprintf(stderr, "%s: %s\n", sign_status_name(err->status), err->msg);
    return 1;
}

static void print(sign_buf *buf, bool line)
{
    sign_bytes bytes = sign_buf_bytes(buf);
    (void)fwrite(bytes.ptr, 1, bytes.len, stdout);
    if (line) {
        (void)putchar('\n');
    }
    sign_buf_free(&buf);
}

static int verify(const struct probe *p, const char *file)
{
    sign_doc *doc = NULL;
    sign_report *report = NULL;
    sign_buf *out = NULL;
    sign_err why = SIGN_ERR_INIT, err = SIGN_ERR_INIT;
    int rc = sign_doc_open(&doc, p->ctx, file, &p->doc, &why);
    int type = rc == SIGN_OK ? sign_doc_type(doc) : SIGN_DOC_UNKNOWN;
    if (rc == SIGN_OK) {
        rc = sign_verify(&report, doc, p->trust, &p->opts, &why);
    }
    if (!report) {
        rc = sign_error_json(&out, file, type, &why, &err);
    } else if (p->lang) {
        rc = sign_report_text(&out, report, file, p->lang, true, &err);
    } else {
        rc = sign_report_json(&out, report, file, &err);
    }
    if (rc == SIGN_OK) {
        print(out, !report || !p->lang);
    }
    sign_report_free(&report);
    sign_doc_free(&doc);
    return rc == SIGN_OK ? 0 : die(&err);
}

static int option(struct probe *p, const char *name, const char *value, sign_err *err)
{
    if (strcmp(name, "--anchor") == 0) {
        return sign_trust_add_path(p->trust, SIGN_TRUST_ANCHORS, value, err);
    }
    if (strcmp(name, "--evidence") == 0) {
        return sign_trust_add_path(p->trust, SIGN_TRUST_EVIDENCE, value, err);
    }
    if (strcmp(name, "--at") == 0) {
        p->opts.at_time = strtoll(value, NULL, 10);
        return SIGN_OK;
    }
    if (strcmp(name, "--revocation") == 0) {
        p->opts.revocation = atoi(value);
        return SIGN_OK;
    }
    p->lang = value;
    return SIGN_OK;
}

static int run(struct probe *p, int argc, char **argv, sign_err *err)
{
    int failed = 0;
    for (int i = 1; i < argc && !failed; i++) {
        if (strcmp(argv[i], "--doctype") == 0) {
            p->doc.allow_doctype = true;
        } else if (argv[i][0] == '-' && i + 1 < argc) {
            failed = option(p, argv[i], argv[i + 1], err) == SIGN_OK ? 0 : die(err);
            i++;
        } else {
            failed = verify(p, argv[i]);
            (void)fflush(stdout);
        }
    }
    return failed;
}

int main(int argc, char **argv)
{
    struct probe p = { .opts = SIGN_VERIFY_OPTS_INIT, .doc = SIGN_DOC_OPTS_INIT };
    sign_err err = SIGN_ERR_INIT;
    int rc = sign_ctx_new(&p.ctx, NULL, &err);
    if (rc == SIGN_OK) {
        rc = sign_trust_new(&p.trust, p.ctx, &err);
    }
    int failed = rc == SIGN_OK ? run(&p, argc, argv, &err) : die(&err);
    sign_trust_free(&p.trust);
    sign_ctx_free(&p.ctx);
    return failed;
}
