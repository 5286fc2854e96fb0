/* The version; meson.build reads it from here, so that it is written once. */
#ifndef LIBSIGN_VERSION_H
#define LIBSIGN_VERSION_H

#include <libsign/export.h>

#define LIBSIGN_VERSION_MAJOR 0
#define LIBSIGN_VERSION_MINOR 1
#define LIBSIGN_VERSION_PATCH 0
#define LIBSIGN_VERSION       "0.1.0"

/* The version of the library that is running ("0.1.0"), which may differ from the headers'. Static; never NULL. */
SIGN_API const char *sign_version(void);

#endif
