#include "added.h"

#include <stdlib.h>
#include <string.h>

static _Thread_local struct added *first, **last;

void added_keep(void *payload, const sign_doc *doc, const char *element, const char *id)
{
    struct added *one = calloc(1, sizeof *one);
    char *where = strdup(element), *what = strdup(id);
    if (!one || !where || !what) {      /* the document says it, too */
        free(one);
        free(where);
        free(what);
        return;
    }
    *one = (struct added){ where, what, NULL };
    *(first ? last : &first) = one;
    last = &one->next;
}

struct added *added_take(void)
{
    struct added *list = first;
    first = NULL;
    return list;
}

void added_free(struct added *list)
{
    while (list) {
        struct added *next = list->next;
        free(list->element);
        free(list->id);
        free(list);
        list = next;
    }
}
