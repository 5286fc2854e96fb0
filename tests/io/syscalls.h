/*
 * System calls that are refused on purpose, as other file systems and kernels do: link with syscalls.c and `-Wl,--wrap` for
 * each. 0: not refused.
 */
#ifndef TESTS_SYSCALLS_H
#define TESTS_SYSCALLS_H

extern int refuse_tmpfile;          /* errno of open and openat with O_TMPFILE */
extern int refuse_renameat2;        /* errno of renameat2          */
extern int refuse_copy_file_range;  /* errno of copy_file_range    */
extern int refuse_fsync;            /* errno of fsync of a folder  */
extern int refuse_file_fsync;       /* errno of fsync of a file    */
extern void (*opened)(void);        /* called once after the next open, before its caller sees the file */
extern int fsyncs;                  /* how many there were, of folders and files */
extern int most_folder_syncs;       /* how many of folders at a time, at most */
extern void (*syncing)(void);       /* called once within the next fsync, before the kernel is asked */

#endif
