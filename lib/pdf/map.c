#include <base/err.h>
#include <pdf/map.h>
#include <stdlib.h>

/*
 * The keys are what a document says, so one could be written whose keys all meet in one place. The mixing (MurmurHash3's
 * last step) is therefore begun with where the slots happen to lie, which no document knows; no result depends on it.
 */
static struct pdf_map_slot *slot_of(const struct pdf_map *map, uint64_t key)
{
    uint64_t h = key ^ (uintptr_t)map->slots;
    h = (h ^ h >> 33) * UINT64_C(0xFF51AFD7ED558CCD);
    h = (h ^ h >> 33) * UINT64_C(0xC4CEB9FE1A85EC53);
    size_t i = (size_t)(h ^ h >> 33) & (map->cap - 1);
    while (map->slots[i].value != NULL && map->slots[i].key != key) {
        i = (i + 1) & (map->cap - 1);
    }
    return &map->slots[i];
}

void *pdf_map_get(const struct pdf_map *map, uint64_t key)
{
    return map->n == 0 ? NULL : slot_of(map, key)->value;
}

static int grow(struct pdf_map *map, sign_err *err)
{
    struct pdf_map wider = { .cap = map->cap == 0 ? 64 : map->cap * 2, .n = map->n };
    wider.slots = calloc(wider.cap, sizeof *wider.slots);
    if (wider.slots == NULL) {
        return err_nomem(err);
    }
    for (size_t i = 0; i < map->cap; i++) {
        if (map->slots[i].value != NULL) {
            *slot_of(&wider, map->slots[i].key) = map->slots[i];
        }
    }
    free(map->slots);
    *map = wider;
    return SIGN_OK;
}

int pdf_map_put(struct pdf_map *map, uint64_t key, void *value, sign_err *err)
{
    if (map->n * 2 >= map->cap) {
        int rc = grow(map, err);
        if (rc != SIGN_OK) {
            return rc;
        }
    }
    struct pdf_map_slot *slot = slot_of(map, key);
    map->n += slot->value == NULL;
    *slot = (struct pdf_map_slot){ key, value };
    return SIGN_OK;
}

void pdf_map_free(struct pdf_map *map)
{
    free(map->slots);
    *map = (struct pdf_map){ 0 };
}
