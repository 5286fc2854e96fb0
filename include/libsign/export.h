/* Markers that every public header uses. Includes nothing of libsign. */
#ifndef LIBSIGN_EXPORT_H
#define LIBSIGN_EXPORT_H

#define SIGN_API      __attribute__((visibility("default")))
#define SIGN_MUST_USE __attribute__((warn_unused_result))

#endif
