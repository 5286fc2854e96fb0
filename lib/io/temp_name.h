/* Names of temporary files beside their target: ".<target>.kyso-<pid>-<16 hex digits>.tmp". For this room alone. */
#ifndef IO_TEMP_NAME_H
#define IO_TEMP_NAME_H

#include <libsign/error.h>
#include <sys/types.h>

#define TEMP_NAME 256   /* NAME_MAX and the NUL */

/* Creates the file in the folder `dir`, locked (flock) as long as the descriptor lives; -1 and errno on failure. */
int temp_create(int dir, const char *target, mode_t mode, char name[TEMP_NAME]);
/* The process that a name of our pattern for `target` (NULL: for any) stands for, or 0. */
pid_t temp_owner(const char *name, const char *target);

#endif
