/* Entries of one cross-reference section: sorted, each number once. */
#include <base/array.h>
#include <base/limits.h>
#include <pdf/impl.h>
#include <stdlib.h>

int pdf_places_add(struct pdf_places *places, struct pdf_place place, sign_err *err)
{
    if (place.num == 0) {
        return SIGN_OK; /* the head of the free list, never an object (7.5.4) */
    }
    int rc = array_grow((void **)&places->list, &places->cap, places->n + 1, sizeof place, LIMIT_PDF_OBJECTS,
                        "cross-reference entries", err);
    if (rc == SIGN_OK) {
        places->list[places->n++] = place;
        places->disputed |= place.kind == PDF_PLACE_DISPUTED;
    }
    return rc;
}

static int by_num(const void *a, const void *b)
{
    uint32_t x = ((const struct pdf_place *)a)->num, y = ((const struct pdf_place *)b)->num;
    return (x > y) - (x < y);
}

static bool same(const struct pdf_place *a, const struct pdf_place *b)
{
    return a->kind == b->kind && (a->kind == PDF_PLACE_FREE || (a->at == b->at && a->more == b->more));
}

void pdf_places_settle(struct pdf_places *places)
{
    struct pdf_place *list = places->list;
    bool rising = true;
    for (size_t i = 1; i < places->n && rising; i++) {
        rising = list[i - 1].num < list[i].num;
    }
    if (rising) {
        return;
    }
    qsort(list, places->n, sizeof *list, by_num);
    size_t n = 1;
    for (size_t i = 1; i < places->n; i++) {
        if (list[i].num != list[n - 1].num) {
            list[n++] = list[i];
        } else if (!same(&list[i], &list[n - 1])) {
            places->disputed = true;
            list[n - 1].kind = PDF_PLACE_DISPUTED; /* some readers take the first, some the last */
        }
    }
    places->n = n;
}

const struct pdf_place *pdf_places_find(const struct pdf_places *places, uint32_t num)
{
    size_t low = 0, high = places->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places->list[middle].num < num) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < places->n && places->list[low].num == num ? &places->list[low] : NULL;
}
