/*
 * What a ByteRange covers (ISO 32000-2 12.8.1), and whether what it covers is what readers show: one rule, one
 * function.
 */
#include <base/cleanup.h>
#include <base/err.h>
#include <base/limits.h>
#include <base/text.h>
#include <pdf/form.h>
#include <pdf/impl.h>
#include <pdf/signature.h>
#include <stdarg.h>
#include <stdio.h>

#define RANGE   "ISO 32000-2 12.8.1"
#define UPDATES "ISO 32000-2 7.5.6"
#define SYNTAX  "ISO 32000-2 7.3.7"

struct check {
    struct pdf_file *file;
    const struct pdf_signature *sig;
    struct pdf_coverage *out;
    uint64_t gap_start, gap_end, end; /* of the gap; of the second range */
    struct pdf_view *prefix;
};

static int fault(struct check *c, enum pdf_fault which, uint64_t offset, const char *clause, sign_err *err,
                 const char *fmt, ...) __attribute__((format(printf, 6, 7)));

static int fault(struct check *c, enum pdf_fault which, uint64_t offset, const char *clause, sign_err *err,
                 const char *fmt, ...)
{
    char text[256];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    c->out->fault = which;
    c->out->offset = offset;
    c->out->clause = clause;
    c->out->detail = arena_str(&c->file->arena, bytes_str(text));
    return c->out->detail == NULL ? err_nomem(err) : SIGN_OK;
}

/* What the file says wrongly is a fault of the signature; what we could not do is an error. */
static int fault_or_error(struct check *c, enum pdf_fault which, int rc, const sign_err *why, const char *doing,
                          sign_err *err)
{
    if (rc == SIGN_E_FORMAT || rc == SIGN_E_UNSUPPORTED || rc == SIGN_E_PASSWORD) {
        return fault(c, which, why->offset, why->clause != NULL ? why->clause : UPDATES, err, "%s: %s", doing,
                     why->msg);
    }
    if (err != NULL) {
        *err = *why;
    }
    return rc;
}

static unsigned long long u(uint64_t value)
{
    return (unsigned long long)value;
}

/*
 * 7.3.5: /Cont#65nts is /Contents. But nobody who signs writes it so, and readers that look for the name as it is would
 * find another signature or none. The key of an entry, or NULL; *plain: it stands in the file without #.
 */
static int spelt(const char **key, struct check *c, const struct pdf_entry *entry, sign_err *err)
{
    static const char *const keys[] = { "ByteRange", "Contents", "Filter", "Reference", "SubFilter", "Type" };
    sign_bytes text = { 0 };
    *key = NULL;
    for (size_t i = 0; i < COUNT(keys) && entry->key_start < c->file->size; i++) {
        size_t len = strlen(keys[i]);
        if (!bytes_are(entry->key, keys[i])) {
            continue;
        }
        int rc = pdf_window(c->file, entry->key_start, len + 1, &text, err);
        bool plain = rc == SIGN_OK && text.len > len && text.ptr[0] == '/' && memcmp(text.ptr + 1, keys[i], len) == 0;
        *key = plain ? NULL : keys[i];
        return rc;
    }
    return SIGN_OK;
}

static int plain_keys(struct check *c, sign_err *err)
{
    const struct pdf_obj *dict = c->sig->dict;
    const char *key = NULL;
    int rc = SIGN_OK;
    for (size_t i = 0; i < pdf_keys(dict) && rc == SIGN_OK && key == NULL; i++) {
        rc = spelt(&key, c, &dict->u.dict.entries[i], err);
        if (rc == SIGN_OK && key != NULL) {
            return fault(c, PDF_FAULT_RANGE_FORM, dict->u.dict.entries[i].key_start, "ISO 32000-2 7.3.5", err,
                         "/%s of the signature dictionary is written with #: readers differ about what it says", key);
        }
    }
    return rc;
}

static int range_form(struct check *c, sign_err *err)
{
    const struct pdf_obj *range = pdf_dict_get(c->sig->dict, "ByteRange");
    if (c->sig->dict->duplicate_keys) {
        return fault(c, PDF_FAULT_RANGE_FORM, c->sig->dict->start, SYNTAX, err,
                     "a key stands twice in the signature dictionary: readers differ about which one counts");
    }
    if (!c->sig->range_ok) {
        return fault(c, PDF_FAULT_RANGE_FORM, range == NULL ? c->sig->dict->start : range->start, RANGE, err,
                     "/ByteRange: expected four direct non-negative integers, found %s",
                     range == NULL              ? "none"
                     : range->kind == PDF_ARRAY ? "another array"
                                                : pdf_kind_name(range->kind));
    }
    return SIGN_OK;
}

static int range_start(struct check *c, sign_err *err)
{
    if (c->sig->range[0] == 0) {
        return SIGN_OK;
    }
    return fault(c, PDF_FAULT_RANGE_START, 0, RANGE, err, "/ByteRange: expected it to start at 0, found %llu",
                 u(c->sig->range[0]));
}

static int range_outside(struct check *c, sign_err *err)
{
    const uint64_t *r = c->sig->range, size = c->file->size;
    if (r[1] > size || r[2] > size || r[3] > size - r[2]) {
        return fault(c, PDF_FAULT_RANGE_OUTSIDE, size, RANGE, err,
                     "/ByteRange: [0 %llu %llu %llu] leaves a file of %llu bytes", u(r[1]), u(r[2]), u(r[3]), u(size));
    }
    c->gap_start = r[1];
    c->gap_end = r[2];
    c->end = r[2] + r[3];
    return SIGN_OK;
}

static int range_overlap(struct check *c, sign_err *err)
{
    if (c->gap_start <= c->gap_end) {
        return SIGN_OK;
    }
    return fault(c, PDF_FAULT_RANGE_OVERLAP, c->gap_end, RANGE, err,
                 "/ByteRange: the second range starts at %llu, within the first that ends at %llu", u(c->gap_end),
                 u(c->gap_start));
}

static int gap(struct check *c, sign_err *err)
{
    const struct pdf_obj *contents = pdf_dict_get(c->sig->dict, "Contents");
    if (contents == NULL || contents->kind != PDF_STRING) {
        return fault(c, PDF_FAULT_GAP, c->sig->dict->start, RANGE, err, "/Contents: expected a direct string, found %s",
                     contents == NULL ? "none" : pdf_kind_name(contents->kind));
    }
    if (c->sig->contents_start == SIGN_NO_OFFSET) {
        return fault(c, PDF_FAULT_GAP, SIGN_NO_OFFSET, RANGE, err,
                     "/Contents: it stands outside the file's bytes, in an object stream");
    }
    if (c->gap_start != c->sig->contents_start || c->gap_end != c->sig->contents_end) {
        return fault(c, PDF_FAULT_GAP, c->gap_start, RANGE, err,
                     "the gap is [%llu, %llu), but the signature's own /Contents is [%llu, %llu)", u(c->gap_start),
                     u(c->gap_end), u(c->sig->contents_start), u(c->sig->contents_end));
    }
    return SIGN_OK;
}

struct digits {
    uint64_t at, len, seen, bad;
    int letters;                    /* 'a' or 'A' once a digit was one */
};

/* The case of a hex letter tells nothing, and nothing signs it: one case is a signer's habit, two are somebody's later touch. */
static bool fits(struct digits *d, uint8_t byte)
{
    if (hex_value(byte) < 0) {
        return false;
    }
    int letters = byte >= 'a' ? 'a' : byte >= 'A' ? 'A' : 0;
    bool mixed = letters && d->letters && letters != d->letters;
    d->letters = letters ? letters : d->letters;
    return !mixed;
}

static void look_at_each(struct digits *d, sign_bytes window)
{
    for (size_t i = 0; i < window.len && d->bad == SIGN_NO_OFFSET; i++, d->seen++) {
        bool edge = d->seen == 0 || d->seen == d->len - 1;
        bool good = edge ? window.ptr[i] == (d->seen == 0 ? '<' : '>') : fits(d, window.ptr[i]);
        d->bad = good ? SIGN_NO_OFFSET : d->at + d->seen;
    }
}

/* Digits whose letters are in one case are passed over at once, what else there is looked at byte by byte. */
static int look_for_others(void *payload, sign_bytes window, sign_err *err)
{
    static const int letters[] = { 0, [HEX_LOWER] = 'a', [HEX_UPPER] = 'A' };
    struct digits *d = payload;
    if (d->seen == 0) {
        look_at_each(d, bytes_slice(window, 0, 1));
        window = bytes_slice(window, 1, window.len);
    }
    if (d->bad == SIGN_NO_OFFSET && d->seen < d->len) {
        unsigned cases;
        size_t run = hex_span(bytes_slice(window, 0, (size_t)(d->len - 1 - d->seen)), &cases);
        bool one_case = cases < COUNT(letters) && (!cases || !d->letters || letters[cases] == d->letters);
        if (one_case) {
            d->letters = cases ? letters[cases] : d->letters;
            d->seen += run;
            window = bytes_slice(window, run, window.len);
        }
    }
    look_at_each(d, window);
    return SIGN_OK;
}

/* White space between digits is syntax (7.3.4.3), but room for what is not signed: so it is refused. */
static int contents_hex(struct check *c, sign_err *err)
{
    struct digits d = { .at = c->gap_start, .len = c->gap_end - c->gap_start, .bad = SIGN_NO_OFFSET };
    int rc = pdf_spend(c->file, d.len, err);
    if (rc == SIGN_OK) {
        rc = source_each(c->file->source, d.at, d.len, look_for_others, &d, c->file->watch, err);
    }
    if (rc != SIGN_OK || d.bad == SIGN_NO_OFFSET) {
        return rc;
    }
    return fault(c, PDF_FAULT_CONTENTS_HEX, d.bad, RANGE, err,
                 "/Contents: expected '<', hexadecimal digits alone and their letters in one case, '>'");
}

static int dict_covered(struct check *c, sign_err *err)
{
    const struct pdf_obj *dict = c->sig->dict;
    if (dict->start < c->gap_start && dict->end > c->gap_end && dict->end <= c->end) {
        return SIGN_OK;
    }
    return fault(c, PDF_FAULT_DICT_UNCOVERED, dict->start, RANGE, err,
                 "the signature dictionary [%llu, %llu) does not lie in the covered bytes", u(dict->start),
                 u(dict->end));
}

/* Later updates cannot damage a prefix: it was signed as it is. It must look like a revision's end all the same. */
static bool signed_damaged(const struct check *c, int rc)
{
    uint64_t value, end;
    return rc == SIGN_E_FORMAT && c->file->repaired &&
           pdf_startxref_before(c->file, c->end, &value, &end, NULL) == SIGN_OK;
}

static int prefix(struct check *c, sign_err *err)
{
    sign_err why = SIGN_ERR_INIT;
    int rc = pdf_prefix(&c->prefix, c->file, c->end, &why);
    if (signed_damaged(c, rc)) {
        c->prefix = &c->file->newest;
        c->out->damage = arena_str(&c->file->arena, bytes_str(why.msg));
        rc = c->out->damage == NULL ? err_nomem(&why) : SIGN_OK;
    }
    if (rc != SIGN_OK) {
        return fault_or_error(c, PDF_FAULT_PREFIX, rc, &why, "the signed bytes are no file of their own", err);
    }
    c->out->revision = pdf_revision(c->prefix);
    return SIGN_OK;
}

/* Is the dictionary, in this view too, the value of the same field? */
static int same_in(struct check *c, struct pdf_view *view, const char *where, sign_err *err)
{
    struct pdf_field field;
    const struct pdf_obj *value = NULL, *dict = &pdf_null;
    bool found = false, duplicate = false;
    sign_err why = SIGN_ERR_INIT;
    int rc = pdf_field_again(&field, &found, &duplicate, view, c->sig->place, &why);
    if (rc == SIGN_OK && found) {
        value = pdf_dict_get(field.dict, "V");
        rc = pdf_resolve(&dict, view, value, &why);
    }
    if (rc != SIGN_OK) {
        return fault_or_error(c, PDF_FAULT_PREFIX_DIFFERS, rc, &why, where, err);
    }
    if (duplicate) {
        return fault(c, PDF_FAULT_PREFIX_DIFFERS, SIGN_NO_OFFSET, SYNTAX, err,
                     "%s: a key stands twice in the trailer, the catalog, the form or the field", where);
    }
    if (!found || !field.signature) {
        return fault(c, PDF_FAULT_PREFIX_DIFFERS, SIGN_NO_OFFSET, UPDATES, err,
                     "%s: it has no signature field of this name", where);
    }
    uint32_t num = value != NULL && value->kind == PDF_REF ? value->u.ref.num : 0;
    if (num != c->sig->value.num || dict->kind != PDF_DICT || dict->start != c->sig->dict->start) {
        return fault(c, PDF_FAULT_PREFIX_DIFFERS, dict->start, UPDATES, err,
                     "%s: the field holds another dictionary than in the file as it is now", where);
    }
    return SIGN_OK;
}

static int prefix_same(struct check *c, sign_err *err)
{
    int rc = same_in(c, c->prefix, "the signed revision", err);
    if (rc == SIGN_OK && c->out->fault == PDF_FAULT_NONE && c->prefix != &c->file->newest) {
        rc = same_in(c, &c->file->newest, "the newest revision", err);
    }
    return rc;
}

/*
 * 7.5.5: startxref, its offset, %%EOF; then white space at most. All within the last bytes, where startxref was found.
 */
static int eof(struct check *c, sign_err *err)
{
    uint64_t value, at;
    sign_bytes tail = { 0 };
    int rc = pdf_startxref_before(c->file, c->end, &value, &at, err);
    if (rc == SIGN_OK && at < c->end) {
        rc = pdf_window(c->file, at, (size_t)(c->end - at), &tail, err);
    }
    if (rc != SIGN_OK) {
        return rc;
    }
    struct cursor in = cursor_over(bytes_slice(tail, 0, (size_t)(c->end - at)), at);
    while (pdf_is_space(cursor_peek(&in, 0))) {
        cursor_next(&in);
    }
    bool marked = cursor_match(&in, BYTES_LIT("%%EOF"));
    while (marked && pdf_is_space(cursor_peek(&in, 0))) {
        cursor_next(&in);
    }
    if (marked && cursor_end(&in)) {
        return SIGN_OK;
    }
    return fault(c, PDF_FAULT_EOF, cursor_offset(&in), "ISO 32000-2 7.5.5", err,
                 "the second range ends at %llu: expected %s there", u(c->end),
                 marked ? "nothing but white space behind %%EOF" : "startxref, an offset and %%EOF");
}

static int unshared(struct check *c, sign_err *err)
{
    return !c->sig->shared ? SIGN_OK
                           : fault(c, PDF_FAULT_SHARED, c->sig->dict->start, "ISO 32000-2 12.7.4.2", err,
                                   "two fields have this one signature as their value: which was signed is unknown");
}

static int (*const rules[])(struct check *c, sign_err *err) = {
    range_form,   plain_keys,   range_start, range_outside, range_overlap, gap,
    contents_hex, dict_covered, prefix,      prefix_same,   eof,           unshared,
};

/* From where on the file holds nothing but white space: once for all signatures. */
static int find_blank(struct pdf_file *file, sign_err *err)
{
    for (uint64_t end = file->size; file->blank == UINT64_MAX;) {
        uint64_t from = end < KIB(64) ? 0 : end - KIB(64);
        sign_bytes bytes;
        size_t len = (size_t)(end - from);
        int rc = pdf_window(file, from, len, &bytes, err);
        rc = rc == SIGN_OK ? pdf_spend(file, len, err) : rc;
        if (rc != SIGN_OK) {
            return rc;
        }
        while (len > 0 && pdf_is_space(bytes.ptr[len - 1])) {
            len--;
        }
        end = from;
        if (len > 0 || from == 0) {
            file->blank = from + len;
        }
    }
    return SIGN_OK;
}

int pdf_cover(struct pdf_coverage *out, struct pdf_file *file, const struct pdf_signature *sig, sign_err *err)
{
    struct check c = { .file = file, .sig = sig, .out = out };
    *out = (struct pdf_coverage){ .offset = SIGN_NO_OFFSET, .revisions = pdf_revision(&file->newest) };
    int rc = find_blank(file, err);
    rc = rc == SIGN_OK ? pdf_spend(file, 16 * pdf_keys(sig->dict), err) : rc;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0] && rc == SIGN_OK && out->fault == PDF_FAULT_NONE; i++) {
        rc = rules[i](&c, err);
    }
    out->whole_file = rc == SIGN_OK && c.end != 0 && c.end >= file->blank;
    return rc;
}
