/* Opening and closing a file. */
#include <base/err.h>
#include <base/limits.h>
#include <pdf/crypt.h>
#include <pdf/impl.h>
#include <stdlib.h>

struct source *pdf_source(const struct pdf_file *file)
{
    return file->source;
}
struct arena *pdf_arena(struct pdf_file *file)
{
    return &file->arena;
}
bool pdf_needed_repair(const struct pdf_file *file)
{
    return file->repaired;
}
uint64_t pdf_header_offset(const struct pdf_file *file)
{
    return file->header;
}

static int find_header(struct pdf_file *file, sign_err *err)
{
    sign_bytes bytes;
    int rc = pdf_window(file, 0, LIMIT_PDF_JUNK + 8, &bytes, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    size_t found = bytes_find(bytes_slice(bytes, 0, LIMIT_PDF_JUNK + 8), BYTES_LIT("%PDF-"), 0);
    if (found == SIZE_MAX) {
        return err_set(err, SIGN_E_FORMAT, 0, "ISO 32000-2 7.5.2", "no %%PDF- in the first %d bytes", LIMIT_PDF_JUNK);
    }
    file->header = found;
    return SIGN_OK;
}

/* What every reader needs first: cross-references that lead to a catalog, and to its form if it has one. */
static int check_root(struct pdf_view *view, sign_err *err)
{
    const struct pdf_obj *root, *form;
    int rc = pdf_get(&root, view, pdf_trailer(view), "Root", err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (root->kind != PDF_DICT) {
        return err_set(err, SIGN_E_FORMAT, root->start, "ISO 32000-2 7.7.2", "/Root: expected a dictionary, found %s",
                       pdf_kind_name(root->kind));
    }
    return pdf_get(&form, view, root, "AcroForm", err);
}

static int open_newest(struct pdf_file *file, sign_err *err)
{
    sign_err *why = &file->damage;
    int rc = pdf_view_fill(&file->newest, file, file->size, why);
    rc = rc == SIGN_OK ? check_root(&file->newest, why) : rc;
    if (rc != SIGN_E_FORMAT) {
        if (rc != SIGN_OK && err != NULL) {
            *err = *why;
        }
        return rc;
    }
    file->repaired = true;
    rc = pdf_repair(file, err);
    return rc == SIGN_OK ? check_root(&file->newest, err) : rc;
}

static int hold(struct pdf_file *file, sign_err *err)
{
    if (file->size == 0) {
        return err_set(err, SIGN_E_FORMAT, 0, "ISO 32000-2 7.5.2", "an empty file");
    }
    if (file->size > LIMIT_IN_MEMORY) {
        return SIGN_OK;
    }
    return source_bytes(file->source, 0, (size_t)file->size, &file->arena, &file->memory, err);
}

/* Every byte of an honest file is read a few times at most, and what it inflates to likewise. */
static void set_limits(struct pdf_file *file, const struct pdf_opts *opts)
{
    file->opts = opts != NULL ? *opts : (struct pdf_opts){ 0 };
    file->opts.max_depth = file->opts.max_depth == 0 ? LIMIT_PDF_DEPTH : file->opts.max_depth;
    file->opts.max_objects = file->opts.max_objects == 0 ? LIMIT_PDF_OBJECTS : file->opts.max_objects;
    file->opts.max_inflated = file->opts.max_inflated == 0 ? LIMIT_INFLATED : file->opts.max_inflated;
    file->size = source_size(file->source);
    file->budget = file->size > UINT64_MAX / 64 ? UINT64_MAX : 32 * file->size + MIB(64);
    file->blank = UINT64_MAX;
}

int pdf_open(struct pdf_file **out, struct source *source, const struct crypto *crypto, const struct pdf_opts *opts,
             struct watch *watch, sign_err *err)
{
    struct pdf_file *file = calloc(1, sizeof *file);
    if (file == NULL) {
        return err_nomem(err);
    }
    file->source = source_ref(source);
    file->watch = watch;
    file->crypto = crypto;
    set_limits(file, opts);
    int rc = hold(file, err);
    if (rc == SIGN_OK && (rc = find_header(file, err)) == SIGN_OK) {
        rc = open_newest(file, err);
    }
    if (rc != SIGN_OK) {
        pdf_free(&file);
        return rc;
    }
    *out = file;
    return SIGN_OK;
}

void pdf_free(struct pdf_file **out)
{
    struct pdf_file *file = *out;
    if (file == NULL) {
        return;
    }
    for (size_t i = 0; i < file->sections.cap; i++) {
        if (file->sections.slots[i].value != NULL) {
            pdf_section_free(file->sections.slots[i].value);
        }
    }
    for (size_t i = 0; i < file->n_lineages; i++) {
        pdf_lineage_free(file->lineages[i]);
    }
    for (size_t i = 0; i < PDF_OBJSTM_KEPT; i++) {
        pdf_objstm_free(&file->kept[i]);
    }
    pdf_crypt_free(&file->crypt);
    pdf_log_free(&file->log);
    free(file->lineages);
    pdf_map_free(&file->sections);
    pdf_map_free(&file->objects);
    pdf_map_free(&file->views);
    pdf_parser_drop(&file->parser);
    free(file->scratch);
    arena_free(&file->arena);
    source_free(&file->source);
    free(file);
    *out = NULL;
}
