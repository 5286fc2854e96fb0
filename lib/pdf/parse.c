#include <base/array.h>
#include <base/err.h>
#include <base/limits.h>
#include <pdf/crypt.h>
#include <pdf/parse.h>
#include <stdlib.h>

void pdf_parser_drop(struct pdf_parser *parser)
{
    free(parser->items);
    free(parser->entries);
    parser->items = NULL;
    parser->entries = NULL;
}

static int parse_value(struct pdf_parser *p, const struct pdf_token *first, unsigned depth, struct pdf_obj *out,
                       sign_err *err);

static int check_depth(const struct pdf_parser *p, const struct pdf_token *at, unsigned depth, sign_err *err)
{
    if (depth < p->max_depth) {
        return SIGN_OK;
    }
    return err_set(err, SIGN_E_LIMIT, at->start, "ISO 32000-2 7.3.6", "objects nested deeper than %u",
                   (unsigned)p->max_depth);
}

/* What a container of n elements so far may still take: one more. */
static int check_count(const struct pdf_token *at, size_t n, sign_err *err)
{
    if (n < LIMIT_PDF_ELEMENTS) {
        return SIGN_OK;
    }
    return err_set(err, SIGN_E_LIMIT, at->start, "ISO 32000-2 7.3.6", "more than %d elements in one object",
                   LIMIT_PDF_ELEMENTS);
}

static int parse_array(struct pdf_parser *p, unsigned depth, struct pdf_obj *out, sign_err *err)
{
    size_t base = p->n_items;
    for (;;) {
        struct pdf_token token;
        int rc = pdf_lex(&p->lex, &token, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        if (token.kind == PDF_LEX_ARRAY_END) {
            break;
        }
        struct pdf_obj item;
        if ((rc = check_count(&token, p->n_items - base, err)) != SIGN_OK ||
            (rc = parse_value(p, &token, depth + 1, &item, err)) != SIGN_OK ||
            (rc = array_grow((void **)&p->items, &p->cap_items, p->n_items + 1, sizeof item, 2 * LIMIT_PDF_ELEMENTS,
                             "array elements", err)) != SIGN_OK) {
            return rc;
        }
        p->items[p->n_items++] = item;
    }
    size_t n = p->n_items - base;
    out->kind = PDF_ARRAY;
    out->u.array.n = n;
    out->u.array.items = n == 0 ? NULL : arena_dup(p->lex.arena, p->items + base, n * sizeof *p->items);
    p->n_items = base;
    return n > 0 && out->u.array.items == NULL ? pdf_no_room(p->lex.arena, err) : SIGN_OK;
}

static int by_key(const void *a, const void *b)
{
    sign_bytes x = (*(const struct pdf_entry *const *)a)->key, y = (*(const struct pdf_entry *const *)b)->key;
    size_t len = x.len < y.len ? x.len : y.len;
    int order = len == 0 ? 0 : memcmp(x.ptr, y.ptr, len);
    return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

#define FEW 32 /* entries whose keys are compared each with each: sooner done than sorted */

static bool among_few(const struct pdf_entry *entries, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        for (size_t k = 0; k < i; k++) {
            if (bytes_equal(entries[i].key, entries[k].key)) {
                return true;
            }
        }
    }
    return false;
}

/* Does a key stand twice? Sorting keeps a dictionary of a million keys from costing their square. */
static int find_duplicates(const struct pdf_entry *entries, size_t n, bool *found, sign_err *err)
{
    *found = n <= FEW && among_few(entries, n);
    if (n <= FEW) {
        return SIGN_OK;
    }
    const struct pdf_entry **list = malloc(n * sizeof(struct pdf_entry *));
    if (list == NULL) {
        return err_nomem(err);
    }
    for (size_t i = 0; i < n; i++) {
        list[i] = &entries[i];
    }
    qsort(list, n, sizeof list[0], by_key);
    for (size_t i = 1; i < n; i++) {
        *found |= bytes_equal(list[i - 1]->key, list[i]->key);
    }
    free(list);
    return SIGN_OK;
}

/* A /Contents was left as it stood while nobody knew whether its dictionary is a signature's. */
static int open_contents(struct pdf_parser *p, size_t base, sign_err *err)
{
    int rc = SIGN_OK;
    size_t n = p->n_entries - base;
    if (p->crypt == NULL || pdf_is_signature_dict(p->entries + base, n)) {
        return SIGN_OK;
    }
    for (struct pdf_entry *e = p->entries + base; n > 0 && rc == SIGN_OK; n--, e++) {
        if (e->value.kind == PDF_STRING && bytes_are(e->key, "Contents")) {
            rc = pdf_decrypt_string(&e->value.u.bytes, p->crypt, p->owner, p->lex.arena, err);
        }
    }
    return rc;
}

static int close_dict(struct pdf_parser *p, size_t base, struct pdf_obj *out, sign_err *err)
{
    size_t n = p->n_entries - base;
    int rc = open_contents(p, base, err);
    if (rc != SIGN_OK) {
        return rc;
    }
    out->kind = PDF_DICT;
    out->u.dict.n = n;
    p->n_entries = base;
    if (n == 0) {
        return SIGN_OK;
    }
    struct pdf_entry *entries = arena_dup(p->lex.arena, p->entries + base, n * sizeof *entries);
    out->u.dict.entries = entries;
    return entries == NULL ? pdf_no_room(p->lex.arena, err) : find_duplicates(entries, n, &out->duplicate_keys, err);
}

static int parse_entry(struct pdf_parser *p, const struct pdf_token *first, unsigned depth, struct pdf_entry *entry,
                       sign_err *err)
{
    const struct pdf_crypt *crypt = p->crypt;
    if (first->kind == PDF_LEX_STRING && bytes_are(entry->key, "Contents")) {
        p->crypt = NULL;
    }
    int rc = parse_value(p, first, depth, &entry->value, err);
    p->crypt = crypt;
    return rc;
}

static int parse_dict(struct pdf_parser *p, unsigned depth, struct pdf_obj *out, sign_err *err)
{
    size_t base = p->n_entries;
    for (;;) {
        struct pdf_token key, token;
        int rc = pdf_lex(&p->lex, &key, err);
        if (rc != SIGN_OK) {
            return rc;
        }
        if (key.kind == PDF_LEX_DICT_END) {
            return close_dict(p, base, out, err);
        }
        if (key.kind != PDF_LEX_NAME) {
            return err_set(err, SIGN_E_FORMAT, key.start, "ISO 32000-2 7.3.7",
                           "dictionary: expected a name as key or '>>'");
        }
        struct pdf_entry entry = { .key = key.bytes, .key_start = key.start };
        if ((rc = check_count(&key, p->n_entries - base, err)) != SIGN_OK ||
            (rc = pdf_lex(&p->lex, &token, err)) != SIGN_OK ||
            (rc = parse_entry(p, &token, depth + 1, &entry, err)) != SIGN_OK ||
            (rc = array_grow((void **)&p->entries, &p->cap_entries, p->n_entries + 1, sizeof entry,
                             2 * LIMIT_PDF_ELEMENTS, "dictionary entries", err)) != SIGN_OK) {
            return rc;
        }
        p->entries[p->n_entries++] = entry;
    }
}

static int parse_word(const struct pdf_token *token, struct pdf_obj *out, sign_err *err)
{
    if (bytes_are(token->bytes, "null")) {
        out->kind = PDF_NULL;
    } else if (bytes_are(token->bytes, "true") || bytes_are(token->bytes, "false")) {
        out->kind = PDF_BOOL;
        out->u.boolean = token->bytes.len == 4;
    } else {
        char shown[PDF_SHOWN];
        return err_set(err, SIGN_E_FORMAT, token->start, "ISO 32000-2 7.3", "expected an object, found '%s'",
                       pdf_show(shown, token->bytes));
    }
    return SIGN_OK;
}

static void parse_integer(struct pdf_parser *p, const struct pdf_token *token, struct pdf_obj *out)
{
    uint32_t gen;
    if (token->integer >= 0 && token->integer <= UINT32_MAX && pdf_lex_reference(&p->lex, &gen)) {
        out->kind = PDF_REF;
        out->u.ref = (struct pdf_ref){ (uint32_t)token->integer, gen };
    } else {
        out->kind = PDF_INT;
        out->u.integer = token->integer;
    }
}

static int parse_value(struct pdf_parser *p, const struct pdf_token *first, unsigned depth, struct pdf_obj *out,
                       sign_err *err)
{
    int rc = watch_poll(p->watch, 16, err);
    if (rc != SIGN_OK || (rc = check_depth(p, first, depth, err)) != SIGN_OK) {
        return rc;
    }
    *out = (struct pdf_obj){ .start = first->start };
    switch (first->kind) {
    case PDF_LEX_INT:
        parse_integer(p, first, out);
        break;
    case PDF_LEX_REAL:
        out->kind = PDF_REAL;
        out->u.real = first->real;
        break;
    case PDF_LEX_NAME:
    case PDF_LEX_STRING:
        out->kind = first->kind == PDF_LEX_NAME ? PDF_NAME : PDF_STRING;
        out->hex = first->hex;
        out->u.bytes = first->bytes;
        if (out->kind == PDF_STRING && p->crypt != NULL && (rc = watch_poll(p->watch, 256, err)) == SIGN_OK) {
            rc = pdf_decrypt_string(&out->u.bytes, p->crypt, p->owner, p->lex.arena, err);
        }
        break;
    case PDF_LEX_ARRAY:
        rc = parse_array(p, depth, out, err);
        break;
    case PDF_LEX_DICT:
        rc = parse_dict(p, depth, out, err);
        break;
    case PDF_LEX_WORD:
        rc = parse_word(first, out, err);
        break;
    case PDF_LEX_END:
    case PDF_LEX_ARRAY_END:
    case PDF_LEX_DICT_END:
    default:
        rc = err_set(err, SIGN_E_FORMAT, first->start, "ISO 32000-2 7.3", "expected an object, found %s",
                     first->kind == PDF_LEX_END ? "the end" : "a closing bracket");
    }
    out->end = pdf_lex_at(&p->lex);
    return rc;
}

int pdf_parse_from(struct pdf_parser *parser, const struct pdf_token *first, struct pdf_obj *out, sign_err *err)
{
    parser->n_items = 0;
    parser->n_entries = 0;
    return parse_value(parser, first, 0, out, err);
}

int pdf_parse(struct pdf_parser *parser, struct pdf_obj *out, sign_err *err)
{
    struct pdf_token first;
    int rc = pdf_lex(&parser->lex, &first, err);
    return rc != SIGN_OK ? rc : pdf_parse_from(parser, &first, out, err);
}
