/*
 * Freed when the scope ends: `CLEANUP(build_free) struct build text = {0};`. The function takes a pointer to the variable,
 * as every _free of this project does, and must accept the zero value. Hand ownership over by clearing the variable in
 * the last lines before success.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#define CLEANUP(function) __attribute__((cleanup(function)))

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
