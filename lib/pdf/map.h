/* A growing hash map from numbers to pointers. The zero value is empty; the pointers stay the caller's. */
#ifndef PDF_MAP_H
#define PDF_MAP_H

#include <libsign/error.h>
#include <stddef.h>

struct pdf_map {
    struct pdf_map_slot { uint64_t key; void *value; } *slots;     /* value NULL: free */
    size_t n, cap;
};

void *pdf_map_get(const struct pdf_map *map, uint64_t key);        /* NULL where there is none */
int pdf_map_put(struct pdf_map *map, uint64_t key, void *value, sign_err *err);     /* replaces; value not NULL */
void pdf_map_free(struct pdf_map *map);

#endif
