/* Writing to a descriptor, for the files of this room alone. */
#ifndef IO_WRITE_H
#define IO_WRITE_H

#include <base/bytes.h>
#include <libsign/error.h>

/* All of it, whatever write(2) takes at a time; `name` is for the message. */
int write_all(int fd, sign_bytes bytes, const char *name, sign_err *err);

#endif
