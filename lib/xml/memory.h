/*
 * Memory that Expat may take, counted. Expat's allocator callbacks carry no payload, so the budget of the parser that
 * is at work is found through a thread-local pointer, which is set around each call into Expat and put back after it.
 */
#ifndef XML_MEMORY_H
#define XML_MEMORY_H

#ifndef XML_DTD
#define XML_DTD /* the header shows the protection against entity bombs only then */
#endif
#include <expat.h>
#include <stdbool.h>
#include <stddef.h>

struct xml_memory {
    size_t used, max;
    /* Sticky. Expat 2.5.0 overlooks some failures, and a namespace declaration is gone: one failure spoils the whole parse. */
    bool refused;           /* an allocation was turned down because of max */
    bool failed;            /* one failed for want of memory                */
};

extern const XML_Memory_Handling_Suite xml_memory_suite;

/* Makes budget the one in force on this thread; returns the one before, to be put back. */
struct xml_memory *xml_memory_enter(struct xml_memory *budget);

#endif
