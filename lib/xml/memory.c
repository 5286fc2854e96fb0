#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <xml/memory.h>

/* In front of every piece, so that free and realloc know how much goes back. */
struct header {
    alignas(max_align_t) size_t size;
};

static _Thread_local struct xml_memory *in_force;

struct xml_memory *xml_memory_enter(struct xml_memory *budget)
{
    struct xml_memory *before = in_force;
    in_force = budget;
    return before;
}

static bool take(size_t size)
{
    struct xml_memory *m = in_force;
    if (!m || size > m->max || m->used > m->max - size) {
        if (m) m->refused = true;
        return false;
    }
    m->used += size;
    return true;
}

static void *budget_malloc(size_t size)
{
    if (size > SIZE_MAX - sizeof(struct header) || !take(size)) return NULL;
    struct header *header = malloc(sizeof *header + size);
    if (!header) {
        in_force->failed = true;
        in_force->used -= size;
        return NULL;
    }
    header->size = size;
    return header + 1;
}

static void budget_free(void *ptr)
{
    if (!ptr) return;
    struct header *header = (struct header *)ptr - 1;
    if (in_force) in_force->used -= header->size;
    free(header);
}

static void *budget_realloc(void *ptr, size_t size)
{
    if (!ptr) return budget_malloc(size);
    struct header *header = (struct header *)ptr - 1;
    size_t before = header->size;
    size_t more = size > before ? size - before : 0;
    if (size > SIZE_MAX - sizeof *header || !take(more)) return NULL;
    header = realloc(header, sizeof *header + size);
    if (!header) {
        in_force->failed = true;
        in_force->used -= more;
        return NULL;
    }
    in_force->used -= before > size ? before - size : 0;
    header->size = size;
    return header + 1;
}

const XML_Memory_Handling_Suite xml_memory_suite = { budget_malloc, budget_realloc, budget_free };
