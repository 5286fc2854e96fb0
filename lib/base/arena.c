#include <base/arena.h>
#include <base/limits.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ALIGN       alignof(max_align_t)
#define FIRST_BLOCK KIB(4)
#define MOST_BLOCK  KIB(256)

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    alignas(max_align_t) uint8_t room[];
};

static struct arena_block *block_new(size_t size)
{
    struct arena_block *block = malloc(sizeof *block + size);
    if (block) {
        *block = (struct arena_block){ .size = size };
    }
    return block;
}

/* The block that takes size more bytes, new where the current one is full. */
static struct arena_block *block_for(struct arena *a, size_t size)
{
    struct arena_block *current = a->blocks;
    if (current && size <= current->size - current->used) {
        return current;
    }
    size_t next = !current ? FIRST_BLOCK : current->size * 2;
    next = next > MOST_BLOCK ? MOST_BLOCK : next;
    /* What is large gets a block of its own, behind the current one: so no block is left with more than half unused. */
    if (current && size > next / 4) {
        struct arena_block *own = block_new(size);
        if (own) {
            own->next = current->next;
            current->next = own;
        }
        return own;
    }
    struct arena_block *fresh = block_new(size > next ? size : next);
    if (fresh) {
        fresh->next = current;
        a->blocks = fresh;
    }
    return fresh;
}

/* Not zeroed; what stands there is of documents before. */
static void *take(struct arena *a, size_t size)
{
    size_t max = a->max ? a->max : LIMIT_ARENA;
    if (a->used > max || size > max - a->used || size > SIZE_MAX / 2) {
        return NULL;
    }
    size_t whole = size ? (size + ALIGN - 1) / ALIGN * ALIGN : ALIGN;
    struct arena_block *block = block_for(a, whole);
    if (!block) {
        return NULL;
    }
    void *ptr = block->room + block->used;
    block->used += whole;
    a->used += whole;
    return ptr;
}

void *arena_alloc(struct arena *a, size_t size)
{
    void *ptr = take(a, size);
    return ptr ? memset(ptr, 0, size) : NULL;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
    size_t total;
    return __builtin_mul_overflow(count, size, &total) ? NULL : arena_alloc(a, total);
}

void *arena_dup(struct arena *a, const void *ptr, size_t len)
{
    void *copy = take(a, len);
    if (copy && len) {
        memcpy(copy, ptr, len);
    }
    return copy;
}

sign_bytes arena_bytes(struct arena *a, sign_bytes bytes)
{
    void *copy = arena_dup(a, bytes.ptr, bytes.len);
    return (sign_bytes){ copy, copy ? bytes.len : 0 };
}

char *arena_str(struct arena *a, sign_bytes text)
{
    char *copy = text.len < SIZE_MAX ? arena_alloc(a, text.len + 1) : NULL;
    if (copy && text.len) {
        memcpy(copy, text.ptr, text.len);
    }
    return copy;
}

char *arena_fmt(struct arena *a, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    char *text = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1);
    if (text) {
        vsnprintf(text, (size_t)len + 1, fmt, again);
    }
    va_end(again);
    va_end(args);
    return text;
}

void arena_free(struct arena *a)
{
    for (struct arena_block *block = a->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    a->blocks = NULL;
    a->used = 0;
}
