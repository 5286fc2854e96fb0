/*
 * Opens PDF files and prints what the reader makes of each: a line a file, and a line a signature with its coverage.
 *   probe [--password WORD] [--content] FILE...     --content: the first page's streams too, decoded
 */
#include <base/secret.h>
#include <inttypes.h>
#include <pdf/flaw.h>
#include <pdf/signature.h>
#include <stdio.h>

static void print_signature(struct pdf_file *file, const struct pdf_signature *sig)
{
    struct pdf_coverage cover;
    sign_err err = SIGN_ERR_INIT;
    int rc = pdf_cover(&cover, file, sig, &err);
    if (rc != SIGN_OK) {
        printf("  %s: %s %s\n", sig->name, sign_status_name(rc), err.msg);
        return;
    }
    printf("  %s: %s fault %d%s%s, revision %zu of %zu%s\n", sig->name, sig->doc_timestamp ? "dts" : "sig",
           (int)cover.fault, cover.detail != NULL ? " " : "", cover.detail != NULL ? cover.detail : "", cover.revision,
           cover.revisions, cover.whole_file ? ", whole file" : "");
}

static int probe(struct pdf_file *file, sign_err *err)
{
    const struct pdf_signature *sigs;
    size_t n;
    int rc = pdf_signatures(&sigs, &n, file, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    printf("ok %zu ", n);
    for (size_t i = 0; i < n; i++) {
        printf("%s%s", i == 0 ? "" : "|", sigs[i].name);
    }
    printf("%s\n", pdf_needed_repair(file) ? " (repaired)" : "");
    for (size_t i = 0; i < n; i++) {
        print_signature(file, &sigs[i]);
    }
    return SIGN_OK;
}

static void print_flaws(struct pdf_file *file)
{
    static const char *const names[] = { [PDF_FLAW_JUNK] = "junk", [PDF_FLAW_XREF] = "xref", [PDF_FLAW_PLACES] = "places", [PDF_FLAW_SIZE] = "size",
                                         [PDF_FLAW_HYBRID] = "hybrid" };
    struct pdf_flaws flaws;
    int rc = pdf_flaws(&flaws, pdf_newest(file), NULL);
    for (size_t i = 0; rc == SIGN_OK && i < flaws.n; i++) {
        printf("  flaw %s, byte %" PRId64 ": %s\n", names[flaws.list[i].kind], (int64_t)flaws.list[i].offset,
               flaws.list[i].text);
    }
    if (flaws.hidden > 0) {
        printf("  %zu hidden\n", flaws.hidden);
    }
}

static int give(void *payload, const struct secret **out, sign_err *err)
{
    *out = payload;
    return SIGN_OK;
}

/* Strings and streams are what an encrypted file hides: the first page's content, and the producer. */
static void print_content(struct pdf_file *file)
{
    struct pdf_view *view = pdf_newest(file);
    const struct pdf_obj *node, *info, *text;
    sign_bytes data;
    int rc = pdf_get(&info, view, pdf_trailer(view), "Info", NULL);
    if (rc == SIGN_OK && pdf_get(&text, view, info, "Producer", NULL) == SIGN_OK && text->kind == PDF_STRING) {
        printf("  producer %.*s\n", (int)text->u.bytes.len, (const char *)text->u.bytes.ptr);
    }
    rc = pdf_get(&node, view, pdf_trailer(view), "Root", NULL);
    rc = rc == SIGN_OK ? pdf_get(&node, view, node, "Pages", NULL) : rc;
    while (rc == SIGN_OK && pdf_dict_get(node, "Kids") != NULL) {
        const struct pdf_obj *kids;
        rc = pdf_get(&kids, view, node, "Kids", NULL);
        rc = rc == SIGN_OK && kids->kind == PDF_ARRAY ? pdf_resolve(&node, view, kids->u.array.items, NULL) : SIGN_E_FORMAT;
    }
    rc = rc == SIGN_OK ? pdf_get(&node, view, node, "Contents", NULL) : rc;
    if (rc == SIGN_OK && node->kind == PDF_ARRAY) {
        rc = pdf_resolve(&node, view, node->u.array.items, NULL);
    }
    if (rc == SIGN_OK && node->kind == PDF_STREAM && (rc = pdf_stream(&data, view, node, NULL)) == SIGN_OK) {
        fwrite(data.ptr, 1, data.len, stdout);
    }
    printf("  content %s\n", sign_status_name(rc));
}

int main(int argc, char **argv)
{
    struct crypto *crypto = NULL;
    struct secret word = { 0 };
    struct pdf_opts opts = { 0 };
    bool content = false;
    int first = 1;
    for (; first < argc && argv[first][0] == '-'; first++) {
        content |= argv[first][2] == 'c';
        if (argv[first][2] == 'p' && first + 1 < argc) {
            word.ptr = argv[++first];
            word.len = strlen(word.ptr);
            opts.password = give;
            opts.payload = &word;
        }
    }
    if (crypto_new(&crypto, NULL) != SIGN_OK) {
        return 1;
    }
    for (int i = first; i < argc; i++) {
        struct source *source = NULL;
        struct pdf_file *file = NULL;
        sign_err err = SIGN_ERR_INIT;
        int rc = source_open(&source, argv[i], NULL, &err);
        if (rc == SIGN_OK && (rc = pdf_open(&file, source, crypto, &opts, NULL, &err)) == SIGN_OK) {
            rc = probe(file, &err);
            print_flaws(file);
        }
        if (rc != SIGN_OK) {
            printf("%s %s (%s, byte %" PRId64 ")\n", sign_status_name(rc), err.msg,
                   err.clause != NULL ? err.clause : "-", (int64_t)err.offset);
        }
        if (content && file != NULL) {
            print_content(file);
        }
        pdf_free(&file);
        source_free(&source);
    }
    crypto_free(&crypto);
    return 0;
}
