/* JSON objects under way, for the reports of this room. */
#ifndef VERIFY_OBJECT_H
#define VERIFY_OBJECT_H

#include <base/bytes.h>
#include <libsign/bytes.h>
#include <jansson.h>

/*
 * jansson's constructors give NULL without memory, and its setters pass that on as an error. object_set takes any value and
 * makes the whole object fail: one look at the end (object_finish, which gives NULL then) is enough.
 */
struct object { json_t *json; bool failed; };

struct object object_new(void);
void object_set(struct object *o, const char *key, json_t *value);
json_t *object_finish(struct object *o);

/* Foreign text: whatever is not UTF-8 becomes U+FFFD. NULL is null. */
json_t *json_text_n(sign_bytes text);
json_t *json_text(const char *string);
/* A count or offset; null where it is not known. */
json_t *json_number(bool known, uint64_t value);
/* Takes the value, which may be NULL: false then, and without memory. */
bool json_append(json_t *array, json_t *value);
/* `file`, and `file_hex` where the name is not UTF-8 (docs/json.md). */
void object_set_file(struct object *o, const char *file);
const char *json_doc_type(int doc_type);        /* "pdf", "xml", "unknown" */
/* One line without a line end, safe on a terminal; takes the value, which may be NULL (NOMEM). */
int json_print(sign_buf **out, json_t *json, sign_err *err);

#endif
