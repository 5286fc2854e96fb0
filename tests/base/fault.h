/*
 * Allocation that fails on purpose: link with fault.c and `-Wl,--wrap` for malloc, calloc and realloc. FAULT_EACH runs its
 * body with the first allocation failing, then the second, and so on, until one run meets no failure.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stdbool.h>

void fault_at(unsigned long nth); /* the nth allocation from here on fails; 0: none does */
bool fault_hit(void);             /* whether it did; and none fails any more */

#define FAULT_EACH(n) for (unsigned long n = 1, again_ = 1; again_ && (fault_at(n), true); again_ = fault_hit(), n++)

#endif
