/*
 * An arena: many small allocations that end together. One document, one arena, one owner thread. Everything is aligned
 * for any type. No single piece is ever freed or moved.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <base/bytes.h>

struct arena_block;
struct arena {          /* the zero value is an empty arena with max LIMIT_ARENA */
    struct arena_block *blocks;
    size_t used, max;
};

void *arena_alloc(struct arena *a, size_t size);                       /* zeroed; NULL without memory or over max */
void *arena_array(struct arena *a, size_t count, size_t size);         /* the same, count*size checked            */
void *arena_dup(struct arena *a, const void *ptr, size_t len);
sign_bytes arena_bytes(struct arena *a, sign_bytes bytes);             /* ptr NULL on failure                     */
char *arena_str(struct arena *a, sign_bytes text);                     /* NUL-terminated copy                     */
char *arena_fmt(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void arena_free(struct arena *a);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
