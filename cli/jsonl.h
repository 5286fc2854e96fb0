/* Flat JSON objects for the commands whose answers the library does not write by itself. */
#ifndef CLI_JSONL_H
#define CLI_JSONL_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct jsonl { FILE *to; bool some; };      /* one object under way */

void jsonl_open(struct jsonl *json, FILE *to);
void jsonl_string(struct jsonl *json, const char *key, const char *value);   /* NULL: null; bytes that are not UTF-8: U+FFFD */
void jsonl_bool(struct jsonl *json, const char *key, bool value);
void jsonl_number(struct jsonl *json, const char *key, uint64_t value);
void jsonl_raw(struct jsonl *json, const char *key, const char *value);      /* JSON already: "null", a nested object */
void jsonl_close(struct jsonl *json);                                        /* and the line end */

#endif
