#include <pdf/rewrite.h>

#include <base/array.h>
#include <base/build.h>
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/crypt.h>
#include <pdf/impl.h>
#include <pdf/serialize.h>
#include <pdf/signature.h>
#include <stdlib.h>

#define GAPS 100000 /* numbers that nothing uses, each a line of the table */

struct written {
    struct pdf_ref ref;
    uint64_t offset;
};

struct rewrite {
    struct pdf_file *file;
    struct pdf_view *view;
    struct sink *to;
    struct build text;              /* of the object under way */
    struct pdf_ref *queue;          /* found, in the order in which they are written; malloc'ed */
    size_t n, cap, done;
    struct written *places;
    size_t n_places, cap_places;
    uint8_t *seen;                  /* a bit an object number */
};

/* --- what leads where --------------------------------------------------------------------------------------------- */

/* A reference to nothing is null (7.3.10), and common; but a page that is not there was there before the damage. */
static int check_lost(sign_bytes key, struct pdf_ref ref, sign_err *err)
{
    static const char *const needed[] = { "Root", "Pages", "Kids", "Contents", "Resources", "AcroForm", "Fields" };
    for (size_t i = 0; i < COUNT(needed); i++) {
        if (bytes_are(key, needed[i])) {
            return err_set(err, SIGN_E_FORBIDDEN, SIGN_NO_OFFSET, "ISO 32000-2 7.3.10",
                           "the damage took object %u, which a /%s names: what is left is not the document", (unsigned)ref.num,
                           needed[i]);
        }
    }
    return SIGN_OK;
}

static int find_ref(struct rewrite *r, struct pdf_ref ref, sign_bytes key, sign_err *err)
{
    struct pdf_where where;
    int rc = pdf_locate(&where, r->view, ref.num, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    if (where.kind == PDF_NOWHERE || where.gen != ref.gen) {
        return check_lost(key, ref, err);
    }
    uint8_t *byte = &r->seen[ref.num / 8], bit = (uint8_t)(1u << ref.num % 8);
    if ((*byte & bit) != 0) {
        return SIGN_OK;
    }
    *byte |= bit;
    rc = array_grow((void **)&r->queue, &r->cap, r->n + 1, sizeof ref, LIMIT_PDF_OBJECTS, "objects", err);
    if (rc == SIGN_OK) {
        r->queue[r->n++] = ref;
    }
    return rc;
}

/* The depth was limited when the object was read. */
static int find_refs(struct rewrite *r, const struct pdf_obj *obj, sign_bytes key, sign_err *err)
{
    int rc = SIGN_OK;
    if (obj->kind == PDF_REF) {
        return find_ref(r, obj->u.ref, key, err);
    }
    for (size_t i = 0; obj->kind == PDF_ARRAY && i < obj->u.array.n && rc == SIGN_OK; i++) {
        rc = find_refs(r, &obj->u.array.items[i], key, err);
    }
    for (size_t i = 0; i < pdf_keys(obj) && rc == SIGN_OK; i++) {
        const struct pdf_entry *entry = &obj->u.dict.entries[i];
        if (obj->kind != PDF_STREAM || !bytes_are(entry->key, "Length")) { /* which is written anew */
            rc = find_refs(r, &entry->value, entry->key, err);
        }
    }
    return rc;
}

/* A signature that no field holds counts too: usage rights, a MAC. */
static int refuse_signature(const struct pdf_obj *obj, sign_err *err)
{
    if (pdf_keys(obj) > 0 && pdf_dict_get(obj, "ByteRange") != NULL) {
        return err_set(err, SIGN_E_FORBIDDEN, obj->start, "ISO 32000-2 12.8.1",
                       "the damaged file holds a signature: written anew, it would not hold any more");
    }
    return SIGN_OK;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

#define ENOUGH KIB(64) /* text that is worth a write */

static int flush(struct rewrite *r, sign_err *err)
{
    int rc = build_check(&r->text, err, "an object");
    rc = rc == SIGN_OK ? sink_put(r->to, build_view(&r->text), err) : rc;
    build_truncate(&r->text, 0);
    return rc;
}

static uint64_t written(const struct rewrite *r)
{
    return r->to->written + r->text.len;
}

/* Stream data are copied as they stand, encrypted ones too: their key hangs on the object's number, which stays. */
static int put_stream(struct rewrite *r, const struct pdf_obj *obj, const struct pdf_seal *seal, sign_err *err)
{
    char length[24];
    snprintf(length, sizeof length, "%llu", (unsigned long long)obj->u.dict.data_len);
    struct pdf_override exact = { "Length", length };
    pdf_put_dict(&r->text, obj, &exact, 1, seal);
    build_str(&r->text, "\nstream\n");
    int rc = flush(r, err);
    if (rc == SIGN_OK && obj->u.dict.data_len > 0) {
        rc = sink_copy(r->to, pdf_source(r->file), obj->u.dict.data, obj->u.dict.data_len, r->file->watch, err);
    }
    build_str(&r->text, "\nendstream");
    return rc;
}

static int put_object(struct rewrite *r, struct pdf_ref ref, sign_err *err)
{
    const struct pdf_obj *obj;
    const struct pdf_crypt *crypt = r->file->crypt;
    bool plain = crypt != NULL && crypt->self.num == ref.num; /* the encryption dictionary itself (7.6.2) */
    struct pdf_seal seal = { plain ? NULL : crypt, ref };
    int rc = pdf_load(&obj, r->view, ref, err);
    if (rc != SIGN_OK || (rc = refuse_signature(obj, err)) != SIGN_OK ||
        (rc = array_grow((void **)&r->places, &r->cap_places, r->n_places + 1, sizeof *r->places, LIMIT_PDF_OBJECTS,
                         "objects", err)) != SIGN_OK) {
        return rc;
    }
    r->places[r->n_places++] = (struct written){ ref, written(r) };
    build_fmt(&r->text, "%u %u obj\n", (unsigned)ref.num, (unsigned)ref.gen);
    if (obj->kind == PDF_STREAM) {
        rc = put_stream(r, obj, &seal, err);
    } else {
        pdf_put_object(&r->text, obj, &seal);
    }
    build_str(&r->text, "\nendobj\n");
    rc = rc == SIGN_OK && (r->text.len > ENOUGH || r->text.failed) ? flush(r, err) : rc;
    return rc == SIGN_OK ? find_refs(r, obj, (sign_bytes){ 0 }, err) : rc;
}

static int by_number(const void *a, const void *b)
{
    const struct written *x = a, *y = b;
    return (x->ref.num > y->ref.num) - (x->ref.num < y->ref.num);
}

/* 7.5.4: a first revision has one subsection from 0 on; the numbers that nothing uses are the free list. */
static int put_table(struct rewrite *r, sign_err *err)
{
    qsort(r->places, r->n_places, sizeof *r->places, by_number);
    uint32_t size = r->places[r->n_places - 1].ref.num + 1;
    if (size - r->n_places > GAPS) {
        return err_set(err, SIGN_E_LIMIT, SIGN_NO_OFFSET, "ISO 32000-2 7.5.4", "%zu objects, numbered up to %u", r->n_places,
                       (unsigned)size - 1);
    }
    build_fmt(&r->text, "xref\n0 %u\n", (unsigned)size);
    uint32_t free_until = 0; /* the table is written from its end, as each free entry names the next */
    CLEANUP(build_free) struct build lines = { 0 };
    uint8_t *room = build_room(&lines, (size_t)size * 20);
    size_t i = r->n_places;
    for (uint32_t num = size; room != NULL && num-- > 0;) {
        char line[32];
        bool used = i > 0 && r->places[i - 1].ref.num == num;
        uint64_t at = used ? r->places[--i].offset : free_until;
        unsigned gen = used ? r->places[i].ref.gen : num == 0 ? 65535 : 0;
        if (at > UINT64_C(9999999999)) {
            return err_set(err, SIGN_E_UNSUPPORTED, SIGN_NO_OFFSET, "ISO 32000-2 7.5.4",
                           "the file is larger than the ten digits of a cross-reference table can say");
        }
        snprintf(line, sizeof line, "%010llu %05u %c\r\n", (unsigned long long)at, gen, used ? 'n' : 'f');
        memcpy(room + (size_t)num * 20, line, 20);
        free_until = used ? free_until : num;
    }
    int rc = build_check(&lines, err, "the cross-reference table");
    rc = rc == SIGN_OK ? flush(r, err) : rc;
    rc = rc == SIGN_OK ? sink_put(r->to, build_view(&lines), err) : rc;
    build_fmt(&r->text, "trailer\n<</Size %u", (unsigned)size);
    return rc;
}

/* /Root, /Info, /Encrypt and /ID alone: the rest described what is not there any more. */
static const char *const kept[] = { "Root", "Info", "Encrypt" };

static int put_trailer(struct rewrite *r, uint64_t xref, sign_err *err)
{
    const struct pdf_obj *trailer = pdf_trailer(r->view), *id;
    for (size_t i = 0; i < COUNT(kept); i++) {
        const struct pdf_obj *value = pdf_dict_get(trailer, kept[i]);
        if (value != NULL) {
            build_fmt(&r->text, "/%s ", kept[i]);
            pdf_put_object(&r->text, value, NULL); /* the trailer's strings are never encrypted */
        }
    }
    int rc = pdf_get(&id, r->view, trailer, "ID", err);
    if (rc == SIGN_OK && id->kind == PDF_ARRAY) {
        build_str(&r->text, "/ID ");
        pdf_put_object(&r->text, id, NULL);
    }
    build_fmt(&r->text, ">>\nstartxref\n%llu\n%%%%EOF\n", (unsigned long long)xref);
    return rc == SIGN_OK ? flush(r, err) : rc;
}

/* The version as the file has it; the second line tells transports that the file is binary (7.5.2). */
static int put_header(struct rewrite *r, sign_err *err)
{
    sign_bytes head;
    int rc = pdf_window(r->file, r->file->header, 8, &head, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    bool known = head.len >= 8 && (head.ptr[5] == '1' || head.ptr[5] == '2') && head.ptr[6] == '.' && head.ptr[7] >= '0' &&
                 head.ptr[7] <= '9';
    build_bytes(&r->text, known ? bytes_slice(head, 0, 8) : BYTES_LIT("%PDF-1.7"));
    build_str(&r->text, "\n%\xE2\xE3\xCF\xD3\n");
    return flush(r, err);
}

static int check_signatures(struct rewrite *r, sign_err *err)
{
    const struct pdf_signature *sigs;
    size_t n;
    int rc = pdf_signatures(&sigs, &n, r->file, err);
    if (rc == SIGN_OK && n > 0) {
        return refuse_signature(sigs[0].dict, err);
    }
    const struct pdf_obj *mac = pdf_dict_get(pdf_trailer(r->view), "AuthCode");
    if (rc == SIGN_OK && mac != NULL) {
        return err_set(err, SIGN_E_FORBIDDEN, mac->start, "ISO/TS 32004",
                       "the damaged file holds an integrity code: written anew, it would not hold any more");
    }
    return rc;
}

static int write_objects(struct rewrite *r, sign_err *err)
{
    const struct pdf_obj *trailer = pdf_trailer(r->view);
    int rc = put_header(r, err);
    for (size_t i = 0; i < COUNT(kept) && rc == SIGN_OK; i++) {
        const struct pdf_obj *value = pdf_dict_get(trailer, kept[i]);
        rc = value == NULL ? SIGN_OK : find_refs(r, value, bytes_str(kept[i]), err);
    }
    while (rc == SIGN_OK && r->done < r->n) {
        struct pdf_ref ref = r->queue[r->done++];
        rc = put_object(r, ref, err);
        if (rc != SIGN_OK) {
            return err_in(err, rc, "writing object %u of the damaged file anew", (unsigned)ref.num);
        }
    }
    if (rc == SIGN_OK && r->n_places == 0) {
        return err_set(err, SIGN_E_FORMAT, SIGN_NO_OFFSET, "ISO 32000-2 7.5.5", "the trailer leads to no object");
    }
    uint64_t xref = written(r);
    rc = rc == SIGN_OK ? put_table(r, err) : rc;
    return rc == SIGN_OK ? put_trailer(r, xref, err) : rc;
}

int pdf_rewrite(struct sink *to, struct pdf_file *file, sign_err *err)
{
    struct rewrite r = { .file = file, .view = pdf_newest(file), .to = to };
    int rc = check_signatures(&r, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    r.seen = calloc((size_t)r.view->section->top / 8 + 1, 1);
    rc = r.seen == NULL ? err_nomem(err) : write_objects(&r, err);
    free(r.seen);
    free(r.queue);
    free(r.places);
    build_free(&r.text);
    return rc;
}
