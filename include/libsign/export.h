/*
 * Markers that every public header uses. Includes nothing of libsign. From C++ the functions are C's; the _INIT macros are designated
 * initializers, which C++ has since C++20, and GCC and Clang before it.
 */
#ifndef LIBSIGN_EXPORT_H
#define LIBSIGN_EXPORT_H

#ifdef __cplusplus
#define SIGN_API      extern "C" __attribute__((visibility("default")))
#else
#define SIGN_API      __attribute__((visibility("default")))
#endif
#define SIGN_MUST_USE __attribute__((warn_unused_result))

#endif
