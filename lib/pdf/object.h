/*
 * PDF objects as parsed (ISO 32000-2 7.3): immutable, in the arena of the file they came from, with the bytes they
 * took.
 */
#ifndef PDF_OBJECT_H
#define PDF_OBJECT_H

#include <base/bytes.h>

enum pdf_kind { PDF_NULL, PDF_BOOL, PDF_INT, PDF_REAL, PDF_NAME, PDF_STRING, PDF_ARRAY, PDF_DICT, PDF_STREAM, PDF_REF };

struct pdf_ref { uint32_t num, gen; };

struct pdf_entry;
struct pdf_obj {
    enum pdf_kind kind;
    bool hex;                       /* PDF_STRING written as <…>                                              */
    bool duplicate_keys;            /* PDF_DICT: a key stands twice (7.3.7 forbids it): readers differ          */
    union {
        bool boolean;
        int64_t integer;
        double real;
        sign_bytes bytes;           /* PDF_NAME without '/', #xx decoded; PDF_STRING decoded (and decrypted)  */
        struct pdf_ref ref;
        struct { const struct pdf_obj *items; size_t n; } array;
        struct {
            const struct pdf_entry *entries;
            size_t n;
            uint64_t data, data_len;            /* PDF_STREAM alone: its bytes in the file                        */
            struct pdf_ref self;                /* PDF_STREAM alone: its own number, by which it is encrypted     */
        } dict;
    } u;
    uint64_t start, end;            /* [start, end) in the file; SIGN_NO_OFFSET for what came from an object stream */
};
struct pdf_entry { sign_bytes key; uint64_t key_start; struct pdf_obj value; };

/* The value of a key in a dictionary or stream dictionary, not dereferenced; NULL where there is none. With duplicate
 * keys the last one counts, and the dictionary says so. */
const struct pdf_obj *pdf_dict_get(const struct pdf_obj *dict, const char *key);
bool pdf_is_name(const struct pdf_obj *obj, const char *name);       /* obj may be NULL */
const char *pdf_kind_name(enum pdf_kind kind);                       /* "dictionary": messages */

#endif
