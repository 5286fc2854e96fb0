/* Flat JSON objects for the commands whose answers the library does not write by itself. */
#ifndef CLI_JSONL_H
#define CLI_JSONL_H

#include <stdbool.h>
#include <stdio.h>

struct jsonl { FILE *to; bool some; };      /* one object under way */

void jsonl_open(struct jsonl *json, FILE *to);
/* NULL is null; bytes that are not UTF-8 become U+FFFD. */
void jsonl_string(struct jsonl *json, const char *key, const char *value);
/* A file name as verify prints it (docs/json.md): with `<key>_hex` behind it where its bytes are not UTF-8. */
void jsonl_path(struct jsonl *json, const char *key, const char *value);
void jsonl_bool(struct jsonl *json, const char *key, bool value);
/* An array of objects: its items are opened and closed in between. */
void jsonl_array_open(struct jsonl *json, const char *key);
void jsonl_item_open(struct jsonl *json);
void jsonl_item_close(struct jsonl *json);
void jsonl_array_close(struct jsonl *json);
void jsonl_close(struct jsonl *json);                                        /* and the line end */

#endif
