/* Flat JSON objects for the commands whose answers the library does not write by itself. */
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json { FILE *to; bool some; };      /* one object under way */

void json_open(struct json *json, FILE *to);
void json_string(struct json *json, const char *key, const char *value);   /* NULL: null; bytes that are not UTF-8: U+FFFD */
void json_bool(struct json *json, const char *key, bool value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_raw(struct json *json, const char *key, const char *value);      /* JSON already: "null", a nested object */
void json_close(struct json *json);                                        /* and the line end */

#endif
